"""Labels move from written turns to heard ones."""

from typing import Any

from services.transcribe.domain.heard import as_heard, move_turns
from services.transcribe.domain.recognition import Channels, compose
from services.transcribe.domain.transcript import Dialogue, Speaker, Utterance
from services.transcribe.domain.word_errors import align
from tests.fakes.transcribe import make_recognised, make_sound


def written(*turns: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"speaker": speaker, "start": 0.0, "end": 1.0, "text": text} for speaker, text in turns]


def heard(*turns: tuple[Speaker, str]) -> list[Utterance]:
    return [Utterance(speaker, i * 1000, i * 1000 + 900, text) for i, (speaker, text) in enumerate(turns)]


SELLER, CLIENT = Speaker.SELLER, Speaker.CLIENT
WRITTEN = written(
    ("agent", "Добрый день, компания Тёплый дом."),
    ("client", "Здравствуйте. Это дорого."),
    ("agent", "Понимаю вас. Зато тепло."),
    ("client", "Угу."),
    ("agent", "Приедем завтра?"),
)


def test_words_are_aligned_over_mistakes() -> None:
    assert align(["а", "б", "в", "г"], ["а", "х", "г"]) in (
        ((0, 0), (1, 1), (3, 2)),
        ((0, 0), (2, 1), (3, 2)),
    )
    assert align([], ["а"]) == ()


def test_a_turn_stands_where_most_of_its_words_were_heard() -> None:
    got = heard(
        (SELLER, "добрый день компания"),
        (SELLER, "тёплый дом"),
        (CLIENT, "здравствуйте это дорога"),
        (SELLER, "понимаю вас за то тепло приедем завтра"),
    )
    # «Угу» was not heard: it stands where the client's turn before it does
    assert move_turns(WRITTEN, got) == (0, 2, 3, 2, 3)


def test_a_speaker_who_was_never_heard_has_no_place() -> None:
    assert move_turns(WRITTEN, heard((SELLER, "добрый день компания тёплый дом"))) == (0, None, 0, None, 0)


def dialogue() -> Dialogue:
    heard_channels = (
        make_recognised(0, (0, "добрый день компания тёплый дом"), (5000, "понимаю вас зато тепло приедем завтра")),
        make_recognised(1, (3000, "здравствуйте это дорого")),
    )
    made = compose(make_sound(), heard_channels, Channels(0), "ru")
    assert made is not None
    return made


def test_labels_follow_their_turns() -> None:
    gold = {
        "call_type": "objection",
        "scores": {"greeting": 1, "objection_handling": 0.5},
        "evidence": {"greeting": [0], "next_step": [2, 4], "farewell": []},
        "objections": [{"turn": 1, "kind": "price", "score": 0.5, "answer_turns": [2, 4]}],
        "red_flags": [{"turn": 2, "kind": "pressure"}],
    }
    made = as_heard({"id": "a-1", "lang": "ru", "crm": None, "turns": WRITTEN, "gold": gold}, dialogue())
    assert made is not None
    assert (made["id"], made["lang"], made["spoken"][:11]) == ("a-1-heard", "ru", "Добрый день")
    assert [(turn["speaker"], turn["start"], turn["text"]) for turn in made["turns"]] == [
        ("agent", 0.0, "добрый день компания тёплый дом"),
        ("client", 3.0, "здравствуйте это дорого"),
        ("agent", 5.0, "понимаю вас зато тепло приедем завтра"),
    ]
    assert made["gold"] == {
        "call_type": "objection",
        "scores": {"greeting": 1, "objection_handling": 0.5},
        "evidence": {"greeting": [0], "next_step": [2], "farewell": []},
        "objections": [{"turn": 1, "kind": "price", "score": 0.5, "answer_turns": [2]}],
        "red_flags": [{"turn": 2, "kind": "pressure"}],
    }


def test_without_two_speakers_there_is_nothing_to_learn() -> None:
    mono = compose(make_sound(channels=1), (make_recognised(0, (0, "алло да слушаю")),), Channels(None), "ru")
    assert mono is not None
    assert as_heard({"id": "a", "turns": WRITTEN, "gold": {}}, mono) is None
