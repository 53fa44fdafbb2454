"""What counts for pay can be proved: the ledger is what anybody computes from the audit log alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random

import pytest
from sqlalchemy import select

from services.review.adapters.tables_credit import ledger
from services.review.adapters.tables_people import audit_log
from services.review.domain.credit import month_of, next_month
from services.review.handlers import events
from tests.integration.review import journeys
from tests.integration.review.ledger_from_log import Sums, from_log
from tests.integration.review.world import WEIGHTS, World, call_data

SEEDS = (1, 2, 3)
STEPS = 50
MARKS = ("0", "0.5", "1")


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def proved(world: World) -> Sums:
    """What the log says, and that the ledger says the same."""
    columns = (audit_log.c.at, audit_log.c.actor_id, audit_log.c.action, audit_log.c.object_id, audit_log.c.after)
    written: Counter[tuple[str, str, str]] = Counter()
    with world.database.read() as connection:
        recomputed = from_log(connection.execute(select(*columns).order_by(audit_log.c.seq)), WEIGHTS)
        for row in connection.execute(select(ledger)):
            written[row.account, row.unit, row.month] += row.amount
    assert {key: amount for key, amount in written.items() if amount} == recomputed
    return recomputed


def close_this_month(world: World) -> None:
    """As at a month's end; the handler lets nobody do it before."""
    with world.work() as work:
        month = work.ledger.open_month(month_of(work.now, "Europe/Moscow"))
        assert work.ledger.close(month, "anna", work.now)
        work.audit(world.viewer("anna"), "credit.close_month", "month", month, after={"closed": True})


def other_seller(world: World, call_id: str, revision: int, seller: str) -> None:
    with world.work() as work:
        events.call_registered(work, call_data(call_id, revision=revision, seller_id=seller))


class History:
    """Steps by chance, each one that the business allows: the same ones for a seed, whatever the machine."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.dice = Random(seed)
        self.done: Counter[str] = Counter()

    def step(self) -> None:
        acts: dict[str, tuple[str | None, Callable[[str], object]]] = {
            "evaluate": (None, self.evaluate),
            "appeal": ("evaluated_pending", self.appeal),
            "pass": ("evaluated_pending", self.let_pass),
            "uphold": ("evaluated_appealed", lambda call: journeys.uphold(self.world, call)),
            "reject": ("evaluated_appealed", lambda call: journeys.reject(self.world, call)),
            "seller": ("approved_overturned", self.other_seller),
        }
        found: dict[str | None, list[str]] = {None: [""]}
        for status, call in self.world.sql("SELECT status, call_id FROM calls ORDER BY number"):
            found.setdefault(status, []).append(call)
        name = self.dice.choice([name for name, (status, _) in acts.items() if status in found])
        status, act = acts[name]
        act(self.dice.choice(found[status]))
        self.done[name] += 1

    def evaluate(self, _call: str) -> None:
        marks = (self.dice.choice(MARKS), self.dice.choice(MARKS[:2]), self.dice.choice(MARKS))
        journeys.evaluate(self.world, self.world.register(), marks)

    def appeal(self, call: str) -> None:
        journeys.appeal(self.world, call, self.world.call(call).seller_id or "")

    def let_pass(self, call: str) -> None:
        self.world.pass_hours(call, 48)
        journeys.approve_all(self.world)

    def other_seller(self, call: str) -> None:
        self.done["revision"] += 1
        other_seller(self.world, call, 1 + self.done["revision"], self.dice.choice(("ilya", "marina")))


@pytest.mark.parametrize("seed", SEEDS)
def test_after_a_random_history(world: World, seed: int) -> None:
    history = History(world, seed)
    for number in range(STEPS):
        history.step()
        if number == STEPS // 2:
            close_this_month(world)
    assert len(history.done) == 7, (seed, history.done)
    assert {unit for _, unit, _ in proved(world)} == {"call", "cqr", "check", "appeal", "upheld", "money"}


def test_every_kind_of_entry(world: World) -> None:
    """One of each by hand: approved, rejected, upheld, another seller after the month was closed."""
    first, second, third = (world.register() for _ in range(3))
    controllers = [journeys.evaluate(world, call) for call in (first, second, third)]
    world.pass_hours(first, 48)
    journeys.approve_all(world)
    journeys.appeal(world, second)
    journeys.reject(world, second)
    journeys.appeal(world, third)
    journeys.uphold(world, third)
    close_this_month(world)
    other_seller(world, third, 2, "ilya")
    sums = proved(world)
    month = min(month for _, _, month in sums)
    assert sums["seller:marina", "call", month] == 3
    assert sums["seller:marina", "cqr", month] == Decimal("260.00")
    assert sums["seller:marina", "call", next_month(month)] == -1
    assert sums["seller:ilya", "money", next_month(month)] == 100
    assert sums[f"controller:{controllers[2]}", "upheld", month] == 1
