"""`otzvuk audit`: proof of what was changed, and what somebody reached."""

from __future__ import annotations

import click

from services.review.commands.house import open_house


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
