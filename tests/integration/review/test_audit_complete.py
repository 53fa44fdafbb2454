"""Every changing route of the review core, carried out once: each leaves its line in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.review.adapters import audit
from tests.integration.review.world import CRITERIA, World

OURS = {"calls", "work", "overviews"}
# Says only that a page is open; it decides nothing.
WITHOUT_LINE = {"/calls/{call_id}/task/beat"}
SOON = (datetime.now(UTC) + timedelta(days=2)).isoformat()


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    made = World(sqlite_url).settle()
    for number in range(6):
        made.register(f"call-{number}")
    yield made
    made.close()


class Story:
    """Asks, checks that it was done and written down, and remembers the route."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.routes: set[tuple[str, str]] = set()

    def do(self, person: str, method: str, route: str, body: Any = None, version: int | None = None, **ids: str) -> Any:
        before = self._last()
        answer = self.world.ask(person, method, route.format(**ids), body, version=version)
        assert answer.status_code in (200, 201), (route, answer.text)
        self.routes.add((method, route))
        lines = self.world.sql("SELECT actor_id, request_id FROM audit_log WHERE seq > :s", s=before)
        if route in WITHOUT_LINE:
            assert lines == []
        else:
            assert {tuple(line) for line in lines} == {(person, answer.headers["x-request-id"])}, route
        return answer.json()

    def _last(self) -> int:
        return int(self.world.sql("SELECT coalesce(max(seq), 0) FROM audit_log")[0][0])

    def version(self, call: str) -> int:
        return self.world.call(call).version

    def score_and_finish(self, person: str, call: str, evaluation: str, recommendation: str = "") -> None:
        version = 1
        self.do(
            person, "PUT", "/evaluations/{evaluation_id}/type", {"call_type": "objection"}, 1, evaluation_id=evaluation
        )
        for version, criterion in enumerate(CRITERIA, start=2):
            self.do(
                person,
                "PUT",
                "/evaluations/{evaluation_id}/criteria/{criterion}",
                {"verdict": "scored", "score": 0.5},
                version,
                evaluation_id=evaluation,
                criterion=criterion,
            )
        body = {"recommendation": recommendation or "так держать"}
        route = "/evaluations/{evaluation_id}/recommendation"
        self.do(person, "PUT", route, body, version + 1, evaluation_id=evaluation)
        self.do(person, "POST", "/evaluations/{evaluation_id}/finish", None, version + 2, evaluation_id=evaluation)


def counted(story: Story, call: str) -> str:
    """From sending to a pending evaluation; gives the controller."""
    sent = "/calls/{call_id}/send-counted"
    story.do("svetlana", "POST", sent, {}, story.version(call), call_id=call)
    person = story.world.call(call).assignee_id
    assert person is not None
    taken = story.do(person, "POST", "/calls/{call_id}/task/take", None, story.version(call), call_id=call)
    story.do(person, "POST", "/calls/{call_id}/task/beat", call_id=call)
    story.score_and_finish(person, call, taken["evaluation_id"])
    return person


def test_every_change_leaves_its_line(world: World) -> None:
    story = Story(world)
    head = "svetlana"
    story.do(head, "POST", "/calls/{call_id}/classify", {"tied_to": "lead-1"}, 1, call_id="call-0")
    story.do("marina", "POST", "/calls/{call_id}/send-for-advice", {}, 2, call_id="call-0")
    story.do(head, "POST", "/calls/{call_id}/send-uncounted", {}, 1, call_id="call-1")
    for call in ("call-2", "call-3"):
        counted(story, call)
        points = {"reason": "нет", "points": {"next_step": "был"}}
        story.do("marina", "POST", "/calls/{call_id}/appeal", points, story.version(call), call_id=call)
    decision = "/calls/{call_id}/appeal/decision"
    reject = {"uphold": False, "reason": "нет"}
    story.do(head, "POST", decision, reject, story.version("call-2"), call_id="call-2")
    uphold = {"uphold": True, "reason": "да", "corrections": {"next_step": {"score": 1}}}
    story.do(head, "POST", decision, uphold, story.version("call-3"), call_id="call-3")

    story.do(head, "POST", "/calls/{call_id}/send-counted", {}, 1, call_id="call-4")
    first = world.call("call-4").assignee_id
    second = {"olga": "pavel", "pavel": "olga"}[first or ""]
    body = {"to_id": second, "comment": "возьми"}
    story.do(first or "", "POST", "/calls/{call_id}/task/hand-over", body, story.version("call-4"), call_id="call-4")
    route = "/calls/{call_id}/task/return"
    story.do(second, "POST", route, {"why": "нет"}, story.version("call-4"), call_id="call-4")
    route = "/calls/{call_id}/task/assign"
    story.do(head, "POST", route, {"to_id": second}, story.version("call-4"), call_id="call-4")
    story.do(second, "POST", "/calls/{call_id}/task/take", None, story.version("call-4"), call_id="call-4")

    story.do(head, "POST", "/calls/{call_id}/comments", {"text": "@olga"}, call_id="call-5")
    task = {"assignee_id": "marina", "text": "перезвонить", "due_at": SOON}
    ids = [story.do(head, "POST", "/calls/{call_id}/follow-ups", task, call_id="call-5")["follow_up_id"] for _ in "ab"]
    story.do("marina", "POST", "/follow-ups/{follow_up_id}/done", None, 1, follow_up_id=ids[0])
    story.do(head, "POST", "/follow-ups/{follow_up_id}/cancel", None, 1, follow_up_id=ids[1])
    story.do("anna", "POST", "/months/{month}/close", None, 0, month="2026-01")

    say = {"shown": False, "why": "проверяем", "ends_at": SOON}
    story.do("anna", "PUT", "/draft-trust/{criterion}", say, 0, criterion="greeting")
    story.do("anna", "DELETE", "/draft-trust/{criterion}", None, 1, criterion="greeting")

    documented = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in world.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if method != "get" and OURS & set(operation.get("tags", []))
    }
    assert story.routes == documented
    with world.database.read() as connection:
        assert audit.verify(connection)[1] == ()
