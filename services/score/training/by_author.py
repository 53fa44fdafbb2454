"""Leave one author out: every dialogue drafted by heads that have read nothing of its author."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.score.adapters.heads import Heads, Prediction
from services.score.adapters.prepared import Prepared
from services.score.training.fit import Effort, Lesson, fit


@dataclass(frozen=True)
class Held:
    """One author held out: the indices of his dialogues, and the heads of all the others."""

    author: str
    places: tuple[int, ...]
    heads: Heads


def hold_out(lesson: Lesson, effort: Effort, together: int = 1) -> Iterator[Held]:
    """Heads without each author in turn; `together` authors at a time is quicker and stricter."""
    authors = sorted(set(lesson.authors))
    for start in range(0, len(authors), together):
        out = set(authors[start : start + together])
        heads = fit(lesson.only([a not in out for a in lesson.authors]), effort, {})
        yield Held(", ".join(sorted(out)), tuple(i for i, a in enumerate(lesson.authors) if a in out), heads)


def predict_outside(
    lesson: Lesson,
    effort: Effort,
    variants: Sequence[Sequence[Prepared]],
    together: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> list[list[Prediction]]:
    """For each variant of the dialogues (as they are, corrupted, …) what heads say that never saw the author."""
    out: list[dict[int, Prediction]] = [{} for _ in variants]
    for held in hold_out(lesson, effort, together):
        for said, variant in zip(out, variants, strict=True):
            made = held.heads.predict([variant[i] for i in held.places])
            said.update(zip(held.places, made, strict=True))
        told(held.author)
    return [[said[i] for i in range(len(lesson.gold))] for said in out]
