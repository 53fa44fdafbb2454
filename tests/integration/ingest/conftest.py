"""One migrated SQLite file is the mould of all others: migrating for every test would cost minutes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services.runtime.migrations import migrate


@pytest.fixture(scope="session")
def ingest_mould(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty ingest database."""
    path = tmp_path_factory.mktemp("ingest") / "mould.db"
    migrate(f"sqlite:///{path}", "services.ingest")
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, ingest_mould: Path) -> str:
    """SQLAlchemy URL of an empty, migrated SQLite ingest database of this test's own."""
    shutil.copy(ingest_mould, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"
