"""Scorecards as YAML files: the ready ones in the package, a firm's own in a folder; faults and warnings get lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import yaml

from services.score.domain.scorecard import Scorecard
from services.score.domain.scorecard_check import check_scorecard
from services.score.domain.scorecard_document import InvalidScorecard, Path, read_scorecard

READY_FOLDER = FilePath(__file__).parent / "scorecards"
LARGEST_BYTES = 262_144
CHOICE_FILE = "choice.yaml"


@dataclass(frozen=True)
class Finding:
    """A warning with its line in the file (1 is the first)."""

    line: int
    code: str
    criterion: str | None
    message: str


class ScorecardFault(ValueError):
    """A file that is no scorecard; `line` says where (1 is the first)."""

    code = "invalid_scorecard"

    def __init__(self, name: str, line: int, problem: str) -> None:
        self.line = line
        super().__init__(f"{name}:{line}: {problem}")


def parse_scorecard(text: str, name: str = "scorecard") -> Scorecard:
    """A scorecard from YAML text. Raises ScorecardFault with the line of the first fault."""
    document, node = _load(text, name)
    try:
        return read_scorecard(document)
    except InvalidScorecard as fault:
        raise ScorecardFault(name, _line(node, fault.path), str(fault)) from None


def load_scorecard(path: FilePath) -> Scorecard:
    """A scorecard from a file. Raises ScorecardFault, OSError when there is no such file."""
    if path.stat().st_size > LARGEST_BYTES:
        raise ScorecardFault(path.name, 1, f"larger than {LARGEST_BYTES} bytes")
    return parse_scorecard(path.read_text(encoding="utf-8"), path.name)


def check_text(text: str, name: str = "scorecard") -> tuple[Scorecard, tuple[Finding, ...]]:
    """A scorecard and its warnings with their lines. Raises ScorecardFault when it is none."""
    scorecard = parse_scorecard(text, name)
    _, node = _load(text, name)
    findings = tuple(
        Finding(_line(node, warning.path), warning.code, warning.criterion, warning.message)
        for warning in check_scorecard(scorecard)
    )
    return scorecard, findings


def ready_scorecard(card_id: str = "default") -> Scorecard:
    """One of the ready cards: `default`, `sales`, `cold_calls_b2b`. Raises OSError for another name."""
    return load_scorecard(READY_FOLDER / f"{card_id}.yaml")


def _load(text: str, name: str) -> tuple[Any, yaml.Node | None]:
    try:
        return yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ScorecardFault(name, mark.line + 1 if mark else 1, str(error.problem or "is no YAML")) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ScorecardFault(name, 1, "is no YAML") from None


def _line(node: yaml.Node | None, path: Path) -> int:
    """Line of the deepest part of the path that the file has."""
    line = 1
    for step in path:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            found = node.value[step]
            line = found.start_mark.line + 1
        if found is None:
            return line
        node = found
    return line
