"""The recognition process around a scripted model: windows that look wrong are tried again, times lead back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from services.transcribe.adapters.whisper import SECOND_TRIES, Engine, Listener
from services.transcribe.domain.transcript import Interval

ENGINE = Engine("nowhere", "cpu", "int8", 1, "ru", 5, 1, "")
LOOP = "я не знаю я не знаю я не знаю"
CLEAN = "я не знаю"


def window(text: str, *, seek: int = 0, start: float = 0.0, step: float = 0.3) -> SimpleNamespace:
    """A segment as faster-whisper gives it."""
    parts = text.replace(" -", "-").split(" ")
    words = [
        SimpleNamespace(word=f" {part}", start=start + i * step, end=start + (i + 1) * step, probability=0.9)
        for i, part in enumerate(parts)
    ]
    return SimpleNamespace(
        seek=seek,
        start=start,
        end=words[-1].end,
        words=words,
        avg_logprob=-0.3,
        no_speech_prob=0.1,
        compression_ratio=1.5,
    )


@dataclass
class ScriptedModel:
    """Gives its answers in order and remembers what it was asked."""

    answers: list[list[SimpleNamespace]]
    asked: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def transcribe(self, sound: NDArray[np.float32], **settings: Any) -> tuple[Iterator[SimpleNamespace], None]:
        self.asked.append((round(sound.shape[0] / 16_000, 2), settings))
        return iter(self.answers.pop(0)), None


@dataclass
class ScriptedVoice:
    """Speech where it was told."""

    stretches: tuple[Interval, ...]

    def speech(self, samples: NDArray[np.int16]) -> tuple[Interval, ...]:
        return self.stretches


def heard(
    folder: Path, answers: list[list[SimpleNamespace]], *stretches: tuple[int, int], seconds: int = 20
) -> tuple[Any, ScriptedModel]:
    pcm = folder / "call.pcm"
    with pcm.open("wb") as file:
        file.truncate(seconds * 16_000 * 2)
    model = ScriptedModel(answers)
    voice = ScriptedVoice(tuple(Interval(start, end) for start, end in stretches))
    (channel,) = Listener(ENGINE, model, None, voice, 1).recognise(str(pcm), 1, [0])
    return channel, model


def texts(channel: Any) -> list[str]:
    return [segment.text for segment in channel.segments]


def test_no_speech_no_model(tmp_path: Path) -> None:
    channel, model = heard(tmp_path, [])
    assert (channel.segments, channel.voices, model.asked) == ((), (), [])


def test_only_speech_is_shown_and_times_are_the_recordings(tmp_path: Path) -> None:
    first, second = window("добрый день"), window("до свидания", start=1.6)
    channel, model = heard(tmp_path, [[first, second]], (1000, 2000), (10_000, 11_000))
    assert [seconds for seconds, _ in model.asked] == [3.0]  # two stretches of a second, padded by 250 ms on each side
    assert [(segment.start_ms, segment.end_ms) for segment in channel.segments] == [(750, 1350), (9850, 10_450)]


@pytest.mark.parametrize(
    ("answers", "kept", "tries"),
    [
        ([[window(CLEAN)]], CLEAN, 1),
        ([[window(LOOP)], [window(CLEAN)]], CLEAN, 2),
        ([[window(LOOP)], [window(LOOP)], [window(CLEAN)]], CLEAN, 3),
        ([[window(LOOP)], [window(LOOP)], [window(LOOP)]], LOOP, 3),
        ([[window(LOOP)], [], []], LOOP, 3),
    ],
)
def test_a_window_that_looks_wrong_is_tried_again(
    tmp_path: Path, answers: list[list[SimpleNamespace]], kept: str, tries: int
) -> None:
    channel, model = heard(tmp_path, answers, (1000, 9000))
    assert texts(channel) == [kept]
    assert len(model.asked) == tries
    for (_, settings), other in zip(model.asked[1:], SECOND_TRIES, strict=False):
        assert {name: settings[name] for name in other} == other


def test_only_the_wrong_window_is_shown_again(tmp_path: Path) -> None:
    good, bad = window("добрый день", seek=0), window(LOOP, seek=3000, start=4.0)
    channel, model = heard(tmp_path, [[good, bad], [window(CLEAN)]], (1000, 9000))
    assert texts(channel) == ["добрый день", CLEAN]
    assert [seconds for seconds, _ in model.asked] == [8.5, 2.7]
    assert channel.segments[1].start_ms == 4750


def test_what_follows_without_a_space_belongs_to_the_word_before(tmp_path: Path) -> None:
    segment = window("всё таки да")
    segment.words[1].word = "-таки"
    channel, _ = heard(tmp_path, [[segment]], (1000, 9000))
    assert [word.text for word in channel.segments[0].words] == ["всё-таки", "да"]


def test_a_long_call_is_shown_in_portions(tmp_path: Path) -> None:
    channel, model = heard(tmp_path, [[window("раз")], [window("два")]], (0, 200_000), (200_600, 400_000), seconds=400)
    assert len(model.asked) == 2
    assert texts(channel) == ["раз", "два"]
