"""Alembic for every service without settings files: `migrate(url, "services.review")` brings a database up to date."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from services.runtime.database import Database

LOCK = 7_305_177  # of PostgreSQL's advisory locks: one migration at a time


def _scripts(package: str) -> tuple[Config, ScriptDirectory]:
    folder = Path(str(import_module(package).__file__)).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    return config, ScriptDirectory.from_config(config)


def upgrade(connection: Connection, package: str) -> None:
    """Runs the missing migrations of `services.<service>` on an open transaction."""
    config, scripts = _scripts(package)
    head = scripts.get_current_head()

    def steps(revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs(head or "head", revision)

    with EnvironmentContext(config, scripts, fn=steps) as environment:
        environment.configure(connection=connection, render_as_batch=True, transaction_per_migration=False)
        environment.run_migrations()


def migrate(url: str, package: str) -> None:
    """Brings a service's database up to date; safe to call from several processes at once."""
    database = Database(url)
    try:
        with database.begin() as connection:
            if not database.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
            upgrade(connection, package)
    finally:
        database.close()
