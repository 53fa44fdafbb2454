"""Correct information: only a person who knows the firm's facts can judge it."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import Finding, Scene
from services.score.domain.draft import Reason

CODE = "correct_information"


def rule(scene: Scene) -> Finding:
    """No score: left to a person."""
    del scene
    return Finding(None)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """Why a person is needed."""
    del scene, score
    return Reason("Верность сведений оценивает человек.", "Whether the facts are right is for a person to say.")
