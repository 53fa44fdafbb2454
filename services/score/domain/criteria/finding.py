"""What a criterion's rule looks at and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.score.domain.draft import CallType, ObjectionDraft, Reason, RedFlagDraft
from services.score.domain.reading import Reading, TurnReading

ZERO, HALF, ONE = Decimal(0), Decimal("0.5"), Decimal(1)


@dataclass(frozen=True)
class Scene:
    """A dialogue as read, and what was found in it before the criteria."""

    reading: Reading
    call_type: CallType
    objections: tuple[ObjectionDraft, ...]
    red_flags: tuple[RedFlagDraft, ...]


@dataclass(frozen=True)
class Finding:
    """A rule's answer: `score` is None when the occasion did not arise; `turns` are what shows it."""

    score: Decimal | None
    turns: tuple[int, ...] = ()


def finding(score: Decimal | None, turns: Iterable[TurnReading] = ()) -> Finding:
    """A finding from the turns that show it, each once, in order."""
    return Finding(score, tuple(sorted({t.index for t in turns})))


def reason_for(reasons: Mapping[Decimal, tuple[str, str]], score: Decimal) -> Reason:
    """The sentence pair of a score."""
    ru, en = reasons[score]
    return Reason(ru, en)
