"""The port `Shelf` on the review's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal, cast

from sqlalchemy import func, select

from services.review.adapters import access_log, audit, preferences
from services.review.adapters.card_names import CardNames
from services.review.adapters.page_leads import broken_rules, lead_rows
from services.review.adapters.tables_people import audit_log
from services.review.domain.people import Viewer
from services.review.domain.preferences import Preferences
from services.review.domain.views import CallFilters, CallSort
from services.review.ports.pages import BrokenRule, Found, LeadRow, Letter, SourceRow
from services.runtime.burial import dig_up
from services.runtime.database import Database, database_now
from services.runtime.queue import BURIED, INBOX

DAY = timedelta(days=1)
ONE_PLAY = timedelta(minutes=10)  # ranges asked for within this time belong to a play that was noted
Finder = Callable[[Viewer, str, CallFilters, str | None, int, CallSort], Found]


class RealShelf:
    """Small reads and writes of the pages. `find` searches the dialogues."""

    def __init__(self, database: Database, find: Finder) -> None:
        self._database = database
        self.find = find
        self.card_names = CardNames(database)

    def note_access(self, viewer: Viewer, kind: str, call_id: str, fields: tuple[str, ...]) -> None:
        with self._database.begin() as connection:
            access_log.note(
                connection,
                viewer=viewer,
                kind=cast(Literal["view", "play"], kind),
                object_kind="call",
                object_ids=[call_id],
                fields=fields,
            )

    def note_play(self, viewer: Viewer, call_id: str, *, begins: bool) -> None:
        with self._database.begin() as connection:
            since = database_now(connection) - ONE_PLAY
            if not begins and access_log.noted_since(
                connection, person_id=viewer.person_id, kind="play", object_id=call_id, since=since
            ):
                return
            access_log.note(
                connection, viewer=viewer, kind="play", object_kind="call", object_ids=[call_id], fields=("audio",)
            )

    def preferences(self, viewer: Viewer) -> Preferences:
        with self._database.read() as connection:
            return preferences.read(connection, viewer.person_id)

    def prefer(self, viewer: Viewer, said: Preferences) -> None:
        with self._database.begin() as connection:
            preferences.keep(connection, viewer.person_id, said)

    def leads(self, viewer: Viewer, limit: int) -> Sequence[LeadRow]:
        with self._database.read() as connection:
            return lead_rows(connection, viewer, limit)

    def violations(self, viewer: Viewer, limit: int) -> Sequence[BrokenRule]:
        with self._database.read() as connection:
            return broken_rules(connection, viewer, limit)

    def pulse(self) -> str:
        with self._database.read() as connection:
            last = connection.execute(select(func.max(audit_log.c.seq))).scalar_one()
            inbox = connection.execute(select(func.max(INBOX.c.ended_at))).scalar_one()
        return f"{last}:{inbox}"

    def letters(self, limit: int) -> Sequence[Letter]:
        columns = [BURIED.c[name] for name in Letter.__dataclass_fields__]
        query = select(*columns).order_by(BURIED.c.seq.desc()).limit(limit)
        with self._database.read() as connection:
            return [Letter(**row._mapping) for row in connection.execute(query)]

    def replay(self, actor: Viewer, seq: int) -> bool:
        with self._database.begin() as connection:
            done = dig_up(connection, seq)
            if done:
                audit.record(
                    connection, actor=actor, action="dead_letter.replayed", object_kind="letter", object_id=str(seq)
                )
        return done

    def sources(self) -> Sequence[SourceRow]:
        with self._database.read() as connection:
            now = database_now(connection)
            last = connection.execute(
                select(INBOX.c.topic, func.max(INBOX.c.received_at), func.count().filter(INBOX.c.status == "waiting"))
                .group_by(INBOX.c.topic)
                .order_by(INBOX.c.topic)
            ).all()
            buried = {
                topic: int(number)
                for topic, number in connection.execute(
                    select(BURIED.c.topic, func.count()).where(BURIED.c.buried_at > now - DAY).group_by(BURIED.c.topic)
                )
            }
        rows = [SourceRow(topic, at, int(waiting), buried.pop(topic, 0)) for topic, at, waiting in last]
        return rows + [SourceRow(topic, None, 0, number) for topic, number in buried.items()]
