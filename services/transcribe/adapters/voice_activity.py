"""Where somebody speaks: Silero VAD as faster-whisper carries it, set for telephone speech.

Its usual threshold of 0.5 throws away quiet telephone words and synthetic voices; these values kept them and found
nothing in silence.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.transcribe.domain.intervals import union
from services.transcribe.domain.sound import RATE
from services.transcribe.domain.transcript import Interval

THRESHOLD = 0.2
NEGATIVE_THRESHOLD = 0.1
MIN_SILENCE_MS = 500
PAD_MS = 250
BLOCK_SECONDS = 600


class SileroVoiceActivity:
    """Finds speech in int16 samples of one channel at 16000 Hz, in blocks, so that memory stays small."""

    def __init__(self) -> None:
        from faster_whisper.vad import VadOptions, get_speech_timestamps

        self._find: Any = get_speech_timestamps
        self._options = VadOptions(
            threshold=THRESHOLD,
            neg_threshold=NEGATIVE_THRESHOLD,
            min_silence_duration_ms=MIN_SILENCE_MS,
            speech_pad_ms=0,
        )

    def speech(self, samples: NDArray[np.int16]) -> tuple[Interval, ...]:
        """Stretches with speech, without padding, at least MIN_SILENCE_MS apart."""
        found: list[Interval] = []
        for start in range(0, samples.shape[0], BLOCK_SECONDS * RATE):
            block = to_float(samples[start : start + BLOCK_SECONDS * RATE])
            found.extend(
                Interval((start + part["start"]) * 1000 // RATE, (start + part["end"]) * 1000 // RATE)
                for part in self._find(block, self._options)
            )
        return union(found, join_ms=MIN_SILENCE_MS - 1)


def to_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """float32 in −1…1 of int16."""
    return samples.astype(np.float32) / np.float32(32768)
