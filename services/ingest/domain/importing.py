"""Rows of `calls.csv`: what each column means, and what is wrong with a row, said with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from services.ingest.domain.facts import Direction, Outcome
from services.ingest.domain.instants import EARLIEST, text_of

REQUIRED = ("started_at", "direction")
COLUMNS = (
    *REQUIRED,
    "file",
    "call_id",
    "outcome",
    "answered_at",
    "ended_at",
    "duration_s",
    "client_number",
    "extension",
    "seller",
    "line",
    "lead_id",
    "seller_channel",
    "rating",
)
LONGEST_CALL_S = 24 * 3600


class BadRow(ValueError):
    """A row that cannot be imported: line in the file (the header is 1), column, one sentence."""

    def __init__(self, line: int, column: str, detail: str) -> None:
        super().__init__(f"line {line}, {column}: {detail}")


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One call to import; `file` is a name inside the folder."""

    line: int
    call_id: str
    file: str | None
    data: Mapping[str, Any]
    seller_channel: int | None
    rating: int | None
    ended_at: datetime


def header_problem(columns: list[str]) -> str | None:
    """What is wrong with the first line; None when it will do."""
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        return f"the column {missing[0]} is missing; known columns: {', '.join(COLUMNS)}"
    unknown = [name for name in columns if name not in COLUMNS]
    if unknown:
        return f"the column {unknown[0]!r} is not known; known columns: {', '.join(COLUMNS)}"
    doubled = [name for name in columns if columns.count(name) > 1]
    return f"the column {doubled[0]} stands twice" if doubled else None


def read_row(values: Mapping[str, str | None], line: int, zone: tzinfo, now: datetime) -> ImportRow:
    """A row in our words. `zone` is for times without an offset. Raises BadRow."""
    row = {name: (value or "").strip() for name, value in values.items()}
    started_at = _time(row, "started_at", line, zone, now)
    if started_at is None:
        raise BadRow(line, "started_at", "is empty")
    file = _file(row, line)
    call_id = row.get("call_id") or file or ""
    if not 0 < len(call_id) <= 200:
        raise BadRow(line, "call_id", "a call needs an id of at most 200 characters, or a file")
    answered_at = _time(row, "answered_at", line, zone, now)
    ended_at = _ended_at(row, line, zone, now, answered_at or started_at)
    if ended_at < started_at:
        raise BadRow(line, "ended_at", "lies before started_at")
    outcome = row.get("outcome") or (Outcome.ANSWERED.value if file else "")
    data = {
        "call_id": call_id,
        "direction": _one_of(row, "direction", [item.value for item in Direction], line),
        "outcome": _one_of({"outcome": outcome}, "outcome", _outcomes(), line),
        "started_at": text_of(started_at),
        "answered_at": text_of(answered_at) if answered_at else None,
        "ended_at": text_of(ended_at),
        "client_number": row.get("client_number") or None,
        "extension": row.get("extension") or None,
        "responsible": row.get("seller") or None,
        "line": row.get("line") or None,
        "lead_id": row.get("lead_id") or None,
        "recording_expected": file is not None,
    }
    return ImportRow(
        line,
        call_id,
        file,
        data,
        _whole(row, "seller_channel", 0, 1, line),
        _whole(row, "rating", 1, 5, line),
        ended_at,
    )


def _outcomes() -> list[str]:
    return [item.value for item in Outcome if item is not Outcome.IN_PROGRESS]


def _file(row: Mapping[str, str], line: int) -> str | None:
    """A plain relative path; whether it leads out of the folder is checked again where the file is opened."""
    name = row.get("file") or ""
    if not name:
        return None
    parts = name.split("/")
    if name.startswith(("/", "\\")) or ".." in parts or "\\" in name or "\0" in name or re.match(r"[A-Za-z]:", name):
        raise BadRow(line, "file", "must be a path inside the folder, with / between its parts")
    return name


def _time(row: Mapping[str, str], column: str, line: int, zone: tzinfo, now: datetime) -> datetime | None:
    text = row.get(column) or ""
    if not text:
        return None
    try:
        read = datetime.fromisoformat(_as_iso(text))
        instant = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRow(line, column, "is no time like 2026-05-18 09:15:07 or 2026-05-18T09:15:07+03:00") from error
    if not EARLIEST <= instant <= now + timedelta(days=1):
        raise BadRow(line, column, "lies before 2000 or in the future")
    return instant


def _as_iso(text: str) -> str:
    """Tables made in Russian offices write 18.05.2026 9:15 or 18.05.2026 09:15:07; anything else stays as it is."""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: +(\d{1,2}):(\d\d)(?::(\d\d))?)?", text)
    if found is None:
        return text
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"


def _ended_at(row: Mapping[str, str], line: int, zone: tzinfo, now: datetime, began: datetime) -> datetime:
    told = _time(row, "ended_at", line, zone, now)
    if told is not None:
        return told
    seconds = _whole(row, "duration_s", 0, LONGEST_CALL_S, line)
    if seconds is None:
        raise BadRow(line, "ended_at", "ended_at or duration_s is needed")
    return began + timedelta(seconds=seconds)


def _whole(row: Mapping[str, str], column: str, smallest: int, largest: int, line: int) -> int | None:
    text = row.get(column) or ""
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text) or not smallest <= int(text) <= largest:
        raise BadRow(line, column, f"must be a whole number from {smallest} to {largest}")
    return int(text)


def _one_of(row: Mapping[str, str], column: str, allowed: list[str], line: int) -> str:
    value = row.get(column) or ""
    if value not in allowed:
        raise BadRow(line, column, f"must be one of: {', '.join(allowed)}")
    return value
