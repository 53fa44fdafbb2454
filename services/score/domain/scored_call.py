"""A draft held against its scorecard: scores on the card's scales, the rate, and what is remarkable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.score.domain.cqr import Cqr, call_quality_rate
from services.score.domain.dialogue import DepartmentKind, Dialogue
from services.score.domain.draft import AskedItem, CriterionDraft, Draft, Reason, Verdict
from services.score.domain.forbidden_phrases import with_forbidden
from services.score.domain.remarkable import Remark, remarks
from services.score.domain.scorecard import Criterion, JudgedBy, Scorecard

CERTAIN = Decimal(1)
UNKNOWN = Decimal(0)
OTHER_DEPARTMENT = Reason(ru="Пункт для другого вида отдела.", en="The item is for another kind of department.")
FOR_A_PERSON = Reason(ru="Этот пункт оценивает человек.", en="A person scores this item.")
NOT_DRAFTED = Reason(ru="Черновик для этого пункта не составлен.", en="No draft was made for this item.")


@dataclass(frozen=True)
class ScoredCall:
    """The machine's whole evaluation of one call; `draft.criteria` stand in the card's order."""

    scorecard_id: str
    scorecard_version: str
    draft: Draft
    cqr: Cqr
    remarks: tuple[Remark, ...]


def asked_items(scorecard: Scorecard) -> tuple[AskedItem, ...]:
    """What the drafter is asked for, in the card's order: a built-in rule by its code, a firm's own item by phrases."""
    return tuple(
        AskedItem(criterion.rule or criterion.code, criterion.phrases.examples) for criterion in scorecard.criteria
    )


def scored_call(draft: Draft, scorecard: Scorecard, dialogue: Dialogue, quality: str) -> ScoredCall:
    """The draft with the card's codes, scales and totals; `draft.criteria` answer `asked_items` one for one."""
    by_rule = {item.criterion: item for item in draft.criteria}
    answers = [
        _on_card(criterion, by_rule.get(criterion.rule or criterion.code), dialogue.department_kind)
        for criterion in scorecard.criteria
    ]
    capped = with_forbidden(answers, scorecard, dialogue, draft.call_type)
    criteria = tuple(
        replace(item, score=scorecard.criterion(item.criterion).scale.snap(item.score))
        if item.score is not None
        else item
        for item in capped
    )
    fitted = replace(draft, criteria=criteria)
    rate = call_quality_rate(scorecard, fitted.call_type, scores_of(criteria), dialogue.department_kind)
    found = remarks(fitted, rate, scorecard, dialogue, quality)
    return ScoredCall(scorecard.id, scorecard.version, fitted, rate, found)


def scores_of(criteria: Sequence[CriterionDraft]) -> Mapping[str, Decimal | None]:
    """Scores by code; None where there is none."""
    return {item.criterion: item.score if item.verdict is Verdict.SCORED else None for item in criteria}


def _on_card(criterion: Criterion, item: CriterionDraft | None, department: DepartmentKind | None) -> CriterionDraft:
    if department is not None and department not in criterion.departments:
        return CriterionDraft(criterion.code, Verdict.NOT_APPLICABLE, None, CERTAIN, (), OTHER_DEPARTMENT)
    if criterion.judged_by is JudgedBy.PERSON and criterion.rule is None:
        return CriterionDraft(criterion.code, Verdict.FOR_PERSON, None, UNKNOWN, (), FOR_A_PERSON)
    if item is None:
        return CriterionDraft(criterion.code, Verdict.FOR_PERSON, None, UNKNOWN, (), NOT_DRAFTED)
    return replace(item, criterion=criterion.code)
