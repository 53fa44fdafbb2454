"""The agreement report from real evaluations: blind pairs apart, a distrusted draft disappears and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from services.review.adapters.agreement_job import AgreementJob
from services.review.domain.rules import Rules
from services.review.handlers import events
from tests.integration.review import journeys
from tests.integration.review.world import World, criterion, draft_data


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    made = World(sqlite_url, replace(Rules(), kappa_floor=Decimal("0.40"))).settle()
    yield made
    made.close()


def evaluated(world: World, number: int, greeting: str, handling: str) -> None:
    """A blind counted call: the machine's greeting follows the person's, its handling is the opposite."""
    call_id = f"call-{number}"
    world.register(call_id, draft=False)
    machine = [
        criterion("greeting", float(greeting)),
        criterion("objection_handling", 1 - float(handling)),
        criterion("next_step", 1),
    ]
    with world.work() as work:
        events.call_scored(work, draft_data(call_id, criteria=machine))
    controller = journeys.send_counted(world, call_id)
    world.sql("UPDATE tasks SET blind = 1 WHERE call_id = :c", c=call_id)
    evaluation = journeys.take(world, call_id, controller)
    marks = (greeting, handling, "1")
    journeys.finish(world, evaluation, controller, journeys.score(world, evaluation, controller, marks))


def test_report_and_trust(world: World) -> None:
    job = AgreementJob(world.database, world.works, world.rules)
    for number in range(24):
        evaluated(world, number, ("0", "1")[number % 2], ("0", "1")[number % 3 == 0])
    assert job.step() is True
    assert job.step() is False
    report = world.ask("svetlana", "GET", "/agreement").json()
    blind = {row["criterion"]: row for row in report["rows"] if row["pairing"] == "machine_person_blind"}
    assert (blind["greeting"]["kappa"], blind["greeting"]["draft_shown"]) == (1, True)
    assert blind["objection_handling"]["kappa"] < 0
    assert blind["objection_handling"]["draft_shown"] is False
    assert (blind["next_step"]["kappa"], blind["next_step"]["pairs"]) == (None, 24)
    assert sum(row["calls"] for row in report["strictness"]) == 24
    assert world.ask("marina", "GET", "/agreement").status_code == 403

    world.register("later")
    controller = journeys.send_counted(world, "later")
    journeys.take(world, "later", controller)
    page = world.ask(controller, "GET", "/calls/later").json()
    hidden = {each["criterion"]: (each["hidden"], each["score"]) for each in page["draft"]["criteria"]}
    assert hidden == {
        "greeting": (None, 1),
        "objection_handling": ("distrusted", None),
        "next_step": (None, 1),
    }
    evaluation = page["evaluation"]["evaluation_id"]
    body = {"accept_draft": True, "seen_draft": True}
    refused = world.ask(controller, "PUT", f"/evaluations/{evaluation}/criteria/objection_handling", body, version=1)
    assert (refused.status_code, refused.json()["reason"]) == (422, "no_draft")
    assert world.sql("SELECT action, object_id FROM audit_log WHERE object_kind = 'criterion'") == [
        ("draft.hidden", "objection_handling")
    ]
