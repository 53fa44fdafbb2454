"""What could not be handled, from the command line: list it, look at one, hand it back to its service."""

from __future__ import annotations

import json

import click
from pydantic import Field
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from services.runtime import burial, queue
from services.runtime.database import Database
from services.runtime.settings import RuntimeSettings

SERVICES = ("ingest", "transcribe", "score", "review")


class DatabaseSettings(RuntimeSettings):
    """Where each service keeps its tables."""

    ingest_database_url: str = Field(default="", description="Database of ingest.")
    transcribe_database_url: str = Field(default="", description="Database of transcribe.")
    score_database_url: str = Field(default="", description="Database of score.")
    review_database_url: str = Field(default="", description="Database of review.")


def database_url(service: str) -> str:
    """The service's database by the settings of this machine."""
    settings = DatabaseSettings.load()
    return settings.database(service, getattr(settings, f"{service}_database_url"))


def _open(service: str) -> Database:
    return Database(database_url(service))


service_option = click.option("--service", type=click.Choice(SERVICES), required=True, help="Whose dead letters.")


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and replay what was buried."""


@dead_letters.command("list")
@click.option("--service", type=click.Choice(SERVICES), help="Only this service; all without it.")
@click.option("--all", "everything", is_flag=True, help="Also those that were replayed.")
@click.option("--limit", default=50, show_default=True, help="The newest so many of each service.")
def list_letters(service: str | None, everything: bool, limit: int) -> None:
    """Dead letters with their reason, newest first."""
    table = Table("number", "service", "topic", "key", "reason", "attempts", "buried at (UTC)", "replayed")
    for name in [service] if service else SERVICES:
        database = _open(name)
        statement = select(queue.BURIED).order_by(queue.BURIED.c.seq.desc()).limit(limit)
        if not everything:
            statement = statement.where(queue.BURIED.c.replayed_at.is_(None))
        try:
            with database.read() as connection:
                rows = connection.execute(statement).all()
        except DBAPIError as error:
            raise click.ClickException(f"{name} has no tables yet; start it once.") from error
        for row in rows:
            buried, replayed = f"{row.buried_at:%Y-%m-%d %H:%M:%S}", "yes" if row.replayed_at else ""
            table.add_row(
                str(row.seq),
                name,
                row.topic,
                row.key or "",
                f"{row.code}: {row.detail}",
                str(row.attempts),
                buried,
                replayed,
            )
        database.close()
    Console().print(table if table.row_count else "Nothing is buried.")


@dead_letters.command()
@service_option
@click.argument("number", type=int)
def show(service: str, number: int) -> None:
    """One dead letter whole, with the bytes of its message."""
    database = _open(service)
    with database.read() as connection:
        row = connection.execute(select(queue.BURIED).where(queue.BURIED.c.seq == number)).one_or_none()
    database.close()
    if row is None:
        raise click.ClickException(f"{service} has no dead letter {number}; `otzvuk dead-letters list` shows them.")
    for name, value in row._mapping.items():
        if name != "payload":
            click.echo(f"{name}: {value}")
    text = bytes(row.payload).decode("utf-8", "replace")
    try:
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        click.echo("payload (no JSON):")
    click.echo(text)


@dead_letters.command()
@service_option
@click.argument("numbers", type=int, nargs=-1)
@click.option("--code", help="All that were buried for this reason.")
def replay(service: str, numbers: tuple[int, ...], code: str | None) -> None:
    """Hand dead letters back, in their order; a second replay of the same changes nothing."""
    if not numbers and not code:
        raise click.ClickException("Say which: numbers of `otzvuk dead-letters list`, or --code.")
    database = _open(service)
    with database.begin() as connection:
        chosen = queue.BURIED.c.seq.in_(numbers) if numbers else queue.BURIED.c.code == code
        statement = select(queue.BURIED.c.seq).where(chosen, queue.BURIED.c.replayed_at.is_(None))
        found = connection.execute(statement.order_by(queue.BURIED.c.seq)).scalars().all()
        back = sum(burial.dig_up(connection, seq) for seq in found)
    database.close()
    click.echo(f"{back} of {len(found)} handed back; a letter without a readable event cannot be replayed.")
