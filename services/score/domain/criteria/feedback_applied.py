"""Feedback applied: the rounded mean of the seller's open growth zones on this call; no open zone does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from services.score.domain.criteria.finding import Finding, Scene
from services.score.domain.criteria.objection_handling import mean_score
from services.score.domain.draft import Reason

CODE = "feedback_applied"


def from_zones(zones: tuple[str, ...], scores: Mapping[str, Decimal]) -> Decimal | None:
    """The rounded mean over the zones that have a score on this call."""
    return mean_score([scores[z] for z in zones if z in scores])


def rule(scene: Scene) -> Finding:
    """Needs the other criteria's scores: the drafter fills it in last with `from_zones`."""
    del scene
    return Finding(None)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """Whether there were zones, and how they went."""
    zones = len(scene.reading.dialogue.growth_zones)
    if score is None:
        return Reason(
            "Открытых зон роста, видимых в этом звонке, нет.", "No open growth zone could be seen in this call."
        )
    return Reason(
        f"По открытым зонам роста ({zones}) средняя оценка звонка {score}.",
        f"The open growth zones ({zones}) average {score} on this call.",
    )
