"""What is learnt from, what is tried on, what is a test for ever; versions of heads and the way back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.score.adapters.arrays import BrokenModel
from services.score.adapters.heads_shelf import SHIPPED_CARD, HeadsShelf, model_in_use
from services.score.domain.dialogue import dialogue_of
from services.score.training.dataset import Example, Gold
from services.score.training.split import has_read, split

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOTHING_READ: dict[str, object] = {}


def example(name: str, *, day: int | None = None, overturned: bool = False, author: str = "a") -> Example:
    gold = Gold("qualification", {"greeting": 1.0}, {}, (), ())
    at = None if day is None else MONDAY + timedelta(days=day)
    return Example(name, author, name.endswith("-heard"), dialogue_of([("seller", "Алло")]), gold, at, overturned)


def names(examples: tuple[Example, ...]) -> list[str]:
    return [e.id for e in examples]


def test_the_newest_decisions_are_tried_on_and_nothing_newer_is_learnt() -> None:
    given = [example(f"c-{day}", day=day) for day in (4, 0, 3, 1, 2)]
    parts = split([example("written"), *given], NOTHING_READ, 0.34)
    assert (names(parts.learnt), names(parts.tried)) == (["written", "c-0", "c-1", "c-2"], ["c-3", "c-4"])


def test_what_the_old_heads_have_read_is_no_trial() -> None:
    card = {"data": {"authors": ["a"], "read": ["c-3", "c-4"]}}
    parts = split([example(f"c-{day}", day=day) for day in range(5)], card, 0.34)
    assert (names(parts.learnt), names(parts.tried)) == (["c-0", "c-1", "c-3", "c-4"], ["c-2"])


def test_a_dialogue_and_its_heard_twin_stay_together() -> None:
    parts = split([example("x"), example("y"), example("x-heard"), example("y-heard")], NOTHING_READ, 0.5)
    assert (names(parts.learnt), names(parts.tried)) == (["x", "x-heard"], ["y", "y-heard"])


def test_an_upheld_appeal_is_never_learnt_from_and_never_forgotten() -> None:
    parts = split([example("c-1", day=1, overturned=True), example("c-2", day=2)], NOTHING_READ, 0.0)
    assert (names(parts.learnt), names(parts.tried), names(parts.forever)) == (["c-2"], [], ["c-1"])


def test_an_older_card_says_only_which_authors_were_read() -> None:
    card = {"data": {"authors": ["train-d"]}}
    assert [has_read(card, example("x", author=author)) for author in ("train-d", "s-1")] == [True, False]


def shelf(tmp_path: Path, *versions: str) -> HeadsShelf:
    for version in (*versions, "new"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "card.json").write_bytes(SHIPPED_CARD.read_bytes())
    return HeadsShelf(tmp_path)


def test_a_choice_counts_until_another_and_everything_is_written_down(tmp_path: Path) -> None:
    heads = shelf(tmp_path, "v1", "v2")
    seen = []
    for choice in ("v1", "v2", "shipped"):
        heads.choose(choice, at=choice)
        seen.append(model_in_use("auto", heads))
    assert seen == [str(tmp_path / "v1"), str(tmp_path / "v2"), "auto"]
    assert heads.versions() == ("v1", "v2")
    assert [(line["version"], line["at"]) for line in heads.history()] == [
        ("v1", "v1"),
        ("v2", "v2"),
        ("shipped", "shipped"),
    ]


def test_what_is_not_there_cannot_be_chosen_and_a_lost_choice_means_the_shipped_heads(tmp_path: Path) -> None:
    heads = shelf(tmp_path, "v1")
    with pytest.raises(BrokenModel, match="there are no heads v9"):
        heads.choose("v9")
    (tmp_path / "current").write_text("v9\n")
    assert model_in_use("auto", heads) == "auto"


def test_heads_that_an_update_made_useless_give_way_to_the_shipped_ones(tmp_path: Path) -> None:
    heads = shelf(tmp_path, "v1")
    heads.choose("v1")
    (tmp_path / "v1" / "card.json").write_text('{"format": 1}')
    assert model_in_use("auto", heads) == "auto"
    with pytest.raises(BrokenModel, match="v1 was made by another version of otzvuk: run otzvuk train"):
        heads.choose("v1")


@pytest.mark.parametrize("model", ["heads", "rules", "/somewhere"])
def test_a_model_that_is_named_is_not_changed_by_a_choice(tmp_path: Path, model: str) -> None:
    heads = shelf(tmp_path, "v1")
    heads.choose("v1")
    assert model_in_use(model, heads) == model
