"""Listening as a task with one responsible person, and follow-ups with deadlines (domain.md §9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.review.domain.evaluation import EvaluationKind
from services.review.domain.lots import Lots

LEASE = timedelta(seconds=90)
# A beat later than this after the last one was not work: the page was closed or the person away.
LONGEST_BEAT = timedelta(seconds=60)


class TaskState(StrEnum):
    """How far a listening task is."""

    WAITING = "waiting"
    TAKEN = "taken"
    DONE = "done"


class FollowUpState(StrEnum):
    """How far a follow-up is."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class ListeningTask:
    """A call to be listened to. One a call and kind; `assignee_id` None lies in the department's pool."""

    task_id: str
    call_id: str
    kind: EvaluationKind
    seller_id: str | None
    department_id: str | None
    assignee_id: str | None
    made_at: datetime
    due_at: datetime
    state: TaskState = TaskState.WAITING
    blind: bool = False
    evaluation_id: str | None = None
    taken_at: datetime | None = None
    done_at: datetime | None = None
    lease_holder_id: str | None = None
    lease_until: datetime | None = None
    beat_at: datetime | None = None
    spent_ms: int = 0
    handed_over_by: str | None = None
    hand_over_comment: str = ""
    version: int = 1

    def open_elsewhere(self, person_id: str, now: datetime) -> bool:
        """Whether somebody else has it open on his screen."""
        held = self.lease_until is not None and self.lease_until > now
        return held and self.lease_holder_id != person_id

    def next_version(self, **changes: object) -> ListeningTask:
        """With changes, one version on."""
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class FollowUp:
    """Something a colleague has to do about a call by a deadline; several on one call are fine."""

    follow_up_id: str
    call_id: str
    author_id: str
    assignee_id: str
    text: str
    due_at: datetime
    made_at: datetime
    state: FollowUpState = FollowUpState.OPEN
    done_at: datetime | None = None
    version: int = 1


def beaten(task: ListeningTask, person_id: str, now: datetime) -> ListeningTask:
    """The task after its page said that it is still open: lease prolonged, time on the task counted.

    A first beat and one after a long silence count nothing, so that a page left open over lunch is not work.
    The version stays: a beat decides nothing.
    """
    spent = task.spent_ms
    if task.beat_at is not None and task.lease_holder_id == person_id and now - task.beat_at <= LONGEST_BEAT:
        spent += max(0, int((now - task.beat_at) / timedelta(milliseconds=1)))
    return replace(task, lease_holder_id=person_id, lease_until=now + LEASE, beat_at=now, spent_ms=spent)


def least_loaded(load: Mapping[str, int], rng: Lots, *, never: frozenset[str] = frozenset()) -> str | None:
    """The controller with the fewest open tasks, drawn among equals; `never` may not have it. None: nobody can."""
    able = {person: tasks for person, tasks in load.items() if person not in never}
    if not able:
        return None
    fewest = min(able.values())
    return rng.choice(sorted(person for person, tasks in able.items() if tasks == fewest))
