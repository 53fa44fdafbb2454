"""Scales are drawn as people know them, and a call that two people scored is shown row by row."""

from __future__ import annotations

from decimal import Decimal

import pytest

from services.review.domain.drafting import HUNDREDTHS, QUARTERS
from services.review.domain.evaluation import STEPS
from services.review.web.pages.view_models import Compared, Comparison, choices_of


@pytest.mark.parametrize(
    ("steps", "signs", "keys"),
    [
        (STEPS, ["0", "½", "1", "–"], ["0", "5", "1", "n"]),
        ((Decimal(0), Decimal(1)), ["0", "1", "–"], ["0", "1", "n"]),
        (QUARTERS, ["1", "2", "3", "4", "5", "–"], ["1", "2", "3", "4", "5", "n"]),
    ],
)
def test_each_scale_has_its_signs_and_keys(steps: tuple[Decimal, ...], signs: list[str], keys: list[str]) -> None:
    choices = choices_of(steps)
    assert [choice.sign for choice in choices] == signs
    assert [choice.key for choice in choices] == keys
    assert [Decimal(choice.value) for choice in choices[:-1]] == list(steps)


def test_a_scale_of_a_hundred_keeps_the_keys_of_its_ends_and_middle() -> None:
    choices = choices_of(HUNDREDTHS)
    assert [choice.sign for choice in choices] == [*map(str, range(101)), "–"]
    assert {choice.key: choice.sign for choice in choices if choice.key} == {"0": "0", "5": "50", "1": "100", "n": "–"}


def test_rows_differ_where_the_two_people_do() -> None:
    rows = (
        Compared("a", "A", machine="1", first="0.5", second="0.5"),
        Compared("b", "B", machine="1", first="1", second="na"),
        Compared("c", "C", machine=None, first="0", second=None),
    )
    assert [row.differ for row in rows] == [False, True, True]
    assert Comparison("Ольга", "Вера", rows, None, None, None).differences == 2
