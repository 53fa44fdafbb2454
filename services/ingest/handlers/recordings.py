"""Recordings and ready transcripts: asked for by plan, stored under our own key, published; lost ones are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.ingest.domain.facts import ImportedFact, RecordingFact, TranscriptFact
from services.ingest.domain.instants import text_of
from services.ingest.domain.jobs import DOWNLOAD, TRANSCRIPT
from services.ingest.domain.recording import (
    Fetched,
    NotFetched,
    Recording,
    RecordingState,
    next_try,
    transcript_key,
)
from services.ingest.handlers.calls import settle
from services.ingest.ports import Clerk, Desk, Kept, Provider, Store
from services.runtime.errors import PermanentError


class NoRecording(PermanentError):
    """The job names a recording that is not in the store."""

    code = "no_recording"


def recording_told(fact: RecordingFact, kept: Kept, desk: Desk) -> None:
    """A recording can be fetched: the plan begins, or begins anew with a fresh link when it was given up."""
    recording_id = fact.ref.recording_id(fact.recording_ref)
    before = desk.store.recording(recording_id)
    if before is not None and (before.raw_id >= kept.raw_id or before.state is RecordingState.STORED):
        return
    recording = Recording(
        recording_id,
        fact.ref,
        kept.raw_id,
        wanted_sha256=fact.sha256,
        content_type=fact.content_type,
        seller_channel=fact.seller_channel,
    )
    desk.store.save_recording(recording)
    _ask(recording, desk, not_before=None)
    _retell(recording, desk)


def _ask(recording: Recording, desk: Desk, not_before: datetime | None) -> None:
    """`attempt` makes the job's name: one job for one try of one link."""
    name = f"download-{recording.recording_id}-{recording.raw_id}-{recording.tries}"
    data = {"recording_id": recording.recording_id}
    desk.out.later(DOWNLOAD, recording.recording_id, data, event_id=name, not_before=not_before)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A recording to fetch, with the event that tells how."""

    recording: Recording
    kept: Kept


def wanted(job: Mapping[str, Any], store: Store) -> Wanted | None:
    """What a job is to fetch; None when that is done or given up. Raises NoRecording."""
    recording = store.recording(str(job["recording_id"]))
    if recording is None:
        raise NoRecording("The recording of this job is not in the store.")
    kept = store.raw_by_id(recording.raw_id)
    if kept is None or recording.state is not RecordingState.EXPECTED:
        return None
    return Wanted(recording, kept)


def fetch(wanted: Wanted, providers: Mapping[str, Provider]) -> Fetched | NotFetched:
    """Brings it into storage, by its provider's own way."""
    provider = providers.get(wanted.kept.raw.source)
    if provider is None:
        return NotFetched("source_unknown", final=True)
    return provider.fetch(wanted.kept.raw, wanted.kept.position, wanted.recording)


def download_ended(job: Mapping[str, Any], result: Fetched | NotFetched | None, desk: Desk) -> None:
    """What a try gave. Raises NoRecording. `None`: there was nothing to do any more."""
    recording = desk.store.recording(str(job["recording_id"]))
    if recording is None:
        raise NoRecording("The recording of this job is not in the store.")
    if result is None or recording.state is not RecordingState.EXPECTED:
        return
    if isinstance(result, Fetched):
        _stored(recording, result, desk)
        return
    tried = replace(recording, tries=recording.tries + 1, reason=result.code)
    wait = next_try(tried.tries, result)
    if wait is None:
        _lost(tried, desk)
        return
    desk.store.save_recording(tried)
    _ask(tried, desk, not_before=desk.out.now + wait)


def _stored(recording: Recording, fetched: Fetched, desk: Desk) -> None:
    whole = replace(
        recording,
        state=RecordingState.STORED,
        reason=None,
        key=fetched.key,
        sha256=fetched.sha256,
        size_bytes=fetched.size_bytes,
        content_type=recording.content_type or fetched.content_type,
        stored_at=desk.out.now,
    )
    desk.store.save_recording(whole)
    desk.out.emit("recording-stored", recording.ref.call_id, stored_data(whole))
    _retell(whole, desk)


def _lost(recording: Recording, desk: Desk) -> None:
    lost = replace(recording, state=RecordingState.LOST)
    desk.store.save_recording(lost)
    _retell(lost, desk)


def _retell(recording: Recording, desk: Desk) -> None:
    """The call says whether its recording is lost; it is published again only when that changed."""
    desk.store.one_at_a_time()
    stored = desk.store.call_by_id(recording.ref.call_id)
    if stored is not None:
        settle(stored, desk)


def download_buried(job: Mapping[str, Any], code: str, desk: Desk) -> None:
    """A download that killed its process three times, or broke: the recording is lost, visibly."""
    recording = desk.store.recording(str(job["recording_id"]))
    if recording is not None and recording.state is RecordingState.EXPECTED:
        _lost(replace(recording, reason=code), desk)


def recording_imported(fact: ImportedFact, kept: Kept, desk: Desk) -> None:
    """A recording that an import has stored already."""
    recording_id = fact.ref.recording_id(fact.recording_ref)
    before = desk.store.recording(recording_id)
    if before is not None and before.state is RecordingState.STORED and before.sha256 == fact.sha256:
        return
    recording = Recording(
        recording_id,
        fact.ref,
        kept.raw_id,
        content_type=fact.content_type,
        seller_channel=fact.seller_channel,
    )
    _stored(recording, Fetched(fact.key, fact.sha256, fact.size_bytes, fact.content_type), desk)


def stored_data(recording: Recording) -> dict[str, object]:
    """The data of `recording-stored`."""
    return {
        "call_id": recording.ref.call_id,
        "recording_id": recording.recording_id,
        "audio": _audio(recording),
        "transcript_uri": None,
        "stored_at": recording.stored_at,
    }


def _audio(recording: Recording) -> dict[str, object]:
    return {
        "uri": recording.key,
        "sha256": recording.sha256,
        "size_bytes": recording.size_bytes,
        "content_type": recording.content_type,
        "seller_channel": recording.seller_channel,
    }


def transcript_told(fact: TranscriptFact, kept: Kept, desk: Desk) -> None:
    """A ready transcript: it is written into storage outside this transaction."""
    data = {"source": kept.raw.source, "key": kept.event_key}
    desk.out.later(TRANSCRIPT, fact.ref.call_id, data, event_id=f"transcript-{kept.raw_id}")


def write_transcript(fact: TranscriptFact, clerk: Clerk) -> str:
    """Writes the document; gives its key. The same transcript written twice is one."""
    recording_id = fact.ref.recording_id(fact.recording_ref)
    key = transcript_key(fact.ref.call_id, recording_id)
    clerk.write(
        key,
        {
            "call_id": fact.ref.call_id,
            "language": fact.language,
            "duration_ms": fact.duration_ms,
            "utterances": [
                {
                    "speaker": spoken.speaker,
                    "start_ms": spoken.start_ms,
                    "end_ms": spoken.end_ms,
                    "text": spoken.text,
                    "confidence": spoken.confidence,
                }
                for spoken in sorted(fact.utterances, key=lambda spoken: (spoken.start_ms, spoken.end_ms))
            ],
        },
    )
    return key


def transcript_written(fact: TranscriptFact, key: str, desk: Desk) -> None:
    """Publishes that the transcript lies in storage, together with its sound when that is there already."""
    recording_id = fact.ref.recording_id(fact.recording_ref)
    recording = desk.store.recording(recording_id)
    audio = _audio(recording) if recording is not None and recording.state is RecordingState.STORED else None
    desk.out.emit(
        "recording-stored",
        fact.ref.call_id,
        {
            "call_id": fact.ref.call_id,
            "recording_id": recording_id,
            "audio": audio,
            "transcript_uri": key,
            "stored_at": text_of(desk.out.now),
        },
    )
