"""What can be told of a call from its facts: outcome, times, who spoke."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.ingest.domain.call import Call, CallView, registered, view_of, with_fact, with_leg
from services.ingest.domain.facts import CallFact, CallRef, Direction, Fact, LegFact, LegKind, Outcome, Rank, Tracking
from services.ingest.domain.people import Seat
from services.ingest.domain.phone import Client
from tests.fakes.ingest import at

REF = CallRef("pbx", "4711")
CLIENT = Client("key", "+7 ··· 00-01")


def summary(**more: Any) -> CallFact:
    fact = CallFact(
        REF,
        Rank.SUMMARY,
        at(60),
        direction=Direction.IN,
        outcome=Outcome.ANSWERED,
        started_at=at(0),
        answered_at=at(10),
        ended_at=at(60),
        number="+79000000001",
        extension="101",
    )
    return replace(fact, **more)


def leg(leg_id: str, extension: str, answered: int | None, ended: int | None, **more: Any) -> LegFact:
    instant = at(0) if answered is None else at(answered)
    return LegFact(
        REF,
        leg_id,
        more.pop("seq", 1),
        instant,
        kind=more.pop("kind", LegKind.PERSON),
        extension=extension,
        started_at=at(0),
        answered_at=None if answered is None else at(answered),
        ended_at=None if ended is None else at(ended),
    )


def told(*facts: Fact) -> Call:
    call = Call(REF)
    for fact in facts:
        if isinstance(fact, LegFact):
            call = with_leg(call, fact)
        elif isinstance(fact, CallFact):
            call = with_fact(call, fact, CLIENT if fact.number else None)
    return call


def seen(*facts: Fact) -> CallView:
    view = view_of(told(*facts))
    assert view is not None
    return view


def test_nothing_is_told_before_direction_and_beginning_are_known() -> None:
    assert view_of(Call(REF)) is None
    assert view_of(told(leg("1", "101", 10, 60))) is None
    assert view_of(told(CallFact(REF, Rank.LEG, at(0), recording_expected=True))) is None


def test_a_call_without_summary_is_in_progress() -> None:
    view = seen(CallFact(REF, Rank.START, at(0), direction=Direction.IN, started_at=at(0)))
    assert (view.outcome, view.answered_at, view.ended_at) == (Outcome.IN_PROGRESS, None, None)


@pytest.mark.parametrize(
    ("fact", "seller", "desk"),
    [
        (summary(), "101", "101"),
        (summary(outcome=Outcome.MISSED, answered_at=None), None, "101"),
        (summary(outcome=Outcome.MISSED, answered_at=None, direction=Direction.OUT), "101", "101"),
        (summary(extension=None), None, None),
    ],
    ids=["answered", "missed: nobody spoke", "an attempt belongs to who dialled", "unknown"],
)
def test_whose_call_it_is_by_the_summary(fact: CallFact, seller: str | None, desk: str | None) -> None:
    view = seen(fact)
    assert (view.extension, view.desk) == (seller, desk)


@pytest.mark.parametrize(
    ("legs", "seller"),
    [
        ([leg("1", "101", 10, 20), leg("2", "102", 20, 60)], "102"),
        ([leg("1", "101", 10, 50), leg("2", "102", 50, 60)], "101"),
        ([leg("1", "101", 10, 35), leg("2", "102", 35, 60)], "102"),
        ([leg("1", "101", 10, 20), leg("2", "102", 20, None)], "102"),
        ([leg("1", "900", 0, 10, kind=LegKind.IVR), leg("2", "102", 10, 15)], "102"),
        ([leg("1", "101", None, 20), leg("2", "102", None, 60)], "101"),
    ],
    ids=["longest", "longest though first", "equal: the last", "end not told", "ivr is nobody", "none: the summary's"],
)
def test_the_seller_is_who_talked_longest(legs: list[LegFact], seller: str) -> None:
    assert seen(summary(), *legs).extension == seller


def test_answered_without_time_was_answered_at_once() -> None:
    assert seen(summary(answered_at=None)).answered_at == at(0)
    assert seen(summary(answered_at=None), leg("1", "101", 12, 60)).answered_at == at(12)


def test_a_summary_that_says_missed_is_believed_though_a_leg_was_answered() -> None:
    view = seen(summary(outcome=Outcome.MISSED, answered_at=None), leg("1", "900", 2, 60, kind=LegKind.QUEUE))
    assert (view.outcome, view.answered_at) == (Outcome.MISSED, None)


def test_times_that_contradict_each_other_never_give_less_than_nothing() -> None:
    call = told(summary(answered_at=at(-5), ended_at=at(-20)))
    view = view_of(call)
    assert view is not None
    data = registered(call, view, seller=None, desk=None, lead_id=None, client_known=False, recording_lost=None)
    assert (data["ring_ms"], data["talk_ms"], data["duration_ms"]) == (0, 0, 0)


def test_the_higher_seq_of_a_leg_counts_and_of_beginnings_the_earliest() -> None:
    late = leg("1", "102", 30, 60, seq=3)
    early = leg("1", "101", 10, 20, seq=2)
    for facts in ([late, early], [early, late]):
        view = seen(summary(answered_at=None), *facts)
        assert (view.extension, view.answered_at, view.legs) == ("102", at(10), 1)


def test_a_matched_source_outweighs_the_pbx_and_says_nothing_else() -> None:
    guess = Tracking(source="pbx")
    match = Tracking(source="yandex", medium="cpc")
    started = CallFact(REF, Rank.START, at(90), direction=Direction.IN, started_at=at(0), tracking=guess)
    view = seen(CallFact(REF, Rank.SUMMARY, at(1), tracking=match), started, summary())
    assert view.tracking == {"source": "yandex", "medium": "cpc", "campaign": None, "session": None}


def test_what_is_published() -> None:
    call = told(summary(line="+74950000000", lead_id="L-1", recording_expected=True))
    view = view_of(call)
    assert view is not None
    seat = Seat("s-1", "sales", "sales")
    assert registered(call, view, seller=seat, desk=seat, lead_id="L-1", client_known=True, recording_lost=None) == {
        "call_id": REF.call_id,
        "provider": "pbx",
        "provider_call_id": "4711",
        "direction": "in",
        "outcome": "answered",
        "started_at": "2026-05-18T06:00:00Z",
        "answered_at": "2026-05-18T06:00:10Z",
        "ended_at": "2026-05-18T06:01:00Z",
        "ring_ms": 10_000,
        "talk_ms": 50_000,
        "duration_ms": 60_000,
        "seller_id": "s-1",
        "department_id": "sales",
        "department_kind": "sales",
        "client_key": "key",
        "client_label": "+7 ··· 00-01",
        "line": "+74950000000",
        "lead_id": "L-1",
        "client_known": True,
        "recording_expected": True,
        "recording_lost": None,
        "legs": 1,
        "source": None,
    }


def test_our_ids_are_ours() -> None:
    assert REF.call_id == CallRef("pbx", "4711").call_id
    others = {CallRef("pbx", "4712").call_id, CallRef("crm", "4711").call_id, CallRef("pb", "x4711").call_id}
    assert REF.call_id not in others
    assert len({*others, REF.call_id, REF.recording_id("only"), REF.recording_id("2")}) == 6


def test_instants_are_kept_to_the_microsecond() -> None:
    exact = datetime.fromisoformat("2026-05-18T06:00:00.123457+00:00")
    assert seen(summary(started_at=exact)).started_at == exact
