"""Rows of `calls.csv`: what they mean, and what is wrong with one, said with its line and column."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from services.ingest.domain.importing import BadRow, ImportRow, header_problem, read_row

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MOSCOW = ZoneInfo("Europe/Moscow")
ROW = {"file": "a.wav", "started_at": "2026-05-18 09:15:07", "direction": "in", "duration_s": "42"}


def read(**more: str) -> ImportRow:
    return read_row({**ROW, **more}, 7, MOSCOW, NOW)


def test_a_row_with_a_file_is_an_answered_call_named_by_it() -> None:
    row = read(client_number=" +79000000001 ", seller="s-101", seller_channel="1", rating="5")
    assert (row.call_id, row.file, row.seller_channel, row.rating) == ("a.wav", "a.wav", 1, 5)
    assert row.data == {
        "call_id": "a.wav",
        "direction": "in",
        "outcome": "answered",
        "started_at": "2026-05-18T06:15:07Z",
        "answered_at": None,
        "ended_at": "2026-05-18T06:15:49Z",
        "client_number": "+79000000001",
        "extension": None,
        "responsible": "s-101",
        "line": None,
        "lead_id": None,
        "recording_expected": True,
    }


@pytest.mark.parametrize(
    "written",
    [
        "2026-05-18 09:15:07", "2026-05-18T09:15:07", "2026-05-18T09:15:07+03:00", "2026-05-18T06:15:07Z",
        "18.05.2026 09:15:07", "18.5.2026 9:15:07",
    ],
)  # fmt: skip
def test_ways_to_write_a_time(written: str) -> None:
    assert read(started_at=written).data["started_at"] == "2026-05-18T06:15:07Z"


def test_a_time_may_leave_out_its_end() -> None:
    assert [read(started_at=written).data["started_at"] for written in ("18.05.2026 9:15", "18.05.2026")] == [
        "2026-05-18T06:15:00Z",
        "2026-05-17T21:00:00Z",
    ]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        (["direction", "file"], "the column started_at is missing"),
        (["started_at", "direction", "phone"], "the column 'phone' is not known"),
        (["started_at", "direction", "file", "file"], "the column file stands twice"),
        (["started_at", "direction"], None),
    ],
)
def test_what_is_wrong_with_a_first_line(columns: list[str], problem: str | None) -> None:
    said = header_problem(columns)
    assert said is None if problem is None else said is not None and said.startswith(problem)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"started_at": ""}, "line 7, started_at: is empty"),
        ({"started_at": "31.02.2026"}, "line 7, started_at: is no time"),
        ({"started_at": "05/18/2026"}, "line 7, started_at: is no time"),
        ({"started_at": "1999-12-31"}, "line 7, started_at: lies before 2000 or in the future"),
        ({"outcome": "in_progress"}, "line 7, outcome: must be one of"),
        ({"started_at": "2027-01-01"}, "line 7, started_at: lies before 2000 or in the future"),
        ({"direction": "up"}, "line 7, direction: must be one of: in, out, internal"),
        ({"duration_s": ""}, "line 7, ended_at: ended_at or duration_s is needed"),
        ({"duration_s": "-5"}, "line 7, duration_s: must be a whole number"),
        ({"duration_s": "99999999999"}, "line 7, duration_s: must be a whole number"),
        ({"ended_at": "2026-05-18 09:00:00"}, "line 7, ended_at: lies before started_at"),
        ({"file": ""}, "line 7, call_id: a call needs an id"),
        ({"file": "", "call_id": "x"}, "line 7, outcome: must be one of"),
        ({"file": "../a.wav"}, "line 7, file: must be a path inside the folder"),
        ({"file": "/etc/passwd"}, "line 7, file: must be a path inside the folder"),
        ({"file": "C:/a.wav"}, "line 7, file: must be a path inside the folder"),
        ({"file": "a\\b.wav"}, "line 7, file: must be a path inside the folder"),
        ({"seller_channel": "2"}, "line 7, seller_channel: must be a whole number from 0 to 1"),
        ({"rating": "6"}, "line 7, rating: must be a whole number from 1 to 5"),
        ({"call_id": "x" * 201}, "line 7, call_id: a call needs an id of at most 200"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_with_its_line(change: dict[str, str], said: str) -> None:
    with pytest.raises(BadRow) as bad:
        read(**change)
    assert str(bad.value).startswith(said)
