"""What every page needs: where to read, how to change, who is asking, and how the answer is put into words."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.domain.preferences import THEMES, Preferences
from services.review.ports.pages import Shelf
from services.review.ports.queries import Reads
from services.review.ports.stores import Works
from services.review.web.csrf import csrf_token, own_path
from services.review.web.headers import POLICY
from services.review.web.pages.filters import Names
from services.review.web.pages.rendering import Flash, Link, Reader, Renderer, page_response
from services.review.web.pages.words import LANGUAGES, Words, words_of
from services.review.web.security import Guard

FLASH = "otzvuk-said"
LANGUAGE = "otzvuk-language"
THEME = "otzvuk-theme"
YEAR_SECONDS = 365 * 24 * 3600


class Store(Protocol):
    """Objects by key: recordings and transcripts."""

    def get(self, key: str) -> bytes: ...
    def get_range(self, key: str, start: int, end: int) -> bytes: ...
    def size(self, key: str) -> int: ...


@dataclass(frozen=True)
class House:
    """Made once in `app.py`, kept as `app.state.house`. `now` gives aware UTC; `settings`: (name, value, meaning)."""

    reads: Reads
    desk: Works
    guard: Guard
    store: Store
    renderer: Renderer
    shelf: Shelf
    now: Callable[[], datetime]
    settings: Sequence[tuple[str, str, str]] = ()
    closing: Callable[[], bool] = lambda: False

    def names(self) -> Names:
        """Names of people and departments by id."""
        with self.guard.desks.reading() as desk:
            people = {person.person_id: person.name for person in desk.people.everybody()}
            departments = {each.department_id: each.name for each in desk.people.departments()}
        return Names(people, departments)

    def reader(self, request: Request, viewer: Viewer) -> Reader:
        """For whom the page is made: as he said himself, else as this browser was told before he came in."""
        likes = self.likes(request, viewer)
        asked = request.cookies.get(LANGUAGE, "")
        language = likes.language or (asked if asked in LANGUAGES else viewer.language)
        theme = likes.theme or theme_of(request)
        return Reader(viewer.name or viewer.person_id, viewer.role.value, str(language), viewer.zone, theme)

    def likes(self, request: Request, viewer: Viewer) -> Preferences:
        """How the viewer likes the pages, read once a request."""
        known: Preferences | None = getattr(request.state, "preferences", None)
        if known is None:
            known = request.state.preferences = self.shelf.preferences(viewer)
        return known

    def words(self, request: Request, viewer: Viewer) -> Words:
        """The words of the viewer's language, with the firm's own criteria; put together once a request."""
        known: Words | None = getattr(request.state, "words", None)
        if known is None:
            language = self.reader(request, viewer).language
            known = request.state.words = words_of(language).with_names(self.shelf.card_names(language))
        return known

    def page(
        self, request: Request, viewer: Viewer | None, template: str, *, status: int = 200, **values: object
    ) -> Response:
        """A page of a template. Shows, once, what the last action said; gives the page its own style nonce."""
        reader = self.reader(request, viewer) if viewer else None
        words = self.words(request, viewer) if viewer else words_of(language_of(request))
        nonce = secrets.token_urlsafe(12)
        refreshed = "hx-request" in request.headers  # a list that renews itself must not swallow what is to be said
        html = self.renderer.html(
            template,
            reader=reader,
            now=self.now(),
            words=words,
            theme=theme_of(request),
            links=links_for(viewer, request.url.path, words) if viewer else (),
            flashes=() if refreshed else flashes_of(request, words),
            csrf_token=csrf_token(request),
            style_nonce=nonce,
            pulse=self.shelf.pulse() if viewer else "",
            here=request.url.path + (f"?{request.url.query}" if request.url.query else ""),
            **values,
        )
        response = page_response(request, html, status)
        response.headers["Content-Security-Policy"] = POLICY.replace(
            "style-src 'self'", f"style-src 'self' 'nonce-{nonce}'"
        )
        if FLASH in request.cookies and not refreshed:
            response.delete_cookie(FLASH, path="/")
        return response


def house_of(request: Request) -> House:
    """The app's house."""
    house: House = request.app.state.house
    return house


def go(
    address: str, said: str | None = None, tone: str = "good", back: tuple[str, str] | None = None, **values: object
) -> Response:
    """On to another page after an action, where the sentence of the key `said` is shown once.

    `back`: a page of ours where it can be looked at again or put right, and the key of the link's word.
    """
    response = RedirectResponse(address, status_code=303)
    if said:
        pairs = {"_": said, "_t": tone, **{name: str(value) for name, value in values.items()}}
        if back is not None:
            pairs |= {"_h": back[0], "_a": back[1]}
        response.set_cookie(FLASH, urlencode(pairs), max_age=60, httponly=True, samesite="lax", path="/")
    return response


def flashes_of(request: Request, words: Words) -> tuple[Flash, ...]:
    """What the last action wanted to say; nothing when the cookie makes no sense."""
    pairs = dict(parse_qsl(request.cookies.get(FLASH, "").strip('"')))
    key, tone = pairs.pop("_", ""), pairs.pop("_t", "good")
    href, action = own_path(pairs.pop("_h", "")), pairs.pop("_a", "")
    if key not in words.entries:
        return ()
    try:
        text = words(key, **_known(pairs))
    except (KeyError, ValueError, IndexError):
        return ()
    tone = tone if tone in ("good", "attention", "bad") else "good"
    return (Flash(text, tone, href, words(action)) if action in words.entries else Flash(text, tone),)


def _known(pairs: Mapping[str, str]) -> dict[str, object]:
    return {name: value[:200] for name, value in pairs.items() if name.isidentifier()}


def language_of(request: Request) -> str:
    """The language of somebody who is not logged in: the cookie, else what the browser asks for, else Russian."""
    asked = request.cookies.get(LANGUAGE, "")
    if asked in LANGUAGES:
        return asked
    wanted = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((code for code in wanted if code in LANGUAGES), "ru")


def theme_of(request: Request) -> str:
    """`auto`, `light` or `dark`."""
    theme = request.cookies.get(THEME, "auto")
    return theme if theme in THEMES else "auto"


# The main menu: address, word, and what one must be able to do to see it.
MENU: tuple[tuple[str, str, Action, frozenset[Role]], ...] = (
    ("/work", "nav.work", Action.PROFILE_MANAGE, frozenset({Role.CONTROLLER, Role.HEAD, Role.MENTOR})),
    ("/credit", "nav.my_calls", Action.CREDIT_READ, frozenset({Role.SELLER})),
    ("/calls", "nav.calls", Action.CALL_READ, frozenset(Role)),
    ("/team", "nav.team", Action.RISK_QUEUE_READ, frozenset(Role)),
    ("/credit", "nav.credit", Action.CREDIT_READ, frozenset({Role.CONTROLLER})),
    ("/leads", "nav.leads", Action.CALL_READ, frozenset({Role.HEAD, Role.SELLER, Role.MENTOR, Role.ANALYST})),
    ("/agreement", "nav.agreement", Action.AGREEMENT_READ, frozenset(Role)),
    ("/files", "nav.files", Action.EXPORT, frozenset({Role.HEAD, Role.ANALYST})),
    ("/admin", "nav.admin", Action.PEOPLE_MANAGE, frozenset(Role)),
)


def links_for(viewer: Viewer, path: str, words: Words) -> tuple[Link, ...]:
    """The menu of this person, with the page he is on marked."""
    return tuple(
        Link(href, words(key), here=path == href or path.startswith(f"{href}/"))
        for href, key, action, roles in MENU
        if viewer.role in roles and may_ever(viewer, action)
    )


def first_page(viewer: Viewer) -> str:
    """Where this person's day begins."""
    return {
        Role.SELLER: "/credit",
        Role.CONTROLLER: "/work",
        Role.MENTOR: "/work",
        Role.HEAD: "/team",
        Role.ADMIN: "/admin",
    }.get(viewer.role, "/calls")
