"""The logs of the house and saved views over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.handlers import views
from services.review.ports.books import Books
from services.review.ports.people import Desk
from services.review.web.api.desk import TellerDep
from services.review.web.etags import ExpectedVersion
from services.review.web.security import GuardDep, request_id, require

router = APIRouter(prefix="/api/v1", tags=["house"])

AuditReader = Annotated[Viewer, Depends(require(Action.AUDIT_READ))]
AccessReader = Annotated[Viewer, Depends(require(Action.ACCESS_LOG_READ))]
ViewKeeper = Annotated[Viewer, Depends(require(Action.VIEW_SAVE))]
PLAIN = r"^[^\x00-\x1f\x7f]+$"  # no control characters: NUL never reaches the database
Id = Annotated[str | None, Query(min_length=1, max_length=200, pattern=PLAIN)]
Before = Annotated[int | None, Query(ge=1, le=2**62, description="Number of the last row of the page before")]
Limit = Annotated[int, Query(ge=1, le=500)]


def _books(request: Request) -> Books:
    books: Books = request.app.state.books
    return books


BooksDep = Annotated[Books, Depends(_books)]


class AuditOut(BaseModel):
    """One change; `before` and `after` are JSON texts."""

    seq: int
    at: datetime
    actor_id: str
    actor_role: str
    action: str
    object_kind: str
    object_id: str
    before: str | None
    after: str | None
    why: str | None
    request_id: str | None
    hash: str


class AuditPageOut(BaseModel):
    """Newest first."""

    entries: list[AuditOut]


class FaultOut(BaseModel):
    """A row that was touched."""

    seq: int
    kind: str


class VerificationOut(BaseModel):
    """The proof; write `head` down elsewhere."""

    rows: int
    whole: bool
    faults: list[FaultOut]
    head: str


class LookOut(BaseModel):
    """One look at one object."""

    model_config = ConfigDict(from_attributes=True)
    seq: int
    at: datetime
    person_id: str
    kind: str
    object_kind: str
    object_id: str
    client_key: str | None
    fields: str
    why: str | None
    request_id: str | None


class LooksOut(BaseModel):
    """Newest first."""

    looks: list[LookOut]


class ViewIn(BaseModel):
    """Conditions of the list of calls, as they stand in its address after `?`."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100, pattern=PLAIN, examples=["Спорные за ноябрь"])
    query: str = Field(
        max_length=2000, pattern=r"^[A-Za-z0-9%&=_.+~*'()!,:@/?-]*$", examples=["status=evaluated_appealed"]
    )
    shared: bool = False


class ViewOut(BaseModel):
    """A saved view; only `mine` can be changed."""

    model_config = ConfigDict(from_attributes=True)
    view_id: str
    name: str
    query: str
    shared: bool
    owner_id: str
    mine: bool
    version: int


class ViewsOut(BaseModel):
    """By name."""

    views: list[ViewOut]


@router.get("/audit", summary="Audit log")
def read_audit(
    _viewer: AuditReader,
    books: BooksDep,
    object_kind: Id = None,
    object_id: Id = None,
    actor_id: Id = None,
    before: Before = None,
    limit: Limit = 100,
) -> AuditPageOut:
    """The newest entries first."""
    found = books.audit(object_kind=object_kind, object_id=object_id, actor_id=actor_id, before=before, limit=limit)
    rows: list[dict[str, Any]] = [{**each.entry.__dict__, "hash": each.hash} for each in found]
    return AuditPageOut(entries=[AuditOut(**row) for row in rows])


@router.get("/audit/verification", summary="Prove the audit log")
def verify_audit(_viewer: AuditReader, books: BooksDep) -> VerificationOut:
    """Checks every row; names those that were touched."""
    rows, faults, head = books.verify()
    named = [FaultOut(seq=fault.seq, kind=fault.kind.value) for fault in faults]
    return VerificationOut(rows=rows, whole=not named, faults=named, head=f"{head.seq}:{head.hash}")


@router.get("/access-log", summary="Access log")
def read_access_log(
    _viewer: AccessReader,
    books: BooksDep,
    person_id: Id = None,
    object_id: Id = None,
    before: Before = None,
    limit: Limit = 200,
) -> LooksOut:
    """Who saw, heard or took away what; newest first."""
    found = books.looks(person_id=person_id, object_id=object_id, before=before, limit=limit)
    return LooksOut(looks=[LookOut.model_validate(each) for each in found])


@router.get("/views", summary="Saved views")
def list_views(viewer: ViewKeeper, guard: GuardDep) -> ViewsOut:
    """One's own and those that colleagues share. A view shows everybody only the calls that he may see himself."""
    with guard.desks.reading() as desk:
        return ViewsOut(views=[ViewOut.model_validate(each) for each in desk.views.seen_by(viewer)])


@router.post("/views", status_code=201, summary="Keep a view")
def keep_view(body: ViewIn, viewer: ViewKeeper, guard: GuardDep, request: Request, teller: TellerDep) -> ViewOut:
    """A new one; 409 when one of yours has this name already."""

    def command(desk: Desk) -> tuple[ViewOut, int]:
        name, asked_by = body.name.strip() or body.name, request_id(request)
        kept = views.keep_view(desk, viewer, name, body.query, shared=body.shared, request_id=asked_by)
        return ViewOut.model_validate(kept), kept.version

    return teller.carry_out_in(guard.desks(), viewer, body, command, status=201)  # type: ignore[return-value]


ViewId = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9]+$")]


@router.put("/views/{view_id}", summary="Change a view")
def change_view(
    view_id: ViewId,
    body: ViewIn,
    viewer: ViewKeeper,
    guard: GuardDep,
    version: ExpectedVersion,
    request: Request,
    teller: TellerDep,
) -> ViewOut:
    """Only one's own."""

    def command(desk: Desk) -> tuple[ViewOut, int]:
        kept = views.change_view(
            desk,
            viewer,
            view_id,
            version,
            name=body.name.strip() or body.name,
            query=body.query,
            shared=body.shared,
            request_id=request_id(request),
        )
        return ViewOut.model_validate(kept), kept.version

    return teller.carry_out_in(guard.desks(), viewer, body, command)  # type: ignore[return-value]


@router.delete("/views/{view_id}", status_code=204, summary="Forget a view")
def drop_view(view_id: ViewId, viewer: ViewKeeper, guard: GuardDep, version: ExpectedVersion, request: Request) -> None:
    """Only one's own."""
    with guard.desks() as desk:
        views.drop_view(desk, viewer, view_id, version, request_id=request_id(request))
