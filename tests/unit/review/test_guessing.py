"""Buckets: what passes in an hour, what a refund gives back, and a clock that goes wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from services.review.domain.guessing import (
    LIMITS,
    Bucket,
    Gate,
    Limit,
    drained,
    gates_for,
    refunded,
    spent,
    wait_for,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SMALL = Limit(burst=3, per_hour=6)


def tries_in(limit: Limit, length: timedelta, every: timedelta) -> int:
    """How many tries pass when somebody tries all the time."""
    bucket, now, passed = None, NOON, 0
    while now < NOON + length:
        if wait_for(bucket, limit, now) == timedelta(0):
            bucket, passed = spent(bucket, limit, now), passed + 1
        now += every
    return passed


@pytest.mark.parametrize("gate", list(Gate), ids=lambda gate: gate.value)
def test_an_hour_of_trying_every_second(gate: Gate) -> None:
    limit = LIMITS[gate]
    assert limit.burst + limit.per_hour - 1 <= tries_in(limit, timedelta(hours=1), timedelta(seconds=1))
    assert tries_in(limit, timedelta(hours=1), timedelta(seconds=1)) <= limit.burst + limit.per_hour


def test_strangers_pass_fewer_than_a_hundred_an_hour_at_one_account() -> None:
    assert tries_in(LIMITS[Gate.ACCOUNT], timedelta(hours=1), timedelta(milliseconds=360)) <= 80


def test_the_burst_then_the_wait() -> None:
    bucket = None
    for _ in range(3):
        assert wait_for(bucket, SMALL, NOON) == timedelta(0)
        bucket = spent(bucket, SMALL, NOON)
    assert wait_for(bucket, SMALL, NOON) == timedelta(minutes=10)
    assert wait_for(bucket, SMALL, NOON + timedelta(minutes=10)) == timedelta(0)


def test_a_right_try_costs_nothing() -> None:
    bucket = refunded(spent(None, SMALL, NOON), SMALL, NOON)
    assert bucket == Bucket(0, NOON)


def test_a_clock_that_goes_back_drains_nothing() -> None:
    assert drained(Bucket(3000, NOON), SMALL, NOON - timedelta(days=1)) == 3000


def test_the_owner_does_not_wait_behind_strangers() -> None:
    assert Gate.ACCOUNT not in gates_for(known_place=True)
    assert Gate.ACCOUNT in gates_for(known_place=False)
