"""The list of calls: any filter gives what a plain loop over all calls gives, page by page, and nobody's else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import event

from services.review.adapters.call_list import call_list
from services.review.domain.calls import CallType
from services.review.domain.drafting import RISKS
from services.review.domain.people import Role, Viewer
from services.review.domain.statuses import Status
from services.review.domain.views import CallFilters, CallOrder, CallSort
from services.review.handlers import events, listening
from services.runtime.database import Database
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


def _known_first(value: Callable[[Row], Any], rows: list[Row], *, descending: bool) -> list[str]:
    """Ids in the order that people expect: calls without a value last, newest first among those."""
    known = [row for row in rows if value(row) is not None]
    known.sort(key=lambda row: (value(row), row["started_at"], row["call_id"]), reverse=descending)
    return [row["call_id"] for row in known + [row for row in rows if value(row) is None]]


def _grouped(value: Callable[[Row], Any], rows: list[Row], *, descending: bool) -> list[str]:
    """Ids by groups, newest first inside each, calls of no group last."""
    known = sorted((row for row in rows if value(row) is not None), key=value, reverse=descending)
    return [row["call_id"] for row in known + [row for row in rows if value(row) is None]]


def _risk(row: Row) -> int | None:
    return sum(RISKS[reason] for reason in row["remarkable"]) or None


BY_AMOUNT: dict[str, Callable[[Row], Any]] = {
    "number": lambda row: row["number"],
    "started": lambda row: row["started_at"],
    "talk": lambda row: row["talk_ms"],
    "cqr": lambda row: _rate(row) if _rate(row) >= 0 else None,
    "client": lambda row: row["client_label"],
    "due": lambda row: row["due_at"],
    "attention": _risk,
}
BY_GROUP: dict[str, Callable[[Row], Any]] = {
    "status": lambda row: list(Status).index(Status(row["status"])),
    "type": lambda row: list(CallType).index(CallType(row["call_type"])) if row["call_type"] else None,
    "seller": lambda row: row["seller_name"],
    "controller": lambda row: row["assignee_name"],
}


def test_every_order_is_walked_page_by_page(world: World) -> None:
    newest = pages(world, "timur", 200)
    for order, descending in product([*BY_AMOUNT, *BY_GROUP], (True, False)):
        expected = (
            _known_first(BY_AMOUNT[order], newest, descending=descending)
            if order in BY_AMOUNT
            else _grouped(BY_GROUP[order], newest, descending=descending)
        )
        found = pages(world, "timur", 7, order=order, descending=descending)
        assert [row["call_id"] for row in found] == expected, (order, descending)


def test_few_calls_stand_in_the_same_order_as_among_many(world: World) -> None:
    """Where the filters find few calls these are sorted; the order must be the one that the index would give."""
    filters: list[dict[str, Any]] = [{"remarkable": "any"}, {"status": ["evaluated_appealed", "listening_counted"]}]
    wanted = [{row["call_id"] for row in pages(world, "timur", 200, **each)} for each in filters]
    for order, descending in product([*BY_AMOUNT, *BY_GROUP], (True, False)):
        among_many = [row["call_id"] for row in pages(world, "timur", 200, order=order, descending=descending)]
        for narrowed, ids in zip(filters, wanted, strict=True):
            found = pages(world, "timur", 2, order=order, descending=descending, **narrowed)
            assert [row["call_id"] for row in found] == [each for each in among_many if each in ids], (order, narrowed)


def test_no_order_sorts_the_whole_list(sqlite_url: str) -> None:
    """Each stretch of an order is walked by an index: SQLite's plan names no sorting."""
    database, asked = Database(sqlite_url), list[tuple[str, Any]]()
    event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    viewer = Viewer("timur", Role.ANALYST)
    with database.read() as connection:
        for order, descending in product(CallOrder, (True, False)):
            call_list(connection, viewer, CallFilters(), now=LONG_AGO, sort=CallSort(order, descending))
        walked = [each for each in asked if "FROM calls" in each[0] and "ORDER BY" in each[0]]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all() for sql, values in walked]
    database.close()
    assert len(plans) >= 2 * len(CallOrder)
    assert [step.detail for plan in plans for step in plan if "TEMP B-TREE" in step.detail] == []


def test_an_order_goes_with_filters(world: World) -> None:
    asked = {"call_type": "objection", "cqr_from": 10, "cqr_to": 60}
    rates = [_rate(row) for row in pages(world, "timur", 3, order="cqr", descending=False, **asked)]
    assert len(rates) == len(pages(world, "timur", 200, **asked)) > 3
    assert rates == sorted(rates)


def test_the_order_of_the_list_does_not_tell_a_hidden_draft(world: World) -> None:
    """A controller who scores blind finds the call where calls without a rate stand, whatever the draft says."""
    with world.work() as work:
        call = work.calls.load("call-39")
        assert call is not None
        sent = listening.send_sampled(work, call, why="sample", blind=True, double=False)
    controller = sent.assignee_id or ""
    for order in ("cqr", "type", "attention"):
        for descending in (True, False):
            found = pages(world, controller, 2, order=order, descending=descending)
            assert found[-1]["call_id"] == "call-39" or found[-1]["draft_cqr"] is None
            assert len(found) == len(pages(world, controller, 200))


def test_a_seller_cannot_order_by_what_he_may_not_see(world: World) -> None:
    newest = [row["call_id"] for row in pages(world, "marina", 200)]
    assert [row["call_id"] for row in pages(world, "marina", 5, order="attention", descending=False)] == newest
    by_rate = [row["call_id"] for row in pages(world, "marina", 5, order="cqr")]
    assert by_rate == ["call-00", *(each for each in newest if each != "call-00")]


def test_a_cursor_of_one_order_is_refused_in_another(world: World) -> None:
    cursor = world.ask("timur", "GET", "/calls", limit=3, order="cqr").json()["next_cursor"]
    for order in ("started", "status", "seller", "number"):
        assert world.ask("timur", "GET", "/calls", cursor=cursor, order=order).status_code == 422


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


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        *((CallFilters(remarkable=reason), f"ix_calls_reason_{reason}") for reason in RISKS),
        (CallFilters(remarkable="any"), "ix_calls_remarkable_started_at"),
        (CallFilters(red_flag=True), "ix_calls_red_flags_started_at"),
        (CallFilters(appealed=True), "ix_calls_appealed"),
        (CallFilters(overdue=True), "ix_calls_overdue"),
    ],
)
def test_rare_calls_are_found_by_an_index_of_their_own(sqlite_url: str, filters: CallFilters, index: str) -> None:
    """Anything else takes seconds over a million calls; by a word too many in the condition SQLite goes another way."""
    database, asked = Database(sqlite_url), list[tuple[str, Any]]()
    event.listen(database.engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    with database.read() as connection:
        call_list(connection, Viewer("timur", Role.ANALYST), filters, now=LONG_AGO)
        statement, values = next(each for each in asked if "ORDER BY calls.started_at" in each[0])
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    database.close()
    assert [row.detail for row in plan] == [f"SCAN calls USING INDEX {index}"]
