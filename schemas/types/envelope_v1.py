"""Generated from events/envelope.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict


class EnvelopeV1(TypedDict):
    event_id: str
    event: str
    occurred_at: str
    version: int
    caused_by: NotRequired[str | None]
    data: dict[str, Any]
