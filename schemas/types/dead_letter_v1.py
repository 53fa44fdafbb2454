"""Generated from events/dead-letter.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class DeadLetterV1(TypedDict):
    topic: str
    partition: NotRequired[int | None]
    offset: NotRequired[int | None]
    key: NotRequired[str | None]
    event_id: NotRequired[str | None]
    service: str
    code: str
    detail: str
    attempts: int
    buried_at: str
    payload: str
