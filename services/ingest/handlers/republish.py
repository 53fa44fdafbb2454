"""Publishes again what is known: for a replay, or when a topic was lost. Revisions stay, so nobody counts twice."""

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
from services.ingest.domain.jobs import DOWNLOAD, REPUBLISH, TRANSCRIPT
from services.ingest.domain.lead import as_event
from services.ingest.domain.recording import Recording, RecordingState
from services.ingest.handlers.calls import rating_data
from services.ingest.handlers.recordings import stored_data
from services.ingest.ports import Desk, Kept


def ask_again(fact: Fact, kept: Kept, run: str, desk: Desk) -> None:
    """For one fact of a replayed raw event: its subject is published again, once a replay (`run` names it)."""
    match fact:
        case CallFact() | LegFact():
            _ask(run, "call", fact.ref.call_id, desk)
        case LeadFact():
            _ask(run, "lead", fact.lead_id, desk)
        case RatingFact():
            _ask(run, "rating", fact.ref.call_id, desk)
        case RecordingFact() | ImportedFact():
            _ask(run, "recording", fact.ref.recording_id(fact.recording_ref), desk)
        case TranscriptFact():
            data = {"source": kept.raw.source, "key": kept.event_key}
            desk.out.later(TRANSCRIPT, fact.ref.call_id, data, event_id=f"transcript-{kept.raw_id}-{run}")
        case PersonFact():
            pass


def _ask(run: str, what: str, name: str, desk: Desk) -> None:
    job = {"what": what, "id": name, "run": run}
    desk.out.later(REPUBLISH, f"{what}:{name}"[:200], job, event_id=f"republish-{run}-{what}-{name}"[:200])


def republish(job: Mapping[str, Any], desk: Desk) -> None:
    """Emits the last state of one subject once more."""
    name = str(job["id"])
    match job["what"]:
        case "call":
            stored = desk.store.call_by_id(name)
            if stored is not None and stored.published is not None:
                desk.out.emit("call-registered", name, {**stored.published, "revision": stored.revision})
        case "lead":
            lead = desk.store.lead(name)
            if lead.published is not None:
                desk.out.emit("lead-changed", name, as_event(lead.published, lead.revision))
        case "rating":
            for rating in desk.store.ratings_of(name):
                desk.out.emit("call-rated", name, rating_data(rating.fact))
        case "recording":
            _recording(name, str(job["run"]), desk)


def _recording(recording_id: str, run: str, desk: Desk) -> None:
    """A stored one is published; a lost one is asked for anew by the whole plan."""
    recording = desk.store.recording(recording_id)
    if recording is None or recording.state is RecordingState.EXPECTED:
        return
    if recording.state is RecordingState.STORED:
        desk.out.emit("recording-stored", recording.ref.call_id, stored_data(recording))
        return
    desk.store.save_recording(
        Recording(
            recording.recording_id,
            recording.ref,
            recording.raw_id,
            wanted_sha256=recording.wanted_sha256,
            content_type=recording.content_type,
            seller_channel=recording.seller_channel,
        )
    )
    data = {"recording_id": recording_id}
    desk.out.later(DOWNLOAD, recording_id, data, event_id=f"download-{recording_id}-{run}")
