"""The agreement report from real evaluations: blind pairs apart, a distrusted draft disappears and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.review.adapters.agreement_job import AgreementJob
from services.review.domain.rules import Rules
from services.review.handlers import events
from tests.integration.review import journeys
from tests.integration.review.world import World, criterion, draft_data


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url, replace(Rules(), kappa_floor=Decimal("0.40"))).settle()
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
    world.sql("UPDATE tasks SET blind = (1=1) WHERE call_id = :c", c=call_id)
    evaluation = journeys.take(world, call_id, controller)
    marks = (greeting, handling, "1")
    journeys.finish(world, evaluation, controller, journeys.score(world, evaluation, controller, marks))


def test_report_and_trust(world: World) -> None:
    job = AgreementJob(world.database, world.rules)
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

    # an administrator knows better, for a time
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    trust = world.ask("anna", "GET", "/draft-trust").json()
    assert [(each["criterion"], each["shown"], each["version"]) for each in trust] == [("objection_handling", False, 0)]
    say = {"shown": True, "why": "правило уточнено", "ends_at": soon}
    assert world.ask("svetlana", "PUT", "/draft-trust/objection_handling", say, version=0).status_code == 403
    assert world.ask("anna", "PUT", "/draft-trust/objection_handling", say, version=0).status_code == 200
    assert shown_to(world, controller, "objection_handling") == 0.5
    assert world.ask("anna", "PUT", "/draft-trust/greeting", say | {"shown": False}, version=0).status_code == 200
    assert shown_to(world, controller, "greeting") is None
    # and when the time is over the figures decide again
    world.sql("UPDATE draft_overrides SET ends_at = set_at")
    assert shown_to(world, controller, "objection_handling") is None
    assert shown_to(world, controller, "greeting") == 1
    over = world.ask("anna", "DELETE", "/draft-trust/greeting", version=1)
    assert over.status_code == 404


def shown_to(world: World, person: str, code: str) -> float | None:
    """The draft's score of a criterion, as the person sees it."""
    page = world.ask(person, "GET", "/calls/later").json()
    found: float | None = next(each["score"] for each in page["draft"]["criteria"] if each["criterion"] == code)
    return found


@pytest.mark.parametrize(
    ("criterion", "changes", "status"),
    [
        ("no_such_thing", {}, 404),
        ("greeting", {"why": " "}, 422),
        ("greeting", {"ends_at": "2020-01-01T00:00:00Z"}, 422),
        ("greeting", {"ends_at": "2099-01-01T00:00:00Z"}, 422),
    ],
)
def test_a_word_that_cannot_stand(world: World, criterion: str, changes: dict, status: int) -> None:
    world.register()
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    say = {"shown": True, "why": "x", "ends_at": soon} | changes
    assert world.ask("anna", "PUT", f"/draft-trust/{criterion}", say, version=0).status_code == status
