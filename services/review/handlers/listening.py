"""Sends calls to listening, counted or not or for advice, and ties calls to clients by hand (domain.md §2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.review.domain.calendar import due_time
from services.review.domain.calls import Call
from services.review.domain.evaluation import EvaluationKind
from services.review.domain.people import SYSTEM, Viewer
from services.review.domain.statuses import PERMISSION, Move
from services.review.domain.tasks import ListeningTask, TaskState, least_loaded
from services.review.handlers.moving import advance, demand, demand_version, readable
from services.review.handlers.refusals import BadInput
from services.review.ports.stores import Work

MAX_TEXT = 4000


def text_of(text: str, *, needed: bool, what: str) -> str:
    """A person's text, trimmed. Raises BadInput when it is too long, or empty though needed."""
    trimmed = text.strip()
    if needed and not trimmed:
        raise BadInput(f"no_{what}", f"A {what} is needed.")
    if len(trimmed) > MAX_TEXT or "\x00" in trimmed:
        raise BadInput("bad_text", f"A {what} has at most {MAX_TEXT} characters and no control characters.")
    return trimmed


def classify(work: Work, viewer: Viewer, call_id: str, version: int, tied_to: str) -> Call:
    """Ties a call to a client or order by hand."""
    call = readable(work, viewer, call_id, PERMISSION[Move.CLASSIFY])
    demand(viewer, PERMISSION[Move.CLASSIFY], call)
    demand_version(call, version)
    target = text_of(tied_to, needed=True, what="client or order")[:128]
    return advance(work, viewer, call, Move.CLASSIFY, expected=version, why=target, classified_as=target)


def send_for_advice(work: Work, viewer: Viewer, call_id: str, version: int, question: str = "") -> Call:
    """A seller asks his head about his own call; never counts."""
    call = readable(work, viewer, call_id)
    why = text_of(question, needed=False, what="question")
    due_at = due_of(work, call)
    after = advance(work, viewer, call, Move.SEND_FOR_ADVICE, expected=version, why=why, due_at=due_at)
    add_task(work, after, EvaluationKind.ADVICE, due_at=due_at, assignee_id=None)
    return after


def send_uncounted(work: Work, viewer: Viewer, call_id: str, version: int, why: str = "") -> Call:
    """A head or a mentor takes a call for himself; never counts."""
    call = readable(work, viewer, call_id)
    reason = text_of(why, needed=False, what="reason")
    due_at, taker = due_of(work, call), viewer.person_id
    values: dict[str, Any] = {"taken_by_id": taker, "assignee_id": taker, "due_at": due_at}
    after = advance(work, viewer, call, Move.SEND_UNCOUNTED, expected=version, why=reason, **values)
    add_task(work, after, EvaluationKind.UNCOUNTED, due_at=due_at, assignee_id=taker)
    return after


def send_counted(work: Work, viewer: Viewer, call_id: str, version: int, why: str = "") -> Call:
    """A head sends a call of his department to counted listening; a controller gets it by load."""
    call = readable(work, viewer, call_id)
    return route(work, viewer, call, expected=version, why=text_of(why, needed=False, what="reason"))


def route(
    work: Work,
    viewer: Viewer,
    call: Call,
    *,
    expected: int | None = None,
    why: str = "",
    blind: bool = False,
    double: bool = False,
) -> Call:
    """Sends a call to counted listening, to the least loaded controller of its department (never to its seller).

    `double`: a second controller scores it too, without sight of the first's scores.
    """
    never = frozenset(person for person in (call.seller_id, viewer.person_id) if person is not None)
    load = work.tasks.load_by_controller(call.department_id)
    first = least_loaded(load, work.lots, never=never)
    second = least_loaded(load, work.lots, never=never | {first}) if double and first is not None else None
    due_at = due_of(work, call)
    values: dict[str, Any] = {"assignee_id": first, "second_id": second, "due_at": due_at}
    after = advance(work, viewer, call, Move.SEND_COUNTED, expected=expected, why=why, **values)
    add_task(work, after, EvaluationKind.COUNTED, due_at=due_at, assignee_id=first, blind=blind)
    if second is not None:
        add_task(work, after, EvaluationKind.SECOND, due_at=due_at, assignee_id=second, blind=blind)
    return after


def due_of(work: Work, call: Call) -> datetime:
    """When a call sent now is due, by its department's calendar (aware UTC)."""
    zone = dict(work.samples.departments()).get(call.department_id or "", work.rules.company_zone)
    calendar = work.samples.calendar(call.department_id or "", zone)
    return due_time(calendar, work.now, work.rules.due_working_days)


def add_task(
    work: Work,
    call: Call,
    kind: EvaluationKind,
    *,
    due_at: datetime,
    assignee_id: str | None,
    blind: bool = False,
) -> ListeningTask:
    """Makes a listening task of a call and tells whoever has it."""
    task = ListeningTask(
        task_id=work.new_id(),
        call_id=call.call_id,
        kind=kind,
        seller_id=call.seller_id,
        department_id=call.department_id,
        assignee_id=assignee_id,
        made_at=work.now,
        due_at=due_at,
        state=TaskState.WAITING,
        blind=blind,
    )
    work.tasks.add(task)
    if kind in (EvaluationKind.COUNTED, EvaluationKind.SECOND):
        work.tell("task_given", [assignee_id], call)
    return task


def send_sampled(work: Work, call: Call, *, why: str, blind: bool, double: bool) -> Call:
    """The system's own sending, from the daily sample."""
    return route(work, SYSTEM, call, why=why, blind=blind, double=double)
