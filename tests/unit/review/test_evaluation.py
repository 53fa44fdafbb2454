"""Scores of a person: the rate, auto-fail, types, and drafts that are taken over only where they were seen."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.calls import CallType
from services.review.domain.evaluation import (
    Card,
    Decision,
    DraftScore,
    Evaluation,
    EvaluationKind,
    Item,
    ScoreFault,
    Verdict,
    call_quality_rate,
    fault_of,
)

Q, OBJ = CallType.QUALIFICATION, CallType.OBJECTION
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def item(criterion: str, qualification: str, objection: str, fails_at: str | None = None) -> Item:
    weights = {Q: Decimal(qualification), OBJ: Decimal(objection)}
    return Item(criterion, weights, fails_at=None if fails_at is None else Decimal(fails_at))


CARD = Card("default", "v1", (item("greeting", "1", "1"), item("handling", "2", "4"), item("closing", "0", "3", "0")))


def scored(criterion: str, score: str | None) -> Decision:
    return Decision(
        criterion,
        Verdict.NOT_APPLICABLE if score is None else Verdict.SCORED,
        None if score is None else Decimal(score),
    )


def evaluation(*decisions: Decision, call_type: CallType = Q) -> Evaluation:
    return Evaluation(
        "e", "c", EvaluationKind.COUNTED, "olga", "marina", False, call_type, CARD, NOW,
        decisions={each.criterion: each for each in decisions},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("call_type", "scores", "rate"),
    [
        (Q, {"greeting": "1", "handling": "0.5"}, "66.67"),
        (Q, {"greeting": "1", "handling": None}, "100.00"),
        (Q, {"greeting": None, "handling": None}, None),
        (Q, {"greeting": "1", "handling": "0.5", "closing": "0"}, "66.67"),  # closing is not on the card of this type
        (OBJ, {"greeting": "1", "handling": "0.5", "closing": "1"}, "75.00"),
        (OBJ, {"greeting": "1", "handling": "1", "closing": "0"}, "0.00"),  # fails the whole call
        (CallType.SPAM, {"greeting": "1"}, None),
    ],
)
def test_rate(call_type: CallType, scores: dict[str, str | None], rate: str | None) -> None:
    decisions = [scored(criterion, score) for criterion, score in scores.items()]
    assert call_quality_rate(CARD, call_type, decisions) == (None if rate is None else Decimal(rate))


@given(
    st.lists(st.sampled_from(["0", "0.5", "1", None]), min_size=3, max_size=3),
    st.integers(min_value=2, max_value=50),
)
def test_rate_does_not_change_when_all_weights_grow_alike(scores: list[str | None], factor: int) -> None:
    card = Card("x", "v", tuple(item(each, "1", "2") for each in ("a", "b", "c")))
    grown = Card("x", "v", tuple(item(each, str(factor), str(2 * factor)) for each in ("a", "b", "c")))
    decisions = [scored(criterion, score) for criterion, score in zip("abc", scores, strict=True)]
    assert call_quality_rate(card, Q, decisions) == call_quality_rate(grown, Q, decisions)


def test_another_type_changes_weights_and_what_is_undecided() -> None:
    first = evaluation(scored("greeting", "1"), scored("handling", "0.5"))
    assert (first.undecided, first.cqr) == ((), Decimal("66.67"))
    second = first.of_type(OBJ)
    assert (second.undecided, second.cqr, second.version) == (("closing",), Decimal("60.00"), first.version + 1)


DRAFT = DraftScore("handling", Verdict.SCORED, Decimal("0.5"), Decimal("0.9"))


@pytest.mark.parametrize(
    ("decision", "draft", "fault"),
    [
        (scored("handling", "0.5"), DRAFT, None),
        (scored("handling", "1"), None, None),
        (scored("handling", None), None, None),
        (scored("handling", "0.3"), None, ScoreFault.BAD_SCORE),
        (scored("nothing", "1"), None, ScoreFault.UNKNOWN_CRITERION),
        (scored("closing", "1"), None, ScoreFault.NOT_FOR_TYPE),
        (Decision("handling", Verdict.CANNOT_TELL, None), None, ScoreFault.BAD_SCORE),
        (Decision("handling", Verdict.NOT_APPLICABLE, Decimal(1)), None, ScoreFault.BAD_SCORE),
        (Decision("handling", Verdict.SCORED, None), None, ScoreFault.BAD_SCORE),
        (Decision("handling", Verdict.SCORED, Decimal("0.5"), "", True, True), DRAFT, None),
        (Decision("handling", Verdict.SCORED, Decimal("0.5"), "", False, True), DRAFT, ScoreFault.DRAFT_NOT_SEEN),
        (Decision("handling", Verdict.SCORED, Decimal("1"), "", True, True), DRAFT, ScoreFault.DRAFT_DIFFERS),
        (Decision("handling", Verdict.SCORED, Decimal("0.5"), "", True, True), None, ScoreFault.NO_DRAFT),
    ],
)
def test_faults(decision: Decision, draft: DraftScore | None, fault: ScoreFault | None) -> None:
    assert fault_of(evaluation(), decision, draft) == fault
