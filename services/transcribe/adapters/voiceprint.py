"""How a stretch of speech sounds: mean cepstral coefficients, which differ more between voices than within one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.transcribe.adapters.voice_activity import to_float
from services.transcribe.domain.sound import RATE
from services.transcribe.domain.transcript import Word
from services.transcribe.domain.voices import VoiceRun, runs_of

WINDOW, STEP, FFT = 400, 160, 512
BANDS, COEFFICIENTS = 26, 13
LOWEST_HZ, HIGHEST_HZ = 100, 3800  # what a telephone lets through
QUIETER_DB = 30  # frames this far below the loudest are pauses
# spread of each coefficient within one speaker's turns, measured on the demo's recordings
SPREAD = np.array([3.3, 3.47, 1.66, 1.6, 1.08, 1.4, 1.05, 1.01, 0.8, 0.76, 0.68, 0.54, 0.59])


def voice_runs(samples: NDArray[np.int16], words: Sequence[Word]) -> tuple[VoiceRun, ...]:
    """The runs of words of one channel (int16 at 16000 Hz) with how each sounds."""
    found = []
    for run in runs_of(words):
        start, end = run[0].start_ms, run[-1].end_ms
        features = tuple(float(value) for value in _cepstrum(samples[start * RATE // 1000 : end * RATE // 1000]))
        found.append(VoiceRun(start, end, features))
    return tuple(found)


def _cepstrum(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    sound = to_float(samples)
    if sound.shape[0] < WINDOW:
        sound = np.pad(sound, (0, WINDOW - sound.shape[0]))
    frames = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::STEP] * np.hanning(WINDOW)
    power = np.square(np.abs(np.fft.rfft(frames, FFT, axis=1)))
    loudness = 10 * np.log10(power.mean(axis=1) + 1e-10)
    heard = power[loudness > loudness.max() - QUIETER_DB]
    coefficients = np.log(heard @ _bands().T + 1e-8) @ _cosines().T
    mean: NDArray[np.float64] = coefficients.mean(axis=0) / SPREAD
    return mean


def _bands() -> NDArray[np.float64]:
    """Triangular filters, evenly spaced on the mel scale: float64[BANDS, FFT // 2 + 1]."""
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOWEST_HZ, HIGHEST_HZ))
    corners = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rising = (bins - corners[:-2, np.newaxis]) / (corners[1:-1] - corners[:-2])[:, np.newaxis]
    falling = (corners[2:, np.newaxis] - bins) / (corners[2:] - corners[1:-1])[:, np.newaxis]
    return np.maximum(0, np.minimum(rising, falling))


def _cosines() -> NDArray[np.float64]:
    order = np.arange(1, COEFFICIENTS + 1)[:, np.newaxis]
    cosines: NDArray[np.float64] = np.cos(np.pi / BANDS * (np.arange(BANDS) + 0.5) * order)
    return cosines
