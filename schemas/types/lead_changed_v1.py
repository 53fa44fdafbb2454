"""Generated from events/lead-changed.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, NotRequired, TypedDict


class Source(TypedDict):
    source: NotRequired[str | None]
    medium: NotRequired[str | None]
    campaign: NotRequired[str | None]
    session: NotRequired[str | None]


class LeadChangedV1(TypedDict):
    lead_id: str
    revision: int
    kind: Literal['lead', 'deal']
    created_at: str
    changed_at: str
    stage: str
    stage_kind: Literal['open', 'meeting', 'contract', 'won', 'refused']
    previous_stage: NotRequired[str | None]
    previous_stage_kind: NotRequired[Literal['open', 'meeting', 'contract', 'won', 'refused'] | None]
    refusal_reason: NotRequired[str | None]
    target: NotRequired[bool | None]
    non_target_reason: NotRequired[str | None]
    seller_id: str | None
    department_id: str | None
    department_kind: NotRequired[Literal['call_center', 'sales'] | None]
    client_keys: list[str]
    amount: NotRequired[Decimal | None]
    currency: NotRequired[str | None]
    source: NotRequired[Source | None]
    deal_of_lead: NotRequired[str | None]
