"""Next step: who does what and when, said aloud, is 1; vague 0.5; none, or a refusal taken at the end, 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import CallType, Reason

CODE = "next_step"
_LAST = 5
_REASONS = {
    ONE: ("Договорились, кто, что и когда делает.", "Agreed who does what and when."),
    HALF: ("Следующий шаг назван без срока или ответственного.", "The next step is vague: no time, or nobody named."),
    ZERO: ("О следующем шаге не договорились.", "No next step was agreed."),
}


def rule(scene: Scene) -> Finding:
    """Looks at the seller's last turns for an action with a time."""
    if scene.call_type is CallType.SPAM:
        return finding(None)
    closing = scene.reading.seller[-_LAST:]
    concrete = [t for t in closing if t.has("time") and t.has("action", "commit")]
    refused = sum(t.has("no") for t in scene.reading.client[-3:]) >= 2
    if concrete and not refused:
        return finding(ONE, concrete)
    vague = [t for t in closing if t.has("action", "vague")]
    return finding(HALF, vague) if vague and not refused else finding(ZERO)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("В спам-звонке договариваться не о чем.", "A spam call has no next step.")
    return reason_for(_REASONS, score)
