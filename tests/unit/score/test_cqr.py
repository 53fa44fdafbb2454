"""The rate: the formula by hand, and what must hold however scores and weights fall."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.cqr import NO_CQR, call_quality_rate
from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType
from services.score.domain.scorecard import HALF, ONE, SCORED_TYPES, ZERO, BadScore, Scorecard

CARD = ready_scorecard()
CODES = [criterion.code for criterion in CARD.criteria]
TYPES = st.sampled_from(SCORED_TYPES)
SCORES = st.dictionaries(st.sampled_from(CODES), st.sampled_from([ZERO, HALF, ONE, None]), min_size=1)


def scaled(card: Scorecard, factor: Decimal) -> Scorecard:
    blocks = tuple(
        replace(
            block,
            criteria=tuple(
                replace(item, weights={kind: weight * factor for kind, weight in item.weights.items()})
                for item in block.criteria
            ),
        )
        for block in card.blocks
    )
    return replace(card, blocks=blocks)


def failing(card: Scorecard, code: str, at: Decimal) -> Scorecard:
    blocks = tuple(
        replace(
            block,
            criteria=tuple(replace(item, auto_fail_at=at) if item.code == code else item for item in block.criteria),
        )
        for block in card.blocks
    )
    return replace(card, blocks=blocks)


def test_the_formula_by_hand() -> None:
    scores = {"greeting": ONE, "problem_definition": HALF, "objection_handling": ZERO, "farewell": None}
    rate = call_quality_rate(CARD, CallType.QUALIFICATION, scores)
    assert (rate.percent, rate.points, rate.points_possible) == (Decimal("41.67"), Decimal("2.5"), Decimal(6))
    rate = call_quality_rate(CARD, CallType.OBJECTION, scores)
    assert (rate.percent, rate.points, rate.points_possible) == (Decimal("28.57"), Decimal(2), Decimal(7))


def test_spam_has_no_rate() -> None:
    assert call_quality_rate(CARD, CallType.SPAM, {"greeting": ONE}) == NO_CQR


@pytest.mark.parametrize("scores", [{}, {"greeting": None}])
def test_without_anything_that_applies_there_is_no_rate(scores: dict[str, None]) -> None:
    assert call_quality_rate(CARD, CallType.OBJECTION, scores) == NO_CQR


def test_an_item_of_another_department_leaves_both_sums() -> None:
    scores = {"greeting": ONE, "consultation_time": ZERO}
    sales = call_quality_rate(CARD, CallType.OBJECTION, scores, DepartmentKind.SALES)
    centre = call_quality_rate(CARD, CallType.OBJECTION, scores, DepartmentKind.CALL_CENTER)
    assert (sales.percent, centre.percent) == (Decimal("50.00"), Decimal("100.00"))


def test_an_auto_failing_score_fails_the_whole_call() -> None:
    card = failing(CARD, "politeness", ZERO)
    scores = dict.fromkeys(CODES, ONE)
    assert call_quality_rate(card, CallType.OBJECTION, scores).percent == Decimal("100.00")
    failed = call_quality_rate(card, CallType.OBJECTION, {**scores, "politeness": ZERO})
    assert (failed.percent, failed.points, failed.failed_by) == (Decimal("0.00"), ZERO, ("politeness",))
    half = call_quality_rate(card, CallType.OBJECTION, {**scores, "politeness": HALF})
    assert half.failed_by == ()


@pytest.mark.parametrize("score", [Decimal("-0.5"), Decimal("1.01"), Decimal(5)])
def test_a_score_outside_is_refused(score: Decimal) -> None:
    with pytest.raises(BadScore):
        call_quality_rate(CARD, CallType.OBJECTION, {"greeting": score})


def test_a_code_that_the_card_has_not_is_refused() -> None:
    with pytest.raises(KeyError):
        call_quality_rate(CARD, CallType.OBJECTION, {"charm": ONE})


@settings(max_examples=50, deadline=None)
@given(TYPES, SCORES)
def test_the_rate_is_the_exact_share_rounded_half_up(kind: CallType, scores: dict[str, Decimal | None]) -> None:
    rate = call_quality_rate(CARD, kind, scores)
    given_scores = {code: score for code, score in scores.items() if score is not None}
    if not given_scores:
        assert rate == NO_CQR
        return
    weights = {code: Fraction(CARD.criterion(code).weight(kind)) for code in given_scores}
    share = 100 * sum(weights[code] * Fraction(score) for code, score in given_scores.items()) / sum(weights.values())
    assert rate.percent == Decimal((share * 100 + Fraction(1, 2)).__floor__()) / 100


@settings(max_examples=50, deadline=None)
@given(TYPES, SCORES)
def test_a_better_score_never_lowers_the_rate(kind: CallType, scores: dict[str, Decimal | None]) -> None:
    before = call_quality_rate(CARD, kind, scores).percent
    for code, score in scores.items():
        if score is not None and score < ONE and before is not None:
            after = call_quality_rate(CARD, kind, {**scores, code: score + HALF}).percent
            assert after is not None
            assert after >= before


@settings(max_examples=50, deadline=None)
@given(TYPES, SCORES)
def test_leaving_an_item_out_is_the_same_as_saying_that_it_does_not_apply(
    kind: CallType, scores: dict[str, Decimal | None]
) -> None:
    applying = {code: score for code, score in scores.items() if score is not None}
    assert call_quality_rate(CARD, kind, scores) == call_quality_rate(CARD, kind, applying)


@settings(max_examples=50, deadline=None)
@given(TYPES, SCORES, st.sampled_from([Decimal("0.5"), Decimal(3), Decimal("7.25")]))
def test_all_weights_times_a_factor_change_points_and_not_the_rate(
    kind: CallType, scores: dict[str, Decimal | None], factor: Decimal
) -> None:
    before, after = call_quality_rate(CARD, kind, scores), call_quality_rate(scaled(CARD, factor), kind, scores)
    assert before.percent == after.percent
    assert after.points == (None if before.points is None else before.points * factor)


@settings(max_examples=50, deadline=None)
@given(TYPES, st.sampled_from([ZERO, HALF, ONE]))
def test_the_same_score_everywhere_is_the_rate(kind: CallType, score: Decimal) -> None:
    assert call_quality_rate(CARD, kind, dict.fromkeys(CODES, score)).percent == score * 100


@settings(max_examples=50, deadline=None)
@given(TYPES, SCORES)
def test_the_order_of_the_scores_is_of_no_account(kind: CallType, scores: dict[str, Decimal | None]) -> None:
    turned = dict(reversed(scores.items()))
    assert call_quality_rate(CARD, kind, turned) == call_quality_rate(CARD, kind, scores)
