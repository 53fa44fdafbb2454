"""The list of calls: any filter gives what a plain loop over all calls gives, page by page, and nobody's else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from services.review.handlers import events, listening
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World, call_data, draft_data

RUDE = {"kind": "rudeness", "turn": 0, "start_ms": 0, "end_ms": 1}


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    for number in range(40):
        seller = ("marina", "ilya", "denis")[number % 3]
        call_id = f"call-{number:02d}"
        with made.work() as work:
            events.call_registered(
                work,
                call_data(
                    call_id,
                    seller_id=seller,
                    department_id="sales" if seller == "denis" else "cc",
                    started_at=(LONG_AGO + timedelta(minutes=number // 2)).isoformat(),
                    direction=("in", "out")[number % 2],
                    talk_ms=number * 1000,
                    lead_id=f"lead-{number % 4}" if number % 5 == 0 else None,
                    source={"source": "direct", "campaign": f"c{number % 2}"} if number % 4 == 0 else None,
                ),
            )
            if number % 4:
                events.call_scored(
                    work,
                    draft_data(
                        call_id,
                        cqr=number * 2,
                        call_type=("qualification", "objection")[number % 2],
                        remarkable=[{"reason": "low_cqr"}] if number % 6 == 1 else [],
                        red_flags=[{"kind": "rudeness", "turn": 0, "start_ms": 0, "end_ms": 1}]
                        if number % 7 == 1
                        else [],
                    ),
                )
    for call_id in ("call-00", "call-01"):
        journeys.evaluate(made, call_id)
    journeys.appeal(made, "call-00")
    with made.work() as work:
        listening.send_counted(work, made.viewer("svetlana"), "call-03", 1)
    yield made
    made.close()


Row = dict[str, Any]
FILTERS: list[tuple[dict[str, Any], Callable[[Row], bool]]] = [
    ({}, lambda row: True),
    ({"status": ["evaluated_appealed"]}, lambda row: row["status"] == "evaluated_appealed"),
    (
        {"status": ["listening_counted", "evaluated_pending"]},
        lambda row: row["status"] in ("listening_counted", "evaluated_pending"),
    ),
    ({"seller_id": "ilya"}, lambda row: row["seller_id"] == "ilya"),
    ({"department_id": "sales"}, lambda row: row["department_id"] == "sales"),
    ({"direction": "out"}, lambda row: row["direction"] == "out"),
    ({"talk_from_ms": 10_000, "talk_to_ms": 20_000}, lambda row: 10_000 <= row["talk_ms"] < 20_000),
    ({"cqr_from": 30, "cqr_to": 60}, lambda row: 30 <= _rate(row) <= 60),
    ({"call_type": "objection"}, lambda row: row["call_type"] == "objection"),
    ({"remarkable": "any"}, lambda row: row["remarkable"] != []),
    ({"remarkable": "low_cqr"}, lambda row: "low_cqr" in row["remarkable"]),
    ({"red_flag": True}, lambda row: row["red_flags"] != []),
    ({"lead_id": "lead-1"}, lambda row: row["lead_id"] == "lead-1"),
    ({"number": 7}, lambda row: row["number"] == 7),
    ({"appealed": True}, lambda row: row["status"] == "evaluated_appealed"),
    ({"overdue": True}, lambda row: row["overdue"]),
    ({"has_recording": True}, lambda row: row["has_audio"]),
    (
        {"started_from": (LONG_AGO + timedelta(minutes=5)).isoformat(), "seller_id": "marina"},
        lambda row: row["seller_id"] == "marina" and row["started_at"] >= "2026-11-02T09:05",
    ),
]


def _rate(row: Row) -> float:
    rate = row["cqr"] if row["cqr"] is not None else row["draft_cqr"]
    return -1 if rate is None else float(rate)


def pages(world: World, person: str, limit: int, **filters: Any) -> list[Row]:
    """All rows, page by page."""
    rows, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        answer = world.ask(person, "GET", "/calls", limit=limit, **filters, **more)
        assert answer.status_code == 200, answer.text
        rows += answer.json()["rows"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return rows


def test_filters_and_pages(world: World) -> None:
    everything = pages(world, "timur", 200)
    assert len(everything) == 40
    order = [(row["started_at"], row["call_id"]) for row in everything]
    assert order == sorted(order, reverse=True)
    for filters, holds in FILTERS:
        expected = [row["call_id"] for row in everything if holds(row)]
        found = [row["call_id"] for row in pages(world, "timur", 7, **filters)]
        assert found == expected, filters


def test_everybody_sees_his_own(world: World) -> None:
    everything = {row["call_id"]: row for row in pages(world, "timur", 200)}
    of = {
        "marina": lambda row: row["seller_id"] == "marina",
        "natalia": lambda row: row["seller_id"] == "marina",
        "svetlana": lambda row: row["department_id"] == "cc",
        "gleb": lambda row: row["department_id"] == "sales",
    }
    for person, holds in of.items():
        found = {row["call_id"] for row in pages(world, person, 9)}
        assert found == {call_id for call_id, row in everything.items() if holds(row)}, person
    controllers = {person: {row["call_id"] for row in pages(world, person, 9)} for person in ("olga", "pavel", "rita")}
    assert controllers["olga"] | controllers["pavel"] == {"call-00", "call-01", "call-03"}
    assert controllers["rita"] == set()
    assert world.ask("anna", "GET", "/calls").status_code == 403


def test_a_seller_learns_nothing_of_drafts(world: World) -> None:
    rows = pages(world, "marina", 9)
    assert {row["draft_cqr"] for row in rows} == {None}
    assert {tuple(row["remarkable"]) for row in rows} == {()}
    assert {row["call_id"] for row in rows if row["call_type"] is not None} == {"call-00"}
    assert pages(world, "marina", 9, remarkable="any") == []
    assert {row["call_id"] for row in pages(world, "marina", 9, cqr_from=0)} == {"call-00"}


@pytest.mark.parametrize("cursor", ["x", "AAAA", "bm90aGluZw==", "LTEgYQ=="])
def test_a_foreign_cursor_is_refused_or_empty(world: World, cursor: str) -> None:
    answer = world.ask("timur", "GET", "/calls", cursor=cursor)
    assert (answer.status_code, answer.json().get("rows", [])) in [(422, []), (200, [])]


def test_overviews_answer(world: World) -> None:
    month = "2026-11"
    load = {row["controller_id"]: row for row in world.ask("svetlana", "GET", "/load").json()}
    assert set(load) == {"olga", "pavel"}
    assert sum(row["done_month"] for row in load.values()) == 2
    assert sum(row["waiting"] for row in load.values()) == 1
    assert [row["call_id"] for row in world.ask("svetlana", "GET", "/appeals").json()] == ["call-00"]
    assert world.ask("gleb", "GET", "/appeals").json() == []
    risky = world.ask("timur", "GET", "/risk-queue").json()
    assert {row["row"]["call_id"] for row in risky} == {
        row["call_id"] for row in pages(world, "timur", 200, remarkable="any") if row["status"] == "unclassified"
        or row["status"] == "auto_classified"
    }  # fmt: skip
    assert {row["person_id"] for row in world.ask("timur", "GET", f"/credit/{month}").json()} == {
        "marina", "ilya", "denis", "olga", "pavel", "rita",
    }  # fmt: skip
    assert world.ask("marina", "GET", f"/credit/{month}/ilya").status_code == 404
    work = world.ask("marina", "GET", "/work").json()
    assert work["results"] == []
