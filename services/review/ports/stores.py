"""What the handlers need of storage inside one transaction: calls, evaluations, tasks, appeals, pay, and who is who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from services.review.domain.appeals import Appeal, Correction
from services.review.domain.calendar import WorkCalendar
from services.review.domain.calls import Call, Registration, Sound, StatusChange
from services.review.domain.credit import Entry
from services.review.domain.evaluation import Card, Draft, Evaluation
from services.review.domain.lots import Lots
from services.review.domain.people import Person, Viewer
from services.review.domain.rules import Rules
from services.review.domain.sampling import Candidate, Drawn
from services.review.domain.tasks import FollowUp, ListeningTask


class Calls(Protocol):
    """Calls and their history. Loading locks the call until the transaction ends."""

    def load(self, call_id: str) -> Call | None:
        """The call, locked; None when nothing is known of it."""

    def ensure(self, call_id: str) -> Call:
        """The call, locked; an empty place for it (no status yet) when an event came before its registration."""

    def register(self, call: Call, registration: Registration, now: datetime) -> None:
        """Stores what the exchange told; status and version as in `call`."""

    def move(self, call: Call, change: StatusChange, **values: Any) -> None:
        """Changes status from `change.origin` at version `change.version - 1`, with other columns, and the history.

        Raises StaleVersion when somebody was faster.
        """

    def appeal_in_time(self, call_id: str) -> bool:
        """Whether the database's clock is before `approve_at`."""

    def approve_if_due(self, call: Call, change: StatusChange) -> bool:
        """Approves in one conditional UPDATE where status is pending and the database's clock is not before
        `approve_at`; False when it was not so (any more)."""

    def due_for_approval(self, limit: int) -> Sequence[str]:
        """Ids of pending calls whose time is over by the database's clock, the longest due first."""

    def touch(self, call: Call, actor_id: str, change: str, **values: Any) -> int:
        """Changes other columns at the call's version; returns the next version. Raises StaleVersion."""

    def sound(self, call_id: str, sound: Sound) -> None:
        """Remembers where sound and text lie; empty fields leave what is there."""

    def rate(self, event_id: str, call_id: str, rating: int, channel: str, rated_at: datetime) -> None:
        """Keeps a client's rating; the latest one shows."""


class Drafts(Protocol):
    """Drafts as they came, and the scorecards they told of."""

    def add(self, draft: Draft, data: Mapping[str, Any], risk: int, now: datetime) -> bool:
        """Keeps a draft; makes it the call's when its revision is the highest. False when it was there."""

    def get(self, draft_id: str) -> Draft | None:
        """A draft by its id."""

    def latest_card(self, department_kind: str | None) -> Card | None:
        """The version that was seen last for this kind of department, else for any: for calls without a draft."""

    def distrusted(self) -> frozenset[str]:
        """Criteria whose draft is not shown because people disagree with it too often."""


class Evaluations(Protocol):
    """What people decided."""

    def load(self, evaluation_id: str) -> Evaluation | None:
        """With all decisions, locked."""

    def add(self, evaluation: Evaluation) -> None:
        """A new one."""

    def save(self, before: Evaluation, after: Evaluation, now: datetime) -> None:
        """Writes what changed at `before.version`. Raises StaleVersion."""


class Tasks(Protocol):
    """Listening tasks and follow-ups."""

    def load(self, task_id: str) -> ListeningTask | None:
        """By id, locked."""

    def of_call(self, call_id: str, kind: str | None = None) -> ListeningTask | None:
        """The call's main task (not the second one), or the one of a kind."""

    def add(self, task: ListeningTask) -> None:
        """A new one."""

    def save(self, before: ListeningTask, after: ListeningTask) -> None:
        """Writes a task at `before.version`. Raises StaleVersion."""

    def load_by_controller(self, department_id: str | None) -> Mapping[str, int]:
        """Active controllers of a department with their open tasks."""

    def next_in_pool(self, viewer: Viewer) -> ListeningTask | None:
        """What a controller should take next: his own by due date, then his departments' unassigned ones."""

    def overdue_untold(self, limit: int) -> Sequence[ListeningTask]:
        """Open tasks past their due time by the database's clock that nobody was told of."""

    def add_follow_up(self, follow_up: FollowUp) -> None:
        """A new one."""

    def load_follow_up(self, follow_up_id: str) -> FollowUp | None:
        """By id, locked."""

    def save_follow_up(self, before: FollowUp, after: FollowUp) -> None:
        """Writes it at `before.version`. Raises StaleVersion."""

    def overdue_follow_ups_untold(self, limit: int) -> Sequence[FollowUp]:
        """Open follow-ups past their deadline that nobody was told of."""

    def add_comment(self, comment: NewComment) -> None:
        """Appends a comment with its mentions."""


@dataclass(frozen=True)
class NewComment:
    """A comment to be kept for ever; `mentions` are person ids."""

    comment_id: str
    call_id: str
    author_id: str
    public: bool
    text: str
    criterion: str | None
    mentions: tuple[str, ...]
    made_at: datetime


class Appeals(Protocol):
    """Appeals and their points."""

    def of_call(self, call_id: str) -> Appeal | None:
        """The call's appeal, if there is one."""

    def add(self, appeal: Appeal) -> None:
        """A new, open one."""

    def decide(self, appeal: Appeal, corrections: Mapping[str, Correction], cqr: tuple[Decimal | None, ...]) -> None:
        """Writes the decision of an open appeal (CQR before and after). Raises StaleVersion."""


class Samples(Protocol):
    """Daily samples, work calendars."""

    def departments(self) -> Sequence[tuple[str, str]]:
        """(department_id, zone) of every department."""

    def calendar(self, department_id: str, zone: str) -> WorkCalendar:
        """The department's calendar, or the company's default one in its zone."""

    def last_date(self, department_id: str) -> date | None:
        """The last local date that was sampled."""

    def first_call_date(self, department_id: str, zone: str) -> date | None:
        """The local date of the department's first call."""

    def candidates(self, department_id: str, before: datetime) -> Sequence[Candidate]:
        """Calls that began before an instant and were in no sample yet, locked."""

    def add(self, drawn: Drawn, now: datetime) -> bool:
        """Records a sample and marks its calls; False when the day was sampled already."""


class Ledger(Protocol):
    """The double-entry ledger of the motivation credit."""

    def open_month(self, month: str) -> str:
        """That month, or the first open one after it."""

    def write(self, entries: Sequence[Entry], now: datetime) -> bool:
        """Appends one balanced transaction; False when it is there already."""

    def of_call(self, call_id: str) -> Sequence[Entry]:
        """Everything written about a call."""

    def closing(self, month: str) -> tuple[str, datetime] | None:
        """Who closed the month, and when; None while it is open."""

    def close(self, month: str, person_id: str, now: datetime) -> bool:
        """Closes a month for ever; False when it was closed already."""


class Leads(Protocol):
    """Leads, where they stand against the contact rule, and violations of it."""

    def save(self, data: Mapping[str, Any], now: datetime) -> None:
        """A lead as `lead-changed` tells it; a lower revision changes nothing."""

    def contact(self, data: Mapping[str, Any], occurred_at: datetime, now: datetime) -> None:
        """Where it stands against the contact rule; an older word changes nothing."""

    def violate(self, data: Mapping[str, Any]) -> bool:
        """Keeps a violation, or its newer figures; True when it was not known before."""


class Answers(Protocol):
    """Answers to commands that carried an Idempotency-Key."""

    def find(self, person_id: str, key: str) -> KeptAnswer | None:
        """The answer given before."""

    def keep(self, person_id: str, key: str, answer: KeptAnswer) -> None:
        """Remembers it."""


@dataclass(frozen=True)
class KeptAnswer:
    """What was answered to a request with this fingerprint."""

    request_hash: str
    status: int
    body: str
    etag: str | None


class Work(Protocol):
    """One write transaction: storage, the database's clock, and what goes out with the commit."""

    @property
    def now(self) -> datetime: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def lots(self) -> Lots: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def evaluations(self) -> Evaluations: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def appeals(self) -> Appeals: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def leads(self) -> Leads: ...
    @property
    def answers(self) -> Answers: ...

    def new_id(self) -> str:
        """A fresh id, hex; also good as a seed."""

    def person(self, person_id: str) -> Person | None:
        """Somebody, active or not."""

    def people_named(self, names: Sequence[str]) -> Mapping[str, str]:
        """person_id by log-in name in lower case, for @mentions; unknown names are left out."""

    def heads_of(self, department_id: str | None) -> Sequence[str]:
        """Active heads of a department."""

    def emit(self, event: str, key: str, data: Mapping[str, Any]) -> None:
        """An event into the outbox."""

    def tell(self, kind: str, person_ids: Sequence[str | None], call: Call | None) -> None:
        """A notice to people, sent after the commit; names the call by its number only."""

    def audit(
        self,
        actor: Viewer,
        action: str,
        object_kind: str,
        object_id: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
    ) -> None:
        """A line in the audit log, written when the transaction ends."""


class Works(Protocol):
    """Opens write transactions: `with works.begin() as work:`."""

    def begin(self, request_id: str | None = None) -> AbstractContextManager[Work]:
        """Commits at the end; rolls back on any error. Raises TransientError."""
