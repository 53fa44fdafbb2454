"""The criteria by code, in the rubric's order: each a module with `CODE`, `rule` and `reason`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType

from services.score.domain.criteria import (
    client_name,
    closing_push,
    consultation_time,
    correct_information,
    crm_card,
    farewell,
    feedback_applied,
    greeting,
    initiative,
    listening,
    next_step,
    objection_handling,
    politeness,
    problem_definition,
    product_story,
    speech_clarity,
)
from services.score.domain.criteria.finding import Finding, Scene
from services.score.domain.draft import Reason


@dataclass(frozen=True)
class Criterion:
    """A criterion's rule and the sentence it gives its score."""

    code: str
    rule: Callable[[Scene], Finding]
    reason: Callable[[Scene, Decimal | None], Reason]


def _criterion(module: ModuleType) -> Criterion:
    return Criterion(code=module.CODE, rule=module.rule, reason=module.reason)


CRITERIA: dict[str, Criterion] = {
    c.code: c
    for c in map(
        _criterion,
        (
            greeting,
            client_name,
            problem_definition,
            product_story,
            objection_handling,
            initiative,
            closing_push,
            next_step,
            farewell,
            listening,
            speech_clarity,
            politeness,
            correct_information,
            feedback_applied,
            crm_card,
            consultation_time,
        ),
    )
}
