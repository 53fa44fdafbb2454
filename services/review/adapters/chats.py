"""Which Telegram chat is whose, and the loop in which the bot hears and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, delete, insert, select, update

from services.review.adapters.call_page import CallPageReader
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.tables import calls
from services.review.adapters.tables_people import telegram_chats, telegram_links, telegram_offset
from services.review.domain.criteria_names import name_of
from services.review.domain.notices import Mark
from services.review.domain.people import Person, Viewer
from services.review.ports.notices import Bot, BotUpdate, Reply
from services.runtime.database import Database, database_now
from services.runtime.errors import NotFound, NotPermitted, TransientError


class ChatStore:
    """The port `ChatBook` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._people = PeopleStore(connection)

    def new_link(self, person_id: str, token_hash: str, ends_at: datetime) -> None:
        """A one-time link; earlier ones of the person end."""
        self._connection.execute(delete(telegram_links).where(telegram_links.c.person_id == person_id))
        self._connection.execute(
            insert(telegram_links).values(token_hash=token_hash, person_id=person_id, ends_at=ends_at)
        )

    def bind(self, token_hash: str, chat_id: int, now: datetime) -> Person | None:
        """Uses a link once; the chat is the person's from now on, whoever's it was."""
        used = self._connection.execute(
            update(telegram_links)
            .where(
                telegram_links.c.token_hash == token_hash,
                telegram_links.c.used_at.is_(None),
                telegram_links.c.ends_at > now,
            )
            .values(used_at=now)
        )
        if used.rowcount != 1:
            return None
        person_id = self._connection.execute(
            select(telegram_links.c.person_id).where(telegram_links.c.token_hash == token_hash)
        ).scalar_one()
        person = self._people.person(person_id)
        if person is None or not person.active:
            return None
        self._connection.execute(
            delete(telegram_chats).where(
                (telegram_chats.c.chat_id == chat_id) | (telegram_chats.c.person_id == person_id)
            )
        )
        self._connection.execute(insert(telegram_chats).values(person_id=person_id, chat_id=chat_id, bound_at=now))
        return person

    def unbind(self, chat_id: int) -> Person | None:
        """The chat is nobody's any more; whose it was."""
        person = self._whose(chat_id)
        self._connection.execute(delete(telegram_chats).where(telegram_chats.c.chat_id == chat_id))
        return person

    def owner(self, chat_id: int) -> Person | None:
        """The active person whose chat it is."""
        person = self._whose(chat_id)
        return person if person is not None and person.active else None

    def is_bound(self, person_id: str) -> bool:
        """Whether the person has a chat that is not blocked."""
        query = select(telegram_chats.c.chat_id).where(
            telegram_chats.c.person_id == person_id, telegram_chats.c.blocked_at.is_(None)
        )
        return self._connection.execute(query).first() is not None

    def result(self, viewer: Viewer, number: int) -> tuple[Decimal | None, tuple[Mark, ...]] | None:
        """CQR and marks of a call's finished evaluation, if the viewer may see them; corrections win."""
        call_id = self._connection.execute(select(calls.c.call_id).where(calls.c.number == number)).scalar_one_or_none()
        if call_id is None:
            return None
        try:
            page = CallPageReader(self._connection, viewer, database_now(self._connection)).read(call_id)
        except (NotFound, NotPermitted):
            return None
        evaluation = page.evaluation
        if evaluation is None or evaluation.finished_at is None:
            return None
        marks = tuple(
            Mark(
                name_of(score.criterion, viewer.language),
                score.score if score.corrected_verdict is None else score.corrected_score,
            )
            for score in evaluation.scores
        )
        return page.row.cqr if page.row.cqr is not None else evaluation.cqr, marks

    def _whose(self, chat_id: int) -> Person | None:
        person_id = self._connection.execute(
            select(telegram_chats.c.person_id).where(telegram_chats.c.chat_id == chat_id)
        ).scalar_one_or_none()
        return None if person_id is None else self._people.person(person_id)


class BotEars:
    """One step of the bot: waits for updates, answers each, remembers how far it heard.

    `hear` is given the chats and one update in a transaction, and says what to reply (chat, message).
    """

    def __init__(
        self,
        database: Database,
        bot: Bot,
        hear: Callable[[Connection, ChatStore, BotUpdate, datetime], Sequence[Reply]],
    ) -> None:
        self._database = database
        self._bot = bot
        self._hear = hear

    def step(self) -> bool:
        """Whether anything was heard. Raises TransientError when Telegram is away."""
        with self._database.read() as connection:
            offset = connection.execute(select(telegram_offset.c.next_update_id)).scalar_one_or_none() or 0
        updates = self._bot.updates(offset)
        for said in updates:
            with self._database.begin() as connection:
                replies = self._hear(connection, ChatStore(connection), said, database_now(connection))
                _heard(connection, said.update_id + 1)
            self._answer(said, replies)
        return bool(updates)

    def _answer(self, said: BotUpdate, replies: Sequence[Reply]) -> None:
        """Replies are courtesy: one that Telegram does not take now is not sent again."""
        if said.callback_id is not None:
            self._bot.answer(said.callback_id)
        for reply in replies:
            try:
                self._bot.send(reply.chat_id, reply.message)
            except TransientError:
                return


def _heard(connection: Connection, next_update_id: int) -> None:
    values = {"next_update_id": next_update_id}
    if connection.execute(update(telegram_offset).values(**values)).rowcount == 0:
        connection.execute(insert(telegram_offset).values(one=1, **values))
