"""The page for those who connect a PBX says what the code does."""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.domain.facts import Outcome, StageKind
from services.ingest.domain.generic import READERS
from services.ingest.domain.importing import COLUMNS, BadRow, header_problem, read_row
from services.ingest.domain.refusals import Refused

PAGE = (Path(__file__).parents[3] / "docs" / "webhook.md").read_text("utf-8")
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_every_event_has_its_heading() -> None:
    assert re.findall(r"^### `([a-z.]+)`", PAGE, re.MULTILINE) == list(READERS)


@pytest.mark.parametrize("code", [item.code for item in Refused if item.value.status not in (400,)])
def test_every_refusal_of_the_webhook_is_named(code: str) -> None:
    assert f"`{code}`" in PAGE or code == "key_wrong"


@pytest.mark.parametrize("word", [*(item.value for item in Outcome), *(item.value for item in StageKind)])
def test_every_word_of_the_lists_is_named(word: str) -> None:
    assert f"`{word}`" in PAGE or word == "in_progress"


def test_every_column_of_the_import_is_named_and_the_example_is_read() -> None:
    assert [
        name for name in COLUMNS if f"`{name}`" not in PAGE and f",{name}" not in PAGE and f"{name}," not in PAGE
    ] == []
    lines = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
    (row,) = csv.DictReader(lines)
    assert header_problem(list(row)) is None
    read = read_row(row, 2, UTC, NOW)
    assert (read.call_id, read.seller_channel, read.rating) == ("2026/0518-4711.wav", 0, 5)
    assert (read.data["responsible"], read.data["outcome"], read.data["ended_at"]) == (
        "s-101",
        "answered",
        "2026-05-18T09:15:49Z",
    )


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


GOOD = {"started_at": "2026-05-18 09:15:07", "direction": "in", "file": "a.wav", "duration_s": "5"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"started_at": ""}, "line 7, started_at: is empty"),
        ({"started_at": "1.5.2026"}, "line 7, started_at: is no time"),
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
        read_row({**GOOD, **change}, 7, UTC, NOW)
    assert str(bad.value).startswith(said)
