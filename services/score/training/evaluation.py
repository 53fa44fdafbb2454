"""Drafting labelled dialogues for measuring: by ready heads, by heads that never read the author, and by baselines."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path

from services.score.adapters.drafter import HeadsDrafter, RulesDrafter
from services.score.adapters.embeddings import SentenceEncoder
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.prepared import prepare
from services.score.domain.draft import AskedItem
from services.score.ports import Drafter
from services.score.training.by_author import predict_outside
from services.score.training.corrupt import corrupt
from services.score.training.dataset import CRITERIA, Example
from services.score.training.deciding import deciders
from services.score.training.fit import Effort
from services.score.training.judged import Judged, commonest, judged_of
from services.score.training.measure import Pair
from services.score.training.produce import centre_of, lesson_of, pieces_of

ITEMS = tuple(AskedItem(c) for c in CRITERIA)
_AT_ONCE = 32


def corrupted(examples: Sequence[Example], seed: int) -> list[Example]:
    """The examples as a poor recogniser would write them; each dialogue by its own seed."""
    return [replace(e, dialogue=corrupt(e.dialogue, random.Random(f"{seed}-{e.id}"))) for e in examples]  # noqa: S311


def drafted(
    drafter: Drafter, examples: Sequence[Example], told: Callable[[int], None] = lambda _: None
) -> list[Judged]:
    """Drafts of all examples, many at once where the drafter can."""
    out: list[Judged] = []
    for start in range(0, len(examples), _AT_ONCE):
        some = examples[start : start + _AT_ONCE]
        if isinstance(drafter, HeadsDrafter):
            drafts = drafter.draft_many([e.dialogue for e in some], ITEMS)
        else:
            drafts = [drafter.draft(e.dialogue, ITEMS) for e in some]
        out += [judged_of(e.id, d) for e, d in zip(some, drafts, strict=True)]
        told(len(some))
    return out


def pairs_of(examples: Sequence[Example], judged: Sequence[Judged]) -> list[Pair]:
    """Labels beside drafts, for the examples that have labels, and of each only what was labelled."""
    return [
        (e.gold, replace(j, scores={c: s for c, s in j.scores.items() if c in e.gold.scores}))
        for e, j in zip(examples, judged, strict=True)
        if e.gold is not None
    ]


def rules_only(examples: Sequence[Example]) -> list[Judged]:
    """The second baseline."""
    return drafted(RulesDrafter(load_morphology()), examples)


def commonest_label(examples: Sequence[Example]) -> list[Judged]:
    """The first baseline: the commonest label of the other authors, or of all when there is one author only."""
    out: list[Judged] = []
    known: dict[str, Judged] = {}
    for e in examples:
        if e.author not in known:
            others = [x.gold for x in examples if x.gold is not None and x.author != e.author]
            known[e.author] = commonest("", others or [x.gold for x in examples if x.gold is not None])
        out.append(replace(known[e.author], id=e.id))
    return out


def steps_by_author(examples: Sequence[Example], encoder_folder: Path | None, together: int) -> int:
    """How many times `by_author` tells of a step."""
    return 1 + ceil(len({e.author for e in examples}) / together) + (pieces_of(examples) if encoder_folder else 0)


def by_author(
    examples: Sequence[Example],
    effort: Effort,
    *,
    corrupt_seed: int | None = None,
    encoder_folder: Path | None = None,
    vectors: Path | None = None,
    together: int = 1,
    told: Callable[[str], None] = lambda _: None,
) -> tuple[list[Judged], list[Judged] | None]:
    """Drafts by heads, and by dials, that never saw the dialogue's author; the same for corrupted texts when asked for.

    Raises ValueError when a dialogue has no labels or there are fewer than three authors.
    """
    if any(e.gold is None for e in examples) or len({e.author for e in examples}) < 3:
        raise ValueError("leaving authors out needs labels and at least three authors")
    morphology = load_morphology()
    encoder = SentenceEncoder(encoder_folder, vectors) if encoder_folder else None
    if encoder is not None:
        encoder.centre(centre_of(examples, encoder, told))
    lesson = lesson_of(examples, morphology, encoder)
    told("reading the dialogues")
    variants = [lesson.prepared]
    if corrupt_seed is not None:
        broken = corrupted(examples, corrupt_seed)
        variants.append(tuple(prepare(e.dialogue, morphology, encoder) for e in broken))
    said = predict_outside(lesson, effort, variants, together, told)
    out: list[list[Judged]] = [[] for _ in variants]
    deciding = deciders(lesson, said[0])
    for i, e in enumerate(examples):
        for judged, variant, predictions in zip(out, variants, said, strict=True):
            judged.append(judged_of(e.id, deciding[e.author].decide(variant[i], predictions[i], ITEMS)))
    return out[0], out[1] if corrupt_seed is not None else None
