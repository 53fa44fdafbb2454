"""The orders of the list of calls: stretches that an index walks one after the other, each page by keyset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, Row, Select, UnaryExpression, bindparam, select, tuple_
from sqlalchemy.sql.operators import custom_op

from services.review.adapters.tables import calls
from services.review.adapters.tables_people import people
from services.review.domain.calls import CallType
from services.review.domain.statuses import Status
from services.review.domain.views import NEWEST, CallOrder, CallSort
from services.runtime.columns import from_microseconds, to_microseconds
from services.runtime.errors import Refusal

TIME = (calls.c.started_at, calls.c.call_id)
REST = "-"  # the last stretch: calls that have no such value, or whose value the viewer may not see
COLUMNS = {
    CallOrder.NUMBER: calls.c.number,
    CallOrder.CLIENT: calls.c.client_label,
    CallOrder.TALK: calls.c.talk_ms,
    CallOrder.DUE: calls.c.due_at,
    CallOrder.ATTENTION: calls.c.risk,
    CallOrder.SELLER: calls.c.seller_id,
    CallOrder.CONTROLLER: calls.c.assignee_id,
    CallOrder.STATUS: calls.c.status,
}
OF_PEOPLE = (CallOrder.SELLER, CallOrder.CONTROLLER)
OF_THE_DRAFT = (CallOrder.CQR, CallOrder.TYPE, CallOrder.ATTENTION)


class BadCursor(Refusal):
    """The cursor is not one that a page of the list gave."""

    code: ClassVar[str] = "bad_query"

    def __init__(self) -> None:
        super().__init__("This cursor belongs to no page of the list.")


@dataclass(frozen=True)
class Stretch:
    """Calls that stand together in an order: which, by what columns, in which direction."""

    name: str
    columns: tuple[Any, ...] = TIME
    descending: bool = True
    condition: ColumnElement[bool] | None = None
    sorts: bool = False  # whether few calls are sorted, found by another index than that of the order

    @property
    def _order(self) -> list[Any]:
        return [bare(column) if self.sorts else column for column in self.columns]

    def ordered(self, query: Select[Any]) -> Select[Any]:
        """The query cut to this stretch, in its order."""
        if self.condition is not None:
            query = query.where(self.condition)
        return query.order_by(*(column.desc() if self.descending else column.asc() for column in self._order))

    def after(self, query: Select[Any], bound: Sequence[Any]) -> Select[Any]:
        """The query cut to what stands behind the row with these values. Raises BadCursor."""
        if len(bound) != len(self.columns):
            raise BadCursor
        here = tuple_(*self._order)
        there = tuple_(
            *(
                bindparam(f"cursor_{column.name}", _value(column, value), type_=column.type)
                for column, value in zip(self.columns, bound, strict=True)
            )
        )
        return query.where(here < there if self.descending else here > there)


def stretches(
    connection: Connection, sort: CallSort, *, sees_draft: bool, blind: ColumnElement[bool] | None, few: bool
) -> tuple[Stretch, ...]:
    """The stretches of an order. `blind`: calls whose draft the viewer must not see, whose place must not tell it.

    `few`: the filters have an index that finds few calls. SQLite would walk the order's index all the same, through
    a million rows; PostgreSQL knows better by itself.
    """
    if sort.order is CallOrder.ATTENTION and not sees_draft:
        sort = NEWEST
    column = column_of(sort.order, sees_draft=sees_draft)
    if sort.order is CallOrder.STARTED:
        return (Stretch("", TIME, sort.descending),)
    if sort.order is CallOrder.NUMBER:
        return (Stretch("", (column,), sort.descending),)
    few = few and connection.dialect.name == "sqlite"
    asked = bare(column) if few else column
    open_to_him = ~blind if blind is not None and sort.order in OF_THE_DRAFT else None
    values = _groups(connection, sort.order, column)
    if values is not None:
        named = [Stretch(value, condition=_both(asked == value, open_to_him)) for value in values]
        rest = asked.is_(None) | asked.not_in(values)
        stand = named if sort.descending else named[::-1]
    else:
        known = asked > 0 if sort.order is CallOrder.ATTENTION else asked.is_not(None)
        rest = asked == 0 if sort.order is CallOrder.ATTENTION else asked.is_(None)
        stand = [Stretch("+", (column, *TIME), sort.descending, _both(known, open_to_him), sorts=few)]
    return (*stand, Stretch(REST, condition=rest if open_to_him is None else rest | ~open_to_him))


def column_of(order: CallOrder, *, sees_draft: bool) -> Any:
    """The column of `calls` that an order goes by: what people decided, else the draft for those who may see it."""
    if order is CallOrder.CQR:
        return calls.c.list_cqr_hundredths if sees_draft else calls.c.cqr_hundredths
    if order is CallOrder.TYPE:
        return calls.c.list_type if sees_draft else calls.c.call_type
    return COLUMNS.get(order, calls.c.started_at)


def bare(column: Any) -> Any:
    """The column with SQLite's unary plus, which no index answers."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)


def _both(one: ColumnElement[bool], other: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return one if other is None else one & other


def _groups(connection: Connection, order: CallOrder, column: Any) -> list[str] | None:
    """The values of an order that goes by groups, as they are when it descends; None for an order by amount.

    Groups of people are read backwards, so that ascending is from A to Z.
    """
    if order is CallOrder.STATUS:
        return [status.value for status in reversed(Status)]
    if order is CallOrder.TYPE:
        return [kind.value for kind in reversed(CallType)]
    if order not in OF_PEOPLE:
        return None
    has_calls = select(calls.c.call_id).where(column == people.c.person_id).exists()
    rows = connection.execute(select(people.c.person_id, people.c.name).where(has_calls)).all()
    return [row.person_id for row in sorted(rows, key=lambda row: (row.name.casefold(), row.person_id), reverse=True)]


def walk(
    connection: Connection, query: Select[Any], way: Sequence[Stretch], cursor: str | None, limit: int
) -> tuple[list[Row[Any]], str | None]:
    """Up to `limit` rows from the cursor on, and the cursor of what follows, None at the end. Raises BadCursor."""
    name, bound = _parse(cursor) if cursor is not None else (way[0].name, None)
    at = next((index for index, stretch in enumerate(way) if stretch.name == name), None)
    if at is None:
        raise BadCursor
    found: list[tuple[Stretch, Row[Any]]] = []
    for stretch in way[at:]:
        part = stretch.ordered(query).limit(limit + 1 - len(found))
        if bound is not None:
            part, bound = stretch.after(part, bound), None
        found += [(stretch, row) for row in connection.execute(part)]
        if len(found) > limit:
            break
    rows = [row for _, row in found[:limit]]
    if len(found) <= limit:
        return rows, None
    stretch, last = found[limit - 1]
    return rows, cursor_at(stretch.name, [getattr(last, column.name) for column in stretch.columns])


def cursor_of(started_at: datetime, call_id: str) -> str:
    """Where the page after this row begins, in the list's own order, newest first."""
    return cursor_at("", (started_at, call_id))


def cursor_at(stretch: str, values: Sequence[Any]) -> str:
    """Where the page after a row begins: its stretch, and its values in the stretch's columns."""
    plain = [to_microseconds(value) if isinstance(value, datetime) else value for value in values]
    text = json.dumps([stretch, *plain], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def _parse(cursor: str) -> tuple[str, list[Any]]:
    try:
        parsed = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii")))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise BadCursor from error
    if not isinstance(parsed, list) or not parsed or not isinstance(parsed[0], str):
        raise BadCursor
    return parsed[0], parsed[1:]


def _value(column: Any, value: Any) -> Any:
    """A value of a cursor as its column takes it. Raises BadCursor."""
    if column.name in ("call_id", "client_label"):
        if not isinstance(value, str):
            raise BadCursor
        return value
    if type(value) is not int or abs(value) >= 2**63:
        raise BadCursor
    if column.name not in ("started_at", "due_at"):
        return value
    try:
        return from_microseconds(value)
    except (ValueError, OverflowError) as error:
        raise BadCursor from error
