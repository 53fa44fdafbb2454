"""Generated from events/contact-rule-violated.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class ContactRuleViolatedV1(TypedDict):
    violation_id: str
    lead_id: str
    seller_id: NotRequired[str | None]
    department_id: NotRequired[str | None]
    rule: Literal['refused_too_early', 'too_few_in_day', 'never_called']
    contacts: int
    contacts_due: int
    touches: int
    days_with_attempts: NotRequired[int]
    stage: NotRequired[str | None]
    violated_at: str
