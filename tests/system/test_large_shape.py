"""The same services on Apache Kafka, PostgreSQL and an S3 store: calls go the whole way, by settings alone."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import create_engine, text

from demo.company import load_company
from demo.fake_pbx import Door, FakePbx, RecordingServer
from demo.ledger import Ledger
from demo.plan import RECORDINGS_FOLDER, Plan, load_plan
from demo.progress import CallState, missing
from demo.script import CRM, PBX, Script, working_day
from demo.show import demo_settings
from demo.system import LocalSystem, Ports
from demo.watch import Watcher
from services.local.postgres import LocalPostgres
from tests.places import Broker

pytestmark = [pytest.mark.slow, pytest.mark.models, pytest.mark.kafka]

BUCKET, LIMIT_SECONDS = "otzvuk-test", 480.0
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


@dataclass(frozen=True)
class Ended:
    """What is left when the calls went through."""

    not_arrived: list[str]
    states: dict[str, CallState]
    doctor: str
    keys: list[str]
    tables: dict[str, int]


def handful(plan: Plan) -> Plan:
    """One call with sound, and some that bring their text or were missed."""
    with_sound = [call for call in plan.calls if call.recording is not None and call.expected == "drafted"][:1]
    others = [call for call in plan.calls if call.recording is None][:9]
    calls = tuple(sorted([*with_sound, *others], key=lambda call: call.at))
    named = {call.lead for call in calls}
    return replace(plan, calls=calls, leads=tuple(lead for lead in plan.leads if lead.id in named))


def s3(address: str) -> Any:
    """A client of the store."""
    return boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """Address of an S3 store with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    s3(address).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


def keys_of(address: str) -> list[str]:
    """Every key in the bucket."""
    return [entry["Key"] for entry in s3(address).list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def tables_of(url: str) -> int:
    """How many tables a service made in its database."""
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar_one()
    engine.dispose()
    return int(counted)


@pytest.fixture
def ended(
    real_kafka: Broker,
    postgres_server: LocalPostgres,
    store: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Ended]:
    data = tmp_path_factory.mktemp("large")
    shutil.copytree(RECORDINGS_FOLDER, data / "pbx")
    sounds = RecordingServer(data / "pbx")
    sounds.start()
    urls = {service: postgres_server.new_database() for service in ("ingest", "transcribe", "score", "review")}
    places = {f"OTZVUK_{service.upper()}_DATABASE_URL": url for service, url in urls.items()}
    places |= {"OTZVUK_STORAGE_URL": f"s3://{BUCKET}", "AWS_ENDPOINT_URL": store, "AWS_ALLOW_HTTP": "true"}
    system = LocalSystem(
        data, Ports.choose(), {**demo_settings(sounds), **places, **CREDENTIALS}, kafka=real_kafka.bootstrap
    )
    plan, company = handful(load_plan()), load_company()
    script = Script(plan, company, working_day(datetime.now(UTC), company), sounds.url)
    calls = [(script.name(call), call) for call in plan.calls]
    pbx = FakePbx(
        Door(system.webhook, {PBX: system.secrets.pbx, CRM: system.secrets.crm}), Ledger(data / "ledger.jsonl")
    )
    watcher = Watcher(lambda: real_kafka.bootstrap)
    sender = threading.Thread(target=lambda: (pbx.send_history(script.before()), pbx.play(script.day(), 1.0)))
    try:
        system.run("topics", "create")
        system.start()
        watcher.start()
        sender.start()
        watcher.wait(lambda progress: not missing(calls, progress), LIMIT_SECONDS, system.supervisor.check)
        sender.join(timeout=60)
        yield Ended(
            watcher.look(lambda progress: missing(calls, progress)),
            watcher.look(lambda progress: progress.by_provider_id()),
            system.run("doctor"),
            keys_of(store),
            {service: tables_of(url) for service, url in urls.items()},
        )
    finally:
        pbx.stop()
        watcher.stop()
        system.stop()
        sounds.stop()
        for url in urls.values():
            postgres_server.drop_database(url)


def test_calls_go_the_whole_way_on_kafka_postgresql_and_s3(ended: Ended) -> None:
    assert ended.not_arrived == []
    drafted = [state for state in ended.states.values() if state.drafts]
    assert len(drafted) == sum(call.expected == "drafted" for call in handful(load_plan()).calls)
    assert all(count >= 4 for count in ended.tables.values())
    assert len(ended.keys) >= len(drafted)
    assert "✗" not in ended.doctor
