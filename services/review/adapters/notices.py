"""Notices from the durable queue to people: which way, sent outside the transaction, its end written inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.review.adapters.people_store import person_of
from services.review.adapters.tables import calls
from services.review.adapters.tables_people import notice_choices, notices, people, telegram_chats
from services.review.domain.notices import CallNews, Channel, channel_for, message_of
from services.review.domain.people import Person
from services.review.ports.notices import Delivered, Mailer, Messenger, Outcome, Refused
from services.runtime.database import Database, database_now
from services.runtime.errors import PermanentError, StaleVersion
from services.runtime.queue import Received, Route, Tx

TOPIC = "notices"


@dataclass(frozen=True)
class Choice:
    """How a person wants to be told: None lets us choose; kinds that he does not want to hear of."""

    channel: Channel | None
    muted_kinds: frozenset[str]


@dataclass(frozen=True)
class Addressee:
    """Everything that sending to a person needs."""

    person: Person
    choice: Choice
    chat_id: int | None


@dataclass(frozen=True)
class Sent:
    """What came of it: the way that was taken and how the other side answered; `why` if nothing was sent."""

    channel: Channel
    outcome: Outcome | None
    chat_id: int | None = None
    why: str | None = None


class NoticeSender:
    """Makes the route for the queue. `home` is the address that people open, without a slash at the end."""

    def __init__(
        self, database: Database, home: str, *, messenger: Messenger | None = None, mailer: Mailer | None = None
    ) -> None:
        self._database = database
        self._home = home.rstrip("/")
        self._messenger = messenger
        self._mailer = mailer

    def route(self) -> Route:
        """For `serve(routes=…)`: order is kept per person, waiting is not counted as an attempt."""
        return Route(TOPIC, self.write_end, prepare=self.send, on_buried=self._on_buried)

    def send(self, received: Received) -> Sent:
        """The slow part. Between the other side's answer and `write_end` a crash sends it a second time."""
        job = _job(received)
        with self._database.read() as connection:
            if _ended(connection, job["notice_id"]):
                return Sent(Channel.NONE, None, why="sent_before")
            addressee = addressee_of(connection, job["person_id"])
            news = news_of(connection, job.get("call_id"), self._home)
            now = database_now(connection)
        if addressee is None or not addressee.person.active:
            return Sent(Channel.NONE, None, why="not_active")
        if job["kind"] in addressee.choice.muted_kinds:
            return Sent(Channel.NONE, None, why="muted")
        return self._send(addressee, job, news, now)

    def _send(self, addressee: Addressee, job: dict[str, Any], news: CallNews | None, now: datetime) -> Sent:
        person = addressee.person
        message = message_of(job["kind"], news, person.language, now, self._home)
        chat_id = addressee.chat_id if self._messenger else None
        email = person.email if self._mailer else None
        channel = channel_for(addressee.choice.channel, telegram=chat_id is not None, email=email is not None)
        if channel is Channel.TELEGRAM and self._messenger and chat_id is not None:
            outcome = self._messenger.send(chat_id, message)
            blocked = isinstance(outcome, Refused) and outcome.blocked
            if not (blocked and email and self._mailer):
                return Sent(channel, outcome, chat_id)
            return Sent(Channel.EMAIL, self._mailer.send(email, message, job["notice_id"]), chat_id, why="blocked")
        if channel is Channel.EMAIL and self._mailer and email:
            return Sent(channel, self._mailer.send(email, message, job["notice_id"]))
        return Sent(Channel.NONE, None, why="no_channel")

    def write_end(self, received: Received, sent: Sent, tx: Tx) -> None:
        """The row of the notice, and what was learnt of the chat."""
        if sent.why == "sent_before":
            return
        connection = tx.connection
        if sent.chat_id is not None:
            refused = isinstance(sent.outcome, Refused) and sent.outcome.blocked
            if refused or sent.why == "blocked":
                connection.execute(
                    update(telegram_chats).where(telegram_chats.c.chat_id == sent.chat_id).values(blocked_at=tx.now)
                )
            if isinstance(sent.outcome, Delivered) and sent.outcome.moved_to is not None:
                move_chat(connection, sent.chat_id, sent.outcome.moved_to)
        why = sent.outcome.why if isinstance(sent.outcome, Refused) else sent.why
        _write(connection, received, sent.channel, "sent" if _is_delivered(sent) else "given_up", why, tx.now)

    def _on_buried(self, received: Received, code: str, tx: Tx) -> None:
        if {"notice_id", "person_id", "kind"} <= received.data.keys():
            _write(tx.connection, received, Channel.NONE, "given_up", code, tx.now)


def _is_delivered(sent: Sent) -> bool:
    return isinstance(sent.outcome, Delivered)


def _job(received: Received) -> dict[str, Any]:
    if not {"notice_id", "person_id", "kind"} <= received.data.keys():
        raise PermanentError("This is not a notice.")
    return received.data


def _ended(connection: Connection, notice_id: str) -> bool:
    query = select(notices.c.notice_id).where(notices.c.notice_id == notice_id, notices.c.state != "waiting")
    return connection.execute(query).first() is not None


def _write(
    connection: Connection, received: Received, channel: Channel, state: str, why: str | None, now: datetime
) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    job = received.data
    values = {
        "person_id": job["person_id"],
        "kind": job["kind"],
        "call_id": job.get("call_id"),
        "call_number": job.get("call_number"),
        "state": state,
        "channel": channel.value,
        "why": why,
        "written_at": received.occurred_at,
        "ended_at": now,
    }
    connection.execute(
        dialect.insert(notices)
        .values(notice_id=job["notice_id"], **values)
        .on_conflict_do_update(index_elements=["notice_id"], set_=values)
    )


def addressee_of(connection: Connection, person_id: str) -> Addressee | None:
    """The person, his choice, and his chat unless he blocked the bot."""
    row = connection.execute(select(people).where(people.c.person_id == person_id)).one_or_none()
    if row is None:
        return None
    chat = connection.execute(
        select(telegram_chats.c.chat_id).where(
            telegram_chats.c.person_id == person_id, telegram_chats.c.blocked_at.is_(None)
        )
    ).scalar_one_or_none()
    return Addressee(person_of(connection, row), choice_of(connection, person_id), chat)


def choice_of(connection: Connection, person_id: str) -> Choice:
    """What the person chose; nothing muted and any way, when he never did."""
    row = connection.execute(select(notice_choices).where(notice_choices.c.person_id == person_id)).one_or_none()
    if row is None:
        return Choice(None, frozenset())
    channel = None if row.channel is None else Channel(row.channel)
    return Choice(channel, frozenset(filter(None, row.muted_kinds.split(","))))


def choice_version(connection: Connection, person_id: str) -> int:
    """The version of what the person chose; 0 when he never did."""
    query = select(notice_choices.c.version).where(notice_choices.c.person_id == person_id)
    return int(connection.execute(query).scalar_one_or_none() or 0)


def choose(connection: Connection, person_id: str, choice: Choice, version: int) -> None:
    """Stores a choice over the version that stood. Raises StaleVersion."""
    values = {
        "channel": None if choice.channel is None else choice.channel.value,
        "muted_kinds": ",".join(sorted(choice.muted_kinds)),
        "version": version + 1,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    if version == 0:
        first = dialect.insert(notice_choices).values(person_id=person_id, **values)
        stored = connection.execute(first.on_conflict_do_nothing(index_elements=["person_id"]))
    else:
        held = (notice_choices.c.person_id == person_id, notice_choices.c.version == version)
        stored = connection.execute(update(notice_choices).where(*held).values(**values))
    if stored.rowcount != 1:
        raise StaleVersion("This choice was changed meanwhile; look again.")


def news_of(connection: Connection, call_id: str | None, home: str) -> CallNews | None:
    """What a message may know of the call."""
    if call_id is None:
        return None
    row = connection.execute(
        select(calls.c.number, calls.c.status, calls.c.approve_at).where(calls.c.call_id == call_id)
    ).one_or_none()
    if row is None:
        return None
    until = row.approve_at if row.status == "evaluated_pending" else None
    return CallNews(row.number, f"{home}/calls/{call_id}", until)


def move_chat(connection: Connection, old: int, new: int) -> None:
    """The chat has a new id."""
    connection.execute(delete(telegram_chats).where(telegram_chats.c.chat_id == new))
    connection.execute(update(telegram_chats).where(telegram_chats.c.chat_id == old).values(chat_id=new))
