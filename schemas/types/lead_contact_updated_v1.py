"""Generated from events/lead-contact-updated.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class LeadContactUpdatedV1(TypedDict):
    lead_id: str
    seller_id: NotRequired[str | None]
    department_id: NotRequired[str | None]
    local_date: str
    attempts_today: int
    attempts_total: int
    days_with_attempts: int
    touches: int
    fake_touches: NotRequired[int]
    due_today: int
    due_total: int
    due_at: NotRequired[str | None]
    first_attempt_at: NotRequired[str | None]
    last_attempt_at: NotRequired[str | None]
    last_touch_call_id: NotRequired[str | None]
    pickup_ms: NotRequired[int | None]
    callback_ms: NotRequired[int | None]
    open: NotRequired[bool]
    warnings: list[Literal['never_called', 'too_few_today', 'fifth_day_short', 'missed_not_called_back']]
