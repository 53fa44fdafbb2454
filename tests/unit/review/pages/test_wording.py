"""Times, lengths, scores and money as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from services.review.web.pages.figures import mean_and_margin
from services.review.web.pages.months import moved
from services.review.web.pages.wording import Wording
from services.review.web.pages.words import words_of

NOW = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past midnight of the 25th in Moscow
RU = Wording(words_of("ru"), "Europe/Moscow", NOW)
EN = Wording(words_of("en"), "Europe/Moscow", NOW)


@pytest.mark.parametrize(
    ("when", "ru", "en"),
    [
        (NOW, "сегодня 00:30", "today 00:30"),
        (NOW - timedelta(hours=1), "вчера 23:30", "yesterday 23:30"),
        (NOW + timedelta(days=1), "завтра 00:30", "tomorrow 00:30"),
        (NOW - timedelta(days=40), "16.10 00:30", "16 Oct 00:30"),
        (NOW - timedelta(days=400), "21.10.2025 00:30", "21 Oct 2025 00:30"),
    ],
)
def test_moments_in_the_persons_own_zone(when: datetime, ru: str, en: str) -> None:
    assert (RU.moment(when), EN.moment(when)) == (ru, en)


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(hours=47, minutes=59), "1 д 23 ч"),
        (timedelta(minutes=61), "1 ч 1 мин"),
        (timedelta(seconds=59), "меньше минуты"),
        (timedelta(seconds=-5), "меньше минуты"),
    ],
)
def test_time_left_in_two_units(left: timedelta, said: str) -> None:
    assert RU.left(NOW + left) == said


@pytest.mark.parametrize(("ms", "said"), [(0, "0:00"), (252_999, "4:12"), (3_725_000, "1:02:05")])
def test_places_in_a_recording(ms: int, said: str) -> None:
    assert RU.clock(ms) == said


@pytest.mark.parametrize(
    ("value", "drawn"),
    [("0", "0"), ("0.5", "½"), ("1", "1"), ("na", "–"), ("0.25", "0.25"), (Decimal("0.50"), "½"), (None, "–")],
)
def test_scores_are_drawn(value: str | Decimal | None, drawn: str) -> None:
    assert RU.glyph(value) == drawn


def test_money_stands_with_its_currency() -> None:
    assert RU.money(Decimal("1500"), "RUB").replace("\u00a0", " ").replace("\u202f", " ") == "1 500 ₽"


@pytest.mark.parametrize(("month", "by", "there"), [("2026-01", -1, "2025-12"), ("2026-12", 1, "2027-01")])
def test_months_roll_over_years(month: str, by: int, there: str) -> None:
    assert moved(month, by) == there


@pytest.mark.parametrize(
    ("values", "mean", "margin"),
    [
        ((60, 70, 80), Decimal(70), Decimal("24.84")),
        ((50, 50, 50, 50), Decimal(50), Decimal(0)),
        ((90, 10), Decimal(50), None),
    ],
)
def test_a_mean_says_how_sure_it_is(values: tuple[int, ...], mean: Decimal, margin: Decimal | None) -> None:
    found, half = mean_and_margin([Decimal(value) for value in values])
    assert (found, None if half is None else half.quantize(Decimal("0.01"))) == (
        mean,
        None if margin is None else margin.quantize(Decimal("0.01")),
    )
