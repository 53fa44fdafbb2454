"""Repetition loops and subtitle credits are found; what people really repeat is left alone."""

import pytest

from services.transcribe.domain.hearing import believe, merged, within_speech, without_loops
from services.transcribe.domain.loops import Loop, find_loops, is_credit
from services.transcribe.domain.transcript import Interval, Segment, Untrusted, Word


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("", ()),
        ("добрый день меня зовут андрей", ()),
        ("да да да", ()),
        ("да да да да", ()),
        ("да да да да да", (Loop(1, 5, 1),)),
        ("я не знаю я не знаю", ()),
        ("я не знаю я не знаю я не знаю", (Loop(3, 9, 3),)),
        ("ну что ну что ну что", ()),
        ("ну что ну что ну что ну что", (Loop(2, 8, 2),)),
        ("так вот я не знаю я не знаю я не знаю до свидания", (Loop(5, 11, 3),)),
        ("а а а а а а б б б б б б", (Loop(1, 6, 1), Loop(7, 12, 1))),
    ],
)
def test_loops(text: str, loops: tuple[Loop, ...]) -> None:
    assert find_loops(text.split()) == loops


def test_a_long_loop_of_a_whole_sentence_is_found() -> None:
    sentence = ["мы", "привезём", "ваш", "заказ", "завтра", "утром", "в", "десять", "часов"]
    assert find_loops(sentence * 3) == (Loop(9, 27, 9),)


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("Редактор субтитров А.Семкин Корректор А.Егорова", True),
        ("Субтитры сделал DimaTorzok", True),
        ("Субтитры создавал DimaTorzok", True),
        ("Продолжение следует...", True),
        ("Спасибо за просмотр!", True),
        ("Спасибо за звонок!", False),
        ("Продолжим завтра.", False),
        ("Наш редактор перезвонит вам.", False),
    ],
)
def test_credits(text: str, credit: bool) -> None:
    assert is_credit(text) is credit


def words(text: str, step: int = 300) -> tuple[Word, ...]:
    return tuple(Word(word, i * step, i * step + step, 0.9) for i, word in enumerate(text.split()))


def segment(text: str, *, log_probability: float = -0.3, no_speech: float = 0.1) -> Segment:
    spoken = words(text)
    return Segment(0, spoken[-1].end_ms, spoken, log_probability, no_speech, 1.5)


def test_the_first_copy_of_a_loop_is_kept_and_its_time_is_not_believed() -> None:
    kept, loops = without_loops(words("Хорошо, я понял, я понял. Я понял! до свидания"))
    assert [word.text for word in kept] == ["Хорошо,", "я", "понял,", "я", "понял.", "Я", "понял!", "до", "свидания"]
    assert loops == ()
    kept, loops = without_loops(words("Хорошо, я понял, я понял. Я понял! я понял до свидания"))
    assert [word.text for word in kept] == ["Хорошо,", "я", "понял,", "до", "свидания"]
    assert loops == (Untrusted(300, 2700, "loop"),)


def test_credits_and_invented_words_are_dropped_with_their_stretch_named() -> None:
    kept, untrusted = believe(
        [segment("Редактор субтитров А. Семкин"), segment("и так далее", log_probability=-1.4, no_speech=0.8)]
    )
    assert kept == ()
    assert {(stretch.reason, stretch.end_ms) for stretch in untrusted} == {("credit", 1200), ("nothing_said", 900)}


def test_doubtful_words_are_kept_but_marked() -> None:
    kept, untrusted = believe([segment("что то про окна", log_probability=-1.3)])
    assert len(kept) == 4
    assert untrusted == (Untrusted(0, 1200, "low_confidence"),)


def test_touching_stretches_of_one_reason_become_one() -> None:
    stretches = [Untrusted(0, 100, "loop"), Untrusted(50, 200, "loop"), Untrusted(60, 90, "credit")]
    assert merged(stretches) == (Untrusted(0, 200, "loop"), Untrusted(60, 90, "credit"))


def test_words_far_from_any_speech_are_dropped() -> None:
    spoken = (Word("да", 0, 200), Word("нет", 1200, 1400), Word("ой", 5000, 5200))
    assert within_speech(spoken, [Interval(0, 1000)]) == spoken[:2]
