"""The way of a call from registration to pay, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import select

from services.review.adapters import audit
from services.review.domain.statuses import Status
from services.runtime.queue import OUTBOX
from tests.integration.review import journeys
from tests.integration.review.world import World


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def outbox(world: World, topic: str) -> list[dict[str, object]]:
    with world.database.read() as connection:
        rows = connection.execute(select(OUTBOX.c.payload).where(OUTBOX.c.topic == topic).order_by(OUTBOX.c.seq))
        return [json.loads(row.payload)["data"] for row in rows]


def test_an_evaluated_call_is_approved_after_48_hours_and_credited(world: World) -> None:
    call_id = world.register()
    controller = journeys.evaluate(world, call_id)
    pending = world.call(call_id)
    assert pending.status is Status.EVALUATED_PENDING
    assert pending.cqr == Decimal("80.00")
    assert pending.approve_at is not None
    assert pending.evaluated_at is not None
    assert (pending.approve_at - pending.evaluated_at).total_seconds() == 48 * 3600
    assert journeys.approve_all(world) == 0
    world.pass_hours(call_id, 48)
    assert journeys.approve_all(world) == 1
    assert world.call(call_id).status is Status.APPROVED_EVALUATED
    moves = [
        (each["from"], each["to"], each["action"], each["version"]) for each in outbox(world, "review-status-changed")
    ]
    assert moves == [
        (None, "unclassified", "register", 1),
        ("unclassified", "listening_counted", "send_counted", 2),
        ("listening_counted", "evaluated_pending", "evaluate_counted", 4),
        ("evaluated_pending", "approved_evaluated", "approve", 5),
    ]
    (approved,) = outbox(world, "evaluation-approved")
    assert (approved["status"], approved["counted"], approved["cqr"], approved["draft_cqr"]) == (
        "approved_evaluated",
        True,
        80,
        80,
    )
    with world.read() as queries:
        month = queries.credit(world.viewer("svetlana"), "marina", world_month(world))
        checks = queries.credit(world.viewer("timur"), controller, world_month(world))
    assert (month.calls, month.mean_cqr, month.money) == (1, Decimal("80.00"), Decimal(0))
    assert (checks.checks, checks.appeals, checks.money) == (1, 0, Decimal(0))


def world_month(world: World) -> str:
    with world.work() as work:
        from services.review.domain.credit import month_of

        return month_of(work.now, "Europe/Moscow")


def test_an_upheld_appeal_pays_the_seller_and_costs_the_controller(world: World) -> None:
    call_id = world.register()
    controller = journeys.evaluate(world, call_id)
    journeys.appeal(world, call_id)
    journeys.uphold(world, call_id)
    call = world.call(call_id)
    assert (call.status, call.cqr) == (Status.APPROVED_OVERTURNED, Decimal("100.00"))
    with world.read() as queries:
        seller = queries.credit(world.viewer("marina"), "marina", world_month(world))
        costs = queries.credit(world.viewer(controller), controller, world_month(world))
    assert (seller.calls, seller.mean_cqr, seller.money) == (1, Decimal("100.00"), Decimal(100))
    assert (costs.checks, costs.appeals, costs.upheld, costs.money) == (1, 1, 1, Decimal(-100))


def test_a_rejected_appeal_leaves_the_evaluation(world: World) -> None:
    call_id = world.register()
    journeys.evaluate(world, call_id)
    journeys.appeal(world, call_id)
    journeys.reject(world, call_id)
    call = world.call(call_id)
    assert (call.status, call.cqr) == (Status.APPROVED_EVALUATED, Decimal("80.00"))


def test_the_audit_log_is_whole_afterwards(world: World) -> None:
    call_id = world.register()
    journeys.evaluate(world, call_id)
    journeys.appeal(world, call_id)
    journeys.uphold(world, call_id)
    with world.database.read() as connection:
        number, faults = audit.verify(connection)
    assert faults == ()
    assert number == 12
