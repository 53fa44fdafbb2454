"""Sends a newcomer's own recording the same way as every other call: as a call of the first seller, ended just now."""

from __future__ import annotations

import hashlib
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from demo.company import Company
from demo.script import PBX, Event

UNKNOWN_LENGTH_S = 60
OWN_NUMBER = "+7 900 000-00-77"


def length_s(path: Path) -> int:
    """Seconds of sound in a file of any format; a guess when its head does not say."""
    import av

    try:
        with av.open(str(path)) as container:
            return max(1, round((container.duration or UNKNOWN_LENGTH_S * 1_000_000) / 1_000_000))
    except (av.error.FFmpegError, OSError):
        return UNKNOWN_LENGTH_S


def place(path: Path, folder: Path) -> Path:
    """Copies the file to where the fake PBX serves from, under a name of its content."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    target = folder / f"own-{digest[:16]}{path.suffix.lower()}"
    shutil.copyfile(path, target)
    return target


def events(served: Path, company: Company, now: datetime, recordings_url: str) -> tuple[str, list[Event]]:
    """The PBX's id of the call and what is sent about it. `served` lies in the folder of the fake PBX."""
    seller = company.sellers()[0]
    seconds = length_s(served)
    started = now - timedelta(seconds=seconds + 10)
    name = f"{started:%Y%m%d%H%M%S}-{served.stem}"
    finished = {
        "call_id": name,
        "direction": "in",
        "outcome": "answered",
        "started_at": started.isoformat(),
        "answered_at": (started + timedelta(seconds=5)).isoformat(),
        "ended_at": (started + timedelta(seconds=5 + seconds)).isoformat(),
        "client_number": OWN_NUMBER,
        "extension": seller.extensions[0],
        "recording_expected": True,
    }
    recording = {
        "call_id": name,
        "url": f"{recordings_url}/{served.name}",
        "sha256": hashlib.sha256(served.read_bytes()).hexdigest(),
        "size_bytes": served.stat().st_size,
        "seller_channel": 0,
    }
    return name, [
        Event(PBX, "call.finished", f"{name}-finished", now, finished),
        Event(PBX, "recording.ready", f"{name}-recording", now, recording),
    ]
