"""The door is killed with -9 again and again while a PBX talks to it; the PBX's ledger says what may not be missing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from services.ingest.adapters.tables import CALLS, RAW_EVENTS, RECORDINGS
from services.ingest.domain.facts import CallRef
from services.runtime.queue import BURIED, INBOX
from services.runtime.storage import ObjectStorage
from tests.fakes.hosts import AUDIO, Host, answered, hosts
from tests.fakes.ingest import body_of, event
from tests.fakes.running_ingest import RunningIngest, until
from tests.faults.seeded import rng

pytestmark = pytest.mark.slow

KILLS, SENDERS = 10, 4
NOW = datetime.now(UTC)


class Sender(threading.Thread):
    """Sends calls with their recordings until it is told to stop; every event until it was answered, some twice."""

    def __init__(self, service: RunningIngest, number: int, url: str) -> None:
        super().__init__(daemon=True)
        self.service, self.number, self.url = service, number, url
        self.acked: dict[str, str] = {}
        self.refused: list[int] = []
        self.stopping = threading.Event()

    def run(self) -> None:
        call = 0
        while not self.stopping.is_set():
            call_id = f"{self.number}-{call}"
            self._tell(f"f{call_id}", self._finished(call_id), call_id)
            self._tell(f"r{call_id}", self._recording(call_id), call_id)
            if call % 3 == 0:
                self.service.send(self._finished(call_id))
            call += 1

    def _tell(self, event_id: str, body: bytes, call_id: str) -> None:
        while True:
            status, said = self.service.send(body)
            if status == 202:
                assert said["accepted"] + said["duplicates"] == 1
                self.acked[event_id] = call_id
                return
            if status:
                self.refused.append(status)
            if self.stopping.wait(0.05):
                return

    @staticmethod
    def _finished(call_id: str) -> bytes:
        stamp = NOW.isoformat()
        return body_of(
            event(
                "call.finished", f"f{call_id}", NOW, call_id=call_id, direction="in", outcome="answered",
                client_number="+79000000001", extension="101", started_at=stamp, ended_at=stamp,
            )
        )  # fmt: skip

    def _recording(self, call_id: str) -> bytes:
        return body_of(event("recording.ready", f"r{call_id}", NOW, call_id=call_id, url=self.url))


@pytest.fixture
def host() -> Iterator[Host]:
    with hosts(1) as (made,):
        made.paths["/a"] = answered(200, AUDIO)
        yield made


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[RunningIngest]:
    running = RunningIngest(tmp_path, None, sqlite_url)
    yield running
    running.close()


def test_nothing_that_was_answered_is_lost_or_doubled(service: RunningIngest, host: Host, tmp_path: Path) -> None:
    chance = rng()
    senders = [Sender(service, number, host.url("/a")) for number in range(SENDERS)]
    service.start()
    service.wait_ready()
    for sender in senders:
        sender.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.1, 1.5))  # the moment of death is what is tested
        assert until(120, lambda: not _tried_twice(service))  # a third death would rightly bury it
        service.kill()
        service.start()
        service.wait_ready()
    for sender in senders:
        sender.stopping.set()
        sender.join(30)
    acked = {event_id: call_id for sender in senders for event_id, call_id in sender.acked.items()}
    assert [status for sender in senders for status in sender.refused if status != 503] == []
    assert len(acked) > 2 * KILLS
    assert until(240, lambda: _waiting(service) == 0)
    with service.database.read() as connection:
        kept = Counter(connection.execute(select(RAW_EVENTS.c.event_key)).scalars())
        calls = set(connection.execute(select(CALLS.c.call_id)).scalars())
        found = connection.execute(select(RECORDINGS.c.recording_id, RECORDINGS.c.state)).all()
        buried = connection.execute(select(BURIED.c.code)).scalars().all()
        whole = connection.execute(text("PRAGMA integrity_check")).scalar_one()
    recordings = {row.recording_id: row.state for row in found}
    assert [event_id for event_id in acked if f"id-{event_id}" not in kept] == []
    assert set(kept.values()) == {1}
    assert [call for call in acked.values() if CallRef("pbx", call).call_id not in calls] == []
    wanted = {CallRef("pbx", call).recording_id("only") for name, call in acked.items() if name.startswith("r")}
    assert {name: recordings.get(name) for name in wanted} == dict.fromkeys(wanted, "stored")
    assert (buried, whole) == ([], "ok")
    stored = list(ObjectStorage((tmp_path / "storage").as_uri()).list("recordings"))
    assert len(stored) == len(recordings)
    assert [path.name for path in (tmp_path / "spool").iterdir()] == []


def _tried_twice(service: RunningIngest) -> bool:
    """Whether a job that died twice is still to be done."""
    with service.database.read() as connection:
        unfinished = INBOX.c.status.in_(("waiting", "working"))
        return bool(connection.execute(select(INBOX.c.seq).where(unfinished, INBOX.c.attempts >= 2)).first())


def _waiting(service: RunningIngest) -> int:
    with service.database.read() as connection:
        unfinished = select(INBOX.c.seq).where(INBOX.c.status.in_(("waiting", "working")))
        return len(connection.execute(unfinished).all())
