"""How fast a password may be guessed: leaky buckets that slow a stranger and leave the owner his own way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MILLI = 1000


class Gate(StrEnum):
    """What a bucket counts tries by."""

    ACCOUNT = "account"  # all strangers together at one account
    ACCOUNT_AND_ADDRESS = "account_and_address"  # one address at one account
    KNOWN_PLACE = "known_place"  # a browser or address from which the owner has been in before
    ADDRESS = "address"  # one address at all accounts
    SECOND_FACTOR = "second_factor"  # codes for one account
    SEARCH = "search"  # searches of one person: a person reads what he finds, a program that copies the house does not
    EXPORT = "export"  # tables that one person takes away


@dataclass(frozen=True)
class Limit:
    """A bucket holds `burst` tries and empties by `per_hour` tries an hour."""

    burst: int
    per_hour: int


# In any hour an account takes at most burst + per_hour = 80 tries of strangers (ASVS 4.0.3 2.2.1 asks for under 100).
LIMITS: dict[Gate, Limit] = {
    Gate.ACCOUNT: Limit(burst=20, per_hour=60),
    Gate.ACCOUNT_AND_ADDRESS: Limit(burst=8, per_hour=20),
    Gate.KNOWN_PLACE: Limit(burst=10, per_hour=30),
    Gate.ADDRESS: Limit(burst=60, per_hour=300),
    Gate.SECOND_FACTOR: Limit(burst=6, per_hour=12),
    Gate.SEARCH: Limit(burst=60, per_hour=1800),
    Gate.EXPORT: Limit(burst=30, per_hour=120),
}


@dataclass(frozen=True)
class Bucket:
    """How full a bucket was (thousandths of a try) at a time (aware UTC)."""

    spent_milli: int
    updated_at: datetime


def gates_for(*, known_place: bool) -> tuple[Gate, ...]:
    """Which buckets a try must pass: strangers share the account's bucket, its owner does not wait behind them."""
    if known_place:
        return (Gate.KNOWN_PLACE, Gate.ADDRESS)
    return (Gate.ACCOUNT_AND_ADDRESS, Gate.ACCOUNT, Gate.ADDRESS)


def drained(bucket: Bucket | None, limit: Limit, now: datetime) -> int:
    """How full the bucket is by now, thousandths of a try; a clock that went back drains nothing."""
    if bucket is None:
        return 0
    passed = max(now - bucket.updated_at, timedelta(0))
    leaked = int(passed.total_seconds() * limit.per_hour * MILLI / 3600)
    return max(0, bucket.spent_milli - leaked)


def wait_for(bucket: Bucket | None, limit: Limit, now: datetime) -> timedelta:
    """How long until one more try fits; zero when it fits now."""
    over = drained(bucket, limit, now) + MILLI - limit.burst * MILLI
    return timedelta(0) if over <= 0 else timedelta(seconds=-(-over * 3600 // (limit.per_hour * MILLI)))


def spent(bucket: Bucket | None, limit: Limit, now: datetime) -> Bucket:
    """The bucket after one more try."""
    return Bucket(drained(bucket, limit, now) + MILLI, now)


def refunded(bucket: Bucket | None, limit: Limit, now: datetime) -> Bucket:
    """The bucket after a try that turned out right: the try does not count."""
    return Bucket(max(0, drained(bucket, limit, now) - MILLI), now)
