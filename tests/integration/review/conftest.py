"""One migrated SQLite file is the mould of all others: migrating for every test would cost minutes."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from services.local.postgres import LocalPostgres
from services.runtime.migrations import migrate


@pytest.fixture(scope="session")
def review_mould(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty review database."""
    path = tmp_path_factory.mktemp("review") / "mould.db"
    migrate(f"sqlite:///{path}", "services.review")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, review_mould: Path) -> str:
    """SQLAlchemy URL of an empty, migrated SQLite review database of this test's own."""
    shutil.copy(review_mould, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(scope="session")
def postgres_mould(postgres_server: LocalPostgres) -> str:
    """URL of a migrated PostgreSQL database that others are copied from."""
    url = postgres_server.new_database()
    migrate(url, "services.review")
    return url


def copy_of(server: LocalPostgres, mould: str) -> str:
    """URL of a fresh copy of a PostgreSQL database."""
    name = f"otzvuk_{secrets.token_hex(6)}"
    engine = create_engine(server.url("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {make_url(mould).database}"))
    engine.dispose()
    return server.url(name)


@pytest.fixture(params=["sqlite", "postgres"])
def review_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty, migrated review database of this test's own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    server: LocalPostgres = request.getfixturevalue("postgres_server")
    url = copy_of(server, request.getfixturevalue("postgres_mould"))
    yield url
    server.drop_database(url)
