"""Mango Office: what its events mean in our own words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    LegFact,
    LegKind,
    Outcome,
    Rank,
    RatingFact,
    Raw,
    Reading,
    RecordingFact,
    Tracking,
)
from services.ingest.domain.instants import from_micros
from services.ingest.domain.mango import latin, outcome_of
from tests.fakes.ingest import NOW
from tests.fakes.mango import ADDED, LEG, SUMMARY, form, mango

REF = CallRef("mango", "MDAwMDAwMDAwMQ==")


def unix(seconds: int) -> Any:
    return from_micros(seconds * 1_000_000)


def read(path: str, value: object, **rules: Any) -> Reading:
    text = value if isinstance(value, str) else json.dumps(value)
    (reading,) = mango(**rules).read(Raw("mango", path, form(text), NOW))
    return reading


def test_a_summary() -> None:
    assert read("events/summary", SUMMARY).facts == (
        CallFact(
            REF,
            Rank.SUMMARY,
            unix(1778739360),
            Direction.IN,
            Outcome.ANSWERED,
            unix(1778739307),
            unix(1778739318),
            unix(1778739360),
            "79000000001",
            "101",
            line="74950000000",
        ),
    )


def summary(**more: object) -> dict[str, Any]:
    return {**json.loads(SUMMARY), **more}


def whole(reading: Reading) -> CallFact:
    assert reading.problem is None
    fact = reading.facts[-1]
    assert isinstance(fact, CallFact)
    return fact


def test_success_without_talk_was_not_answered() -> None:
    fact = whole(read("events/summary", summary(talk_time=0, entry_result=1, disconnect_reason=1170)))
    assert (fact.outcome, fact.answered_at) == (Outcome.MISSED, None)


def test_older_accounts_send_times_and_codes_as_texts() -> None:
    texts = {name: str(value) if isinstance(value, int) else value for name, value in summary().items()}
    assert read("events/summary", texts) == read("events/summary", SUMMARY)


@pytest.mark.parametrize(
    ("direction", "number", "extension"), [(0, None, "7"), (1, "79000000001", "101"), (2, "79000000002", "7")]
)
def test_whose_number_and_whose_extension(direction: int, number: str | None, extension: str) -> None:
    sides = {
        "from": {"extension": 7, "number": "79000000001"},
        "to": {"extension": "101", "number": "79000000002"},
    }
    fact = whole(read("events/summary", summary(call_direction=direction, **sides)))
    assert (fact.number, fact.extension) == (number, extension)


def test_a_missed_call_may_have_an_empty_other_side() -> None:
    fact = whole(read("events/summary", summary(to={}, talk_time=0, disconnect_reason=1111)))
    assert (fact.extension, fact.outcome) == (None, Outcome.MISSED)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (None, "missed"), (1100, "missed"), (1110, "cancelled"), (1111, "missed"), (1120, "rejected"), (1121, "busy"),
        (1122, "rejected"), (1123, "rejected"), (1131, "unavailable"), (1140, "failed"), (1151, "failed"),
        (1164, "missed"), (1171, "missed"), (1182, "missed"), (1191, "unavailable"), (1999, "missed"), (2240, "failed"),
        (4201, "unavailable"), (5001, "failed"), (0, "failed"), (99_999, "failed"),
    ],
)  # fmt: skip
def test_how_a_call_without_talk_ended(reason: int | None, outcome: str) -> None:
    assert outcome_of(False, reason) is Outcome(outcome)
    assert outcome_of(True, reason) is Outcome.ANSWERED


def test_a_leg() -> None:
    moment = unix(1778739360)
    assert read("events/call", LEG).facts == (
        LegFact(REF, "MToxMDAw", 3, moment, LegKind.PERSON, "101", ended_at=moment),
        CallFact(
            REF,
            Rank.LEG,
            moment,
            Direction.IN,
            started_at=moment,
            number="79000000001",
            line="74950000000",
            tracking=Tracking(medium="dynamic_number", campaign="74950000009"),
        ),
    )


@pytest.mark.parametrize(
    ("state", "times"),
    [
        ("Appeared", (True, False, False)),
        ("Connected", (False, True, False)),
        ("OnHold", (False, False, False)),
        ("Disconnected", (False, False, True)),
    ],
)
def test_states_of_a_leg(state: str, times: tuple[bool, bool, bool]) -> None:
    leg = read("events/call", {**LEG, "call_state": state}).facts[0]
    assert isinstance(leg, LegFact)
    assert tuple(moment is not None for moment in (leg.started_at, leg.answered_at, leg.ended_at)) == times


@pytest.mark.parametrize(
    ("sides", "initiator", "direction"),
    [
        (({"number": "79"}, {"extension": "101"}), None, "in"),
        (({"extension": "101"}, {"number": "79"}), None, "out"),
        (({"extension": "101"}, {"extension": "102"}), None, "internal"),
        (({"number": "79"}, {}), None, "in"),
        (({"number": "79"}, {"extension": "101"}), "СС", "out"),
        (({"number": "79"}, {"extension": "101"}), "MissGroupСallСallback", "out"),
        (({"number": "79"}, {"extension": "101"}), "other", "in"),
    ],
)
def test_direction_of_a_leg(
    sides: tuple[dict[str, str], dict[str, str]], initiator: str | None, direction: str
) -> None:
    event = {**LEG, "from": sides[0], "to": sides[1], "callback_initiator": initiator}
    assert whole(read("events/call", event)).direction is Direction(direction)


def test_the_manuals_cyrillic_letter() -> None:
    assert latin("СС") == "CC"
    assert latin("MissGroupСallСallback") == "MissGroupCallCallback"


def test_a_recording_that_lies_in_the_cloud() -> None:
    moment = unix(1778739420)
    assert read("events/record/added", ADDED, seller_channel=1).facts == (
        CallFact(REF, Rank.LEG, moment, recording_expected=True),
        RecordingFact(REF, "MToxMDAwMDox", seller_channel=1),
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"completion_code": 1000}, True),
        ({"completion_code": 4002}, False),
        ({"recording_state": "Started"}, False),
        ({"recipient": "Mail"}, False),
        ({"recipient": "CloudAndMail"}, True),
    ],
)
def test_a_recording_is_expected_only_when_it_will_be_stored(more: dict[str, Any], expected: bool) -> None:
    reading = read("events/recording", {**ADDED, "recording_state": "Completed", "seq": 1, **more})
    assert (bool(reading.facts), reading.problem) == (expected, None)


def test_keys_of_a_rating_menu_only() -> None:
    keys = {
        "entry_id": "MDAwMDAwMDAwMQ==",
        "call_id": "1",
        "seq": 1,
        "dtmf": "4",
        "timestamp": 1778739420,
        "location": "ivr.3",
    }
    assert read("events/dtmf", keys, rating_menus=("ivr.3",)).facts == (RatingFact(REF, 4, "ivr", unix(1778739420)),)
    assert read("events/dtmf", keys, rating_menus=("ivr.2",)).facts == ()
    assert read("events/dtmf", {**keys, "dtmf": "41"}, rating_menus=("ivr.3",)).facts == ()


def test_a_shifted_clock_is_set_right() -> None:
    fact = whole(read("events/summary", SUMMARY, clock_offset=timedelta(hours=-3)))
    assert fact.started_at == unix(1778739307 - 10_800)


def test_events_that_we_do_not_use_are_kept_and_left_alone() -> None:
    reading = read("events/sms", {"command_id": "x"})
    assert (reading.facts, reading.problem, reading.kind) == ((), None, "events/sms")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("events/summary", "{", "not_json"),
        ("events/summary", "[1]", "wrong_type"),
        ("events/summary", '{"a": NaN}', "not_a_number"),
        ("events/summary", summary(entry_id=None), "missing"),
        ("events/summary", summary(call_direction=3), "out_of_range"),
        ("events/summary", summary(create_time=10**18), "out_of_range"),
        ("events/summary", summary(create_time=-1), "out_of_range"),
        ("events/summary", summary(create_time=1778739307000), "out_of_range"),
        ("events/summary", summary(create_time=1), "implausible_time"),
        ("events/summary", summary(create_time=4_000_000_000), "implausible_time"),
        ("events/summary", summary(**{"from": "79000000001"}), "wrong_type"),
        ("events/call", {**LEG, "seq": -1}, "out_of_range"),
        ("events/record/added", {**ADDED, "recording_id": ""}, "missing"),
    ],
)
def test_what_is_put_aside(path: str, value: object, code: str) -> None:
    reading = read(path, value)
    assert reading.problem is not None
    assert reading.problem.code == code


def test_an_event_is_named_by_its_ids_never_by_its_signature() -> None:
    assert read("events/summary", SUMMARY).key == "summary:MDAwMDAwMDAwMQ=="
    assert read("events/call", LEG).key == "call:MDAwMDAwMDAwMQ==:MToxMDAw:3:Disconnected"
    assert read("events/call", {**LEG, "seq": "3"}).digest == read("events/call", LEG).digest
    long = read("events/call", {**LEG, "call_id": "x" * 500})
    assert len(long.key) < 100
