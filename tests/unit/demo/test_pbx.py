"""The fake PBX behaves like a real sender: it tries again, gives up on a refusal, and remembers everything."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo.fake_pbx import Door, FakePbx, RecordingServer
from demo.ledger import Entry, Ledger
from demo.script import Event

SECRET = "a secret of sixteen"


class FakeDoor(ThreadingHTTPServer):
    """Answers with the statuses it was told, the last one for ever, and keeps the bodies."""

    daemon_threads = True

    def __init__(self, statuses: list[int]) -> None:
        self.statuses, self.bodies = statuses, list[dict[str, object]]()
        super().__init__(("127.0.0.1", 0), _Answering)


class _Answering(BaseHTTPRequestHandler):
    server: FakeDoor

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        text = b'{"accepted": 1, "duplicates": 0, "quarantined": 0}'
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def door(request: pytest.FixtureRequest) -> Iterator[FakeDoor]:
    server = FakeDoor(list(request.param))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def event(name: str) -> Event:
    return Event("pbx", "call.finished", name, datetime(2026, 11, 23, 9, tzinfo=UTC), {"call_id": f"call-{name}"})


def pbx(door: FakeDoor, path: Path) -> tuple[FakePbx, Ledger]:
    ledger = Ledger(path / "ledger.jsonl")
    return FakePbx(Door(f"http://127.0.0.1:{door.server_port}", {"pbx": SECRET}), ledger), ledger


@pytest.mark.parametrize("door", [(503, 202)], indirect=True)
def test_a_busy_door_is_tried_again_until_it_takes_the_event(door: FakeDoor, tmp_path: Path) -> None:
    sender, ledger = pbx(door, tmp_path)
    assert sender.send(event("e1")) is True
    assert [(entry.attempt, entry.status) for entry in ledger.entries()] == [(1, 503), (2, 202)]
    assert (ledger.accepted_events(), ledger.accepted_calls()) == ({"e1"}, {"call-e1"})


@pytest.mark.parametrize("door", [(403,)], indirect=True)
def test_a_refusal_is_final(door: FakeDoor, tmp_path: Path) -> None:
    sender, ledger = pbx(door, tmp_path)
    assert sender.send(event("e1")) is False
    assert [(entry.attempt, entry.status) for entry in ledger.entries()] == [(1, 403)]
    assert ledger.accepted_events() == set()


@pytest.mark.parametrize("door", [(202,)], indirect=True)
def test_history_goes_in_batches_and_every_event_is_in_the_ledger(door: FakeDoor, tmp_path: Path) -> None:
    sender, ledger = pbx(door, tmp_path)
    sender.send_history([event(f"e{number}") for number in range(250)])
    assert [len(body["events"]) for body in door.bodies] == [100, 100, 50]  # type: ignore[arg-type]
    assert ledger.accepted_events() == {f"e{number}" for number in range(250)}


@pytest.mark.parametrize("door", [(202,)], indirect=True)
def test_everything_that_is_played_is_sent(door: FakeDoor, tmp_path: Path) -> None:
    sender, ledger = pbx(door, tmp_path)
    sender.play([event(f"e{number}") for number in range(40)], 0.0)
    assert ledger.accepted_events() == {f"e{number}" for number in range(40)}


def test_a_stopped_pbx_sends_nothing_more(tmp_path: Path) -> None:
    sender = FakePbx(Door("http://127.0.0.1:9", {"pbx": SECRET}), Ledger(tmp_path / "ledger.jsonl"))
    sender.stop()
    assert sender.send(event("e1")) is False


def test_an_answer_that_never_came_is_not_acceptance() -> None:
    assert Entry("e", "call.finished", "c", 1, None, "").accepted is False


def test_a_server_that_never_started_can_be_stopped(tmp_path: Path) -> None:
    RecordingServer(tmp_path).stop()
