"""What telling people needs from outside: messengers, and what is known of chats and choices."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Protocol

from services.review.domain.notices import Channel, Mark, Message
from services.review.domain.people import Person, Viewer
from services.review.ports.people import AuditLog
from services.review.ports.stores import Answers


@dataclass(frozen=True)
class Delivered:
    """The other side took the message. `moved_to`: the chat has a new id."""

    moved_to: int | None = None


@dataclass(frozen=True)
class Refused:
    """The other side will never take it; `why` is a code. `blocked`: nor any other message to this person."""

    why: str
    blocked: bool = False


Outcome = Delivered | Refused


class Messenger(Protocol):
    """Telegram. Raises TransientError when the message has to wait: away, or too fast."""

    def send(self, chat_id: int, message: Message) -> Outcome: ...


class Mailer(Protocol):
    """E-mail. Raises TransientError when the message has to wait."""

    def send(self, address: str, message: Message, message_id: str) -> Outcome: ...


@dataclass(frozen=True)
class BotUpdate:
    """What somebody said to the bot in a private chat: a text, or the data of a button (`callback_id` then)."""

    update_id: int
    chat_id: int | None
    text: str | None = None
    data: str | None = None
    callback_id: str | None = None


@dataclass(frozen=True)
class Reply:
    """What to say to which chat."""

    chat_id: int
    message: Message


class Bot(Messenger, Protocol):
    """The bot's ears."""

    max_update_seconds: ClassVar[int]

    def updates(self, offset: int) -> Sequence[BotUpdate]:
        """Waits some seconds for what was said. Raises TransientError."""

    def answer(self, callback_id: str) -> None:
        """Stops the button's spinning; a failure of it is no failure."""


class ChatBook(Protocol):
    """Which chat is whose, inside one transaction."""

    def new_link(self, person_id: str, token_hash: str, ends_at: datetime) -> None:
        """A one-time link; earlier ones of the person end."""

    def bind(self, token_hash: str, chat_id: int, now: datetime) -> Person | None:
        """Uses a link: the chat is the person's from now on. None when it is too old, used, or unknown."""

    def unbind(self, chat_id: int) -> Person | None:
        """The chat is nobody's any more; whose it was."""

    def owner(self, chat_id: int) -> Person | None:
        """The active person whose chat it is."""

    def is_bound(self, person_id: str) -> bool:
        """Whether the person has a chat that is not blocked."""

    def result(self, viewer: Viewer, number: int) -> tuple[Decimal | None, tuple[Mark, ...]] | None:
        """CQR and marks of a call's finished evaluation, if the viewer may see them."""


class NoticeDesk(Protocol):
    """How one person is told, inside one transaction."""

    telegram_available: bool

    @property
    def answers(self) -> Answers: ...

    @property
    def audit(self) -> AuditLog: ...

    def read(self, viewer: Viewer) -> tuple[Channel | None, frozenset[str], bool, bool]:
        """Channel, muted kinds, whether a chat is bound, whether mail would reach him."""

    def version(self, viewer: Viewer) -> int:
        """Of his choice; 0 before the first one."""

    def store(self, viewer: Viewer, channel: Channel | None, muted_kinds: frozenset[str], version: int) -> None:
        """Stores the choice over the version that stood. Raises StaleVersion."""

    def link(self, viewer: Viewer) -> tuple[str, datetime]:
        """A link that binds the viewer's chat, good once, and when it ends (UTC); earlier ones end now."""


class NoticeDesks(Protocol):
    """Opens a desk in a write transaction."""

    def __call__(self) -> AbstractContextManager[NoticeDesk]: ...
