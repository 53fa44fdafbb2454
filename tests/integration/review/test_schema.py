"""The migrated database is the one that the code's tables describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect

from services.review.adapters import tables, tables_credit, tables_people  # noqa: F401 - hang their tables on the metadata
from services.review.adapters.metadata import metadata
from services.review.domain.drafting import RISKS
from services.review.domain.statuses import TRANSITIONS
from services.review.migrations.guards_0002 import WAYS
from services.runtime.database import Database
from services.runtime.migrations import migrate


def test_the_schema_is_the_metadata(database_url: str) -> None:
    migrate(database_url, "services.review")
    migrate(database_url, "services.review")
    database = Database(database_url)
    with database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _parents: (
                    kind != "table" or not (name or "").startswith(("search_index", "alembic_version"))
                )
            },
        )
        assert compare_metadata(context, metadata) == []
    database.close()


def test_the_checks_are_those_of_the_metadata(review_url: str) -> None:
    database = Database(review_url)
    found = inspect(database.engine)
    for name, table in metadata.tables.items():
        checks = {str(each.name) for each in table.constraints if isinstance(each, CheckConstraint)}
        assert {each["name"] for each in found.get_check_constraints(name)} == checks, name
    database.close()


def test_the_guards_know_the_ways_of_the_domain() -> None:
    ways = {(origin, to) for origin, ends in WAYS.items() for to in ends}
    assert ways == {(row.origin.value, row.to.value) for row in TRANSITIONS if row.origin is not None}


def test_every_reason_has_its_index(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    names = {each["name"] for each in inspect(database.engine).get_indexes("calls")}
    assert {f"ix_calls_reason_{reason}" for reason in RISKS} <= names
    database.close()
