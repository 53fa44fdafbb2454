"""Commands of score: `otzvuk scorecard` (check, list, use) and `otzvuk shadow-replay`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from services.score.settings import Settings


@click.group()
def scorecard() -> None:
    """Check scorecards, list them, choose one for a department."""


@scorecard.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Read a scorecard and warn of what makes people score unlike each other; exit code 1 when it cannot be read."""
    from services.score.adapters.scorecard_files import ScorecardFault, check_text

    try:
        card, findings = check_text(file.read_text(encoding="utf-8"), file.name)
    except (ScorecardFault, UnicodeDecodeError) as fault:
        raise click.ClickException(str(fault)) from fault
    for finding in findings:
        click.echo(f"{file.name}:{finding.line}: {finding.code}: {finding.message}")
    counts = (len(card.criteria), "item"), (len(card.blocks), "block"), (len(findings), "warning")
    items, blocks, warnings = (f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts)
    click.echo(f"{card.id} {card.version}: {items} in {blocks}, {warnings}.")


@scorecard.command(name="list")
def list_cards() -> None:
    """Every scorecard with its version, and where it counts."""
    from services.score.adapters.scorecard_files import ScorecardFault, ScorecardShelf, load_scorecard
    from services.score.settings import Settings

    shelf = ScorecardShelf(Settings.load().scorecards_folder())
    choice = shelf.choice()
    for card_id, path in sorted(shelf.cards().items()):
        places = [department or "the company" for department, chosen in choice.items() if chosen == card_id]
        try:
            card = load_scorecard(path)
        except ScorecardFault as fault:
            click.echo(f"{card_id:<18} broken: {fault}")
            continue
        where = f"  counts for {', '.join(places)}" if places else ""
        click.echo(f"{card_id:<18} {card.version}  {len(card.criteria):>2} items  {card.label.ru}{where}")


@scorecard.command()
@click.argument("card_id")
@click.option("--department", default=None, help="Department id; without it the card counts for the company.")
def use(card_id: str, department: str | None) -> None:
    """Choose the scorecard that counts from the next draft on; scores given before keep theirs."""
    from services.score.adapters.scorecard_files import ScorecardFault, ScorecardShelf
    from services.score.settings import Settings

    try:
        ScorecardShelf(Settings.load().scorecards_folder()).choose(card_id, department)
    except ScorecardFault as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"{card_id} counts for {department or 'the company'} from the next draft on.")


@click.command(name="shadow-replay")
@click.option(
    "--scorecard", "card", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A new scorecard."
)
@click.option("--heads", "heads", type=click.Path(exists=True, file_okay=False, path_type=Path), help="New heads.")
@click.option("--department", default=None, help="Only calls of this department.")
@click.option("--limit", default=0, help="At most so many calls, the last ones; 0 takes all.")
@click.option("--show", default=20, help="How many of the most changed calls are listed.")
def shadow_replay(card: Path | None, heads: Path | None, department: str | None, limit: int, show: int) -> None:
    """Draft stored calls anew and show whose CQR would change, and by how much. Nothing is written."""
    from services.runtime.storage import ObjectStorage
    from services.score.adapters.arrays import BrokenModel
    from services.score.adapters.drafter import load_drafter
    from services.score.adapters.heads_shelf import HeadsShelf, model_in_use
    from services.score.adapters.scorecard_files import ScorecardFault, ScorecardShelf, load_scorecard
    from services.score.adapters.store import SqlStore
    from services.score.adapters.transcripts import StoredTranscripts
    from services.score.domain.shadow import table
    from services.score.handlers.drafts import DraftingDesk
    from services.score.handlers.shadow import replay
    from services.score.settings import Settings

    settings = Settings.load()
    model = str(heads) if heads else model_in_use(settings.score_model, HeadsShelf(settings.heads_folder()))
    try:
        fixed = load_scorecard(card) if card else None
        drafter = load_drafter(model)
    except (ScorecardFault, BrokenModel) as fault:
        raise click.ClickException(str(fault)) from fault
    desk = DraftingDesk(
        drafter=drafter,
        transcripts=StoredTranscripts(ObjectStorage(settings.storage())),
        scorecards=ScorecardShelf(settings.scorecards_folder()),
    )
    with stored(settings) as connection:
        shifts = list(replay(SqlStore(connection), desk, fixed, department=department, limit=limit))
    for line in table(shifts, show):
        click.echo(line)


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def lessons(out: Path) -> None:
    """Write confirmed evaluations as labelled dialogues (one JSON object a line), to train and to measure on."""
    from schemas import codec
    from services.score.settings import Settings

    lines = [codec.to_json(line) + "\n" for line in confirmed_lines(Settings.load())]
    out.write_text("".join(lines), encoding="utf-8")
    click.echo(
        f"{len(lines)} confirmed evaluations written to {out}. "
        "They hold what was said: keep the file as calls are kept."
    )


def confirmed_lines(settings: Settings) -> list[dict[str, Any]]:
    """The confirmed evaluations of this installation as labelled dialogues, oldest first."""
    from services.runtime.storage import ObjectStorage
    from services.score.adapters.store import SqlStore
    from services.score.adapters.transcripts import StoredTranscripts
    from services.score.handlers.lessons import labelled

    transcripts = StoredTranscripts(ObjectStorage(settings.storage()))
    with stored(settings) as connection:
        return list(labelled(SqlStore(connection), transcripts))


@contextmanager
def stored(settings: Settings) -> Iterator[Connection]:
    """What score has stored, to read. Raises ClickException when it never ran here."""
    from sqlalchemy.exc import DBAPIError

    from services.runtime.database import Database

    database = Database(settings.database("score", settings.score_database_url))
    try:
        with database.read() as connection:
            yield connection
    except DBAPIError as error:
        raise click.ClickException(f"score's database cannot be read ({error.orig}); did score run here?") from error
    finally:
        database.close()
