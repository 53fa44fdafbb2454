"""`otzvuk scorecard` from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.score.adapters.scorecard_files import READY_FOLDER
from services.score.commands import scorecard


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    return CliRunner()


def test_check_tells_lines_and_is_content(run: CliRunner, tmp_path: Path) -> None:
    text = (READY_FOLDER / "default.yaml").read_text(encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(text.replace("ru: Инициатива", "ru: Не молчит"), encoding="utf-8")
    result = run.invoke(scorecard, ["check", "ours.yaml"])
    first, last = result.output.splitlines()
    assert result.exit_code == 0
    assert first.startswith("ours.yaml:")
    assert "negative_wording: initiative: worded with the particle «не»" in first
    assert last.endswith("16 items in 7 blocks, 1 warning.")


def test_check_refuses_what_is_no_scorecard(run: CliRunner, tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text("id: ours\nlabel: Ours\nblocks: 7\n", encoding="utf-8")
    result = run.invoke(scorecard, ["check", "ours.yaml"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: ours.yaml:3: blocks: a list with at least one entry is needed here\n",
    )


def test_a_chosen_card_is_shown_where_it_counts(run: CliRunner) -> None:
    assert run.invoke(scorecard, ["use", "sales", "--department", "op"]).exit_code == 0
    assert run.invoke(scorecard, ["use", "charm"]).exit_code == 1
    lines = run.invoke(scorecard, ["list"]).output.splitlines()
    assert [
        (line.split()[0], line.rpartition("  counts for ")[2] if "counts for" in line else "") for line in lines
    ] == [
        ("cold_calls_b2b", ""),
        ("default", "the company"),
        ("sales", "op"),
    ]
