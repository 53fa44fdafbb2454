"""What could not be handled, from the command line: list it, look at one, hand it back to its service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from pydantic import Field
from sqlalchemy import inspect, select
from sqlalchemy.engine import Connection, make_url

from services.runtime import burial, queue
from services.runtime.database import Database
from services.runtime.errors import OtzvukError
from services.runtime.settings import RuntimeSettings

SERVICES = ("ingest", "transcribe", "score", "review")


class DatabaseSettings(RuntimeSettings):
    """Where each service keeps its tables."""

    ingest_database_url: str = Field(default="", description="Database of ingest.")
    transcribe_database_url: str = Field(default="", description="Database of transcribe.")
    score_database_url: str = Field(default="", description="Database of score.")
    review_database_url: str = Field(default="", description="Database of review.")


class NoTables(OtzvukError):
    """The service has not run here yet."""

    code = "no_tables"


def database_url(service: str) -> str:
    """The service's database by the settings of this machine."""
    settings = DatabaseSettings.load()
    return settings.database(service, getattr(settings, f"{service}_database_url"))


@contextmanager
def _letters(service: str, *, change: bool = False) -> Iterator[Connection]:
    """A transaction over the service's tables. Raises NoTables, TransientError."""
    url = database_url(service)
    file = make_url(url).database if url.startswith("sqlite") else None
    if file is not None and not Path(file).exists():
        raise NoTables(f"{service} has no tables yet; start it once, or set OTZVUK_DATA_FOLDER to where it ran.")
    database = Database(url)
    try:
        with database.begin() if change else database.read() as connection:
            if not inspect(connection).has_table(queue.BURIED.name):
                raise NoTables(f"{service} has no tables yet; start it once.")
            yield connection
    finally:
        database.close()


service_option = click.option("--service", type=click.Choice(SERVICES), required=True, help="Whose dead letters.")


@click.group("dead-letters")
def dead_letters() -> None:
    """List, show and replay what was buried."""


@dead_letters.command("list")
@click.option("--service", type=click.Choice(SERVICES), help="Only this service; all that ran here without it.")
@click.option("--all", "everything", is_flag=True, help="Also those that were replayed.")
@click.option("--limit", default=50, show_default=True, help="The newest so many of each service.")
def list_letters(service: str | None, everything: bool, limit: int) -> None:
    """Dead letters with their reason, newest first."""
    shown, strange = 0, []
    for name in [service] if service else SERVICES:
        try:
            with _letters(name) as connection:
                rows = _newest(connection, everything, limit)
        except NoTables:
            strange.append(name)
            continue
        shown += len(rows)
        for row in rows:
            again = ", replayed" if row.replayed_at else ""
            click.echo(f"{name} {row.seq}  {row.topic}  {row.key or '-'}  {row.buried_at:%Y-%m-%d %H:%M:%S} UTC{again}")
            click.echo(f"    {row.code}: {row.detail} ({row.attempts} attempts)")
    if not shown:
        click.echo("Nothing is buried.")
    if strange:
        click.echo(f"Without tables here: {', '.join(strange)}.", err=True)


def _newest(connection: Connection, everything: bool, limit: int) -> Sequence[Any]:
    statement = select(queue.BURIED).order_by(queue.BURIED.c.seq.desc()).limit(limit)
    if not everything:
        statement = statement.where(queue.BURIED.c.replayed_at.is_(None))
    return connection.execute(statement).all()


@dead_letters.command()
@service_option
@click.argument("number", type=int)
def show(service: str, number: int) -> None:
    """One dead letter whole, with the bytes of its message."""
    with _letters(service) as connection:
        row = connection.execute(select(queue.BURIED).where(queue.BURIED.c.seq == number)).one_or_none()
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
    if bool(numbers) == bool(code):
        raise click.ClickException("Say which: numbers of `otzvuk dead-letters list`, or --code.")
    chosen = queue.BURIED.c.seq.in_(numbers) if numbers else queue.BURIED.c.code == code
    with _letters(service, change=True) as connection:
        rows = connection.execute(select(queue.BURIED).where(chosen).order_by(queue.BURIED.c.seq)).all()
        strange = sorted(set(numbers) - {row.seq for row in rows})
        if strange:
            raise click.ClickException(f"{service} has no dead letter {strange[0]}; nothing was handed back.")
        waiting = [row.seq for row in rows if row.replayed_at is None]
        back = sum(burial.dig_up(connection, seq) for seq in waiting)
    click.echo(f"{back} handed back; the running `otzvuk {service}` works on them.")
    if len(rows) > len(waiting):
        click.echo(f"{len(rows) - len(waiting)} had been handed back before.")
    if len(waiting) > back:
        click.echo(f"{len(waiting) - back} hold no readable event and cannot be replayed.")
