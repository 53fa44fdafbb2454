"""Telegram through aiogram: sends within the limits, hears the bot, tells the world's fault from ours."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TYPE_CHECKING, Any, ClassVar

from services.review.domain.notices import Message
from services.review.domain.pace import Pace
from services.review.ports.notices import BotUpdate, Delivered, Outcome, Refused
from services.runtime.errors import TransientError

if TYPE_CHECKING:
    from aiogram import Bot as AiogramBot
    from aiogram.types import InlineKeyboardMarkup, Update

SEND_SECONDS = 15
# Longer waits are left to the queue, so that one chat's silence does not hold up the others.
LONGEST_SLEEP_SECONDS = 2.0
PRIVATE = "private"


class TelegramBot:
    """The ports `Messenger` and `Bot`. One event loop in a thread of its own, started at the first use."""

    max_update_seconds: ClassVar[int] = 8

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        send_seconds: int = SEND_SECONDS,
    ) -> None:
        self._token = token
        self._api_url = api_url
        self._clock = clock
        self._sleep = sleep
        self._send_seconds = send_seconds
        self._pace = Pace()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bot: AiogramBot | None = None

    def send(self, chat_id: int, message: Message) -> Outcome:
        """One message. A moved chat is followed once. Raises TransientError: the message has to wait."""
        outcome = self._send(chat_id, message)
        if isinstance(outcome, Delivered) and outcome.moved_to is not None:
            again = self._send(outcome.moved_to, message)
            return outcome if isinstance(again, Delivered) else again
        return outcome

    def _send(self, chat_id: int, message: Message) -> Outcome:
        from aiogram import exceptions

        self._keep_pace(chat_id)
        try:
            self._run(lambda bot: bot.send_message(chat_id, _text(message), reply_markup=_keyboard(message)))
        except exceptions.TelegramRetryAfter as error:
            self._pace.silence(error.retry_after, self._clock())
            raise TransientError("Telegram asks for a pause.") from None
        except exceptions.TelegramMigrateToChat as error:
            return Delivered(moved_to=error.migrate_to_chat_id)
        except exceptions.TelegramForbiddenError:
            return Refused("blocked", blocked=True)
        except exceptions.TelegramBadRequest as error:
            gone = "chat not found" in error.message.lower() or "user is deactivated" in error.message.lower()
            return Refused("chat_not_found", blocked=True) if gone else Refused("bad_request")
        except exceptions.TelegramAPIError:
            # no text of the error: it may hold the token
            raise TransientError("Telegram cannot be reached or is busy.") from None
        return Delivered()

    def updates(self, offset: int) -> Sequence[BotUpdate]:
        """Long polling. Raises TransientError."""
        from aiogram import exceptions

        wait = self.max_update_seconds
        try:
            found = self._run(
                lambda bot: bot.get_updates(
                    offset=offset, timeout=wait, allowed_updates=["message", "callback_query"], request_timeout=wait + 5
                )
            )
        except exceptions.TelegramAPIError:
            raise TransientError("Telegram cannot be reached or is busy.") from None
        return [_said(update) for update in found]

    def answer(self, callback_id: str) -> None:
        """Stops the button's spinning; a failure of it is no failure."""
        from aiogram import exceptions

        try:
            self._run(lambda bot: bot.answer_callback_query(callback_id))
        except exceptions.TelegramAPIError:
            return

    def close(self) -> None:
        """Ends the connections and the thread."""
        with self._lock:
            loop, bot = self._loop, self._bot
            self._loop = self._bot = None
        if loop is not None and bot is not None:
            asyncio.run_coroutine_threadsafe(bot.session.close(), loop).result(self._send_seconds)
            loop.call_soon_threadsafe(loop.stop)

    def _keep_pace(self, chat_id: int) -> None:
        """Waits for the turn of this chat, or leaves longer waits to the queue."""
        while True:
            with self._lock:
                wait = self._pace.wait(chat_id, self._clock())
                if wait <= 0:
                    self._pace.sent(chat_id, self._clock())
                    return
            if wait > LONGEST_SLEEP_SECONDS:
                raise TransientError("Telegram asks for a pause.")
            self._sleep(wait)

    def _run(self, call: Callable[[AiogramBot], Coroutine[Any, Any, Any]]) -> Any:
        loop, bot = self._started()
        try:
            return asyncio.run_coroutine_threadsafe(call(bot), loop).result(
                self._send_seconds + self.max_update_seconds
            )
        except (FutureTimeout, OSError):
            raise TransientError("Telegram did not answer in time.") from None

    def _started(self) -> tuple[asyncio.AbstractEventLoop, AiogramBot]:
        with self._lock:
            if self._loop is None or self._bot is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_forever, args=(self._loop,), name="telegram", daemon=True).start()
                made = asyncio.run_coroutine_threadsafe(
                    _bot(self._token, self._api_url, self._send_seconds), self._loop
                )
                self._bot = made.result(self._send_seconds)
            return self._loop, self._bot


def _forever(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


async def _bot(token: str, api_url: str, seconds: int) -> AiogramBot:
    from aiogram import Bot
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    session = AiohttpSession(api=TelegramAPIServer.from_base(api_url), timeout=seconds)
    return Bot(token, session=session)


def _text(message: Message) -> str:
    page = next((button.url for button in message.buttons if button.url), None)
    return (message.text if page is None else f"{message.text}\n{page}")[:4096]


def _keyboard(message: Message) -> InlineKeyboardMarkup | None:
    """Buttons that ask the bot, and links that Telegram takes (only https); the first link stands in the text."""
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    rows = []
    for button in message.buttons:
        if button.data is not None:
            rows.append([InlineKeyboardButton(text=button.text, callback_data=button.data)])
        elif button.url is not None and button.url.startswith("https://"):
            rows.append([InlineKeyboardButton(text=button.text, url=button.url)])
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _said(update: Update) -> BotUpdate:
    """What was said in a private chat; anything else is only a number to go on from."""
    message, callback = update.message, update.callback_query
    if message is not None and message.chat.type == PRIVATE:
        return BotUpdate(update.update_id, message.chat.id, text=message.text or "")
    if callback is not None and callback.message is not None and callback.message.chat.type == PRIVATE:
        return BotUpdate(update.update_id, callback.message.chat.id, data=callback.data or "", callback_id=callback.id)
    return BotUpdate(update.update_id, None)
