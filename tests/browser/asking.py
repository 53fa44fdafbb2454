"""What tests ask the database, to see what a click has really done."""

from __future__ import annotations

from sqlalchemy import select

from services.review.adapters.tables import calls, evaluations, tasks
from tests.browser.serving import Place


def calls_in(place: Place, status: str, **where: str | None) -> list[str]:
    """Ids of calls in a status, oldest first; `where` narrows by column."""
    query = select(calls.c.call_id).where(calls.c.status == status).order_by(calls.c.started_at)
    for name, value in where.items():
        query = query.where(calls.c[name] == value)
    with place.database.read() as connection:
        return list(connection.execute(query).scalars())


def status_of(place: Place, call_id: str) -> str:
    """Where a call stands."""
    with place.database.read() as connection:
        found = connection.execute(select(calls.c.status).where(calls.c.call_id == call_id)).scalar_one()
    return str(found)


def version_of(place: Place, call_id: str) -> int:
    """The version that a change of the call must name."""
    with place.database.read() as connection:
        return int(connection.execute(select(calls.c.version).where(calls.c.call_id == call_id)).scalar_one())


def finished_evaluations(place: Place, call_id: str) -> int:
    """How many evaluations of a call are finished."""
    query = select(evaluations.c.evaluation_id).where(
        evaluations.c.call_id == call_id, evaluations.c.finished_at.is_not(None)
    )
    with place.database.read() as connection:
        return len(connection.execute(query).all())


def assignee_of(place: Place, call_id: str) -> str | None:
    """Whose listening task it is."""
    with place.database.read() as connection:
        found = connection.execute(select(tasks.c.assignee_id).where(tasks.c.call_id == call_id)).scalar_one()
    return None if found is None else str(found)
