"""Overviews over HTTP: risk queue, appeals, load, quality, credit, agreement, samples."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel

from services.review.domain.credit import is_month
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers.crediting import CLOSED, OPEN, close_month
from services.review.handlers.refusals import BadInput
from services.review.ports.books import Books
from services.review.ports.stores import Work
from services.review.web.api.calls import IdText
from services.review.web.api.desk import API, CHANGE, READ, ReadsDep, TellerDep
from services.review.web.api.shapes import AppealOut
from services.review.web.api.shapes_overviews import (
    AgreementOut,
    CreditOut,
    HeatmapOut,
    LoadRowOut,
    RiskRowOut,
    SampleOut,
)
from services.review.web.api.work import PathId
from services.review.web.etags import ExpectedVersion, etag
from services.review.web.security import ViewerDep, require

router = APIRouter(prefix=API, tags=["overviews"])

Month = Annotated[str, Path(pattern=r"^\d{4}-\d{2}$", examples=["2026-11"])]


class MonthNow(BaseModel):
    """A month of the credit; its version is the ETag: 0 while open, 1 once closed."""

    month: str
    closed: bool
    closed_by: str | None = None
    closed_at: datetime | None = None


def a_month(text: str) -> str:
    """The month, if it is one. Raises BadInput."""
    if not is_month(text):
        raise BadInput("bad_month", "A month is written YYYY-MM.")
    return text


@router.get("/risk-queue", summary="Remarkable calls", responses=READ)
def risk_queue(
    viewer: Annotated[Viewer, Depends(require(Action.RISK_QUEUE_READ))],
    reads: ReadsDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[RiskRowOut]:
    """What machine, client or contact rule find remarkable and nobody has taken; worst first, never counted."""
    with reads.queries() as queries:
        return [RiskRowOut.model_validate(row) for row in queries.risk_queue(viewer, limit=limit)]


@router.get("/appeals", summary="Appeals to decide", responses=READ)
def appeals(viewer: ViewerDep, reads: ReadsDep) -> list[AppealOut]:
    """Open appeals that you may decide, oldest first."""
    with reads.queries() as queries:
        return [AppealOut.model_validate(row) for row in queries.appeals_to_decide(viewer)]


@router.get("/load", summary="Controllers' load and backlog", responses=READ)
def load(viewer: Annotated[Viewer, Depends(require(Action.LOAD_READ))], reads: ReadsDep) -> list[LoadRowOut]:
    """Own, of the department, or all."""
    with reads.queries() as queries:
        return [LoadRowOut.model_validate(row) for row in queries.controller_load(viewer)]


@router.get("/quality/{month}", summary="Quality by seller and criterion", responses=READ)
def quality(month: Month, viewer: ViewerDep, reads: ReadsDep, department_id: IdText | None = None) -> HeatmapOut:
    """From approved counted evaluations, with how sure each figure is."""
    with reads.queries() as queries:
        return HeatmapOut.model_validate(queries.team_heatmap(viewer, a_month(month), department_id))


@router.get("/credit/{month}", summary="The motivation credit of a month", responses=READ)
def credits_of_month(
    month: Month,
    viewer: Annotated[Viewer, Depends(require(Action.CREDIT_READ))],
    reads: ReadsDep,
) -> list[CreditOut]:
    """Everybody whose credit you may see."""
    with reads.queries() as queries:
        return [CreditOut.model_validate(row) for row in queries.credits(viewer, a_month(month))]


@router.get("/credit/{month}/{person_id}", summary="A person's month", responses=READ)
def credit(
    month: Month,
    person_id: PathId,
    viewer: Annotated[Viewer, Depends(require(Action.CREDIT_READ))],
    reads: ReadsDep,
) -> CreditOut:
    """With every entry of the ledger."""
    with reads.queries() as queries:
        return CreditOut.model_validate(queries.credit(viewer, person_id, a_month(month)))


@router.get("/months/{month}", summary="Whether a month is closed", responses=READ)
def month_state(month: Month, _viewer: ViewerDep, request: Request, response: Response) -> MonthNow:
    """Its version is the ETag."""
    books: Books = request.app.state.books
    closing = books.closing(a_month(month))
    response.headers["ETag"] = etag(OPEN if closing is None else CLOSED)
    by, at = closing or (None, None)
    return MonthNow(month=month, closed=closing is not None, closed_by=by, closed_at=at)


@router.post("/months/{month}/close", summary="Close a month", responses=CHANGE)
def close(month: Month, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep) -> MonthNow:
    """An open month has version 0. A closed one never changes; later corrections are entries in the open one."""

    def command(work: Work) -> tuple[MonthNow, int]:
        close_month(work, viewer, a_month(month), version)
        return MonthNow(month=month, closed=True, closed_by=viewer.person_id, closed_at=work.now), CLOSED

    return teller.carry_out(viewer, None, command)  # type: ignore[return-value]


@router.get("/agreement", summary="How far evaluators agree", responses=READ)
def agreement(viewer: Annotated[Viewer, Depends(require(Action.AGREEMENT_READ))], reads: ReadsDep) -> AgreementOut:
    """Weighted kappa with its interval, machine–person (blind apart) and person–person; strictness; overturn rates."""
    with reads.queries() as queries:
        return AgreementOut.model_validate(queries.agreement(viewer))


@router.get("/samples/{department_id}/{local_date}", summary="Why each call was chosen or not", responses=READ)
def sample(
    department_id: PathId,
    local_date: date,
    viewer: Annotated[Viewer, Depends(require(Action.SAMPLE_EXPLAIN))],
    reads: ReadsDep,
) -> SampleOut:
    """The recorded sample of a day; `reproduced` says that drawing again gives the same calls."""
    with reads.queries() as queries:
        return SampleOut.model_validate(queries.sample(viewer, department_id, local_date))
