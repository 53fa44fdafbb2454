"""New heads against old ones on dialogues that neither has learnt from; versions are kept, the better one counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from pathlib import Path
from shutil import rmtree
from typing import Any

from services.score.adapters.drafter import load_heads
from services.score.adapters.embeddings import SentenceEncoder
from services.score.adapters.heads_shelf import HeadsShelf
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.own_items import pieces
from services.score.ports import Drafter
from services.score.training.by_author import predict_outside
from services.score.training.dataset import CRITERIA, Example, Gold
from services.score.training.dials import choose_dials, settings_of
from services.score.training.evaluation import drafted, pairs_of
from services.score.training.fit import Effort, fit
from services.score.training.judged import Judged
from services.score.training.measure import Figures, measure
from services.score.training.produce import Recipe, centre_of, lesson_of, ordinary_talk, pieces_of, write
from services.score.training.split import Split

FEWEST = 20
MOST_ROUNDS = 4  # of leaving authors out, when dials are chosen
Told = Callable[[str], None]


@dataclass(frozen=True)
class Rival:
    """The heads in use: their name and what they draft with."""

    name: str
    drafter: Drafter


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. `appeals`: scores of upheld appeals that the old and the new heads get right, of how many.

    `lost` names what the old heads got right there and the new ones do not, as `call: criterion`.
    """

    version: str
    tried: int
    old: Figures
    new: Figures
    appeals: tuple[int, int, int]
    lost: tuple[str, ...]

    @property
    def refused(self) -> str | None:
        """Why the old heads stay; None when the new ones count from now on."""
        if self.tried < FEWEST:
            return f"only {self.tried} dialogues that neither has read, and {FEWEST} are needed to try on"
        if not worth(self.new) > worth(self.old):
            return "the new ones are not better"
        if self.appeals[1] < self.appeals[0]:
            return f"the new ones get wrong again what people had to put right ({', '.join(self.lost[:5])})"
        return None


def worth(figures: Figures) -> float:
    """One figure to compare by: the mean of kappa, kappa+ and strict agreement; those that are none are left out."""
    known = [f for f in (figures.kappa, figures.kappa_plus, figures.strict) if f == f]  # noqa: PLR0124 - NaN
    return sum(known) / len(known) if known else 0.0


def try_heads(shelf: HeadsShelf, version: str, old: Rival, parts: Split) -> Outcome:
    """Drafts the kept dialogues and the upheld appeals with both; nothing is changed."""
    new = load_heads(shelf.folder / version, load_morphology())
    before, after = (measure(pairs_of(parts.tried, drafted(d, parts.tried))) for d in (old.drafter, new))
    right = [_right(parts.forever, drafter) for drafter in (old.drafter, new)]
    scores = sum(c in CRITERIA for e in parts.forever if e.gold is not None for c in e.gold.scores)
    return Outcome(
        version=version,
        tried=len(parts.tried),
        old=before,
        new=after,
        appeals=(len(right[0]), len(right[1]), scores),
        lost=tuple(sorted(right[0] - right[1])),
    )


def decide(shelf: HeadsShelf, outcome: Outcome, old: Rival, now: datetime) -> None:
    """Writes the trial down, and lets the new heads count when they won it."""
    line = {
        "version": outcome.version,
        "at": now.isoformat(timespec="seconds"),
        "against": old.name,
        "tried_on": outcome.tried,
        "old": _figures(outcome.old),
        "new": _figures(outcome.new),
        "appeals": list(outcome.appeals),
        "refused": outcome.refused,
    }
    if outcome.refused is None:
        shelf.choose(outcome.version, **{name: value for name, value in line.items() if name != "version"})
    else:
        shelf.note(line)


@dataclass(frozen=True)
class Learning:
    """How heads are learnt: effort, the encoder's folder if any, and where its vectors are kept."""

    effort: Effort
    encoder_folder: Path | None
    vectors: Path


def learn(learnt: Sequence[Example], shelf: HeadsShelf, how: Learning, told: Told) -> str:
    """Makes heads of these dialogues with dials chosen by authors left out; gives back the new version's name.

    Raises BrokenModel when the folder holds no encoder.
    """
    morphology = load_morphology()
    encoder = SentenceEncoder(how.encoder_folder, how.vectors) if how.encoder_folder else None
    centre = centre_of(learnt, encoder, told) if encoder is not None else None
    if encoder is not None and centre is not None:
        encoder.centre(centre)
    lesson = lesson_of(learnt, morphology, encoder)
    told("reading the dialogues")
    settings: Mapping[str, Any] = {}
    if _rounds(learnt):
        together = ceil(len(set(lesson.authors)) / MOST_ROUNDS)
        said = predict_outside(lesson, how.effort, [lesson.prepared], together, told)
        settings = settings_of(choose_dials(lesson.prepared, said[0], lesson.gold))
    heads = fit(lesson, how.effort, settings)
    told("the heads themselves")
    recipe = Recipe(how.effort, how.encoder_folder, settings)
    version = write(shelf.folder / "new", heads, learnt, recipe, centre=centre)
    if encoder is not None:  # so that loading these heads encodes nothing
        encoder.keep_for(shelf.folder / "new" / "cache", [p for text in ordinary_talk(learnt) for p in pieces(text)])
    return _shelve(shelf.folder, version)


def steps_of(learnt: Sequence[Example], how: Learning) -> int:
    """How many times `learn` tells of a step."""
    return 2 + _rounds(learnt) + (pieces_of(learnt) if how.encoder_folder else 0)


def _rounds(learnt: Sequence[Example]) -> int:
    authors = len({e.author for e in learnt})
    return ceil(authors / ceil(authors / MOST_ROUNDS)) if authors > MOST_ROUNDS else 0


def completed(examples: Sequence[Example], drafter: Drafter) -> list[Example]:
    """The dialogues with scores for what people were not asked about (their own card has not all items of the rubric).

    They come from the heads in use, so that learning neither forgets nor changes what nobody spoke about.
    """
    short = [e for e in examples if e.gold is not None and set(CRITERIA) - set(e.gold.scores)]
    made = {e.id: j for e, j in zip(short, drafted(drafter, short), strict=True)}
    return [_filled(e, e.gold, made[e.id]) if e.gold is not None and e.id in made else e for e in examples]


def _filled(example: Example, gold: Gold, judged: Judged) -> Example:
    missing = [c for c in CRITERIA if c not in gold.scores]
    scores = {**gold.scores, **{c: judged.scores[c] for c in missing}}
    evidence = {**gold.evidence, **{c: judged.evidence[c] for c in missing}}
    return replace(example, gold=replace(gold, scores=scores, evidence=evidence))


def _right(examples: Sequence[Example], drafter: Drafter) -> set[str]:
    return {
        f"{judged.id}: {criterion}"
        for gold, judged in pairs_of(examples, drafted(drafter, examples))
        for criterion, score in judged.scores.items()
        if gold.scores[criterion] == score
    }


def _figures(figures: Figures) -> dict[str, float]:
    return {name: round(getattr(figures, name), 4) for name in ("kappa", "kappa_plus", "strict")}


def _shelve(folder: Path, version: str) -> str:
    """Gives the folder of the new heads their name; the same heads made again take the place of the former."""
    if (folder / version).exists():
        rmtree(folder / version)
    (folder / "new").rename(folder / version)
    return version
