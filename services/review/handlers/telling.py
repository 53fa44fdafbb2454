"""Comments for staff or for all, @mentions, follow-ups with deadlines, and who is told when something is overdue."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from services.review.domain.calls import Call
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import NOTHING_HERE, Action, permits
from services.review.domain.tasks import FollowUp, FollowUpState
from services.review.handlers.listening import text_of
from services.review.handlers.moving import demand, readable
from services.review.handlers.refusals import BadInput, BadState, NotFound, NotPermitted, Outrun
from services.review.ports.stores import NewComment, Work

MENTION = re.compile(r"(?<![\w.@-])@([A-Za-z0-9][A-Za-z0-9._-]{0,127})")
LONGEST_DEADLINE = timedelta(days=366)
BATCH = 50


def mentioned(text: str) -> tuple[str, ...]:
    """The names after an @ in a text, in lower case, each once."""
    return tuple(dict.fromkeys(name.rstrip(".-").lower() for name in MENTION.findall(text)))


def comment(
    work: Work, viewer: Viewer, call_id: str, text: str, *, public: bool, criterion: str | None = None
) -> NewComment:
    """Appends a comment; whoever is mentioned and may see it is told. Nothing is handed over by it."""
    call = readable(work, viewer, call_id)
    demand(viewer, Action.COMMENT_PUBLIC if public else Action.COMMENT_INTERNAL, call)
    said = text_of(text, needed=True, what="comment")
    named = work.people_named(mentioned(said))
    people = tuple(sorted(person for person in named.values() if _may_see(work, person, call, public)))
    made = NewComment(work.new_id(), call_id, viewer.person_id, public, said, criterion, people, work.now)
    work.tasks.add_comment(made)
    work.audit(
        viewer,
        "comment.public" if public else "comment.internal",
        "call",
        call_id,
        after={"comment_id": made.comment_id, "mentions": people},
    )
    work.tell("mentioned", [person for person in people if person != viewer.person_id], call)
    return made


def _may_see(work: Work, person_id: str, call: Call, public: bool) -> bool:
    person = work.person(person_id)
    if person is None or not person.active:
        return False
    viewer = Viewer.of(person)
    if person.role is Role.SELLER and not public:
        return False
    # A colleague may be called in before the call is his: he is told its number and no more.
    return person.role is not Role.SELLER or permits(viewer, Action.CALL_READ, call.facts(viewer))


def set_follow_up(work: Work, viewer: Viewer, call_id: str, assignee_id: str, text: str, due_at: datetime) -> FollowUp:
    """Sets a task with a deadline for a colleague (or oneself)."""
    call = readable(work, viewer, call_id)
    demand(viewer, Action.FOLLOW_UP_SET, call)
    said = text_of(text, needed=True, what="task")
    if not work.now < due_at < work.now + LONGEST_DEADLINE:
        raise BadInput("bad_deadline", "A deadline lies ahead, within a year.")
    heir = work.person(assignee_id)
    if heir is None or not heir.active:
        raise BadInput("unknown_person", "There is no such active colleague.")
    if viewer.role is Role.SELLER and assignee_id != viewer.person_id and heir.role is Role.SELLER:
        raise NotPermitted("A seller sets tasks for himself or for staff.")
    made = FollowUp(work.new_id(), call_id, viewer.person_id, assignee_id, said, due_at, work.now)
    work.tasks.add_follow_up(made)
    work.audit(
        viewer,
        "follow_up.set",
        "follow_up",
        made.follow_up_id,
        after={"call_id": call_id, "assignee_id": assignee_id, "due_at": due_at},
    )
    work.tell("follow_up_set", [assignee_id] if assignee_id != viewer.person_id else [], call)
    return made


def end_follow_up(work: Work, viewer: Viewer, follow_up_id: str, version: int, state: FollowUpState) -> FollowUp:
    """Done (by whoever has it) or cancelled (by whoever set it)."""
    held = work.tasks.load_follow_up(follow_up_id)
    if held is None or viewer.person_id not in (held.author_id, held.assignee_id):
        raise NotFound(NOTHING_HERE)
    entitled = held.assignee_id if state is FollowUpState.DONE else held.author_id
    if viewer.person_id != entitled or state is FollowUpState.OPEN:
        raise NotPermitted("Whoever has the task ends it; whoever set it cancels it.")
    if held.version != version:
        by = {FollowUpState.DONE: held.assignee_id, FollowUpState.CANCELLED: held.author_id}.get(held.state)
        raise Outrun(held.version, by, held.done_at, f"follow_up.{held.state}")
    if held.state is not FollowUpState.OPEN:
        raise BadState("finished", "This task is finished.")
    after = replace(held, state=state, done_at=work.now, version=held.version + 1)
    work.tasks.save_follow_up(held, after)
    work.audit(
        viewer,
        f"follow_up.{state}",
        "follow_up",
        follow_up_id,
        before={"state": held.state},
        after={"state": after.state},
    )
    work.tell(f"follow_up_{state}", [p for p in (held.author_id,) if p != viewer.person_id], _call(work, held.call_id))
    return after


def _call(work: Work, call_id: str) -> Call | None:
    return work.calls.load(call_id)


def tell_overdue(work: Work) -> bool:
    """Tells of tasks and follow-ups that ran over: the responsible and the heads, once each; False when none did."""
    tasks = work.tasks.overdue_untold(BATCH)
    for task in tasks:
        call = work.calls.load(task.call_id)
        people = [task.assignee_id, *work.heads_of(task.department_id)]
        work.tell("task_overdue", people, call)
    follow_ups = work.tasks.overdue_follow_ups_untold(BATCH)
    for held in follow_ups:
        work.tell("follow_up_overdue", [held.assignee_id, held.author_id], _call(work, held.call_id))
    return bool(tasks or follow_ups)
