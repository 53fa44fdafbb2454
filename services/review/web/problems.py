"""Turns verdicts into answers: one JSON form (RFC 9457) with our code, one sentence, and nothing about the inside."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse

from services.review.domain.people import Viewer
from services.review.domain.sessions import Stage
from services.review.handlers.log_in import NoSession, SessionIncomplete
from services.review.handlers.pacing import TooManyTries
from services.review.handlers.people import BadPerson, WeakPassword
from services.review.handlers.refusals import BadInput, BadState, ConditionUnmet, Outrun
from services.review.ports.books import Books
from services.runtime.errors import NotPermitted, OtzvukError

# Verdicts with an HTTP status of their own; any other refusal is 409, any other verdict of ours 503.
STATUS: Mapping[str, int] = {
    "no_session": 401,
    "wrong_log_in": 401,
    "wrong_code": 401,
    "session_incomplete": 403,
    "not_permitted": 403,
    "not_found": 404,
    "stale_version": 412,
    "no_version": 428,
    "bad_version": 400,
    "too_many_tries": 429,
    "bad_person": 422,
    "weak_password": 422,
    "bad_token": 422,
    "bad_query": 422,
    "last_admin": 409,
    "refused": 409,
    "illegal_move": 409,
    "condition_unmet": 409,
    "bad_state": 409,
    "bad_input": 422,
    "idempotency_key_reused": 422,
    "transient": 503,
    "permanent": 500,
}

STAGE_PAGES: Mapping[Stage, str] = {
    Stage.SECOND_FACTOR: "/login/code",
    Stage.ENROL: "/login/second-factor",
    Stage.NEW_PASSWORD: "/login/password",
}


class Problem(JSONResponse):
    """An answer of type `application/problem+json`."""

    media_type = "application/problem+json"


def problem(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Problem:
    """One problem: `code` for programs, `detail` one sentence for people."""
    content = {"type": "about:blank", "title": code.replace("_", " "), "status": status, "code": code}
    return Problem({**content, "detail": detail, **more}, status_code=status, headers=dict(headers or {}))


def wants_page(request: Request) -> bool:
    """Whether a person's browser is asking for a page (not a script of ours, not a program)."""
    return (
        "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith("/api/")
        and "hx-request" not in request.headers
    )


def answer_to_guard(request: Request, error: NoSession | SessionIncomplete) -> Response:
    """A person is led to the page where he can go on, and back; a program is told."""
    page = "/login" if isinstance(error, NoSession) else STAGE_PAGES[error.stage]
    if wants_page(request):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        query = f"?{urlencode({'next': back})}" if request.method == "GET" and back != "/" else ""
        return RedirectResponse(page + query, status_code=303)
    headers = {"HX-Redirect": page} if "hx-request" in request.headers else {}
    if isinstance(error, NoSession):
        return problem(401, error.code, str(error), {**headers, "WWW-Authenticate": "Bearer"})
    return problem(403, error.code, str(error), headers, stage=error.stage.value)


def answer(error: OtzvukError) -> Response:
    """The answer to any verdict of ours that reached the edge of a route."""
    status = STATUS.get(error.code, 409)
    if isinstance(error, TooManyTries):
        wait = str(max(1, math.ceil(error.retry_after.total_seconds())))
        return problem(status, error.code, str(error), {"Retry-After": wait})
    if isinstance(error, BadPerson):
        return problem(status, error.code, str(error), faults=list(error.faults))
    if isinstance(error, WeakPassword):
        return problem(status, error.code, str(error), fault=error.fault.value)
    if isinstance(error, Outrun):
        stands = {"version": error.version, "by": error.by, "change": error.change}
        at = error.at.isoformat() if error.at is not None else None
        return problem(status, error.code, str(error), {"ETag": f'"{error.version}"'}, at=at, **stands)
    if isinstance(error, ConditionUnmet):
        return problem(status, error.code, str(error), missing=list(error.missing))
    if isinstance(error, BadInput | BadState):
        return problem(status, error.code, str(error), reason=error.reason)
    return problem(status, error.code, str(error))


def add_guard_answers(app: FastAPI) -> None:
    """Registers the answers to missing and incomplete sessions."""

    def guard_answer(request: Request, error: Exception) -> Response:
        if isinstance(error, NoSession | SessionIncomplete):
            return answer_to_guard(request, error)
        raise error

    app.add_exception_handler(NoSession, guard_answer)
    app.add_exception_handler(SessionIncomplete, guard_answer)


def note_denied(request: Request) -> None:
    """Whoever asked for what is not his stands in the access log: the route's pattern, never what was sent."""
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    books: Books | None = getattr(request.app.state, "books", None)
    if viewer is not None and books is not None:
        pattern = getattr(request.scope.get("route"), "path", "other")
        books.note(
            viewer, "denied", "route", f"{request.method} {pattern}", (), request.scope["state"].get("request_id")
        )


def add_answers(app: FastAPI) -> None:
    """Registers answers to all verdicts of ours."""

    def verdict_answer(request: Request, error: Exception) -> Response:
        if isinstance(error, NotPermitted):
            note_denied(request)
        if isinstance(error, OtzvukError):
            return answer(error)
        raise error

    def unreadable_answer(_request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            return problem(422, "bad_request", "The request does not fit the API's document.", faults=faults_of(error))
        raise error

    add_guard_answers(app)
    app.add_exception_handler(OtzvukError, verdict_answer)
    app.add_exception_handler(RequestValidationError, unreadable_answer)


def faults_of(error: RequestValidationError) -> list[str]:
    """Where a request does not fit, as paths with the broken rule; what was sent is not repeated."""
    return [f"{'.'.join(str(part) for part in each['loc'])}: {each['type']}" for each in error.errors()[:20]]
