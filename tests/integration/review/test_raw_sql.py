"""Past all handlers: the database itself refuses what nobody may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import DBAPIError

from tests.integration.review import journeys
from tests.integration.review.world import World


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def refused(world: World, statement: str, **values: object) -> str:
    """The database's reason for refusing."""
    with pytest.raises(DBAPIError) as caught:
        world.sql(statement, **values)
    return str(caught.value.orig).splitlines()[0]


MOVE = "UPDATE calls SET status = :to, version = version + 1, changed_by_id = :by WHERE call_id = :call"


def test_nobody_decides_about_himself(world: World) -> None:
    call = world.register()
    controller = journeys.evaluate(world, call)
    journeys.appeal(world, call)
    for by in (controller, "marina"):
        reason = refused(world, MOVE, to="approved_overturned", by=by, call=call)
        assert "nobody decides an appeal about himself" in reason
        assert "ecide" in refused(
            world, "UPDATE appeals SET state = 'upheld', decided_by = :by WHERE call_id = :call", by=by, call=call
        )
    assert refused(world, "UPDATE calls SET evaluator_id = seller_id WHERE call_id = :call", call=call)
    assert refused(world, "UPDATE appeals SET evaluator_id = 'somebody' WHERE call_id = :call", call=call)
    other = world.register()
    journeys.send_counted(world, other)
    assert "nobody evaluates his own call" in refused(
        world,
        "INSERT INTO evaluations (evaluation_id, call_id, kind, evaluator_id, seller_id, blind, call_type, card_id, "
        "card_version, card_items, recommendation, started_at, listening_ms, version) "
        "SELECT 'x', call_id, 'counted', 'marina', NULL, blind, call_type, card_id, card_version, card_items, '', "
        "started_at, 0, 1 FROM evaluations LIMIT 1".replace("SELECT 'x', call_id", f"SELECT 'x', '{other}'"),
    )
    assert refused(world, "UPDATE tasks SET assignee_id = 'marina' WHERE call_id = :call", call=other)


def test_no_way_but_the_tables(world: World) -> None:
    call = world.register()
    assert "no such transition" in refused(world, MOVE, to="evaluated_appealed", by="marina", call=call)
    assert "no such transition" in refused(world, MOVE, to="auto_classified", by="olga", call=call)
    journeys.evaluate(world, call)
    assert "approved before its time" in refused(world, MOVE, to="approved_evaluated", by=None, call=call)
    assert "only the seller appeals" in refused(world, MOVE, to="evaluated_appealed", by="svetlana", call=call)


def test_no_pay_without_a_persons_finished_evaluation(world: World) -> None:
    call = world.register()
    journeys.evaluate(world, call)
    world.pass_hours(call, 48)
    statement = MOVE.replace("SET", "SET evaluation_id = 'none',")
    reason = refused(world, statement, to="approved_evaluated", by=None, call=call)
    assert "no finished evaluation of a person" in reason


def test_what_was_decided_stays(world: World) -> None:
    call = world.register()
    journeys.evaluate(world, call)
    journeys.appeal(world, call)
    journeys.uphold(world, call)
    for statement in (
        "UPDATE scores SET score = '1'",
        "DELETE FROM scores",
        "UPDATE evaluations SET cqr = '1'",
        "DELETE FROM evaluations",
        "UPDATE appeals SET decision_reason = 'x'",
        "DELETE FROM appeals",
        "UPDATE status_changes SET why = 'x'",
        "DELETE FROM status_changes",
        "UPDATE ledger SET amount = '1'",
        "DELETE FROM ledger",
        "UPDATE drafts SET data = '{}'",
        "DELETE FROM audit_log",
    ):
        assert refused(world, statement), statement


def test_a_closed_month_takes_no_entries(world: World) -> None:
    call = world.register()
    journeys.evaluate(world, call)
    world.pass_hours(call, 48)
    journeys.approve_all(world)
    ((month, at),) = world.sql("SELECT month, written_at FROM ledger LIMIT 1")
    world.sql("INSERT INTO months (month, closed_at, closed_by) VALUES (:month, :at, 'anna')", month=month, at=at)
    assert "the month is closed" in refused(
        world,
        "INSERT INTO ledger (transaction_id, account, unit, amount, month, for_month, kind, written_at) "
        "VALUES ('t', 'seller:marina', 'money', '5', :month, :month, 'reward', :at)",
        month=month,
        at=at,
    )
    assert refused(world, "DELETE FROM months")
