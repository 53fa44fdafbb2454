"""`otzvuk score` as a process on the embedded broker: killed again and again, it drafts every call once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas import codec
from services.runtime.broker import MockCluster, all_topics
from services.runtime.kafka import KafkaSettings
from services.runtime.storage import ObjectStorage
from tests.integration.score.places import MONDAY, call, completed, lead, transcript

CALLS = 24


class Place:
    """The broker, the data folder, and the process that is killed and started anew."""

    def __init__(self, folder: Path) -> None:
        self.cluster = MockCluster(all_topics())
        self.kafka = KafkaSettings(self.cluster.bootstrap, True, 6)
        self.folder = folder
        self.storage = ObjectStorage((folder / "storage").as_uri())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "OTZVUK_DATA_FOLDER": str(self.folder),
            "OTZVUK_KAFKA_BOOTSTRAP": self.cluster.bootstrap,
            "OTZVUK_KAFKA_FLAVOUR": "embedded",
            "OTZVUK_SCORE_HTTP_PORT": str(self.port),
            "OTZVUK_SCORE_MODEL": "rules",
            "OTZVUK_WORK_LEASE_SECONDS": "4",
        }
        command = [sys.executable, "-m", "services.cli", "score"]
        log = (self.folder / "score.log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.process.kill()
        made.process.wait(20)


def send_day(place: Place) -> None:
    """Every call with its transcript (which comes first) and its lead."""
    producer = place.kafka.producer()

    def send(topic: str, key: str, data: dict[str, Any]) -> None:
        raw = codec.encode(topic, data, event_id=f"{topic}-{key}", occurred_at=MONDAY)
        producer.send(topic, key=key.encode(), value=raw)

    for n in range(CALLS):
        document = transcript(f"c-{n}")
        send("transcript-completed", f"c-{n}", completed(place, document))  # type: ignore[arg-type]
        send("call-registered", f"c-{n}", call(f"c-{n}", client_key=f"k-{n}"))
        send("lead-changed", f"l-{n}", lead(f"l-{n}", client_keys=[f"k-{n}"]))
    producer.flush()
    producer.close()


class Listener:
    """Reads what score publishes; each event once, whatever is delivered twice."""

    def __init__(self, place: Place) -> None:
        self._consumer = place.kafka.consumer("call-scored", "lead-contact-updated")
        self.events: dict[str, codec.Event] = {}

    def until(self, count: int, seconds: float) -> bool:
        """Whether drafts of that many calls came within the time."""
        deadline = time.monotonic() + seconds
        while len(self.calls()) < count and time.monotonic() < deadline:
            for batch in self._consumer.poll(timeout_ms=200).values():
                for message in batch:
                    event = codec.decode(message.value)
                    self.events[event.event_id] = event
        return len(self.calls()) >= count

    def drafts(self) -> list[dict[str, Any]]:
        return [event.data for event in self.events.values() if event.event == "call-scored"]

    def calls(self) -> set[str]:
        return {draft["call_id"] for draft in self.drafts()}

    def close(self) -> None:
        self._consumer.close()


@pytest.mark.slow
def test_killed_again_and_again_every_call_is_drafted_once(place: Place) -> None:
    place.start()
    send_day(place)
    listener = Listener(place)
    for drafted in (1, CALLS // 2):
        assert listener.until(drafted, 90)
        place.end(signal.SIGKILL)
        place.start()
    assert listener.until(CALLS, 120)
    with urllib.request.urlopen(f"http://127.0.0.1:{place.port}/metrics", timeout=5) as answer:
        assert b"otzvuk_score_drafts" in answer.read()
    assert place.end(signal.SIGTERM) == 0
    listener.close()
    found = sorted((draft["call_id"], draft["revision"]) for draft in listener.drafts())
    assert found == sorted(set(found))  # a lead that became known after a draft may make a second revision, once
    assert [one for one in found if one[1] == 1] == sorted((f"c-{n}", 1) for n in range(CALLS))
