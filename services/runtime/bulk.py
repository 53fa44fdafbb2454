"""Many rows in one statement at the driver's level, for the two places where every event passes: doors and queues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection

from services.runtime.columns import to_microseconds


@cache
def _insert(table: Table, columns: tuple[str, ...], mark: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([mark] * len(columns))
    # names are our own tables' and columns', never anybody's input
    return f'INSERT INTO "{table.name}" ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING'  # noqa: S608


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows (all with the same columns); those that are there already are left as they are.

    Values are texts, whole numbers, bytes, None and aware times; it costs a quarter of a compiled statement.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        values = [tuple(_for_sqlite(row[name]) for name in columns) for row in rows]
        connection.exec_driver_sql(_insert(table, columns, "?"), values)
    else:
        connection.exec_driver_sql(
            _insert(table, columns, "%s"), [tuple(row[name] for name in columns) for row in rows]
        )


def _for_sqlite(value: Any) -> Any:
    return to_microseconds(value) if isinstance(value, datetime) else value


def select_in(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    where: str,
    equal: str,
    among: str,
    values: Sequence[str],
) -> list[tuple[Any, ...]]:
    """Rows of `table` whose column `where` is `equal` and whose column `among` is one of `values` (texts)."""
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join([mark] * len(values))
    sql = f'SELECT {names} FROM "{table.name}" WHERE "{where}" = {mark} AND "{among}" IN ({marks})'  # noqa: S608
    return [tuple(row) for row in connection.exec_driver_sql(sql, (equal, *values))]
