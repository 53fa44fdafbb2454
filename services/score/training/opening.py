"""What the commands of learning open: files of dialogues and drafters, with faults told in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from services.score.adapters.arrays import BrokenModel
from services.score.adapters.drafter import SHIPPED, load_drafter
from services.score.adapters.embeddings import is_encoder
from services.score.adapters.heads_shelf import HeadsShelf, model_in_use
from services.score.adapters.judge import judge_of
from services.score.adapters.judged_drafter import JudgedDrafter
from services.score.adapters.scorecard_files import ready_scorecard
from services.score.ports import Drafter
from services.score.settings import Settings
from services.score.training.dataset import Example, NotADialogue, load
from services.score.training.encoder_heads import heads_for
from services.score.training.fit import Effort
from services.score.training.progress import progress
from services.score.training.trial import Learning

JUDGE = "judge:"


def open_examples(files: Sequence[Path]) -> list[Example]:
    """The dialogues of the files. Raises ClickException with the file and line of the first fault."""
    try:
        examples = load(files)
    except (NotADialogue, OSError) as error:
        raise click.ClickException(str(error)) from error
    if not examples:
        raise click.ClickException("there is no dialogue in these files")
    return examples


def vectors_folder(settings: Settings) -> Path:
    """Where vectors of texts are kept, by model."""
    return settings.models_folder / "vectors"


def model_folder(model: str, effort: Effort, settings: Settings) -> str:
    """What `--model` stands for, as `load_drafter` knows it; heads are learnt first for an encoder that has none."""
    folder = Path(model)
    if model in ("auto", "heads", "rules") or not folder.is_dir():
        return model_in_use(model, HeadsShelf(settings.heads_folder()))
    if is_encoder(folder):
        how = Learning(effort, folder.resolve(), vectors_folder(settings))
        with progress("learning heads with this encoder") as begin:
            return str(heads_for(how, settings.models_folder, begin))
    shelf = HeadsShelf(folder)
    return str(shelf.current() or folder) if not (folder / "card.json").exists() else model


def open_drafter(model: str, counted: Callable[[str], None] = lambda _: None) -> Drafter:
    """The drafter; a judge tells `counted` what came of each call.

    Raises ClickException when there is none of that name, or its files are broken.
    """
    try:
        if model.startswith(JUDGE):
            where = model.removeprefix(JUDGE)
            if not where.startswith(("http://", "https://")):
                raise click.ClickException("judge: needs an OpenAI-compatible address, as judge:http://…/v1#model")
            return JudgedDrafter(load_drafter(), judge_of(where, counted=counted), ready_scorecard())
        return load_drafter(model)
    except BrokenModel as error:
        raise click.ClickException(str(error)) from error


def card_of(model: str) -> Mapping[str, Any]:
    """The card of the heads behind a model's name; empty for rules."""
    shipped = model in ("auto", "heads") or model.startswith(JUDGE)
    try:
        card: Mapping[str, Any] = json.loads(((SHIPPED if shipped else Path(model)) / "card.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return card
