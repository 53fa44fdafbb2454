"""Samples to figures: levels, peaks, and how a voice sounds."""

import numpy as np
from numpy.typing import NDArray

from services.transcribe.adapters.levels import Meter
from services.transcribe.adapters.voiceprint import voice_runs
from services.transcribe.domain.transcript import Word
from services.transcribe.domain.voices import separate
from tests.sounds import silence, tone

RATE = 16_000


def test_levels_and_peaks_of_a_tone() -> None:
    meter = Meter(2)
    samples = tone(1, RATE, channels=2, level=0.5)
    samples[:, 1] = 0
    for start in range(0, RATE, 777):  # in portions of any size
        meter.add(samples[start : start + 777])
    levels, peaks = meter.result()
    assert [len(channel) for channel in (*levels, *peaks)] == [20] * 4
    assert (set(levels[0]), set(levels[1])) == ({-9}, {-90})
    assert (set(peaks[0]) <= {50, 51}, set(peaks[1])) == (True, {0})


def test_full_scale_is_a_hundred_and_the_last_part_counts() -> None:
    meter = Meter(1)
    meter.add(np.full((900, 1), -32768, dtype=np.int16))
    assert meter.result() == (((0, 0),), ((100, 100),))


def test_nothing_has_no_levels() -> None:
    assert Meter(2).result() == (((), ()), ((), ()))


def voice(formant_hz: float, seed: int, seconds: float = 1.0) -> NDArray[np.int16]:
    """A buzz of 130 Hz with one resonance, and a little noise."""
    moments = np.arange(int(seconds * RATE)) / RATE
    harmonics = np.arange(1, 28) * 130.0
    strength = 1 / (1 + np.square((harmonics - formant_hz) / 200))
    buzz = (np.sin(2 * np.pi * np.outer(moments, harmonics)) * strength).sum(axis=1)
    noise = np.random.default_rng(seed).normal(0, 0.02, buzz.shape)
    return ((buzz / np.abs(buzz).max() * 0.3 + noise) * 32767 * 0.5).astype(np.int16)


def test_two_voices_sound_different_and_one_voice_does_not() -> None:
    pause = silence(0.5, RATE)[:, 0]
    order = [700, 1500, 720, 1480, 690, 1520]
    call = np.concatenate([part for i, formant in enumerate(order) for part in (voice(formant, i), pause)])
    words = [Word("слово", i * 1500, i * 1500 + 1000) for i in range(len(order))]
    assert separate(voice_runs(call, words)) == (0, 1, 0, 1, 0, 1)
    alone = np.concatenate([part for i in range(6) for part in (voice(700, i), pause)])
    assert separate(voice_runs(alone, words)) is None


def test_a_run_shorter_than_a_window_has_features_all_the_same() -> None:
    (run,) = voice_runs(voice(700, 1, 0.01), [Word("а", 0, 10)])
    assert len(run.features) == 13
    assert np.isfinite(run.features).all()
