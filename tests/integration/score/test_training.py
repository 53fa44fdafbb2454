"""From what people confirmed to heads that count, and back: the commands, the shelf and the drafter that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.score.adapters.drafter import RulesDrafter, load_heads
from services.score.adapters.drafter_child import ChildDrafter
from services.score.adapters.heads_shelf import HeadsShelf, model_in_use
from services.score.adapters.lexicon import load_morphology
from services.score.commands import lessons
from services.score.domain.dialogue import dialogue_of
from services.score.domain.draft import AskedItem, CallType, Draft, Verdict
from services.score.training import trial
from services.score.training.dataset import Example, load
from services.score.training.encoder_heads import DATA
from services.score.training.fit import Effort
from services.score.training.opening import card_of
from services.score.training.split import Split, split
from services.score.training.train_commands import heads, train
from tests.integration.score.places import MONDAY, ScoreDesk, call, completed, make_desk, transcript

TALK = dialogue_of([("seller", "Добрый день, меня зовут Ирина."), ("client", "Здравствуйте.")])
SOME = [DATA / f"dev-{letter}.jsonl" for letter in "abc"]


class Contrary:
    """A drafter that gives everything the lowest score."""

    def __init__(self) -> None:
        self._rules = RulesDrafter(load_morphology())

    def draft(self, dialogue: object, items: tuple[AskedItem, ...], call_type: CallType | None = None) -> Draft:
        draft = self._rules.draft(dialogue, items, call_type)  # type: ignore[arg-type]
        low = tuple(replace(c, verdict=Verdict.SCORED, score=Decimal(0)) for c in draft.criteria)
        return replace(draft, criteria=low)


@pytest.fixture(scope="module")
def parts() -> tuple[tuple[Example, ...], tuple[Example, ...]]:
    """What is learnt from, and what is tried on."""
    halves = split(load(SOME), {}, 0.3)
    return halves.learnt, halves.tried


@pytest.fixture(scope="module")
def learnt(
    parts: tuple[tuple[Example, ...], tuple[Example, ...]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[HeadsShelf, str]:
    """A shelf with one version, learnt with little effort from 63 dialogues of three authors."""
    shelf = HeadsShelf(tmp_path_factory.mktemp("heads"))
    how = trial.Learning(Effort(trees=3), None, tmp_path_factory.mktemp("vectors"))
    return shelf, trial.learn(parts[0], shelf, how, lambda _: None)


@pytest.fixture
def shelf(learnt: tuple[HeadsShelf, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HeadsShelf]:
    """That shelf as the one of this installation, with nothing chosen."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("OTZVUK_SCORE_HEADS_FOLDER", str(learnt[0].folder))
    yield learnt[0]
    for name in ("current", "versions.jsonl"):
        (learnt[0].folder / name).unlink(missing_ok=True)


def test_better_heads_count_from_then_on_and_there_is_a_way_back(
    shelf: HeadsShelf, learnt: tuple[HeadsShelf, str], parts: tuple[tuple[Example, ...], tuple[Example, ...]]
) -> None:
    old = trial.Rival("contrary", Contrary())
    outcome = trial.try_heads(shelf, learnt[1], old, Split(parts[0], parts[1], parts[1][:2]))
    trial.decide(shelf, outcome, old, datetime(2026, 11, 24, tzinfo=UTC))
    assert (outcome.tried, outcome.refused, outcome.appeals[2]) == (27, None, 24)
    assert outcome.new.strict > outcome.old.strict
    assert shelf.current() == shelf.folder / learnt[1]

    listed = CliRunner().invoke(heads, ["list"]).output.splitlines()
    assert [line.split()[0] for line in listed] == ["shipped", "*"]
    assert listed[1].startswith(f"* {learnt[1]}")
    assert listed[1].endswith("of contrary, accepted")
    assert CliRunner().invoke(heads, ["use", "shipped"]).exit_code == 0
    assert model_in_use("auto", shelf) == "auto"
    assert CliRunner().invoke(heads, ["use", "0123456789ab"]).exit_code == 1


def test_heads_say_what_they_have_read(shelf: HeadsShelf, learnt: tuple[HeadsShelf, str]) -> None:
    drafter = load_heads(shelf.folder / learnt[1], load_morphology())
    assert drafter.draft(TALK, [AskedItem("greeting")]).models == (f"heads@{learnt[1]}",)
    card = card_of(str(shelf.folder / learnt[1]))
    again = split(load(SOME), card, 1.0)
    assert (len(again.learnt), len(again.tried)) == (63, 27)


def test_a_running_service_follows_the_choice_and_keeps_what_works(
    shelf: HeadsShelf, learnt: tuple[HeadsShelf, str], tmp_path: Path
) -> None:
    wanted = ["rules"]
    child = ChildDrafter(lambda: wanted[0], 60)

    def models() -> tuple[str, ...]:
        return child.draft(TALK, [AskedItem("greeting")]).models

    try:
        assert models() == ("rules@1",)
        wanted[0] = str(shelf.folder / learnt[1])
        assert models() == (f"heads@{learnt[1]}",)
        wanted[0] = str(tmp_path / "nothing")
        assert models() == (f"heads@{learnt[1]}",)
    finally:
        child.close()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[ScoreDesk]:
    made = make_desk(database_url, tmp_path)
    yield made
    made.database.close()


def test_confirmed_evaluations_become_lines_to_learn_from(
    desk: ScoreDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, status in ((1, "approved_evaluated"), (2, "approved_overturned")):
        call_id = f"c-{number}"
        desk.feed("call-registered", call(call_id))
        desk.feed("transcript-completed", completed(desk, transcript(call_id)))
        draft = desk.published("call-scored")[-1]
        approved = {
            "call_id": call_id,
            "evaluation_id": f"ev-{number}",
            "status": status,
            "counted": True,
            "seller_id": "s-1",
            "evaluator_id": "p-1",
            "call_type": "qualification",
            "scorecard": draft["scorecard"],
            "cqr": 80,
            "criteria": [
                {"criterion": "greeting", "verdict": "scored", "score": Decimal("0.75")},
                {"criterion": "crm_card", "verdict": "not_applicable", "score": None},
            ],
            "evaluated_at": MONDAY + timedelta(hours=number),
            "approved_at": MONDAY + timedelta(days=2),
        }
        desk.feed("evaluation-approved", approved)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_SCORE_DATABASE_URL", desk.database.url)
    monkeypatch.setenv("OTZVUK_STORAGE_URL", desk.storage.url)
    result = CliRunner().invoke(lessons, ["ours.jsonl"])
    assert (result.exit_code, result.output.split(";")[0].split(" to ")[0]) == (0, "2 confirmed evaluations written")
    examples = load([tmp_path / "ours.jsonl"])
    assert [(e.id, e.author, e.decided_at, e.overturned) for e in examples] == [
        ("c-1", "seller s-1", MONDAY + timedelta(hours=1), False),
        ("c-2", "seller s-1", MONDAY + timedelta(hours=2), True),
    ]
    assert examples[0].gold is not None
    assert examples[0].gold.scores == {"greeting": 1.0, "crm_card": -1.0}
    result = CliRunner().invoke(train, ["--alone"])
    assert (result.exit_code, result.output) == (
        1,
        "Error: too little to learn from: 1 dialogues of 1 authors or sellers, and 60 of 3 are needed\n",
    )


def test_too_little_to_try_on_is_said_before_anything_is_learnt(shelf: HeadsShelf) -> None:
    before = shelf.versions()
    result = CliRunner().invoke(train, [*map(str, SOME), "--alone", "--against", "rules", "--newest", "0.1"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: 9 dialogues would be kept to try new heads on, and 20 are needed")
    assert shelf.versions() == before


def test_without_a_database_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    result = CliRunner().invoke(train, [])
    assert result.exit_code == 1
    assert "score's database cannot be read" in result.output
