"""Whatever order events come in and however often, the end is the same (checked by all permutations and by chance)."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.adapters.telephony.mango import MangoOffice, sign
from services.ingest.domain.address import LinkRules
from services.ingest.domain.call import state_of
from services.ingest.domain.facts import Fact, Raw, RecordingFact
from services.ingest.domain.lead import state_of as lead_state
from services.ingest.domain.mango import MangoRules
from services.ingest.domain.recording import Fetched
from services.ingest.handlers.raw import told
from services.ingest.handlers.recordings import download_ended
from services.ingest.ports import Desk, Kept, Provider
from tests.fakes.ingest import NOW, at, body_of, desk, event, out_of, store_of, webhook

KEY, SALT = "key", "salt"
MANGO = MangoOffice(
    key=KEY, salt=SALT, rules=MangoRules(rating_menus=("ivr.3",)), api_url="https://api.example",
    api_links=LinkRules(hosts=()), file_links=LinkRules(hosts=()), shelf=None,
)  # fmt: skip


@dataclass(frozen=True)
class Message:
    """A delivery, and what its one event says."""

    provider: Provider
    raw: Raw
    facts: tuple[Fact, ...]


def message(provider: Provider, raw: Raw) -> Message:
    (reading,) = provider.read(raw)
    assert (reading.problem, bool(reading.facts)) == (None, True)
    return Message(provider, raw, reading.facts)


def mango(path: str, **fields: Any) -> Message:
    text = json.dumps(fields)
    body = f"vpbx_api_key={KEY}&sign={sign(KEY, text.encode(), SALT)}&json={text}"
    return message(MANGO, Raw("mango", path, body.encode(), NOW))


def generic(name: str, event_id: str, occurred: int, **data: Any) -> Message:
    return message(webhook(), Raw("pbx", "", body_of(event(name, event_id, at(occurred), **data)), NOW))


def iso(second: int) -> str:
    return at(second).isoformat()


T0 = int(at(0).timestamp())


def generic_call(call: str, shift: int = 0, number: str = "+79000000001") -> list[Message]:
    """A call with a transfer, its people, its lead, its recording and its rating."""
    name = f"{call}-"
    return [
        generic("call.started", name + "1", shift, call_id=call, direction="in", client_number=number),
        generic(
            "call.leg", name + "2", shift + 20, call_id=call, leg_id="a", seq=2, extension="101",
            answered_at=iso(shift + 5), ended_at=iso(shift + 20),
        ),
        generic(
            "call.leg", name + "3", shift + 50, call_id=call, leg_id="b", seq=1, extension="102",
            answered_at=iso(shift + 20), ended_at=iso(shift + 50),
        ),
        generic(
            "call.finished", name + "4", shift + 50, call_id=call, direction="in", outcome="answered",
            started_at=iso(shift), answered_at=iso(shift + 4), ended_at=iso(shift + 50), client_number=number,
            extension="101", recording_expected=True,
        ),
        generic("recording.ready", name + "5", shift + 55, call_id=call, url="https://records.example/1"),
        generic("call.rated", name + "6", shift + 60, call_id=call, rating=4),
    ]  # fmt: skip


SURROUNDINGS = [
    generic("person.changed", "p1", -500, person_id="anna", extensions=["101"], department_id="cc"),
    generic("person.changed", "p2", 30, person_id="boris", extensions=["102"], department_id="sales"),
    generic("person.changed", "p3", 25, person_id="anna", extensions=["103"], department_id="cc"),
    generic(
        "lead.changed", "l1", -400, lead_id="L-1", created_at=iso(-400), stage="Новая", stage_kind="open",
        numbers=["+79000000001"], responsible="boris",
    ),
    generic(
        "lead.changed", "l2", 40, lead_id="L-1", created_at=iso(-400), stage="Отказ", stage_kind="refused",
        refusal_reason="Дорого",
    ),
    generic("tracking.matched", "t1", 3, call_id="1", source={"source": "yandex"}),
]  # fmt: skip

ENTRY = {"entry_id": "E1", "from": {"number": "79000000001"}, "timestamp": T0}
MANGO_CALL = [
    mango("events/call", **{**ENTRY, "call_id": "c1", "seq": 1, "call_state": "Appeared", "location": "ivr"}, to={}),
    mango(
        "events/call",
        **{**ENTRY, "call_id": "c2", "seq": 2, "call_state": "Connected", "location": "abonent", "timestamp": T0 + 9},
        to={"extension": "101"},
        callback_initiator="СС",
    ),
    mango(
        "events/call",
        **{**ENTRY, "call_id": "c2", "seq": 4, "call_state": "Disconnected", "location": "abonent"},
        to={"extension": "101"},
        dct={"number": "74950000009", "type": 2},
    ),
    mango(
        "events/summary", entry_id="E1", call_direction=1, **{"from": {"number": "79000000001"}}, to={"extension": "7"},
        create_time=T0, talk_time=T0 + 9, end_time=T0 + 40, entry_result=1, disconnect_reason=1110, line_number="7495",
    ),
    mango("events/record/added", entry_id="E1", product_id=1, user_id=-1, timestamp=T0 + 60, recording_id="R1"),
    mango("events/dtmf", entry_id="E1", call_id="c1", seq=5, dtmf="5", timestamp=T0 + 45, location="ivr.3"),
]  # fmt: skip


def tell(some: Desk, messages: Sequence[Message]) -> None:
    for number, told_now in enumerate(messages):
        for fact in told_now.facts:
            told(fact, Kept(number + 1, told_now.raw, 0, ""), some)
            if isinstance(fact, RecordingFact):
                job = {"recording_id": fact.ref.recording_id(fact.recording_ref)}
                download_ended(job, Fetched("k", "a" * 64, 1), some)


def end(messages: Sequence[Message]) -> str:
    """All that is in the store at last, but for revisions: they count changes, and those depend on the order."""
    some = desk(checks=False)
    tell(some, messages)
    store = store_of(some)
    calls = {name: [state_of(kept.call), kept.published, str(index)] for name, (kept, index) in store.calls.items()}
    leads = {
        name: [lead_state(kept.lead), kept.published, str(kept.announced_at)] for name, kept in store.leads.items()
    }
    recordings = {name: str(kept.state) for name, kept in store.recordings.items()}
    ratings = {str(name): str(kept) for name, kept in store.ratings.items()}
    return json.dumps([calls, leads, recordings, ratings], sort_keys=True, default=str)


@pytest.mark.parametrize(
    "messages",
    [
        generic_call("1"),
        MANGO_CALL,
        [*SURROUNDINGS[:4], *generic_call("1")[3:5]],
        [*SURROUNDINGS[2:], generic_call("1")[3]],
    ],
    ids=["generic", "mango", "people and leads around a call", "closing lead"],
)
def test_every_order_of_up_to_six_events_ends_the_same(messages: list[Message]) -> None:
    wanted = end(messages)
    assert {end(order) for order in itertools.permutations(messages)} == {wanted}


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 8))
def test_calls_mixed_with_each_other_and_repeated_end_the_same(chance: random.Random, calls: int) -> None:
    numbers = ["+79000000001", "+79000000002"]
    messages = [*SURROUNDINGS, *MANGO_CALL]
    for call in range(calls):
        messages += generic_call(str(call), call * 37, numbers[call % 2])
    wanted = end(messages)
    repeated = [one for one in messages for _ in range(chance.choice([1, 1, 1, 2, 3, 10]))]
    chance.shuffle(repeated)
    assert end(repeated) == wanted


@pytest.mark.parametrize("times", range(1, 11))
def test_an_event_told_again_publishes_nothing(times: int) -> None:
    once, often = desk(), desk()
    tell(once, [*SURROUNDINGS, *generic_call("1"), *MANGO_CALL])
    for one in [*SURROUNDINGS, *generic_call("1"), *MANGO_CALL]:
        tell(often, [one] * times)
    assert sorted(json.dumps(item) for item in out_of(often).events if item[0] == "recording-stored") == sorted(
        json.dumps(item) for item in out_of(once).events if item[0] == "recording-stored"
    )
    assert len(out_of(often).of("call-rated")) == len(out_of(once).of("call-rated")) == 2
    before = len(out_of(often).events)
    tell(often, [*SURROUNDINGS, *generic_call("1"), *MANGO_CALL] * times)
    assert len(out_of(often).events) == before


def test_revisions_grow_by_one_and_only_with_a_change() -> None:
    some = desk()
    tell(some, [*generic_call("1"), *SURROUNDINGS, *generic_call("1")])
    told_of = out_of(some).of("call-registered")
    assert [data["revision"] for data in told_of] == list(range(1, len(told_of) + 1))
    contents = [json.dumps({**data, "revision": 0}, sort_keys=True) for data in told_of]
    assert all(one != following for one, following in itertools.pairwise(contents))


def test_reading_is_the_same_every_time() -> None:
    for told_now in [*SURROUNDINGS, *generic_call("1"), *MANGO_CALL]:
        assert told_now.provider.read(told_now.raw)[0].facts == told_now.facts
