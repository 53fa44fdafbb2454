"""Generated from events/call-rated.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, TypedDict


class CallRatedV1(TypedDict):
    call_id: str
    rating: int
    channel: Literal['ivr', 'survey', 'messenger', 'other']
    rated_at: str
