"""A house with loopback Telegram and mail servers, for tests of notices and of the bot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from services.review.adapters.mail import SmtpMailer
from services.review.adapters.notices import TOPIC, NoticeSender
from services.review.adapters.tables_people import notices, telegram_chats
from services.review.adapters.telegram import TelegramBot
from services.runtime.database import database_now
from services.runtime.queue import Received, Tx
from tests.integration.review.calls import add_call
from tests.integration.review.fake_smtp import FakeSmtp, smtp_server
from tests.integration.review.fake_telegram import TOKEN, FakeTelegram, telegram_server
from tests.integration.review.house import PEOPLE, House, house_at

CHAT = 7001
HOME = "https://qa.example"
PERSON = {person.person_id: person for person in PEOPLE}


class Stopwatch:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def telegram() -> Iterator[FakeTelegram]:
    with telegram_server() as fake:
        yield fake


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with smtp_server() as fake:
        yield fake


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def bot(telegram: FakeTelegram, watch: Stopwatch) -> Iterator[TelegramBot]:
    made = TelegramBot(TOKEN, telegram.url, clock=watch, sleep=watch.sleep, send_seconds=3)
    yield made
    made.close()


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with house_at(sqlite_url) as made:
        yield made


@pytest.fixture
def sender(house: House, bot: TelegramBot, smtp: FakeSmtp) -> NoticeSender:
    mailer = SmtpMailer("127.0.0.1", smtp.port, "", "", "none", "otzvuk@qa.example", seconds=5)
    return NoticeSender(house.database, HOME, messenger=bot, mailer=mailer)


def bind(house: House, person_id: str, chat_id: int = CHAT) -> None:
    with house.database.begin() as connection:
        connection.execute(
            insert(telegram_chats).values(person_id=person_id, chat_id=chat_id, bound_at=datetime.now(UTC))
        )


def tell(house: House, sender: NoticeSender, person_id: str, kind: str = "evaluated", notice_id: str = "n1") -> None:
    """What the work loop does with one row."""
    data = {"notice_id": notice_id, "person_id": person_id, "kind": kind, "call_id": "c1", "call_number": 10482}
    received = Received(f"notice-{notice_id}", TOPIC, person_id, datetime.now(UTC), 1, None, data, 1)
    outcome = sender.send(received)
    with house.database.begin() as connection:
        sender.write_end(received, outcome, Tx(connection, database_now(connection)))


def ends(house: House) -> list[tuple[str, str, str | None]]:
    with house.database.read() as connection:
        rows = connection.execute(select(notices.c.state, notices.c.channel, notices.c.why))
        return [(row.state, row.channel, row.why) for row in rows]


def pending(house: House, left: timedelta) -> None:
    """The call as it stands after its evaluation."""
    with house.database.begin() as connection:
        add_call(
            connection,
            "c1",
            number=10482,
            seller_id="marina",
            department_id="cc",
            status="evaluated_pending",
            evaluator_id="olga",
            approve_at=database_now(connection) + left,
        )
