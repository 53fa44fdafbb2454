"""Tempo, interruptions, monologues, fillers, silence and overlap of a call."""

import pytest

from services.transcribe.domain.speech_metrics import (
    count_fillers,
    count_interruptions,
    longest_monologue_ms,
    measure,
)
from services.transcribe.domain.transcript import Interval, Speaker, SpeakerSpeech, Speech, Utterance

SELLER, CLIENT = Speaker.SELLER, Speaker.CLIENT


def turn(speaker: Speaker, start: int, end: int, text: str) -> Utterance:
    return Utterance(speaker, start, end, text)


def test_the_figures_of_a_small_call() -> None:
    utterances = [
        turn(SELLER, 0, 3000, "Добрый день ну меня зовут Андрей"),
        turn(CLIENT, 2500, 4500, "Здравствуйте я хотел спросить"),
        turn(SELLER, 6000, 8000, "Слушаю вас"),
    ]
    speech = {SELLER: [Interval(0, 3000), Interval(6000, 8000)], CLIENT: [Interval(2500, 4500)]}
    assert measure(utterances, speech, {SELLER: -20.0}, 10_000) == Speech(
        seller=SpeakerSpeech(5000, 8, 96.0, -20.0, 0, 3000, 1),
        client=SpeakerSpeech(2000, 4, 120.0, None, 1, 2000, 0),
        silence_ms=3500,
        overlap_ms=500,
        longest_pause_ms=1500,
    )


def test_who_was_not_told_apart_has_no_figures_but_the_silence_is_known() -> None:
    speech = measure([turn(Speaker.UNKNOWN, 0, 1000, "алло")], {Speaker.UNKNOWN: [Interval(0, 1000)]}, {}, 4000)
    assert speech == Speech(None, None, silence_ms=3000, overlap_ms=0, longest_pause_ms=0)


def test_less_than_a_second_of_speech_has_no_tempo() -> None:
    speech = measure([turn(SELLER, 0, 900, "да слушаю")], {SELLER: [Interval(0, 900)]}, {}, 1000)
    assert speech.seller is not None
    assert speech.seller.words_per_minute is None


@pytest.mark.parametrize(
    ("start", "end", "text", "interrupts"),
    [
        (1000, 4000, "нет подождите так не пойдёт", 1),
        (2700, 4000, "нет подождите так не пойдёт", 0),  # 300 ms: a usual change of turns
        (1000, 1600, "угу да", 0),
        (1000, 4000, "да да да", 0),
        (1000, 4000, "ясно спасибо", 0),  # did not go on
        (3100, 4000, "нет подождите так не пойдёт", 0),
    ],
)
def test_interruptions(start: int, end: int, text: str, interrupts: int) -> None:
    call = [turn(CLIENT, 0, 3000, "мне нужно чтобы окна поставили до зимы"), turn(SELLER, start, end, text)]
    assert count_interruptions(call, SELLER) == interrupts
    assert count_interruptions(call, CLIENT) == 0


def test_a_monologue_lasts_over_the_others_assent_but_not_over_an_answer_or_a_long_pause() -> None:
    assent = [turn(SELLER, 0, 5000, "раз"), turn(CLIENT, 5100, 5300, "угу"), turn(SELLER, 5400, 9000, "два")]
    answer = [turn(SELLER, 0, 5000, "раз"), turn(CLIENT, 5100, 5300, "нет"), turn(SELLER, 5400, 9000, "два")]
    pause = [turn(SELLER, 0, 5000, "раз"), turn(SELLER, 7100, 9000, "два")]
    assert [longest_monologue_ms(call, SELLER) for call in (assent, answer, pause)] == [9000, 5000, 5000]


@pytest.mark.parametrize(
    ("text", "fillers"),
    [
        ("Ну, э-э, как бы вот", 4),
        ("Как быть с окнами", 0),
        ("Это самое, короче", 2),
        ("", 0),
        ("значит так сказать", 2),
    ],
)
def test_fillers(text: str, fillers: int) -> None:
    assert count_fillers(text) == fillers
