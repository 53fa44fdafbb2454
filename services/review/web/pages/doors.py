"""The pages before and around the work: log-in, its further steps, language and theme."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from markupsafe import Markup

from services.review.domain.people import Viewer
from services.review.domain.preferences import understood
from services.review.domain.sessions import Stage
from services.review.handlers.log_in import NoSession
from services.review.web.csrf import own_path
from services.review.web.login import enrolment
from services.review.web.pages.house import (
    LANGUAGE,
    THEME,
    YEAR_SECONDS,
    House,
    first_page,
    go,
    language_of,
)
from services.review.web.pages.routing import Fields, HouseDep, pages_router, text
from services.review.web.pages.words import words_of
from services.review.web.problems import STAGE_PAGES

router = pages_router()
ERRORS = {
    "wrong_log_in": "login.wrong",
    "wrong_code": "login.wrong_code",
    "too_many_tries": "login.slow_down",
    "provider_refused": "login.provider_refused",
    "provider_away": "login.provider_away",
}


def _message(request: Request, error: str | None) -> dict[str, Any]:
    if not error:
        return {"message": "", "message_code": "", "tone": ""}
    key = ERRORS.get(error, "login.weak")
    return {"message": words_of(language_of(request))(key), "message_code": error[:40], "tone": "bad"}


@router.get("/login")
def log_in(request: Request, house: HouseDep, error: str | None = None, next: str = "/") -> Response:
    """The log-in page; whoever is in already goes on."""
    viewer = _inside(house, request)
    if viewer is not None:
        return go(own_path(next) if own_path(next) != "/" else first_page(viewer))
    sso = None
    if getattr(request.app.state, "identity_provider", None) is not None:
        sso = f"/login/oidc?{urlencode({'next': own_path(next)})}"
    return house.page(
        request, None, "login.html", next_page=own_path(next), login="", sso_href=sso, **_message(request, error)
    )


@router.get("/login/code")
def second_factor(request: Request, house: HouseDep, error: str | None = None, next: str = "/") -> Response:
    """Asks for the code of the second factor."""
    return _step(request, house, Stage.SECOND_FACTOR, error, next)


@router.get("/login/second-factor")
def enrol(request: Request, house: HouseDep, error: str | None = None, next: str = "/") -> Response:
    """Sets up a second factor."""
    return _step(request, house, Stage.ENROL, error, next)


@router.get("/login/password")
def new_password(request: Request, house: HouseDep, error: str | None = None, next: str = "/") -> Response:
    """Asks for a password of one's own."""
    return _step(request, house, Stage.NEW_PASSWORD, error, next)


def _step(request: Request, house: House, stage: Stage, error: str | None, next_path: str) -> Response:
    here = house.guard.present(request)
    if here.stage is not stage and not (stage is Stage.NEW_PASSWORD and here.stage is Stage.FULL):
        return go(STAGE_PAGES.get(here.stage, own_path(next_path)))
    factor = enrolment(house.guard, request) if stage is Stage.ENROL else None
    return house.page(
        request,
        None,
        "login_step.html",
        step=stage.value,
        action=STAGE_PAGES[stage],
        next_page=own_path(next_path),
        qr=Markup(factor.qr_svg) if factor else "",  # noqa: S704 - made by our own library, no foreign text in it
        secret=factor.secret if factor else "",
        **_message(request, error),
    )


@router.post("/preferences")
def prefer(house: HouseDep, request: Request, fields: Fields) -> Response:
    """Language, theme, speed: remembered of the person; of this browser only where nobody has logged in yet."""
    said = understood(*(text(fields, name) for name in ("language", "theme", "speed", "silence")))
    quietly = "application/json" in request.headers.get("accept", "")
    response = Response(status_code=204) if quietly else go(own_path(text(fields, "back", "/")))
    viewer = _inside(house, request)
    if viewer is not None:
        house.shelf.prefer(viewer, said)
        return response
    for name, value in ((LANGUAGE, said.language), (THEME, said.theme)):
        if value is not None:
            response.set_cookie(name, value, max_age=YEAR_SECONDS, httponly=True, samesite="lax", path="/")
    return response


def _inside(house: House, request: Request) -> Viewer | None:
    """Who is logged in, all steps done; None for everybody else."""
    try:
        here = house.guard.present(request)
    except NoSession:
        return None
    return here.viewer if here.stage is Stage.FULL else None
