"""The door's routes: the documented webhook and the PBX's own; limits come first, then belief, then storage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.handlers.receive import Delivery, receive, summary
from services.ingest.ports import Keeper, Provider, Request
from services.ingest.web.documentation import EVENTS_ROUTE, PROVIDER_ROUTE
from services.runtime.errors import TransientError

LARGEST_BODY = 2**20
SLOWEST_BODY_SECONDS = 10.0
RETRY_AFTER_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Door:
    """What the routes work with. `note` is told (source, outcome) of every event and (source, code) of refusals."""

    webhooks: Mapping[str, Provider]
    telephony: Mapping[str, Provider]
    keeper: Keeper
    clock: Callable[[], datetime]
    note: Callable[[str, str, str], None]
    body_seconds: float = SLOWEST_BODY_SECONDS


async def body_of(request: HttpRequest, seconds: float) -> bytes:
    """The whole body within its limits. Raises NotAdmitted."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise NotAdmitted(Refused.CONTENT_ENCODING_REFUSED)
    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or int(announced[:12]) > LARGEST_BODY:
        raise NotAdmitted(Refused.BODY_TOO_LARGE)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > LARGEST_BODY:
                    raise NotAdmitted(Refused.BODY_TOO_LARGE)
                parts.append(part)
    except TimeoutError as error:
        raise NotAdmitted(Refused.BODY_TOO_SLOW) from error
    except ClientDisconnect as error:
        raise NotAdmitted(Refused.BODY_TRUNCATED) from error
    return b"".join(parts)


def problem(refused: Refused) -> Response:
    """A refusal as `application/problem+json`."""
    said = refused.value
    body = {
        "type": "about:blank",
        "title": refused.code.replace("_", " ").capitalize(),
        "status": said.status,
        "code": refused.code,
        "detail": said.detail,
    }
    # what is left of a body that was not read is not read as the next request
    headers = {"Connection": "close"} if said.status in (408, 413, 415) else {}
    if said.status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return Response(json.dumps(body), said.status, headers, media_type="application/problem+json")


async def enter(door: Door, providers: Mapping[str, Provider], source: str, path: str, http: HttpRequest) -> Response:
    """One request from its first byte to its answer."""
    known = source if source in providers else "unknown"
    try:
        if source not in providers:
            raise NotAdmitted(Refused.UNKNOWN_SOURCE)
        headers = {name.lower(): value for name, value in http.headers.items()}
        request = Request(source, path, headers, await body_of(http, door.body_seconds), door.clock())
        delivery = receive(request, providers, door.keeper)
        if not isinstance(delivery, Delivery):
            return Response(status_code=delivery.status)
        receipt = await asyncio.wrap_future(delivery.stored)
    except NotAdmitted as error:
        door.note("refused", known, error.refused.code)
        return problem(error.refused)
    except TransientError:
        door.note("refused", known, Refused.STORAGE_UNAVAILABLE.code)
        return problem(Refused.STORAGE_UNAVAILABLE)
    for outcome in receipt.outcomes:
        door.note("kept", source, outcome)
    return Response(json.dumps(summary(delivery.rows, receipt)), 202, media_type="application/json")


def plain_path(path: str) -> str:
    """A path as it may be kept: short, and without characters that no database takes."""
    return "".join(character if character.isprintable() else "?" for character in path[:200])


def add_routes(app: FastAPI, door: Door) -> None:
    """Adds both doors to an app."""

    async def events(source: str, request: HttpRequest) -> Response:
        return await enter(door, door.webhooks, source, "", request)

    async def provider_events(source: str, path: str, request: HttpRequest) -> Response:
        answer = await enter(door, door.telephony, source, plain_path(path), request)
        # a PBX looks at the status only, and some know no other success than 200
        return Response(answer.body, 200, media_type="application/json") if answer.status_code == 202 else answer

    async def probe(source: str) -> Response:
        return Response(status_code=200) if source in door.telephony else problem(Refused.UNKNOWN_SOURCE)

    app.add_api_route("/v1/events/{source}", events, methods=["POST"], **_route(EVENTS_ROUTE))
    app.add_api_route("/v1/telephony/{source}/{path:path}", provider_events, methods=["POST"], **_route(PROVIDER_ROUTE))
    app.add_api_route("/v1/telephony/{source}", probe, methods=["GET"], include_in_schema=False)


def _route(described: Mapping[str, Any]) -> dict[str, Any]:
    return {**described, "response_class": Response, "response_model": None, "include_in_schema": True}
