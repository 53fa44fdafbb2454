"""The door by an identity provider; there only when one is set up."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.review.domain.sessions import Stage
from services.review.handlers import oidc
from services.review.handlers.log_in import WrongLogIn
from services.review.ports.oidc import IdentityProvider
from services.review.web.csrf import own_path
from services.review.web.problems import STAGE_PAGES
from services.review.web.security import GuardDep
from services.runtime.errors import NotFound, TransientError

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Query(max_length=4096)]


def _provider(request: Request) -> IdentityProvider:
    provider: IdentityProvider | None = getattr(request.app.state, "identity_provider", None)
    if provider is None:
        raise NotFound("There is no identity provider here.")
    return provider


@router.get("/login/oidc")
def set_out(request: Request, guard: GuardDep, next: Text = "/") -> Response:
    """To the provider; the browser's form cookie holds it to this log-in."""
    state = request.scope["state"]
    state["form_cookie_used"] = True
    try:
        address = oidc.set_out(
            guard.desks, _provider(request), guard.secrets, browser=state["csrf_cookie"], next_path=own_path(next)
        )
    except TransientError:
        return _back("provider_away")
    return RedirectResponse(address, status_code=303)


@router.get("/login/oidc/callback")
def come_back(request: Request, guard: GuardDep, state: Text = "", code: Text = "") -> Response:
    """From the provider."""
    try:
        opened, path = oidc.come_back(
            guard.desks,
            _provider(request),
            guard.secrets,
            guard.rules,
            browser=request.scope["state"]["csrf_cookie"],
            state=state,
            code=code,
        )
    except WrongLogIn:
        return _back("provider_refused")
    except TransientError:
        return _back("provider_away")
    target = own_path(path)
    if opened.stage is not Stage.FULL:
        target = STAGE_PAGES[opened.stage] + (f"?{urlencode({'next': target})}" if target != "/" else "")
    response = RedirectResponse(target, status_code=303)
    guard.give_cookies(request, response, opened)
    return response


def _back(error: str) -> Response:
    return RedirectResponse(f"/login?{urlencode({'error': error})}", status_code=303)
