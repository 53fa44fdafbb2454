"""Word error rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.transcribe.domain.word_errors import NO_ERRORS, WordErrors, comparable, word_errors


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("а б в", "а б в", WordErrors(3, 0, 0, 0)),
        ("а б в", "а х в", WordErrors(3, 1, 0, 0)),
        ("а б в", "а в", WordErrors(3, 0, 1, 0)),
        ("а б в", "а б г в", WordErrors(3, 0, 0, 1)),
        ("а б в", "", WordErrors(3, 0, 3, 0)),
        ("", "а б", WordErrors(0, 0, 0, 2)),
        ("а б в г", "б в г д е", WordErrors(4, 0, 1, 2)),
    ],
)
def test_errors(said: str, heard: str, errors: WordErrors) -> None:
    assert word_errors(said.split(), heard.split()) == errors


def test_rates() -> None:
    assert WordErrors(4, 1, 1, 0).rate == 0.5
    assert NO_ERRORS.rate == 0.0
    assert WordErrors(0, 0, 0, 2).rate == 1.0
    assert WordErrors(4, 1, 0, 0) + WordErrors(6, 0, 1, 2) == WordErrors(10, 1, 1, 2)


def test_what_counts_as_the_same_word() -> None:
    assert comparable("По-разному, ЁЛКА! — да...") == ("по", "разному", "елка", "да")


WORDS = st.lists(st.sampled_from("абв"), max_size=8)


@given(WORDS, WORDS)
def test_the_distance_is_symmetric_and_bounded(first: list[str], second: list[str]) -> None:
    there, back = word_errors(first, second), word_errors(second, first)
    distance = there.substituted + there.deleted + there.inserted
    assert distance == back.substituted + back.deleted + back.inserted
    assert abs(len(first) - len(second)) <= distance <= max(len(first), len(second))
    assert (distance == 0) is (first == second)
