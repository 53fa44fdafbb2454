"""Reads a scorecard from the plain data of its document, naming the place of whatever is wrong in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, TypeVar

from services.score.domain.dialogue import DepartmentKind
from services.score.domain.draft import CallType
from services.score.domain.scorecard import (
    SCORED_TYPES,
    Block,
    Criterion,
    JudgedBy,
    Phrases,
    Rules,
    Scale,
    Scorecard,
    Text,
    Thresholds,
)

CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
BLOCK_KEYS = {"code", "label", "phrases", "criteria"}
CRITERION_KEYS = {
    "code",
    "label",
    "weights",
    "judged_by",
    "scale",
    "rule",
    "not_applicable",
    "departments",
    "auto_fail_at",
    "rules",
    "phrases",
}
TOP_KEYS = {"id", "label", "blocks", "thresholds"}
Path = tuple[str | int, ...]
E = TypeVar("E", CallType, DepartmentKind, JudgedBy, Scale)


class InvalidScorecard(ValueError):
    """A document that is no scorecard; `path` leads to the fault (keys and indices from the top)."""

    code: ClassVar[str] = "invalid_scorecard"

    def __init__(self, problem: str, path: Path = ()) -> None:
        self.problem = problem
        self.path = path
        where = ".".join(str(step) for step in path)
        super().__init__(f"{where}: {problem}" if where else problem)


def read_scorecard(document: Any) -> Scorecard:
    """The scorecard that the document describes. Raises InvalidScorecard with the place of the first fault."""
    top = _mapping(document, (), TOP_KEYS)
    blocks = tuple(_block(item, ("blocks", i)) for i, item in enumerate(_list(top.get("blocks"), ("blocks",))))
    _unique(((block.code, ("blocks", i, "code")) for i, block in enumerate(blocks)), "block")
    codes = (
        (criterion.code, ("blocks", i, "criteria", j, "code"))
        for i, block in enumerate(blocks)
        for j, criterion in enumerate(block.criteria)
    )
    _unique(codes, "criterion")
    return Scorecard(
        id=_code(top.get("id"), ("id",), dashes=True),
        label=_text(top.get("label"), ("label",)),
        blocks=blocks,
        thresholds=_thresholds(top.get("thresholds"), ("thresholds",)),
    )


def _block(value: Any, path: Path) -> Block:
    data = _mapping(value, path, BLOCK_KEYS)
    items = _list(data.get("criteria"), (*path, "criteria"))
    return Block(
        code=_code(data.get("code"), (*path, "code")),
        label=_text(data.get("label"), (*path, "label")),
        criteria=tuple(_criterion(item, (*path, "criteria", i)) for i, item in enumerate(items)),
        phrases=_phrases(data.get("phrases"), (*path, "phrases")),
    )


def _criterion(value: Any, path: Path) -> Criterion:
    data = _mapping(value, path, CRITERION_KEYS)
    code = _code(data.get("code"), (*path, "code"))
    judged_by = _enum(JudgedBy, data.get("judged_by", JudgedBy.TRANSCRIPT), (*path, "judged_by"))
    built_in = None if judged_by in (JudgedBy.PHRASES, JudgedBy.PERSON) else code
    departments = data.get("departments")
    fail_at = data.get("auto_fail_at")
    return Criterion(
        code=code,
        label=_text(data.get("label"), (*path, "label")),
        weights=_weights(data.get("weights"), (*path, "weights")),
        judged_by=judged_by,
        scale=_enum(Scale, data.get("scale", Scale.HALVES), (*path, "scale")),
        rule=_code(data["rule"], (*path, "rule")) if data.get("rule") else built_in,
        not_applicable=frozenset(_enums(CallType, data.get("not_applicable", []), (*path, "not_applicable"))),
        departments=frozenset(
            DepartmentKind if departments is None else _enums(DepartmentKind, departments, (*path, "departments"))
        ),
        auto_fail_at=None if fail_at is None else _share(fail_at, (*path, "auto_fail_at")),
        rules=_rules(data.get("rules"), (*path, "rules")),
        phrases=_phrases(data.get("phrases"), (*path, "phrases")),
    )


def _weights(value: Any, path: Path) -> Mapping[CallType, Decimal]:
    """One figure for all types, or one a type with every scored type named."""
    if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
        weight = _weight(value, path)
        return dict.fromkeys(SCORED_TYPES, weight)
    data = _mapping(value, path, {str(kind.value) for kind in SCORED_TYPES})
    missing = [kind.value for kind in SCORED_TYPES if kind.value not in data]
    if missing:
        raise InvalidScorecard(f"no weight for {', '.join(missing)}", path)
    return {kind: _weight(data[kind.value], (*path, kind.value)) for kind in SCORED_TYPES}


def _weight(value: Any, path: Path) -> Decimal:
    weight = _decimal(value, path)
    if not 0 <= weight <= 1000:
        raise InvalidScorecard(f"a weight lies between 0 and 1000, not at {weight}", path)
    return weight


def _share(value: Any, path: Path) -> Decimal:
    share = _decimal(value, path)
    if not 0 <= share <= 1:
        raise InvalidScorecard(f"a share lies between 0 and 1, not at {share}", path)
    return share


def _rules(value: Any, path: Path) -> Rules:
    if value is None:
        return Rules()
    data = {str(key): item for key, item in _mapping(value, path).items()}
    names = {"1": "full", "1.0": "full", "0.5": "half", "0": "none", "0.0": "none", "na": "not_applicable"}
    unknown = sorted(set(data) - set(names))
    if unknown:
        raise InvalidScorecard(f"rules are for 1, 0.5, 0 and na, not for {unknown[0]}", path)
    return Rules(**{names[key]: _text(item, (*path, key)) for key, item in data.items()})


def _thresholds(value: Any, path: Path) -> Thresholds:
    if value is None:
        return Thresholds()
    data = _mapping(value, path, set(Thresholds.__dataclass_fields__))
    figures: dict[str, Any] = {name: _decimal(item, (*path, name)) for name, item in data.items()}
    if "consultation_minutes" in figures:
        figures["consultation_minutes"] = int(figures["consultation_minutes"])
    return Thresholds(**figures)


def _phrases(value: Any, path: Path) -> Phrases:
    if value is None:
        return Phrases()
    data = _mapping(value, path, {"examples", "forbidden"})
    return Phrases(
        examples=tuple(_strings(data.get("examples", []), (*path, "examples"))),
        forbidden=tuple(_strings(data.get("forbidden", []), (*path, "forbidden"))),
    )


def _text(value: Any, path: Path) -> Text:
    """A wording: one string for both languages, or `ru` and `en` (the one that is missing is taken from the other)."""
    if isinstance(value, str) and value.strip():
        return Text(value.strip(), value.strip())
    data = _mapping(value, path, {"ru", "en"})
    ru, en = data.get("ru") or data.get("en"), data.get("en") or data.get("ru")
    if not isinstance(ru, str) or not isinstance(en, str):
        raise InvalidScorecard("a wording is needed", path)
    if len(ru) > 300 or len(en) > 300:
        raise InvalidScorecard("a wording has at most 300 characters", path)
    return Text(ru.strip(), en.strip())


def _mapping(value: Any, path: Path, allowed: set[str] | None = None) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidScorecard("named fields are needed here", path)
    unknown = [] if allowed is None else sorted(str(key) for key in value if key not in allowed)
    if unknown:
        raise InvalidScorecard(f"unknown field {unknown[0]}", path)
    return value


def _list(value: Any, path: Path) -> Sequence[Any]:
    if not isinstance(value, list) or not value:
        raise InvalidScorecard("a list with at least one entry is needed here", path)
    return value


def _strings(value: Any, path: Path) -> Sequence[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
        raise InvalidScorecard("a list of phrases is needed here", path)
    return [item.strip() for item in value]


def _code(value: Any, path: Path, *, dashes: bool = False) -> str:
    text = value.replace("-", "_") if dashes and isinstance(value, str) else value
    if not isinstance(text, str) or not CODE.fullmatch(text):
        raise InvalidScorecard("a code of small Latin letters, digits and _ is needed here", path)
    return str(value)


def _decimal(value: Any, path: Path) -> Decimal:
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        raise InvalidScorecard(f"a figure is needed here, not {str(value)[:40]!r}", path) from None
    if isinstance(value, bool) or not figure.is_finite():
        raise InvalidScorecard("a figure is needed here", path)
    return figure


def _enum(kind: type[E], value: Any, path: Path) -> E:
    try:
        return kind(str(value))
    except ValueError:
        names = ", ".join(member.value for member in kind)
        raise InvalidScorecard(f"{str(value)[:40]!r} is none of {names}", path) from None


def _enums(kind: type[E], value: Any, path: Path) -> list[E]:
    if not isinstance(value, list):
        raise InvalidScorecard("a list is needed here", path)
    return [_enum(kind, item, (*path, i)) for i, item in enumerate(value)]


def _unique(codes: Iterator[tuple[str, Path]], noun: str) -> None:
    seen: set[str] = set()
    for code, path in codes:
        if code in seen:
            raise InvalidScorecard(f"the {noun} {code} stands here twice", path)
        seen.add(code)
