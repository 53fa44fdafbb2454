"""Takes a filled checklist into the person's evaluation: only what changed, each criterion by itself, all or none."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from starlette.datastructures import FormData

from services.review.domain.calls import CallType
from services.review.domain.evaluation import Decision, Evaluation, EvaluationKind, Verdict
from services.review.domain.people import Viewer
from services.review.handlers.evaluating import (
    Said,
    change_type,
    decide_criterion,
    finish,
    recommend,
    shown_draft,
)
from services.review.handlers.refusals import BadInput
from services.review.ports.stores import Work
from services.review.web.pages.routing import text as text_of
from services.review.web.pages.routing import version


@dataclass(frozen=True)
class Sheet:
    """What the form says: the evaluation and version it was made from, choices and comments by criterion."""

    evaluation_id: str
    version: int
    kind: CallType | None
    choices: dict[str, str]
    comments: dict[str, str]
    seen: frozenset[str]
    recommendation: str


def read_sheet(fields: FormData) -> Sheet:
    """The form of the call page. Raises BadInput."""
    kind = text_of(fields, "kind")
    return Sheet(
        evaluation_id=text_of(fields, "evaluation_id")[:128],
        version=version(fields),
        kind=CallType(kind) if kind in set(CallType) else None,
        choices={criterion: choice for criterion, choice in _under(fields, "score.").items() if choice},
        comments=_under(fields, "comment."),
        seen=frozenset(name.removeprefix("seen.") for name in fields if name.startswith("seen.")),
        recommendation=text_of(fields, "recommendation"),
    )


def _under(fields: FormData, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): text_of(fields, name) for name in fields if name.startswith(prefix)}


def take_in(work: Work, viewer: Viewer, sheet: Sheet) -> tuple[int, Evaluation | None]:
    """Stores what differs from the evaluation; gives its version after that, and the evaluation when it changed.

    Raises whatever the handlers raise: BadInput, BadState, Outrun, NotFound.
    """
    held = work.evaluations.load(sheet.evaluation_id)
    at, after = sheet.version, None
    if held is not None and sheet.kind is not None and sheet.kind is not held.call_type:
        after = change_type(work, viewer, sheet.evaluation_id, at, sheet.kind)
        at = after.version
    current = after or held
    for criterion, choice in sheet.choices.items():
        said = _said(work, current, criterion, choice, sheet) if current is not None else None
        if said is not None:
            after = decide_criterion(work, viewer, sheet.evaluation_id, at, criterion, said)
            at = after.version
    if held is None or sheet.recommendation.strip() != held.recommendation:
        after = recommend(work, viewer, sheet.evaluation_id, at, sheet.recommendation)
        at = after.version
    return at, after or held


def end(work: Work, viewer: Viewer, sheet: Sheet) -> EvaluationKind | None:
    """Stores the sheet and finishes the evaluation; its kind. Raises ConditionUnmet when something is undecided."""
    at, evaluation = take_in(work, viewer, sheet)
    finish(work, viewer, sheet.evaluation_id, at)
    return evaluation.kind if evaluation else None


def _said(work: Work, held: Evaluation, criterion: str, choice: str, sheet: Sheet) -> Said | None:
    """What the form says about a criterion, None when it is what is stored already or does not apply to the type."""
    item = held.card.item(criterion)
    if item is None or item not in held.card.applying(held.call_type):
        return None
    verdict, score = _decided(choice)
    comment = sheet.comments.get(criterion, "").strip()
    before = held.decisions.get(criterion)
    if before is not None and _same(before, verdict, score, comment):
        return None
    draft = shown_draft(work, held, criterion)
    seen = criterion in sheet.seen and draft is not None
    accepted = seen and draft is not None and (draft.verdict, draft.score) == (verdict, score)
    return Said(verdict=verdict, score=score, comment=comment, seen_draft=seen, accept_draft=accepted)


def _same(before: Decision, verdict: Verdict, score: Decimal | None, comment: str) -> bool:
    return (before.verdict, before.score, before.comment) == (verdict, score, comment)


def _decided(choice: str) -> tuple[Verdict, Decimal | None]:
    return (Verdict.NOT_APPLICABLE, None) if choice == "na" else (Verdict.SCORED, score_of(choice))


def score_of(text: str) -> Decimal:
    """A score as the form writes it. Raises BadInput."""
    try:
        return Decimal(text)
    except InvalidOperation as wrong:
        raise BadInput("bad_score", "That is no score.") from wrong
