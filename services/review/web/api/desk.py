"""What the API routes stand on: transactions, reads, kept answers, and the problems that a route may give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Annotated, Any, Protocol, TypeVar

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field

from services.review.domain.people import Viewer
from services.review.handlers.refusals import BadState, KeyReused
from services.review.ports.queries import Queries, Reads
from services.review.ports.stores import Answers, KeptAnswer, Work, Works
from services.review.web.etags import etag
from services.review.web.security import request_id

API = "/api/v1"


class ProblemOut(BaseModel):
    """A refusal or error (RFC 9457): `code` for programs, `detail` one sentence for people."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["stale version"])
    status: int = Field(examples=[412])
    code: str = Field(examples=["stale_version"])
    detail: str = Field(examples=["Somebody was faster; look at how it stands now and decide again."])


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For OpenAPI: the statuses with which a route may refuse."""
    shape = {"model": ProblemOut, "content": {"application/problem+json": {}}}
    return {status: {**shape, "description": _MEANINGS[status]} for status in (400, 401, 403, *statuses, 503)}


_MEANINGS: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody is logged in.",
    403: "Not permitted.",
    404: "There is none, or it is not yours to see.",
    409: "The business says no: illegal move, unmet condition, or a state that does not fit.",
    412: "Somebody was faster: who, when, and the version that stands now.",
    422: "What was sent cannot stand.",
    428: "If-Match is missing.",
    429: "Too many tries; wait as long as Retry-After says.",
    503: "A part is away for a moment; try again.",
}
EVERY = problems(404, 409, 412, 422, 428, 429)
READ = problems(404, 422)
CHANGE = problems(404, 409, 412, 422, 428)
APPEND = problems(404, 409, 422)


def reads_of(request: Request) -> Reads:
    """The app's reads."""
    reads: Reads = request.app.state.reads
    return reads


def works_of(request: Request) -> Works:
    """The app's transactions."""
    works: Works = request.app.state.works
    return works


def queries_of(request: Request) -> AbstractContextManager[Queries]:
    """One consistent view for this request."""
    return reads_of(request).queries()


ReadsDep = Annotated[Reads, Depends(reads_of)]


class Answering(Protocol):
    """A transaction that remembers what was answered."""

    @property
    def answers(self) -> Answers: ...


T = TypeVar("T", bound=Answering)


class Teller:
    """Carries out a command in one transaction, once for each Idempotency-Key, and answers with the new version."""

    def __init__(
        self,
        request: Request,
        idempotency_key: Annotated[
            str | None,
            Header(
                min_length=8,
                max_length=200,
                pattern=r"^[\x21-\x7e]+$",
                description="A key of your own; the same key gives the same answer again and nothing happens twice.",
            ),
        ] = None,
    ) -> None:
        self._request = request
        self._key = idempotency_key

    def carry_out(
        self,
        viewer: Viewer,
        body: BaseModel | None,
        command: Callable[[Work], tuple[BaseModel, int | None]],
        *,
        status: int = 200,
    ) -> Response:
        """Runs the command, which gives what to answer and the new version for ETag. Raises what the command does."""
        opened = works_of(self._request).begin(request_id(self._request))
        return self.carry_out_in(opened, viewer, body, command, status=status)

    def carry_out_in(
        self,
        opened: AbstractContextManager[T],
        viewer: Viewer,
        body: BaseModel | None,
        command: Callable[[T], tuple[BaseModel | None, int | None]],
        *,
        status: int = 200,
        shown_once: bool = False,
    ) -> Response:
        """The same in a transaction of another kind. `shown_once`: the answer holds a secret and is not kept."""
        print_ = self._fingerprint(body)
        with opened as place:
            kept = place.answers.find(viewer.person_id, self._key) if self._key is not None else None
            if kept is not None:
                return self._again(kept, print_)
            answer, version = command(place)
            text = "" if answer is None else answer.model_dump_json()
            made = KeptAnswer(print_, status, text, None if version is None else etag(version))
            if self._key is not None:
                place.answers.keep(viewer.person_id, self._key, replace(made, body=SHOWN_ONCE) if shown_once else made)
        return _response(made)

    def _again(self, kept: KeptAnswer, fingerprint: str) -> Response:
        if kept.request_hash != fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request.")
        if kept.body == SHOWN_ONCE:
            raise BadState("shown_once", "This was done already; what it made was shown once and is kept nowhere.")
        return _response(kept)

    def _fingerprint(self, body: BaseModel | None) -> str:
        request = self._request
        said = "" if body is None else body.model_dump_json()
        match = request.headers.get("if-match", "")
        text = f"{request.method}\n{request.url.path}\n{match}\n{said}"
        return hashlib.sha256(text.encode()).hexdigest()


SHOWN_ONCE = "(shown once)"


def _response(answer: KeptAnswer) -> Response:
    headers = {} if answer.etag is None else {"ETag": answer.etag}
    kind = "application/json" if answer.body else None
    return Response(answer.body, status_code=answer.status, media_type=kind, headers=headers)


TellerDep = Annotated[Teller, Depends()]
