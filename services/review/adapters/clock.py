"""The database's clock as an SQL expression, so that an UPDATE itself decides what is due."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, literal_column

from services.runtime.columns import UtcDateTime

# SQLite: whole microseconds since 1970, as UtcDateTime stores them; `now` stands still within one statement.
_SQLITE = (
    "(CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4, 3) AS INTEGER) * 1000)"
)


def database_clock(connection: Connection) -> Any:
    """An expression comparable with UtcDateTime columns."""
    text = _SQLITE if connection.dialect.name == "sqlite" else "clock_timestamp()"
    return literal_column(text, type_=UtcDateTime())
