"""What the bot does when somebody talks to it: binds a chat by a one-time link, lets it go, shows a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from services.review.domain.notices import (
    BOUND,
    LINK_LASTS,
    NO_RESULT,
    STALE_LINK,
    UNBOUND,
    Message,
    result_text,
)
from services.review.domain.people import Language, Viewer
from services.review.ports.notices import BotUpdate, ChatBook, Reply
from services.review.ports.people import AuditLog, Secrets

START = re.compile(r"/start ([A-Za-z0-9_-]{20,64})", re.ASCII)
RESULT = re.compile(r"result:(\d{1,18})", re.ASCII)


def make_link(
    chats: ChatBook, audit: AuditLog, secrets: Secrets, viewer: Viewer, bot_name: str, now: datetime
) -> tuple[str, datetime]:
    """A link that binds the viewer's chat: once, within ten minutes; and when it ends (UTC)."""
    token = secrets.token()
    ends_at = now + LINK_LASTS
    chats.new_link(viewer.person_id, secrets.hash(token), ends_at)
    audit.record(actor=viewer, action="telegram.link_made", object_kind="person", object_id=viewer.person_id)
    return f"https://t.me/{bot_name}?start={token}", ends_at


def hear(chats: ChatBook, audit: AuditLog, secrets: Secrets, update: BotUpdate, now: datetime) -> Sequence[Reply]:
    """Answers one update; strangers and idle talk get no answer."""
    if update.chat_id is None:
        return ()
    if update.data is not None:
        return _show_result(chats, update.chat_id, update.data)
    text = (update.text or "").strip()
    started = START.fullmatch(text)
    if started is not None:
        return _bind(chats, audit, secrets.hash(started.group(1)), update.chat_id, now)
    if text == "/stop":
        return _unbind(chats, audit, update.chat_id)
    return ()


def _bind(chats: ChatBook, audit: AuditLog, token_hash: str, chat_id: int, now: datetime) -> Sequence[Reply]:
    person = chats.bind(token_hash, chat_id, now)
    if person is None:
        return (_reply(chat_id, STALE_LINK[Language.RU]),)
    audit.record(actor=Viewer.of(person), action="telegram.bound", object_kind="person", object_id=person.person_id)
    return (_reply(chat_id, BOUND[person.language]),)


def _unbind(chats: ChatBook, audit: AuditLog, chat_id: int) -> Sequence[Reply]:
    person = chats.unbind(chat_id)
    if person is None:
        return ()
    audit.record(actor=Viewer.of(person), action="telegram.unbound", object_kind="person", object_id=person.person_id)
    return (_reply(chat_id, UNBOUND[person.language]),)


def _show_result(chats: ChatBook, chat_id: int, data: str) -> Sequence[Reply]:
    person = chats.owner(chat_id)
    asked = RESULT.fullmatch(data)
    if person is None or asked is None:
        return ()
    number = int(asked.group(1))
    found = chats.result(Viewer.of(person), number)
    if found is None:
        return (_reply(chat_id, NO_RESULT[person.language]),)
    return (_reply(chat_id, result_text(number, found[0], found[1], person.language)),)


def _reply(chat_id: int, text: str) -> Reply:
    return Reply(chat_id, Message("", text, ()))
