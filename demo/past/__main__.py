"""`python -m demo.past FILE --before DATE`: the company's people as of weeks ago, and what they did since."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import click

from demo.past import PEOPLE

POLITE = 10  # how nice the slower part is to the services that play the day meanwhile


def people_in() -> None:
    """Says so and lets the services go first from here on."""
    click.echo(PEOPLE)
    os.nice(POLITE)


@click.command()
@click.argument("people", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--before", required=True, metavar="YYYY-MM-DD", help="The demo's day; the past ends on the day before.")
def command(people: Path, before: str) -> None:
    """Write the demo company's past weeks into the review's database."""
    from demo.past.company_past import CompanyPast

    CompanyPast(people, date.fromisoformat(before), datetime.now(UTC)).write(people_in)


if __name__ == "__main__":
    command()
