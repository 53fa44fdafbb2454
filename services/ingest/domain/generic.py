"""The documented webhook's events, one reader each: from JSON to facts. What `docs/webhook.md` promises stands here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    Fact,
    ImportedFact,
    LeadFact,
    LegFact,
    LegKind,
    Outcome,
    PersonFact,
    Rank,
    RatingFact,
    RecordingFact,
    SpokenFact,
    StageFact,
    StageKind,
    Tracking,
    TranscriptFact,
)
from services.ingest.domain.fields import Fields, misread, required

MOST_UTTERANCES = 20_000
LONGEST_CALL_MS = 24 * 3600 * 1000
ONLY_RECORDING = "only"
SPEAKERS = ("seller", "client", "unknown")
CHANNELS = ("ivr", "survey", "messenger", "other")
DEPARTMENT_KINDS = ("call_center", "sales")


def call_ref(data: Fields, source: str) -> CallRef:
    """The call that an event is about."""
    return CallRef(data.optional_text("call_source", 64) or source, data.text("call_id"))


def call_started(data: Fields, source: str, occurred_at: datetime) -> CallFact:
    """`call.started`."""
    return _call(data, source, occurred_at, Rank.START)


def call_finished(data: Fields, source: str, occurred_at: datetime) -> CallFact:
    """`call.finished`."""
    required(data.instant("started_at"), data, "started_at")
    required(data.instant("ended_at"), data, "ended_at")
    outcome = required(data.choice("outcome", Outcome), data, "outcome")
    if outcome is Outcome.IN_PROGRESS:
        raise misread("not_allowed", data.place("outcome"), "A finished call is not in progress.")
    return _call(data, source, occurred_at, Rank.SUMMARY)


def _call(data: Fields, source: str, occurred_at: datetime, rank: Rank) -> CallFact:
    summary = rank is Rank.SUMMARY
    started_at = data.instant("started_at") or occurred_at
    ended_at = data.instant("ended_at") if summary else None
    if ended_at is not None and ended_at < started_at:
        raise misread("contradiction", data.place("ended_at"), "The call ends before it begins.")
    return CallFact(
        ref=call_ref(data, source),
        rank=rank,
        at=occurred_at,
        direction=required(data.choice("direction", Direction), data, "direction"),
        outcome=data.choice("outcome", Outcome) if summary else None,
        started_at=started_at,
        answered_at=data.instant("answered_at"),
        ended_at=ended_at,
        number=data.optional_text("client_number", 64),
        extension=data.optional_text("extension", 64),
        responsible=data.optional_text("responsible", 128),
        line=data.optional_text("line", 64),
        lead_id=data.optional_text("lead_id", 128),
        recording_expected=data.boolean("recording_expected"),
        tracking=_tracking(data),
    )


def _tracking(data: Fields) -> Tracking | None:
    source = data.inside("source")
    if source is None:
        return None
    return Tracking(**{name: source.optional_text(name) for name in ("source", "medium", "campaign", "session")})


def call_leg(data: Fields, source: str, occurred_at: datetime) -> LegFact:
    """`call.leg`."""
    return LegFact(
        ref=call_ref(data, source),
        leg_id=data.text("leg_id"),
        seq=data.integer("seq", 0, 2**62) or 0,
        at=occurred_at,
        kind=data.choice("kind", LegKind),
        extension=data.optional_text("extension", 64),
        started_at=data.instant("started_at"),
        answered_at=data.instant("answered_at"),
        ended_at=data.instant("ended_at"),
    )


def recording_ready(data: Fields, source: str, _occurred_at: datetime) -> RecordingFact:
    """`recording.ready`. The link itself is read again when it is fetched (`recording_url`)."""
    recording_url(data)
    return RecordingFact(
        ref=call_ref(data, source),
        recording_ref=data.optional_text("recording_id") or ONLY_RECORDING,
        sha256=_sha256(data),
        content_type=data.optional_text("content_type", 100),
        seller_channel=data.integer("seller_channel", 0, 1),
    )


def recording_url(data: Fields) -> str:
    """The link of a `recording.ready`."""
    return data.text("url", 4000)


def _sha256(data: Fields) -> str | None:
    value = data.optional_text("sha256", 64)
    if value is not None and (len(value) != 64 or set(value.lower()) - set("0123456789abcdef")):
        raise misread("wrong_type", data.place("sha256"), "`sha256` must be 64 hexadecimal digits.")
    return value.lower() if value else None


def recording_imported(data: Fields, source: str, _occurred_at: datetime) -> ImportedFact:
    """`recording.imported`: written by `otzvuk import` only, after it has stored the file."""
    return ImportedFact(
        ref=call_ref(data, source),
        recording_ref=data.optional_text("recording_id") or ONLY_RECORDING,
        key=data.text("key", 500),
        sha256=required(_sha256(data), data, "sha256"),
        size_bytes=required(data.integer("size_bytes", 0, 2**40), data, "size_bytes"),
        content_type=data.optional_text("content_type", 100),
        seller_channel=data.integer("seller_channel", 0, 1),
    )


def transcript_ready(data: Fields, source: str, _occurred_at: datetime) -> TranscriptFact:
    """`transcript.ready`."""
    utterances = required(data.each("utterances", MOST_UTTERANCES), data, "utterances")
    return TranscriptFact(
        ref=call_ref(data, source),
        recording_ref=data.optional_text("recording_id") or ONLY_RECORDING,
        language=(data.optional_text("language", 8) or "ru").lower(),
        duration_ms=data.integer("duration_ms", 0, LONGEST_CALL_MS),
        utterances=tuple(_spoken(item) for item in utterances),
    )


def _spoken(item: Fields) -> SpokenFact:
    start = required(item.integer("start_ms", 0, LONGEST_CALL_MS), item, "start_ms")
    end = required(item.integer("end_ms", 0, LONGEST_CALL_MS), item, "end_ms")
    if end < start:
        raise misread("contradiction", item.place("end_ms"), "An utterance ends before it begins.")
    text = item.value.get("text")
    if not isinstance(text, str) or len(text) > MOST_UTTERANCES:
        raise misread("wrong_type", item.place("text"), "`text` must be a text of at most 20000 characters.")
    confidence = item.money("confidence")
    if confidence is not None and not 0 <= confidence <= 1:
        raise misread("out_of_range", item.place("confidence"), "`confidence` must lie between 0 and 1.")
    return SpokenFact(str(item.word("speaker", SPEAKERS, "unknown")), start, end, text, confidence)


def call_rated(data: Fields, source: str, occurred_at: datetime) -> RatingFact:
    """`call.rated`."""
    return RatingFact(
        ref=call_ref(data, source),
        rating=required(data.integer("rating", 1, 5), data, "rating"),
        channel=str(data.word("channel", CHANNELS, "ivr")),
        rated_at=data.instant("rated_at") or occurred_at,
    )


def tracking_matched(data: Fields, source: str, occurred_at: datetime) -> CallFact:
    """`tracking.matched`: outranks what the PBX guessed about the source, and says nothing else."""
    tracking = required(_tracking(data), data, "source")
    if tracking == Tracking():
        raise misread("missing", data.place("source"), "At least one of source, medium, campaign, session is wanted.")
    return CallFact(ref=call_ref(data, source), rank=Rank.SUMMARY, at=occurred_at, tracking=tracking)


OPTIONAL_LEAD_FIELDS: dict[str, Callable[[Fields], Any]] = {
    "kind": lambda data: data.word("kind", ("lead", "deal")),
    "refusal_reason": lambda data: data.optional_text("refusal_reason", 300),
    "target": lambda data: data.boolean("target"),
    "non_target_reason": lambda data: data.optional_text("non_target_reason", 300),
    "responsible": lambda data: data.optional_text("responsible", 128),
    "amount": lambda data: str(amount) if (amount := data.money("amount")) is not None else None,
    "currency": lambda data: data.optional_text("currency", 3),
    "deal_of_lead": lambda data: data.optional_text("deal_of_lead", 128),
}


def lead_changed(data: Fields, _source: str, occurred_at: datetime) -> LeadFact:
    """`lead.changed`: a field that is there counts, `null` too; one that is missing says nothing."""
    changed_at = data.instant("changed_at") or occurred_at
    given: list[tuple[str, Any]] = [(name, read(data)) for name, read in OPTIONAL_LEAD_FIELDS.items() if data.has(name)]
    tracking = _tracking(data)
    if tracking is not None:
        given.append(
            ("source", {name: getattr(tracking, name) for name in ("source", "medium", "campaign", "session")})
        )
    now = StageFact(
        changed_at, data.text("stage"), required(data.choice("stage_kind", StageKind), data, "stage_kind").value
    )
    return LeadFact(
        lead_id=data.text("lead_id", 128),
        created_at=required(data.instant("created_at"), data, "created_at"),
        changed_at=changed_at,
        stages=(*(_stage(item) for item in data.each("history", 500) or []), now),
        given=tuple(given),
        numbers=data.texts("numbers", 50),
    )


def _stage(item: Fields) -> StageFact:
    kind = required(item.choice("stage_kind", StageKind), item, "stage_kind")
    return StageFact(required(item.instant("at"), item, "at"), item.text("stage"), kind.value)


def person_changed(data: Fields, _source: str, occurred_at: datetime) -> PersonFact:
    """`person.changed`."""
    active = data.boolean("active")
    return PersonFact(
        person_id=data.text("person_id", 128),
        since=data.instant("changed_at") or occurred_at,
        extensions=tuple(sorted(required(data.texts("extensions", 50), data, "extensions"))),
        department_id=data.optional_text("department_id", 128),
        department_kind=data.word("department_kind", DEPARTMENT_KINDS),
        active=active is not False,
    )


READERS: dict[str, Callable[[Fields, str, datetime], Fact]] = {
    "call.started": call_started,
    "call.leg": call_leg,
    "call.finished": call_finished,
    "recording.ready": recording_ready,
    "transcript.ready": transcript_ready,
    "call.rated": call_rated,
    "tracking.matched": tracking_matched,
    "lead.changed": lead_changed,
    "person.changed": person_changed,
}

# what only our own import writes; nobody may send it
OWN_READERS: dict[str, Callable[[Fields, str, datetime], Fact]] = {"recording.imported": recording_imported}
