"""Writes a PBX's own transcripts into object storage as `provider-transcript.v1` documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import codec
from services.runtime.storage import ObjectStorage


class StorageClerk:
    """`Clerk` over the object storage."""

    def __init__(self, storage: ObjectStorage) -> None:
        self._storage = storage

    def write(self, key: str, document: Mapping[str, Any]) -> None:
        """Raises InvalidEvent when the document breaks its schema, TransientError when the storage is away."""
        plain = codec.plain(document)
        codec.validate_document("provider-transcript", plain)
        self._storage.put(key, codec.to_json(plain).encode())
