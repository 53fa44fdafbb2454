"""Puts raw events to work again: into tables and topics, from the record that is kept for ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.engine import Connection

from services.ingest.adapters import raw_rows
from services.ingest.adapters.tables import CALLS, RECORDINGS
from services.ingest.domain.jobs import RAW_EVENT, REPUBLISH
from services.ingest.ports import Provider
from services.runtime.database import Database, database_now
from services.runtime.queue import Job, put_all

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Window:
    """Which raw events; `subject` is one call's, lead's or person's."""

    since: datetime | None = None
    until: datetime | None = None
    subject: str | None = None
    put_aside: bool = False


def call_subject(connection: Connection, call: str) -> str | None:
    """The subject of a call by our id or the PBX's; None when it is not known or the PBX's id is not unique."""
    found = connection.execute(
        select(CALLS.c.call_id).where(or_(CALLS.c.call_id == call, CALLS.c.provider_call_id == call)).limit(2)
    ).scalars()
    ids = found.all()
    return f"call:{ids[0]}" if len(ids) == 1 else None


def replay(database: Database, window: Window, providers: Mapping[str, Provider], run: str) -> Iterator[int]:
    """Puts jobs in chunks; gives how many each time. `run` names the replay: the same one twice is one."""
    with database.read() as connection:
        found = list(raw_rows.listed(connection, window.since, window.until, window.subject, window.put_aside))
    for start in range(0, len(found), CHUNK):
        with database.begin() as connection:
            jobs = list(_jobs(connection, found[start : start + CHUNK], providers, run))
            put_all(connection, jobs)
        yield len(jobs)


@dataclass(frozen=True, slots=True)
class Aside:
    """A raw event that was put aside. `why` is its code, and where and what, as far as its bytes tell today."""

    number: int
    source: str
    event_key: str
    received_at: datetime
    why: str


def aside(database: Database, window: Window, providers: Mapping[str, Provider]) -> Iterator[Aside]:
    """What a replay of the put-aside would work on."""
    with database.read() as connection:
        for row in raw_rows.listed(connection, window.since, window.until, window.subject, put_aside=True):
            kept, provider = raw_rows.by_id(connection, row.raw_id), providers.get(row.source)
            if kept is None:
                continue
            readings = provider.read(kept.raw) if provider else ()
            problem = readings[kept.position].problem if kept.position < len(readings) else None
            why = (
                f"{problem.code} {problem.where}: {problem.detail}"
                if problem
                else f"{kept.problem}; it can be read now"
            )
            yield Aside(row.raw_id, row.source, row.event_key, kept.raw.received_at, why)


def _jobs(
    connection: Connection, rows: list[raw_rows.Listed], providers: Mapping[str, Provider], run: str
) -> Iterator[Job]:
    now = database_now(connection)
    for row in rows:
        subject = row.subject or _subject_now(connection, row, providers)
        if subject:
            data = {"source": row.source, "key": row.event_key, "run": run}
            yield Job(RAW_EVENT, subject, data, f"replay-{run}-{row.raw_id}", now)


def _subject_now(connection: Connection, row: raw_rows.Listed, providers: Mapping[str, Provider]) -> str:
    """Of an event that could not be read when it came, and perhaps can be now."""
    kept, provider = raw_rows.by_id(connection, row.raw_id), providers.get(row.source)
    if kept is None or provider is None:
        return ""
    readings = provider.read(kept.raw)
    return readings[kept.position].subject if kept.position < len(readings) else ""


def ask_for_lost(database: Database, run: str) -> int:
    """Asks again for every lost recording; how many."""
    with database.begin() as connection:
        now = database_now(connection)
        lost = connection.execute(select(RECORDINGS.c.recording_id).where(RECORDINGS.c.state == "lost")).scalars()
        jobs = [
            Job(
                REPUBLISH,
                f"recording:{name}",
                {"what": "recording", "id": name, "run": run},
                f"republish-{run}-recording-{name}",
                now,
            )
            for name in lost.all()
        ]
        put_all(connection, jobs)
    return len(jobs)
