"""The desk of one's own notices on one connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.review.adapters import audit
from services.review.adapters.chats import ChatStore
from services.review.adapters.notices import Choice, choice_of, choose
from services.review.adapters.people_store import PeopleStore
from services.review.domain.notices import Channel
from services.review.domain.people import Viewer
from services.runtime.database import Database, database_now


@dataclass(frozen=True)
class RealNoticeDesk:
    """The port of the notice routes. `make_link` is given the chats, the viewer and now."""

    connection: Connection
    telegram_available: bool
    mail_available: bool
    make_link: Callable[[Connection, ChatStore, Viewer, datetime], tuple[str, datetime]]

    def read(self, viewer: Viewer) -> tuple[Channel | None, frozenset[str], bool, bool]:
        """Channel, muted kinds, whether a chat is bound, whether mail would reach him."""
        choice = choice_of(self.connection, viewer.person_id)
        person = PeopleStore(self.connection).person(viewer.person_id)
        mail = self.mail_available and person is not None and person.email is not None
        return choice.channel, choice.muted_kinds, ChatStore(self.connection).is_bound(viewer.person_id), mail

    def choose(self, viewer: Viewer, channel: Channel | None, muted_kinds: frozenset[str]) -> None:
        """Stores the choice."""
        choose(self.connection, viewer.person_id, Choice(channel, muted_kinds))
        audit.record(
            self.connection,
            actor=viewer,
            action="notices.chosen",
            object_kind="person",
            object_id=viewer.person_id,
            after={"channel": channel.value if channel else None, "muted": muted_kinds},
        )

    def link(self, viewer: Viewer) -> tuple[str, datetime]:
        """A one-time link for the viewer's chat."""
        return self.make_link(self.connection, ChatStore(self.connection), viewer, database_now(self.connection))


@dataclass(frozen=True)
class RealNoticeDesks:
    """Opens the desk in a write transaction."""

    database: Database
    telegram_available: bool
    mail_available: bool
    make_link: Callable[[Connection, ChatStore, Viewer, datetime], tuple[str, datetime]]

    @contextmanager
    def __call__(self) -> Iterator[RealNoticeDesk]:
        """One transaction."""
        with self.database.begin() as connection:
            yield RealNoticeDesk(connection, self.telegram_available, self.mail_available, self.make_link)
