"""How far a call has come does not depend on the order in which topics are read."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from demo.plan import PlannedCall
from demo.progress import Progress, Stage, counts, goals, has_arrived, missing

EVENTS: list[tuple[str, dict[str, Any]]] = [
    ("call-registered", {"call_id": "c1", "provider_call_id": "p1", "seller_id": "marina"}),
    ("recording-stored", {"call_id": "c1"}),
    ("transcript-completed", {"call_id": "c1", "transcript_id": "t1"}),
    (
        "call-scored",
        {"call_id": "c1", "draft_id": "d1", "call_type": "objection", "cqr": 61, "red_flags": [{"kind": "rudeness"}]},
    ),
]


def planned(expected: str, **more: Any) -> PlannedCall:
    return PlannedCall("c", "09:00:00", "marina", "in", "", 5, "answered", 1000, expected, **more)


def after(events: list[tuple[str, dict[str, Any]]]) -> Progress:
    progress = Progress()
    for topic, data in events:
        progress.see(topic, data)
    return progress


@pytest.mark.parametrize("order", list(itertools.permutations(EVENTS)))
def test_any_order_ends_the_same(order: tuple[tuple[str, dict[str, Any]], ...]) -> None:
    (state,) = after([*order, *order]).calls()
    assert (state.stage, state.call_type, state.cqr, state.red_flags) == (Stage.DRAFTED, "objection", 61, ("rudeness",))
    assert (state.drafts, state.transcripts, state.seller_id) == ({"d1"}, {"t1"}, "marina")
    assert counts([state]) == {
        Stage.RECEIVED: 1,
        Stage.RECORDED: 1,
        Stage.TRANSCRIBED: 1,
        Stage.DRAFTED: 1,
        Stage.LISTENING: 0,
    }


@pytest.mark.parametrize(
    ("expected", "events", "arrived"),
    [
        ("registered", EVENTS[:1], True),
        ("transcribed", EVENTS[:2], False),
        ("transcribed", EVENTS[:3], True),
        ("drafted", EVENTS[:3], False),
        ("drafted", EVENTS, True),
        ("ended", EVENTS[:3], False),
        ("ended", EVENTS, True),
        ("failed:no_speech", EVENTS[:2], False),
        ("failed:no_speech", [*EVENTS[:2], ("transcript-failed", {"call_id": "c1", "reason": "no_speech"})], True),
        ("failed:no_speech", [*EVENTS[:2], ("transcript-failed", {"call_id": "c1", "reason": "broken_audio"})], False),
        ("ended", [*EVENTS[:2], ("transcript-failed", {"call_id": "c1", "reason": "broken_audio"})], True),
    ],
)
def test_a_call_has_arrived_where_the_plan_says(
    expected: str, events: list[tuple[str, dict[str, Any]]], arrived: bool
) -> None:
    progress = after(events)
    call = planned(expected)
    assert has_arrived(call, progress.by_provider_id().get("p1")) is arrived
    assert (missing([("p1", call)], progress) == []) is arrived


def test_a_call_that_never_came_is_named() -> None:
    assert missing([("p9", planned("drafted"))], Progress()) == ["p9: expected drafted, is not received"]


def test_a_status_on_listening_is_the_last_stage() -> None:
    moved = ("review-status-changed", {"call_id": "c1", "to": "listening_counted"})
    (state,) = after([*EVENTS, moved]).calls()
    assert (state.stage, state.status) == (Stage.LISTENING, "listening_counted")


def test_goals_count_what_should_come() -> None:
    calls = [planned("drafted", dialogue="d"), planned("registered"), planned("failed:no_speech", recording="r")]
    assert goals(calls) == {
        Stage.RECEIVED: 3,
        Stage.RECORDED: 2,
        Stage.TRANSCRIBED: 1,
        Stage.DRAFTED: 1,
        Stage.LISTENING: 0,
    }
