"""How far the drafted CQR lies from the labelled one, on the ready scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.score.adapters.scorecard_files import ready_scorecard
from services.score.domain.cqr import call_quality_rate
from services.score.domain.draft import CallType
from services.score.domain.scorecard import Scorecard
from services.score.training.measure import Pair


def cqr_error(pairs: Sequence[Pair], card: Scorecard | None = None) -> float:
    """Mean absolute difference in points of 100, over dialogues where both have a rate; the types may differ too."""
    gaps = cqr_gaps(pairs, card)
    return sum(gaps) / len(gaps) if gaps else float("nan")


def cqr_gaps(pairs: Sequence[Pair], card: Scorecard | None = None) -> list[float]:
    """The absolute difference of each dialogue where both have a rate, in points of 100."""
    scorecard = card or ready_scorecard()
    gaps: list[float] = []
    for gold, judged in pairs:
        mine = _rate(scorecard, judged.call_type, dict(judged.scores))
        theirs = _rate(scorecard, gold.call_type, dict(gold.scores))
        if mine is not None and theirs is not None:
            gaps.append(abs(float(mine - theirs)))
    return gaps


def _rate(scorecard: Scorecard, call_type: str, scores: dict[str, float]) -> Decimal | None:
    known = {c.code for c in scorecard.criteria}
    given = {c: Decimal(str(s)) if s >= 0 else None for c, s in scores.items() if c in known}
    return call_quality_rate(scorecard, CallType(call_type), given).percent
