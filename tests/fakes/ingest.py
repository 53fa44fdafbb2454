"""Hand-written stand-ins for ingest's ports, and facts to feed it with."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from schemas import codec
from services.ingest.adapters.telephony.generic import GenericWebhook
from services.ingest.domain.address import LinkRules
from services.ingest.domain.call import Call
from services.ingest.domain.facts import CallRef, PersonFact, Raw, Reading
from services.ingest.domain.lead import Lead, client_keys_of, responsible_of
from services.ingest.domain.recording import Recording
from services.ingest.ports import (
    CallIndex,
    Desk,
    Kept,
    Provider,
    RawRow,
    Receipt,
    Request,
    StoredCall,
    StoredLead,
    StoredRating,
)

NOW = datetime(2026, 5, 18, 12, 0, tzinfo=UTC)
SECRET = "a-secret-for-tests"
KEY_SECRET = b"another-secret-for-tests"


def at(seconds: int) -> datetime:
    """That many seconds after the tests' morning."""
    return datetime(2026, 5, 18, 6, 0, tzinfo=UTC) + timedelta(seconds=seconds)


class FakeStore:
    """`Store` in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], Kept] = {}
        self.problems: dict[tuple[str, str], str | None] = {}
        self.calls: dict[str, tuple[StoredCall, CallIndex]] = {}
        self.leads: dict[str, StoredLead] = {}
        self.statements: set[PersonFact] = set()
        self.recordings: dict[str, Recording] = {}
        self.ratings: dict[tuple[str, str], StoredRating] = {}

    def one_at_a_time(self) -> None:
        """There is nobody else."""

    def raw(self, source: str, event_key: str) -> Kept | None:
        return self.kept.get((source, event_key))

    def raw_by_id(self, raw_id: int) -> Kept | None:
        return next((kept for kept in self.kept.values() if kept.raw_id == raw_id), None)

    def quarantine(self, source: str, event_key: str, code: str | None) -> None:
        self.problems[(source, event_key)] = code

    def call(self, ref: CallRef) -> StoredCall:
        return self.call_by_id(ref.call_id) or StoredCall(Call(ref))

    def call_by_id(self, call_id: str) -> StoredCall | None:
        return self.calls[call_id][0] if call_id in self.calls else None

    def save_call(self, stored: StoredCall, index: CallIndex) -> None:
        self.calls[stored.call.ref.call_id] = (stored, index)

    def calls_of_client(self, client_key: str) -> list[StoredCall]:
        return self._calls(lambda index: index.client_key == client_key)

    def calls_of_person(self, person_id: str, extensions: Iterable[str]) -> list[StoredCall]:
        wanted = set(extensions)
        return self._calls(lambda index: index.extension in wanted or index.responsible == person_id)

    def _calls(self, fits: Any) -> list[StoredCall]:
        found = [(index.started_at, call_id, stored) for call_id, (stored, index) in self.calls.items() if fits(index)]
        return [stored for _, _, stored in sorted(found, key=lambda item: item[:2])]

    def lead(self, lead_id: str) -> StoredLead:
        return self.leads.get(lead_id) or StoredLead(Lead(lead_id))

    def save_lead(self, stored: StoredLead) -> None:
        self.leads[stored.lead.lead_id] = stored

    def leads_of_client(self, client_key: str) -> list[Lead]:
        return [stored.lead for _, stored in sorted(self.leads.items()) if client_key in client_keys_of(stored.lead)]

    def leads_of_person(self, person_id: str) -> list[StoredLead]:
        return [stored for _, stored in sorted(self.leads.items()) if responsible_of(stored.lead) == person_id]

    def add_statement(self, fact: PersonFact) -> bool:
        known = fact in self.statements
        self.statements.add(fact)
        return not known

    def forget_statement(self, fact: PersonFact) -> None:
        self.statements.discard(fact)

    def statements_about(self, extension: str) -> list[PersonFact]:
        people = {said.person_id for said in self.statements if extension in said.extensions}
        return [said for said in self.statements if said.person_id in people]

    def statements_of(self, person_id: str) -> list[PersonFact]:
        return [said for said in self.statements if said.person_id == person_id]

    def recording(self, recording_id: str) -> Recording | None:
        return self.recordings.get(recording_id)

    def recordings_of(self, call_id: str) -> list[Recording]:
        return [item for _, item in sorted(self.recordings.items()) if item.ref.call_id == call_id]

    def save_recording(self, recording: Recording) -> None:
        self.recordings[recording.recording_id] = recording

    def rating(self, call_id: str, channel: str) -> StoredRating | None:
        return self.ratings.get((call_id, channel))

    def ratings_of(self, call_id: str) -> list[StoredRating]:
        return [rating for (call, _), rating in sorted(self.ratings.items()) if call == call_id]

    def save_rating(self, stored: StoredRating) -> None:
        self.ratings[(stored.fact.ref.call_id, stored.fact.channel)] = stored


@dataclass
class FakeOut:
    """`Outgoing` in memory; every event is held against its schema unless a test makes too many of them."""

    now: datetime = NOW
    checks: bool = True
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    jobs: dict[str, tuple[str, str, dict[str, Any], datetime | None]] = field(default_factory=dict)

    def emit(self, event: str, key: str, data: Mapping[str, Any], *, occurred_at: datetime | None = None) -> str:
        plain = codec.plain(data) if self.checks else dict(data)
        if self.checks:
            codec.validate(event, plain)
        self.events.append((event, key, plain))
        return f"event-{len(self.events)}"

    def later(
        self, topic: str, key: str, data: Mapping[str, Any], *, event_id: str, not_before: datetime | None = None
    ) -> bool:
        if event_id in self.jobs:
            return False
        self.jobs[event_id] = (topic, key, dict(data), not_before)
        return True

    def of(self, event: str) -> list[dict[str, Any]]:
        """Data of all events of that name, in order."""
        return [data for name, _, data in self.events if name == event]


class FakeKeeper:
    """`Keeper` in memory: like the real one it knows duplicates and contradictions."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], RawRow] = {}

    def keep(self, rows: Sequence[RawRow]) -> Future[Receipt]:
        future: Future[Receipt] = Future()
        future.set_result(Receipt(tuple(self._keep(row) for row in rows)))
        return future

    def _keep(self, row: RawRow) -> str:
        before = self.rows.get((row.source, row.reading.key))
        if before is not None:
            return "duplicate" if before.reading.digest == row.reading.digest else "conflict"
        self.rows[(row.source, row.reading.key)] = row
        return "quarantined" if row.reading.problem else "accepted"


def desk(providers: Mapping[str, Provider] | None = None, *, checks: bool = True) -> Desk:
    """A desk over empty fakes."""
    return Desk(FakeStore(), FakeOut(checks=checks), providers or {}, KEY_SECRET, "RU")


def store_of(some: Desk) -> FakeStore:
    """The desk's fake store."""
    assert isinstance(some.store, FakeStore)
    return some.store


def out_of(some: Desk) -> FakeOut:
    """The desk's fake queue."""
    assert isinstance(some.out, FakeOut)
    return some.out


def webhook(secrets: Sequence[str] = (SECRET,)) -> GenericWebhook:
    """A source of the documented webhook that fetches nothing."""
    return GenericWebhook(secrets, LinkRules(hosts=("records.example",)), None)


def event(name: str, event_id: str = "e-1", occurred_at: datetime | None = None, **data: Any) -> dict[str, Any]:
    """An event of the documented webhook."""
    stamp = (occurred_at or at(0)).isoformat()
    return {"event": name, "event_id": event_id, "occurred_at": stamp, "data": data}


def body_of(*events: dict[str, Any]) -> bytes:
    """The body of a delivery."""
    content: dict[str, Any] = events[0] if len(events) == 1 else {"events": list(events)}
    return json.dumps(content, ensure_ascii=False).encode()


def signed(body: bytes, *, secret: str = SECRET, stamp: int | None = None) -> dict[str, str]:
    """Headers that make a delivery believable."""
    told = str(int(NOW.timestamp()) if stamp is None else stamp)
    signature = hmac.new(secret.encode(), told.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"x-otzvuk-timestamp": told, "x-otzvuk-signature": f"v1={signature}"}


def request(body: bytes, headers: Mapping[str, str], source: str = "pbx", path: str = "") -> Request:
    """A request at the door."""
    return Request(source, path, headers, body, NOW)


def read(*events: dict[str, Any]) -> list[Reading]:
    """What the documented webhook reads in events."""
    return list(webhook().read(Raw("pbx", "", body_of(*events), NOW)))
