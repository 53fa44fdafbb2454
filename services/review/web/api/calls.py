"""Calls over HTTP: the list, one call, sending to listening, classifying, appeals."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.review.domain.appeals import Correction
from services.review.domain.calls import Call, CallType
from services.review.domain.evaluation import Verdict
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.domain.statuses import Status
from services.review.domain.views import CallFilters, CallOrder, CallSort
from services.review.handlers import appealing, listening
from services.review.ports.books import Books
from services.review.ports.stores import Work
from services.review.web.api.desk import API, CHANGE, READ, ReadsDep, TellerDep
from services.review.web.api.shapes import CallOut, CallPageOut
from services.review.web.etags import ExpectedVersion, etag
from services.review.web.security import ViewerDep, request_id, require

router = APIRouter(prefix=API, tags=["calls"])

# Ids hold no control characters and no slash; that also keeps NUL away from the database.
IdText = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["marina"])]
CallId = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f/\x7f]+$", examples=["c-10482"])]
Text = Annotated[str, Field(max_length=4000, pattern=r"^[^\x00]*$")]


class Moved(BaseModel):
    """A call after a change: its status, and its version for the next If-Match."""

    call_id: str
    number: int
    status: Status
    version: int


class ClassifyIn(BaseModel):
    """The client or order that the call belongs to."""

    model_config = ConfigDict(extra="forbid")
    tied_to: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$", examples=["lead-311"])]


class SendIn(BaseModel):
    """Why it is sent, or the question to the head."""

    model_config = ConfigDict(extra="forbid")
    why: Text = Field(default="", examples=["Клиент ушёл к конкуренту, хочу понять почему"])


class AppealIn(BaseModel):
    """Which criteria are appealed, each with a reason, and a reason for all."""

    model_config = ConfigDict(extra="forbid")
    reason: Text = Field(examples=["Следующий шаг был назван вслух"])
    points: dict[IdText, Text] = Field(
        min_length=1, max_length=100, examples=[{"next_step": "«Жду вас в четверг в десять»: 3:41"}]
    )


class CorrectionIn(BaseModel):
    """A corrected score."""

    model_config = ConfigDict(extra="forbid")
    verdict: Verdict = Verdict.SCORED
    score: Decimal | None = Field(default=None, ge=0, le=1, max_digits=6, examples=[1])


class DecisionIn(BaseModel):
    """The head's decision: upheld with corrected scores, or rejected; always with a reason."""

    model_config = ConfigDict(extra="forbid")
    uphold: bool
    reason: Text = Field(examples=["Шаг назван, оценка исправлена"])
    corrections: dict[IdText, CorrectionIn] = Field(default_factory=dict, max_length=100)


class AppealMade(BaseModel):
    """The appeal that was made, and its call's new version."""

    appeal_id: str
    call_id: str
    version: int


class FiltersIn(BaseModel):
    """Everything the list can be narrowed by."""

    model_config = ConfigDict(extra="forbid")
    status: list[Status] = Field(default_factory=list, max_length=11)
    seller_id: IdText | None = None
    department_id: IdText | None = None
    controller_id: IdText | None = None
    call_type: CallType | None = None
    direction: Annotated[str, Field(pattern="^(in|out|internal)$")] | None = None
    outcome: Annotated[str, Field(pattern="^[a-z_]{1,20}$")] | None = None
    started_from: AwareDatetime | None = None
    started_to: AwareDatetime | None = None
    cqr_from: Decimal | None = Field(default=None, ge=0, le=100, max_digits=6)
    cqr_to: Decimal | None = Field(default=None, ge=0, le=100, max_digits=6)
    talk_from_ms: int | None = Field(default=None, ge=0, le=10**12)
    talk_to_ms: int | None = Field(default=None, ge=0, le=10**12)
    rating: int | None = Field(default=None, ge=1, le=5)
    remarkable: Annotated[str, Field(pattern="^[a-z_]{1,40}$")] | None = None
    red_flag: bool | None = None
    appealed: bool | None = None
    overdue: bool | None = None
    lead_id: IdText | None = None
    client_key: IdText | None = None
    source: IdText | None = None
    campaign: IdText | None = None
    scorecard_version: IdText | None = None
    has_recording: bool | None = None
    number: int | None = Field(default=None, ge=1, le=10**15)
    cursor: Annotated[str, Field(max_length=800, pattern=r"^[A-Za-z0-9_=-]*$")] | None = None
    limit: int = Field(default=50, ge=1, le=200)
    order: CallOrder = CallOrder.STARTED
    descending: bool = True

    def filters(self) -> CallFilters:
        """As the domain names them."""
        values = self.model_dump(include=set(CallFilters.__dataclass_fields__))
        return CallFilters(statuses=tuple(self.status), **values)

    def sort(self) -> CallSort:
        """The order asked for; a cursor holds only within the order that gave it."""
        return CallSort(self.order, self.descending)


def moved(call: Call) -> tuple[Moved, int]:
    """The answer after a change of a call."""
    assert call.status is not None
    answer = Moved(call_id=call.call_id, number=call.number, status=call.status, version=call.version)
    return answer, call.version


Reader = Annotated[Viewer, Depends(require(Action.CALL_READ))]


@router.get("/calls", summary="List of calls", responses=READ)
def list_calls(viewer: Reader, reads: ReadsDep, asked: Annotated[FiltersIn, Query()]) -> CallPageOut:
    """Newest first or by any column, page by page (`next_cursor`), narrowed by any field; only calls you may see."""
    with reads.queries() as queries:
        page = queries.call_list(viewer, asked.filters(), sort=asked.sort(), cursor=asked.cursor, limit=asked.limit)
    return CallPageOut.model_validate(page)


@router.get("/calls/{call_id}", summary="One call", responses=READ)
def read_call(call_id: CallId, viewer: Reader, reads: ReadsDep, request: Request, response: Response) -> CallOut:
    """Draft, evaluation, history, comments, tasks and appeal of a call; its version is the ETag. Each view is noted."""
    with reads.queries() as queries:
        page = queries.call(viewer, call_id)
    books: Books = request.app.state.books
    books.note(viewer, "view", "call", call_id, ("card", "evaluation"), request_id(request))
    response.headers["ETag"] = etag(page.row.version)
    return CallOut.model_validate(page)


@router.post("/calls/{call_id}/classify", summary="Tie a call to a client or order", responses=CHANGE)
def classify(
    call_id: CallId, body: ClassifyIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> Moved:
    """Heads (of the department) and controllers."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: moved(listening.classify(work, viewer, call_id, version, body.tied_to))
    )


@router.post("/calls/{call_id}/send-for-advice", summary="Ask the head about an own call", responses=CHANGE)
def send_for_advice(
    call_id: CallId, body: SendIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> Moved:
    """Sellers, own calls; never counts."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: moved(listening.send_for_advice(work, viewer, call_id, version, body.why))
    )


@router.post("/calls/{call_id}/send-counted", summary="Send to counted listening", responses=CHANGE)
def send_counted(
    call_id: CallId, body: SendIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> Moved:
    """Heads, calls of their department; a controller gets it by load."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: moved(listening.send_counted(work, viewer, call_id, version, body.why))
    )


@router.post("/calls/{call_id}/send-uncounted", summary="Take for oneself, not counted", responses=CHANGE)
def send_uncounted(
    call_id: CallId, body: SendIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> Moved:
    """Heads (their department) and mentors (their mentees); never counts."""
    return teller.carry_out(  # type: ignore[return-value]
        viewer, body, lambda work: moved(listening.send_uncounted(work, viewer, call_id, version, body.why))
    )


@router.post("/calls/{call_id}/appeal", summary="Appeal an evaluation", status_code=201, responses=CHANGE)
def appeal(
    call_id: CallId, body: AppealIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> AppealMade:
    """The seller, own call, while the database's clock is before `approve_at` (48 hours after the evaluation)."""

    def command(work: Work) -> tuple[AppealMade, int]:
        made = appealing.appeal(work, viewer, call_id, version, body.reason, body.points)
        return AppealMade(appeal_id=made.appeal_id, call_id=call_id, version=version + 1), version + 1

    return teller.carry_out(viewer, body, command, status=201)  # type: ignore[return-value]


@router.post("/calls/{call_id}/appeal/decision", summary="Decide an appeal", responses=CHANGE)
def decide_appeal(
    call_id: CallId, body: DecisionIn, viewer: ViewerDep, version: ExpectedVersion, teller: TellerDep
) -> Moved:
    """A head of the department who neither spoke in the call nor scored it."""

    def command(work: Work) -> tuple[Moved, int]:
        if not body.uphold:
            return moved(appealing.reject(work, viewer, call_id, version, body.reason))
        corrections = {criterion: Correction(each.verdict, each.score) for criterion, each in body.corrections.items()}
        return moved(appealing.uphold(work, viewer, call_id, version, body.reason, corrections))

    return teller.carry_out(viewer, body, command)  # type: ignore[return-value]
