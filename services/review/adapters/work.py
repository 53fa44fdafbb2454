"""One write transaction of review: the stores on one connection, the database's clock, events, notices, audit."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.review.adapters import audit
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.store_calls import CallStore
from services.review.adapters.store_credit import AnswerStore, LeadStore, LedgerStore
from services.review.adapters.store_drafts import DraftStore
from services.review.adapters.store_evaluations import AppealStore, EvaluationStore
from services.review.adapters.store_samples import SampleStore
from services.review.adapters.store_tasks import TaskStore
from services.review.adapters.tables_people import people, person_departments
from services.review.domain.calendar import WorkCalendar
from services.review.domain.calls import Call
from services.review.domain.lots import Lots
from services.review.domain.people import Person, Role, Viewer
from services.review.domain.rules import Rules
from services.runtime.database import Database, database_now
from services.runtime.queue import Tx

NOTICES = "notices"  # the service's own jobs that become messages to people


def tell(
    tx: Tx, kind: str, person_ids: Sequence[str | None], call_id: str | None = None, number: int | None = None
) -> None:
    """Puts a notice to each person into the service's own queue."""
    for person_id in dict.fromkeys(person for person in person_ids if person is not None):
        notice_id = uuid.uuid4().hex
        told = {"notice_id": notice_id, "person_id": person_id, "kind": kind, "call_id": call_id, "call_number": number}
        tx.later(NOTICES, person_id, told, event_id=f"notice-{notice_id}")


class RealWork:
    """The port `Work` on an open transaction."""

    def __init__(
        self,
        tx: Tx,
        rules: Rules,
        calendar: WorkCalendar,
        *,
        request_id: str | None = None,
        lots: Lots | None = None,
    ) -> None:
        connection = tx.connection
        self._tx = tx
        self._request_id = request_id
        self._audits: list[dict[str, Any]] = []
        self._connection = connection
        self.now: datetime = tx.now
        self.rules = rules
        self.lots = lots or Lots(uuid.uuid4().hex)
        self.calls = CallStore(connection, tx.now)
        self.drafts = DraftStore(connection)
        self.evaluations = EvaluationStore(connection, self.drafts)
        self.tasks = TaskStore(connection, tx.now)
        self.appeals = AppealStore(connection)
        self.samples = SampleStore(connection, calendar)
        self.ledger = LedgerStore(connection)
        self.leads = LeadStore(connection)
        self.answers = AnswerStore(connection, tx.now)
        self._people = PeopleStore(connection)

    def new_id(self) -> str:
        """A fresh id, hex."""
        return uuid.uuid4().hex

    def person(self, person_id: str) -> Person | None:
        """Somebody, active or not."""
        return self._people.person(person_id)

    def people_named(self, names: Sequence[str]) -> Mapping[str, str]:
        """person_id by log-in name; unknown names are left out."""
        query = select(people.c.login, people.c.person_id).where(people.c.login.in_(sorted(names)))
        return {row.login: row.person_id for row in self._connection.execute(query)}

    def heads_of(self, department_id: str | None) -> Sequence[str]:
        """Active heads of a department."""
        query = (
            select(people.c.person_id)
            .join(person_departments, person_departments.c.person_id == people.c.person_id)
            .where(
                people.c.role == Role.HEAD.value,
                people.c.active.is_(True),
                person_departments.c.department_id == department_id,
            )
            .order_by(people.c.person_id)
        )
        return self._connection.execute(query).scalars().all()

    def emit(self, event: str, key: str, data: Mapping[str, Any]) -> None:
        """An event into the outbox."""
        self._tx.emit(event, key, data)

    def tell(self, kind: str, person_ids: Sequence[str | None], call: Call | None) -> None:
        """A notice to each person, as a job of our own; it names the call by id and number, nothing else."""
        call_id, number = (None, None) if call is None else (call.call_id, call.number)
        tell(self._tx, kind, person_ids, call_id, number)

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
        """Remembers a line of the audit log; they are written last, because the log's head stays locked until then."""
        self._audits.append(
            {
                "actor": actor,
                "action": action,
                "object_kind": object_kind,
                "object_id": object_id,
                "before": before,
                "after": after,
                "why": why,
            }
        )

    def end(self) -> None:
        """Writes the audit lines; called once, last in the transaction."""
        for line in self._audits:
            audit.record(self._connection, request_id=self._request_id, **line)
        self._audits.clear()


class RealWorks:
    """The port `Works`: opens transactions of work."""

    def __init__(self, database: Database, rules: Rules, calendar: WorkCalendar, lots: Lots | None = None) -> None:
        self._database = database
        self._rules = rules
        self._calendar = calendar
        self._lots = lots

    @contextmanager
    def begin(self, request_id: str | None = None) -> Iterator[RealWork]:
        """Commits at the end; rolls back on any error. Raises TransientError."""
        with self._database.begin() as connection, self.on(connection, request_id=request_id) as work:
            yield work

    @contextmanager
    def on(
        self, connection: Connection, *, caused_by: str | None = None, request_id: str | None = None
    ) -> Iterator[RealWork]:
        """Work on a transaction that somebody else ends (an event's, a deactivation's)."""
        tx = Tx(connection, database_now(connection), caused_by)
        work = RealWork(tx, self._rules, self._calendar, request_id=request_id, lots=self._lots)
        yield work
        work.end()
