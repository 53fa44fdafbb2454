"""The counted sample: shares, capacity, reproduction from the record, and fairness over ten thousand days."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.lots import Lots
from services.review.domain.sampling import (
    Candidate,
    SampleRules,
    Why,
    draw,
    due_share,
    left_out,
    quotas,
    redraw,
)

DAY = date(2026, 11, 24)
CUTOFF = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def candidate(call_id: str, seller_id: str | None = "marina", **changes: object) -> Candidate:
    values = {
        "started_at": CUTOFF - timedelta(hours=3),
        "preliminary": True,
        "conversation": True,
        "recording": True,
        "drafted": True,
        "spam": False,
        "no_speech": False,
        **changes,
    }
    return Candidate(call_id, 1, seller_id, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("calls", "due"), [(0, 0), (1, 1), (3, 1), (4, 2), (10, 3), (11, 4), (100, 30)])
def test_thirty_percent_rounded_up_and_never_fewer_than_one(calls: int, due: int) -> None:
    assert due_share(calls, Decimal(30)) == due


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"preliminary": False}, Why.ALREADY_SENT),
        ({"conversation": False}, Why.NO_CONVERSATION),
        ({"seller_id": None}, Why.NO_SELLER),
        ({"no_speech": True}, Why.NO_SPEECH),
        ({"spam": True}, Why.SPAM),
        ({"recording": False}, Why.NO_RECORDING),
        ({"drafted": False}, Why.WAITING),
        ({"drafted": False, "started_at": CUTOFF - timedelta(hours=24)}, None),
    ],
)
def test_who_takes_part(changes: dict[str, object], why: Why | None) -> None:
    assert left_out(candidate("c", **changes), CUTOFF) == why


@given(
    st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(0, 60), max_size=12),
    st.integers(0, 200),
    st.text("0123456789abcdef", min_size=1, max_size=8),
)
def test_quotas_keep_capacity_and_share_what_is_short(calls: dict[str, int], capacity: int, seed: str) -> None:
    rules = SampleRules(capacity=capacity)
    given_ = quotas(calls, rules, Lots(seed))
    due = {seller: due_share(number, rules.share_percent) for seller, number in calls.items() if number}
    assert given_.keys() == due.keys()
    assert sum(given_.values()) == min(capacity, sum(due.values()))
    assert all(0 <= given_[seller] <= due[seller] for seller in due)
    if capacity >= len(due):
        assert all(number >= 1 for number in given_.values())
    if sum(due.values()) > capacity >= len(due):
        # those who are due the same lose the same, to within the one call that does not divide
        for number in set(due.values()):
            alike = [given_[seller] for seller, owed in due.items() if owed == number]
            assert max(alike) - min(alike) <= 1


def test_a_sample_is_drawn_again_from_its_record() -> None:
    candidates = [candidate(f"c{number}", f"s{number % 5}") for number in range(60)]
    rules = SampleRules(capacity=12, blind_percent=Decimal(50), double_percent=Decimal(50))
    drawn = draw("cc", DAY, CUTOFF, reversed(candidates), rules, "seed")
    assert len(drawn.chosen) == 12
    assert redraw("cc", DAY, CUTOFF, drawn.lines, rules, "seed") == drawn
    assert redraw("cc", DAY, CUTOFF, drawn.lines, rules, "another").chosen != drawn.chosen


def test_the_machines_opinion_has_no_say() -> None:
    """A candidate carries nothing of quality, so two worlds that differ only in drafts give the same sample."""
    assert not {"cqr", "risk", "remarkable", "red_flags"} & set(Candidate.__dataclass_fields__)


def test_fair_over_ten_thousand_days() -> None:
    """χ² of how often each of a seller's ten calls is chosen: 9 degrees of freedom, 99.9 % quantile 27.88."""
    calls = [candidate(f"c{number}") for number in range(10)]
    chosen: Counter[str] = Counter()
    days = 10_000
    for day in range(days):
        drawn = draw("cc", DAY, CUTOFF, calls, SampleRules(), f"day-{day}")
        assert len(drawn.chosen) == 3
        chosen.update(line.call_id for line in drawn.chosen)
    expected = days * 3 / 10
    # three of ten without putting back: the variance of a count is n·p·(1−p), χ² needs the factor (10−1)/10·1/(1−p)
    statistic = sum((chosen[call.call_id] - expected) ** 2 for call in calls) / (expected * (1 - 3 / 10)) * 9 / 10
    assert statistic < 27.88


def test_what_does_not_divide_falls_on_everybody_alike() -> None:
    """Five sellers are due three each, capacity is eleven: over many days each gets 2.2 on average."""
    calls = {f"s{number}": 10 for number in range(5)}
    got: Counter[str] = Counter()
    for day in range(2_000):
        got.update(quotas(calls, SampleRules(capacity=11), Lots(f"day-{day}")))
    assert all(abs(got[seller] / 2_000 - 2.2) < 0.04 for seller in calls)
