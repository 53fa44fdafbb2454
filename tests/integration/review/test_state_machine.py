"""Random steps against a small model on SQLite and, with the same seed, the same ones on PostgreSQL.

25,000 steps on each, 50,000 in all; `RUNS=20` makes a fifth of that.

One rule draws one number and everything follows from it: with a rule for each action Hypothesis leaves out some of them
in each run, and a call hardly ever gets to its end.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sqlalchemy import text

from services.review.domain.appeals import Correction
from services.review.domain.evaluation import Verdict
from services.review.handlers import appealing, evaluating, listening, tasking
from services.review.handlers.evaluating import Said
from services.runtime.errors import Refusal, StaleVersion
from tests.integration.review import journeys
from tests.integration.review.model import ROLES, WEIGHTS, ModelCall
from tests.integration.review.test_ledger_from_log import proved
from tests.integration.review.world import World

RUNS, STEPS = int(os.environ.get("RUNS", "100")), 250
PERSONS = sorted(ROLES)
REASON = "так"

PLACES = range(12)
MARKS = ("0", "0.5", "1")
STANDS = text("SELECT status, assignee_id FROM calls WHERE call_id = :call")
ACTIONS: dict[str, dict[str, Sequence[Any]]] = {}


def action(**choices: Sequence[Any]) -> Callable[[Any], Any]:
    """Marks a method as an action and says what its arguments are drawn from."""

    def mark(method: Any) -> Any:
        ACTIONS[method.__name__] = choices
        return method

    return mark


# Sending and scoring come more often than new calls, or no call would get to its end.
OFTEN = {
    "register": 1,
    "count": 4,
    "take": 6,
    "score_all": 6,
    "finish": 8,
    "appeal": 5,
    "uphold": 4,
    "reject": 4,
    "approve": 3,
}


class Way(RuleBasedStateMachine):
    """Each rule does one command as a random person, in the product and in the model, and compares."""

    world: ClassVar[World]
    steps: ClassVar[int] = 0
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[ModelCall] = []

    @rule(number=st.integers(0, 2**62))
    def step(self, number: int) -> None:
        """One action by chance."""
        dice = Random(number)
        name = dice.choice(LOTS)
        getattr(self, name)(**{key: dice.choice(choices) for key, choices in ACTIONS[name].items()})

    def _call(self, place: int) -> ModelCall:
        if not self.calls:
            self.register("marina", False)
        # the newest few: so that a call gets somewhere
        return self.calls[-1 - place % min(4, len(self.calls))]

    def _both(self, name: str, call: ModelCall, command: Callable[[Any, int], object], expected: bool) -> None:
        type(self).steps += 1
        refusal = None
        try:
            with self.world.work() as work:
                command(work, journeys.world_version(work, call.call_id))
        except (Refusal, StaleVersion) as told:
            refusal = told
        assert (refusal is None) == expected, (name, call, refusal)
        self.done[name] += refusal is None
        with self.world.database.read() as connection:
            stands = connection.execute(STANDS, {"call": call.call_id}).one()
        assert tuple(stands) == (call.status, call.assignee), (name, call)

    @contextmanager
    def _peek(self) -> Any:
        with self.world.work() as work:
            yield work

    @action(seller=["marina", "ilya", "denis"], known=(False, True))
    def register(self, seller: str, known: bool) -> None:
        type(self).steps += 1
        department = "sales" if seller == "denis" else "cc"
        call_id = self.world.register(seller_id=seller, department_id=department, client_known=known)
        self.calls.append(ModelCall(call_id, seller, "auto_classified" if known else "unclassified"))

    @action(place=PLACES, person=PERSONS)
    def classify(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.classify(person)
        self._both("classify", call, lambda w, v: listening.classify(w, viewer, call.call_id, v, "lead"), expected)

    @action(place=PLACES, person=["marina", "ilya", "svetlana", "marina"])
    def ask_advice(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.ask_advice(person)
        self._both("advice", call, lambda w, v: listening.send_for_advice(w, viewer, call.call_id, v), expected)

    @action(place=PLACES, person=["svetlana", "gleb", "olga", "svetlana"])
    def count(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        given: list[str | None] = []

        def send(work: Any, version: int) -> None:
            given.append(listening.send_counted(work, viewer, call.call_id, version).assignee_id)
            call.count(person, given[0])

        expected = ModelCall(**call.__dict__).count(person, None)
        self._both("counted", call, send, expected)
        assert given == [] or given[0] in {"cc": ("olga", "pavel"), "sales": ("rita",)}[call.department]

    @action(place=PLACES, person=["svetlana", "gleb", "natalia", "marina"])
    def take_uncounted(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.take_uncounted(person)
        self._both("uncounted", call, lambda w, v: listening.send_uncounted(w, viewer, call.call_id, v), expected)

    @action(place=PLACES, person=PERSONS, right=(False, True))
    def take(self, place: int, person: str, right: bool) -> None:
        call = self._call(place)
        person = call.assignee if right and call.assignee is not None else person
        viewer = self.world.viewer(person)
        expected = call.take(person)
        self._both("take", call, lambda w, v: tasking.take(w, viewer, call.call_id, v), expected)

    def _evaluation(self, work: Any, call: ModelCall) -> tuple[str, int]:
        """The open evaluation of the call's task, and its version; else one that is none."""
        task = work.tasks.of_call(call.call_id)
        evaluation = work.evaluations.load(task.evaluation_id) if task is not None and task.evaluation_id else None
        return ("none", 1) if evaluation is None else (evaluation.evaluation_id, evaluation.version)

    @action(
        place=PLACES,
        person=PERSONS,
        wrong=range(6),
        criterion=sorted(WEIGHTS),
        mark=MARKS,
    )
    def score(self, place: int, person: str, wrong: int, criterion: str, mark: str) -> None:
        call = self._call(place)
        person = person if wrong == 0 or call.evaluating is None else call.evaluating
        viewer, said = self.world.viewer(person), Said(Verdict.SCORED, Decimal(mark))
        expected = call.score(person, criterion, Decimal(mark))
        self._both(
            "score",
            call,
            lambda w, _: evaluating.decide_criterion(w, viewer, *self._evaluation(w, call), criterion, said),
            expected,
        )

    @action(place=PLACES, marks=list(product(MARKS, repeat=3)))
    def score_all(self, place: int, marks: tuple[str, ...]) -> None:
        call = self._call(place)
        for criterion, mark in zip(sorted(WEIGHTS), marks, strict=True):
            self.score(place, call.evaluating or "timur", 1, criterion, mark)

    @action(place=PLACES, person=PERSONS, right=(False, True))
    def recommend(self, place: int, person: str, right: bool) -> None:
        call = self._call(place)
        person = call.evaluating if right and call.evaluating is not None else person
        viewer = self.world.viewer(person)
        expected = call.recommend(person)
        self._both(
            "recommend",
            call,
            lambda w, _: evaluating.recommend(w, viewer, *self._evaluation(w, call), REASON),
            expected,
        )

    @action(place=PLACES, person=PERSONS, right=range(4))
    def finish(self, place: int, person: str, right: int) -> None:
        call = self._call(place)
        person = call.evaluating if right and call.evaluating is not None else person
        viewer = self.world.viewer(person)
        expected = call.finish(person)
        self._both("finish", call, lambda w, _: evaluating.finish(w, viewer, *self._evaluation(w, call)), expected)

    @action(place=PLACES, person=["olga", "pavel", "svetlana", "marina"], to=PERSONS)
    def hand_over(self, place: int, person: str, to: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.hand_over(person, to)
        self._both("hand over", call, lambda w, v: tasking.hand_over(w, viewer, call.call_id, v, to, REASON), expected)

    @action(place=PLACES, person=["olga", "pavel", "rita", "svetlana"])
    def give_back(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.give_back(person)
        self._both("return", call, lambda w, v: tasking.give_back(w, viewer, call.call_id, v), expected)

    @action(place=PLACES, person=["marina", "ilya", "denis", "olga"], right=(False, True))
    def appeal(self, place: int, person: str, right: bool) -> None:
        call = self._call(place)
        person = call.seller if right else person
        viewer, points = self.world.viewer(person), dict.fromkeys(WEIGHTS, REASON)
        expected = call.appeal(person)
        self._both("appeal", call, lambda w, v: appealing.appeal(w, viewer, call.call_id, v, REASON, points), expected)

    @action(place=PLACES, person=["svetlana", "gleb", "olga", "marina", "svetlana"])
    def reject(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        expected = call.reject(person)
        self._both("reject", call, lambda w, v: appealing.reject(w, viewer, call.call_id, v, REASON), expected)

    @action(place=PLACES, person=["svetlana", "gleb", "olga", "marina", "svetlana"])
    def uphold(self, place: int, person: str) -> None:
        call, viewer = self._call(place), self.world.viewer(person)
        corrections = {"objection_handling": Correction(Verdict.SCORED, Decimal(1))}
        expected = call.uphold(person)
        self._both(
            "uphold",
            call,
            lambda w, v: appealing.uphold(w, viewer, call.call_id, v, REASON, corrections),
            expected,
        )

    @action(place=PLACES, hours=[1, 20, 47, 48])
    def pass_hours(self, place: int, hours: int) -> None:
        type(self).steps += 1
        call = self._call(place)
        if call.status == "evaluated_pending":
            self.world.pass_hours(call.call_id, hours)
        call.pass_hours(hours)

    @action()
    def approve(self) -> None:
        type(self).steps += 1
        journeys.approve_all(self.world)
        for call in self.calls:
            call.approve()
            if call.status == "approved_evaluated":
                self.done["approve"] += 1

    def teardown(self) -> None:
        """Ledger equals what the model says, balanced; histories are chains that end where the call stands."""
        journeys.approve_all(self.world)
        for call in self.calls:
            call.approve()
            stands = self.world.call(call.call_id)
            assert stands.status == call.status
            with self._peek() as work:
                entries = work.ledger.of_call(call.call_id)
            booked: Counter[tuple[str, str]] = Counter()
            for entry in entries:
                booked[entry.account, entry.unit.value] += entry.amount  # type: ignore[assignment]
            own = {key: amount for key, amount in booked.items() if key[0] != "company" and amount}
            assert own == {key: amount for key, amount in call.ledger.items() if amount}, call
            units = {unit for _, unit in booked}
            assert all(sum(amount for (_, u), amount in booked.items() if u == unit) == 0 for unit in units)
            history = self.world.sql(
                "SELECT origin, status, version FROM status_changes WHERE call_id = :c ORDER BY seq", c=call.call_id
            )
            assert [row[0] for row in history] == [None, *(row[1] for row in history[:-1])]
            assert history[-1][1] == call.status
            versions = [row[2] for row in history]
            assert versions == sorted(set(versions))


LOTS = [name for name in ACTIONS for _ in range(OFTEN.get(name, 2))]


@pytest.mark.slow
def test_the_product_does_what_the_model_does(review_url: str) -> None:
    class Here(Way):
        world = World(review_url).settle()
        done: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert proved(Here.world)
    Here.world.close()
    assert Here.steps >= RUNS * STEPS
    assert len(Here.done) == 14
    assert min(Here.done.values()) > 0, Here.done
