"""Appeals: 48 real hours whatever the clocks do, and corrections only of what was appealed, in the seller's favour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.review.domain.appeals import (
    Appeal,
    AppealFault,
    Correction,
    approve_at,
    cqr_after,
    fault_of_corrections,
    fault_of_points,
)
from services.review.domain.evaluation import Verdict
from tests.unit.review.test_evaluation import NOW, evaluation, scored

FIRST = evaluation(scored("greeting", "1"), scored("handling", "0.5"))
APPEAL = Appeal("a", "c", "e", "marina", "olga", "нет", {"handling": "была отработка"}, NOW)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 12, 0)),  # an hour is missing
        ("Europe/Berlin", datetime(2026, 10, 24, 12, 0)),  # an hour is there twice
        ("America/New_York", datetime(2026, 10, 31, 12, 0)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 12, 0)),  # half an hour
        ("Europe/Volgograd", datetime(2020, 12, 26, 12, 0)),  # the zone itself changed
        ("Asia/Almaty", datetime(2024, 2, 29, 12, 0)),
        ("Pacific/Apia", datetime(2011, 12, 29, 12, 0)),  # a whole day never was
        ("Europe/Moscow", datetime(2026, 11, 24, 12, 0)),
    ],
)
def test_48_hours_are_48_hours(zone: str, local: datetime) -> None:
    evaluated = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert (approve_at(evaluated).astimezone(UTC) - evaluated) == timedelta(hours=48)


@pytest.mark.parametrize(
    ("points", "fault"),
    [
        ({"handling": "была"}, None),
        ({}, AppealFault.NO_POINTS),
        ({"closing": "была"}, AppealFault.UNKNOWN_CRITERION),
        ({"handling": "  "}, AppealFault.NO_REASON),
    ],
)
def test_points(points: dict[str, str], fault: AppealFault | None) -> None:
    assert fault_of_points(FIRST, points) == fault


@pytest.mark.parametrize(
    ("corrections", "fault"),
    [
        ({"handling": Correction(Verdict.SCORED, Decimal(1))}, None),
        ({"handling": Correction(Verdict.NOT_APPLICABLE, None)}, None),
        ({"greeting": Correction(Verdict.SCORED, Decimal(1))}, AppealFault.NOT_APPEALED),
        ({"handling": Correction(Verdict.SCORED, Decimal("0.7"))}, AppealFault.BAD_SCORE),
        ({"handling": Correction(Verdict.SCORED, None)}, AppealFault.BAD_SCORE),
        ({"handling": Correction(Verdict.SCORED, Decimal("0.5"))}, AppealFault.NO_CORRECTION),
        ({"handling": Correction(Verdict.SCORED, Decimal(0))}, AppealFault.NOT_IN_FAVOUR),
        ({}, AppealFault.NO_CORRECTION),
    ],
)
def test_corrections(corrections: dict[str, Correction], fault: AppealFault | None) -> None:
    assert fault_of_corrections(FIRST, APPEAL, corrections) == fault


def test_rate_after_a_correction() -> None:
    assert cqr_after(FIRST, {"handling": Correction(Verdict.SCORED, Decimal(1))}) == Decimal("100.00")
