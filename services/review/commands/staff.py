"""`otzvuk people` and `otzvuk admin`: who may come in."""

from __future__ import annotations

from pathlib import Path

import click

from services.review.commands.house import open_house


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
