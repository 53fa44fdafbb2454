"""New heads against old ones on dialogues that neither has learnt from; versions are kept, the better one counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from services.score.adapters.drafter import Drafter, load_heads
from services.score.adapters.embeddings import SentenceEncoder
from services.score.adapters.lexicon import load_morphology
from services.score.training.by_author import predict_outside
from services.score.training.dataset import Example, labelled
from services.score.training.dials import choose_dials, settings_of
from services.score.training.evaluation import drafted, pairs_of
from services.score.training.fit import Effort, fit
from services.score.training.measure import Figures, measure
from services.score.training.produce import Recipe, centre_of, lesson_of, write

_FEWEST = 20


@dataclass(frozen=True)
class Trial:
    """How the new heads are learnt and tried; `newest` is the share of dialogues, the last ones, kept apart."""

    effort: Effort
    encoder_folder: Path | None
    newest: float
    together: int


@dataclass(frozen=True)
class Outcome:
    """What came of it: the version, whether it counts from now on, and lines for people."""

    version: str
    better: bool
    lines: tuple[str, ...]


def try_heads(
    examples: Sequence[Example], out: Path, old: Drafter, trial: Trial, told: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Learns from the older dialogues, compares on the newer, writes the version, moves `current` if it is better."""
    known = [e for e, _ in labelled(examples)]
    cut = max(1, round(len(known) * (1 - trial.newest)))
    older, newer = known[:cut], [e for e in known[cut:] if not _seen(e, known[:cut])]
    folder = _learn(older, out, trial, told)
    new = load_heads(folder, load_morphology())
    before, after = (measure(pairs_of(newer, drafted(d, newer))) for d in (old, new))
    better = len(newer) >= _FEWEST and _worth(after) > _worth(before)
    if better:
        (out / "current").write_text(f"{folder.name}\n", "utf-8")
    lines = (
        f"{folder.name}: learnt from {len(older)} dialogues, tried on the {len(newer)} newest.",
        f"old kappa {before.kappa:.3f} kappa+ {before.kappa_plus:.3f} strict {before.strict:.3f}",
        f"new kappa {after.kappa:.3f} kappa+ {after.kappa_plus:.3f} strict {after.strict:.3f}",
        f"The new heads are better and count from now on: set the model to {folder}."
        if better
        else "The old heads stay."
        if len(newer) >= _FEWEST
        else f"The old heads stay: fewer than {_FEWEST} dialogues to try on.",
    )
    return Outcome(folder.name, better, lines)


def _worth(figures: Figures) -> float:
    """One figure to compare by: the mean of kappa, kappa+ and strict agreement."""
    return (figures.kappa + figures.kappa_plus + figures.strict) / 3


def _seen(example: Example, older: Sequence[Example]) -> bool:
    """Whether the same dialogue, written or heard, is among the older ones."""
    stem = example.id.removesuffix("-heard")
    return any(e.id.removesuffix("-heard") == stem for e in older)


def _learn(older: Sequence[Example], out: Path, trial: Trial, told: Callable[[str], None]) -> Path:
    morphology = load_morphology()
    encoder = SentenceEncoder(trial.encoder_folder, out / "cache") if trial.encoder_folder else None
    centre = centre_of(older, encoder) if encoder is not None else None
    if encoder is not None and centre is not None:
        encoder.centre(centre)
    lesson = lesson_of(older, morphology, encoder)
    settings: dict[str, object] = {}
    if len(set(lesson.authors)) > trial.together:
        said = predict_outside(lesson, trial.effort, [lesson.prepared], trial.together, told)
        settings = settings_of(choose_dials(lesson.prepared, said[0], lesson.gold))
    recipe = Recipe(trial.effort, trial.encoder_folder, settings)
    heads = fit(lesson, trial.effort, settings)
    version = write(out / "new", heads, older, recipe, centre=centre)
    folder = out / version
    if folder.exists():
        for name in ("heads.npz", "card.json"):
            (out / "new" / name).replace(folder / name)
    else:
        (out / "new").rename(folder)
    _list_version(out, version, len(older))
    return folder


def _list_version(out: Path, version: str, dialogues: int) -> None:
    with (out / "versions.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"version": version, "dialogues": dialogues}) + "\n")
