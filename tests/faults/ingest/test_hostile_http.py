"""The running door against connections made to break it: no 5xx, no growth, good senders undisturbed."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from services.ingest.adapters.tables import CALLS, RAW_EVENTS
from services.runtime.queue import BURIED, INBOX
from tests.fakes.hostile import bodies
from tests.fakes.ingest import body_of, event, signed
from tests.fakes.running_ingest import RunningIngest, until
from tests.faults.seeded import rng
from tests.unit.ingest.test_hostile import GOOD

pytestmark = pytest.mark.slow

MOST_KIBIBYTES = 300 * 1024
LINE = b"POST /v1/events/pbx HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path) -> Iterator[RunningIngest]:
    running = RunningIngest(tmp_path, None, sqlite_url)
    running.start()
    running.wait_ready()
    yield running
    running.close()


def headers(body: bytes, **more: str) -> bytes:
    told = {**signed(body, stamp=int(time.time())), **more}
    return b"".join(f"{name}: {value}\r\n".encode() for name, value in told.items())


def raw(service: RunningIngest, *parts: bytes, hang_up: bool = False, seconds: float = 20) -> int:
    """Sends bytes as they are; the answer's status, 0 when there is none."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=seconds) as connection:
        try:
            for part in parts:
                connection.sendall(part)
            if hang_up:
                connection.shutdown(socket.SHUT_WR)
            said = connection.recv(65_536)
        except OSError:
            return 0
    found = re.match(rb"HTTP/1\.1 (\d{3})", said)
    return int(found[1]) if found else 0


LARGE = b'{"x": "' + b"a" * 2**21 + b'"}'
BODY = body_of(event("call.rated", call_id="1", rating=5))


def test_connections_made_to_break_it(service: RunningIngest) -> None:
    chunk = b"%x\r\n" % 2**18 + b"a" * 2**18 + b"\r\n"
    cases = {
        "2 MiB announced": ([LINE, headers(LARGE, **{"content-length": str(len(LARGE))}), b"\r\n", LARGE], {0, 413}),
        "2 MiB in chunks": (
            [LINE, headers(LARGE, **{"transfer-encoding": "chunked"}), b"\r\n", *[chunk] * 8],
            {0, 413},
        ),
        "packed": (
            [LINE, headers(BODY, **{"content-length": "5", "content-encoding": "gzip"}), b"\r\n", BODY[:5]],
            {415},
        ),
        "bad chunk": ([LINE, headers(BODY, **{"transfer-encoding": "chunked"}), b"\r\nzz\r\n"], {0, 400}),
        "negative length": ([LINE, headers(BODY, **{"content-length": "-5"}), b"\r\n", BODY], {0, 400, 413}),
        "two lengths": ([LINE, b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", BODY], {0, 400}),
        "length and chunks": (
            [LINE, b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
            {0, 400, 401},
        ),
        "large header": ([LINE, b"X: " + b"a" * 100_000 + b"\r\n\r\n"], {0, 400, 401, 431}),
        "many headers": ([LINE, b"X: a\r\n" * 20_000, b"\r\n"], {0, 400, 401, 431}),
        "no request": ([b"\x16\x03\x01\x02\x00\x01" * 50 + b"\r\n\r\n"], {0, 400}),
        "an old request": ([b"GET /\r\n\r\n"], {0, 400}),
        "another method": ([b"PATCH /v1/events/pbx HTTP/1.1\r\nHost: x\r\n\r\n"], {405}),
        "no such path": ([b"GET /v1/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"], {404}),
    }
    for name, (parts, wanted) in cases.items():
        assert raw(service, *parts) in wanted, name
    cut = [LINE, headers(BODY, **{"content-length": str(len(BODY))}), b"\r\n", BODY[:10]]
    assert raw(service, *cut, hang_up=True) in (0, 400)
    idle = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(300)]
    dripping = socket.create_connection(("127.0.0.1", service.port))
    dripping.sendall(LINE + headers(BODY, **{"content-length": str(len(BODY))}) + b"\r\n" + BODY[:5])
    for number in range(50):
        good = body_of(event("call.rated", f"good-{number}", call_id="1", rating=5))
        assert service.send(good)[0] == 202
    dripping.settimeout(120)
    assert re.match(rb"HTTP/1\.1 408", dripping.recv(4096))
    for connection in (*idle, dripping):
        connection.close()
    _still_well(service)


def test_signed_bodies_made_to_break_readers(service: RunningIngest) -> None:
    for number, body in enumerate(bodies(GOOD, rng(), 250)):
        status, said = service.send(body)
        assert status == 202, (number, body[:200])
        assert said["accepted"] + said["duplicates"] + said["quarantined"] >= 1
    _still_well(service)


def _still_well(service: RunningIngest) -> None:
    """A good call goes through, nothing was buried, no answer was ours to be ashamed of, and memory is what it was."""
    stamp = "2026-05-18T09:00:00Z"
    last = event(
        "call.finished", "last", call_id="last", direction="in", outcome="missed", started_at=stamp, ended_at=stamp
    )
    assert service.send(body_of(last))[0] == 202

    def worked() -> bool:
        with service.database.read() as connection:
            unfinished = select(func.count()).select_from(INBOX).where(INBOX.c.status.in_(("waiting", "working")))
            calls = select(func.count()).select_from(CALLS).where(CALLS.c.provider_call_id == "last")
            topics = unfinished.where(INBOX.c.topic == "raw-event")
            return bool(connection.execute(topics).scalar_one() == 0 and connection.execute(calls).scalar_one() == 1)

    assert until(60, worked)
    with service.database.read() as connection:
        assert connection.execute(select(BURIED.c.code)).all() == []
        assert connection.execute(select(func.count()).select_from(RAW_EVENTS)).scalar_one() > 1
    assert service.process is not None
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    assert int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) < MOST_KIBIBYTES
    metrics = service.get("/metrics")[1]
    assert re.findall(r'otzvuk_http_requests_total\{[^}]*status="5\d\d"[^}]*\} [1-9]', metrics) == []
    assert service.get("/health/ready")[0] == 200
