"""Labelled dialogues: reading the evaluation's form, one JSON object a line, into our nouns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from services.score.domain.dialogue import CrmCard, DepartmentKind, Dialogue, Direction, Speaker, Utterance
from services.score.domain.draft import CallType, FlagKind, ObjectionKind

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
    decided_at: datetime | None = None  # when people confirmed it; None for written dialogues
    overturned: bool = False  # an upheld appeal: a test for ever, never learnt from

    @property
    def stem(self) -> str:
        """The name that a dialogue shares with its heard twin."""
        return self.id.removesuffix("-heard")


class NotADialogue(ValueError):
    """A line that is not a dialogue in the evaluation's form."""


def load(paths: Iterable[Path]) -> list[Example]:
    """All examples of the files, in order.

    Raises NotADialogue with the file and line when a line does not fit, OSError when a file cannot be read.
    """
    examples: list[Example] = []
    for path in paths:
        for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
            if line.strip():
                try:
                    examples.append(example_of(_object(line), path.stem))
                except NotADialogue as error:
                    raise NotADialogue(f"{path}:{number}: {error}") from None
    return examples


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        raw = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotADialogue("not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise NotADialogue(f"not a JSON object on one line ({getattr(error, 'msg', 'broken')})") from None
    return _mapping(raw, "a line")


def author_of(identifier: str, stem: str) -> str:
    """The author of a dialogue: `train-d` for `train-d-001` and for its heard twin; else the file's name."""
    match = re.match(r"([a-z]+-[a-z]+)-\d+", identifier)
    return match.group(1) if match else stem


def example_of(raw: Mapping[str, Any], stem: str) -> Example:
    """One example from its JSON object; fields that we do not know are passed over. Raises NotADialogue."""
    identifier = str(_needed(raw, "id", ""))
    decided = _mapping(raw.get("decided") or {}, "`decided`")
    return Example(
        id=identifier,
        author=str(raw.get("author") or author_of(identifier, stem)),
        heard=identifier.endswith("-heard") or "spoken" in raw,
        dialogue=_dialogue(raw),
        gold=_gold(_mapping(raw["gold"], "`gold`")) if raw.get("gold") else None,
        decided_at=_moment(decided.get("evaluated_at")),
        overturned=bool(decided.get("overturned")),
    )


def _dialogue(raw: Mapping[str, Any]) -> Dialogue:
    crm = _mapping(raw.get("crm") or {}, "`crm`")
    stage = crm.get("stage_after")
    turns = _list(_needed(raw, "turns", ""), "`turns`")
    return Dialogue(
        utterances=tuple(_utterance(i, _mapping(turn, f"turn {i}")) for i, turn in enumerate(turns)),
        language=str(raw.get("lang") or "ru"),
        direction=_choice(Direction, raw.get("direction"), "`direction`"),
        department_kind=_choice(DepartmentKind, raw.get("department"), "`department`"),
        crm=CrmCard(stage=str(stage), refusal_reason=crm.get("refusal_reason")) if stage else None,
    )


def _utterance(index: int, turn: Mapping[str, Any]) -> Utterance:
    where = f"turn {index} "
    speaker = {"agent": Speaker.SELLER, "client": Speaker.CLIENT}.get(str(turn.get("speaker")), Speaker.UNKNOWN)
    confidence = turn.get("confidence")
    return Utterance(
        index=index,
        speaker=speaker,
        start_ms=round(_number(_needed(turn, "start", where), f"{where}`start`") * 1000),
        end_ms=round(_number(_needed(turn, "end", where), f"{where}`end`") * 1000),
        text=str(_needed(turn, "text", where)),
        confidence=None if confidence is None else Decimal(str(_number(confidence, f"{where}`confidence`"))),
    )


def _gold(raw: Mapping[str, Any]) -> Gold:
    scores = _mapping(_needed(raw, "scores", "`gold` "), "`gold.scores`")
    evidence = _mapping(raw.get("evidence") or {}, "`gold.evidence`")
    kind = _choice(CallType, _needed(raw, "call_type", "`gold` "), "`gold.call_type`")
    return Gold(
        call_type=str(kind),
        scores={c: _score(s, f"`gold.scores.{c}`") for c, s in scores.items()},
        evidence={c: _turns(turns, f"`gold.evidence.{c}`") for c, turns in evidence.items()},
        objections=tuple(_objection(o) for o in _list(raw.get("objections") or [], "`gold.objections`")),
        red_flags=tuple(_flag(f) for f in _list(raw.get("red_flags") or [], "`gold.red_flags`")),
    )


def _objection(raw: Any) -> GoldObjection:
    item = _mapping(raw, "an objection")
    return GoldObjection(
        turn=_turn(_needed(item, "turn", "an objection "), "an objection's `turn`"),
        kind=str(_choice(ObjectionKind, _needed(item, "kind", "an objection "), "an objection's `kind`")),
        score=_step(_needed(item, "score", "an objection "), "an objection's `score`"),
        answer_turns=_turns(item.get("answer_turns") or [], "an objection's `answer_turns`"),
    )


def _flag(raw: Any) -> tuple[int, str]:
    item = _mapping(raw, "a red flag")
    kind = _choice(FlagKind, _needed(item, "kind", "a red flag "), "a red flag's `kind`")
    return _turn(_needed(item, "turn", "a red flag "), "a red flag's `turn`"), str(kind)


_E = TypeVar("_E", bound=StrEnum)


def _needed(raw: Mapping[str, Any], name: str, where: str) -> Any:
    if raw.get(name) is None:
        raise NotADialogue(f"{where}has no `{name}`")
    return raw[name]


def _mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotADialogue(f"{what} is no JSON object")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise NotADialogue(f"{what} is no list")
    return value


def _choice(kinds: type[_E], value: Any, what: str) -> _E | None:
    """The member of that name; None for nothing."""
    if value is None or value == "":
        return None
    if value not in list(kinds):
        raise NotADialogue(f"{what} is {value!r}, and can be {', '.join(kinds)}")
    return kinds(value)


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise NotADialogue(f"{what} is {value!r}, which is no number")
    return float(value)


def _score(value: Any, what: str) -> float:
    return NOT_APPLICABLE if value == "na" else _step(value, what)


def _step(value: Any, what: str) -> float:
    if isinstance(value, bool) or value not in (0, 0.5, 1):
        raise NotADialogue(f"{what} is {value!r}, and can be 0, 0.5 or 1")
    return float(value)


def _turn(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise NotADialogue(f"{what} is {value!r}, which is no turn's number")
    return value


def _turns(value: Any, what: str) -> tuple[int, ...]:
    return tuple(_turn(turn, what) for turn in _list(value, what))


def _moment(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise NotADialogue(f"`decided.evaluated_at` is {value!r}, which is no instant") from None


def labelled(examples: Sequence[Example]) -> list[tuple[Example, Gold]]:
    """The examples that carry labels, with them."""
    return [(e, e.gold) for e in examples if e.gold is not None]
