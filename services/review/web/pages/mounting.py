"""Puts all pages on the app: one router a subject, the house they share, and a page for what is not there."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exception_handlers import http_exception_handler
from starlette.exceptions import HTTPException

from services.review.handlers.log_in import NoSession, SessionIncomplete
from services.review.web.pages import (
    admin,
    agreement,
    calendars,
    call,
    calls,
    credit,
    doors,
    evidence,
    files,
    leads,
    live,
    profile,
    static_files,
    team,
    work,
)
from services.review.web.pages.house import House, house_of
from services.review.web.pages.routing import error_page
from services.review.web.problems import problem, wants_page

PAGES = (
    static_files,
    doors,
    work,
    calls,
    call,
    credit,
    team,
    leads,
    agreement,
    files,
    admin,
    calendars,
    evidence,
    profile,
    live,
)


def add_pages(app: FastAPI, house: House) -> None:
    """Adds every page to the app. The guard and its answers are added by `protect` and `add_answers`."""
    app.state.house = house
    for page in PAGES:
        app.include_router(page.router)
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(Exception, _broken)


def _broken(request: Request, error: Exception) -> Response:
    """Our own fault: a page that says so without a word about the inside. The error itself goes on to the log."""
    del error
    if wants_page(request):
        return error_page(request, 500, getattr(request.state, "viewer", None))
    return problem(500, "broken", "Something broke on our side; it is recorded.")


async def _answer(request: Request, error: Exception) -> Response:
    """A page for a person, the usual answer for a program."""
    if not isinstance(error, HTTPException):
        raise error
    if not wants_page(request):
        return await http_exception_handler(request, error)
    try:
        viewer = house_of(request).guard.viewer(request)
    except (NoSession, SessionIncomplete):
        viewer = None
    return error_page(request, error.status_code, viewer)
