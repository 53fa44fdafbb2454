"""The page for those who connect a PBX says what the code does."""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.ingest.domain.facts import Outcome, StageKind
from services.ingest.domain.generic import READERS
from services.ingest.domain.importing import COLUMNS, header_problem, read_row
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
