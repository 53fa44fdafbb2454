"""What people and the system did in those weeks, each act in its moment and through the handler that does it today."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from demo.past import memory
from demo.past.clock import PastDatabase
from demo.past.material import Heard
from demo.past.weeks import deserved, judged
from services.review.adapters import access_log
from services.review.adapters.search import index
from services.review.adapters.work import RealWork
from services.review.domain.appeals import Correction
from services.review.domain.calendar import WorkCalendar
from services.review.domain.calls import Call
from services.review.domain.evaluation import Decision, Draft, Evaluation, EvaluationKind, Item, Verdict
from services.review.domain.lots import Lots
from services.review.domain.people import Person, Viewer
from services.review.domain.rules import Rules
from services.review.domain.search import Said as Line
from services.review.handlers import appealing, crediting, events, sampling, tasking
from services.review.handlers.evaluating import Said, decide_criterion, finish, recommend
from services.runtime.queue import Tx

BEAT = timedelta(seconds=60)
FULL = Decimal(1)


class PastWork(RealWork):
    """Work in a past moment: ids from the seed, and no notices, because whoever was told then is not told again."""

    def __init__(self, tx: Tx, rules: Rules, calendar: WorkCalendar, rng: random.Random) -> None:
        super().__init__(tx, rules, calendar, lots=Lots(str(rng.random())))
        self._rng = rng
        self.calls = memory.Calls(tx.connection, tx.now)
        self.drafts = memory.Drafts(tx.connection)
        self.evaluations = memory.Evaluations(tx.connection, self.drafts)
        self.tasks = memory.Tasks(tx.connection, tx.now)

    def new_id(self) -> str:
        """The next id of the seed."""
        return f"{self._rng.getrandbits(128):032x}"

    def tell(self, kind: str, person_ids: Sequence[str | None], call: Call | None) -> None:
        """Says nothing."""


class Acts:
    """The acts, on one connection. `words` are what people wrote (words.yaml)."""

    def __init__(
        self,
        database: PastDatabase,
        people: Mapping[str, Person],
        rules: Rules,
        words: Mapping[str, Any],
        rng: random.Random,
    ) -> None:
        self._database, self._people, self._rules = database, people, rules
        self._words, self._rng = words, rng
        self._calendar = WorkCalendar(rules.company_zone)

    @contextmanager
    def _at(self, connection: Connection, moment: datetime) -> Iterator[PastWork]:
        self._database.moment = moment
        work = PastWork(Tx(connection, moment), self._rules, self._calendar, self._rng)
        yield work
        work.end()

    def _viewer(self, person_id: str) -> Viewer:
        return Viewer.of(self._people[person_id])

    def arrive(self, connection: Connection, heard: Heard) -> None:
        """The services tell of a call, and its words can be found."""
        with self._at(connection, heard.drafted_at) as work:
            events.call_registered(work, heard.registered)
            events.transcript_completed(work, heard.completed)
            events.call_scored(work, heard.scored)
        lines = enumerate(heard.document["utterances"])
        call_id = heard.registered["call_id"]
        index(connection, call_id, [Line(turn, said["start_ms"], said["text"]) for turn, said in lines])

    def sample(self, connection: Connection, moment: datetime, department_id: str, day: date) -> list[str]:
        """The counted sample of a department's day; the chosen calls."""
        with self._at(connection, moment) as work:
            drawn = sampling.sample_by_hand(work, department_id, day)
        return [line.call_id for line in drawn.chosen] if drawn is not None else []

    def evaluate(self, connection: Connection, moment: datetime, call_id: str, kind: EvaluationKind) -> bool:
        """Whoever has the task listens and scores; whether a seller might want to appeal it."""
        with self._at(connection, moment) as work:
            task = work.tasks.of_call(call_id, kind)
            call = work.calls.load(call_id)
            if task is None or call is None or task.assignee_id is None:
                return False
            viewer = self._viewer(task.assignee_id)
            access_log.note(
                connection, viewer=viewer, kind="view", object_kind="call", object_ids=[call_id], fields=("transcript",)
            )
            evaluation_id = tasking.take(work, viewer, call_id, call.version).evaluation_id or ""
        for _ in range(self._rng.randrange(2, 6)):
            moment += BEAT
            with self._at(connection, moment) as work:
                tasking.beat(work, viewer, call_id)
        with self._at(connection, moment) as work:
            evaluation = work.evaluations.load(evaluation_id)
            assert evaluation is not None
            self._score(work, viewer, evaluation)
        return self._appealable(evaluation_id, connection) if kind is EvaluationKind.COUNTED else False

    def _score(self, work: PastWork, viewer: Viewer, evaluation: Evaluation) -> None:
        draft = None if evaluation.draft_id is None else work.drafts.get(evaluation.draft_id)
        version, known = evaluation.version, evaluation.evaluation_id
        for item in evaluation.card.applying(evaluation.call_type):
            said = self._said(item, draft, evaluation, viewer.person_id)
            version = decide_criterion(work, viewer, known, version, item.criterion, said).version
        version = recommend(work, viewer, known, version, self._rng.choice(self._words["recommendations"])).version
        finish(work, viewer, known, version)

    def _said(self, item: Item, draft: Draft | None, evaluation: Evaluation, controller: str) -> Said:
        proposed = None if draft is None else draft.scores.get(item.criterion)
        seen = not evaluation.blind
        if proposed is not None and proposed.verdict is Verdict.NOT_APPLICABLE:
            return Said(verdict=Verdict.NOT_APPLICABLE, seen_draft=seen)
        drafted = None if proposed is None else proposed.score
        due = deserved(evaluation.call_id, item.criterion, item.steps) if drafted is None else drafted
        seller = str(evaluation.seller_id)
        score = judged(due, item.steps, item.criterion, seller, controller, self._rng, blind=evaluation.blind)
        if seen and drafted is not None and score == drafted:
            return Said(seen_draft=True, accept_draft=True)
        comment = self._words["comments"].get(item.criterion, "") if score < FULL else ""
        return Said(verdict=Verdict.SCORED, score=score, comment=comment, seen_draft=seen)

    def _appealable(self, evaluation_id: str, connection: Connection) -> bool:
        with self._at(connection, self._database.moment) as work:
            evaluation = work.evaluations.load(evaluation_id)
        return evaluation is not None and bool(_low(evaluation))

    def appeal(self, connection: Connection, moment: datetime, call_id: str) -> None:
        """The seller appeals one or two scores that are not full."""
        with self._at(connection, moment) as work:
            call, evaluation = self._known(work, call_id)
            points = {each.criterion: self._rng.choice(self._words["appeals"]) for each in _low(evaluation)}
            seller = self._viewer(str(call.seller_id))
            appealing.appeal(work, seller, call_id, call.version, self._rng.choice(self._words["appeals"]), points)

    def decide(self, connection: Connection, moment: datetime, call_id: str) -> None:
        """The department's head upholds two appeals of five and rejects the others."""
        with self._at(connection, moment) as work:
            call, _ = self._known(work, call_id)
            head = next(iter(work.heads_of(call.department_id)))
            if self._rng.random() < 0.4:
                made = work.appeals.of_call(call_id)
                assert made is not None
                better = {criterion: Correction(Verdict.SCORED, FULL) for criterion in made.points}
                appealing.uphold(work, self._viewer(head), call_id, call.version, self._words["upheld"], better)
            else:
                appealing.reject(work, self._viewer(head), call_id, call.version, self._words["rejected"])

    def approve(self, connection: Connection, moment: datetime) -> None:
        """The system approves what nobody appealed in time."""
        with self._at(connection, moment) as work:
            appealing.approve_next(work)

    def close_month(self, connection: Connection, moment: datetime, month: str, admin: str) -> None:
        """The administrator closes a month of the credit."""
        with self._at(connection, moment) as work:
            crediting.close_month(work, self._viewer(admin), month)

    @staticmethod
    def _known(work: PastWork, call_id: str) -> tuple[Call, Evaluation]:
        call = work.calls.load(call_id)
        evaluation = None if call is None else work.evaluations.load(call.evaluation_id or "")
        assert call is not None
        assert evaluation is not None
        return call, evaluation


def _low(evaluation: Evaluation) -> list[Decision]:
    """The first two scores that are not full."""
    return [each for each in evaluation.decisions.values() if each.score is not None and each.score < FULL][:2]
