"""The doors: log-in, second factor, new password and log-out, as forms for people and as JSON for programs."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action, may_ever
from services.review.domain.sessions import Stage
from services.review.handlers import log_in as door
from services.review.handlers.log_in import Opened, Present, WrongCode, WrongLogIn
from services.review.handlers.pacing import TooManyTries
from services.review.handlers.people import WeakPassword
from services.review.web.csrf import own_path, token_of
from services.review.web.problems import STAGE_PAGES
from services.review.web.security import Guard, GuardDep, SessionDep

forms = APIRouter(include_in_schema=False)
api = APIRouter(prefix="/api/v1/session", tags=["session"])

Text = Annotated[str, Form(max_length=1024)]


class LogIn(BaseModel):
    """Name (or address) and password."""

    login: str = Field(min_length=1, max_length=254, examples=["marina.k"])
    password: str = Field(min_length=1, max_length=1024, examples=["a long one of my own"])


class Code(BaseModel):
    """Six digits from the telephone."""

    code: str = Field(min_length=6, max_length=20, examples=["492039"])


class NewPassword(BaseModel):
    """The old password and the new one."""

    old: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=1, max_length=1024)


class SessionAnswer(BaseModel):
    """Who is logged in, what the session still lacks (`full`: nothing), and what he may ever do."""

    person_id: str
    name: str
    role: str
    department_ids: list[str]
    language: str
    zone: str
    stage: Stage
    may: list[str]
    csrf_token: str


class EnrolmentAnswer(BaseModel):
    """What the authenticator app needs: by picture, by address, or typed."""

    uri: str
    secret: str
    qr_svg: str


def session_answer(here: Present | Opened, token: str) -> SessionAnswer:
    """The answer about a session."""
    person = here.credential.person if isinstance(here, Present) else here.person
    viewer = Viewer.of(person)
    may = [action.value for action in Action if may_ever(viewer, action)] if here.stage is Stage.FULL else []
    return SessionAnswer(
        person_id=person.person_id,
        name=person.name,
        role=person.role.value,
        department_ids=sorted(person.department_ids),
        language=person.language.value,
        zone=person.zone,
        stage=here.stage,
        may=may,
        csrf_token=token_of(token),
    )


def qr_svg(uri: str) -> str:
    """The QR code as an SVG picture in one line."""
    return str(segno.make(uri, error="m").svg_inline(scale=4, dark="#111", light="#fff"))


def enrolment(guard: Guard, request: Request) -> EnrolmentAnswer:
    """A new second factor to be confirmed; for the page and the API. Raises NoSession, NotPermitted."""
    token = guard.session_token(request) or ""
    person = guard.present(request).credential.person
    secret = door.begin_enrolment(guard.desks, guard.factor, guard.secrets, guard.rules, token)
    uri = guard.factor.uri(secret, person.person_id)
    return EnrolmentAnswer(uri=uri, secret=guard.factor.plain(secret), qr_svg=qr_svg(uri))


# --- JSON -------------------------------------------------------------------------------------------------------------


def _answer(guard: Guard, request: Request, response: Response, opened: Opened) -> SessionAnswer:
    guard.give_cookies(request, response, opened)
    return session_answer(opened, opened.token)


@api.post("", summary="Log in")
def open_session(body: LogIn, request: Request, response: Response, guard: GuardDep) -> SessionAnswer:
    """Opens a session; the cookie is the session, `csrf_token` goes with every change as `X-CSRF-Token`."""
    opened = door.log_in(
        guard.desks,
        guard.hasher,
        guard.secrets,
        guard.rules,
        login=body.login,
        password=body.password,
        place=guard.place(request),
    )
    return _answer(guard, request, response, opened)


@api.get("", summary="Who am I")
def read_session(request: Request, guard: GuardDep, here: SessionDep) -> SessionAnswer:
    """The session, whether or not it is complete."""
    return session_answer(here, guard.session_token(request) or "")


@api.delete("", status_code=204, summary="Log out")
def close_session(request: Request, response: Response, guard: GuardDep) -> None:
    """Ends the session."""
    door.log_out(guard.desks, guard.secrets, guard.session_token(request) or "")
    guard.take_cookies(response)


@api.post("/code", summary="Give the second factor")
def give_code(body: Code, request: Request, response: Response, guard: GuardDep) -> SessionAnswer:
    """Completes a session that waits for the code; it gets a new id."""
    token = guard.session_token(request) or ""
    opened = door.give_code(
        guard.desks, guard.factor, guard.secrets, guard.rules, token, body.code, guard.place(request)
    )
    return _answer(guard, request, response, opened)


@api.post("/second-factor", summary="Begin to set up a second factor")
def begin_second_factor(request: Request, guard: GuardDep) -> EnrolmentAnswer:
    """The secret for the authenticator app; nothing changes until the first code is given."""
    return enrolment(guard, request)


@api.post("/second-factor/confirm", summary="Confirm the second factor")
def confirm_second_factor(body: Code, request: Request, response: Response, guard: GuardDep) -> SessionAnswer:
    """The first code; all other sessions end."""
    token = guard.session_token(request) or ""
    opened = door.confirm_enrolment(guard.desks, guard.factor, guard.secrets, guard.rules, token, body.code)
    return _answer(guard, request, response, opened)


@api.post("/password", summary="Change one's own password")
def change_password(body: NewPassword, request: Request, response: Response, guard: GuardDep) -> SessionAnswer:
    """A new password; all other sessions and tokens end."""
    opened = _change_password(guard, request, body.old, body.new)
    return _answer(guard, request, response, opened)


def _change_password(guard: Guard, request: Request, old: str, new: str) -> Opened:
    token = guard.session_token(request) or ""
    return door.change_password(
        guard.desks, guard.hasher, guard.secrets, guard.rules, token, old=old, new=new, place=guard.place(request)
    )


# --- forms ------------------------------------------------------------------------------------------------------------


def _on(guard: Guard, request: Request, opened: Opened, next_path: str) -> Response:
    """To the next missing step, or to where the person wanted to go."""
    target = own_path(next_path)
    if opened.stage is not Stage.FULL:
        target = STAGE_PAGES[opened.stage] + (f"?{urlencode({'next': target})}" if target != "/" else "")
    response = RedirectResponse(target, status_code=303)
    guard.give_cookies(request, response, opened)
    return response


def _back(page: str, error: str, next_path: str) -> Response:
    """To the same page with the code of what went wrong (never with what was typed)."""
    query = {"error": error} | ({"next": own_path(next_path)} if own_path(next_path) != "/" else {})
    return RedirectResponse(f"{page}?{urlencode(query)}", status_code=303)


@forms.post("/login")
def form_log_in(request: Request, guard: GuardDep, login: Text = "", password: Text = "", next: Text = "/") -> Response:
    """The form of the log-in page."""
    try:
        opened = door.log_in(
            guard.desks,
            guard.hasher,
            guard.secrets,
            guard.rules,
            login=login[:254],
            password=password,
            place=guard.place(request),
        )
    except (WrongLogIn, TooManyTries) as refusal:
        return _back("/login", refusal.code, next)
    return _on(guard, request, opened, next)


@forms.post("/login/code")
def form_code(request: Request, guard: GuardDep, code: Text = "", next: Text = "/") -> Response:
    """The form of the second factor."""
    token = guard.session_token(request) or ""
    try:
        opened = door.give_code(
            guard.desks, guard.factor, guard.secrets, guard.rules, token, code, guard.place(request)
        )
    except (WrongCode, TooManyTries) as refusal:
        return _back("/login/code", refusal.code, next)
    return _on(guard, request, opened, next)


@forms.post("/login/second-factor")
def form_second_factor(request: Request, guard: GuardDep, code: Text = "", next: Text = "/") -> Response:
    """The form that confirms a new second factor."""
    token = guard.session_token(request) or ""
    try:
        opened = door.confirm_enrolment(guard.desks, guard.factor, guard.secrets, guard.rules, token, code)
    except (WrongCode, TooManyTries) as refusal:
        return _back("/login/second-factor", refusal.code, next)
    return _on(guard, request, opened, next)


@forms.post("/login/password")
def form_password(request: Request, guard: GuardDep, old: Text = "", new: Text = "", next: Text = "/") -> Response:
    """The form of a new password."""
    try:
        opened = _change_password(guard, request, old, new)
    except WeakPassword as refusal:
        return _back("/login/password", refusal.fault.value, next)
    except (WrongLogIn, TooManyTries) as refusal:
        return _back("/login/password", refusal.code, next)
    return _on(guard, request, opened, next)


@forms.post("/logout")
def form_log_out(request: Request, guard: GuardDep) -> Response:
    """The button «Выйти»."""
    door.log_out(guard.desks, guard.secrets, guard.session_token(request) or "")
    response = RedirectResponse("/login", status_code=303)
    guard.take_cookies(response)
    return response
