"""Labelled dialogues: reading the evaluation's form, one JSON object a line, into our nouns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.score.domain.dialogue import CrmCard, DepartmentKind, Dialogue, Direction, Speaker, Utterance

CRITERIA = (
    "greeting",
    "client_name",
    "problem_definition",
    "product_story",
    "objection_handling",
    "initiative",
    "closing_push",
    "next_step",
    "farewell",
    "listening",
    "politeness",
    "crm_card",
)
NOT_APPLICABLE = -1.0


@dataclass(frozen=True)
class GoldObjection:
    """A labelled objection; `score` is 0, 0.5 or 1."""

    turn: int
    kind: str
    score: float
    answer_turns: tuple[int, ...]


@dataclass(frozen=True)
class Gold:
    """The labels of one dialogue; a score of −1 means "does not apply"."""

    call_type: str
    scores: Mapping[str, float]
    evidence: Mapping[str, tuple[int, ...]]
    objections: tuple[GoldObjection, ...]
    red_flags: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Example:
    """One dialogue with its name, its author (the file it was written in) and its labels, if any."""

    id: str
    author: str
    heard: bool
    dialogue: Dialogue
    gold: Gold | None


class NotADialogue(ValueError):
    """A line that is not a dialogue in the evaluation's form."""


def load(paths: Iterable[Path]) -> list[Example]:
    """All examples of the files, in order.

    Raises NotADialogue with the file and line when a line does not fit, OSError when a file cannot be read.
    """
    examples: list[Example] = []
    for path in paths:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            if line.strip():
                try:
                    examples.append(example_of(json.loads(line), path.stem))
                except (KeyError, TypeError, ValueError) as error:
                    raise NotADialogue(f"{path}:{number}: {error}") from error
    return examples


def author_of(identifier: str, stem: str) -> str:
    """The author of a dialogue: `train-d` for `train-d-001` and for its heard twin; else the file's name."""
    match = re.match(r"([a-z]+-[a-z]+)-\d+", identifier)
    return match.group(1) if match else stem


def example_of(raw: Mapping[str, Any], stem: str) -> Example:
    """One example from its JSON object."""
    identifier = str(raw["id"])
    return Example(
        id=identifier,
        author=author_of(identifier, stem),
        heard=identifier.endswith("-heard"),
        dialogue=_dialogue(raw),
        gold=_gold(raw["gold"]) if raw.get("gold") else None,
    )


def _dialogue(raw: Mapping[str, Any]) -> Dialogue:
    crm = raw.get("crm")
    direction, department = raw.get("direction"), raw.get("department")
    return Dialogue(
        utterances=tuple(_utterance(i, turn) for i, turn in enumerate(raw["turns"])),
        language=str(raw.get("lang", "ru")),
        direction=Direction(direction) if direction else None,
        department_kind=DepartmentKind(department) if department else None,
        crm=CrmCard(stage=str(crm["stage_after"]), refusal_reason=crm.get("refusal_reason")) if crm else None,
    )


def _utterance(index: int, turn: Mapping[str, Any]) -> Utterance:
    speaker = {"agent": Speaker.SELLER, "client": Speaker.CLIENT}.get(turn["speaker"], Speaker.UNKNOWN)
    confidence = turn.get("confidence")
    return Utterance(
        index=index,
        speaker=speaker,
        start_ms=round(float(turn["start"]) * 1000),
        end_ms=round(float(turn["end"]) * 1000),
        text=str(turn["text"]),
        confidence=None if confidence is None else Decimal(str(confidence)),
    )


def _gold(raw: Mapping[str, Any]) -> Gold:
    scores = {c: NOT_APPLICABLE if s == "na" else float(s) for c, s in raw["scores"].items()}
    return Gold(
        call_type=str(raw["call_type"]),
        scores=scores,
        evidence={c: tuple(turns) for c, turns in raw.get("evidence", {}).items()},
        objections=tuple(
            GoldObjection(int(o["turn"]), str(o["kind"]), float(o["score"]), tuple(o.get("answer_turns", ())))
            for o in raw.get("objections", ())
        ),
        red_flags=tuple((int(f["turn"]), str(f["kind"])) for f in raw.get("red_flags", ())),
    )


def labelled(examples: Sequence[Example]) -> list[tuple[Example, Gold]]:
    """The examples that carry labels, with them."""
    return [(e, e.gold) for e in examples if e.gold is not None]
