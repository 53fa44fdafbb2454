"""A lead's way through the stages, and which call belongs to which lead."""

import itertools
from dataclasses import replace

import pytest

from services.ingest.domain.facts import LeadFact, StageFact
from services.ingest.domain.lead import (
    Lead,
    as_event,
    changed,
    client_keys_of,
    lead_for_call,
    lead_from,
    open_at,
    state_of,
    way_of,
    with_fact,
)
from services.ingest.domain.people import Seat
from tests.fakes.ingest import at

NEW = StageFact(at(0), "Новая", "open")
MEETING = StageFact(at(100), "Встреча", "meeting")
REFUSED = StageFact(at(200), "Отказ. Сделка закрыта", "refused")


def fact(*stages: StageFact, **given: object) -> LeadFact:
    return LeadFact("L-1", at(0), stages[-1].at, stages, tuple(sorted(given.items())))


def lead_of(*facts: LeadFact, keys: tuple[str, ...] = ("k1",)) -> Lead:
    lead = Lead("L-1")
    for one in facts:
        lead = with_fact(lead, one, keys)
    return lead


FACTS = (
    fact(NEW, responsible="anna"),
    fact(MEETING, amount="100.50"),
    fact(NEW, MEETING, REFUSED, refusal_reason="Дорого", responsible="boris"),
    fact(StageFact(at(150), "Встреча", "meeting"), target=True),
)


def test_facts_in_any_order_give_the_same_lead() -> None:
    results = {str(state_of(lead_of(*order))) for order in itertools.permutations(FACTS)}
    assert len(results) == 1
    lead = lead_of(*FACTS)
    assert lead_from("L-1", state_of(lead)) == lead


def test_a_stage_told_again_is_no_step() -> None:
    assert way_of(lead_of(*FACTS)) == [NEW, MEETING, REFUSED]


def test_what_is_published_at_each_step() -> None:
    lead = lead_of(*FACTS)
    first, middle, last = (changed(lead, step, Seat("boris", "d", "sales")) for step in range(3))
    assert [(data["stage"], data["previous_stage"], data["changed_at"]) for data in (first, middle, last)] == [
        ("Новая", None, "2026-05-18T06:00:00Z"),
        ("Встреча", "Новая", "2026-05-18T06:01:40Z"),
        ("Отказ. Сделка закрыта", "Встреча", "2026-05-18T06:03:20Z"),
    ]
    assert [data["refusal_reason"] for data in (first, middle, last)] == [None, None, "Дорого"]
    assert (last["seller_id"], last["target"], last["previous_stage_kind"]) == ("boris", True, "meeting")
    event = as_event(last, 3)
    assert (event["revision"], str(event["amount"])) == (3, "100.50")
    with pytest.raises(IndexError):
        changed(lead, 3, None)


def test_null_clears_and_missing_says_nothing() -> None:
    lead = lead_of(fact(NEW, amount="5", refusal_reason="x"), fact(MEETING, amount=None))
    data = changed(lead, 1, None)
    assert (data["amount"], data["refusal_reason"]) == (None, "x")


@pytest.mark.parametrize(
    ("second", "open_then"),
    [(-3700, False), (-3000, True), (0, True), (150, True), (200, False), (10_000, False)],
)
def test_a_lead_is_in_work_until_it_is_closed(second: int, open_then: bool) -> None:
    assert open_at(lead_of(*FACTS), at(second)) is open_then


def test_a_call_belongs_to_the_youngest_lead_in_work() -> None:
    old = lead_of(fact(NEW))
    young = with_fact(Lead("L-2"), replace(fact(NEW), lead_id="L-2", created_at=at(50)), ["k1"])
    closed = with_fact(Lead("L-3"), replace(fact(REFUSED), lead_id="L-3", created_at=at(60)), ["k1"])
    for order in itertools.permutations((old, young, closed)):
        assert lead_for_call(order, at(300)) == "L-2"
    assert lead_for_call([closed], at(300)) is None
    assert lead_for_call([], at(0)) is None


def test_numbers_told_later_replace_the_earlier() -> None:
    lead = with_fact(with_fact(Lead("L-1"), fact(NEW), ["a", "b"]), fact(MEETING), ["b", "c", "b"])
    assert client_keys_of(lead) == ["b", "c"]
    assert client_keys_of(with_fact(lead, fact(REFUSED), None)) == ["b", "c"]
