"""`otzvuk sample`: takes a day's sample by hand and says why each call was or was not chosen."""

from __future__ import annotations

from datetime import date

import click

from services.review.commands.house import open_house


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
