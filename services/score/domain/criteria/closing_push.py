"""Closing: asks for a commitment, and again or otherwise after a hesitation, is 1; once 0.5; never 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import CallType, Reason
from services.score.domain.reading import TurnReading

CODE = "closing_push"
_REASONS = {
    ONE: (
        "Попросил о решении, а на колебание предложил ещё раз или иначе.",
        "Asked for a commitment, and once more or otherwise after a hesitation.",
    ),
    HALF: ("Попросил о решении один раз, без второй попытки.", "Asked for a commitment once, without a second try."),
    ZERO: ("О решении не попросил.", "Never asked for a commitment."),
}


def rule(scene: Scene) -> Finding:
    """Counts asks for a meeting, order, payment or visit; one ask that the client takes at once is enough."""
    if scene.call_type is CallType.SPAM:
        return finding(None)
    asks = asks_for_commitment(scene)
    if not asks:
        return finding(ZERO)
    after = scene.reading.after(asks[-1])
    taken = after is not None and after.has("yes") and not after.has("no")
    return finding(ONE if len(asks) >= 2 or taken else HALF, asks)


def asks_for_commitment(scene: Scene) -> list[TurnReading]:
    """Seller's turns that ask the client to commit himself."""
    late = len(scene.reading.turns) * 0.3
    return [
        t
        for t in scene.reading.seller
        if t.index >= late and t.has("commit", "ask_when") and (t.questions or t.has("propose"))
    ]


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("Просить о решении было не о чем.", "There was nothing to close.")
    return reason_for(_REASONS, score)
