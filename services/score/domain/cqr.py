"""The call quality rate: CQR = 100 · Σ(weight · score) / Σ(weight) over the items that apply (domain.md §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType
from services.score.domain.scorecard import ONE, ZERO, BadScore, Scorecard

PERCENT_STEP = Decimal("0.01")


@dataclass(frozen=True)
class Cqr:
    """A rate in percent (two decimals) and in points; all None when the call has no rate."""

    percent: Decimal | None
    points: Decimal | None
    points_possible: Decimal | None
    failed_by: tuple[str, ...] = ()  # items that failed the whole call


NO_CQR = Cqr(None, None, None)


def call_quality_rate(
    scorecard: Scorecard,
    call_type: CallType,
    scores: Mapping[str, Decimal | None],
    department: DepartmentKind | None = None,
) -> Cqr:
    """The rate of a call of this type from its scores by criterion code, each 0…1 or None.

    None, and an item that is missing, leaves both sums: it did not apply or nobody can tell. Spam has no rate, nor has
    a call where nothing with a weight applies. One auto-failing score makes the rate and the points 0.
    Raises BadScore for a score outside 0…1 and KeyError for a code that the card does not have.
    """
    for code, score in scores.items():
        scorecard.criterion(code)
        if score is not None and not ZERO <= score <= ONE:
            raise BadScore(f"A score lies between 0 and 1, not at {score}.")
    if call_type is CallType.SPAM:
        return NO_CQR
    points, possible = ZERO, ZERO
    failed: list[str] = []
    for criterion in scorecard.criteria:
        score = scores.get(criterion.code)
        if score is None or not criterion.applies(call_type, department):
            continue
        points += criterion.weight(call_type) * score
        possible += criterion.weight(call_type)
        if criterion.fails_call(score):
            failed.append(criterion.code)
    if possible == 0:
        return NO_CQR
    if failed:
        return Cqr(ZERO.quantize(PERCENT_STEP), ZERO, possible, tuple(failed))
    return Cqr(percent(points, possible), points, possible)


def percent(points: Decimal, possible: Decimal) -> Decimal:
    """Share in percent with two decimals, half up."""
    return (100 * points / possible).quantize(PERCENT_STEP, rounding=ROUND_HALF_UP)
