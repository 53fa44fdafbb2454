"""Says for every request who is acting, and lets routes ask for it: session cookie, or a program's access token."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Protocol

from fastapi import Depends, FastAPI, Request, Response

from services.review.domain.guessing import Gate
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.domain.sessions import Stage
from services.review.handlers.log_in import (
    HouseRules,
    NoSession,
    Opened,
    Place,
    Present,
    SessionIncomplete,
    present,
    touch,
)
from services.review.handlers.pacing import pace
from services.review.handlers.tokens import viewer_of_token
from services.review.ports.people import Desk, Desks, Hasher, SecondFactor, Secrets
from services.review.web.csrf import CookieNames, CsrfShield
from services.review.web.headers import SafeHeaders
from services.runtime.errors import NotPermitted

DEVICE_AGE = timedelta(days=180)


class ReadableDesks(Desks, Protocol):
    """Desks that can also be opened for reading only."""

    def reading(self) -> AbstractContextManager[Desk]: ...


@dataclass(frozen=True)
class Guard:
    """Everything that routes need to know who is acting; made once in `app.py`, kept as `app.state.guard`."""

    desks: ReadableDesks
    hasher: Hasher
    factor: SecondFactor
    secrets: Secrets
    rules: HouseRules
    cookies: CookieNames
    public_url: str | None

    def session_token(self, request: Request) -> str | None:
        """The browser's session id as it came."""
        return request.cookies.get(self.cookies.session)

    def present(self, request: Request) -> Present:
        """The living session of the request, complete or not. Raises NoSession."""
        token = self.session_token(request)
        if not token or len(token) > 200:
            raise NoSession
        with self.desks.reading() as desk:
            here = present(desk, self.secrets, self.rules, token)
        if here.touch_due:
            touch(self.desks, here)
        return here

    def viewer(self, request: Request) -> Viewer:
        """Who is acting. Raises NoSession, SessionIncomplete."""
        known: Viewer | None = getattr(request.state, "viewer", None)
        if known is None:
            known = self._viewer(request)
            request.state.viewer = known
        return known

    def _viewer(self, request: Request) -> Viewer:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            with self.desks.reading() as desk:
                return viewer_of_token(desk, self.secrets, self.rules, token.strip()[:200])
        here = self.present(request)
        if here.stage is not Stage.FULL:
            raise SessionIncomplete(here.stage)
        return here.viewer

    def place(self, request: Request) -> Place:
        """From where the request comes. A browser without a device id is given one, remembered once it is let in."""
        address = request.client.host if request.client else "unknown"
        return Place(address, self._device(request))

    def _device(self, request: Request) -> str:
        known: str | None = getattr(request.state, "device", None) or request.cookies.get(self.cookies.device)
        request.state.device = (known or self.secrets.token())[:200]
        return str(request.state.device)

    def give_cookies(self, request: Request, response: Response, opened: Opened) -> None:
        """The new session's cookie, a long one that tells this device from a stranger's, and no form cookie."""
        name = self.cookies
        response.headers.append("Set-Cookie", name.line(name.session, opened.token, max_age=None))
        age = int(DEVICE_AGE.total_seconds())
        response.headers.append("Set-Cookie", name.line(name.device, self._device(request), max_age=age))
        response.headers.append("Set-Cookie", name.line(name.form, "", max_age=0))

    def take_cookies(self, response: Response) -> None:
        """Removes the session's cookie."""
        response.headers.append("Set-Cookie", self.cookies.line(self.cookies.session, "", max_age=0))


def guard_of(request: Request) -> Guard:
    """The app's guard."""
    guard: Guard = request.app.state.guard
    return guard


def current_viewer(request: Request) -> Viewer:
    """Dependency: who is acting. Raises NoSession, SessionIncomplete."""
    return guard_of(request).viewer(request)


def current_session(request: Request) -> Present:
    """Dependency: the session, also one that still lacks a step. Raises NoSession."""
    return guard_of(request).present(request)


def require(action: Action) -> Callable[[Request], Viewer]:
    """Dependency: who is acting, if there is anything on which he may do this. The object itself is asked for later."""

    def viewer_who_may(request: Request) -> Viewer:
        viewer = current_viewer(request)
        if not may_ever(viewer, action):
            raise NotPermitted("Your role does not do this.")
        return viewer

    return viewer_who_may


def paced(gate: Gate) -> Callable[[Request], None]:
    """Dependency: counts one search or export of whoever is acting. Raises TooManyTries."""

    def count(request: Request) -> None:
        guard = guard_of(request)
        pace(guard.desks, guard.secrets, guard.viewer(request), gate)

    return count


ViewerDep = Annotated[Viewer, Depends(current_viewer)]
SessionDep = Annotated[Present, Depends(current_session)]
GuardDep = Annotated[Guard, Depends(guard_of)]


def request_id(request: Request) -> str | None:
    """The id under which this request stands in logs and in the audit log."""
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found


def protect(app: FastAPI, guard: Guard) -> None:
    """Puts headers and the cross-site shield before every route of the app; call it after other middleware."""
    app.state.guard = guard
    app.add_middleware(CsrfShield, cookies=guard.cookies, origin=guard.public_url)
    app.add_middleware(SafeHeaders, https=guard.cookies.https)
