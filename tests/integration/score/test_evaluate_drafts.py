"""`otzvuk evaluate-drafts` as others use it: files with labels and without, one line out for each dialogue in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.score.training.commands import evaluate_drafts
from services.score.training.dataset import CRITERIA, load
from services.score.training.encoder_heads import DATA
from tests.fakes.judge_server import judge_server, says

FIELDS = ["id", "call_type", "scores", "evidence", "objections", "red_flags", "confidence"]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three labelled dialogues, and the same without labels, with a field that nobody knows, and one of them silent."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    lines = [json.loads(line) for line in (DATA / "dev-a.jsonl").read_text("utf-8").splitlines()[:3]]
    bare = [{name: value for name, value in line.items() if name != "gold"} | {"mood": "calm"} for line in lines]
    bare[1] |= {"turns": [], "id": "silent"}
    for name, some in (("labelled", lines), ("bare", bare)):
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in some)
        (tmp_path / f"{name}.jsonl").write_text(text, "utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(evaluate_drafts, [*arguments, "--rounds", "0"])


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out.jsonl").read_text("utf-8").splitlines()]


def test_dialogues_without_labels_are_drafted_in_the_form_of_the_labels(files: Path) -> None:
    result = run("bare.jsonl", "--model", "rules", "--json", "out.jsonl")
    assert result.exit_code == 0
    assert result.output.splitlines()[-1] == "3 of 3 dialogues carry no labels: nothing to measure these against."
    lines = written(files)
    assert [line["id"] for line in lines] == ["dev-a-001", "silent", "dev-a-003"]
    assert all(list(line) == FIELDS for line in lines)
    assert all(list(line["scores"]) == list(line["confidence"]) == list(CRITERIA) for line in lines)
    assert {score for line in lines for score in line["scores"].values()} <= {0, 0.5, 1, "na"}
    assert lines[1]["evidence"] == {criterion: [] for criterion in CRITERIA}


def test_what_is_written_can_be_read_back_as_labels(files: Path) -> None:
    run("labelled.jsonl", "--model", "rules", "--json", "out.jsonl")
    asked = [json.loads(line) for line in (files / "labelled.jsonl").read_text("utf-8").splitlines()]
    text = "".join(json.dumps(a | {"gold": b}) + "\n" for a, b in zip(asked, written(files), strict=True))
    (files / "again.jsonl").write_text(text, "utf-8")
    assert [e.gold is not None for e in load([files / "again.jsonl"])] == [True] * 3


def test_labelled_dialogues_are_measured_beside_the_others(files: Path) -> None:
    result = run("bare.jsonl", "labelled.jsonl", "--model", "rules")
    assert result.exit_code == 0
    assert "3 of 6 dialogues carry no labels" in result.output
    assert "written: 3 dialogues" in result.output
    assert " ms a dialogue (6 dialogues, one process)." in result.output
    for figure in ("kappa_plus", "objections.f1", "red_flags.recall", "cqr", "commonest", "rules"):
        assert figure in result.output


def test_a_judge_is_measured_beside_the_same_heads_without_it(files: Path) -> None:
    with judge_server(says({"marks": "all 1"})) as server:
        result = run("labelled.jsonl", "--model", f"judge:{server.url}#small")
    assert result.exit_code == 0
    assert "The judge: answer-breaks-schema 3." in result.output
    assert "no judge" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["labelled.jsonl", "--model", "nowhere"], "nowhere: there are no heads here (card.json is missing)"),
        (
            ["labelled.jsonl", "--model", "judge:"],
            "judge: needs an OpenAI-compatible address, as judge:http://…/v1#model",
        ),
        (["labelled.jsonl", "--json", "no/out.jsonl"], "there is no folder no to write out.jsonl into"),
        (["labelled.jsonl", "--by-author"], "leaving authors out needs labels and at least three authors"),
        (
            ["labelled.jsonl", "--by-author", "--model", "rules"],
            "--by-author learns anew: --model can only be a sentence-transformers folder",
        ),
        (["empty.jsonl"], "there is no dialogue in these files"),
        (["broken.jsonl"], "broken.jsonl:1: not a JSON object on one line (Expecting value)"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(files: Path, arguments: list[str], sentence: str) -> None:
    (files / "empty.jsonl").write_text("\n")
    (files / "broken.jsonl").write_text('{"id": ')
    result = run(*arguments)
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, f"Error: {sentence}")
