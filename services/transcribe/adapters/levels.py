"""Loudness and waveform of a recording, gathered while it is decoded, so that no samples are kept in memory."""

import numpy as np
from numpy.typing import NDArray

from services.transcribe.domain.sound import PER_SECOND, RATE, SILENT_DBFS

BUCKET = RATE // PER_SECOND


class Meter:
    """Takes int16[n, channels] in any portions; gives levels (dBFS, RMS) and peaks (0…100), PER_SECOND a second."""

    def __init__(self, channels: int) -> None:
        self._rest: NDArray[np.int16] = np.zeros((0, channels), dtype=np.int16)
        self._levels: list[NDArray[np.int16]] = []
        self._peaks: list[NDArray[np.int16]] = []
        self._waiting: list[NDArray[np.int16]] = []
        self._waiting_samples = 0

    def add(self, samples: NDArray[np.int16]) -> None:
        self._waiting.append(samples)
        self._waiting_samples += samples.shape[0]
        if self._waiting_samples >= RATE * 10:
            self._measure()

    def result(self) -> tuple[tuple[tuple[int, ...], ...], tuple[tuple[int, ...], ...]]:
        """(levels, peaks), one list a channel; a last bucket that is not full counts as one."""
        self._measure()
        if self._rest.shape[0]:
            self._buckets(self._rest[np.newaxis])
        levels = np.concatenate(self._levels) if self._levels else np.zeros((0, self._rest.shape[1]), dtype=np.int16)
        peaks = np.concatenate(self._peaks) if self._peaks else levels
        return tuple(map(tuple, levels.T.tolist())), tuple(map(tuple, peaks.T.tolist()))

    def _measure(self) -> None:
        samples = np.concatenate([self._rest, *self._waiting])
        self._waiting, self._waiting_samples = [], 0
        whole = samples.shape[0] // BUCKET
        self._rest = samples[whole * BUCKET :]
        if whole:
            self._buckets(samples[: whole * BUCKET].reshape(whole, BUCKET, samples.shape[1]))

    def _buckets(self, buckets: NDArray[np.int16]) -> None:
        wide = buckets.astype(np.float32) / 32768
        power = np.mean(np.square(wide), axis=1)
        levels = np.maximum(10 * np.log10(np.maximum(power, 1e-12)), SILENT_DBFS)
        self._levels.append(np.round(levels).astype(np.int16))
        self._peaks.append(np.minimum(np.ceil(np.abs(wide).max(axis=1) * 100), 100).astype(np.int16))
