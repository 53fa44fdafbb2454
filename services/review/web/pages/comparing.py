"""A call that two people scored without knowing of each other: their marks beside the machine's, row by row."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from services.review.domain import views
from services.review.domain.evaluation import STEPS, Verdict
from services.review.web.pages.view_models import Compared, Comparison, choices_of, plain

CHOICES = (Verdict.SCORED, Verdict.NOT_APPLICABLE)


def value_of(verdict: Verdict, score: Decimal | None) -> str:
    """A decision as the form says it: `na` or the score as plain text."""
    return "na" if verdict is not Verdict.SCORED or score is None else plain(score)


def compared(seen: views.CallView, name_of: Callable[[views.ScoreView], str]) -> Comparison | None:
    """The comparison, None where there is only one evaluation or the viewer may see one only."""
    first, second = seen.evaluation, seen.second
    if first is None or second is None:
        return None
    proposals = {row.criterion: row for row in (seen.draft.criteria if seen.draft else ())}
    others = {row.criterion: row for row in second.scores}
    rows = [_row(row, others.get(row.criterion), proposals.get(row.criterion), name_of(row)) for row in first.scores]
    return Comparison(
        first=first.evaluator_name or first.evaluator_id,
        second=second.evaluator_name or second.evaluator_id,
        rows=tuple(rows),
        first_cqr=first.cqr,
        second_cqr=second.cqr,
        machine_cqr=seen.draft.cqr if seen.draft else None,
    )


def _row(
    first: views.ScoreView, second: views.ScoreView | None, proposal: views.DraftCriterion | None, name: str
) -> Compared:
    proposed = None
    if proposal is not None and proposal.verdict in CHOICES:
        proposed = value_of(proposal.verdict, proposal.score)
    return Compared(
        code=first.criterion,
        name=name,
        machine=proposed,
        first=_decided(first),
        second=_decided(second),
        choices=choices_of(first.steps or STEPS),
        comments=tuple(each.comment for each in (first, second) if each is not None and each.comment),
    )


def _decided(row: views.ScoreView | None) -> str | None:
    return None if row is None or row.verdict is None else value_of(row.verdict, row.score)
