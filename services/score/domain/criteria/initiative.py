"""Initiative: leads and proposes the next move himself is 1; proposes once 0.5; only answers 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import Reason
from services.score.domain.reading import TurnReading

CODE = "initiative"
_REASONS = {
    ONE: (
        "Вёл разговор: спрашивал и сам предлагал следующий шаг.",
        "Led the call: asked, and proposed the next move himself.",
    ),
    HALF: (
        "Предложил один раз или только спрашивал; остальное время отвечал.",
        "Proposed once, or only asked; otherwise answered.",
    ),
    ZERO: ("Только отвечал на вопросы клиента.", "Only answered the client."),
}


def rule(scene: Scene) -> Finding:
    """Counts the seller's questions and own proposals."""
    reading = scene.reading
    moves = proposals(scene)
    asks = [t for t in reading.seller if t.questions and t.index > 0]
    if len(moves) >= 2 and asks:
        return finding(ONE, [*moves, *asks[:3]])
    if moves or len(asks) >= 2:
        return finding(HALF, moves or asks)
    return finding(ZERO)


def proposals(scene: Scene) -> list[TurnReading]:
    """Seller's turns that propose a move of his own, not an echo of the client's."""
    return [t for t in scene.reading.seller if t.has("propose") and t.has("commit", "time", "ask_when", "action")]


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    return reason_for(_REASONS, ZERO if score is None else score)
