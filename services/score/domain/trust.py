"""When a transcript's own doubts forbid a verdict: what cannot be believed is never a failure of the seller."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.score.domain.reading import Reading, TurnReading

_DOUBTFUL_SHARE = 0.25
_OPENING, _CLOSING = 2, 3


def cannot_tell(reading: Reading, criterion: str, score: Decimal | None, evidence: Sequence[int]) -> bool:
    """Whether a verdict rests on untrusted stretches.

    True when most of what shows the score is untrusted; or when less than full marks (or "does not apply") are given
    with no trusted evidence while the place to look, or a quarter of the seller's turns, is untrusted.
    """
    doubtful = [i for i in evidence if not reading.turns[i].trusted]
    if evidence and 2 * len(doubtful) > len(evidence):
        return True
    if score == 1 or len(doubtful) < len(evidence):
        return False
    if any(not t.trusted for t in _place(reading, criterion)):
        return True
    untrusted = sum(not t.trusted for t in reading.seller)
    return not evidence and untrusted > _DOUBTFUL_SHARE * max(1, len(reading.seller))


def _place(reading: Reading, criterion: str) -> Sequence[TurnReading]:
    """Where the criterion is looked for, when it has a place of its own."""
    if criterion == "greeting":
        return reading.seller[:_OPENING]
    if criterion in ("farewell", "next_step"):
        return reading.seller[-_CLOSING:]
    return ()
