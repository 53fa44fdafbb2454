"""What the browser is sent: ours, and an allowed few files of packages; nothing else, by no other name."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from services.review.web.pages.assets import PACKAGE_FILES, Assets, MissingPackage

ROOT = Path(__file__).parents[4]


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    for path in PACKAGE_FILES.values():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"/* {path} */")
    return tmp_path


def test_one_stylesheet_of_all_parts_in_order(packages: Path) -> None:
    sheet = Assets(packages).get("otzvuk.css")
    assert sheet is not None
    text = sheet.plain.decode()
    assert text.index("--paper:") < text.index(".bar {") < text.index(".call {")
    assert gzip.decompress(sheet.zipped) == sheet.plain


@pytest.mark.parametrize(
    "name", ["packages/htmx.org/package.json", "../settings.py", "css/10-tokens.css", "", "packages"]
)
def test_nothing_else_is_sent(packages: Path, name: str) -> None:
    assert Assets(packages).get(name) is None


def test_the_address_changes_with_the_content(packages: Path) -> None:
    before = Assets(packages).address("otzvuk.css")
    (packages / PACKAGE_FILES["packages/htmx.js"]).write_text("changed")
    assert Assets(packages).address("otzvuk.css") != before


def test_a_missing_package_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingPackage, match="npm ci"):
        Assets(tmp_path)


def test_the_lock_names_versions_and_no_place() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert [name for name, each in lock["packages"].items() if "resolved" in each] == []
    assert [name for name, each in lock["packages"].items() if name and "integrity" not in each] == []
