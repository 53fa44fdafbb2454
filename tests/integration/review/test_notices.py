"""Notices against a loopback Telegram and mail server: each fault of theirs, and nothing personal in any text."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from services.review.adapters.notices import Choice, NoticeSender, choose
from services.review.adapters.tables_people import telegram_chats
from services.review.adapters.telegram import TelegramBot
from services.review.domain.notices import Channel
from services.runtime.errors import TransientError
from tests.integration.review.bells import (
    CHAT,
    HOME,
    Stopwatch,
    bind,
    bot,
    ends,
    house,
    pending,
    sender,
    smtp,
    telegram,
    tell,
    watch,
)
from tests.integration.review.fake_smtp import FakeSmtp
from tests.integration.review.fake_telegram import TOKEN, FakeTelegram, refusal
from tests.integration.review.house import PEOPLE, House

__all__ = ["bot", "house", "sender", "smtp", "telegram", "watch"]  # fixtures


class TestTelegramMessage:
    def test_number_link_and_time_left(self, house: House, sender: NoticeSender, telegram: FakeTelegram) -> None:
        bind(house, "marina")
        pending(house, timedelta(hours=47, minutes=12, seconds=30))
        tell(house, sender, "marina")
        sent = telegram.sent[0]
        assert sent["chat_id"] == str(CHAT)
        assert sent["text"] == (
            "Звонок №10482 оценён, в зачёт пока не утверждён. Обжаловать можно ещё 1 д 23 ч.\n"
            "https://qa.example/calls/c1"
        )
        assert "parse_mode" not in sent
        assert [
            (button["text"], button.get("callback_data"), button.get("url"))
            for row in _keyboard(sent)
            for button in row
        ] == [
            ("Открыть", None, "https://qa.example/calls/c1"),
            ("Результат по критериям", "result:10482", None),
            ("Обжаловать", None, "https://qa.example/calls/c1#appeal"),
        ]
        assert ends(house) == [("sent", "telegram", None)]

    @pytest.mark.parametrize("kind", ["evaluated", "approved", "mentioned", "task_overdue", "a kind of tomorrow"])
    def test_nothing_personal_in_it(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, smtp: FakeSmtp, kind: str
    ) -> None:
        bind(house, "marina")
        pending(house, timedelta(hours=40))
        tell(house, sender, "marina", kind)
        tell(house, sender, "olga", kind, "n2")
        texts = [telegram.sent[0]["text"], smtp.letters[0].get_content(), str(smtp.letters[0]["Subject"])]
        for text in texts:
            assert not any(part in text for person in PEOPLE for part in person.name.split())
            assert re.findall(r"\d{4,}", text.replace("10482", "")) == []


def _keyboard(sent: dict[str, str]) -> list[list[dict[str, str]]]:
    import json

    keyboard: list[list[dict[str, str]]] = json.loads(sent["reply_markup"])["inline_keyboard"]
    return keyboard


class TestTelegramFaults:
    def test_too_many_requests_waits_as_long_as_told(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, watch: Stopwatch
    ) -> None:
        bind(house, "marina")
        telegram.answers.append(refusal(429, "Too Many Requests: retry after 7", retry_after=7))
        for _ in range(3):
            with pytest.raises(TransientError):
                tell(house, sender, "marina")
        assert (telegram.sent, len(telegram.answers), ends(house)) == ([], 0, [])
        watch.now += 7
        tell(house, sender, "marina")
        assert (len(telegram.sent), ends(house)) == (1, [("sent", "telegram", None)])

    def test_a_blocked_bot_goes_to_mail_at_once_and_stays_there(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, smtp: FakeSmtp
    ) -> None:
        bind(house, "olga")
        telegram.answers.append(refusal(403, "Forbidden: bot was blocked by the user"))
        tell(house, sender, "olga")
        tell(house, sender, "olga", notice_id="n2")
        assert [letter["To"] for letter in smtp.letters] == ["olga@example.com"] * 2
        assert telegram.sent == []
        assert ends(house) == [("sent", "email", "blocked"), ("sent", "email", None)]

    @pytest.mark.parametrize(
        ("answer", "why"),
        [
            (refusal(403, "Forbidden: bot was blocked by the user"), "blocked"),
            (refusal(400, "Bad Request: chat not found"), "chat_not_found"),
        ],
    )
    def test_without_an_address_it_is_given_up(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, answer: dict, why: str
    ) -> None:
        bind(house, "marina")
        telegram.answers.append(answer)
        tell(house, sender, "marina")
        tell(house, sender, "marina", notice_id="n2")
        assert ends(house) == [("given_up", "telegram", why), ("given_up", "none", "no_channel")]

    def test_a_moved_chat_is_followed(self, house: House, sender: NoticeSender, telegram: FakeTelegram) -> None:
        bind(house, "marina")
        telegram.answers.append(refusal(400, "Bad Request: group upgraded", migrate_to_chat_id=9009))
        tell(house, sender, "marina")
        assert [sent["chat_id"] for sent in telegram.sent] == ["9009"]
        with house.database.read() as connection:
            assert connection.execute(select(telegram_chats.c.chat_id)).scalar_one() == 9009

    @pytest.mark.parametrize("answer", [refusal(500, "Internal"), refusal(502, "Bad Gateway")])
    def test_their_fault_is_waited_out(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, answer: dict
    ) -> None:
        bind(house, "marina")
        telegram.answers.append(answer)
        with pytest.raises(TransientError) as caught:
            tell(house, sender, "marina")
        assert TOKEN not in str(caught.value)
        tell(house, sender, "marina")
        assert ends(house) == [("sent", "telegram", None)]

    def test_nobody_listening(self, house: House, watch: Stopwatch) -> None:
        dead = TelegramBot(TOKEN, "http://127.0.0.1:9", clock=watch, sleep=watch.sleep, send_seconds=3)
        bind(house, "marina")
        with pytest.raises(TransientError) as caught:
            tell(house, NoticeSender(house.database, HOME, messenger=dead), "marina")
        assert TOKEN not in str(caught.value)
        dead.close()

    def test_an_answer_that_never_comes_is_the_one_window_of_doubling(
        self, house: House, telegram: FakeTelegram, watch: Stopwatch
    ) -> None:
        slow = TelegramBot(TOKEN, telegram.url, clock=watch, sleep=watch.sleep, send_seconds=1)
        sender = NoticeSender(house.database, HOME, messenger=slow)
        bind(house, "marina")
        telegram.hang = threading.Event()
        with pytest.raises(TransientError):
            tell(house, sender, "marina")
        telegram.hang.set()
        tell(house, sender, "marina")
        tell(house, sender, "marina")
        assert len(telegram.sent) == 2
        slow.close()


class TestPace:
    def test_one_a_second_to_a_chat(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, watch: Stopwatch
    ) -> None:
        bind(house, "marina")
        for number in range(4):
            tell(house, sender, "marina", notice_id=f"n{number}")
        assert (len(telegram.sent), watch.slept) == (4, [1.0, 1.0, 1.0])


class TestChoice:
    def test_each_person_chooses(
        self, house: House, sender: NoticeSender, telegram: FakeTelegram, smtp: FakeSmtp
    ) -> None:
        bind(house, "olga")
        for number, (channel, muted) in enumerate(
            [(None, ()), (Channel.EMAIL, ()), (Channel.NONE, ()), (Channel.TELEGRAM, ("evaluated",))]
        ):
            with house.database.begin() as connection:
                choose(connection, "olga", Choice(channel, frozenset(muted)), number)
            tell(house, sender, "olga", notice_id=f"n{number}")
        assert (len(telegram.sent), len(smtp.letters)) == (1, 1)
        assert [end[1:] for end in ends(house)] == [
            ("telegram", None),
            ("email", None),
            ("none", "no_channel"),
            ("none", "muted"),
        ]

    def test_who_is_gone_is_told_nothing(self, house: House, sender: NoticeSender, telegram: FakeTelegram) -> None:
        from services.review.adapters.tables_people import people

        bind(house, "marina")
        with house.database.begin() as connection:
            connection.execute(update(people).where(people.c.person_id == "marina").values(active=False))
        tell(house, sender, "marina")
        assert (telegram.sent, ends(house)) == ([], [("given_up", "none", "not_active")])


class TestMail:
    def test_the_letter(self, house: House, sender: NoticeSender, smtp: FakeSmtp) -> None:
        pending(house, timedelta(hours=3, minutes=1))
        tell(house, sender, "olga")
        letter = smtp.letters[0]
        assert str(letter["Subject"]) == "Отзвук: звонок №10482"
        assert letter["Message-ID"] == "<n1@qa.example>"
        assert letter.get_content().splitlines() == [
            "Звонок №10482 оценён, в зачёт пока не утверждён. Обжаловать можно ещё 3 ч 0 мин.",
            "",
            "Открыть: https://qa.example/calls/c1",
            "",
            "Обжаловать: https://qa.example/calls/c1#appeal",
        ]

    def test_an_address_that_is_not_there(self, house: House, sender: NoticeSender, smtp: FakeSmtp) -> None:
        smtp.refuse = b"550 no such user"
        tell(house, sender, "olga")
        assert ends(house) == [("given_up", "email", "address_refused")]

    @pytest.mark.parametrize("answer", [b"451 later", b"421 closing"])
    def test_a_busy_server_is_waited_out(
        self, house: House, sender: NoticeSender, smtp: FakeSmtp, answer: bytes
    ) -> None:
        smtp.refuse = answer
        with pytest.raises(TransientError):
            tell(house, sender, "olga")
        smtp.refuse = None
        tell(house, sender, "olga")
        assert ends(house) == [("sent", "email", None)]
