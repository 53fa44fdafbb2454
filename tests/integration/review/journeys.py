"""Ways of a call that many tests begin with, through the handlers."""

from __future__ import annotations

from decimal import Decimal

from services.review.domain.appeals import Correction
from services.review.domain.evaluation import Verdict
from services.review.handlers import appealing, evaluating, listening, tasking
from services.review.handlers.evaluating import Said
from tests.integration.review.world import CRITERIA, World


def send_counted(world: World, call_id: str, head: str = "svetlana") -> str:
    """Sends a call to counted listening; gives the controller who has it."""
    with world.work() as work:
        call = listening.send_counted(work, world.viewer(head), call_id, world_version(work, call_id))
        assert call.assignee_id is not None
        return call.assignee_id


def world_version(work: object, call_id: str) -> int:
    """The version of a call inside a transaction."""
    return work.calls.load(call_id).version  # type: ignore[attr-defined]


def take(world: World, call_id: str, person_id: str) -> str:
    """Begins to listen; gives the evaluation's id."""
    with world.work() as work:
        task = tasking.take(work, world.viewer(person_id), call_id, world_version(work, call_id))
    assert task.evaluation_id is not None
    return task.evaluation_id


def score(world: World, evaluation_id: str, person_id: str, marks: tuple[str, ...] = ("1", "0.5", "1")) -> int:
    """Scores all criteria; gives the evaluation's version."""
    version = 1
    for criterion, mark in zip(CRITERIA, marks, strict=True):
        with world.work() as work:
            said = Said(Verdict.SCORED, Decimal(mark))
            after = evaluating.decide_criterion(work, world.viewer(person_id), evaluation_id, version, criterion, said)
            version = after.version
    return version


def finish(world: World, evaluation_id: str, person_id: str, version: int) -> None:
    """Ends an evaluation."""
    with world.work() as work:
        evaluating.finish(work, world.viewer(person_id), evaluation_id, version)


def evaluate(world: World, call_id: str, marks: tuple[str, ...] = ("1", "0.5", "1")) -> str:
    """Sends, takes, scores and finishes a counted call; gives the controller."""
    controller = send_counted(world, call_id)
    evaluation_id = take(world, call_id, controller)
    finish(world, evaluation_id, controller, score(world, evaluation_id, controller, marks))
    return controller


def appeal(world: World, call_id: str, seller: str = "marina") -> None:
    """The seller appeals `next_step`."""
    with world.work() as work:
        appealing.appeal(
            work,
            world.viewer(seller),
            call_id,
            world_version(work, call_id),
            "Шаг был назван",
            {"next_step": "на 0:41", "objection_handling": "на 0:30"},
        )


def uphold(world: World, call_id: str, head: str = "svetlana", score: str = "1") -> None:
    """The head corrects `objection_handling`."""
    with world.work() as work:
        appealing.uphold(
            work,
            world.viewer(head),
            call_id,
            world_version(work, call_id),
            "Верно, исправлено",
            {"objection_handling": Correction(Verdict.SCORED, Decimal(score))},
        )


def reject(world: World, call_id: str, head: str = "svetlana") -> None:
    """The head rejects."""
    with world.work() as work:
        appealing.reject(work, world.viewer(head), call_id, world_version(work, call_id), "Шага нет")


def approve_all(world: World) -> int:
    """Runs auto-approval until nothing is due; how many steps did something."""
    steps = 0
    while True:
        with world.work() as work:
            if not appealing.approve_next(work):
                return steps
        steps += 1
