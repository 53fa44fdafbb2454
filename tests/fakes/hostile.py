"""Bodies that break lenient readers, fixed ones and random ones from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

TEXTS = [
    "", " ", "0", "-1", "null", "\u0000", "a\u0000b", "\ud800", "\u202e", "\u200b" * 50, "\U0001f600" * 40,
    "__proto__",
    "../../etc/passwd", "..%2f", "C:\\x", "x" * 129, "x" * 5_000, "'; DROP TABLE calls; --", "{{7*7}}", "<script>",
    "=cmd|' /C calc'!A0", "sip:user@x", "client:name", "anonymous", "0" * 40, "+" + "9" * 40, "%00", "%d0%98",
    "\r\nX: y",
    "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-18", "2026-05-18T09:00:60Z",
    "1e999",
]  # fmt: skip
NUMBERS = [0, -1, 1, 10**18, -(10**12), 2**63, 2**64, 10**400, 1.5, -0.0, 1e308, 5e-324, 1778739307000]
VALUES: list[Any] = [None, True, False, [], {}, [[]], [None], {"": None}, *TEXTS, *NUMBERS]

RAW = [
    b"", b" ", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf{}", b"{", b"}", b"[]", b'""', b"0", b"null", b"NaN", b"[NaN]",
    b'{"a":1,"a":2}', b"[" * 5_000, b"[" * 100_000, b'{"a":' * 5_000, b"1" * 5_000, b"1e999", b'"\\ud800"',
    b'"\\u0000"',
    b'{"events":[' + b"{}," * 2_000 + b"{}]}", "{}".encode("utf-16"), b"\x1f\x8b\x08\x00",
    b"--x\r\nContent-Disposition",
    b"data=%7B%7D", b"a[b][c]=1&a[b]=2", b"<?xml version='1.0'?>", b"A" * 100_000,
]  # fmt: skip


def without_surrogates(value: Any) -> bytes:
    """JSON with every escape written out, so that surrogates and NUL reach the reader."""
    return json.dumps(value, ensure_ascii=True, allow_nan=True).encode()


def bent(good: dict[str, Any], chance: random.Random) -> Any:
    """A good event with a few places bent, cut or doubled."""
    value: Any = json.loads(json.dumps(good))
    for _ in range(chance.randint(1, 3)):
        place = value
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = chance.choice(keys)
            inner = place[key]
            if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
                place = inner
                continue
            if chance.random() < 0.15:
                del place[key]
            else:
                place[key] = deepcopy(chance.choice(VALUES))
            break
    return value


def bodies(good: list[dict[str, Any]], chance: random.Random, number: int) -> Iterator[bytes]:
    """The fixed ones, then random ones: bent events, broken bytes, deep nests."""
    yield from RAW
    for _ in range(number):
        body = without_surrogates(bent(chance.choice(good), chance))
        roll = chance.random()
        if roll < 0.2 and body:
            position = chance.randrange(len(body))
            body = body[:position] + bytes([chance.randrange(256)]) + body[position + chance.randint(0, 3) :]
        elif roll < 0.25:
            body = body[: chance.randrange(len(body) + 1)]
        elif roll < 0.28:
            body = b"[" * chance.randint(1, 3_000) + body
        yield body
