"""Consultation time (sales): within 25 minutes is 1, up to 20 % over 0.5, more 0; no consultation does not apply."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene
from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType, Reason

CODE = "consultation_time"
NORM_MS = 25 * 60 * 1000


def rule(scene: Scene) -> Finding:
    """The talk time by the PBX against the norm."""
    dialogue = scene.reading.dialogue
    consultation = scene.call_type in (CallType.QUALIFICATION, CallType.OBJECTION)
    if dialogue.department_kind is not DepartmentKind.SALES or dialogue.talk_ms is None or not consultation:
        return Finding(None)
    if dialogue.talk_ms <= NORM_MS:
        return Finding(ONE)
    return Finding(HALF if dialogue.talk_ms * 10 <= NORM_MS * 12 else ZERO)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The minutes talked and the norm."""
    if score is None:
        return Reason("Это не консультация отдела продаж.", "This is no consultation of the sales department.")
    minutes, norm = round((scene.reading.dialogue.talk_ms or 0) / 60000), NORM_MS // 60000
    return Reason(f"Разговор {minutes} мин при норме {norm} мин.", f"{minutes} minutes talked, the norm is {norm}.")
