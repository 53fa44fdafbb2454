"""`otzvuk retention` and `otzvuk export`: what goes when its time is over, and what is taken away as tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from services.review.commands.house import open_house

if TYPE_CHECKING:
    from services.review.adapters.retention import Retention


@click.group()
def retention() -> None:
    """Remove recordings, transcripts and dead letters when their time is over."""


@retention.command("show")
def show_retention() -> None:
    """Say what would be removed now, and remove nothing."""
    for overdue in _open_retention().show():
        kept = "for ever" if overdue.keep.days <= 0 else f"{overdue.keep.days} days"
        oldest = "" if overdue.oldest is None else f", oldest {overdue.oldest:%Y-%m-%d}"
        held = f"; {overdue.held} held back (open matter or legal hold)" if overdue.held else ""
        size = f"{overdue.size_bytes / 1_048_576:.1f} MiB"
        click.echo(f"{overdue.keep.data_class.value:<13} kept {kept:<9} {overdue.things:>7} due, {size}{oldest}{held}")


@retention.command("apply")
@click.option("--yes", is_flag=True, help="Do not ask.")
def apply_retention(yes: bool) -> None:
    """Remove it; can be stopped and begun again."""
    from services.review.domain.people import SYSTEM

    found = _open_retention()
    due = sum(overdue.things for overdue in found.show())
    if due and not yes:
        click.confirm(f"Remove {due} things for ever?", abort=True)
    for data_class, number in found.apply(SYSTEM).items():
        click.echo(f"{data_class.value:<13} {number:>7} removed")


@retention.command("hold")
@click.argument("call_id")
@click.option("--why", required=True)
@click.option("--release", is_flag=True, help="Let it age again.")
def hold(call_id: str, why: str, release: bool) -> None:
    """Keep everything of a call whatever its age (a dispute, a court)."""
    from services.review.adapters.retention import place_hold, release_hold
    from services.review.domain.people import SYSTEM

    house = open_house()
    with house.database.begin() as connection:
        (release_hold if release else place_hold)(connection, SYSTEM, call_id, why)
    click.echo(f"{call_id} is {'not held any more' if release else 'held'}.")


def _open_retention() -> Retention:
    from services.review.adapters.retention import Retention
    from services.review.domain.retention import DataClass, KeepFor
    from services.review.settings import Settings
    from services.runtime.storage import ObjectStorage

    settings = Settings.load()
    rules = (
        KeepFor(DataClass.RECORDINGS, settings.review_keep_recordings_days),
        KeepFor(DataClass.TRANSCRIPTS, settings.review_keep_transcripts_days),
        KeepFor(DataClass.DEAD_LETTERS, settings.review_keep_dead_letters_days),
    )
    return Retention(open_house().database, ObjectStorage(settings.storage()), rules)


@click.command()
@click.option("--what", required=True, help="calls, evaluations, criteria, objections, leads, attempts or credit")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day, in the company's zone.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="The day after the last one.")
@click.option("--format", "kind", default="parquet", show_default=True, help="parquet, csv or xlsx")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="By default otzvuk-WHAT.FORMAT.")
@click.option("--personal", is_flag=True, help="With names, visible parts of numbers and free text.")
def export(
    what: str, since: datetime | None, until: datetime | None, kind: str, out: Path | None, personal: bool
) -> None:
    """Write a table of the star schema (docs/star-schema.md) to a file."""
    from services.review.adapters.exports import Exporter
    from services.review.domain.datasets import Format, What
    from services.review.domain.people import SYSTEM
    from services.review.settings import Settings

    if what not in [each.value for each in What]:
        raise click.BadParameter(f"there is no table {what}", param_hint="--what")
    if kind not in [each.value for each in Format]:
        raise click.BadParameter(f"there is no format {kind}", param_hint="--format")
    zone = ZoneInfo(Settings.load().company_zone)
    begin, end = (None if day is None else day.replace(tzinfo=zone) for day in (since, until))
    path = out or Path(f"otzvuk-{what}.{kind}")
    exporter = Exporter(open_house().database)
    with path.open("wb") as file:
        rows = exporter.write_span(SYSTEM, What(what), Format(kind), begin, end, file, personal=personal)
    click.echo(f"{rows} rows in {path}")
