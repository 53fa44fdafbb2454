"""Turns from words of two channels: pauses, the other's speech, overlaps, assent."""

import pytest

from services.transcribe.domain.dialogue import build_turns, is_assent
from services.transcribe.domain.transcript import Heard, Interval, Speaker, Untrusted, Word

SPEAKERS = {0: Speaker.SELLER, 1: Speaker.CLIENT}


def heard(channel: int, *spoken: tuple[str, int, int], untrusted: tuple[Untrusted, ...] = ()) -> Heard:
    words = tuple(Word(text, start, end, 0.8) for text, start, end in spoken)
    return Heard(channel, words, (Interval(words[0].start_ms, words[-1].end_ms),) if words else (), untrusted)


def turns(*channels: Heard) -> list[tuple[str, int, int, str]]:
    return [
        (turn.speaker.value, turn.start_ms, turn.end_ms, turn.text) for turn in build_turns(list(channels), SPEAKERS)
    ]


def test_a_long_pause_ends_a_turn_and_a_short_one_does_not() -> None:
    assert turns(heard(0, ("Добрый", 0, 400), ("день", 1200, 1500), ("слушаю", 2400, 2800))) == [
        ("seller", 0, 1500, "Добрый день"),
        ("seller", 2400, 2800, "слушаю"),
    ]


def test_the_others_words_in_a_gap_end_a_turn() -> None:
    seller = heard(0, ("Алло", 0, 400), ("Говорите", 1100, 1500))
    client = heard(1, ("Здравствуйте", 450, 1000))
    assert turns(seller, client) == [
        ("seller", 0, 400, "Алло"),
        ("client", 450, 1000, "Здравствуйте"),
        ("seller", 1100, 1500, "Говорите"),
    ]


def test_assent_in_a_gap_ends_nothing() -> None:
    seller = heard(0, ("Приедем", 0, 400), ("завтра", 1000, 1500))
    client = heard(1, ("угу,", 500, 900))
    assert turns(seller, client) == [("seller", 0, 1500, "Приедем завтра"), ("client", 500, 900, "угу,")]


def test_overlapping_speech_is_kept_on_both_sides() -> None:
    seller = heard(0, ("Мы", 0, 300), ("привезём", 300, 900), ("завтра", 900, 1500))
    client = heard(1, ("Подождите,", 600, 1100), ("не", 1100, 1200), ("надо", 1200, 1600))
    assert turns(seller, client) == [
        ("seller", 0, 1500, "Мы привезём завтра"),
        ("client", 600, 1600, "Подождите, не надо"),
    ]


def test_a_turn_has_the_mean_probability_of_its_words() -> None:
    words = (Word("да", 0, 100, 0.5), Word("нет", 100, 200, 0.8), Word("вот", 200, 300, None))
    (turn,) = build_turns([Heard(0, words, (Interval(0, 300),))], SPEAKERS)
    assert turn.confidence == 0.65
    assert turn.words == words


@pytest.mark.parametrize(("until", "trusted"), [(499, True), (501, False)])
def test_a_turn_that_lies_half_in_a_doubtful_stretch_is_not_trusted(until: int, trusted: bool) -> None:
    channel = heard(0, ("раз", 0, 500), ("два", 500, 1000), untrusted=(Untrusted(0, until, "loop"),))
    assert [turn.trusted for turn in build_turns([channel], SPEAKERS)] == [trusted]


@pytest.mark.parametrize(
    ("text", "assent"),
    [
        ("Угу.", True),
        ("да, да, конечно", True),
        ("да да да да", False),
        ("нет", False),
        ("да привезите", False),
        ("", False),
    ],
)
def test_assent(text: str, assent: bool) -> None:
    assert is_assent(text.split()) is assent


def test_no_words_no_turns() -> None:
    assert turns(heard(0), heard(1)) == []
