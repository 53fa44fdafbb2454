"""How somebody wants to be told, and the link that binds his Telegram chat."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.notices import WORDS, Channel
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.web.security import require
from services.runtime.errors import NotFound

router = APIRouter(prefix="/api/v1/me", tags=["me"])

Self = Annotated[Viewer, Depends(require(Action.PROFILE_MANAGE))]


class NoticesIn(BaseModel):
    """`channel` null lets Otzvuk choose: Telegram when bound, else e-mail."""

    model_config = ConfigDict(extra="forbid")
    channel: Channel | None = None
    muted_kinds: list[str] = Field(default_factory=list, max_length=50)


class NoticesOut(BaseModel):
    """The choice, what can be muted, and what would work now."""

    channel: Channel | None
    muted_kinds: list[str]
    kinds: list[str]
    telegram_bound: bool
    telegram_available: bool
    email_available: bool


class LinkOut(BaseModel):
    """Good once, until `ends_at`."""

    link: str
    ends_at: datetime


class NoticeDesk(Protocol):
    """What these routes need, inside one transaction; made in `app.py`, kept as `app.state.notice_desks`."""

    telegram_available: bool

    def read(self, viewer: Viewer) -> tuple[Channel | None, frozenset[str], bool, bool]:
        """Channel, muted kinds, whether a chat is bound, whether mail would reach him."""

    def choose(self, viewer: Viewer, channel: Channel | None, muted_kinds: frozenset[str]) -> None: ...

    def link(self, viewer: Viewer) -> tuple[str, datetime]: ...


class NoticeDesks(Protocol):
    """Opens a desk."""

    def __call__(self) -> AbstractContextManager[NoticeDesk]: ...


def _desks(request: Request) -> NoticeDesks:
    desks: NoticeDesks = request.app.state.notice_desks
    return desks


Desks = Annotated[NoticeDesks, Depends(_desks)]


def _out(desk: NoticeDesk, viewer: Viewer) -> NoticesOut:
    channel, muted, bound, mail = desk.read(viewer)
    return NoticesOut(
        channel=channel,
        muted_kinds=sorted(muted),
        kinds=sorted(WORDS),
        telegram_bound=bound,
        telegram_available=desk.telegram_available,
        email_available=mail,
    )


@router.get("/notices", summary="How I am told")
def read_notices(viewer: Self, desks: Desks) -> NoticesOut:
    """The choice and what would work."""
    with desks() as desk:
        return _out(desk, viewer)


@router.put("/notices", summary="Choose how I am told")
def choose_notices(body: NoticesIn, viewer: Self, desks: Desks) -> NoticesOut:
    """Unknown kinds are left out."""
    with desks() as desk:
        desk.choose(viewer, body.channel, frozenset(body.muted_kinds) & WORDS.keys())
        return _out(desk, viewer)


@router.post("/telegram", status_code=201, summary="Make a link that binds my Telegram chat")
def make_telegram_link(viewer: Self, desks: Desks) -> LinkOut:
    """Open it on the telephone within ten minutes; it works once."""
    with desks() as desk:
        if not desk.telegram_available:
            raise NotFound("There is no Telegram bot here.")
        link, ends_at = desk.link(viewer)
    return LinkOut(link=link, ends_at=ends_at)
