"""How somebody wants to be told, and the link that binds his Telegram chat."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.notices import WORDS, Channel
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers.choosing import choose_notices as choose
from services.review.ports.notices import NoticeDesk, NoticeDesks
from services.review.web.api.desk import TellerDep
from services.review.web.etags import ExpectedVersion, etag
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
    version: int


class LinkOut(BaseModel):
    """Good once, until `ends_at`."""

    link: str
    ends_at: datetime


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
        version=desk.version(viewer),
    )


@router.get("/notices", summary="How I am told")
def read_notices(viewer: Self, desks: Desks, response: Response) -> NoticesOut:
    """The choice and what would work."""
    with desks() as desk:
        found = _out(desk, viewer)
    response.headers["ETag"] = etag(found.version)
    return found


@router.put("/notices", summary="Choose how I am told")
def choose_notices(
    body: NoticesIn, viewer: Self, desks: Desks, version: ExpectedVersion, teller: TellerDep
) -> NoticesOut:
    """Unknown kinds are left out."""

    def command(desk: NoticeDesk) -> tuple[NoticesOut, int]:
        choose(desk, viewer, body.channel, frozenset(body.muted_kinds) & WORDS.keys(), version)
        found = _out(desk, viewer)
        return found, found.version

    return teller.carry_out_in(desks(), viewer, body, command)  # type: ignore[return-value]


@router.post("/telegram", status_code=201, summary="Make a link that binds my Telegram chat")
def make_telegram_link(viewer: Self, desks: Desks, teller: TellerDep) -> LinkOut:
    """Open it on the telephone within ten minutes; it works once, is shown once, and ends the links made before."""

    def command(desk: NoticeDesk) -> tuple[LinkOut, None]:
        if not desk.telegram_available:
            raise NotFound("There is no Telegram bot here.")
        link, ends_at = desk.link(viewer)
        return LinkOut(link=link, ends_at=ends_at), None

    return teller.carry_out_in(  # type: ignore[return-value]
        desks(), viewer, None, command, status=201, shown_once=True
    )
