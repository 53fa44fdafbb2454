"""Generated from events/call-registered.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class Source(TypedDict):
    source: NotRequired[str | None]
    medium: NotRequired[str | None]
    campaign: NotRequired[str | None]
    session: NotRequired[str | None]


class CallRegisteredV1(TypedDict):
    call_id: str
    revision: int
    provider: str
    provider_call_id: str
    direction: Literal['in', 'out', 'internal']
    outcome: Literal['answered', 'missed', 'cancelled', 'busy', 'rejected', 'unavailable', 'failed', 'voicemail', 'in_progress']
    started_at: str
    answered_at: NotRequired[str | None]
    ended_at: NotRequired[str | None]
    ring_ms: int
    talk_ms: int
    duration_ms: int
    seller_id: str | None
    department_id: str | None
    department_kind: Literal['call_center', 'sales'] | None
    client_key: str | None
    client_label: NotRequired[str | None]
    line: NotRequired[str | None]
    lead_id: NotRequired[str | None]
    client_known: NotRequired[bool]
    recording_expected: NotRequired[bool]
    recording_lost: NotRequired[str | None]
    legs: NotRequired[int]
    source: NotRequired[Source | None]
