"""Inside the recognition process: faster-whisper with guards, one model, the channels of one recording side by side."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.transcribe.adapters.voice_activity import PAD_MS, SileroVoiceActivity, to_float
from services.transcribe.adapters.voiceprint import voice_runs
from services.transcribe.domain.hearing import believe
from services.transcribe.domain.intervals import padded
from services.transcribe.domain.recognition import Recognised
from services.transcribe.domain.sound import RATE
from services.transcribe.domain.suspicion import better, needs_another_try
from services.transcribe.domain.timeline import Timeline, in_portions
from services.transcribe.domain.transcript import Interval, Segment, Word

PORTION_MS = 300_000
WINDOW_MS = 29_000  # Whisper's window is 30 s
# tried in this order on a window that looks wrong: the same beam kept from repeating itself, then a little chance
SECOND_TRIES: tuple[dict[str, Any], ...] = (
    {"no_repeat_ngram_size": 4, "repetition_penalty": 1.1},
    {"temperature": 0.4, "beam_size": 1},
)


@dataclass(frozen=True)
class Engine:
    """What the recognition process is made with."""

    path: str
    device: str
    compute_type: str
    threads: int
    language: str
    beam_size: int
    batch_size: int
    hotwords: str


class Voice(Protocol):
    """Finds speech in int16 samples of one channel."""

    def speech(self, samples: NDArray[np.int16]) -> tuple[Interval, ...]: ...


def make_listener(engine: Engine) -> "Listener":
    """Loads the model (seconds)."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    workers = min(2, engine.threads)
    model: Any = WhisperModel(
        engine.path,
        device=engine.device,
        compute_type=engine.compute_type,
        cpu_threads=max(1, engine.threads // workers),
        num_workers=workers,
        local_files_only=True,
    )
    batched = BatchedInferencePipeline(model) if engine.batch_size > 1 else None
    return Listener(engine, model, batched, SileroVoiceActivity(), workers)


class Listener:
    """Recognises the channels of one recording after another."""

    def __init__(self, engine: Engine, model: Any, batched: Any, voice: Voice, workers: int) -> None:
        self._engine = engine
        self._model = model
        self._batched = batched
        self._voice = voice
        self._pool = ThreadPoolExecutor(max_workers=workers)

    def recognise(self, pcm: str, total: int, channels: Sequence[int]) -> tuple[Recognised, ...]:
        """The named channels of a file of int16 samples with `total` interleaved channels at 16000 Hz."""
        samples = np.memmap(pcm, dtype=np.int16, mode="r").reshape(-1, total)
        heard = self._pool.map(lambda channel: self._listen(channel, samples[:, channel], total == 1), channels)
        return tuple(heard)

    def _listen(self, channel: int, samples: NDArray[np.int16], alone: bool) -> Recognised:
        speech = self._voice.speech(samples)
        segments = self._channel(samples, speech)
        voices = voice_runs(samples, believe(segments)[0]) if alone else ()
        return Recognised(channel, segments, speech, voices)

    def _channel(self, samples: NDArray[np.int16], speech: tuple[Interval, ...]) -> tuple[Segment, ...]:
        whole = Interval(0, samples.shape[0] * 1000 // RATE)
        segments: list[Segment] = []
        for portion in in_portions(padded(speech, PAD_MS, whole), PORTION_MS):
            joined = np.concatenate([to_float(_cut(samples, piece)) for piece in portion])
            segments.extend(self._portion(joined, Timeline.of(portion)))
        return tuple(segments)

    def _portion(self, joined: NDArray[np.float32], timeline: Timeline) -> list[Segment]:
        """The segments of one portion; each window of the recogniser that looks wrong is tried again."""
        believed: list[Segment] = []
        for _, group in groupby(self._first_try(joined, timeline), key=lambda segment: segment.seek):
            window = list(group)
            tried: Sequence[Segment] = [_segment(segment, 0, timeline) for segment in window]
            for settings in SECOND_TRIES if needs_another_try(tried) else ():
                tried = better(tried, self._again(joined, window, timeline, settings))
                if not needs_another_try(tried):
                    break
            believed.extend(tried)
        return believed

    def _again(
        self, joined: NDArray[np.float32], window: Sequence[Any], timeline: Timeline, settings: dict[str, Any]
    ) -> list[Segment]:
        start, end = window[0].start, window[-1].end
        piece = joined[int(start * RATE) : int(end * RATE)]
        if piece.shape[0] == 0:
            return []
        return [_segment(segment, start, timeline) for segment in self._transcribe(piece, **settings)]

    def _first_try(self, joined: NDArray[np.float32], timeline: Timeline) -> list[Any]:
        if self._batched is None:
            return self._transcribe(joined)
        clips = [{"start": start / 1000, "end": end / 1000} for start, end in timeline.windows(WINDOW_MS)]
        settings = {**self._settings(), "batch_size": self._engine.batch_size, "clip_timestamps": clips}
        segments, _ = self._batched.transcribe(joined, without_timestamps=False, **settings)
        return list(segments)

    def _transcribe(self, sound: NDArray[np.float32], **other: Any) -> list[Any]:
        settings = {**self._settings(), "condition_on_previous_text": False, **other}
        segments, _ = self._model.transcribe(sound, **settings)
        return list(segments)  # a lazy generator: recognition happens here

    def _settings(self) -> dict[str, Any]:
        return {
            "language": self._engine.language,
            "beam_size": self._engine.beam_size,
            "temperature": 0.0,
            "word_timestamps": True,
            "hotwords": self._engine.hotwords or None,
            "vad_filter": False,
        }


def _cut(samples: NDArray[np.int16], piece: Interval) -> NDArray[np.int16]:
    return samples[piece.start_ms * RATE // 1000 : piece.end_ms * RATE // 1000]


def _segment(segment: Any, offset: float, timeline: Timeline) -> Segment:
    """faster-whisper's segment with times in the recording; `offset` in seconds of the joined sound."""
    words = tuple(timeline.word(word) for word in _whole_words(segment.words or (), offset))
    start = words[0].start_ms if words else timeline.moment(_ms(segment.start + offset))
    end = words[-1].end_ms if words else timeline.moment(_ms(segment.end + offset))
    return Segment(
        start_ms=start,
        end_ms=max(end, start),
        words=words,
        average_log_probability=float(segment.avg_logprob),
        no_speech_probability=float(segment.no_speech_prob),
        compression_ratio=float(segment.compression_ratio),
    )


def _whole_words(parts: Sequence[Any], offset: float) -> list[Word]:
    """Words of the joined sound; what follows without a space («-то») belongs to the word before it."""
    words: list[Word] = []
    for part in parts:
        text, end = part.word.strip(), _ms(part.end + offset)
        if words and not part.word.startswith(" "):
            last = words[-1]
            probability = min(last.probability or 0.0, float(part.probability))
            words[-1] = Word(last.text + text, last.start_ms, end, probability)
        elif text:
            words.append(Word(text, _ms(part.start + offset), end, float(part.probability)))
    return words


def _ms(seconds: float) -> int:
    return round(float(seconds) * 1000)
