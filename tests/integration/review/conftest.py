"""One migrated SQLite file is the mould of all others: migrating for every test would cost minutes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
