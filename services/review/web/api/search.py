"""Searching what was said, over HTTP."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from services.review.domain.guessing import Gate
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.domain.views import CallFilters, CallRow, CallSort
from services.review.ports.pages import Found
from services.review.web.api.calls import FiltersIn
from services.review.web.security import paced, require

router = APIRouter(prefix="/api/v1", tags=["search"])

Reader = Annotated[Viewer, Depends(require(Action.CALL_READ))]


class Finder(Protocol):
    """What finds calls; kept as `app.state.search`."""

    def find(
        self, viewer: Viewer, asked: str, filters: CallFilters, cursor: str | None, limit: int, sort: CallSort
    ) -> Found: ...


class SearchIn(FiltersIn):
    """Words in any form; "phrases" in quotes; a minus before what must not be there; and the filters of the list."""

    q: str = Field(min_length=1, max_length=300, examples=['дорого "перезвоните завтра" -доставка'])


class PieceOut(BaseModel):
    """A stretch of an utterance, and whether it is what was looked for. Plain text: escape it where it is shown."""

    text: str
    found: bool


class HitOut(BaseModel):
    """An utterance in which it was said, and when (ms in the recording)."""

    turn: int
    start_ms: int
    pieces: list[PieceOut]


class FoundCallOut(BaseModel):
    """A call and where in it the words were said."""

    call_id: str
    number: int
    hits: list[HitOut]


class FoundOut(BaseModel):
    """A page in the order asked for; `next_cursor` null at the end."""

    calls: list[FoundCallOut]
    next_cursor: str | None


@router.get("/search", summary="Search what was said", dependencies=[Depends(paced(Gate.SEARCH))])
def search(viewer: Reader, request: Request, asked: Annotated[SearchIn, Query()]) -> FoundOut:
    """Only among the calls that the viewer may see; every call shown is noted in the access log."""
    finder: Finder = request.app.state.search
    found = finder.find(viewer, asked.q, asked.filters(), asked.cursor, asked.limit, asked.sort())
    return FoundOut(calls=[_call(row, found) for row in found.rows], next_cursor=found.next_cursor)


def _call(row: CallRow, found: Found) -> FoundCallOut:
    hits = [
        HitOut(turn=hit.turn, start_ms=hit.start_ms, pieces=[PieceOut(text=t, found=f) for t, f in hit.pieces])
        for hit in found.hits.get(row.call_id, ())
    ]
    return FoundCallOut(call_id=row.call_id, number=row.number, hits=hits)
