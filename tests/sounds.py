"""Small sound files made on the spot: tones, silence, and containers that claim more than they hold."""

import io
import struct
import wave

import av
import numpy as np
from numpy.typing import NDArray


def tone(seconds: float, rate: int = 8000, channels: int = 1, level: float = 0.2) -> NDArray[np.int16]:
    """int16[n, channels]: a different tone on each channel."""
    moments = np.arange(int(seconds * rate)) / rate
    waves = [level * np.sin(2 * np.pi * (300 + 120 * channel) * moments) for channel in range(channels)]
    return (np.stack(waves, axis=1) * 32767).astype(np.int16)


def silence(seconds: float, rate: int = 8000, channels: int = 1) -> NDArray[np.int16]:
    """int16[n, channels] of zeros."""
    return np.zeros((int(seconds * rate), channels), dtype=np.int16)


def wav(samples: NDArray[np.int16], rate: int = 8000) -> bytes:
    """A PCM WAV file."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return target.getvalue()


def wav_claiming(samples: NDArray[np.int16], *, data_bytes: int, channels: int, rate: int) -> bytes:
    """A WAV file whose header claims another length, number of channels or rate than it has."""
    body = samples.tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", min(data_bytes + 36, 2**32 - 1), b"WAVE", b"fmt ", 16, 1, channels,
                       rate, min(rate * channels * 2, 2**32 - 1), channels * 2, 16)  # fmt: skip
    return head + struct.pack("<4sI", b"data", data_bytes) + body


def encoded(
    samples: NDArray[np.int16],
    container: str,
    codec: str,
    rate: int = 8000,
    bit_rate: int | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """The samples (1 or 2 channels) in any container and codec that FFmpeg writes."""
    layout = "stereo" if samples.shape[1] == 2 else "mono"
    target = io.BytesIO()
    with av.open(target, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout, options=options or {})
        if bit_rate:
            stream.bit_rate = bit_rate
        step = rate * 60
        for start in range(0, samples.shape[0], step):
            piece = np.ascontiguousarray(samples[start : start + step])
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout=layout)
            frame.sample_rate = rate
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return target.getvalue()
