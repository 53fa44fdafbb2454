"""What the house does by the command line: people, proofs, samples, retention, exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from services.review.adapters.desk import RealDesks
    from services.review.adapters.retention import Retention
    from services.review.ports.people import Hasher, Secrets
    from services.runtime.database import Database


@dataclass(frozen=True)
class House:
    """The real parts that commands work with."""

    database: Database
    desks: RealDesks
    hasher: Hasher
    secrets: Secrets


def open_house() -> House:
    """Brings the database up to date and opens it."""
    from services.review.adapters.desk import RealDesks
    from services.review.adapters.hand_over import WorkHandOver
    from services.review.adapters.secrets_of_house import Argon2Hasher, RealSecrets
    from services.review.settings import Settings
    from services.runtime.database import Database
    from services.runtime.migrations import migrate

    settings = Settings.load()
    url = settings.database("review", settings.review_database_url)
    migrate(url, "services.review")
    database = Database(url)
    return House(database, RealDesks(database, WorkHandOver), Argon2Hasher(), RealSecrets())


@click.group()
def people() -> None:
    """Add, list, dismiss people, and give them first passwords."""


@people.command("list")
@click.option("--all", "everybody", is_flag=True, help="Also those who are let in no more.")
def list_people(everybody: bool) -> None:
    """One line a person: id, role, departments, name."""
    house = open_house()
    with house.desks.reading() as desk:
        for person in desk.people.everybody(active=None if everybody else True):
            mark = "" if person.active else "  (inactive)"
            ties = ",".join(sorted(person.department_ids)) or "-"
            click.echo(f"{person.person_id:<20} {person.role.value:<11} {ties:<24} {person.name}{mark}")


@people.command("add")
@click.argument("person_id")
@click.option("--name", required=True)
@click.option(
    "--role", required=True, type=click.Choice(["seller", "mentor", "controller", "head", "analyst", "admin"])
)
@click.option("--department", "departments", multiple=True, help="Id of a department; a head may have several.")
@click.option("--mentee", "mentees", multiple=True, help="Id of a seller (mentors only).")
@click.option("--email")
@click.option("--zone", default="Europe/Moscow", show_default=True)
def add_person(
    person_id: str,
    name: str,
    role: str,
    departments: tuple[str, ...],
    mentees: tuple[str, ...],
    email: str | None,
    zone: str,
) -> None:
    """Take in a person and print his first password, which he changes at log-in."""
    from services.review.domain.people import SYSTEM, Person, Role
    from services.review.handlers import people as handlers

    if role not in [each.value for each in Role]:
        raise click.BadParameter(f"there is no role {role}", param_hint="--role")
    house = open_house()
    person = Person(
        person_id=person_id,
        name=name,
        role=Role(role),
        department_ids=frozenset(departments),
        mentee_ids=frozenset(mentees),
        email=email,
        zone=zone,
    )
    with house.desks() as desk:
        handlers.add_person(desk, SYSTEM, person)
    password = handlers.set_first_password(house.desks, house.hasher, house.secrets, SYSTEM, person_id)
    click.echo(f"{person_id} is in. First password (shown only now): {password}")


@people.command("deactivate")
@click.argument("person_id")
@click.option("--why", required=True)
def deactivate(person_id: str, why: str) -> None:
    """Let a person in no more; his open work goes to others."""
    from services.review.domain.people import SYSTEM
    from services.review.handlers import people as handlers

    house = open_house()
    with house.desks() as desk:
        handed = handlers.deactivate(desk, SYSTEM, person_id, why=why)
    click.echo(f"{person_id} is let in no more; {handed} open tasks went to others.")


@people.command("reset-password")
@click.argument("person_id")
@click.option("--second-factor", is_flag=True, help="Also forget the second factor (a lost telephone).")
def reset_password(person_id: str, second_factor: bool) -> None:
    """Print a new first password; sessions and tokens of the person end."""
    from services.review.domain.people import SYSTEM
    from services.review.handlers import people as handlers

    house = open_house()
    password = handlers.set_first_password(
        house.desks, house.hasher, house.secrets, SYSTEM, person_id, also_second_factor=second_factor
    )
    click.echo(f"First password of {person_id} (shown only now): {password}")


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_people(file: Path) -> None:
    """Take in or change departments and people from a YAML or JSON file, all or none."""
    from services.review.adapters.company_file import read_company
    from services.review.domain.people import SYSTEM
    from services.review.handlers import people as handlers

    departments, newcomers = read_company(file)
    house = open_house()
    done = handlers.import_people(house.desks, house.hasher, SYSTEM, departments, newcomers)
    click.echo(
        f"departments changed: {done.departments}; people added: {len(done.added)}, "
        f"changed: {len(done.changed)}, as before: {done.same}"
    )


@click.group()
def admin() -> None:
    """The first administrator."""


@admin.command("create")
@click.argument("person_id", default="admin")
@click.option("--name", default="Администратор", show_default=True)
def create_admin(person_id: str, name: str) -> None:
    """Make the first administrator of an empty house and print his first password."""
    from services.review.handlers.people import create_first_admin

    house = open_house()
    password = create_first_admin(house.desks, house.hasher, house.secrets, person_id, name)
    click.echo(f"{person_id} is the administrator. First password (shown only now): {password}")


@click.group()
def audit() -> None:
    """Prove that the audit log is whole."""


@audit.command("verify")
@click.option("--head", "heads", multiple=True, metavar="SEQ:HASH", help="An end that was written down earlier.")
def verify(heads: tuple[str, ...]) -> None:
    """Check every row; name each that was changed, removed, inserted or moved. Exit code 1 if there is any."""
    from services.review.adapters import audit as log
    from services.review.domain.audit import ChainHead

    known = [ChainHead(int(seq), value) for seq, _, value in (each.partition(":") for each in heads)]
    house = open_house()
    with house.database.read() as connection:
        number, faults = log.verify(connection, known)
        head = log.head(connection)
    for fault in faults:
        click.echo(f"row {fault.seq}: {fault.kind.value}")
    if faults:
        raise click.ClickException(f"the audit log was touched in {len(faults)} places")
    click.echo(f"{number} rows, whole. Head to write down: {head.seq}:{head.hash}")


@audit.command("head")
def show_head() -> None:
    """Print the end of the log, to be kept outside this database."""
    from services.review.adapters import audit as log

    house = open_house()
    with house.database.read() as connection:
        head = log.head(connection)
    click.echo(f"{head.seq}:{head.hash}")


@audit.command("breach-report")
@click.option("--user", "person_id", required=True)
@click.option("--from", "since", required=True, type=click.DateTime())
@click.option("--to", "until", required=True, type=click.DateTime())
def breach_report(person_id: str, since: object, until: object) -> None:
    """Everything that a person's account reached in a time (UTC), as CSV: for the notices that the law asks for."""
    import csv
    import sys
    from datetime import UTC, datetime

    from services.review.adapters.access_log import reached
    from services.review.adapters.spreadsheet import safe_cell

    house = open_house()
    writer = csv.writer(sys.stdout)
    writer.writerow(["object_kind", "object_id", "client_key", "kind", "fields", "times", "first_at", "last_at"])
    begin, end = (value.replace(tzinfo=UTC) for value in (since, until) if isinstance(value, datetime))
    with house.database.read() as connection:
        for row in reached(connection, person_id, begin, end):
            writer.writerow([safe_cell(value) for value in row.values()])


@click.group()
def sample() -> None:
    """Take a day's counted sample, or say why each call was or was not chosen."""


@sample.command("run")
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="Local date of the department.")
@click.option("--department", "wanted", multiple=True, help="Id of a department; all without it.")
def run_sample(day: str, wanted: tuple[str, ...]) -> None:
    """Take the sample of a day now, once: the calls of that date and earlier ones that no sample has looked at."""
    from services.review.app import make_works
    from services.review.handlers.sampling import sample_by_hand
    from services.review.settings import Settings

    house = open_house()
    works = make_works(Settings.load(), house.database)
    with works.begin() as work:
        known = [department_id for department_id, _ in work.samples.departments()]
    for unknown in sorted({*wanted} - {*known}):
        raise click.BadParameter(f"there is no department {unknown}", param_hint="--department")
    for department_id in wanted or known:
        with works.begin() as work:
            drawn = sample_by_hand(work, department_id, local_day(day))
        said = "taken before" if drawn is None else f"{len(drawn.chosen)} of {len(drawn.lines)} calls"
        click.echo(f"{department_id} {day}: {said}")


@sample.command("explain")
@click.argument("day", metavar="DATE")
@click.option("--department", help="Id of one department; all by default.")
def explain_sample(day: str, department: str | None) -> None:
    """Why each call of a day was or was not chosen, from the record; exit code 1 when drawing again differs."""
    from services.review.adapters.overviews import explained
    from services.review.adapters.store_samples import found_samples

    house = open_house()
    with house.database.read() as connection:
        views = [explained(*each) for each in found_samples(connection, local_day(day), department)]
    if not views:
        raise click.ClickException(f"no sample of {day} was taken")
    for view in views:
        click.echo(
            f"{view.department_id} {view.local_date}: share {view.share_percent} %, capacity {view.capacity}, "
            f"seed {view.seed}, calls before {view.cutoff_at.isoformat()}"
        )
        for seller_id, total, chosen in view.sellers:
            click.echo(f"  {seller_id}: {chosen} of {total}")
        for line in view.lines:
            click.echo(f"    {line.number:>8}  {line.call_id}  {line.seller_id or '-'}  {line.reason}")
        click.echo("  drawn again from the record: " + ("the same calls" if view.reproduced else "OTHER CALLS"))
    if not all(view.reproduced for view in views):
        raise click.ClickException("a record does not lead to its own sample: it was touched")


def local_day(text: str) -> date:
    """The date in a text. Raises BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("a date is written YYYY-MM-DD") from error


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
