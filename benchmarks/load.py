"""A sender of many signed requests over kept-alive connections, as fast as answers come."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Measured:
    """One round: requests a second, the median and the 99th percentile of an answer's time in milliseconds."""

    per_second: float
    median_ms: float
    p99_ms: float
    refused: int


def signed_request(number: int, tag: str, secret: str) -> bytes:
    """The bytes of one HTTP request with one call's summary in it."""
    now = datetime.now(UTC).isoformat()
    event = {
        "event": "call.finished",
        "event_id": f"{tag}-{number}",
        "occurred_at": now,
        "data": {
            "call_id": f"{tag}-{number}", "direction": "in", "outcome": "answered", "line": "+74950000000",
            "client_number": "+79000000001", "extension": "101", "started_at": now, "answered_at": now, "ended_at": now,
        },
    }  # fmt: skip
    body = json.dumps(event).encode()
    stamp = str(int(time.time()))
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    head = (
        "POST /v1/events/pbx HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"X-Otzvuk-Timestamp: {stamp}\r\nX-Otzvuk-Signature: v1={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def measure(port: int, requests: list[bytes], connections: int) -> Measured:
    """Sends all requests over so many connections at once."""
    return asyncio.run(_measure(port, list(requests), connections))


async def _measure(port: int, requests: list[bytes], connections: int) -> Measured:
    times: list[float] = []
    refused = 0
    total = len(requests)

    async def client() -> None:
        nonlocal refused
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while requests:
            began = time.perf_counter()
            writer.write(requests.pop())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            refused += b" 202 " not in head[:20]
            length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            times.append(time.perf_counter() - began)
        writer.close()
        await writer.wait_closed()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    took = time.perf_counter() - began
    p99 = statistics.quantiles(times, n=100)[98]
    return Measured(total / took, statistics.median(times) * 1000, p99 * 1000, refused)
