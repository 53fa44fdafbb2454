"""The motivation credit as a double-entry ledger: every entry has its counter-entry, months close (domain.md §6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

COMPANY = "company"
ONE = Decimal(1)


class Unit(StrEnum):
    """What is counted. `cqr` entries are percent; their sum over `call` entries is the mean."""

    CALL = "call"
    CQR = "cqr"
    CHECK = "check"
    APPEAL = "appeal"
    UPHELD = "upheld"
    MONEY = "money"


class Kind(StrEnum):
    """Why an entry was written."""

    APPROVED = "approved"
    APPEAL = "appeal"
    REWARD = "reward"
    PENALTY = "penalty"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Entry:
    """One line. `month` is the open month it stands in, `for_month` the one it is about (both YYYY-MM)."""

    transaction_id: str
    account: str
    unit: Unit
    amount: Decimal
    month: str
    for_month: str
    kind: Kind
    call_id: str | None


@dataclass(frozen=True)
class Approved:
    """What became final of a call: all that the credit is built of."""

    call_id: str
    seller_id: str
    controller_id: str
    cqr: Decimal | None
    appealed: bool = False
    upheld: bool = False


@dataclass(frozen=True)
class Money:
    """Sums of an upheld appeal in the company's currency (settings `appeal.reward`, `appeal.penalty`)."""

    reward: Decimal = Decimal(100)
    penalty: Decimal = Decimal(100)


@dataclass(frozen=True)
class Totals:
    """A person's sums."""

    calls: int = 0
    cqr_sum: Decimal = Decimal(0)
    checks: int = 0
    appeals: int = 0
    upheld: int = 0
    money: Decimal = Decimal(0)

    @property
    def mean_cqr(self) -> Decimal | None:
        """Mean CQR of his counted calls, two decimals."""
        return (self.cqr_sum / self.calls).quantize(Decimal("0.01")) if self.calls else None


def seller_account(person_id: str) -> str:
    return f"seller:{person_id}"


def controller_account(person_id: str) -> str:
    return f"controller:{person_id}"


def month_of(instant: datetime, zone: str) -> str:
    """The month (YYYY-MM) of an instant on the company's calendar."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m")


def next_month(month: str) -> str:
    """The month after (YYYY-MM)."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def is_month(text: str) -> bool:
    """Whether the text is a month as YYYY-MM."""
    return (
        (len(text) == 7 and text[4] == "-" and (text[:4] + text[5:]).isdecimal() and text.isascii())
        and 1 <= int(text[5:]) <= 12
        and int(text[:4]) >= 1970
    )


def entries_of(approved: Approved, money: Money, transaction_id: str, month: str, for_month: str) -> tuple[Entry, ...]:
    """The balanced entries of one approved evaluation. A call without a rate (spam) is a check but no counted call."""
    seller, controller = seller_account(approved.seller_id), controller_account(approved.controller_id)
    lines: list[tuple[str, Unit, Decimal, Kind]] = [(controller, Unit.CHECK, ONE, Kind.APPROVED)]
    if approved.cqr is not None:
        lines.append((seller, Unit.CALL, ONE, Kind.APPROVED))
        lines.append((seller, Unit.CQR, approved.cqr, Kind.APPROVED))
    if approved.appealed:
        lines.append((controller, Unit.APPEAL, ONE, Kind.APPEAL))
    if approved.upheld:
        lines.append((controller, Unit.UPHELD, ONE, Kind.APPEAL))
        lines.append((seller, Unit.MONEY, money.reward, Kind.REWARD))
        lines.append((controller, Unit.MONEY, -money.penalty, Kind.PENALTY))
    made = [
        Entry(transaction_id, account, unit, amount, month, for_month, kind, approved.call_id)
        for account, unit, amount, kind in lines
        if amount != 0 or unit is Unit.CQR
    ]
    return (*made, *_counter_entries(made))


def _counter_entries(entries: Iterable[Entry]) -> list[Entry]:
    sums: dict[Unit, Decimal] = defaultdict(Decimal)
    first: dict[Unit, Entry] = {}
    for entry in entries:
        sums[entry.unit] += entry.amount
        first.setdefault(entry.unit, entry)
    return [replace(first[unit], account=COMPANY, amount=-total) for unit, total in sums.items() if total != 0]


def corrections_of(
    written: Iterable[Entry], approved: Approved, money: Money, transaction_id: str, month: str
) -> tuple[Entry, ...]:
    """What to write in the open month so that the books say what is right now; empty when they do already.

    Nothing written is ever changed: what was wrong is taken back and what is right is added, as entries of their own.
    """
    written = tuple(written)
    if not written:
        return ()
    for_month = written[0].for_month
    right = entries_of(approved, money, transaction_id, month, for_month)
    sums: dict[tuple[str, Unit], Decimal] = defaultdict(Decimal)
    for entry in right:
        sums[entry.account, entry.unit] += entry.amount
    for entry in written:
        sums[entry.account, entry.unit] -= entry.amount
    return tuple(
        Entry(transaction_id, account, unit, amount, month, for_month, Kind.CORRECTION, approved.call_id)
        for (account, unit), amount in sorted(sums.items())
        if amount != 0
    )


def is_balanced(entries: Iterable[Entry]) -> bool:
    """Whether the amounts of each unit add up to nothing: what double entry means."""
    sums: dict[tuple[str, Unit], Decimal] = defaultdict(Decimal)
    for entry in entries:
        sums[entry.transaction_id, entry.unit] += entry.amount
    return all(total == 0 for total in sums.values())


def totals(entries: Iterable[tuple[Unit, Decimal]]) -> Totals:
    """A person's sums of the given (unit, amount) lines of his account."""
    sums: Mapping[Unit, Decimal] = _summed(entries)
    return Totals(
        calls=int(sums[Unit.CALL]),
        cqr_sum=sums[Unit.CQR],
        checks=int(sums[Unit.CHECK]),
        appeals=int(sums[Unit.APPEAL]),
        upheld=int(sums[Unit.UPHELD]),
        money=sums[Unit.MONEY],
    )


def _summed(entries: Iterable[tuple[Unit, Decimal]]) -> defaultdict[Unit, Decimal]:
    sums: defaultdict[Unit, Decimal] = defaultdict(Decimal)
    for unit, amount in entries:
        sums[unit] += amount
    return sums
