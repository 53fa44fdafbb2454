"""Commands of ingest: bring in a folder of recordings, put raw events to work again."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check the folder and stop.")
@click.option("--skip-bad", is_flag=True, help="Import the good rows of a file that has bad ones.")
def import_folder(folder: Path, dry_run: bool, skip_bad: bool) -> None:
    """Bring in recordings from FOLDER, described by its calls.csv.

    Columns: started_at, direction (in, out, internal); file, call_id, outcome, answered_at, ended_at or duration_s,
    client_number, extension or seller, line, lead_id, seller_channel, rating. Times without an offset are local.
    The same folder may be imported again: what is known already stays as it is.
    """
    from services.ingest.adapters.folder import FolderImport, read_calls
    from services.ingest.adapters.telephony.generic import ImportedEvents
    from services.ingest.app import open_database
    from services.ingest.settings import Settings
    from services.runtime.storage import ObjectStorage

    settings = Settings.load()
    now = datetime.now(UTC)
    limit = settings.ingest_recording_max_mebibytes * 2**20
    rows, problems = read_calls(folder, ZoneInfo(settings.company_zone), now, limit)
    for problem in problems:
        click.echo(problem, err=True)
    if problems and not (skip_bad and rows):
        raise click.ClickException("Nothing was imported. --skip-bad imports the good rows.")
    if dry_run:
        click.echo(f"{len(rows)} calls can be imported.")
        return
    database = open_database(settings)
    importing = FolderImport(folder, database, ObjectStorage(settings.storage()), ImportedEvents())
    counted: Counter[str] = Counter()
    try:
        with click.progressbar(importing.bring(rows, now), length=len(rows), label="Importing calls") as receipts:
            for receipt in receipts:
                counted[_what(receipt.outcomes)] += 1
    finally:
        database.close()
    click.echo(f"{counted['new']} calls are new, {counted['known']} were known, {counted['aside']} were put aside.")
    click.echo("The running `otzvuk ingest` works on them; they wait for it if it does not run.")


def _what(outcomes: tuple[str, ...]) -> str:
    if set(outcomes) & {"quarantined", "conflict"}:
        return "aside"
    return "new" if "accepted" in outcomes else "known"


class Moment(click.ParamType):
    """A time with an offset, or a date or time of the company's zone."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Reads it."""
        try:
            return datetime.fromisoformat(str(value))
        except ValueError:
            self.fail("say it like 2026-05-18, 2026-05-18T09:15 or 2026-05-18T09:15:00+03:00", param, ctx)


@click.command()
@click.option("--from", "since", type=Moment(), help="Raw events received from this time on.")
@click.option("--to", "until", type=Moment(), help="… and before this one.")
@click.option("--call", help="Only this call, by our id or the PBX's.")
@click.option("--put-aside", is_flag=True, help="Those that could not be understood when they came.")
@click.option("--show", is_flag=True, help="With --put-aside: list them with their reasons, and stop.")
@click.option("--recordings-lost", is_flag=True, help="Ask again for recordings that were given up; nothing else.")
def replay(
    since: datetime | None, until: datetime | None, call: str | None, put_aside: bool, show: bool, recordings_lost: bool
) -> None:
    """Work on raw events again and publish what is known of their calls, leads and recordings.

    Revisions stay as they are, so that whoever has an event already does nothing. The running `otzvuk ingest` does the
    work.
    """
    from services.ingest.adapters import replaying
    from services.ingest.app import open_database, sources
    from services.ingest.settings import Settings

    if show and not put_aside:
        raise click.UsageError("--show lists what was put aside: say --put-aside too.")
    settings = Settings.load()
    run = uuid.uuid4().hex[:12]
    database = open_database(settings)
    try:
        if recordings_lost:
            click.echo(f"{replaying.ask_for_lost(database, run)} lost recordings are asked for again.")
            return
        subject = None
        if call is not None:
            with database.read() as connection:
                subject = replaying.call_subject(connection, call)
            if subject is None:
                raise click.ClickException(f"There is no call {call}, or several: say our own id.")
        zone = ZoneInfo(settings.company_zone)
        window = replaying.Window(_aware(since, zone), _aware(until, zone), subject, put_aside)
        if show:
            for one in replaying.aside(database, window, sources(settings)):
                click.echo(f"{one.number}  {one.source}  {one.event_key}  {one.received_at:%Y-%m-%d %H:%M:%S} UTC")
                click.echo(f"    {one.why}")
            return
        total = 0
        for number in replaying.replay(database, window, sources(settings), run):
            total += number
            click.echo(f"\r{total} raw events…", nl=False, err=True)
        click.echo(err=True)
    finally:
        database.close()
    click.echo(f"{total} raw events are put to work again (replay {run}).")


def _aware(value: datetime | None, zone: ZoneInfo) -> datetime | None:
    return value if value is None or value.tzinfo else value.replace(tzinfo=zone)


@click.command()
@click.option("--apply", "do", is_flag=True, help="Empty them; without it nothing changes.")
def raw_retention(do: bool) -> None:
    """Say which raw events are over their time (OTZVUK_INGEST_KEEP_RAW_DAYS), or empty them.

    An emptied event cannot be replayed any more; that it came, when and from whom stays, and it is not taken twice.
    """
    from services.ingest.adapters.raw_retention import RawRetention
    from services.ingest.app import open_database
    from services.ingest.settings import Settings

    settings = Settings.load()
    database = open_database(settings)
    try:
        found = RawRetention(database, settings.ingest_keep_raw_days)
        if do:
            click.echo(f"{found.apply()} raw events were emptied.")
            return
        due = found.show()
    finally:
        database.close()
    oldest = "" if due.oldest is None else f", oldest {due.oldest:%Y-%m-%d}"
    click.echo(f"{due.events} raw events are over their time, {due.size_bytes / 1_048_576:.1f} MiB{oldest}.")
