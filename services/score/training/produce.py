"""Making a set of heads: what was learnt, from what, and the card that says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from services.score.adapters.arrays import Arrays, Matrix, pack_texts, save
from services.score.adapters.embeddings import SentenceEncoder
from services.score.adapters.heads import FORMAT, Heads
from services.score.adapters.prepared import prepare
from services.score.domain.lexicon import Morphology
from services.score.training.dataset import Example, labelled
from services.score.training.fit import Effort, Lesson, fit

_ORDINARY = 400
PIECE = 512  # turns that are encoded between two signs of progress


@dataclass(frozen=True)
class Recipe:
    """How heads are learnt: effort, the encoder's folder if any, and the dials that go into the card."""

    effort: Effort
    encoder_folder: Path | None = None
    settings: Mapping[str, Any] | None = None


def lesson_of(examples: Sequence[Example], morphology: Morphology, encoder: SentenceEncoder | None) -> Lesson:
    """The labelled examples, prepared. Vectors that were computed are kept by the encoder."""
    known = labelled(examples)
    prepared = tuple(prepare(e.dialogue, morphology, encoder) for e, _ in known)
    if encoder is not None:
        encoder.keep()
    return Lesson(prepared, tuple(g for _, g in known), tuple(e.author for e, _ in known))


def centre_of(
    examples: Sequence[Example], encoder: SentenceEncoder, told: Callable[[str], None] = lambda _: None
) -> Matrix:
    """The mean vector of all turns, which every vector is then taken from; tells of each piece that is read."""
    texts = _turns(examples)
    total: Matrix | float = 0.0
    for start in range(0, len(texts), PIECE):
        total = total + encoder.raw(texts[start : start + PIECE]).sum(axis=0)
        encoder.keep()
        told("reading the turns")
    mean: Matrix = np.asarray(total / max(1, len(texts)), np.float32)
    return mean


def pieces_of(examples: Sequence[Example]) -> int:
    """How many times `centre_of` tells of a piece."""
    return ceil(len(_turns(examples)) / PIECE)


def _turns(examples: Sequence[Example]) -> list[str]:
    texts = {u.text for e in examples for u in e.dialogue.utterances if u.text.strip()}
    return sorted(texts, key=lambda t: (len(t), t))


def ordinary_talk(examples: Sequence[Example]) -> list[str]:
    """Evenly spread seller's turns: what a firm's own item must be told apart from."""
    turns = [
        " ".join(u.text.split())
        for e in examples
        if not e.heard and e.dialogue.language == "ru"
        for u in e.dialogue.utterances
        if u.speaker == "seller" and len(u.text.split()) >= 4
    ]
    return turns[:: max(1, len(turns) // _ORDINARY)]


def write(
    folder: Path,
    heads: Heads,
    examples: Sequence[Example],
    recipe: Recipe,
    *,
    centre: Matrix | None = None,
    figures: Mapping[str, Any] | None = None,
) -> str:
    """Writes heads with their card; gives back the version (of the content)."""
    arrays: Arrays = {**heads.pack(), "ordinary": pack_texts(ordinary_talk(examples))}
    if centre is not None:
        arrays["centre"] = np.asarray(centre, np.float32)
    card = {
        "name": "otzvuk-heads",
        "format": FORMAT,
        "made_by": "otzvuk train",
        "data": {
            "dialogues": len(examples),
            "heard": sum(e.heard for e in examples),
            "authors": sorted({e.author for e in examples}),
            "read": sorted({e.stem for e in examples}),
            "note": "The shipped dialogues were written for this purpose; none is a real call.",
        },
        "effort": {"folds": recipe.effort.folds, "trees": recipe.effort.trees},
        "encoder": str(recipe.encoder_folder) if recipe.encoder_folder else None,
        "settings": dict(recipe.settings or {}),
        "figures": dict(figures or {}),
    }
    version = save(folder, arrays, {**card, "version": "new"})[:12]
    return save(folder, arrays, {**card, "version": version})[:12]


def produce(
    examples: Sequence[Example], folder: Path, recipe: Recipe, morphology: Morphology, figures: Mapping[str, Any]
) -> str:
    """Learns from all labelled examples and writes the heads; gives back their version."""
    encoder = SentenceEncoder(recipe.encoder_folder, folder / "cache") if recipe.encoder_folder else None
    centre = None
    if encoder is not None:
        centre = centre_of(examples, encoder)
        encoder.centre(centre)
    lesson = lesson_of(examples, morphology, encoder)
    heads = fit(lesson, recipe.effort, recipe.settings or {})
    return write(folder, heads, examples, recipe, centre=centre, figures=figures)
