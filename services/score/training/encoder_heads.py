"""Heads for an encoder that has none yet: learnt once from the shipped dialogues, then kept by what they come from."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from services.score.adapters.drafter import SHIPPED
from services.score.adapters.embeddings import encoder_digest
from services.score.adapters.heads_shelf import HeadsShelf
from services.score.training.dataset import Example, load
from services.score.training.trial import Learning, learn, steps_of

DATA = Path(__file__).parent / "data"


def shipped_dialogues() -> list[Example]:
    """The dialogues of the package, all labelled; none is a real call."""
    return load(sorted(DATA.glob("*.jsonl")))


def heads_for(how: Learning, cache: Path, begin: Callable[[int], Callable[[str], None]]) -> Path:
    """The folder of heads learnt with the encoder; minutes the first time, at once after.

    `begin` is told how many steps there are and gives back what to tell of each. Raises BrokenModel when the folder
    holds no encoder.
    """
    assert how.encoder_folder is not None
    shipped = json.loads((SHIPPED / "card.json").read_text("utf-8"))["version"]
    shelf = HeadsShelf(cache / f"heads-{encoder_digest(how.encoder_folder)}-{shipped}-{how.effort.trees}")
    known = shelf.versions()
    if not known:
        examples = shipped_dialogues()
        known = (learn(examples, shelf, how, begin(steps_of(examples, how))),)
    return shelf.folder / known[0]
