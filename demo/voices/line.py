"""The telephone line: two speakers on two channels, noise, µ-law and back, and the files that a PBX would send."""

import io
from dataclasses import dataclass

import av
import numpy as np
from numpy.typing import NDArray

from demo.voices.script import CHANNEL_OF, Script
from demo.voices.synth import RATE, Samples, speak

MU = 255.0
NOISE_RMS = 0.0016  # −56 dBFS
LEAD_IN_MS = 400
CODECS = {
    "wav": ("wav", "pcm_mulaw", None),
    "mp3": ("mp3", "libmp3lame", 40_000),
    "opus": ("ogg", "libopus", 40_000),
    "flac": ("flac", "flac", None),
}


@dataclass(frozen=True)
class Spoken:
    """A turn with the time at which it is heard, milliseconds, half-open."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str


def mix(script: Script) -> tuple[NDArray[np.float32], list[Spoken]]:
    """The call as float32[2, n] at 8000 Hz (channel 0 the seller) and when each turn is heard."""
    spoken: list[Spoken] = []
    pieces: list[tuple[int, int, Samples]] = []
    clock = LEAD_IN_MS
    for index, turn in enumerate(script.turns):
        samples = speak(turn, script.voices[turn.speaker])
        start = max(0, clock + (turn.pause_ms if index else 0))
        clock = start + len(samples) * 1000 // RATE
        pieces.append((CHANNEL_OF[turn.speaker], start, samples))
        spoken.append(Spoken(turn.speaker, start, clock, turn.text))
        if script.beep_after_turn == index:
            pieces.append((CHANNEL_OF[turn.speaker], clock + 300, _beep()))
            clock += 2800
    return _line(pieces, clock + 600, script.seed), spoken


def silence(seconds: int, seed: int) -> NDArray[np.float32]:
    """A line on which nobody speaks: float32[2, n] at 8000 Hz."""
    return _line([], seconds * 1000, seed)


def encode(samples: NDArray[np.float32], kind: str) -> bytes:
    """The bytes of a `wav` (G.711), `mp3`, `opus` or `flac` file of float32[2, n] at 8000 Hz."""
    container_format, codec, bit_rate = CODECS[kind]
    pcm = (np.clip(samples, -1, 1) * 32767).astype("<i2")
    target = io.BytesIO()
    with av.open(target, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=RATE, layout="stereo")
        if bit_rate:
            stream.bit_rate = bit_rate
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T).reshape(1, -1), format="s16", layout="stereo")
        frame.sample_rate = RATE
        for packet in stream.encode(frame):
            container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return target.getvalue()


def _line(pieces: list[tuple[int, int, Samples]], length_ms: int, seed: int) -> NDArray[np.float32]:
    length = length_ms * RATE // 1000
    line = np.random.default_rng(seed).normal(0, NOISE_RMS, (2, length)).astype(np.float32)
    for channel, start_ms, samples in pieces:
        start = start_ms * RATE // 1000
        line[channel, start : start + len(samples)] += samples[: max(0, length - start)]
    return _mu_law(np.clip(line, -1, 1))


def _mu_law(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """G.711 µ-law there and back: what the line does to every sample (ITU-T G.711)."""
    squeezed = np.sign(samples) * np.log1p(MU * np.abs(samples)) / np.log1p(MU)
    steps = np.round(squeezed * 127) / 127
    back: NDArray[np.float32] = (np.sign(steps) * np.expm1(np.abs(steps) * np.log1p(MU)) / MU).astype(np.float32)
    return back


def _beep() -> Samples:
    moments = np.arange(RATE * 6 // 10) / RATE
    return (0.2 * np.sin(2 * np.pi * 1000 * moments)).astype(np.float32)
