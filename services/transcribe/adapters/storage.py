"""The TranscriptStorage port over the object storage that ingest writes into."""

import hashlib
from collections.abc import Mapping
from typing import Any

from schemas.codec import from_json, to_json, validate_document
from schemas.errors import InvalidEvent
from services.runtime.storage import ObjectMissing, ObjectStorage
from services.transcribe.domain.outcome import FailureReason
from services.transcribe.domain.verdicts import CannotHear


class ObjectTranscripts:
    """Recordings and documents by key; every document is held against its schema."""

    def __init__(self, objects: ObjectStorage) -> None:
        self._objects = objects

    def audio(self, uri: str) -> bytes:
        """See the port."""
        try:
            return self._objects.get(uri)
        except (ObjectMissing, ValueError) as error:
            raise CannotHear(FailureReason.MISSING_AUDIO, "The recording is not in the storage.") from error

    def supplied(self, uri: str) -> tuple[dict[str, Any], str]:
        """See the port."""
        try:
            raw = self._objects.get(uri)
            document = from_json(raw)
            validate_document("provider-transcript", document)
        except (ObjectMissing, InvalidEvent, ValueError) as error:
            raise CannotHear(FailureReason.BAD_TRANSCRIPT, "The supplied transcript cannot be read.") from error
        return document, hashlib.sha256(raw).hexdigest()

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """See the port."""
        raw = to_json(document).encode()
        validate_document("transcript", from_json(raw))
        self._objects.put(key, raw)
