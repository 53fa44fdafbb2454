"""The whole door as a process: deliveries in, events out on Kafka, recordings in storage, commands beside it."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from schemas import codec
from services.ingest.adapters.tables import CALLS, RAW_EVENTS
from services.ingest.domain.facts import CallRef
from services.runtime.kafka import KafkaSettings
from services.runtime.queue import BURIED, INBOX, OUTBOX
from services.runtime.storage import ObjectStorage
from services.topics import create_missing
from tests.fakes.hosts import AUDIO, Host, answered, hosts
from tests.fakes.ingest import body_of, event, signed
from tests.fakes.running_ingest import RunningIngest, until
from tests.places import Broker

NOW = datetime.now(UTC).replace(microsecond=0)
TOPICS = ("call-registered", "recording-stored", "lead-changed", "call-rated")
CALL_ID = CallRef("pbx", "1").call_id


def ago(seconds: int) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def told(name: str, event_id: str, **data: Any) -> dict[str, Any]:
    return event(name, event_id, NOW, **data)


def day(url: str) -> list[bytes]:
    """One call with all that belongs to it, in an unhelpful order."""
    return [
        body_of(
            told("recording.ready", "e1", call_id="1", url=url, seller_channel=0),
            told("call.rated", "e2", call_id="1", rating=2),
        ),
        body_of(
            told(
                "call.finished", "e3", call_id="1", direction="in", outcome="answered", client_number="+79000000001",
                extension="101", started_at=ago(60), answered_at=ago(50), ended_at=ago(5), recording_expected=True,
            )
        ),
        body_of(
            told("lead.changed", "e4", lead_id="L-1", created_at=ago(900), stage="Новая", stage_kind="open",
                 numbers=["8 900 000 00 01"], responsible="anna", amount="12.5"),
            told("person.changed", "e5", person_id="anna", extensions=["101"], department_id="d", changed_at=ago(9999)),
            told("transcript.ready", "e6", call_id="1", utterances=[
                {"speaker": "client", "start_ms": 0, "end_ms": 10, "text": "Алло", "confidence": 0.5}
            ]),
            told("nonsense", "e7"),
        ),
    ]  # fmt: skip


@pytest.fixture(params=["sqlite-embedded", pytest.param("postgres-real", marks=pytest.mark.kafka)])
def place(request: pytest.FixtureRequest) -> tuple[str, Broker]:
    """A database and a broker: the small system, and the large one."""
    small = request.param == "sqlite-embedded"
    broker = request.getfixturevalue("embedded_kafka" if small else "real_kafka")
    create_missing(KafkaSettings(broker.bootstrap, broker.flavour == "embedded"), replicas=1)
    return request.getfixturevalue("sqlite_url" if small else "postgres_url"), broker


@pytest.fixture
def service(place: tuple[str, Broker], tmp_path: Path) -> Iterator[RunningIngest]:
    running = RunningIngest(tmp_path, place[1], place[0])
    yield running
    running.close()


@pytest.fixture
def host() -> Iterator[Host]:
    with hosts(1) as (made,):
        made.paths["/1.wav"] = answered(200, AUDIO, content_type="audio/wav")
        yield made


def published(broker: Broker) -> dict[str, list[dict[str, Any]]]:
    """All messages so far, by topic, in order."""
    settings = KafkaSettings(broker.bootstrap, broker.flavour == "embedded")
    found: dict[str, list[dict[str, Any]]] = {topic: [] for topic in TOPICS}
    for message in settings.messages(*TOPICS):
        received = codec.decode(message.value)
        assert message.key.decode() in (received.data.get("call_id"), received.data.get("lead_id"))
        found[message.topic].append(received.data)
    return found


def drained(service: RunningIngest) -> bool:
    """Nothing waits any more, neither in nor out."""
    with service.database.read() as connection:
        waiting = connection.execute(
            select(func.count()).select_from(INBOX).where(INBOX.c.status.in_(("waiting", "working")))
        ).scalar_one()
        unsent = connection.execute(
            select(func.count()).select_from(OUTBOX).where(OUTBOX.c.sent_at.is_(None))
        ).scalar_one()
    return waiting + unsent == 0


def test_a_call_goes_through(service: RunningIngest, place: tuple[str, Broker], host: Host) -> None:
    service.start()
    service.wait_ready()
    answers = [
        service.send(body, source) for body, source in zip(day(host.url("/1.wav")), ("pbx", "pbx", "pbx"), strict=True)
    ]
    assert [(status, said["accepted"], said["quarantined"]) for status, said in answers] == [
        (202, 2, 0),
        (202, 1, 0),
        (202, 3, 1),
    ]
    assert service.send(day(host.url("/1.wav"))[1])[1] == {"accepted": 0, "duplicates": 1, "quarantined": 0}
    assert service.send(b"{}", headers=signed(b"x"))[0] in (401, 403)
    assert until(120, lambda: drained(service))
    topics = published(place[1])
    last = max(topics["call-registered"], key=lambda data: data["revision"])
    assert (last["call_id"], last["seller_id"], last["lead_id"], last["talk_ms"]) == (CALL_ID, "anna", "L-1", 45_000)
    assert [data["rating"] for data in topics["call-rated"]] == [2]
    assert (topics["lead-changed"][-1]["department_id"], str(topics["lead-changed"][-1]["amount"])) == ("d", "12.5")
    audio = next(data["audio"] for data in topics["recording-stored"] if data["audio"])
    text = next(data["transcript_uri"] for data in topics["recording-stored"] if data["transcript_uri"])
    storage = ObjectStorage((service.folder / "storage").as_uri())
    assert (storage.get(audio["uri"]), audio["seller_channel"]) == (AUDIO, 0)
    document = json.loads(storage.get(text))
    codec.validate_document("provider-transcript", codec.from_json(storage.get(text)))
    assert (document["call_id"], [spoken["text"] for spoken in document["utterances"]]) == (CALL_ID, ["Алло"])
    assert 'otzvuk_ingest_raw_events_total{outcome="accepted",source="pbx"} 6.0' in service.get("/metrics")[1]
    aside = service.command("replay", "--put-aside", "--show").stdout.splitlines()
    assert [line.split()[1:3] for line in aside[::2]] == [["pbx", "id-e7"]]
    assert aside[1].strip() == "unknown_event events[3].event: There is no event 'nonsense'."
    log = (service.folder / "ingest.log").read_text()
    for secret in ("79000000001", "Алло", "a-long-secret", "/1.wav"):
        assert secret not in log
    assert service.terminate() == 0


COLUMNS = ("started_at", "direction", "file", "duration_s", "client_number", "seller", "rating", "outcome", "call_id")
OLD_CALLS = (
    ("2026-05-18 09:00:00", "in", "a.wav", "30", "+79000000001", "anna", "4", "", "a"),
    ("2026-05-18T09:05:00+03:00", "out", "", "0", "+79000000002", "boris", "", "missed", "b"),
)


def write_folder(folder: Path, *rows: tuple[str, ...]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "a.wav").write_bytes(AUDIO)
    with (folder / "calls.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows([COLUMNS, *rows])


def test_commands_beside_the_door(service: RunningIngest, place: tuple[str, Broker]) -> None:
    folder = service.folder / "old"
    write_folder(folder, OLD_CALLS[0], ("soon", *OLD_CALLS[1][1:]), (*OLD_CALLS[1][:-1], ""))
    bad = service.command("import", str(folder))
    assert (bad.returncode, bad.stderr.splitlines()) == (
        1,
        [
            "calls.csv line 3, started_at: is no time like 2026-05-18 09:15:07 or 2026-05-18T09:15:07+03:00",
            "calls.csv line 4, call_id: a call needs an id of at most 200 characters, or a file",
            "Error: Nothing was imported. --skip-bad imports the good rows.",
        ],
    )
    service.start()
    service.wait_ready()
    write_folder(folder, *OLD_CALLS)
    first, second = service.command("import", str(folder)), service.command("import", str(folder))
    assert (first.returncode, "2 calls are new, 0 were known" in first.stdout) == (0, True), first.stderr
    assert "0 calls are new, 2 were known" in second.stdout
    assert until(120, lambda: drained(service))
    before = published(place[1])
    assert Counter(data["outcome"] for data in before["call-registered"]) == {"answered": 1, "missed": 1}
    assert [data["audio"]["size_bytes"] for data in before["recording-stored"]] == [len(AUDIO)]
    replayed = service.command("replay", "--call", "a")
    assert "3 raw events are put to work again" in replayed.stdout, replayed.stderr
    assert until(120, lambda: drained(service))
    after = published(place[1])
    for topic in ("call-registered", "recording-stored", "call-rated"):
        extra = [data for data in after[topic] if data["call_id"] == CallRef("import", "a").call_id]
        assert extra == [extra[0], extra[0]]
    assert service.terminate() == 0


def test_a_recording_that_is_late_comes_by_plan(sqlite_url: str, tmp_path: Path, host: Host) -> None:
    service = RunningIngest(tmp_path, None, sqlite_url)
    try:
        service.start()
        service.wait_ready()
        service.send(body_of(told("recording.ready", "e1", call_id="1", url=host.url("/late.wav"))))
        service.send(body_of(told("recording.ready", "e2", call_id="2", url="http://10.0.0.1/x.wav")))
        assert until(60, lambda: len(host.seen) >= 1)
        host.paths["/late.wav"] = answered(200, AUDIO)
        storage = ObjectStorage((tmp_path / "storage").as_uri())
        assert until(120, lambda: len(list(storage.list("recordings"))) == 1)
        with service.database.read() as connection:
            raws = connection.execute(select(func.count()).select_from(RAW_EVENTS)).scalar_one()
            calls = connection.execute(select(func.count()).select_from(CALLS)).scalar_one()
            buried = connection.execute(select(func.count()).select_from(BURIED)).scalar_one()
        assert (raws, calls, buried) == (2, 0, 0)
    finally:
        service.close()


def test_without_its_secrets_the_door_does_not_open(sqlite_url: str, tmp_path: Path) -> None:
    service = RunningIngest(tmp_path, None, sqlite_url, OTZVUK_INGEST_MANGO_API_KEY="k-canary")
    ended = service.command("ingest")
    service.database.close()
    assert (ended.returncode, "Mango needs both" in ended.stderr) == (1, True), ended.stderr
    assert "k-canary" not in ended.stderr
    assert "a-long-secret-for-tests" not in ended.stderr
