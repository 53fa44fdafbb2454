"""The documented webhook: JSON, signed with HMAC-SHA256 over timestamp and raw body (see docs/webhook.md)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.ingest.adapters.fetching import RecordingShelf
from services.ingest.domain.address import LinkRules
from services.ingest.domain.claims import canonical
from services.ingest.domain.facts import Problem, Raw, Reading, subject_of
from services.ingest.domain.fields import Fields, Misread, misread, required
from services.ingest.domain.generic import OWN_READERS, READERS, recording_url
from services.ingest.domain.recording import Fetched, NotFetched, Recording
from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.domain.strict_json import Unreadable, parse
from services.ingest.ports import Answer, Request

WINDOW_SECONDS = 300
MOST_EVENTS = 500
SHORTEST_SECRET = 16


class GenericWebhook:
    """One source of the documented webhook. `secrets`: any of them signs, so that one can be changed in peace."""

    name = "generic"

    def __init__(self, secrets: Sequence[str], rules: LinkRules, shelf: RecordingShelf | None) -> None:
        if not secrets or any(len(secret) < SHORTEST_SECRET for secret in secrets):
            raise ValueError(f"a webhook needs secrets of at least {SHORTEST_SECRET} characters")
        self._secrets = [secret.encode() for secret in secrets]
        self._rules = rules
        self._shelf = shelf

    def admit(self, request: Request) -> Answer | None:
        """Checks timestamp and signature of the bytes as they came. Raises NotAdmitted."""
        told = request.headers.get("x-otzvuk-signature", "")
        given = re.findall(r"(?:^|,)\s*v1=([0-9a-f]{64})\s*(?=,|$)", told)
        if not given:
            raise NotAdmitted(Refused.SIGNATURE_MISSING)
        stamp = request.headers.get("x-otzvuk-timestamp", "")
        if not re.fullmatch(r"[0-9]{1,12}", stamp):
            raise NotAdmitted(Refused.TIMESTAMP_MISSING)
        if abs(int(stamp) - request.received_at.timestamp()) > WINDOW_SECONDS:
            raise NotAdmitted(Refused.TIMESTAMP_OUTSIDE_WINDOW)
        signed = stamp.encode() + b"." + request.body
        wanted = [hmac.new(secret, signed, hashlib.sha256).hexdigest() for secret in self._secrets]
        # every pair is compared, so that the time tells nothing about which one fitted
        fits = [hmac.compare_digest(one, other) for one in wanted for other in given[:8]]
        if not any(fits):
            raise NotAdmitted(Refused.SIGNATURE_WRONG)
        return None

    def read(self, raw: Raw) -> Sequence[Reading]:
        """See `Provider`."""
        return read(raw, READERS)

    def fetch(self, raw: Raw, position: int, recording: Recording) -> Fetched | NotFetched:
        """Fetches the link that stands in the event."""
        event = events_of(parse(raw.body))[position]
        url = recording_url(Fields(event["data"], "data", raw.received_at))
        assert self._shelf is not None
        return self._shelf.bring(url, self._rules, recording)


class ImportedEvents:
    """What `otzvuk import` writes: the same events from our own hand, and recordings that lie in storage already."""

    name = "import"

    def admit(self, request: Request) -> Answer | None:
        """Nobody comes in by this name over the network."""
        raise NotAdmitted(Refused.UNKNOWN_SOURCE)

    def read(self, raw: Raw) -> Sequence[Reading]:
        """See `Provider`."""
        return read(raw, {**READERS, **OWN_READERS})

    def fetch(self, raw: Raw, position: int, recording: Recording) -> Fetched | NotFetched:
        """Imported recordings are stored before they are told of."""
        return NotFetched("imported_without_file", final=True)


def read(raw: Raw, readers: Mapping[str, Any]) -> list[Reading]:
    """The events of a body; one that cannot be read at all is a single reading with its problem."""
    try:
        events = events_of(parse(raw.body))
    except Unreadable as error:
        return [unreadable(raw, Problem(error.code, "body", error.detail))]
    except Misread as error:
        return [unreadable(raw, error.problem)]
    return [
        _reading(event, f"events[{index}]" if len(events) > 1 else "", raw, readers)
        for index, event in enumerate(events)
    ]


def events_of(body: Any) -> list[Any]:
    """One event or the list in `events`. Raises Misread."""
    if not isinstance(body, dict):
        raise misread("wrong_type", "body", "The body must be an object.")
    if "events" not in body:
        return [body]
    events = body["events"]
    if not isinstance(events, list) or not events:
        raise misread("wrong_type", "events", "`events` must be a list of events.")
    if len(events) > MOST_EVENTS:
        raise misread("too_many", "events", f"`events` has more than {MOST_EVENTS} items.")
    return events


def unreadable(raw: Raw, problem: Problem) -> Reading:
    """A delivery that nobody can read is kept by its hash."""
    digest = hashlib.sha256(raw.body).hexdigest()
    return Reading(f"unreadable-{digest}", "unreadable", "", digest, problem=problem)


def _reading(event: Any, where: str, raw: Raw, readers: Mapping[str, Any]) -> Reading:
    digest = hashlib.sha256(canonical(_plain(event)).encode()).hexdigest()
    key, kind = f"unnamed-{digest}", "unknown"
    try:
        fields = Fields(event, where, raw.received_at)
        key = f"id-{fields.text('event_id', 128)}"
        kind = fields.text("event", 64)
        occurred_at: datetime = required(fields.instant("occurred_at"), fields, "occurred_at")
        if kind not in readers:
            raise misread("unknown_event", fields.place("event"), f"There is no event {kind!r}.")
        data = Fields(event.get("data"), fields.place("data"), raw.received_at)
        fact = readers[kind](data, raw.source, occurred_at)
    except Misread as error:
        return Reading(key, kind, "", digest, problem=error.problem)
    return Reading(key, kind, subject_of(fact), digest, (fact,))


def _plain(value: Any) -> Any:
    """Decimals as texts, for the digest."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, str | int) else str(value)
