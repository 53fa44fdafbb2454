"""A scorecard as data: blocks of criteria, weights a call type, scales, auto-fail, phrases, wording (domain.md §3)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType

ZERO = Decimal(0)
HALF = Decimal("0.5")
ONE = Decimal(1)


SCORED_TYPES: tuple[CallType, ...] = (
    CallType.QUALIFICATION,
    CallType.OBJECTION,
    CallType.TRANSACTIONAL,
    CallType.REANIMATION,
)


class JudgedBy(StrEnum):
    """What a criterion is first judged by."""

    TRANSCRIPT = "transcript"
    SOUND = "sound"
    PERSON = "person"
    GROWTH_ZONES = "growth_zones"
    CRM = "crm"
    DURATION = "duration"
    PHRASES = "phrases"


class BadScore(ValueError):
    """A score that its scale does not have."""

    code: ClassVar[str] = "bad_score"


class Scale(StrEnum):
    """How a criterion is marked; every mark is kept as 0…1."""

    BINARY = "0/1"
    HALVES = "0/0.5/1"
    FIVE = "1-5"
    HUNDRED = "0-100"

    def normalise(self, mark: Decimal) -> Decimal:
        """A mark of this scale as 0…1. Raises BadScore for a mark that the scale does not have."""
        low, high, step = _SCALE_STEPS[self]
        if not low <= mark <= high or (mark - low) % step != 0:
            raise BadScore(f"The scale {self.value} has no mark {mark}.")
        return (mark - low) / (high - low)

    def snap(self, score: Decimal) -> Decimal:
        """The nearest score 0…1 that this scale can say; a half of the 0/1 scale is not done: 0."""
        if not ZERO <= score <= ONE:
            raise BadScore(f"A score lies between 0 and 1, not at {score}.")
        if self is Scale.BINARY:
            return ONE if score == ONE else ZERO
        low, high, step = _SCALE_STEPS[self]
        steps = ((score * (high - low)) / step).quantize(ONE, rounding="ROUND_HALF_UP")
        return steps * step / (high - low)

    def has_half(self) -> bool:
        """Whether a mark between the ends exists, and so needs a rule."""
        return self is not Scale.BINARY


_SCALE_STEPS: Mapping[Scale, tuple[Decimal, Decimal, Decimal]] = {
    Scale.BINARY: (ZERO, ONE, ONE),
    Scale.HALVES: (ZERO, ONE, HALF),
    Scale.FIVE: (ONE, Decimal(5), ONE),
    Scale.HUNDRED: (ZERO, Decimal(100), ONE),
}


@dataclass(frozen=True)
class Text:
    """One wording in the languages of the interface."""

    ru: str
    en: str


@dataclass(frozen=True)
class Rules:
    """When an item earns 1, 0.5 and 0, and when it does not apply, in words."""

    full: Text | None = None
    half: Text | None = None
    none: Text | None = None
    not_applicable: Text | None = None


@dataclass(frozen=True)
class Phrases:
    """How it sounds when it is done, and what must not be said."""

    examples: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Criterion:
    """One item. `weights` holds a weight for every scored call type; 0 means that the item does not count there."""

    code: str
    label: Text
    weights: Mapping[CallType, Decimal]
    judged_by: JudgedBy = JudgedBy.TRANSCRIPT
    scale: Scale = Scale.HALVES
    rule: str | None = None  # the built-in rule that drafts it; None: only by its phrases, or by a person
    not_applicable: frozenset[CallType] = frozenset()
    departments: frozenset[DepartmentKind] = frozenset(DepartmentKind)
    auto_fail_at: Decimal | None = None  # a score at or under it fails the whole call
    rules: Rules = field(default_factory=Rules)
    phrases: Phrases = field(default_factory=Phrases)

    def applies(self, call_type: CallType, department: DepartmentKind | None = None) -> bool:
        """Whether the item is on the card for this type and department; an unknown department has every item."""
        if call_type is CallType.SPAM or call_type in self.not_applicable:
            return False
        return department is None or department in self.departments

    def weight(self, call_type: CallType) -> Decimal:
        """Weight for this type, in points; 0 for spam."""
        return self.weights.get(call_type, ZERO)

    def fails_call(self, score: Decimal) -> bool:
        """Whether this score fails the whole call."""
        return self.auto_fail_at is not None and score <= self.auto_fail_at


@dataclass(frozen=True)
class Block:
    """A stage of the script with its items; its phrases belong to the stage."""

    code: str
    label: Text
    criteria: tuple[Criterion, ...]
    phrases: Phrases = field(default_factory=Phrases)


@dataclass(frozen=True)
class Thresholds:
    """From which figure on a call is remarkable (domain.md §4); all configurable."""

    good_cqr: Decimal = Decimal(80)
    low_cqr: Decimal = Decimal(50)
    low_confidence: Decimal = Decimal("0.55")  # mean over the scored items
    unhandled_objection: Decimal = ZERO  # an objection at or under it was not worked off
    consultation_minutes: int = 25


@dataclass(frozen=True)
class Scorecard:
    """A whole card. `version` is the hash of its content: another content is another version."""

    id: str
    label: Text
    blocks: tuple[Block, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Every item in the card's order."""
        return tuple(criterion for block in self.blocks for criterion in block.criteria)

    @property
    def version(self) -> str:
        """The first 16 hex digits of the SHA-256 of the content."""
        return content_hash(self)

    def criterion(self, code: str) -> Criterion:
        """The item of that code. Raises KeyError."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        raise KeyError(code)

    def block_of(self, code: str) -> Block:
        """The block that holds the item. Raises KeyError."""
        for block in self.blocks:
            if any(criterion.code == code for criterion in block.criteria):
                return block
        raise KeyError(code)


def content_hash(scorecard: Scorecard) -> str:
    """Version of a card: 16 hex digits over its canonical content, whatever the file looked like."""
    text = json.dumps(plain(scorecard), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain(value: Any) -> Any:
    """Any part of a card as JSON-ready data; figures become their shortest exact text, sets are sorted."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(plain(item) for item in value)
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
