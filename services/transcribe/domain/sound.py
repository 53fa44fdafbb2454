"""What is known of a recording's sound before anybody has listened for words: source facts, levels, peaks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from services.transcribe.domain.transcript import Interval, Peaks

RATE = 16_000  # samples a second after decoding: what Whisper and Silero take
PER_SECOND = 20  # levels and peaks a second
SILENT_DBFS = -90
NEAR_SILENT_DBFS = -57  # a channel that never gets louder has no speech in it; the model is not asked


@dataclass(frozen=True, slots=True)
class Sound:
    """A decoded recording. `levels` (dBFS, RMS) and `peaks` (0…100): a list a channel, PER_SECOND of them a second."""

    container: str
    codec: str
    source_rate: int
    channels: int
    duration_ms: int
    levels: tuple[tuple[int, ...], ...]
    peaks: tuple[tuple[int, ...], ...]

    def as_peaks(self) -> Peaks:
        return Peaks(PER_SECOND, self.peaks)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a recording may be at most; beyond it there is a named refusal, not an attempt."""

    bytes: int = 250 * 2**20
    seconds: int = 4 * 3600
    channels: int = 2
    rate: int = 192_000


def is_near_silent(levels: Sequence[int]) -> bool:
    """Whether a channel never (but for single clicks) gets louder than a quiet line's noise."""
    loud = sorted(levels, reverse=True)[: max(1, PER_SECOND // 4)]
    return not loud or loud[-1] < NEAR_SILENT_DBFS


def loudness_dbfs(levels: Sequence[int], speech: Sequence[Interval]) -> float | None:
    """Mean power over the stretches of speech, dB below full scale; None without speech."""
    return _mean(_during(levels, speech))


def noise_dbfs(levels: Sequence[int], speech: Sequence[Interval]) -> float | None:
    """Mean power where nobody speaks on the channel; None when it is speech all along."""
    inside = set(_indices(levels, speech))
    return _mean([level for index, level in enumerate(levels) if index not in inside])


def is_clipped(peaks: Sequence[int]) -> bool:
    """Whether the sound was cut off at full scale often enough to hurt."""
    return sum(1 for peak in peaks if peak >= 99) * 20 > max(len(peaks), 1)


def _indices(levels: Sequence[int], speech: Sequence[Interval]) -> list[int]:
    return [
        index
        for stretch in speech
        for index in range(stretch.start_ms * PER_SECOND // 1000, stretch.end_ms * PER_SECOND // 1000)
        if index < len(levels)
    ]


def _during(levels: Sequence[int], speech: Sequence[Interval]) -> list[int]:
    return [levels[index] for index in _indices(levels, speech)]


def _mean(levels: Sequence[int]) -> float | None:
    if not levels:
        return None
    return round(10 * math.log10(sum(10 ** (level / 10) for level in levels) / len(levels)), 1)
