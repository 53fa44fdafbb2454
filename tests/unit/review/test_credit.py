"""The ledger: every transaction adds up to nothing, corrections lead to what is right, months are months."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.credit import (
    Approved,
    Money,
    Totals,
    controller_account,
    corrections_of,
    entries_of,
    is_balanced,
    is_month,
    month_of,
    next_month,
    seller_account,
    totals,
)

approvals = st.builds(
    Approved,
    call_id=st.just("c"),
    seller_id=st.sampled_from(["marina", "ilya"]),
    controller_id=st.sampled_from(["olga", "pavel"]),
    cqr=st.none() | st.decimals(0, 100, places=2),
    appealed=st.booleans(),
    upheld=st.booleans(),
)
sums = st.builds(Money, reward=st.integers(0, 500).map(Decimal), penalty=st.integers(0, 500).map(Decimal))


def of(account: str, entries: object) -> Totals:
    return totals((each.unit, each.amount) for each in entries if each.account == account)  # type: ignore[attr-defined]


@given(approvals, sums)
def test_every_transaction_is_balanced(approved: Approved, money: Money) -> None:
    assert is_balanced(entries_of(approved, money, "t", "2026-11", "2026-11"))


@given(approvals, approvals, sums)
def test_a_correction_leads_to_what_is_right(wrong: Approved, right: Approved, money: Money) -> None:
    written = entries_of(wrong, money, "t1", "2026-10", "2026-10")
    correction = corrections_of(written, right, money, "t2", "2026-11")
    assert is_balanced(correction)
    assert {each.month for each in correction} <= {"2026-11"}
    assert {each.for_month for each in correction} <= {"2026-10"}
    expected = entries_of(right, money, "t3", "2026-10", "2026-10")
    for person in ("marina", "ilya"):
        assert of(seller_account(person), [*written, *correction]) == of(seller_account(person), expected)
    for person in ("olga", "pavel"):
        assert of(controller_account(person), [*written, *correction]) == of(controller_account(person), expected)


def test_an_upheld_appeal() -> None:
    entries = entries_of(
        Approved("c", "marina", "olga", Decimal("91.30"), True, True), Money(), "t", "2026-11", "2026-11"
    )
    seller, controller = of("seller:marina", entries), of("controller:olga", entries)
    assert (seller.calls, seller.mean_cqr, seller.money) == (1, Decimal("91.30"), Decimal(100))
    assert (controller.checks, controller.appeals, controller.upheld, controller.money) == (1, 1, 1, Decimal(-100))


def test_months() -> None:
    assert month_of(datetime(2026, 10, 31, 21, 0, tzinfo=UTC), "Europe/Moscow") == "2026-11"
    assert next_month("2026-12") == "2027-01"


@pytest.mark.parametrize(
    ("text", "valid"), [("2026-11", True), ("2026-13", False), ("2026-00", False), ("26-11", False), ("2026_11", False)]
)
def test_is_month(text: str, valid: bool) -> None:
    assert is_month(text) is valid
