"""Words in any form, phrases, minus, and stretches that are cut out of the text unharmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.review.domain.search import Place, Said, folded, parse, places, stem, tokens


def found(asked: str, text: str) -> list[str]:
    query = parse(asked)
    assert query is not None
    return [piece for place in places(query, [Said(0, 0, text)]) for piece, hit in place.pieces() if hit]


@pytest.mark.parametrize(
    ("asked", "text", "hits"),
    [
        ("дорого", "Это же ДОРОГО, очень дорого!", ["ДОРОГО", "дорого"]),
        ("окно", "Три окна, окну и окном", ["окна", "окну", "окном"]),
        ("перезвоните", "Перезвоните завтра", ["Перезвоните"]),
        ("ещё", "Ещё и еще", []),
        ("жёлтый", "Желтый и жёлтого", ["Желтый", "жёлтого"]),
        ('"перезвоните завтра"', "Перезвоните завтра, а не завтра перезвоните", ["Перезвоните завтра"]),
        ("«договор готов»", "Договор готов.", ["Договор готов"]),
        ("price discounts", "Our prices and a discount", ["prices", "discount"]),
        ("кофе-машина", "кофе-машину купили", ["кофе-машину"]),
        ("8", "в 8 утра, 18", ["8"]),
        ("договор", "нет ничего", []),
    ],
)
def test_what_is_lit(asked: str, text: str, hits: list[str]) -> None:
    query = parse(asked)
    assert (found(asked, text) if query else []) == hits


@pytest.mark.parametrize(
    "asked", ["", "   ", "-дорого", "и", "не на", "!!!", "а" * 301, " ".join(["слово"] * 21), '""']
)
def test_nothing_to_look_for(asked: str) -> None:
    assert parse(asked) is None


def test_the_parts_of_a_query() -> None:
    query = parse('дорого и "в рассрочку" -доставка -"не звоните"')
    assert query is not None
    assert query.wanted_words == (("дорого",), ("в", "рассрочку"))
    assert query.unwanted_words == (("доставка",), ("не", "звоните"))


def test_places_say_where_and_when() -> None:
    query = parse("договор")
    assert query is not None
    dialogue = [
        Said(0, 0, "Здравствуйте"),
        Said(1, 1500, "Где договор?"),
        Said(2, 4000, "Договоры — в офисе, договор тут"),
    ]
    assert places(query, dialogue) == (
        Place(1, 1500, "Где договор?", ((4, 11),)),
        Place(2, 4000, "Договоры — в офисе, договор тут", ((0, 8), (20, 27))),
    )


@given(st.text(max_size=200))
def test_pieces_are_the_text(text: str) -> None:
    assert len(folded(text)) == len(text)
    for token in tokens(text):
        assert stem(folded(text[token.start : token.end])) == token.stem
    query = parse("дорого price a1")
    assert query is not None
    for place in places(query, [Said(0, 0, text)]):
        assert "".join(piece for piece, _ in place.pieces()) == text


@given(st.text(max_size=320))
def test_any_text_can_be_asked(text: str) -> None:
    query = parse(text)
    assert query is None or all(word.isalnum() for part in query.wanted_words + query.unwanted_words for word in part)
