"""No changing route of the API forgets the version it was decided on, nor the key by which it happens once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.review.handlers import telling, views
from services.review.ports.people import AccessToken
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World

# Nothing that somebody saw can be overwritten by these, so no version is asked for.
WITHOUT_VERSION = {
    "POST /calls/{call_id}/comments": "appends; nothing is changed",
    "POST /calls/{call_id}/follow-ups": "appends; nothing is changed",
    "POST /calls/{call_id}/task/beat": "says only that one's own page is open",
    "POST /people": "makes somebody new; 422 when he is there",
    "POST /views": "makes a new view; 409 when it is there",
    "POST /me/tokens": "makes a new token",
    "POST /me/telegram": "makes a new link",
}
DOORS = "/session"  # log-in, second factor, own password: proved by secrets that only this browser and person have
SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()
PERSON = {"name": "Марина", "role": "seller", "department_ids": ["cc"]}


@dataclass(frozen=True)
class Route:
    """A changing route: `METHOD /path` as documented, and who may ask for it with what."""

    person: str
    body: Any = None


ROUTES = {
    "POST /calls/{call_id}/classify": Route("svetlana", {"tied_to": "lead-1"}),
    "POST /calls/{call_id}/send-for-advice": Route("marina", {}),
    "POST /calls/{call_id}/send-counted": Route("svetlana", {}),
    "POST /calls/{call_id}/send-uncounted": Route("svetlana", {}),
    "POST /calls/{call_id}/appeal": Route("marina", {"reason": "x", "points": {"greeting": "y"}}),
    "POST /calls/{call_id}/appeal/decision": Route("svetlana", {"uphold": False, "reason": "x"}),
    "POST /calls/{call_id}/task/take": Route("olga"),
    "POST /calls/{call_id}/task/hand-over": Route("svetlana", {"to_id": "pavel", "comment": "x"}),
    "POST /calls/{call_id}/task/assign": Route("svetlana", {"to_id": "pavel"}),
    "POST /calls/{call_id}/task/return": Route("olga", {}),
    "POST /calls/{call_id}/task/beat": Route("olga"),
    "POST /calls/{call_id}/comments": Route("svetlana", {"text": "x"}),
    "POST /calls/{call_id}/follow-ups": Route("svetlana", {"assignee_id": "olga", "text": "x", "due_at": SOON}),
    "PUT /evaluations/{evaluation_id}/criteria/{criterion}": Route("olga", {"score": 1}),
    "PUT /evaluations/{evaluation_id}/type": Route("olga", {"call_type": "objection"}),
    "PUT /evaluations/{evaluation_id}/recommendation": Route("olga", {"recommendation": "x"}),
    "POST /evaluations/{evaluation_id}/finish": Route("olga"),
    "POST /follow-ups/{follow_up_id}/done": Route("marina"),
    "POST /follow-ups/{follow_up_id}/cancel": Route("svetlana"),
    "POST /months/{month}/close": Route("anna"),
    "POST /people": Route("anna", PERSON | {"person_id": "newcomer"}),
    "PUT /people/{person_id}": Route("anna", PERSON),
    "POST /people/{person_id}/deactivation": Route("anna", {"why": "x"}),
    "POST /people/{person_id}/password": Route("anna", {}),
    "PUT /departments/{department_id}": Route("anna", {"name": "КЦ", "kind": "call_center"}),
    "PUT /departments/{department_id}/calendar": Route("anna", {"week_days": [1, 2], "day_ends": "18:00"}),
    "PUT /draft-trust/{criterion}": Route("anna", {"shown": True, "why": "x", "ends_at": SOON}),
    "DELETE /draft-trust/{criterion}": Route("anna"),
    "PUT /me/notices": Route("olga", {}),
    "POST /me/telegram": Route("olga"),
    "POST /me/tokens": Route("olga", {"name": "x", "actions": ["call.read"], "days": 1}),
    "DELETE /me/tokens/{token_id}": Route("olga"),
    "POST /views": Route("olga", {"name": "x", "query": "status=unclassified"}),
    "PUT /views/{view_id}": Route("olga", {"name": "x", "query": "status=unclassified"}),
    "DELETE /views/{view_id}": Route("olga"),
}


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def documented(world: World) -> dict[str, dict[str, Any]]:
    """`METHOD /path` → operation, of every route that changes something, but the doors."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": operation
        for path, methods in world.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and not path.removeprefix("/api/v1").startswith(DOORS)
    }


def headers_of(operation: dict[str, Any]) -> set[str]:
    return {each["name"].lower() for each in operation.get("parameters", []) if each["in"] == "header"}


def filled(world: World) -> dict[str, str]:
    """One of everything, for the ids in paths."""
    call = world.register()
    with world.work() as work:
        follow_up = telling.set_follow_up(
            work, world.viewer("svetlana"), call, "marina", "x", work.now + timedelta(days=1)
        )
    world.ask("svetlana", "POST", f"/calls/{call}/send-counted", {}, version=1)
    world.sql("UPDATE tasks SET assignee_id = 'olga'")
    world.sql("UPDATE calls SET assignee_id = 'olga'")
    evaluation = journeys.take(world, call, "olga")
    token = AccessToken("t1", "olga", "x", frozenset({"call.read"}), LONG_AGO, LONG_AGO + timedelta(days=999), None)
    with world.app.state.guard.desks() as desk:
        desk.tokens.add(token, "0" * 64, 1)
        view = views.keep_view(desk, world.viewer("olga"), "мои", "status=unclassified")
    return {
        "call_id": call,
        "evaluation_id": evaluation,
        "criterion": "greeting",
        "follow_up_id": follow_up.follow_up_id,
        "month": "2026-01",
        "person_id": "marina",
        "department_id": "cc",
        "token_id": "t1",
        "view_id": view.view_id,
    }


def ask(world: World, name: str, ids: dict[str, str], version: int | None) -> Any:
    method, _, path = name.partition(" ")
    address = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
    return world.ask(ROUTES[name].person, method, address, ROUTES[name].body, version=version)


def test_the_routes_are_the_documented_ones(world: World) -> None:
    assert set(documented(world)) == set(ROUTES)
    assert set(WITHOUT_VERSION) <= set(ROUTES)


def test_the_document_tells_of_versions_and_keys(world: World) -> None:
    for name, operation in documented(world).items():
        assert ("if-match" in headers_of(operation)) == (name not in WITHOUT_VERSION), name
        assert "idempotency-key" in headers_of(operation) or not name.startswith("POST "), name


def test_without_a_version_nothing_changes(world: World) -> None:
    ids = filled(world)
    for name in set(ROUTES) - set(WITHOUT_VERSION):
        answer = ask(world, name, ids, None)
        assert (answer.status_code, answer.json()["code"]) == (428, "no_version"), name


def test_with_an_old_version_it_is_told_what_stands(world: World) -> None:
    ids = filled(world)
    lines = world.sql("SELECT count(*) FROM audit_log")
    for name in set(ROUTES) - set(WITHOUT_VERSION):
        answer = ask(world, name, ids, 999)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (412, "stale_version"), (name, told)
        assert answer.headers["etag"] == f'"{told["version"]}"', name
        assert {"by", "at", "change"} <= told.keys(), name
    assert world.sql("SELECT count(*) FROM audit_log") == lines


def test_nobody_gets_nothing(world: World) -> None:
    ids = filled(world) | {"local_date": "2026-11-24", "what": "calls"}
    for path, methods in world.app.openapi()["paths"].items():
        for method in methods:
            name = f"{method.upper()} {path.removeprefix('/api/v1')}"
            if path.startswith("/api/v1/session"):
                continue
            url = re.sub(r"\{(\w+)\}", lambda found: ids[found[1]], path)
            body = ROUTES[name].body if name in ROUTES else None
            answer = world.http.request(method, url, json=body, headers={"If-Match": '"1"'})
            assert answer.status_code in (401, 403), (name, answer.text)


@pytest.mark.parametrize(
    ("address", "body", "person"),
    [
        ("/departments/cc", {"name": "Другое", "kind": "call_center"}, "anna"),
        ("/departments/cc/calendar", {"week_days": [6, 7], "day_ends": "15:30", "days_on": ["2026-11-04"]}, "anna"),
        ("/people/marina", PERSON, "anna"),
    ],
)
def test_two_administrators(world: World, address: str, body: Any, person: str) -> None:
    seen = world.ask(person, "GET", address).headers["etag"].strip('"')
    assert world.ask(person, "PUT", address, body, version=int(seen)).status_code == 200
    second = world.ask(person, "PUT", address, body, version=int(seen))
    told = second.json()
    assert (second.status_code, told["by"], told["version"]) == (412, "anna", int(seen) + 1)


def test_a_choice_of_notices_is_not_overwritten(world: World) -> None:
    first = world.ask("olga", "GET", "/me/notices")
    assert first.headers["etag"] == '"0"'
    assert world.ask("olga", "PUT", "/me/notices", {"channel": "none"}, version=0).json()["version"] == 1
    stale = world.ask("olga", "PUT", "/me/notices", {"channel": "email"}, version=0)
    assert (stale.status_code, stale.json()["by"]) == (412, "olga")
    assert world.ask("olga", "PUT", "/me/notices", {"channel": "email"}, version=1).json()["channel"] == "email"


def test_a_month_is_closed_by_one(world: World) -> None:
    assert world.ask("anna", "GET", "/months/2026-01").headers["etag"] == '"0"'
    assert world.ask("anna", "POST", "/months/2026-01/close", version=0).status_code == 200
    assert world.ask("anna", "GET", "/months/2026-01").headers["etag"] == '"1"'
    again = world.ask("anna", "POST", "/months/2026-01/close", version=0)
    assert (again.status_code, again.json()["by"], again.json()["change"]) == (412, "anna", "credit.close_month")


def test_a_password_is_made_once_and_shown_once(world: World) -> None:
    version = world.ask("anna", "GET", "/people/marina").json()["version"]
    made = [
        world.ask("anna", "POST", "/people/marina/password", {}, version=version, key="a-key-of-my-own")
        for _ in range(2)
    ]
    assert [each.status_code for each in made] == [200, 409]
    assert made[1].json()["reason"] == "shown_once"
    assert made[0].json()["password"] not in str(world.sql("SELECT body FROM idempotency"))
    stale = world.ask("anna", "POST", "/people/marina/password", {}, version=version)
    assert (stale.status_code, stale.json()["by"], stale.json()["change"]) == (412, "anna", "person.password_reset")
