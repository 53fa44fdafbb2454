"""When new heads count: better on what neither has read, and not worse on upheld appeals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.score.adapters.drafter import RulesDrafter
from services.score.adapters.heads_shelf import SHIPPED_CARD, HeadsShelf
from services.score.adapters.lexicon import load_morphology
from services.score.domain.dialogue import dialogue_of
from services.score.training.dataset import CRITERIA, Example, Gold
from services.score.training.judged import Judged
from services.score.training.measure import Figures, measure
from services.score.training.trial import FEWEST, Outcome, Rival, completed, decide, worth

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def figures(right: int) -> Figures:
    """Twelve dialogues, of which so many are drafted as they were labelled."""
    pairs = []
    for i in range(12):
        gold = Gold("qualification", dict.fromkeys(CRITERIA, (i % 3) / 2), {}, (), ())
        said = dict.fromkeys(CRITERIA, (i % 3) / 2 if i < right else ((i + 1) % 3) / 2)
        pairs.append((gold, Judged(str(i), "qualification", said, dict.fromkeys(CRITERIA, 0.9), {}, (), ())))
    return measure(pairs)


BETTER = Outcome("v2", FEWEST, figures(5), figures(10), (3, 3, 4), ())


@pytest.mark.parametrize(
    ("outcome", "refused"),
    [
        (BETTER, None),
        (replace(BETTER, tried=FEWEST - 1), "only 19 dialogues that neither has read, and 20 are needed to try on"),
        (replace(BETTER, new=figures(5)), "the new ones are not better"),
        (
            replace(BETTER, appeals=(3, 2, 4), lost=("c-1: greeting",)),
            "the new ones get wrong again what people had to put right (c-1: greeting)",
        ),
    ],
)
def test_new_heads_count_only_if_they_won(outcome: Outcome, refused: str | None, tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "card.json").write_bytes(SHIPPED_CARD.read_bytes())
    shelf = HeadsShelf(tmp_path)
    shelf.choose("v1")
    decide(shelf, outcome, Rival("v1", RulesDrafter(load_morphology())), NOW)
    assert outcome.refused == refused
    current = shelf.current()
    assert current is not None
    assert current.name == ("v2" if refused is None else "v1")
    last = shelf.history()[-1]
    assert (last["version"], last["against"], last["refused"], last["appeals"]) == (
        "v2",
        "v1",
        refused,
        list(outcome.appeals),
    )


def test_nothing_to_try_on_is_worth_nothing() -> None:
    assert worth(figures(12)) == 1.0
    assert worth(measure([])) == 0.0


def test_what_people_were_not_asked_about_is_what_the_old_heads_say() -> None:
    said = dialogue_of([("seller", "Добрый день, меня зовут Ирина, компания «Тёплый дом»."), ("client", "Алло")])
    gold = Gold("qualification", {"greeting": 0.0}, {"greeting": ()}, (), ())
    [filled] = completed([Example("c-1", "s-1", False, said, gold)], RulesDrafter(load_morphology()))
    assert filled.gold is not None
    assert set(filled.gold.scores) == set(CRITERIA)
    assert filled.gold.scores["greeting"] == 0.0
