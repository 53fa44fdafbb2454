"""One's own affairs: password, second factor, what one is told and where."""

from __future__ import annotations

from fastapi import Request, Response

from services.review.domain.notices import WORDS, Channel
from services.review.domain.people import Language
from services.review.handlers.choosing import choose_notices
from services.review.web.api.notices import Desks
from services.review.web.pages.house import go
from services.review.web.pages.routing import Fields, HouseDep, pages_router, text
from services.review.web.security import ViewerDep

router = pages_router()


@router.get("/profile")
def show(request: Request, house: HouseDep, viewer: ViewerDep, notices: Desks) -> Response:
    """Who one is here, and what one can change."""
    here = house.guard.present(request)
    names = house.names().departments
    language = Language(house.reader(request, viewer).language)
    with notices() as desk:
        channel, muted, bound, mail = desk.read(viewer)
        telegram = desk.telegram_available
    return house.page(
        request,
        viewer,
        "profile.html",
        person=here.credential.person,
        channel=channel.value if channel else "",
        muted=muted,
        bound=bound,
        mail=mail,
        telegram=telegram,
        kinds=[(kind, said[language].format(call="№…")) for kind, said in WORDS.items() if kind != "other"],
        second_factor=here.credential.totp_confirmed,
        department_names=[names.get(each, each) for each in sorted(viewer.department_ids)],
    )


@router.post("/profile/notices")
def choose(viewer: ViewerDep, notices: Desks, fields: Fields) -> Response:
    """By which channel one is told, and about what."""
    channel = text(fields, "channel")
    wanted = {kind for kind in fields.getlist("kind") if isinstance(kind, str)}
    with notices() as desk:
        chosen = Channel(channel) if channel in set(Channel) else None
        choose_notices(desk, viewer, chosen, frozenset(set(WORDS) - wanted))
    return go("/profile", "profile.saved")


@router.post("/profile/telegram")
def bind(viewer: ViewerDep, notices: Desks) -> Response:
    """To the bot, by a link that is good once."""
    with notices() as desk:
        link, _ = desk.link(viewer)
    return go(link)
