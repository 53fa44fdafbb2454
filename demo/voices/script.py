"""The written dialogues that the demo's recordings are spoken from: one YAML file a call."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHANNEL_OF = {"seller": 0, "client": 1}
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Voice:
    """One speaker: `pitch` in cents against the base voice, `tempo` as a factor."""

    pitch: int
    tempo: float


@dataclass(frozen=True)
class Turn:
    """One turn; `pause_ms` is counted from the end of the turn before it, negative when it cuts in."""

    speaker: str
    text: str
    pause_ms: int


@dataclass(frozen=True)
class Script:
    """A whole written call. `facts` and `expected` go into the index as they are."""

    id: str
    format: str
    seed: int
    voices: dict[str, Voice]
    turns: tuple[Turn, ...]
    beep_after_turn: int | None
    title: dict[str, str]
    facts: dict[str, Any]
    expected: dict[str, Any]


def load(path: Path) -> Script:
    """The call written in `path`; KeyError names what is missing."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Script(
        id=raw["id"],
        format=raw["format"],
        seed=raw["seed"],
        voices={who: Voice(int(v["pitch"]), float(v["tempo"])) for who, v in raw["voices"].items()},
        turns=tuple(_turn(entry) for entry in raw["turns"]),
        beep_after_turn=raw.get("beep_after_turn"),
        title=raw["title"],
        facts=raw["facts"],
        expected=raw["expected"],
    )


def load_all(folder: Path = FOLDER) -> list[Script]:
    """Every written call of the folder, by name."""
    return [load(path) for path in sorted(folder.glob("*.yaml"))]


def _turn(entry: dict[str, Any]) -> Turn:
    speaker = next(who for who in CHANNEL_OF if who in entry)
    return Turn(speaker, entry[speaker], int(entry.get("pause", 250)))
