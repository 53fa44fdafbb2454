"""Versions of heads in a folder: which one counts, what each was worth when it was tried, and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.score.adapters.arrays import BrokenModel

CURRENT = "current"
HISTORY = "versions.jsonl"
SHIPPED_NAME = "shipped"
SHIPPED_CARD = Path(__file__).parent / "trained" / "card.json"


class HeadsShelf:
    """A folder with one subfolder a version; the file `current` names the one that counts, or is not there.

    `versions.jsonl` has a line for each time that heads were made, tried or chosen, and is only ever added to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> Path | None:
        """The version that counts; None for the shipped heads, also when it is named and cannot be used any more."""
        try:
            name = (self.folder / CURRENT).read_text("utf-8").strip()
        except OSError:
            return None
        return self.folder / name if name in self.versions() and self.usable(name) else None

    def usable(self, version: str) -> bool:
        """Whether its heads are of the form of those shipped; after an update they may not be, and are learnt anew."""
        return bool(_format(self.folder / version / "card.json") == _format(SHIPPED_CARD))

    def versions(self) -> tuple[str, ...]:
        """Every version that is there, by name."""
        return tuple(sorted(path.parent.name for path in self.folder.glob("*/card.json") if path.parent.name != "new"))

    def choose(self, version: str, **noted: Any) -> None:
        """Makes a version count (`shipped`: the heads of the package). Raises BrokenModel when there is none."""
        if version != SHIPPED_NAME and version not in self.versions():
            raise BrokenModel(f"there are no heads {version} in {self.folder}")
        if version != SHIPPED_NAME and not self.usable(version):
            raise BrokenModel(f"{version} was made by another version of otzvuk: run otzvuk train")
        self.folder.mkdir(parents=True, exist_ok=True)
        if version == SHIPPED_NAME:
            (self.folder / CURRENT).unlink(missing_ok=True)
        else:
            fresh = self.folder / f".{CURRENT}.new"
            fresh.write_text(f"{version}\n", "utf-8")
            fresh.replace(self.folder / CURRENT)
        self.note({"version": version, "chosen": True, **noted})

    def note(self, line: Mapping[str, Any]) -> None:
        """Adds a line to the history."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / HISTORY).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def history(self) -> list[dict[str, Any]]:
        """Every line of the history, oldest first."""
        try:
            lines = (self.folder / HISTORY).read_text("utf-8").splitlines()
        except OSError:
            return []
        return [json.loads(line) for line in lines]


def _format(card: Path) -> Any:
    try:
        return json.loads(card.read_text("utf-8")).get("format")
    except (OSError, ValueError):
        return None


def model_in_use(model: str, shelf: HeadsShelf) -> str:
    """What `auto` stands for: the version that counts, else the heads of the package; other models are themselves."""
    accepted = shelf.current() if model == "auto" else None
    return model if accepted is None else str(accepted)
