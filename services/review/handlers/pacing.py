"""Slows down whoever asks too often: guesses at the doors, searches and exports of one person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from services.review.domain.guessing import LIMITS, Gate, refunded, spent, wait_for
from services.review.domain.people import Viewer
from services.review.ports.people import Desk, Desks, Secrets
from services.runtime.errors import Refusal


class TooManyTries(Refusal):
    """Slower; `retry_after` says when the next try is taken."""

    code: ClassVar[str] = "too_many_tries"

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__("Too many tries; wait a little and try again.")
        self.retry_after = retry_after


def bucket_name(secrets: Secrets, gate: Gate, key: str) -> str:
    """The bucket of a gate; the key itself is not stored."""
    return f"{gate.value}:{secrets.hash(key)[:40]}"


def pace(desks: Desks, secrets: Secrets, viewer: Viewer, gate: Gate) -> None:
    """Counts one search or export of a person, whichever session or token he comes by. Raises TooManyTries."""
    with desks() as desk:
        spend(desk, {bucket_name(secrets, gate, viewer.person_id): gate})


def spend(desk: Desk, gates: Mapping[str, Gate]) -> None:
    """Counts one try in every bucket. Raises TooManyTries, and then counts none."""
    buckets = {name: desk.guesses.bucket(name) for name in sorted(gates)}
    wait = max(wait_for(bucket, LIMITS[gates[name]], desk.now) for name, bucket in buckets.items())
    if wait > timedelta(0):
        raise TooManyTries(wait)
    for name, bucket in buckets.items():
        desk.guesses.put(name, spent(bucket, LIMITS[gates[name]], desk.now))


def refund(desk: Desk, gates: Mapping[str, Gate]) -> None:
    """The try was right: it does not count."""
    for name in sorted(gates):
        bucket = desk.guesses.bucket(name)
        desk.guesses.put(name, refunded(bucket, LIMITS[gates[name]], desk.now))
