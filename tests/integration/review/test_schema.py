"""The migrated database is the one that the code's tables describe, on both databases."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from services.review.adapters import tables, tables_credit, tables_people  # noqa: F401 - hang their tables on the metadata
from services.review.adapters.metadata import metadata
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
