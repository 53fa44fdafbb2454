"""Red flags by rule: words a seller must never say, each with its turn."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.draft import FlagKind, RedFlagDraft
from services.score.domain.reading import Reading

FLAG_MARKS: dict[FlagKind, str] = {
    FlagKind.PROFANITY: "profane",
    FlagKind.RUDENESS: "mock",
    FlagKind.PRESSURE: "threat",
    FlagKind.FALSE_PROMISE: "promise",
    FlagKind.COMPETITOR_SLANDER: "slander",
    FlagKind.PERSONAL_DATA: "secret",
}


def find_red_flags(reading: Reading) -> tuple[RedFlagDraft, ...]:
    """The first turn of each kind whose words the seller says."""
    found: list[RedFlagDraft] = []
    for kind, mark in FLAG_MARKS.items():
        turn = next((t for t in reading.seller if t.has(mark)), None)
        if turn is not None:
            found.append(RedFlagDraft(turn.index, kind, turn.start_ms, turn.end_ms, Decimal("0.5")))
    return tuple(sorted(found, key=lambda f: (f.turn, f.kind)))
