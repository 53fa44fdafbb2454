"""Changes over HTTP: versions, who was faster, idempotency keys; that no route forgets them holds test_every_route."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.review import journeys
from tests.integration.review.world import World


@pytest.fixture
def world(sqlite_url: str) -> Iterator[World]:
    made = World(sqlite_url).settle()
    yield made
    made.close()


def test_who_was_faster_is_told(world: World) -> None:
    call = world.register()
    first = world.ask("svetlana", "POST", f"/calls/{call}/send-counted", {}, version=1)
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    second = world.ask("natalia", "POST", f"/calls/{call}/send-uncounted", {}, version=1)
    told = second.json()
    assert (second.status_code, second.headers["etag"]) == (412, '"2"')
    assert (told["code"], told["version"]) == ("stale_version", 2)
    assert (told["by"], told["change"]) == ("svetlana", "send_counted")


def test_the_same_key_happens_once(world: World) -> None:
    call = world.register()
    key = "a-key-of-my-own"
    first = world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "тест"}, key=key)
    again = world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "тест"}, key=key)
    assert (first.status_code, first.text) == (201, again.text)
    assert world.sql("SELECT count(*) FROM comments") == [(1,)]
    other = world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "другое"}, key=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    somebody = world.ask("natalia", "POST", f"/calls/{call}/comments", {"text": "тест"}, key=key)
    assert somebody.status_code == 201
    assert somebody.json()["comment_id"] != first.json()["comment_id"]


def test_a_retried_change_gives_the_first_answer_again(world: World) -> None:
    call = world.register()
    sent = [
        world.ask("svetlana", "POST", f"/calls/{call}/send-counted", {}, version=1, key="once-only-please")
        for _ in range(3)
    ]
    assert [(each.status_code, each.text, each.headers["etag"]) for each in sent] == [(200, sent[0].text, '"2"')] * 3
    assert world.call(call).version == 2


def test_a_refusal_is_not_kept(world: World) -> None:
    call = world.register()
    refused = world.ask("svetlana", "POST", f"/calls/{call}/send-counted", {}, version=7, key="a-stale-attempt")
    assert refused.status_code == 412
    sent = world.ask("svetlana", "POST", f"/calls/{call}/send-counted", {}, version=1, key="a-fresh-attempt")
    assert sent.status_code == 200


def test_scoring_over_http(world: World) -> None:
    call = world.register()
    controller = journeys.send_counted(world, call)
    taken = world.ask(controller, "POST", f"/calls/{call}/task/take", version=2)
    assert taken.status_code == 200
    evaluation = taken.json()["evaluation_id"]
    page = world.ask(controller, "GET", f"/calls/{call}").json()
    assert page["evaluation"]["undecided"] == ["greeting", "objection_handling", "next_step"]
    unseen = world.ask(
        controller, "PUT", f"/evaluations/{evaluation}/criteria/greeting", {"accept_draft": True}, version=1
    )
    assert (unseen.status_code, unseen.json()["reason"]) == (422, "draft_not_seen")
    body = {"accept_draft": True, "seen_draft": True}
    seen = world.ask(controller, "PUT", f"/evaluations/{evaluation}/criteria/greeting", body, version=1)
    assert (seen.status_code, seen.json()["cqr"], seen.json()["version"]) == (200, 100, 2)
    early = world.ask(controller, "POST", f"/evaluations/{evaluation}/finish", version=2)
    assert (early.status_code, early.json()["missing"]) == (409, ["all_scored"])
    changed = world.ask(controller, "PUT", f"/evaluations/{evaluation}/type", {"call_type": "objection"}, version=2)
    assert (changed.status_code, changed.json()["version"]) == (200, 3)
    for version, (criterion, score) in enumerate({"objection_handling": 0.5, "next_step": 1}.items(), start=3):
        done = world.ask(
            controller,
            "PUT",
            f"/evaluations/{evaluation}/criteria/{criterion}",
            {"score": score, "verdict": "scored"},
            version=version,
        )
        assert done.status_code == 200, done.text
    # objection: 1·1 + 4·0.5 + 2·1 of 7
    assert done.json()["cqr"] == 71.43
    finished = world.ask(controller, "POST", f"/evaluations/{evaluation}/finish", version=5)
    assert (finished.status_code, finished.json()["status"]) == (200, "evaluated_pending")
    result = world.ask("marina", "GET", f"/calls/{call}").json()
    assert (result["row"]["cqr"], result["evaluation"]["cqr"], result["draft"]) == (71.43, 71.43, None)
    assert 48 * 3600 - 60 < result["appeal_left_s"] <= 48 * 3600
