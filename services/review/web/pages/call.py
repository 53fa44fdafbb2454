"""The call page and everything that can be done on it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse

from services.review.domain.appeals import Correction
from services.review.domain.evaluation import Verdict
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import Action
from services.review.domain.views import CallView
from services.review.handlers import appealing, listening, tasking, telling
from services.review.handlers.refusals import BadInput, NotFound
from services.review.web.pages import audio, scoring
from services.review.web.pages.chunks import chunks
from services.review.web.pages.house import House, go
from services.review.web.pages.months import end_of_day
from services.review.web.pages.present_call import Presenter, data_of
from services.review.web.pages.rendering import data_island
from services.review.web.pages.routing import Fields, HouseDep, pages_router, text, version
from services.review.web.pages.transcripts import Dialogue
from services.review.web.security import ViewerDep, current_viewer
from services.runtime.errors import PermanentError

router = pages_router()
TURNS_A_PIECE = 40


def call_of(call_id: str, house: HouseDep, viewer: Annotated[Viewer, Depends(current_viewer)]) -> CallView:
    """Dependency: the call as the viewer may see it. Raises NotFound."""
    with house.reads.queries() as queries:
        return queries.call(viewer, call_id)


Seen = Annotated[CallView, Depends(call_of)]


def dialogue_of(house: House, seen: CallView) -> Dialogue | None:
    """The stored transcript, None when there is none (yet)."""
    if seen.transcript_uri is None:
        return None
    try:
        return Dialogue(json.loads(house.store.get(seen.transcript_uri), parse_float=Decimal))
    except PermanentError:
        return None


@router.get("/calls/{call_id}")
def show(call_id: str, request: Request, house: HouseDep, viewer: ViewerDep, seen: Seen) -> Response:
    """The page of a call."""
    words = house.words(request, viewer)
    dialogue = dialogue_of(house, seen)
    colleagues = _colleagues(house, viewer, seen) if Action.TASK_HAND_OVER in seen.may else ()
    call = Presenter(viewer, words, house.now()).call(seen, dialogue, colleagues)
    house.shelf.note_access(viewer, "view", call_id, ("transcript",) if dialogue else ())
    saves = f"/calls/{call_id}/evaluation/save" if call.allowed.score else None
    first = next((row.code for row in call.criteria if row.decision is None), None)
    return house.page(
        request,
        viewer,
        "call.html",
        call=call,
        back="/work" if call.allowed.score else "/calls",
        next_href="/work" if viewer.role is Role.CONTROLLER else None,
        first_open=first if call.allowed.score else None,
        evaluation=seen.evaluation,
        task=seen.task,
        turn_chunks=chunks(call.turns, TURNS_A_PIECE),
        follow_ups=seen.follow_ups,
        staff=_staff(house) if call.allowed.follow_up else (),
        data=data_island(data_of(call, saves, house.likes(request, viewer), words)),
    )


def _colleagues(house: House, viewer: Viewer, seen: CallView) -> tuple[tuple[str, str], ...]:
    with house.guard.desks.reading() as desk:
        people = desk.people.everybody(active=True, role=Role.CONTROLLER)
    return tuple((each.person_id, each.name) for each in people if each.person_id != viewer.person_id)


def _staff(house: House) -> tuple[tuple[str, str], ...]:
    with house.guard.desks.reading() as desk:
        people = desk.people.everybody(active=True)
    return tuple((each.person_id, each.name) for each in people if each.role is not Role.ADMIN)


@router.get("/calls/{call_id}/now")
def now(seen: Seen) -> Response:
    """Where the call stands, for a page that is open: its version and status."""
    return JSONResponse({"version": seen.row.version, "status": seen.row.status}, headers={"Cache-Control": "no-store"})


@router.get("/calls/{call_id}/sound")
def sound(house: HouseDep, seen: Seen) -> Response:
    """Peaks and times of words, for the player."""
    dialogue = dialogue_of(house, seen)
    body: dict[str, Any] = {"peaks": None, "words": []}
    if dialogue is not None:
        body = {"peaks": dialogue.peaks(), "words": dialogue.word_times()}
    return JSONResponse(body, headers={"Cache-Control": "private, max-age=60"})


@router.get("/calls/{call_id}/audio")
def play(call_id: str, request: Request, house: HouseDep, viewer: ViewerDep, seen: Seen) -> Response:
    """The recording itself, in ranges."""
    if seen.audio_uri is None or Action.CALL_PLAY not in seen.may:
        raise NotFound("There is no recording, or it is not yours to hear.")
    house.shelf.note_play(viewer, call_id, begins=audio.is_start(request.headers.get("range")))
    return audio.send(request, house.store, seen.audio_uri)


@router.post("/calls/{call_id}/take")
def take(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Begins to evaluate. A call that a colleague has taken is not to be seen any more: that is said as it is."""
    try:
        with house.desk.begin() as work:
            tasking.take(work, viewer, call_id, version(fields))
    except NotFound:
        return go("/work", "refused.taken", "bad")
    return go(f"/calls/{call_id}")


@router.post("/calls/{call_id}/open")
def open_call(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Begins to evaluate, or goes on with what is begun."""
    with house.desk.begin() as work:
        held = work.tasks.of_call(call_id)
        if held is None or held.assignee_id != viewer.person_id or held.evaluation_id is None:
            tasking.take(work, viewer, call_id, version(fields))
    return go(f"/calls/{call_id}")


@router.post("/work/next")
def take_next(house: HouseDep, viewer: ViewerDep) -> Response:
    """The next call by due time."""
    return _next(house, viewer, None)


def _next(house: House, viewer: Viewer, said: str | None, back: tuple[str, str] | None = None) -> Response:
    try:
        with house.desk.begin() as work:
            task = tasking.take_next(work, viewer)
    except NotFound:
        return go("/work", "call.queue_empty" if said is None else said, back=back)
    return go(f"/calls/{task.call_id}", said, back=back)


@router.post("/calls/{call_id}/evaluation")
def finish(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Stores the sheet, ends the evaluation, and goes on to the next call."""
    with house.desk.begin() as work:
        scoring.end(work, viewer, scoring.read_sheet(fields))
    if viewer.role is Role.CONTROLLER and text(fields, "then") == "next":
        return _next(house, viewer, "call.done", back=(f"/calls/{call_id}", "call.open_again"))
    return go(f"/calls/{call_id}", "call.done")


@router.post("/calls/{call_id}/evaluation/save")
def save(house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Keeps the sheet as far as it is filled; the script of the page asks for it."""
    with house.desk.begin() as work:
        now_at, evaluation = scoring.take_in(work, viewer, scoring.read_sheet(fields))
        cqr = evaluation.cqr if evaluation else None
    return JSONResponse({"version": now_at, "cqr": None if cqr is None else float(cqr)})


@router.post("/calls/{call_id}/beat")
def beat(call_id: str, house: HouseDep, viewer: ViewerDep) -> Response:
    """The page is still open."""
    with house.desk.begin() as work:
        tasking.beat(work, viewer, call_id)
    return Response(status_code=204)


@router.post("/calls/{call_id}/return")
def give_back(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Back to the pool."""
    with house.desk.begin() as work:
        tasking.give_back(work, viewer, call_id, version(fields))
    return go("/work", "call.returned", back=(f"/calls/{call_id}", "call.open_again"))


@router.post("/calls/{call_id}/hand-over")
def hand_over(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """To a colleague, with a comment."""
    with house.desk.begin() as work:
        tasking.hand_over(work, viewer, call_id, version(fields), text(fields, "to"), text(fields, "comment"))
    return go("/work", "call.handed_over")


@router.post("/calls/{call_id}/send/{how}")
def send(call_id: str, how: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """To listening: counted, uncounted, for advice."""
    ways = {
        "counted": listening.send_counted,
        "uncounted": listening.send_uncounted,
        "advice": listening.send_for_advice,
    }
    if how not in ways:
        raise NotFound("There is no such way to listening.")
    with house.desk.begin() as work:
        ways[how](work, viewer, call_id, version(fields), text(fields, "why"))
    return go(f"/calls/{call_id}", f"call.sent_{how}")


@router.post("/calls/{call_id}/classify")
def classify(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """Tied to a client or an order by hand."""
    with house.desk.begin() as work:
        listening.classify(work, viewer, call_id, version(fields), text(fields, "tied_to"))
    return go(f"/calls/{call_id}#tab-history", "call.classified")


@router.post("/calls/{call_id}/comments")
def comment(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """A comment, for staff unless it says otherwise."""
    with house.desk.begin() as work:
        telling.comment(work, viewer, call_id, text(fields, "text"), public=text(fields, "visibility") == "public")
    return go(f"/calls/{call_id}#tab-remarks", "call.remark_added")


@router.post("/calls/{call_id}/follow-ups")
def set_follow_up(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """A task with a deadline for a colleague: the end of the chosen day in the viewer's zone."""
    due = end_of_day(text(fields, "due"), viewer.zone)
    with house.desk.begin() as work:
        telling.set_follow_up(work, viewer, call_id, text(fields, "to"), text(fields, "text"), due)
    return go(f"/calls/{call_id}#tab-remarks", "call.follow_up_set")


@router.post("/calls/{call_id}/appeal")
def appeal(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """The seller appeals criteria, each with a reason (his general one where he gave none)."""
    reason = text(fields, "reason").strip()
    chosen = [code for code in fields.getlist("criterion") if isinstance(code, str)]
    points = {code: text(fields, f"why.{code}").strip() or reason for code in chosen}
    with house.desk.begin() as work:
        appealing.appeal(work, viewer, call_id, version(fields), reason, points)
    return go(f"/calls/{call_id}#tab-appeal", "call.appeal_sent")


@router.post("/calls/{call_id}/appeal/decision")
def decide(call_id: str, house: HouseDep, viewer: ViewerDep, fields: Fields) -> Response:
    """The head decides: rejected, or upheld with new scores for the criteria he changed."""
    reason, held = text(fields, "reason"), version(fields)
    decision = text(fields, "decision")
    if decision not in ("uphold", "reject"):
        raise BadInput("no_decision", "Say whether the appeal is upheld or rejected.")
    with house.desk.begin() as work:
        if decision == "reject":
            appealing.reject(work, viewer, call_id, held, reason)
        else:
            appealing.uphold(work, viewer, call_id, held, reason, _corrections(fields))
    return go(
        f"/calls/{call_id}#tab-appeal", {"uphold": "call.appeal_upheld", "reject": "call.appeal_rejected"}[decision]
    )


def _corrections(fields: Fields) -> dict[str, Correction]:
    corrections = {}
    for name in fields:
        if not name.startswith("corrected."):
            continue
        code, value = name.removeprefix("corrected."), text(fields, name)
        if value == text(fields, f"stood.{code}"):
            continue
        verdict = Verdict.NOT_APPLICABLE if value == "na" else Verdict.SCORED
        corrections[code] = Correction(verdict, None if value == "na" else scoring.score_of(value))
    return corrections
