"""Farewell: sums up or thanks, and says goodbye, is 1; a bare goodbye, or a recap without one, 0.5; breaks off 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import Reason
from services.score.domain.reading import Reading

CODE = "farewell"
_REASONS = {
    ONE: ("Поблагодарил или подвёл итог и попрощался.", "Thanked or summed up, and said goodbye."),
    HALF: (
        "Попрощался коротко, без итога и благодарности (или подвёл итог без прощания).",
        "A bare goodbye, or a summing-up without one.",
    ),
    ZERO: ("Разговор оборвал, не попрощавшись.", "Broke off without a goodbye."),
}


def rule(scene: Scene) -> Finding:
    """Looks at the seller's last two turns; a client who breaks off in mid-speech hung up."""
    if client_hung_up(scene.reading):
        return finding(None)
    closing = scene.reading.seller[-2:]
    bye = [t for t in closing if t.has("bye")]
    summed = [t for t in closing if t.has("thanks") or (t.has("sum_up") and t.has("time", "action"))]
    if bye and summed:
        return finding(ONE, [*bye, *summed])
    return finding(HALF, [*bye, *summed]) if bye or summed else finding(ZERO)


def client_hung_up(reading: Reading) -> bool:
    """Whether the call ends with the client breaking off, or with the seller calling into a dead line."""
    if not reading.turns or any(t.has("bye") for t in reading.seller[-2:]):
        return False
    last = reading.turns[-1]
    if reading.seller and last is reading.seller[-1]:
        return last.has("hang") and len(last.words) <= 8
    return last.broken_off or (last.has("no") and not last.has("thanks", "bye") and len(last.words) <= 12)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("Клиент положил трубку первым.", "The client hung up.")
    return reason_for(_REASONS, score)
