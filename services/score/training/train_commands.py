"""`otzvuk train` makes new heads and tries them against those in use; `otzvuk heads` lists versions and goes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from services.score.adapters.heads_shelf import HeadsShelf
    from services.score.settings import Settings
    from services.score.training.dataset import Example
    from services.score.training.split import Split
    from services.score.training.trial import Outcome

FEWEST_LEARNT = 60
FEWEST_AUTHORS = 3


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Folder of versions, if another.")
@click.option("--model", type=click.Path(exists=True, file_okay=False, path_type=Path), help="An encoder's folder.")
@click.option("--against", default="auto", show_default=True, help="The heads to beat: those in use, or a folder.")
@click.option("--alone", is_flag=True, help="Learn without the dialogues that are shipped.")
@click.option(
    "--newest",
    default=0.2,
    show_default=True,
    type=click.FloatRange(0, 0.9),
    help="Share kept for the trial, of the dialogues that the old heads have not read.",
)
@click.option("--trees", default=120, show_default=True, type=click.IntRange(min=1), help="Trees a forest.")
def train(
    files: tuple[Path, ...],
    out: Path | None,
    model: Path | None,
    against: str,
    alone: bool,
    newest: float,
    trees: int,
) -> None:
    """Learn new heads from what people confirmed, and use them if they are better.

    Without FILES the confirmed evaluations of this installation are taken (`otzvuk lessons` writes them into a file),
    beside the dialogues that are shipped. The newest are kept apart: new and old heads are tried on them, and neither
    has read them. Only better heads count from then on (the running service takes them up by itself); every version is
    kept, `otzvuk heads use VERSION` goes back. Calls whose appeals were upheld are never learnt from: new heads must
    get as many of their scores right as the old ones did.
    """
    from datetime import UTC, datetime

    from services.score.adapters.arrays import BrokenModel
    from services.score.adapters.heads_shelf import HeadsShelf
    from services.score.settings import Settings
    from services.score.training import trial
    from services.score.training.fit import Effort
    from services.score.training.opening import card_of, model_folder, open_drafter, vectors_folder
    from services.score.training.progress import progress
    from services.score.training.split import split

    settings = Settings.load()
    shelf = HeadsShelf(out or settings.heads_folder())
    how = trial.Learning(Effort(trees=trees), model.resolve() if model else None, vectors_folder(settings))
    named = (str(shelf.current() or "heads")) if against == "auto" else model_folder(against, how.effort, settings)
    old = trial.Rival("shipped" if named == "heads" else Path(named).name, open_drafter(named))
    parts = split(_examples(files, settings, alone), card_of(named), newest)
    _check(parts, fewest_tried=trial.FEWEST if newest and model is None else 0)
    click.echo(f"Learning from {len(parts.learnt)} dialogues; {len(parts.tried)} are kept to try the new heads on.")
    try:
        with progress("learning") as begin:
            told = begin(trial.steps_of(parts.learnt, how))
            version = trial.learn(trial.completed(parts.learnt, old.drafter), shelf, how, told)
        outcome = trial.try_heads(shelf, version, old, parts)
    except BrokenModel as error:
        raise click.ClickException(str(error)) from error
    trial.decide(shelf, outcome, old, datetime.now(UTC))
    _tell(outcome, old.name, shelf)
    if shelf.folder.resolve() != settings.heads_folder().resolve():
        click.echo(f"Careful: score looks for its heads in {settings.heads_folder()} (OTZVUK_SCORE_HEADS_FOLDER).")


def _check(parts: Split, fewest_tried: int) -> None:
    """Raises ClickException when there is too little to learn from, or to try on."""
    authors = len({e.author for e in parts.learnt})
    if len(parts.learnt) < FEWEST_LEARNT or authors < FEWEST_AUTHORS:
        raise click.ClickException(
            f"too little to learn from: {len(parts.learnt)} dialogues of {authors} authors or sellers, "
            f"and {FEWEST_LEARNT} of {FEWEST_AUTHORS} are needed"
        )
    if len(parts.tried) < fewest_tried:
        raise click.ClickException(
            f"{len(parts.tried)} dialogues would be kept to try new heads on, and {fewest_tried} are needed: too few "
            "decisions that the heads in use have not read (--newest 0 only makes the version)"
        )


def _examples(files: Sequence[Path], settings: Settings, alone: bool) -> list[Example]:
    """The dialogues of the files (or the confirmed evaluations), and those shipped; each counts once."""
    from services.score.training.encoder_heads import shipped_dialogues
    from services.score.training.opening import open_examples

    own = open_examples(files) if files else _confirmed(settings)
    everything = [*([] if alone else shipped_dialogues()), *own]
    return list({e.id: e for e in everything}.values())


def _confirmed(settings: Settings) -> list[Example]:
    from schemas import codec
    from services.score.commands import confirmed_lines
    from services.score.training.dataset import example_of

    return [example_of(json.loads(codec.to_json(line)), "confirmed") for line in confirmed_lines(settings)]


def _tell(outcome: Outcome, old: str, shelf: HeadsShelf) -> None:
    for name, figures in ((old, outcome.old), (outcome.version, outcome.new)):
        click.echo(
            f"{name:<14} kappa {figures.kappa:.3f}  kappa+ {figures.kappa_plus:.3f}  strict {figures.strict:.3f}"
            f"  on {outcome.tried} dialogues that neither has read"
        )
    before, after, scores = outcome.appeals
    if scores:
        click.echo(f"Of {scores} scores of upheld appeals {old} gets {before} right, {outcome.version} {after}.")
    if outcome.refused is None:
        back = old if old in shelf.versions() else "shipped"
        click.echo(f"{outcome.version} counts from now on. Back: otzvuk heads use {back}")
    else:
        click.echo(f"{old} stays: {outcome.refused}. The new version is kept in {shelf.folder / outcome.version}.")


@click.group()
def heads() -> None:
    """Versions of learned heads: list them, choose one, go back."""


@heads.command(name="list")
def list_heads() -> None:
    """Every version with what it learnt from, how its trial went, and which one counts."""
    from services.score.adapters.heads_shelf import SHIPPED_NAME, HeadsShelf
    from services.score.settings import Settings
    from services.score.training.opening import card_of

    shelf = HeadsShelf(Settings.load().heads_folder())
    current = shelf.current()
    trials = {line["version"]: line for line in shelf.history() if "new" in line}
    for name in (SHIPPED_NAME, *shelf.versions()):
        card = card_of("heads" if name == SHIPPED_NAME else str(shelf.folder / name))
        mark = "*" if name == (current.name if current else SHIPPED_NAME) else " "
        encoder = f", with {Path(card['encoder']).name}" if card.get("encoder") else ""
        use = "" if name == SHIPPED_NAME or shelf.usable(name) else "; made by another version of otzvuk, of no use now"
        click.echo(
            f"{mark} {name:<14} {card['data']['dialogues']} dialogues{encoder}{_trial_of(trials.get(name))}{use}"
        )


def _trial_of(line: dict[str, Any] | None) -> str:
    if line is None:
        return ""
    before, after = line["old"]["strict"], line["new"]["strict"]
    outcome = f"refused: {line['refused']}" if line["refused"] else "accepted"
    return f"; {line['at']} strict {after:.3f} against {before:.3f} of {line['against']}, {outcome}"


@heads.command(name="use")
@click.argument("version")
def use_heads(version: str) -> None:
    """Let VERSION count from the next draft on (`shipped`: the heads of the package)."""
    from datetime import UTC, datetime

    from services.score.adapters.arrays import BrokenModel, load
    from services.score.adapters.heads_shelf import SHIPPED_NAME, HeadsShelf
    from services.score.settings import Settings

    settings = Settings.load()
    shelf = HeadsShelf(settings.heads_folder())
    try:
        if version in shelf.versions():
            load(shelf.folder / version)
        shelf.choose(version, at=datetime.now(UTC).isoformat(timespec="seconds"))
    except BrokenModel as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{version} counts from the next draft on.")
    if settings.score_model != "auto":
        click.echo(f"Careful: OTZVUK_SCORE_MODEL is {settings.score_model}; only `auto` follows this choice.")
    if version != SHIPPED_NAME:
        click.echo("Back: otzvuk heads use shipped")
