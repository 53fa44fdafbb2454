"""Generated from events/growth-zones-chosen.v1.schema.json by `python -m schemas.generate`; do not edit."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class GrowthZonesChosenV1(TypedDict):
    seller_id: str
    department_id: NotRequired[str | None]
    zones: list[str]
    chosen_at: str
    until: str | None
