"""A transcript supplied by the PBX becomes the same kind of dialogue."""

from typing import Any

import pytest

from services.transcribe.domain.provider import compose, read_turns
from services.transcribe.domain.transcript import Dialogue, Grade, Speaker
from tests.fakes.transcribe import make_sound

CHANNELS = {Speaker.SELLER: 0, Speaker.CLIENT: 1}


def entry(speaker: str, start: int, end: int, text: str, **more: Any) -> dict[str, Any]:
    return {"speaker": speaker, "start_ms": start, "end_ms": end, "text": text, **more}


def document(*utterances: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"call_id": "c-1", "language": "ru", "utterances": list(utterances), **more}


CALL = document(
    entry("seller", 0, 3000, "Добрый день, меня зовут Андрей"),
    entry("client", 3500, 5500, "Здравствуйте,  ну   окна нужны", confidence=0.91),
)


def made(raw: dict[str, Any], **more: Any) -> Dialogue:
    call = compose(raw, more.pop("sound", None), CHANNELS, **more)
    assert call is not None
    return call


def test_turns_are_taken_in_order_and_empty_ones_left_out() -> None:
    turns = read_turns(document(entry("client", 900, 500, "да"), entry("seller", 0, 100, "  "), CALL["utterances"][1]))
    assert [(turn.start_ms, turn.end_ms, turn.text, turn.confidence) for turn in turns] == [
        (900, 900, "да", None),
        (3500, 5500, "Здравствуйте, ну окна нужны", 0.91),
    ]


def test_without_sound_the_figures_come_from_the_turns() -> None:
    call = made(CALL)
    assert (call.channels, call.duration_ms, call.peaks) == (0, 5500, None)
    assert (call.quality.grade, call.quality.reasons) == (Grade.GOOD, ())
    assert call.speech.seller is not None
    assert (call.speech.seller.words_per_minute, call.speech.seller.loudness_dbfs) == (100.0, None)
    assert call.speech.client is not None
    assert call.speech.client.fillers == 1
    assert (call.speech.silence_ms, call.speech.longest_pause_ms) == (500, 500)


def test_with_sound_loudness_length_and_peaks_are_the_sounds() -> None:
    call = made(CALL, sound=make_sound(seconds=8))
    assert (call.channels, call.duration_ms) == (2, 8000)
    assert call.peaks is not None
    assert call.speech.seller is not None
    assert call.speech.seller.loudness_dbfs == -20.0


def test_the_length_told_counts_when_it_is_longer() -> None:
    assert made({**CALL, "duration_ms": 9000}).duration_ms == 9000
    assert made({**CALL, "duration_ms": None}).duration_ms == 5500


@pytest.mark.parametrize(
    ("utterances", "unreadable", "reasons", "grade"),
    [
        ([entry("unknown", 0, 1000, "алло")], False, ("speakers_unknown",), Grade.POOR),
        ([entry("client", 0, 1000, "алло")], False, ("one_sided",), Grade.FAIR),
        (CALL["utterances"], True, ("sound_unreadable",), Grade.GOOD),
        ([entry("seller", 0, 900, "да", confidence=0.4)], False, ("one_sided", "low_confidence"), Grade.POOR),
    ],
)
def test_what_is_wrong_is_named(
    utterances: list[dict[str, Any]], unreadable: bool, reasons: tuple[str, ...], grade: Grade
) -> None:
    quality = made(document(*utterances), sound_unreadable=unreadable).quality
    assert (quality.reasons, quality.grade) == (reasons, grade)


def test_no_words_no_dialogue() -> None:
    assert compose(document(), None, CHANNELS) is None
    assert compose(document(entry("seller", 0, 100, " ")), None, CHANNELS) is None
