"""Files of dialogues as others write them: what is read, what is passed over, what is told in one sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.score.domain.dialogue import DepartmentKind, Speaker
from services.score.training.dataset import Example, NotADialogue, load

TURN = {"speaker": "agent", "start": 0.5, "end": 2, "text": "Добрый день!"}
GOLD = {"call_type": "qualification", "scores": {"greeting": 0.5, "farewell": "na"}}


def read(tmp_path: Path, *lines: dict[str, Any] | str | bytes) -> list[Example]:
    path = tmp_path / "calls.jsonl"
    texts = [line if isinstance(line, bytes | str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_bytes(b"\n".join(t if isinstance(t, bytes) else t.encode() for t in texts))
    return load([path])


def test_a_bare_dialogue_with_fields_of_its_own_is_read(tmp_path: Path) -> None:
    turn = TURN | {"emotion": "calm", "words": [1]}
    [example] = read(tmp_path, {"id": "x", "turns": [turn, TURN | {"speaker": "robot"}], "weather": "rain"}, "", "  ")
    assert example.gold is None
    assert (example.author, example.heard, example.dialogue.language) == ("calls", False, "ru")
    assert [(u.speaker, u.start_ms, u.end_ms) for u in example.dialogue.utterances] == [
        (Speaker.SELLER, 500, 2000),
        (Speaker.UNKNOWN, 500, 2000),
    ]


def test_nobody_said_anything(tmp_path: Path) -> None:
    [example] = read(tmp_path, {"id": "x", "turns": [], "crm": None, "department": "sales", "gold": None})
    assert example.dialogue.utterances == ()
    assert example.dialogue.department_kind is DepartmentKind.SALES


def test_a_heard_dialogue_is_known_by_what_was_spoken(tmp_path: Path) -> None:
    [example] = read(tmp_path, {"id": "x", "turns": [TURN], "spoken": []})
    assert example.heard


def test_a_confirmed_evaluation_brings_its_seller_and_its_time(tmp_path: Path) -> None:
    decided = {"evaluated_at": "2026-11-23T09:00:00Z", "overturned": True}
    [example] = read(tmp_path, {"id": "c-1", "author": "s-1", "turns": [TURN], "gold": GOLD, "decided": decided})
    assert (example.author, example.overturned) == ("s-1", True)
    assert example.decided_at == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert example.gold is not None
    assert example.gold.scores == {"greeting": 0.5, "farewell": -1.0}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('{"id": "x", "turns": [', "not a JSON object on one line (Expecting value)"),
        ("[1]", "a line is no JSON object"),
        ('{"id": "я"}'.encode("cp1251"), "not UTF-8"),
        ({"turns": []}, "has no `id`"),
        ({"id": "x"}, "has no `turns`"),
        ({"id": "x", "turns": {}}, "`turns` is no list"),
        ({"id": "x", "turns": ["Алло"]}, "turn 0 is no JSON object"),
        ({"id": "x", "turns": [TURN, {"speaker": "agent", "start": 0, "end": 1}]}, "turn 1 has no `text`"),
        ({"id": "x", "turns": [TURN | {"start": "0:01"}]}, "turn 0 `start` is '0:01', which is no number"),
        (
            {"id": "x", "turns": [], "department": "support"},
            "`department` is 'support', and can be call_center, sales",
        ),
        ({"id": "x", "turns": [], "gold": {"call_type": "spam"}}, "`gold` has no `scores`"),
        (
            {"id": "x", "turns": [], "gold": GOLD | {"scores": {"greeting": "good"}}},
            "`gold.scores.greeting` is 'good', and can be 0, 0.5 or 1",
        ),
        (
            {"id": "x", "turns": [], "gold": GOLD | {"evidence": {"greeting": ["0"]}}},
            "`gold.evidence.greeting` is '0', which is no turn's number",
        ),
    ],
)
def test_a_broken_line_is_told_in_one_sentence(
    tmp_path: Path, line: dict[str, Any] | str | bytes, sentence: str
) -> None:
    with pytest.raises(NotADialogue) as told:
        read(tmp_path, {"id": "whole", "turns": [TURN]}, line)
    assert str(told.value) == f"{tmp_path / 'calls.jsonl'}:2: {sentence}"
