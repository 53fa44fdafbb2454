"""Scorecards as YAML files: the ready ones in the package, a firm's own in a folder; faults and warnings get lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Any

import yaml

from services.runtime.errors import TransientError
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
    document = _load(text, name)
    try:
        return read_scorecard(document)
    except InvalidScorecard as fault:
        raise ScorecardFault(name, _line(_tree(text), fault.path), str(fault)) from None


def load_scorecard(path: FilePath) -> Scorecard:
    """A scorecard from a file. Raises ScorecardFault, OSError when there is no such file."""
    if path.stat().st_size > LARGEST_BYTES:
        raise ScorecardFault(path.name, 1, f"larger than {LARGEST_BYTES} bytes")
    return parse_scorecard(path.read_text(encoding="utf-8"), path.name)


def check_text(text: str, name: str = "scorecard") -> tuple[Scorecard, tuple[Finding, ...]]:
    """A scorecard and its warnings with their lines. Raises ScorecardFault when it is none."""
    scorecard = parse_scorecard(text, name)
    node = _tree(text)
    findings = tuple(
        Finding(_line(node, warning.path), warning.code, warning.criterion, warning.message)
        for warning in check_scorecard(scorecard)
    )
    return scorecard, findings


def ready_scorecard(card_id: str = "default") -> Scorecard:
    """One of the ready cards: `default`, `sales`, `cold_calls_b2b`. Raises OSError for another name."""
    return load_scorecard(READY_FOLDER / f"{card_id}.yaml")


class ScorecardShelf:
    """See `ports.Scorecards`: a firm's own cards and its choice a department lie in one folder, ours are always there.

    `choice.yaml` in the folder: `{company: default, departments: {department id: card id}}`. It and the cards are read
    when they are asked for, so that a change counts from the next draft on.
    """

    def __init__(self, folder: FilePath) -> None:
        self._folder = folder

    def cards(self) -> dict[str, FilePath]:
        """Every card by its id (the file's name); a firm's own wins over a ready one of that name."""
        folders = [folder for folder in (READY_FOLDER, self._folder) if folder.is_dir()]
        paths = [path for folder in folders for path in sorted(folder.glob("*.yaml")) if path.name != CHOICE_FILE]
        return {path.stem: path for path in paths}

    def choice(self) -> dict[str, str]:
        """Card id by department id; the company's own stands under the empty id. Raises ScorecardFault."""
        path = self._folder / CHOICE_FILE
        document = _load(path.read_text(encoding="utf-8"), CHOICE_FILE) if path.is_file() else {}
        if not isinstance(document, dict) or not isinstance(document.get("departments") or {}, dict):
            raise ScorecardFault(CHOICE_FILE, 1, "needs the fields `company` and `departments`")
        departments = document.get("departments") or {}
        return {
            "": str(document.get("company", "default")),
            **{str(key): str(card) for key, card in departments.items()},
        }

    def of_department(self, department_id: str | None) -> Scorecard:
        """The department's card, else the company's. Raises TransientError while it is broken: people mend it."""
        try:
            choice = self.choice()
            card_id = choice.get(department_id or "", choice[""])
            path = self.cards().get(card_id)
            if path is None:
                raise ScorecardFault(CHOICE_FILE, 1, f"names the card {card_id}, which is not there")
            stamp = path.stat()
            return _cached(path, stamp.st_mtime_ns, stamp.st_size)
        except (ScorecardFault, OSError) as fault:
            raise TransientError(f"The scorecard cannot be read: {fault}") from fault

    def choose(self, card_id: str, department_id: str | None) -> None:
        """Chooses a card for a department, or for the company. Raises ScorecardFault when there is no such card."""
        if card_id not in self.cards():
            raise ScorecardFault(CHOICE_FILE, 1, f"there is no card {card_id}")
        load_scorecard(self.cards()[card_id])
        choice = self.choice() | {department_id or "": card_id}
        document = {"company": choice.pop(""), "departments": choice}
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f".{CHOICE_FILE}.new"
        fresh.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        fresh.replace(self._folder / CHOICE_FILE)


@lru_cache(maxsize=64)
def _cached(path: FilePath, _changed_ns: int, _size: int) -> Scorecard:
    return load_scorecard(path)


def _load(text: str, name: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise ScorecardFault(name, mark.line + 1 if mark else 1, str(error.problem or "is no YAML")) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise ScorecardFault(name, 1, "is no YAML") from None


def _tree(text: str) -> yaml.Node | None:
    """The same text with the place of every part; it was loaded before, so it is YAML."""
    return yaml.compose(text, Loader=yaml.SafeLoader)


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
