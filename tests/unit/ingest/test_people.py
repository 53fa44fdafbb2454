"""Who had an extension when the call came."""

import itertools
from dataclasses import replace

import pytest

from services.ingest.domain.facts import PersonFact
from services.ingest.domain.people import Seat, seat_at, seat_of, superfluous
from tests.fakes.ingest import at

ANNA = PersonFact("anna", at(0), ("101",), "cc", "call_center")
ANNA_MOVED = PersonFact("anna", at(100), ("201",), "sales", "sales")
BORIS = PersonFact("boris", at(100), ("101", "102"), "cc", "call_center")
ANNA_LEFT = PersonFact("anna", at(200), ("201",), "sales", "sales", active=False)
ALL = (ANNA, ANNA_MOVED, BORIS, ANNA_LEFT)


@pytest.mark.parametrize(
    ("extension", "second", "who"),
    [
        ("101", 50, Seat("anna", "cc", "call_center")),
        ("101", 100, Seat("boris", "cc", "call_center")),
        ("201", 150, Seat("anna", "sales", "sales")),
        ("201", 50, None),
        ("201", 250, None),
        ("102", 50, Seat("boris", "cc", "call_center")),
        ("101", -50, Seat("anna", "cc", "call_center")),
        ("999", 50, None),
    ],
    ids=["then", "handed over", "moved", "not yet moved", "left", "told late", "before all", "nobody"],
)
def test_seat_at(extension: str, second: int, who: Seat | None) -> None:
    for order in itertools.permutations(ALL):
        assert seat_at(order, extension, at(second)) == who


def test_of_two_who_claim_an_extension_the_later_has_it() -> None:
    other = PersonFact("vera", at(40), ("101",), "sales", "sales")
    assert seat_at((ANNA, other), "101", at(50)) == Seat("vera", "sales", "sales")
    assert seat_at((other, ANNA), "101", at(20)) == Seat("anna", "cc", "call_center")


def test_a_person_known_by_id_has_a_department_only_when_it_was_told() -> None:
    assert seat_of(ALL, "anna", at(150)) == Seat("anna", "sales", "sales")
    assert seat_of(ALL, "nobody", at(150)) == Seat("nobody", None, None)


def test_a_statement_told_again_does_not_win_the_extension_back() -> None:
    """`vera` got 101 last; that `anna` is sent again every night changes nothing."""
    vera = PersonFact("vera", at(40), ("101",), "sales", "sales")
    again = [replace(ANNA, since=at(second)) for second in (60, 70, 80)]
    for order in itertools.permutations((ANNA, vera, *again)):
        assert seat_at(order, "101", at(90)) == Seat("vera", "sales", "sales")


@pytest.mark.parametrize(
    ("before", "needless"),
    [
        ([], []),
        ([ANNA], []),
        ([ANNA, replace(ANNA, since=at(10))], [replace(ANNA, since=at(10))]),
        ([ANNA, replace(ANNA, since=at(10), active=False)], []),
        ([replace(ANNA, active=False), replace(ANNA, since=at(10))], []),
        ([ANNA, replace(ANNA, since=at(90))], []),
    ],
    ids=["first", "second", "inner of a run", "changed", "changed back", "told late"],
)
def test_of_a_run_of_the_same_two_are_kept(before: list[PersonFact], needless: list[PersonFact]) -> None:
    assert superfluous(before, replace(ANNA, since=at(50))) == needless
