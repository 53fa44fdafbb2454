"""What ingest needs from outside: its store, the transaction's queue, providers, the keeper of raw events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.ingest.domain.call import Call
from services.ingest.domain.facts import CallRef, PersonFact, RatingFact, Raw, Reading
from services.ingest.domain.lead import Lead
from services.ingest.domain.recording import Fetched, NotFetched, Recording


@dataclass(frozen=True, slots=True)
class Request:
    """A request at the door, before anybody has believed it. Header names are lower-case."""

    source: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider wants to hear when there is nothing to keep (a probe of the connection)."""

    status: int


class Provider(Protocol):
    """One kind of sender: how it proves itself, how it is read, how its recordings are fetched."""

    name: str

    def admit(self, request: Request) -> Answer | None:
        """None: keep it. Raises NotAdmitted when the sender has not proved who it is."""
        ...

    def read(self, raw: Raw) -> Sequence[Reading]:
        """The events of a delivery; never raises: what cannot be read carries its problem. Same bytes, same result."""
        ...

    def fetch(self, raw: Raw, position: int, recording: Recording) -> Fetched | NotFetched:
        """Brings the recording that the event at `position` tells of into storage."""
        ...


@dataclass(frozen=True, slots=True)
class RawRow:
    """One event to keep. Of several in one delivery the first accepted holds the body (the others name it)."""

    source: str
    path: str
    position: int
    reading: Reading
    body: bytes
    headers: Mapping[str, str]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A raw event as it lies in the store."""

    raw_id: int
    raw: Raw
    position: int
    event_key: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of each event of a delivery: `accepted`, `duplicate`, `conflict` or `quarantined`, in order."""

    outcomes: tuple[str, ...]


class Keeper(Protocol):
    """Keeps raw events for ever, with the job to work on each, in one transaction."""

    def keep(self, rows: Sequence[RawRow]) -> Future[Receipt]:
        """Done when the rows are safely stored; fails with TransientError. Raises NotAdmitted when too much waits."""
        ...


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call with what was last published of it."""

    call: Call
    revision: int = 0
    published: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CallIndex:
    """By what a call is found again when a person or a lead arrives."""

    started_at: datetime | None = None
    extension: str | None = None
    responsible: str | None = None
    client_key: str | None = None


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead with what was last published of it; `announced_at` is the last step of its way that went out."""

    lead: Lead
    revision: int = 0
    announced_at: datetime | None = None
    published: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class StoredRating:
    """A rating as it was last published."""

    fact: RatingFact


class Store(Protocol):
    """The service's tables, inside one transaction."""

    def one_at_a_time(self) -> None:
        """From here to the end of the transaction nobody else changes calls, leads or people."""
        ...

    def raw(self, source: str, event_key: str) -> Kept | None: ...
    def raw_by_id(self, raw_id: int) -> Kept | None: ...
    def quarantine(self, source: str, event_key: str, code: str | None) -> None: ...

    def call(self, ref: CallRef) -> StoredCall: ...
    def call_by_id(self, call_id: str) -> StoredCall | None: ...
    def save_call(self, stored: StoredCall, index: CallIndex) -> None: ...
    def calls_of_client(self, client_key: str) -> list[StoredCall]: ...
    def calls_of_person(self, person_id: str, extensions: Iterable[str]) -> list[StoredCall]: ...

    def lead(self, lead_id: str) -> StoredLead: ...
    def save_lead(self, stored: StoredLead) -> None: ...
    def leads_of_client(self, client_key: str) -> list[Lead]: ...
    def leads_of_person(self, person_id: str) -> list[StoredLead]: ...

    def add_statement(self, fact: PersonFact) -> bool: ...
    def forget_statement(self, fact: PersonFact) -> None: ...
    def statements_about(self, extension: str) -> list[PersonFact]: ...
    def statements_of(self, person_id: str) -> list[PersonFact]: ...

    def recording(self, recording_id: str) -> Recording | None: ...
    def recordings_of(self, call_id: str) -> list[Recording]: ...
    def save_recording(self, recording: Recording) -> None: ...

    def rating(self, call_id: str, channel: str) -> StoredRating | None: ...
    def ratings_of(self, call_id: str) -> list[StoredRating]: ...
    def save_rating(self, stored: StoredRating) -> None: ...


class Outgoing(Protocol):
    """Events and jobs that leave with the transaction; `now` is the database's clock."""

    @property
    def now(self) -> datetime: ...

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str: ...

    def later(
        self, topic: str, key: str, data: Mapping[str, Any], *, event_id: str, not_before: datetime | None = None
    ) -> bool: ...


class Clerk(Protocol):
    """Writes a PBX's own transcript into storage; gives its key."""

    def write(self, key: str, document: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a handler works with: one transaction, and how numbers become clients."""

    store: Store
    out: Outgoing
    providers: Mapping[str, Provider]
    secret: bytes = field(repr=False, default=b"")
    region: str = "RU"
