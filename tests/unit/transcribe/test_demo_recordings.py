"""The committed recordings of the demo are those of the index, small, and what the demo needs of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from demo.voices.script import load_all
from services.transcribe.adapters.formats import demuxer_of
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.verdicts import CannotHear

FOLDER = Path(__file__).parents[3] / "demo" / "recordings"
INDEX: list[dict[str, Any]] = yaml.safe_load((FOLDER / "index.yaml").read_text("utf-8"))["recordings"]
SPOKEN = [entry for entry in INDEX if entry["text"] is not None]


def text_of(entry: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / entry["text"]).read_text("utf-8"))
    return document


def test_the_index_names_every_file_and_its_bytes() -> None:
    named = {entry["file"] for entry in INDEX} | {entry["text"] for entry in SPOKEN} | {"index.yaml"}
    assert {path.name for path in FOLDER.iterdir()} == named
    for entry in INDEX:
        assert hashlib.sha256((FOLDER / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_they_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 4 * 2**20


def test_eight_calls_have_two_speakers_and_the_length_of_a_short_call() -> None:
    calls = [entry for entry in SPOKEN if entry["expected"]["state"] == "drafted"]
    assert len(calls) == 8
    for entry in calls:
        turns = text_of(entry)["turns"]
        assert {turn["speaker"] for turn in turns} == {"seller", "client"}
        assert 25_000 <= entry["duration_ms"] <= 50_000
        assert 10 <= len(turns) <= 16


@pytest.mark.parametrize("entry", SPOKEN, ids=lambda entry: str(entry["id"]))
def test_the_text_is_the_written_one_with_times_inside_the_recording(entry: dict[str, Any]) -> None:
    script = next(script for script in load_all() if script.id == entry["id"])
    document = text_of(entry)
    assert [(turn["speaker"], turn["text"]) for turn in document["turns"]] == [
        (turn.speaker, turn.text) for turn in script.turns
    ]
    assert all(0 <= turn["start_ms"] < turn["end_ms"] <= document["duration_ms"] for turn in document["turns"])
    assert not any(sign.isdigit() for turn in script.turns for sign in turn.text)


def test_some_turns_overlap_and_the_others_have_pauses() -> None:
    turns = [pair for entry in SPOKEN for pair in zip(*[iter_turns(entry)[shift:] for shift in (0, 1)], strict=False)]
    gaps = [after["start_ms"] - before["end_ms"] for before, after in turns]
    assert sum(1 for gap in gaps if gap < 0) >= 2
    assert sum(1 for gap in gaps if gap >= 500) >= 20


def iter_turns(entry: dict[str, Any]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = text_of(entry)["turns"]
    return turns


def test_the_files_are_what_they_should_be() -> None:
    kinds = {entry["id"]: demuxer_of((FOLDER / entry["file"]).read_bytes()) for entry in SPOKEN}
    assert set(kinds.values()) == {"wav", "mp3", "ogg", "flac"}
    with pytest.raises(CannotHear) as broken:
        demuxer_of((FOLDER / "broken.mp3").read_bytes())
    assert broken.value.reason is FailureReason.BROKEN_AUDIO
