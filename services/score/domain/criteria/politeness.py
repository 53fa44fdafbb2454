"""Politeness: polite throughout is 1; curt or irritated 0.5; an insult, mockery or profanity 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import FlagKind, Reason

CODE = "politeness"
_REASONS = {
    ONE: ("Был вежлив на протяжении всего разговора.", "Polite throughout."),
    HALF: ("Говорил резко или с раздражением.", "Curt or irritated."),
    ZERO: ("Допустил грубость, насмешку или брань.", "Rude, mocking or profane."),
}


def rule(scene: Scene) -> Finding:
    """A red flag of rudeness or profanity makes 0; curt turns make 0.5; a flag spoken politely leaves 1."""
    rude = [f.turn for f in scene.red_flags if f.kind in (FlagKind.RUDENESS, FlagKind.PROFANITY)]
    if rude:
        return Finding(ZERO, tuple(sorted(set(rude))))
    curt = [t for t in scene.reading.seller if t.has("curt", "mock")]
    if curt:
        return finding(HALF, curt)
    return finding(ONE, [t for t in scene.reading.seller if t.has("please", "thanks")][:4])


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    return reason_for(_REASONS, ZERO if score is None else score)
