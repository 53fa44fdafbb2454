"""What the API routes stand on: transactions, reads, kept answers, and the problems that a route may give."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field

from services.review.domain.people import Viewer
from services.review.handlers.refusals import KeyReused
from services.review.ports.queries import Queries, Reads
from services.review.ports.stores import KeptAnswer, Work, Works
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


class Teller:
    """Carries out a command in one transaction, once for each Idempotency-Key, and answers with the new version."""

    def __init__(
        self,
        request: Request,
        works: Annotated[Works, Depends(works_of)],
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
        self._works = works
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
        print_ = self._fingerprint(body)
        with self._works.begin(request_id(self._request)) as work:
            kept = work.answers.find(viewer.person_id, self._key) if self._key is not None else None
            if kept is not None:
                return self._again(kept, print_)
            answer, version = command(work)
            made = KeptAnswer(print_, status, answer.model_dump_json(), None if version is None else etag(version))
            if self._key is not None:
                work.answers.keep(viewer.person_id, self._key, made)
        return _response(made)

    def _again(self, kept: KeptAnswer, fingerprint: str) -> Response:
        if kept.request_hash != fingerprint:
            raise KeyReused("This Idempotency-Key was used for another request.")
        return _response(kept)

    def _fingerprint(self, body: BaseModel | None) -> str:
        request = self._request
        said = "" if body is None else body.model_dump_json()
        match = request.headers.get("if-match", "")
        text = f"{request.method}\n{request.url.path}\n{match}\n{said}"
        return hashlib.sha256(text.encode()).hexdigest()


def _response(answer: KeptAnswer) -> Response:
    headers = {} if answer.etag is None else {"ETag": answer.etag}
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)


TellerDep = Annotated[Teller, Depends()]
