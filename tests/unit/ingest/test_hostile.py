"""Bodies made to break readers: nothing unsigned is believed, nothing signed makes an error of ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from services.ingest.adapters.telephony.mango import sign
from services.ingest.domain.facts import Raw
from services.ingest.domain.refusals import NotAdmitted
from services.ingest.handlers.raw import told
from services.ingest.ports import Kept, Provider
from services.ingest.web.documentation import EXAMPLES
from tests.fakes.hostile import bodies
from tests.fakes.ingest import NOW, desk, request, signed, webhook
from tests.fakes.mango import ADDED, KEY, LEG, SALT, SUMMARY, mango
from tests.faults.seeded import rng

GOOD = [
    {"event": name, "event_id": name, "occurred_at": "2026-05-18T09:15:49+03:00", "data": data}
    for name, data in EXAMPLES.items()
]
MANGO_GOOD: dict[str, dict[str, Any]] = {
    "events/summary": json.loads(SUMMARY),
    "events/call": LEG,
    "events/record/added": ADDED,
}


def swallow(provider: Provider, raw: Raw) -> None:
    """Reads a body as the door does and works on what it understood; any error of ours fails the test."""
    readings = provider.read(raw)
    assert readings
    assert all(len(reading.key) <= 200 and len(reading.subject) <= 200 for reading in readings)
    some = desk()
    for position, reading in enumerate(readings):
        assert bool(reading.problem) + bool(reading.facts) <= 1
        for fact in reading.facts:
            told(fact, Kept(1, raw, position, reading.key), some)
    json.dumps([[reading.key, reading.kind, reading.digest] for reading in readings]).encode("utf-8")


def test_the_documented_webhook_survives_everything() -> None:
    for body in bodies(GOOD, rng(), 1_500):
        assert webhook().admit(request(body, signed(body))) is None
        swallow(webhook(), Raw("pbx", "", body, NOW))


@pytest.mark.parametrize("path", [*MANGO_GOOD, "events/recording", "events/dtmf", "events/unknown", "../x", ""])
def test_mango_survives_everything(path: str) -> None:
    good = MANGO_GOOD.get(path, {**LEG, **ADDED, "recording_state": "Completed", "dtmf": "5"})
    for text in bodies([good], rng(), 100):
        body = urlencode({"vpbx_api_key": KEY, "sign": sign(KEY, text, SALT), "json": text}).encode()
        assert mango().admit(request(body, {}, "mango", path)) is None
        swallow(mango(), Raw("mango", path, body, NOW))


def test_no_changed_byte_is_believed() -> None:
    chance = rng()
    body = json.dumps(GOOD[0]).encode()
    headers = signed(body)
    form = urlencode({"vpbx_api_key": KEY, "sign": sign(KEY, SUMMARY.encode(), SALT), "json": SUMMARY}).encode()
    for _ in range(2_000):
        for provider, whole, told_headers in ((webhook(), body, headers), (mango(), form, {})):
            position = chance.randrange(len(whole))
            changed = whole[:position] + bytes([whole[position] ^ (1 << chance.randrange(8))]) + whole[position + 1 :]
            assert not believed(provider, changed, told_headers, whole)


def believed(provider: Provider, body: bytes, headers: dict[str, str], whole: bytes) -> bool:
    """Whether it was taken for an event; another spelling of the same form is no forgery."""
    try:
        answer = provider.admit(request(body, headers))
    except NotAdmitted:
        return False
    if answer is not None:
        return False
    return provider.read(Raw("mango", "events/summary", body, NOW)) != provider.read(
        Raw("mango", "events/summary", whole, NOW)
    )
