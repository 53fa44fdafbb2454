"""A person's evaluation of a call beside the machine's draft; both are kept (domain.md §3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from services.review.domain.calls import CallType

ZERO = Decimal(0)
ONE = Decimal(1)
STEPS = (Decimal(0), Decimal("0.5"), Decimal(1))
PERCENT_STEP = Decimal("0.01")


class Verdict(StrEnum):
    """What is said about a criterion. A person says one of the first two; the others are the machine's."""

    SCORED = "scored"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"
    FOR_PERSON = "for_person"


class EvaluationKind(StrEnum):
    """What the evaluation is for. `second` is the double-scored share: compared, never counted."""

    COUNTED = "counted"
    ADVICE = "advice"
    UNCOUNTED = "uncounted"
    SECOND = "second"


@dataclass(frozen=True)
class Wording:
    """How a scorecard words an item, by language: its name, its block's name, the rule of each score (`1`, `na`, …)."""

    label: Mapping[str, str] = field(default_factory=dict)
    block: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


UNWORDED = Wording()


@dataclass(frozen=True)
class Item:
    """One criterion of a scorecard version: its weight for each call type, the scores it knows, what fails the call."""

    criterion: str
    weights: Mapping[CallType, Decimal]
    block: str | None = None
    steps: tuple[Decimal, ...] = STEPS
    fails_at: Decimal | None = None  # a score at or below it fails the whole call
    wording: Wording = UNWORDED

    def weight(self, call_type: CallType) -> Decimal | None:
        """Its weight for the type; None when nobody told. Zero: it does not apply to the type."""
        return self.weights.get(call_type)


@dataclass(frozen=True)
class Card:
    """A version of a scorecard as the drafts told it."""

    card_id: str
    version: str
    items: tuple[Item, ...]

    def item(self, criterion: str) -> Item | None:
        return next((item for item in self.items if item.criterion == criterion), None)

    def knows(self, call_type: CallType) -> bool:
        """Whether the weights of this type are known for every criterion (spam needs none)."""
        return call_type is CallType.SPAM or all(item.weight(call_type) is not None for item in self.items)

    def applying(self, call_type: CallType) -> tuple[Item, ...]:
        """The criteria that a person has to decide for a call of this type."""
        if call_type is CallType.SPAM:
            return ()
        return tuple(item for item in self.items if (item.weight(call_type) or ZERO) > 0)


@dataclass(frozen=True)
class DraftScore:
    """What the machine proposes for one criterion."""

    criterion: str
    verdict: Verdict
    score: Decimal | None
    confidence: Decimal


@dataclass(frozen=True)
class Draft:
    """A machine's draft: what review needs of a `call-scored` event."""

    draft_id: str
    call_id: str
    revision: int
    call_type: CallType
    cqr: Decimal | None
    card: Card
    scores: Mapping[str, DraftScore]
    remarkable: tuple[str, ...] = ()
    red_flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """What a person decided about one criterion, and whether he had seen the draft and took it over."""

    criterion: str
    verdict: Verdict
    score: Decimal | None
    comment: str = ""
    seen_draft: bool = False
    accepted_draft: bool = False


@dataclass(frozen=True)
class Evaluation:
    """A person's evaluation, open until finished. `version` grows with every change of it."""

    evaluation_id: str
    call_id: str
    kind: EvaluationKind
    evaluator_id: str
    seller_id: str | None
    blind: bool
    call_type: CallType
    card: Card
    started_at: datetime
    draft_id: str | None = None
    draft_cqr: Decimal | None = None
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    recommendation: str = ""
    finished_at: datetime | None = None
    listening_ms: int = 0
    version: int = 1

    @property
    def cqr(self) -> Decimal | None:
        """The rate as far as it is decided."""
        return call_quality_rate(self.card, self.call_type, self.decisions.values())

    @property
    def undecided(self) -> tuple[str, ...]:
        """Criteria that apply to the type and are not decided yet, in the card's order."""
        return tuple(
            item.criterion for item in self.card.applying(self.call_type) if item.criterion not in self.decisions
        )

    def deciding(self, decision: Decision) -> Evaluation:
        """With one criterion decided (again)."""
        decisions = {**self.decisions, decision.criterion: decision}
        return replace(self, decisions=decisions, version=self.version + 1)

    def of_type(self, call_type: CallType) -> Evaluation:
        """With another call type: the weights change, what was decided stays, the rate follows."""
        return replace(self, call_type=call_type, version=self.version + 1)


class ScoreFault(StrEnum):
    """Why a decision about a criterion cannot stand."""

    UNKNOWN_CRITERION = "unknown_criterion"
    NOT_FOR_TYPE = "not_for_type"
    BAD_SCORE = "bad_score"
    DRAFT_NOT_SEEN = "draft_not_seen"
    NO_DRAFT = "no_draft"
    DRAFT_DIFFERS = "draft_differs"


def fault_of(evaluation: Evaluation, decision: Decision, draft: DraftScore | None) -> ScoreFault | None:
    """What is wrong with a decision, or None. `draft` is what the evaluator is shown: None when hidden or absent.

    A draft is taken over criterion by criterion, only where the person says that he saw it, and only as it stands.
    """
    item = evaluation.card.item(decision.criterion)
    if item is None:
        return ScoreFault.UNKNOWN_CRITERION
    if item not in evaluation.card.applying(evaluation.call_type):
        return ScoreFault.NOT_FOR_TYPE
    if decision.verdict is Verdict.SCORED and decision.score not in item.steps:
        return ScoreFault.BAD_SCORE
    if decision.verdict is Verdict.NOT_APPLICABLE and decision.score is not None:
        return ScoreFault.BAD_SCORE
    if decision.verdict not in (Verdict.SCORED, Verdict.NOT_APPLICABLE):
        return ScoreFault.BAD_SCORE
    return _draft_fault(decision, draft) if decision.accepted_draft else None


def _draft_fault(decision: Decision, draft: DraftScore | None) -> ScoreFault | None:
    if draft is None or draft.verdict not in (Verdict.SCORED, Verdict.NOT_APPLICABLE):
        return ScoreFault.NO_DRAFT
    if not decision.seen_draft:
        return ScoreFault.DRAFT_NOT_SEEN
    if (draft.verdict, draft.score) != (decision.verdict, decision.score):
        return ScoreFault.DRAFT_DIFFERS
    return None


def call_quality_rate(card: Card, call_type: CallType, decisions: Iterable[Decision]) -> Decimal | None:
    """CQR = 100 · Σ(weight · score) / Σ(weight) over what applies, two decimals, half up; None for spam or nothing.

    A score at or below an item's `fails_at` fails the whole call: 0.
    """
    if call_type is CallType.SPAM:
        return None
    items = {item.criterion: item for item in card.applying(call_type)}
    points, possible, failed = ZERO, ZERO, False
    for decision in decisions:
        item = items.get(decision.criterion)
        if item is None or decision.score is None or decision.verdict is not Verdict.SCORED:
            continue
        weight = item.weight(call_type) or ZERO
        points += weight * decision.score
        possible += weight
        failed = failed or (item.fails_at is not None and decision.score <= item.fails_at)
    if possible == 0:
        return None
    return ZERO.quantize(PERCENT_STEP) if failed else percent(points, possible)


def percent(part: Decimal, whole: Decimal) -> Decimal:
    """Share in percent, two decimals, half up."""
    return (100 * part / whole).quantize(PERCENT_STEP, rounding=ROUND_HALF_UP)
