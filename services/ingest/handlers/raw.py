"""A raw event becomes facts, and each fact finds its handler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.ingest.domain.facts import (
    CallFact,
    Fact,
    ImportedFact,
    LeadFact,
    LegFact,
    PersonFact,
    RatingFact,
    RecordingFact,
    TranscriptFact,
)
from services.ingest.handlers.calls import call_told, leg_told, rated
from services.ingest.handlers.leads import lead_told
from services.ingest.handlers.people import person_told
from services.ingest.handlers.recordings import recording_imported, recording_told, transcript_told
from services.ingest.handlers.republish import ask_again
from services.ingest.ports import Desk, Kept, Provider, Store
from services.runtime.errors import PermanentError


class NoRawEvent(PermanentError):
    """The job names a raw event that is not in the store."""

    code = "no_raw_event"


class Unusable(PermanentError):
    """The raw event cannot be understood (any more: it was accepted once)."""

    code = "unusable_event"


def raw_event(job: Mapping[str, Any], desk: Desk) -> None:
    """Works on one raw event; a replay also publishes its subjects again. Raises NoRawEvent, Unusable."""
    kept = _kept(job, desk.store)
    facts = facts_of(kept, desk.providers)
    desk.store.one_at_a_time()
    for fact in facts:
        told(fact, kept, desk)
    if facts and kept.problem is not None:
        desk.store.quarantine(kept.raw.source, kept.event_key, None)
    if "run" in job:
        for fact in facts:
            ask_again(fact, kept, str(job["run"]), desk)


def _kept(job: Mapping[str, Any], store: Store) -> Kept:
    kept = store.raw(str(job["source"]), str(job["key"]))
    if kept is None:
        raise NoRawEvent("The raw event of this job is not in the store.")
    return kept


def facts_of(kept: Kept, providers: Mapping[str, Provider]) -> tuple[Fact, ...]:
    """What the raw event says. Raises Unusable."""
    provider = providers.get(kept.raw.source)
    if provider is None:
        raise Unusable(f"The source {kept.raw.source} is not in the settings any more.")
    readings = provider.read(kept.raw)
    if kept.position >= len(readings):
        raise Unusable("The delivery has fewer events than when it came.")
    reading = readings[kept.position]
    if reading.problem is not None:
        raise Unusable(f"{reading.problem.where}: {reading.problem.detail}")
    return reading.facts


def transcript_of(job: Mapping[str, Any], store: Store, providers: Mapping[str, Provider]) -> TranscriptFact:
    """The transcript in a raw event. Raises NoRawEvent, Unusable."""
    for fact in facts_of(_kept(job, store), providers):
        if isinstance(fact, TranscriptFact):
            return fact
    raise Unusable("The raw event of this job holds no transcript.")


def told(fact: Fact, kept: Kept, desk: Desk) -> None:
    """One fact to its handler."""
    match fact:
        case CallFact():
            call_told(fact, desk)
        case LegFact():
            leg_told(fact, desk)
        case RecordingFact():
            recording_told(fact, kept, desk)
        case ImportedFact():
            recording_imported(fact, kept, desk)
        case TranscriptFact():
            transcript_told(fact, kept, desk)
        case RatingFact():
            rated(fact, desk)
        case LeadFact():
            lead_told(fact, desk)
        case PersonFact():
            person_told(fact, desk)


def raw_event_buried(job: Mapping[str, Any], code: str, desk: Desk) -> None:
    """A raw event that could not be worked on is shown as put aside."""
    desk.store.quarantine(str(job["source"]), str(job["key"]), code)
