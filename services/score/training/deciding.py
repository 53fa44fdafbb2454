"""Decisions from predictions that are already there: dials by the other authors, and a drafter without models."""

from __future__ import annotations

from collections.abc import Sequence

from services.score.adapters.decide import Dials
from services.score.adapters.drafter import Decider
from services.score.adapters.heads import Prediction
from services.score.training.dials import choose_dials
from services.score.training.fit import Lesson


def dials_without(author: str, lesson: Lesson, predictions: Sequence[Prediction]) -> Dials:
    """The dials chosen on every author but one."""
    keep = [i for i, a in enumerate(lesson.authors) if a != author]
    return choose_dials(
        [lesson.prepared[i] for i in keep], [predictions[i] for i in keep], [lesson.gold[i] for i in keep]
    )


def deciders(lesson: Lesson, predictions: Sequence[Prediction]) -> dict[str, Decider]:
    """For each author a decider whose dials were chosen without him."""
    return {a: Decider(dials_without(a, lesson, predictions), "by-author") for a in sorted(set(lesson.authors))}
