"""Months as the address writes them, `YYYY-MM`: this one, the one before, the one after."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo


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
