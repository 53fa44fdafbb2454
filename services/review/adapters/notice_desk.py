"""The desk of one's own notices on one connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.review.adapters.chats import ChatStore
from services.review.adapters.desk import ConnectedAudit
from services.review.adapters.notices import Choice, choice_of, choice_version, choose
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.store_credit import AnswerStore
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

    @property
    def answers(self) -> AnswerStore:
        """What was answered to commands with a key."""
        return AnswerStore(self.connection, database_now(self.connection))

    def version(self, viewer: Viewer) -> int:
        """Of his choice; 0 before the first one."""
        return choice_version(self.connection, viewer.person_id)

    @property
    def audit(self) -> ConnectedAudit:
        """The log."""
        return ConnectedAudit(self.connection)

    def store(self, viewer: Viewer, channel: Channel | None, muted_kinds: frozenset[str], version: int) -> None:
        """Stores the choice over the version that stood. Raises StaleVersion."""
        choose(self.connection, viewer.person_id, Choice(channel, muted_kinds), version)

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
