"""The documents point at what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services.cli import COMMANDS

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md")])


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    here = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in here if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_are_named_exist(path: Path) -> None:
    named = re.findall(
        r"`((?:services|schemas|demo|tests|benchmarks|docs)/[\w/.-]+)`", path.read_text(encoding="utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_are_named_exist(path: Path) -> None:
    named = set(re.findall(r"`otzvuk ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert sorted(named - set(COMMANDS)) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_make_targets_that_are_named_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {
        word for words in re.findall(r"`make ([a-z -]+?)[`A-Z=]", path.read_text("utf-8")) for word in words.split()
    }
    assert sorted(named - targets) == []


def test_the_map_of_rules_names_what_is_in_its_files() -> None:
    rows = re.findall(r"^\|([^|]+)\|([^|]+)\|([^|]*)\|$", (ROOT / "docs" / "rules.md").read_text("utf-8"), re.M)
    missing = []
    for rule, files, names in rows:
        paths = [ROOT / name for name in re.findall(r"`([^`]+)`", files)]
        text = "".join(path.read_text("utf-8") for path in paths if path.is_file())
        wanted = re.findall(r"`([^`]+)`", names)
        missing += [(rule.strip(), name) for name in wanted if not re.search(rf"\b{name}\b", text)]
    assert len(rows) > 40
    assert missing == []
