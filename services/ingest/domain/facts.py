"""Facts: what one event of a PBX or CRM says, in our own words, whoever the sender is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any


class Direction(Enum):
    """Who called: `in` the client, `out` the seller, `internal` colleagues."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class Outcome(Enum):
    """How a call ended."""

    ANSWERED = "answered"
    MISSED = "missed"
    CANCELLED = "cancelled"
    BUSY = "busy"
    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    FAILED = "failed"
    VOICEMAIL = "voicemail"
    IN_PROGRESS = "in_progress"


class LegKind(Enum):
    """What stood at the company's end of a leg."""

    PERSON = "person"
    QUEUE = "queue"
    IVR = "ivr"
    VOICEMAIL = "voicemail"


class StageKind(Enum):
    """What a CRM's stage means."""

    OPEN = "open"
    MEETING = "meeting"
    CONTRACT = "contract"
    WON = "won"
    REFUSED = "refused"

    @property
    def closed(self) -> bool:
        """Whether nothing is in work any more."""
        return self in (StageKind.WON, StageKind.REFUSED)


class Rank(IntEnum):
    """How much a statement about a call weighs against another: a summary knows better than a leg."""

    LEG = 1
    START = 2
    SUMMARY = 3


@dataclass(frozen=True, slots=True)
class CallRef:
    """A call as its PBX names it. `call_id` is our own, the same for ever."""

    source: str
    provider_call_id: str

    @property
    def call_id(self) -> str:
        """Our id: a hash, so that it says nothing and fits anywhere."""
        return "c" + hashlib.sha256(f"{self.source}\n{self.provider_call_id}".encode()).hexdigest()[:31]

    def recording_id(self, ref: str) -> str:
        """Our id of the call's recording that the PBX calls `ref`."""
        return "r" + hashlib.sha256(f"{self.source}\n{self.provider_call_id}\n{ref}".encode()).hexdigest()[:31]


@dataclass(frozen=True, slots=True)
class Tracking:
    """Where a client came from: advertising source, medium, campaign, tracking session."""

    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class CallFact:
    """A statement about a whole call; `None` says nothing. `number` is the outside number as it was written."""

    ref: CallRef
    rank: Rank
    at: datetime
    direction: Direction | None = None
    outcome: Outcome | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    number: str | None = None
    extension: str | None = None
    responsible: str | None = None
    line: str | None = None
    lead_id: str | None = None
    recording_expected: bool | None = None
    tracking: Tracking | None = None


@dataclass(frozen=True, slots=True)
class LegFact:
    """A statement about one leg; of contradicting ones the higher `seq` counts."""

    ref: CallRef
    leg_id: str
    seq: int
    at: datetime
    kind: LegKind | None = None
    extension: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordingFact:
    """A recording can be fetched. How, its provider reads from the raw event: links are not kept elsewhere."""

    ref: CallRef
    recording_ref: str
    sha256: str | None = None
    content_type: str | None = None
    seller_channel: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedFact:
    """A recording that already lies in our storage under `key`."""

    ref: CallRef
    recording_ref: str
    key: str
    sha256: str
    size_bytes: int
    content_type: str | None = None
    seller_channel: int | None = None


@dataclass(frozen=True, slots=True)
class SpokenFact:
    """One utterance of a PBX's own transcript; times in milliseconds, half-open."""

    speaker: str
    start_ms: int
    end_ms: int
    text: str
    confidence: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TranscriptFact:
    """A transcript that the PBX made itself."""

    ref: CallRef
    recording_ref: str
    language: str
    duration_ms: int | None
    utterances: tuple[SpokenFact, ...]


@dataclass(frozen=True, slots=True)
class RatingFact:
    """The client's rating, 1 (worst) to 5 (best)."""

    ref: CallRef
    rating: int
    channel: str
    rated_at: datetime


@dataclass(frozen=True, slots=True, order=True)
class StageFact:
    """A lead stood in this stage from `at` on."""

    at: datetime
    stage: str
    kind: str


@dataclass(frozen=True, slots=True)
class LeadFact:
    """A lead or deal after a change. `given` holds the optional fields that the CRM sent, `None` included."""

    lead_id: str
    created_at: datetime
    changed_at: datetime
    stages: tuple[StageFact, ...]
    given: tuple[tuple[str, Any], ...] = ()
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PersonFact:
    """From `since` on this person has these extensions and belongs to this department."""

    person_id: str
    since: datetime
    extensions: tuple[str, ...]
    department_id: str | None = None
    department_kind: str | None = None
    active: bool = True


Fact = CallFact | LegFact | RecordingFact | ImportedFact | TranscriptFact | RatingFact | LeadFact | PersonFact


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an event cannot be understood: a code, the place, one sentence."""

    code: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One event of a delivery: the sender's key (unique within the source), the subject that keeps order, its facts.

    `digest` is a hash of the content, so that a repetition is told from a contradiction. Either `facts` or `problem`;
    an event that says nothing to us has neither.
    """

    key: str
    kind: str
    subject: str
    digest: str
    facts: tuple[Fact, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """A delivery as it is kept: the path after the source's address, the bytes, and when they came."""

    source: str
    path: str
    body: bytes
    received_at: datetime


def subject_of(fact: Fact) -> str:
    """What a fact is about; facts of one subject are handled in order."""
    if isinstance(fact, LeadFact):
        return f"lead:{fact.lead_id}"
    if isinstance(fact, PersonFact):
        return f"person:{fact.person_id}"
    return f"call:{fact.ref.call_id}"
