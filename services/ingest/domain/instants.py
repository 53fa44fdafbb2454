"""Instants as whole microseconds since 1970 and as text, exactly and both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MAY_BE_AHEAD = timedelta(hours=48)
_MICROSECOND = timedelta(microseconds=1)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 (UTC)."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(value: int) -> datetime:
    """The instant that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=value)


def text_of(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def milliseconds(start: datetime | None, end: datetime | None) -> int:
    """From start to end, never negative; 0 when one of them is not known."""
    if start is None or end is None:
        return 0
    return max(0, (end - start) // timedelta(milliseconds=1))


def plausible(instant: datetime, received_at: datetime) -> bool:
    """Whether an event may have happened then: not before 2000, not more than two days after it was told."""
    return EARLIEST <= instant <= received_at + MAY_BE_AHEAD
