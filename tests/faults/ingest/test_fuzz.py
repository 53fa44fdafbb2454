"""Many more bodies than the unit tests have time for; OTZVUK_TEST_SEED repeats a run."""

from urllib.parse import urlencode

import pytest

from services.ingest.adapters.telephony.mango import sign
from services.ingest.domain.facts import Raw
from tests.fakes.hostile import bodies
from tests.fakes.ingest import NOW, webhook
from tests.fakes.mango import KEY, SALT, SUMMARY, form, mango
from tests.faults.seeded import rng
from tests.unit.ingest.test_hostile import GOOD, MANGO_GOOD, believed, swallow

pytestmark = pytest.mark.slow
BODIES = 20_000


def test_the_documented_webhook_reads_twenty_thousand_bodies() -> None:
    for body in bodies(GOOD, rng(), BODIES):
        swallow(webhook(), Raw("pbx", "", body, NOW))


def test_mango_reads_twenty_thousand_bodies() -> None:
    chance = rng()
    for path, good in MANGO_GOOD.items():
        for text in bodies([good], chance, BODIES // len(MANGO_GOOD)):
            body = urlencode({"vpbx_api_key": KEY, "sign": sign(KEY, text, SALT), "json": text}).encode()
            swallow(mango(), Raw("mango", path, body, NOW))


def test_twenty_thousand_changed_bytes_are_not_believed() -> None:
    chance = rng()
    whole = form(SUMMARY)
    for _ in range(BODIES):
        position = chance.randrange(len(whole))
        changed = whole[:position] + bytes([chance.randrange(256)]) + whole[position + 1 :]
        assert changed == whole or not believed(mango(), changed, {}, whole)
