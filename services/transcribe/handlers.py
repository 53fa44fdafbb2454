"""A stored recording becomes a dialogue, or a named reason why not; slow part first, then one transaction."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.runtime.errors import OtzvukError
from services.transcribe.domain import provider, recognition
from services.transcribe.domain.document import as_document, storage_key, transcript_id
from services.transcribe.domain.outcome import (
    Completed,
    Failed,
    FailureReason,
    Known,
    Outcome,
    Request,
    completed_data,
    failed_data,
)
from services.transcribe.domain.recognition import Channels
from services.transcribe.domain.sound import Sound, is_near_silent
from services.transcribe.domain.transcript import Dialogue, RecognizerCard, Speaker
from services.transcribe.domain.verdicts import CannotHear
from services.transcribe.ports import AudioDecoder, Emit, History, SpeechRecognizer, Store, TranscriptStorage

COMPLETED, FAILED = "transcript-completed", "transcript-failed"


class BrokenAudio(OtzvukError):
    """No sound can be got from the file. It may have been cut on its way, so it is tried again, then buried."""

    code = "broken_audio"
    foreign = True


@dataclass(frozen=True)
class Parts:
    """What the slow part works with. `clock` gives seconds that only grow."""

    storage: TranscriptStorage
    decoder: AudioDecoder
    recognizer: SpeechRecognizer
    history: History
    clock: Callable[[], float]
    prefer_supplied_text: bool = True
    usual_seller_channel: int = 0


def read_request(data: Mapping[str, Any]) -> Request:
    """What `recording-stored` asks for."""
    audio = data["audio"]
    return Request(
        call_id=data["call_id"],
        recording_id=data["recording_id"],
        audio_uri=audio["uri"] if audio else None,
        audio_sha256=audio["sha256"] if audio else None,
        audio_bytes=audio["size_bytes"] if audio else 0,
        seller_channel=audio.get("seller_channel") if audio else None,
        transcript_uri=data["transcript_uri"],
    )


def take_text(request: Request, parts: Parts) -> Outcome | None:
    """What can be had without recognition: the PBX's own text, told now or before this sound. None when the sound must
    be recognised. Quick, so that texts need not wait behind the sound of others."""
    if request.audio_uri is None and request.transcript_uri is None:
        return Failed(_failed_id(request, parts), FailureReason.MISSING_AUDIO, "There is neither sound nor a text.")
    if request.audio_uri is not None and not parts.prefer_supplied_text:
        return None
    uri = request.transcript_uri or parts.history.supplied_uri(request.recording_id)
    return None if uri is None else _from_supplied(request, uri, parts)


def prepare(request: Request, parts: Parts) -> Outcome:
    """The slow part, outside any transaction: stores the document and tells how it ended. Raises BrokenAudio."""
    try:
        return take_text(request, parts) or _from_sound(request, parts)
    except CannotHear as verdict:
        if verdict.reason is FailureReason.BROKEN_AUDIO:
            raise BrokenAudio(verdict.detail) from verdict
        return Failed(_failed_id(request, parts), verdict.reason, verdict.detail)


def handle(
    request: Request, outcome: Outcome, store: Store, emit: Emit, now: datetime, *, prefer_supplied_text: bool = True
) -> None:
    """The row and the event, in one transaction; a second delivery changes nothing, and what was recognised gives way
    to a text that the PBX supplied meanwhile."""
    if isinstance(outcome, Completed):
        heard = outcome.card is not None
        late = heard and prefer_supplied_text and store.supplied_uri(request.recording_id) is not None
        if not late and store.complete(request, outcome, now):
            emit(COMPLETED, request.call_id, completed_data(request, outcome))
    elif isinstance(outcome, Failed) and store.fail(request, outcome, now):
        emit(FAILED, request.call_id, failed_data(request, outcome.reason, outcome.detail))


def give_up(request: Request, code: str, card: RecognizerCard, store: Store, emit: Emit, now: datetime) -> None:
    """The recording is buried: the call is told to get no draft. A later replay may still complete it."""
    detail = f"Given up after repeated attempts ({code})."
    identity = transcript_id(request.recording_id, request.audio_sha256 or "", card)
    handle(request, Failed(identity, FailureReason.BROKEN_AUDIO, detail), store, emit, now)


def hear(data: bytes, channels: Channels, decoder: AudioDecoder, recognizer: SpeechRecognizer) -> Dialogue | None:
    """The dialogue in a recording's bytes; None when nobody speaks. A near-silent channel is not shown to the model,
    which would write subtitles for it. Raises CannotHear."""
    with decoder.decode(data) as decoded:
        audible = [channel for channel, levels in enumerate(decoded.sound.levels) if not is_near_silent(levels)]
        heard = recognizer.recognise(decoded, audible) if audible else ()
        return recognition.compose(decoded.sound, heard, channels, recognizer.language)


def _failed_id(request: Request, parts: Parts) -> str:
    return transcript_id(request.recording_id, request.audio_sha256 or "", parts.recognizer.card)


def _from_supplied(request: Request, uri: str, parts: Parts) -> Outcome | None:
    """The PBX's own text; None when it is unusable and there is sound to recognise instead."""
    try:
        document, digest = parts.storage.supplied(uri)
    except CannotHear as verdict:
        return None if request.audio_uri else Failed(_failed_id(request, parts), verdict.reason, verdict.detail)
    identity = transcript_id(request.recording_id, digest + (request.audio_sha256 or ""), None)
    if parts.history.is_completed(identity):
        return Known(identity)
    sound, unreadable = _look(request, parts)
    dialogue = provider.compose(document, sound, _channels_of(request, parts), sound_unreadable=unreadable)
    if dialogue is None:
        if request.audio_uri is not None:
            return None
        return Failed(identity, FailureReason.NO_SPEECH, "The supplied transcript holds no words.")
    return _stored(request, identity, dialogue, None, None, parts)


def _look(request: Request, parts: Parts) -> tuple[Sound | None, bool]:
    """Only peaks and loudness; text is there already, so sound that cannot be read costs nothing but these."""
    if request.audio_uri is None:
        return None, False
    try:
        with parts.decoder.decode(parts.storage.audio(request.audio_uri)) as decoded:
            return decoded.sound, False
    except CannotHear:
        return None, True


def _channels_of(request: Request, parts: Parts) -> dict[Speaker, int]:
    seller = parts.usual_seller_channel if request.seller_channel is None else request.seller_channel
    return {Speaker.SELLER: seller, Speaker.CLIENT: 1 - seller}


def _from_sound(request: Request, parts: Parts) -> Outcome:
    if request.audio_uri is None or request.audio_sha256 is None:
        raise CannotHear(FailureReason.MISSING_AUDIO, "There is neither sound nor a supplied transcript.")
    card = parts.recognizer.card
    identity = transcript_id(request.recording_id, request.audio_sha256, card)
    if parts.history.is_completed(identity):
        return Known(identity)
    data = parts.storage.audio(request.audio_uri)
    if hashlib.sha256(data).hexdigest() != request.audio_sha256:
        raise CannotHear(FailureReason.BROKEN_AUDIO, "The stored bytes are not those that were announced.")
    began = parts.clock()
    channels = Channels(told=request.seller_channel, usual=parts.usual_seller_channel)
    dialogue = hear(data, channels, parts.decoder, parts.recognizer)
    if dialogue is None:
        return Failed(identity, FailureReason.NO_SPEECH, "Nobody speaks on any channel.")
    return _stored(request, identity, dialogue, card, round((parts.clock() - began) * 1000), parts)


def _stored(
    request: Request,
    identity: str,
    dialogue: Dialogue,
    card: RecognizerCard | None,
    took_ms: int | None,
    parts: Parts,
) -> Completed:
    uri = storage_key(identity)
    document = as_document(
        dialogue, identity=identity, call_id=request.call_id, recording_id=request.recording_id, card=card
    )
    parts.storage.put(uri, document)
    return Completed(identity, uri, dialogue, card, took_ms)
