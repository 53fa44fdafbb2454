"""Speaks one turn: festival's Russian voice, made into another person and put through a telephone by sox."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from demo.voices.script import Turn, Voice

RATE = 8000
FESTIVAL_VOICE = "(voice_msu_ru_nsh_clunits)"
SPEECH_RMS = 0.10  # −20 dBFS
Samples = NDArray[np.float32]


class MissingTools(Exception):
    """A tool that the voices need is not installed."""


def require_tools() -> None:
    """Raises MissingTools unless festival with its Russian voice and sox are here (Debian: festival festvox-ru sox)."""
    missing = [tool for tool in ("text2wave", "sox") if shutil.which(tool) is None]
    if not Path("/usr/share/festival/voices/russian").is_dir():
        missing.append("festvox-ru")
    if missing:
        raise MissingTools(f"missing: {', '.join(missing)}; apt-get install festival festvox-ru sox")


def speak(turn: Turn, voice: Voice) -> Samples:
    """The turn as float32[n], mono, −1…1, 8000 Hz, telephone band, speech at −20 dBFS, silence at the ends cut off."""
    with tempfile.TemporaryDirectory() as folder:
        text, plain, phone = (Path(folder) / name for name in ("turn.txt", "plain.wav", "phone.raw"))
        text.write_text(turn.text, encoding="utf-8")
        _run("text2wave", "-eval", FESTIVAL_VOICE, str(text), "-o", str(plain))
        effects = ["tempo", "-s", str(voice.tempo), "pitch", str(voice.pitch), "rate", "-h", str(RATE)]
        band = ["highpass", "300", "lowpass", "3400"]
        encoding = ["-e", "signed", "-b", "16"]
        _run("sox", "-D", "-R", "-G", str(plain), "-t", "raw", *encoding, "-c", "1", str(phone), *effects, *band)
        samples: Samples = np.fromfile(phone, dtype="<i2").astype(np.float32) / np.float32(32768)
    return _level(_trim(samples))


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _trim(samples: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    if loud.size == 0:
        return samples
    margin = RATE // 50
    return samples[max(0, loud[0] - margin) : loud[-1] + margin]


def _level(samples: Samples) -> Samples:
    rms = float(np.sqrt(np.mean(np.square(samples)))) or 1.0
    level: Samples = np.clip(samples * np.float32(SPEECH_RMS / rms), -0.98, 0.98)
    return level
