"""A whole worker as a process of its own, on the embedded broker and on real Kafka: killed, restarted, fed rubbish."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from schemas import codec
from services.runtime.database import Database
from services.runtime.kafka import KafkaSettings
from services.runtime.queue import BURIED, INBOX
from services.topics import create_missing
from tests.integration.runtime.service import EFFECTS
from tests.places import Broker

# deadlines are for a machine that is busy; a quick one never waits for them
PATIENCE_SECONDS = 90
AT = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)


def until(seconds: float, condition: Callable[[], bool]) -> bool:
    """Polls with a deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class MiniService:
    """The worker process under test."""

    def __init__(self, folder: Path, broker: Broker, database_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.database = Database(database_url)
        self.log = folder / "mini.log"
        self.stands = folder / "stands"
        self.stands.mkdir()
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "DATABASE": database_url,
            "PORT": str(self.port),
            "WAITED": str(folder / "waited"),
            "OTZVUK_KAFKA_BOOTSTRAP": broker.bootstrap,
            "OTZVUK_KAFKA_FLAVOUR": broker.flavour,
            "OTZVUK_KAFKA_SESSION_SECONDS": "6",
            "OTZVUK_DATA_FOLDER": str(folder),
            "OTZVUK_WORK_LEASE_SECONDS": "2",
        }

    def start(self) -> None:
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "tests.integration.runtime.service"]
            self.process = subprocess.Popen(command, env=self.environment, stderr=output, cwd=self.stands)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def ready(self) -> dict[str, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def effects(self) -> Counter[str]:
        with self.database.read() as connection:
            return Counter(connection.execute(select(EFFECTS.c.event_id)).scalars())

    def buried(self) -> list[tuple[str, str]]:
        with self.database.read() as connection:
            return [tuple(row) for row in connection.execute(select(BURIED.c.topic, BURIED.c.code))]


@pytest.fixture
def broker(kafka: Broker) -> Broker:
    create_missing(KafkaSettings(kafka.bootstrap, kafka.flavour == "embedded"), replicas=1)
    return kafka


@pytest.fixture
def mini(tmp_path: Path, broker: Broker, sqlite_url: str) -> Iterator[MiniService]:
    service = MiniService(tmp_path, broker, sqlite_url)
    yield service
    if service.process is not None and service.process.poll() is None:
        service.kill()
    service.database.close()


def publish(broker: Broker, ratings: dict[str, int], *extra: bytes) -> None:
    producer = KafkaSettings(broker.bootstrap, broker.flavour == "embedded").producer()
    for event_id, rating in ratings.items():
        data = {"call_id": event_id, "rating": rating, "channel": "ivr", "rated_at": AT}
        raw = codec.encode("call-rated", data, event_id=event_id, occurred_at=AT)
        producer.send("call-rated", key=event_id.encode(), value=raw)
    for raw in extra:
        producer.send("call-rated", key=b"x", value=raw)
    producer.flush()
    producer.close()


def published(broker: Broker, topic: str) -> Counter[str]:
    messages = KafkaSettings(broker.bootstrap, broker.flavour == "embedded").messages(topic)
    return Counter(codec.decode(message.value).data.get("recording_id", "") for message in messages)


def test_events_in_effects_and_events_out(mini: MiniService, broker: Broker) -> None:
    publish(broker, {"e1": 5, "e2": 2, "e3": 4}, b"rubbish")
    mini.start()
    assert until(PATIENCE_SECONDS, lambda: mini.ready().get("share") == "ok")
    assert until(PATIENCE_SECONDS, lambda: len(mini.effects()) == 3)
    assert mini.effects() == Counter({"e1": 1, "e2": 1, "e3": 1})
    assert list(mini.stands.iterdir()) == []
    assert until(PATIENCE_SECONDS, lambda: mini.buried() == [("call-rated", "invalid_event")])
    assert until(PATIENCE_SECONDS, lambda: set(published(broker, "transcript-failed")) == {"e1", "e2", "e3"})
    assert until(PATIENCE_SECONDS, lambda: sum(published(broker, "call-rated-dlq").values()) == 1)
    assert mini.terminate() == 0


def test_nothing_is_lost_or_doubled_when_the_worker_is_killed(mini: MiniService, broker: Broker) -> None:
    wanted = {f"e{number}": 5 for number in range(200)}
    publish(broker, wanted)
    for target in (20, 80, 140):
        mini.start()
        assert until(PATIENCE_SECONDS, lambda target=target: _reached(mini, target))
        mini.kill()
    mini.start()
    assert until(PATIENCE_SECONDS, lambda: _reached(mini, 200))
    assert mini.effects() == Counter(dict.fromkeys(wanted, 1))
    assert until(PATIENCE_SECONDS, lambda: set(published(broker, "transcript-failed")) == set(wanted))
    assert mini.terminate() == 0


def _reached(mini: MiniService, number: int) -> bool:
    try:
        return len(mini.effects()) >= number
    except OperationalError:  # the tables are made by the service's first start
        return False


def test_a_message_that_kills_the_process_is_buried_and_the_others_go_on(mini: MiniService, broker: Broker) -> None:
    publish(broker, {"poison": 1, "good": 5})
    for _ in range(6):
        if mini.process is None or mini.process.poll() is not None:
            mini.start()
        until(PATIENCE_SECONDS, lambda: mini.process.poll() is not None or bool(_reached(mini, 1) and mini.buried()))
        if mini.process.poll() is None and mini.buried():
            break
    assert mini.buried() == [("call-rated", "killed_the_worker")]
    assert until(PATIENCE_SECONDS, lambda: mini.effects() == Counter({"good": 1}))
    with mini.database.read() as connection:
        attempts = connection.execute(select(INBOX.c.attempts).where(INBOX.c.event_id == "poison")).scalar_one()
    assert attempts == 3
    assert mini.terminate() == 0
