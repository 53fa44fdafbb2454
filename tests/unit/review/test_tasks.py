"""Listening tasks: time on task, leases, and who gets the next call."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.review.domain.evaluation import EvaluationKind
from services.review.domain.lots import Lots
from services.review.domain.tasks import LEASE, ListeningTask, beaten, least_loaded
from services.review.handlers.telling import mentioned

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TASK = ListeningTask("t", "c", EvaluationKind.COUNTED, "marina", "cc", "olga", NOW, NOW + timedelta(days=1))


def test_time_counts_between_beats_and_not_over_lunch() -> None:
    task = beaten(TASK, "olga", NOW)
    assert (task.spent_ms, task.lease_until) == (0, NOW + LEASE)
    task = beaten(task, "olga", NOW + timedelta(seconds=30))
    assert task.spent_ms == 30_000
    task = beaten(task, "olga", NOW + timedelta(minutes=40))
    assert task.spent_ms == 30_000
    assert task.version == TASK.version


def test_a_lease_is_anothers_until_it_ends() -> None:
    task = beaten(TASK, "olga", NOW)
    assert task.open_elsewhere("pavel", NOW + timedelta(seconds=89))
    assert not task.open_elsewhere("olga", NOW)
    assert not task.open_elsewhere("pavel", NOW + timedelta(seconds=90))
    assert not replace(task, lease_until=None).open_elsewhere("pavel", NOW)


def test_the_least_loaded_gets_it() -> None:
    assert least_loaded({"olga": 3, "pavel": 1}, Lots("a")) == "pavel"
    assert least_loaded({"olga": 3, "pavel": 1}, Lots("a"), never=frozenset({"pavel"})) == "olga"
    assert least_loaded({}, Lots("a")) is None
    assert {least_loaded({"olga": 1, "pavel": 1}, Lots(str(seed))) for seed in range(20)} == {"olga", "pavel"}


def test_mentions() -> None:
    assert mentioned("@Olga, и @pavel.j. посмотрите (a@b.ru не считается) @olga") == ("olga", "pavel.j")
