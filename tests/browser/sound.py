"""Recordings and stored transcripts made from written dialogues: tones where somebody speaks, silence between."""

from __future__ import annotations

import io
import math
import random
import struct
import wave
from collections.abc import Mapping, Sequence
from typing import Any

RATE = 8000
PEAKS_PER_SECOND = 20


def transcript_of(call_id: str, dialogue: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """A `transcript.v1` document with words spread over each utterance, some of them doubtful, and peaks."""
    rng = random.Random(seed)
    lines = [_line(each, rng) for each in dialogue["utterances"]]
    duration = lines[-1]["end_ms"] + 1200
    return {
        "transcript_id": f"t-{call_id}",
        "call_id": call_id,
        "recording_id": f"r-{call_id}",
        "source": "recognizer",
        "language": dialogue.get("language", "ru"),
        "duration_ms": duration,
        "channels": 2,
        "utterances": lines,
        "speech": {
            speaker: {
                "talk_ms": sum(line["end_ms"] - line["start_ms"] for line in lines if line["speaker"] == speaker),
                "words": sum(len(line["words"]) for line in lines if line["speaker"] == speaker),
                "words_per_minute": 128,
                "loudness_dbfs": -24,
                "interruptions": 0,
                "longest_monologue_ms": 9000,
                "fillers": 1,
            }
            for speaker in ("seller", "client")
        }
        | {"silence_ms": 8000, "overlap_ms": 0, "longest_pause_ms": 2100},
        "quality": {"grade": "good" if seed % 4 else "fair", "reasons": [], "untrusted": []},
        "peaks": {"per_second": PEAKS_PER_SECOND, "channels": peaks_of(lines, duration, rng)},
    }


def _line(said: Mapping[str, Any], rng: random.Random) -> dict[str, Any]:
    words = said["text"].split()
    start, end = said["start_ms"], said["end_ms"]
    letters = sum(len(word) + 1 for word in words)
    timed, at = [], start
    for word in words:
        until = at + (end - start) * (len(word) + 1) // letters
        probability = 0.31 if rng.random() < 0.03 else 0.94
        timed.append({"text": word, "start_ms": at, "end_ms": until, "probability": probability})
        at = until
    return {
        "speaker": said["speaker"],
        "channel": 0 if said["speaker"] == "seller" else 1,
        "start_ms": start,
        "end_ms": end,
        "text": " ".join(words),
        "confidence": 0.92,
        "trusted": True,
        "words": timed,
    }


def peaks_of(lines: Sequence[Mapping[str, Any]], duration_ms: int, rng: random.Random) -> list[list[int]]:
    """Values 0…100 by channel."""
    channels = [[0] * (duration_ms * PEAKS_PER_SECOND // 1000 + 1) for _ in range(2)]
    for line in lines:
        first, last = (line[key] * PEAKS_PER_SECOND // 1000 for key in ("start_ms", "end_ms"))
        for i in range(first, last):
            channels[line["channel"]][i] = int(18 + 66 * rng.random() * (0.35 + 0.65 * abs(math.sin(i / 2.7))))
    return channels


def recording_of(document: Mapping[str, Any]) -> bytes:
    """A stereo 8 kHz WAV of the dialogue: a quiet tone on the channel of whoever speaks."""
    samples = document["duration_ms"] * RATE // 1000
    frames = bytearray(samples * 4)
    period = [int(1800 * math.sin(2 * math.pi * i / 40)) for i in range(40)]
    for line in document["utterances"]:
        first, last = (line[key] * RATE // 1000 for key in ("start_ms", "end_ms"))
        tone = b"".join(struct.pack("<hh", *((value, 0) if line["channel"] == 0 else (0, value))) for value in period)
        run = tone * ((last - first) // 40)
        frames[first * 4 : first * 4 + len(run)] = run
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(frames[: samples * 4]))
    return out.getvalue()
