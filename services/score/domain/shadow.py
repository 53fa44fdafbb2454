"""What a new scorecard or model would change: the shift of every call's rate, summed up before anything is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Shift:
    """One call's rate before and after (percent; None: no rate), its type, and the items whose score would change."""

    call_id: str
    seller_id: str | None
    before: Decimal | None
    after: Decimal | None
    type_before: str
    type_after: str
    changed: tuple[str, ...]

    @property
    def points(self) -> Decimal | None:
        """By how many points the rate would move; None where one of the two has none."""
        return None if self.before is None or self.after is None else self.after - self.before


def table(shifts: Sequence[Shift], show: int) -> Iterator[str]:
    """The summary, the sellers, and the calls that would change most, as lines of text."""
    moved = [shift for shift in shifts if shift.points]
    yield f"{len(shifts)} calls drafted anew; the rate of {len(moved)} would change. Nothing was written."
    if not shifts:
        return
    rated = [abs(shift.points) for shift in shifts if shift.points is not None]
    if rated:
        yield f"Mean change {_round(_mean(rated))} points, largest {max(rated)}."
    yield from _sellers(shifts)
    ranked = sorted(moved, key=lambda shift: (-abs(shift.points or ZERO), shift.call_id))
    for shift in ranked[:show]:
        kinds = "" if shift.type_before == shift.type_after else f"  type {shift.type_before} → {shift.type_after}"
        items = f"  items: {', '.join(shift.changed)}" if shift.changed else ""
        yield f"  {shift.call_id}  {shift.before} → {shift.after} ({_signed(shift.points)}){kinds}{items}"
    odd = [shift for shift in shifts if (shift.before is None) != (shift.after is None)]
    for shift in odd[:show]:
        yield f"  {shift.call_id}  {shift.before or 'no rate'} → {shift.after or 'no rate'}"


def _sellers(shifts: Sequence[Shift]) -> Iterator[str]:
    by_seller: dict[str, list[Decimal]] = {}
    for shift in shifts:
        if shift.points is not None:
            by_seller.setdefault(shift.seller_id or "no seller", []).append(shift.points)
    for seller, points in sorted(by_seller.items(), key=lambda item: (_mean(item[1]), item[0])):
        yield f"  {seller}: {_signed(_round(_mean(points)))} points on average over {len(points)} calls"


def _mean(points: Sequence[Decimal]) -> Decimal:
    return sum(points, ZERO) / len(points)


def _round(points: Decimal) -> Decimal:
    return points.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _signed(points: Decimal | None) -> str:
    return f"{points:+}" if points is not None else "–"
