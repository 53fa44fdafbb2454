"""What overviews show: quality by seller and criterion, load, credit, agreement, samples."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True)
class HeatCell:
    """A seller's mean score for a criterion, 0…100, with how sure it is (half width of the 95 % interval)."""

    seller_id: str
    seller_name: str | None
    criterion: str
    mean: Decimal
    margin: Decimal | None
    calls: int


@dataclass(frozen=True)
class SellerRow:
    """A seller's month on one line: CQR with how sure it is."""

    seller_id: str
    seller_name: str | None
    cqr: Decimal | None
    margin: Decimal | None
    calls: int


@dataclass(frozen=True)
class Heatmap:
    """Sellers × criteria over a month, from approved counted evaluations."""

    month: str  # YYYY-MM
    criteria: tuple[str, ...]
    sellers: tuple[SellerRow, ...]
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class LoadRow:
    """A controller's load and backlog."""

    controller_id: str
    controller_name: str | None
    waiting: int
    taken: int
    overdue: int
    done_today: int
    done_month: int
    mean_spent_ms: int | None


@dataclass(frozen=True)
class LedgerLine:
    """One entry of the ledger about a person. `unit`: call, cqr, check, appeal, upheld, money."""

    at: datetime
    month: str
    for_month: str
    unit: str
    amount: Decimal
    kind: str
    call_id: str | None
    call_number: int | None


@dataclass(frozen=True)
class Credit:
    """A person's month. A seller has calls and mean CQR, a controller checks and appeals; money for both."""

    person_id: str
    person_name: str | None
    role: str
    month: str
    closed: bool
    calls: int
    mean_cqr: Decimal | None
    checks: int
    appeals: int
    upheld: int
    money: Decimal
    currency: str
    lines: tuple[LedgerLine, ...]


@dataclass(frozen=True)
class KappaRow:
    """Agreement on one criterion: weighted kappa with its 95 % interval, and over how many pairs."""

    criterion: str
    pairing: str  # machine_person_blind, machine_person_seen, person_person
    kappa: Decimal | None
    low: Decimal | None
    high: Decimal | None
    pairs: int
    draft_shown: bool


@dataclass(frozen=True)
class StrictnessRow:
    """How much stricter (negative) or milder than the others on the same kinds of calls, in CQR points."""

    controller_id: str
    controller_name: str | None
    shift: Decimal | None
    low: Decimal | None
    high: Decimal | None
    calls: int
    appeals: int
    upheld: int
    overturn_rate: Decimal | None  # upheld of evaluated, percent


@dataclass(frozen=True)
class AgreementReport:
    """The last computed report; None figures mean too few pairs."""

    computed_at: datetime | None
    kappa_floor: Decimal
    rows: tuple[KappaRow, ...]
    strictness: tuple[StrictnessRow, ...]


@dataclass(frozen=True)
class SampleLine:
    """Why a call was or was not chosen on a day."""

    call_id: str
    number: int
    seller_id: str | None
    chosen: bool
    reason: str  # chosen, not_drawn, spam, no_speech, no_conversation, no_seller, already_sent, no_recording, waiting


@dataclass(frozen=True)
class SampleView:
    """A daily sample as it was recorded, and whether drawing again from its record gives the same calls."""

    department_id: str
    local_date: date
    drawn_at: datetime
    cutoff_at: datetime
    seed: str
    share_percent: Decimal
    capacity: int
    sellers: tuple[tuple[str, int, int], ...]  # seller, calls of the day, chosen
    lines: tuple[SampleLine, ...]
    reproduced: bool
