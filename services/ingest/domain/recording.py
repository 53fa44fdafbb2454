"""A recording on its way to us: its states, and the plan by which it is asked for again before it is called lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from services.ingest.domain.facts import CallRef


class RecordingState(Enum):
    """`expected` until it lies in our storage (`stored`) or nothing more can be done (`lost`)."""

    EXPECTED = "expected"
    STORED = "stored"
    LOST = "lost"


# a file may lag its call, and a PBX may be away for an hour; together a little over two hours
PLAN = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 10, 20, 60, 60, 60, 120, 300, 600, 900, 1200, 1800, 2400))


@dataclass(frozen=True, slots=True)
class Recording:
    """What we know of it. `raw_id` is the event that tells how it is fetched."""

    recording_id: str
    ref: CallRef
    raw_id: int
    state: RecordingState = RecordingState.EXPECTED
    tries: int = 0
    reason: str | None = None
    wanted_sha256: str | None = None
    content_type: str | None = None
    seller_channel: int | None = None
    key: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    stored_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes lie in storage under `key`."""

    key: str
    sha256: str
    size_bytes: int
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class NotFetched:
    """Why not. `final`: asking again cannot help. `wait`: not before this time has passed."""

    code: str
    final: bool = False
    wait: timedelta | None = None


def storage_key(call_id: str, recording_id: str, sha256: str) -> str:
    """Where a recording lies: our own ids and its hash only, so that no foreign name becomes a path."""
    return f"recordings/{call_id[1:3]}/{call_id}/{recording_id}-{sha256[:16]}"


def transcript_key(call_id: str, recording_id: str) -> str:
    """Where a PBX's own transcript lies."""
    return f"provider-transcripts/{call_id[1:3]}/{call_id}/{recording_id}.json"


def next_try(tries: int, failure: NotFetched) -> timedelta | None:
    """How long to wait after `tries` failed ones; None when it is lost."""
    if failure.final or tries > len(PLAN):
        return None
    planned = PLAN[tries - 1]
    return max(planned, failure.wait) if failure.wait else planned
