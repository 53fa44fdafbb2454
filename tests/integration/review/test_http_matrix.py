"""Every status × action × person through HTTP: what the business allows happens, everything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from services.review.domain.statuses import Status
from services.review.handlers import evaluating, listening
from tests.integration.review import journeys
from tests.integration.review.world import PEOPLE, World

NOBODY = "nobody"
PERSONS = [*(person.person_id for person in PEOPLE), NOBODY]
READERS = {"marina", "svetlana", "natalia", "timur"}  # of any call of marina's; controllers of those routed to them


@dataclass(frozen=True)
class Case:
    """A call of marina's in a status: its controller, and the evaluation that can be finished (or was)."""

    call_id: str
    controller: str | None = None
    evaluation_id: str = "none"


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def _sent(world: World, how: str, sender: str) -> str:
    call_id = world.register()
    with world.work() as work:
        getattr(listening, how)(work, world.viewer(sender), call_id, 1)
    return call_id


def _scored(world: World, call_id: str, person: str, recommendation: str = "") -> str:
    evaluation_id = journeys.take(world, call_id, person)
    version = journeys.score(world, evaluation_id, person)
    if recommendation:
        with world.work() as work:
            evaluating.recommend(work, world.viewer(person), evaluation_id, version, recommendation)
    return evaluation_id


def _counted(world: World) -> Case:
    call_id = world.register()
    controller = journeys.send_counted(world, call_id)
    return Case(call_id, controller, _scored(world, call_id, controller))


def _after(world: World, *steps: Callable[[World, str], object]) -> Case:
    call_id = world.register()
    controller = journeys.evaluate(world, call_id)
    for step in steps:
        step(world, call_id)
    return Case(call_id, controller, world.call(call_id).evaluation_id or "none")


def _classified(world: World) -> Case:
    call_id = world.register()
    with world.work() as work:
        listening.classify(work, world.viewer("svetlana"), call_id, 1, "lead-1")
    return Case(call_id)


def _advice(world: World) -> Case:
    call_id = _sent(world, "send_for_advice", "marina")
    return Case(call_id, None, _scored(world, call_id, "svetlana", "Назовите шаг вслух"))


def _uncounted(world: World) -> Case:
    call_id = _sent(world, "send_uncounted", "svetlana")
    return Case(call_id, None, _scored(world, call_id, "svetlana"))


def _trained(world: World) -> Case:
    case = _uncounted(world)
    journeys.finish(world, case.evaluation_id, "svetlana", 4)
    return case


def _approved(world: World) -> Case:
    case = _after(world)
    world.pass_hours(case.call_id, 48)
    journeys.approve_all(world)
    return case


MAKE: dict[Status, Callable[[World], Case]] = {
    Status.UNCLASSIFIED: lambda world: Case(world.register()),
    Status.AUTO_CLASSIFIED: lambda world: Case(world.register(client_known=True)),
    Status.MANUALLY_CLASSIFIED: _classified,
    Status.LISTENING_FOR_ADVICE: _advice,
    Status.LISTENING_COUNTED: _counted,
    Status.LISTENING_UNCOUNTED: _uncounted,
    Status.EVALUATED_PENDING: _after,
    Status.EVALUATED_APPEALED: lambda world: _after(world, journeys.appeal),
    Status.APPROVED_TRAINING: _trained,
    Status.APPROVED_EVALUATED: _approved,
    Status.APPROVED_OVERTURNED: lambda world: _after(world, journeys.appeal, journeys.uphold),
}

APPEAL = {"reason": "не так", "points": {"objection_handling": "отработал на 0:30"}}
UPHOLD = {"uphold": True, "reason": "верно", "corrections": {"objection_handling": {"score": 1}}}
ACTIONS: dict[str, tuple[str, object]] = {
    "classify": ("/calls/{call}/classify", {"tied_to": "lead-7"}),
    "advice": ("/calls/{call}/send-for-advice", {}),
    "counted": ("/calls/{call}/send-counted", {}),
    "uncounted": ("/calls/{call}/send-uncounted", {}),
    "finish": ("/evaluations/{evaluation}/finish", None),
    "appeal": ("/calls/{call}/appeal", APPEAL),
    "uphold": ("/calls/{call}/appeal/decision", UPHOLD),
    "reject": ("/calls/{call}/appeal/decision", {"uphold": False, "reason": "шага нет"}),
}

PRELIMINARY = ("unclassified", "auto_classified", "manually_classified")
FRESH = ("unclassified", "auto_classified")


def allowed(status: Status, action: str, person: str, case: Case) -> Status | None:
    """Where the business says it leads, written by hand; None: refused."""
    rules = [
        ("classify", FRESH, {"svetlana", "olga", "pavel"}, Status.MANUALLY_CLASSIFIED),
        ("advice", PRELIMINARY, {"marina"}, Status.LISTENING_FOR_ADVICE),
        ("counted", PRELIMINARY, {"svetlana"}, Status.LISTENING_COUNTED),
        ("uncounted", PRELIMINARY, {"svetlana", "natalia"}, Status.LISTENING_UNCOUNTED),
        ("finish", ("listening_counted",), {case.controller}, Status.EVALUATED_PENDING),
        ("finish", ("listening_for_advice", "listening_uncounted"), {"svetlana"}, Status.APPROVED_TRAINING),
        ("appeal", ("evaluated_pending",), {"marina"}, Status.EVALUATED_APPEALED),
        ("uphold", ("evaluated_appealed",), {"svetlana"}, Status.APPROVED_OVERTURNED),
        ("reject", ("evaluated_appealed",), {"svetlana"}, Status.APPROVED_EVALUATED),
    ]
    for what, origins, who, to in rules:
        if what == action and status.value in origins and person in who:
            return to
    return None


@pytest.mark.parametrize("status", list(Status))
def test_every_action_of_every_person(world: World, status: Status) -> None:
    case = MAKE[status](world)
    assert world.call(case.call_id).status is status
    for action, (path, body) in ACTIONS.items():
        for person in PERSONS:
            to = allowed(status, action, person, case)
            if to is not None and world.call(case.call_id).status is not status:
                case = MAKE[status](world)
                to = allowed(status, action, person, case)
            before = world.call(case.call_id)
            version = _version(world, case, action)
            url = path.format(call=case.call_id, evaluation=case.evaluation_id)
            answer = world.ask(person, "POST", url, body, version=version)  # type: ignore[arg-type]
            after = world.call(case.call_id)
            where = (status.value, action, person, answer.status_code, answer.text)
            if to is not None:
                assert (answer.status_code in (200, 201), after.status) == (True, to), where
                case = MAKE[status](world)
            else:
                assert answer.status_code in (403, 404, 409), where
                assert after == before, where
                if answer.status_code == 404:
                    assert person not in READERS or action == "finish", where


def _version(world: World, case: Case, action: str) -> int:
    if action != "finish":
        return world.call(case.call_id).version
    with world.work() as work:
        evaluation = work.evaluations.load(case.evaluation_id)
    return 1 if evaluation is None else evaluation.version


def test_of_a_call_that_is_not_yours_you_learn_nothing(world: World) -> None:
    case = _after(world)
    for person in ("ilya", "denis", "rita", "gleb", "anna"):
        for action, (path, body) in ACTIONS.items():
            real = world.ask(
                person,
                "POST",
                path.format(call=case.call_id, evaluation=case.evaluation_id),
                body,
                version=4,  # type: ignore[arg-type]
            )
            none = world.ask(person, "POST", path.format(call="no-such", evaluation="no-such"), body, version=4)  # type: ignore[arg-type]
            assert (real.status_code, real.text) == (none.status_code, none.text), (person, action)
        real, none = world.ask(person, "GET", f"/calls/{case.call_id}"), world.ask(person, "GET", "/calls/no-such")
        assert (real.status_code, real.text) == (none.status_code, none.text)
