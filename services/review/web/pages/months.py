"""Months as the address writes them, `YYYY-MM`: this one, the one before, the one after."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.review.handlers.refusals import BadInput


def month_now(now: datetime, zone: str) -> str:
    """The month of an instant in a zone."""
    return f"{now.astimezone(ZoneInfo(zone)):%Y-%m}"


def month_asked(text: str | None, now: datetime, zone: str) -> str:
    """The month that was asked for; this one when that makes no sense."""
    return text if text and re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", text, re.ASCII) else month_now(now, zone)


def first_day(month: str) -> date:
    """The month's first day."""
    return date.fromisoformat(f"{month}-01")


def moved(month: str, by: int) -> str:
    """Some months later (or earlier)."""
    year, number = int(month[:4]), int(month[5:]) - 1 + by
    return f"{year + number // 12}-{number % 12 + 1:02}"


def end_of_day(text: str, zone: str) -> datetime:
    """The instant (aware UTC) at which a local day `YYYY-MM-DD` ends. Raises BadInput."""
    try:
        day = date.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput("bad_deadline", "A day is written YYYY-MM-DD.") from wrong
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
