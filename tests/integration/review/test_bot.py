"""The bot's ears: a chat is bound once, let go, and learns nothing that its owner may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from services.review.adapters.chats import BotEars, ChatStore
from services.review.adapters.desk import ConnectedAudit
from services.review.adapters.secrets_of_house import RealSecrets
from services.review.adapters.tables_people import telegram_chats
from services.review.adapters.telegram import TelegramBot
from services.review.domain.people import Viewer
from services.review.handlers.bot import hear, make_link
from services.runtime.database import database_now
from tests.integration.review.bells import CHAT, PERSON, bind, bot, house, pending, telegram, watch
from tests.integration.review.fake_telegram import FakeTelegram
from tests.integration.review.house import House

__all__ = ["bot", "house", "telegram", "watch"]  # fixtures


class TestBinding:
    @pytest.fixture
    def ears(self, house: House, bot: TelegramBot) -> BotEars:
        def on_update(connection, chats, update, now):
            return hear(chats, ConnectedAudit(connection), RealSecrets(), update, now)

        return BotEars(house.database, bot, on_update)

    def link(self, house: House, person_id: str, *, age: timedelta = timedelta(0)) -> str:
        with house.database.begin() as connection:
            link, _ = make_link(
                ChatStore(connection),
                ConnectedAudit(connection),
                RealSecrets(),
                Viewer.of(PERSON[person_id]),
                "otzvuk_bot",
                database_now(connection) - age,
            )
        assert link.startswith("https://t.me/otzvuk_bot?start=")
        return link.partition("start=")[2]

    def whose(self, house: House) -> dict[str, int]:
        with house.database.read() as connection:
            return {row.person_id: row.chat_id for row in connection.execute(select(telegram_chats))}

    def test_once(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        token = self.link(house, "marina")
        telegram.says(1, CHAT, f"/start {token}")
        telegram.says(2, CHAT + 1, f"/start {token}")
        assert ears.step()
        assert self.whose(house) == {"marina": CHAT}
        assert [sent["text"].split(":")[0] for sent in telegram.sent] == [
            "Готово",
            "Ссылка устарела или уже использована. Возьмите новую в Отзвуке",
        ]
        assert not ears.step()

    def test_not_after_ten_minutes(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        for number, age in enumerate((timedelta(minutes=10), timedelta(minutes=9))):
            telegram.says(number + 1, CHAT + number, f"/start {self.link(house, 'marina', age=age)}")
            ears.step()
        assert self.whose(house) == {"marina": CHAT + 1}

    def test_a_new_link_ends_the_old_one(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        old = self.link(house, "marina")
        self.link(house, "marina")
        telegram.says(1, CHAT, f"/start {old}")
        ears.step()
        assert self.whose(house) == {}

    def test_never_in_a_group(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        telegram.says(1, -100, f"/start {self.link(house, 'marina')}", kind="supergroup")
        ears.step()
        assert self.whose(house) == {}

    def test_a_telephone_that_was_passed_on(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        bind(house, "ilya")
        telegram.says(1, CHAT, f"/start {self.link(house, 'marina')}")
        ears.step()
        assert self.whose(house) == {"marina": CHAT}

    def test_stop(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        bind(house, "marina")
        telegram.says(1, CHAT, "/stop")
        ears.step()
        assert self.whose(house) == {}

    @pytest.mark.parametrize(
        "text", ["", "привет", "/start", "/start x", "/start " + "a" * 65, "/start '; drop", "/help"]
    )
    def test_idle_talk_gets_no_answer(self, house: House, ears: BotEars, telegram: FakeTelegram, text: str) -> None:
        telegram.says(1, CHAT, text)
        ears.step()
        assert telegram.sent == [] or telegram.sent[0]["text"].startswith("Ссылка устарела")
        assert self.whose(house) == {}
        assert not ears.step()

    @pytest.mark.parametrize("data", ["result:10482", "result:999", "result:x", "", "drop"])
    def test_a_strangers_button(self, house: House, ears: BotEars, telegram: FakeTelegram, data: str) -> None:
        telegram.presses(1, CHAT, data)
        ears.step()
        assert telegram.sent == []
        assert telegram.answered == ["1"]

    def test_a_call_of_somebody_else(self, house: House, ears: BotEars, telegram: FakeTelegram) -> None:
        pending(house, timedelta(hours=40))
        bind(house, "ilya")
        telegram.presses(1, CHAT, "result:10482")
        ears.step()
        assert [sent["text"] for sent in telegram.sent] == ["Результата нет или он вам не виден."]
