"""Work on listening tasks: load, hand-over, return, leases, comments with mentions, follow-ups, overdue notices."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import pytest

from services.review.adapters.people_store import PeopleStore
from services.review.domain.people import Person, Role
from services.review.handlers import listening, telling
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World

SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def notices(world: World) -> list[tuple[str, str]]:
    """(kind, person) of every notice that waits to be sent, in order."""
    import json

    rows = world.sql("SELECT data FROM inbox WHERE topic = 'notices' ORDER BY seq")
    return [(data["kind"], data["person_id"]) for data in (json.loads(row[0]) for row in rows)]


def test_calls_are_given_by_load(world: World) -> None:
    given = [journeys.send_counted(world, world.register()) for _ in range(6)]
    assert sorted(given) == ["olga"] * 3 + ["pavel"] * 3
    sales = world.register(seller_id="denis", department_id="sales", department_kind="sales")
    assert journeys.send_counted(world, sales, "gleb") == "rita"


def test_take_next_is_what_is_due_first(world: World) -> None:
    calls = [world.register() for _ in range(4)]
    for call in calls:
        journeys.send_counted(world, call)
    mine = [
        row[0] for row in world.sql("SELECT call_id FROM tasks WHERE assignee_id = 'olga' ORDER BY due_at, task_id")
    ]
    for call in mine:
        offered = world.ask("olga", "GET", "/work/next")
        assert offered.json()["row"]["call_id"] == call
        version = int(offered.headers["etag"].strip('"'))
        assert world.ask("olga", "POST", f"/calls/{call}/task/take", version=version).status_code == 200
    assert world.ask("olga", "GET", "/work/next").status_code == 404


def test_handing_over_and_returning(world: World) -> None:
    call = world.register()
    first = journeys.send_counted(world, call)
    second = {"olga": "pavel", "pavel": "olga"}[first]
    evaluation = journeys.take(world, call, first)
    journeys.score(world, evaluation, first)
    body = {"to_id": second, "comment": "я в отпуске"}
    handed = world.ask(first, "POST", f"/calls/{call}/task/hand-over", body, version=3)
    assert (handed.status_code, handed.json()["assignee_id"], handed.json()["state"]) == (200, second, "waiting")
    late = world.ask(first, "POST", f"/evaluations/{evaluation}/finish", version=4)
    assert late.status_code == 404  # the call is not his any more
    page = world.ask(second, "GET", f"/calls/{call}").json()
    assert (page["task"]["handed_over_by"], page["task"]["hand_over_comment"]) == (first, "я в отпуске")
    assert page["evaluation"] is None
    back = world.ask(second, "POST", f"/calls/{call}/task/return", {"why": "не моя тема"}, version=4)
    assert (back.status_code, back.json()["assignee_id"]) == (200, None)
    pool = world.ask(first, "GET", "/work").json()["pool"]
    assert [item["row"]["call_id"] for item in pool] == [call]
    given = world.ask("svetlana", "POST", f"/calls/{call}/task/assign", {"to_id": first}, version=5)
    assert (given.status_code, given.json()["assignee_id"]) == (200, first)
    for nobody in ("marina", "svetlana", "timur", "no-such"):
        refused = world.ask("svetlana", "POST", f"/calls/{call}/task/assign", {"to_id": nobody}, version=6)
        assert (refused.status_code, refused.json()["reason"]) == (409, "cannot_have_it")
    kinds = notices(world)
    assert ("task_handed_over", second) in kinds
    assert ("task_returned", "svetlana") in kinds


def test_a_second_opinion_is_handed_over_to_a_third(world: World) -> None:
    with world.database.begin() as connection:
        PeopleStore(connection).add(Person("vera", "Вера", Role.CONTROLLER, frozenset({"cc"})), LONG_AGO)
    call = world.register()
    with world.work() as work:
        held = work.calls.load(call)
        assert held is not None
        sent = listening.send_sampled(work, held, why="", blind=False, double=True)
    first, second = sent.assignee_id, sent.second_id
    assert first is not None
    assert second is not None
    (third,) = {"olga", "pavel", "vera"} - {first, second}
    path = f"/calls/{call}/task/hand-over"
    to_the_first = world.ask(second, "POST", path, {"to_id": first, "comment": "возьми"}, version=2)
    assert (to_the_first.status_code, to_the_first.json()["reason"]) == (409, "cannot_have_it")
    handed = world.ask(second, "POST", path, {"to_id": third, "comment": "возьми"}, version=2)
    assert (handed.status_code, handed.json()["assignee_id"]) == (200, third)
    assert (world.call(call).assignee_id, world.call(call).second_id) == (first, third)
    assert ("task_handed_over", third) in notices(world)
    assert world.ask(second, "GET", f"/calls/{call}").status_code == 404


def test_time_on_a_task_and_the_lease(world: World) -> None:
    call = world.register()
    person = journeys.send_counted(world, call)
    began = monotonic()
    journeys.take(world, call, person)
    spent_ms = world.ask(person, "POST", f"/calls/{call}/task/beat").json()["spent_ms"]
    assert 0 <= spent_ms <= (monotonic() - began) * 1000 + 1
    page = world.ask("svetlana", "GET", f"/calls/{call}").json()
    assert page["task"]["lease_holder_id"] == person
    assert world.ask("svetlana", "POST", f"/calls/{call}/task/beat").status_code == 403


def test_comments_and_mentions(world: World) -> None:
    call = world.register()
    said = {"text": "@Natalia, послушай; @ilya и @marina тоже", "public": False}
    made = world.ask("svetlana", "POST", f"/calls/{call}/comments", said)
    assert (made.status_code, made.json()["mentions"]) == (201, ["natalia"])
    world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "@marina, молодец", "public": True})
    seller = world.ask("marina", "GET", f"/calls/{call}").json()["comments"]
    assert [(each["text"], each["mentions"]) for each in seller] == [("@marina, молодец", ["marina"])]
    staff = world.ask("natalia", "GET", f"/calls/{call}").json()["comments"]
    assert [each["public"] for each in staff] == [False, True]
    refused = world.ask("marina", "POST", f"/calls/{call}/comments", {"text": "тайно"})
    assert refused.status_code == 403
    assert [each for each in notices(world) if each[0] == "mentioned"] == [
        ("mentioned", "natalia"),
        ("mentioned", "marina"),
    ]
    assert [each["text"] for each in world.ask("natalia", "GET", "/work").json()["mentions"]] == [said["text"]]


def test_follow_ups(world: World) -> None:
    call = world.register()
    body = {"assignee_id": "marina", "text": "Перезвонить клиенту", "due_at": SOON}
    made = [world.ask("svetlana", "POST", f"/calls/{call}/follow-ups", body) for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201]
    first, second = (each.json()["follow_up_id"] for each in made)
    assert len(world.ask("marina", "GET", "/follow-ups").json()) == 2
    done = world.ask("marina", "POST", f"/follow-ups/{first}/done", version=1)
    assert (done.status_code, done.json()["state"]) == (200, "done")
    assert world.ask("marina", "POST", f"/follow-ups/{first}/done", version=2).status_code == 409
    assert world.ask("marina", "POST", f"/follow-ups/{first}/done", version=1).status_code == 412
    assert world.ask("marina", "POST", f"/follow-ups/{second}/cancel", version=1).status_code == 403
    assert world.ask("ilya", "POST", f"/follow-ups/{second}/done", version=1).status_code == 404
    assert world.ask("svetlana", "POST", f"/follow-ups/{second}/cancel", version=1).status_code == 200
    assert world.ask("marina", "GET", "/follow-ups").json() == []
    past = {**body, "due_at": "2020-01-01T00:00:00Z"}
    assert world.ask("svetlana", "POST", f"/calls/{call}/follow-ups", past).json()["reason"] == "bad_deadline"


def test_what_runs_over_is_told_once(world: World) -> None:
    call = world.register()
    person = journeys.send_counted(world, call)
    world.ask("svetlana", "POST", f"/calls/{call}/follow-ups", {"assignee_id": "marina", "text": "x", "due_at": SOON})
    _age(world, "tasks")
    _age(world, "follow_ups")
    with world.work() as work:
        assert telling.tell_overdue(work) is True
    with world.work() as work:
        assert telling.tell_overdue(work) is False
    assert [each for each in notices(world) if "overdue" in each[0]] == [
        ("task_overdue", person),
        ("task_overdue", "svetlana"),
        ("follow_up_overdue", "marina"),
        ("follow_up_overdue", "svetlana"),
    ]


def _age(world: World, table: str) -> None:
    from services.review.adapters.metadata import metadata

    with world.database.begin() as connection:
        connection.execute(metadata.tables[table].update().values(due_at=datetime(2026, 1, 1, tzinfo=UTC)))


def test_the_seller_is_told_at_every_step(world: World) -> None:
    call = world.register()
    controller = journeys.evaluate(world, call)
    journeys.appeal(world, call)
    journeys.uphold(world, call)
    told: dict[str, list[Any]] = {}
    for kind, person in notices(world):
        told.setdefault(person, []).append(kind)
    assert told == {
        "marina": ["evaluated", "appealed", "appeal_upheld"],
        controller: ["task_given", "appealed", "appeal_upheld"],
        "svetlana": ["appeal_made"],
    }
