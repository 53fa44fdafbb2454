"""Segments of a recogniser that are doubted, and the choice between two tries."""

import pytest

from services.transcribe.domain.suspicion import Doubt, better, doubt, needs_another_try
from services.transcribe.domain.transcript import Segment, Word


def segment(
    text: str,
    *,
    log_probability: float = -0.3,
    no_speech: float = 0.05,
    compression: float = 1.6,
    probability: float = 0.9,
    word_ms: int = 300,
) -> Segment:
    words = tuple(Word(word, i * word_ms, i * word_ms + word_ms, probability) for i, word in enumerate(text.split()))
    return Segment(0, len(words) * word_ms, words, log_probability, no_speech, compression)


LOOP = "я не знаю я не знаю я не знаю"


@pytest.mark.parametrize(
    ("heard", "reason", "again"),
    [
        (segment("добрый день"), None, False),
        (segment("Субтитры сделал DimaTorzok"), Doubt.CREDIT, True),
        (segment("добрый день", no_speech=0.7), None, False),  # sure of the words all the same
        (segment("добрый день", no_speech=0.7, log_probability=-1.1), Doubt.NOTHING_SAID, True),
        (segment(LOOP), Doubt.LOOP, True),
        (segment("раз два три четыре пять шесть", word_ms=100), Doubt.TOO_FAST, True),
        (segment("добрый день", log_probability=-1.1), Doubt.LOW_CONFIDENCE, True),
        (segment("добрый день", probability=0.3), Doubt.LOW_CONFIDENCE, False),
    ],
)
def test_doubts(heard: Segment, reason: Doubt | None, again: bool) -> None:
    assert doubt(heard) is reason
    assert needs_another_try([heard]) is again


def test_compression_and_loops_across_segments_ask_for_another_try() -> None:
    assert needs_another_try([segment("добрый день", compression=2.9)])
    assert needs_another_try([segment("я не знаю"), segment("я не знаю"), segment("я не знаю")])
    assert not needs_another_try([])


def test_the_try_with_less_doubt_wins_then_the_surer_one_then_the_first() -> None:
    loop, clean = [segment(LOOP)], [segment("я не знаю", log_probability=-0.8)]
    sure = [segment("я не знаю", log_probability=-0.2)]
    assert better(loop, clean) is clean
    assert better(clean, loop) is clean
    assert better(clean, sure) is sure
    assert better(sure, [segment("другое", log_probability=-0.2)]) is sure
    assert better(loop, []) is loop
