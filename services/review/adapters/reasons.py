"""Why a call is remarkable, as a condition that each database can answer from an index of that reason's own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, Table, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnElement

from services.review.domain.drafting import RISKS

# SQL that finds a code between its commas; the same words stand in the index and in the query, or no index is used.
_FINDS = {"sqlite": "instr(calls.remarkable, ',{0},') > 0", "postgresql": "strpos(calls.remarkable, ',{0},') > 0"}


class HasReason(ColumnElement[bool]):
    """`calls.remarkable` holds this reason, one of the known ones."""

    inherit_cache = False
    type = Boolean()

    def __init__(self, reason: str) -> None:
        if reason not in RISKS:
            raise KeyError(reason)
        self.reason = reason

    def self_group(self, against: Any = None) -> HasReason:
        """A condition as it stands: SQLAlchemy would write `… = 1` after it, and no index would answer that."""
        return self


@compiles(HasReason)
def _compiled(element: HasReason, compiler: Any, **_more: Any) -> str:
    return _FINDS[compiler.dialect.name].format(element.reason)


def add_reason_indexes(calls: Table) -> None:
    """One partial index a reason, in the order of the list."""
    for reason in RISKS:
        where = {name: finds.format(reason).replace("calls.", "") for name, finds in _FINDS.items()}
        Index(
            f"ix_calls_reason_{reason}",
            calls.c.started_at,
            calls.c.call_id,
            sqlite_where=text(where["sqlite"]),
            postgresql_where=text(where["postgresql"]),
        )
