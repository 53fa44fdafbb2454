"""The shapes of overviews: risk queue, quality, load, credit, agreement, samples."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from services.review.web.api.shapes import CallRowOut, Figure, Money, Shape


class RiskRowOut(Shape):
    """A remarkable call and why."""

    row: CallRowOut
    reasons: list[str]


class HeatCellOut(Shape):
    """A seller's mean for a criterion."""

    seller_id: str
    seller_name: str | None
    criterion: str
    mean: Figure
    margin: Figure | None
    calls: int


class SellerRowOut(Shape):
    """A seller's month."""

    seller_id: str
    seller_name: str | None
    cqr: Figure | None
    margin: Figure | None
    calls: int


class HeatmapOut(Shape):
    """Sellers × criteria."""

    month: str
    criteria: list[str]
    sellers: list[SellerRowOut]
    cells: list[HeatCellOut]


class LoadRowOut(Shape):
    """A controller's load."""

    controller_id: str
    controller_name: str | None
    waiting: int
    taken: int
    overdue: int
    done_today: int
    done_month: int
    mean_spent_ms: int | None


class LedgerLineOut(Shape):
    """An entry of the ledger."""

    at: datetime
    month: str
    for_month: str
    unit: str
    amount: Money
    kind: str
    call_id: str | None
    call_number: int | None


class CreditOut(Shape):
    """A person's month."""

    person_id: str
    person_name: str | None
    role: str
    month: str = Field(examples=["2026-11"])
    closed: bool
    calls: int
    mean_cqr: Figure | None
    checks: int
    appeals: int
    upheld: int
    money: Money = Field(examples=["100"])
    currency: str
    lines: list[LedgerLineOut]


class KappaRowOut(Shape):
    """Agreement on a criterion."""

    criterion: str
    pairing: str
    kappa: Figure | None
    low: Figure | None
    high: Figure | None
    pairs: int
    draft_shown: bool


class StrictnessRowOut(Shape):
    """A controller's strictness."""

    controller_id: str
    controller_name: str | None
    shift: Figure | None
    low: Figure | None
    high: Figure | None
    calls: int
    appeals: int
    upheld: int
    overturn_rate: Figure | None


class AgreementOut(Shape):
    """The last report."""

    computed_at: datetime | None
    kappa_floor: Figure
    rows: list[KappaRowOut]
    strictness: list[StrictnessRowOut]


class SampleLineOut(Shape):
    """Why a call was chosen or not."""

    call_id: str
    number: int
    seller_id: str | None
    chosen: bool
    reason: str


class SampleOut(Shape):
    """A day's sample as recorded."""

    department_id: str
    local_date: date
    drawn_at: datetime
    cutoff_at: datetime
    seed: str
    share_percent: Figure
    capacity: int
    sellers: list[tuple[str, int, int]]
    lines: list[SampleLineOut]
    reproduced: bool
