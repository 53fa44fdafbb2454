"""Several at once: a retried request meets itself, three schedulers wake together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.review.handlers import appealing, events, sampling
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World, call_data, draft_data


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(review_url).settle()
    yield made
    made.close()


def at_once(acts: list[Callable[[], object]]) -> list[object]:
    """Lets all begin together."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_request_that_meets_itself_happens_once(world: World) -> None:
    call = world.register()
    answers = at_once(
        [
            lambda: world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "раз"}, key="the-very-same-key")
            for _ in range(4)
        ]
    )
    codes = sorted(answer.status_code for answer in answers)  # type: ignore[attr-defined]
    assert set(codes) <= {201, 503}
    assert 201 in codes
    assert world.sql("SELECT count(*) FROM comments") == [(1,)]
    again = world.ask("svetlana", "POST", f"/calls/{call}/comments", {"text": "раз"}, key="the-very-same-key")
    assert again.status_code == 201


def test_three_schedulers_take_each_day_once(world: World) -> None:
    for number in range(30):
        with world.work() as work:
            at = (LONG_AGO + timedelta(days=number % 5, minutes=number)).isoformat()
            events.call_registered(work, call_data(f"c{number}", started_at=at))
            events.call_scored(work, draft_data(f"c{number}"))

    def scheduler() -> int:
        for turn in range(60):
            with world.work() as work:
                if not sampling.sample_next(work):
                    return turn
        return -1

    at_once([scheduler] * 3)
    days = [row[0] for row in world.sql("SELECT local_date FROM samples WHERE department_id = 'cc'")]
    assert len(days) == len(set(days)) >= 5
    sent = world.sql("SELECT call_id FROM status_changes WHERE move = 'send_counted'")
    assert len(sent) == len(set(sent)) == 10  # two of each day's six


def test_three_schedulers_approve_each_call_once(world: World) -> None:
    calls = [world.register() for _ in range(6)]
    for call in calls:
        journeys.evaluate(world, call)
        world.pass_hours(call, 49)

    def scheduler() -> None:
        for _ in range(20):
            with world.work() as work:
                appealing.approve_next(work)

    at_once([scheduler] * 3)
    approved = world.sql("SELECT call_id FROM status_changes WHERE move = 'approve'")
    assert sorted(row[0] for row in approved) == sorted(calls)
    assert world.sql("SELECT count(*) FROM ledger WHERE unit = 'check' AND account <> 'company'") == [(6,)]
