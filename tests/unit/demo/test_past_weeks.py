"""The demo company's past weeks: the same for the same day, everybody on the phone, each with his own hand."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from demo.company import load_company
from demo.past.weeks import DAYS, HANDS, LEANING, calls_of, judged

COMPANY = load_company()
LAST = date(2026, 11, 23)
RATES = {f"d{number}": Decimal(number) for number in range(0, 100, 2)}
CALLS = list(calls_of(COMPANY, LAST, RATES, 7))
STEPS = (Decimal(0), Decimal("0.5"), Decimal(1))


def test_the_same_seed_gives_the_same_weeks_and_another_seed_others() -> None:
    assert list(calls_of(COMPANY, LAST, RATES, 7)) == CALLS
    assert list(calls_of(COMPANY, LAST, RATES, 8)) != CALLS


def test_everybody_works_five_days_in_seven() -> None:
    days = {
        seller.id: {call.started_at.date() for call in CALLS if call.seller == seller} for seller in COMPANY.sellers()
    }
    assert {len(worked) for worked in days.values()} == {DAYS * 5 // 7}
    assert {min(worked) for worked in days.values()} <= {LAST - timedelta(days=DAYS - back) for back in (1, 2, 3)}


def test_calls_lie_in_working_hours_of_the_sellers_department_and_have_ids_of_their_own() -> None:
    assert all(10 <= call.started_at.hour < 17 for call in CALLS)
    assert all(call.started_at.tzinfo == COMPANY.department(call.seller.department).clock for call in CALLS)
    assert len({call.call_id for call in CALLS}) == len(CALLS)


def test_who_sells_better_has_better_calls() -> None:
    sums: Counter[str] = Counter()
    for call in CALLS:
        sums[call.seller.id] += int(call.dialogue[1:])
    means = {seller: sums[seller] / sum(call.seller.id == seller for call in CALLS) for seller in HANDS}
    assert means["marina"] > means["artyom"]
    assert means["ksenia"] > means["alina"]


def test_every_seller_has_a_hand_and_every_controller_a_leaning() -> None:
    assert set(HANDS) == {seller.id for seller in COMPANY.sellers()}
    assert {person.id for person in COMPANY.people if person.role == "controller"} < set(LEANING)


def test_a_controller_gives_scores_of_the_scale_and_strays_less_where_he_sees_the_draft() -> None:
    rng = random.Random(1)

    def kept(*, blind: bool) -> int:
        given = [judged(STEPS[1], STEPS, "farewell", "ksenia", "pavel", rng, blind=blind) for _ in range(400)]
        assert set(given) <= set(STEPS)
        return given.count(STEPS[1])

    assert kept(blind=True) < kept(blind=False) < 400


def test_a_weak_criterion_is_scored_lower_than_a_strong_one() -> None:
    rng = random.Random(1)

    def mean(criterion: str) -> Decimal:
        return sum(
            (judged(STEPS[1], STEPS, criterion, "denis", "pavel", rng, blind=False) for _ in range(300)), Decimal()
        )

    assert mean(HANDS["denis"].weak) < mean("farewell") < mean(HANDS["denis"].strong)
