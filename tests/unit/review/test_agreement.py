"""Agreement: kappa against figures worked out by hand, its interval, and strictness adjusted for the mix of calls."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.review.domain.agreement import (
    Kappa,
    Scored,
    kappa_with_interval,
    loses_draft,
    strictness,
    weighted_kappa,
)
from services.review.domain.lots import Lots

ZERO, HALF, ONE = Decimal(0), Decimal("0.5"), Decimal(1)


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ([(ONE, ONE), (ZERO, ZERO), (HALF, HALF)], "1"),
        ([(ONE, ZERO), (ZERO, ONE)], "-1"),
        ([(ONE, ONE), (ONE, ZERO), (ZERO, ONE), (ZERO, ZERO)], "0"),
        # 2 of 4 differ by a half: observed 0.125; expected from the margins (1,1,½,0) × (1,½,½,½) = 0.21875
        ([(ONE, ONE), (ONE, HALF), (HALF, HALF), (ZERO, HALF)], "0.4285714285714285714285714286"),
        ([(ONE, ONE), (ONE, ONE)], None),
        ([], None),
    ],
)
def test_weighted_kappa(pairs: list[tuple[Decimal, Decimal]], kappa: str | None) -> None:
    assert weighted_kappa(pairs) == (None if kappa is None else Decimal(kappa))


def test_interval_holds_the_value_and_is_the_same_again() -> None:
    pairs = [(ONE, ONE)] * 20 + [(ZERO, ZERO)] * 15 + [(ONE, HALF)] * 6 + [(HALF, ZERO)] * 4
    first = kappa_with_interval(pairs, Lots("a"))
    assert first == kappa_with_interval(pairs, Lots("a"))
    assert first.low is not None
    assert first.value is not None
    assert first.high is not None
    assert first.low < first.value < first.high


def test_too_few_pairs_say_nothing() -> None:
    assert kappa_with_interval([(ONE, ZERO)] * 19, Lots("a")) == Kappa(None, None, None, 19)


@pytest.mark.parametrize(("value", "loses"), [("0.39", True), ("0.40", False), (None, False)])
def test_a_criterion_loses_its_draft(value: str | None, loses: bool) -> None:
    kappa = Kappa(None if value is None else Decimal(value), None, None, 50)
    assert loses_draft(kappa, Decimal("0.40")) is loses


def test_strictness_is_not_fooled_by_the_mix_of_calls() -> None:
    """Pavel hears the hard calls only, Olga the easy ones too; on the same kind both give the same."""
    scored = [Scored("olga", "easy", Decimal(90))] * 10 + [Scored("rita", "easy", Decimal(90))] * 10
    scored += [Scored("olga", "hard", Decimal(50))] * 5 + [Scored("pavel", "hard", Decimal(50))] * 10
    assert {name: each.shift for name, each in strictness(scored).items()} == {
        "olga": Decimal("0.00"),
        "pavel": Decimal("0.00"),
        "rita": Decimal("0.00"),
    }


def test_strictness_of_a_strict_one() -> None:
    scored = [Scored("olga", "x", Decimal(80))] * 5 + [Scored("pavel", "x", Decimal(60))] * 5
    assert strictness(scored)["pavel"].shift == Decimal("-20.00")
