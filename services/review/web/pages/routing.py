"""Routes of pages: forms come as fields, refusals come back as a sentence on a page and never as a bare error."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.datastructures import FormData

from services.review.domain.people import Viewer
from services.review.handlers.log_in import NoSession, SessionIncomplete
from services.review.handlers.pacing import TooManyTries
from services.review.handlers.refusals import BadInput, BadState, ConditionUnmet, Outrun
from services.review.web.pages.house import House, go, house_of, language_of
from services.review.web.pages.words import words_of
from services.review.web.problems import note_denied
from services.review.web.security import request_id
from services.runtime.errors import NotFound, NotPermitted, OtzvukError, StaleVersion, TransientError

MAX_FIELDS = 400


class PageRoute(APIRoute):
    """Answers our own verdicts with a page, or leads back to where the person was with one sentence."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route with refusals turned into pages."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except (NoSession, SessionIncomplete):
                raise
            except OtzvukError as refusal:
                if "application/json" in request.headers.get("accept", ""):
                    raise
                if isinstance(refusal, NotPermitted):
                    note_denied(request)
                return refused(request, refusal)

        return guarded


def pages_router() -> APIRouter:
    """A router for pages; they stay out of the API's document."""
    return APIRouter(route_class=PageRoute, include_in_schema=False)


async def fields_of(request: Request) -> FormData:
    """Dependency: the fields of a form."""
    return await request.form(max_fields=MAX_FIELDS)


Fields = Annotated[FormData, Depends(fields_of)]
HouseDep = Annotated[House, Depends(house_of)]


def text(fields: FormData, name: str, default: str = "") -> str:
    """A field as text; files and missing fields give the default."""
    value = fields.get(name, default)
    return value if isinstance(value, str) else default


def version(fields: FormData, name: str = "version") -> int:
    """The version that the form was made from. Raises BadInput."""
    given = text(fields, name)
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise BadInput("no_version", "The form does not say which version it was made from.")
    return int(given)


def refused(request: Request, refusal: OtzvukError) -> Response:
    """Back to the call with a sentence after a refused action, else a page that says what happened."""
    house = house_of(request)
    viewer: Viewer | None = getattr(request.state, "viewer", None)
    words = house.words(request, viewer) if viewer else None
    key, values = sentence_of(house, refusal)
    call_id = request.path_params.get("call_id")
    if request.method == "POST" and not isinstance(refusal, NotFound) and words is not None:
        takes = request.url.path.endswith(("/take", "/open"))
        back = (
            "/work" if takes else f"/calls/{call_id}" if call_id else request.headers.get("referer", "/").split("?")[0]
        )
        return go(own(request, back), key if key in words.entries else "error.refused", "bad", None, **values)
    status = {NotFound: 404, NotPermitted: 403, TransientError: 503, TooManyTries: 429}.get(type(refusal), 409)
    return error_page(request, status, viewer)


def own(request: Request, address: str) -> str:
    """The path of an address on this site, `/` for any other."""
    origin = str(request.base_url).rstrip("/")
    path = address.removeprefix(origin) if address.startswith(origin) else address
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def sentence_of(house: House, refusal: OtzvukError) -> tuple[str, dict[str, object]]:
    """The key of the sentence for a refusal, with its values."""
    match refusal:
        case Outrun(by=str() as by):
            return "error.outrun", {"who": house.names().people.get(by, by)}
        case StaleVersion():
            return "error.stale", {}
        case NotPermitted():
            return "error.forbidden", {}
        case ConditionUnmet(missing=missing) if missing:
            return f"refused.{missing[0]}", {}
        case BadState(reason=reason) | BadInput(reason=reason):
            return f"refused.{reason}", {}
        case _:
            return f"refused.{refusal.code}", {}


def error_page(request: Request, status: int, viewer: Viewer | None) -> Response:
    """A page that says what happened, what is safe and what to do; of our own faults without asking the database."""
    viewer = viewer if status < 500 else None
    kind = {404: "not_found", 405: "not_found", 403: "forbidden", 409: "stale", 412: "stale", 429: "slow"}.get(
        status, "broken"
    )
    house = house_of(request)
    words = house.words(request, viewer) if viewer else None
    if words is None:
        words = words_of(language_of(request))
    return house.page(
        request,
        viewer,
        "error.html",
        status=status,
        code=kind,
        text=words(f"error.{kind}"),
        what_to_do=words(f"error.{kind}_do"),
        back="/calls" if viewer else "/",
        request_id=request_id(request),
    )
