"""How far evaluators agree: weighted kappa with its interval, and how strict each is on the same kinds of calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import sqrt
from statistics import fmean, stdev

from services.review.domain.lots import Lots

Pair = tuple[Decimal, Decimal]
RESAMPLES = 400
MIN_PAIRS = 20
Z95 = 1.96
HUNDREDTH = Decimal("0.01")
THOUSANDTH = Decimal("0.001")


class Pairing(StrEnum):
    """Who is compared with whom. Blind means without sight of the draft; only that is no echo of the machine."""

    MACHINE_PERSON_BLIND = "machine_person_blind"
    MACHINE_PERSON_SEEN = "machine_person_seen"
    PERSON_PERSON = "person_person"


@dataclass(frozen=True)
class Kappa:
    """Weighted kappa with a 95 % bootstrap interval; None: too few pairs, or everybody always gave the same score."""

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    pairs: int


@dataclass(frozen=True)
class Scored:
    """One counted evaluation, for strictness: the kind of call (type and department) is what is held equal."""

    controller_id: str
    stratum: str
    cqr: Decimal


@dataclass(frozen=True)
class Strictness:
    """CQR points above (milder) or below (stricter) what others gave on the same kinds of calls, 95 % interval."""

    shift: Decimal | None
    low: Decimal | None
    high: Decimal | None
    calls: int


def weighted_kappa(pairs: Iterable[Pair]) -> Decimal | None:
    """Cohen's kappa with quadratic weights over scores 0…1 (Cohen 1968); None when chance alone explains everything."""
    return _kappa_of(Counter(pairs))


def _kappa_of(cells: Mapping[Pair, int]) -> Decimal | None:
    total = sum(cells.values())
    if total == 0:
        return None
    left: Counter[Decimal] = Counter()
    right: Counter[Decimal] = Counter()
    observed = Decimal(0)
    for (one, other), number in cells.items():
        left[one] += number
        right[other] += number
        observed += number * (one - other) ** 2
    expected = sum(
        (a_number * b_number * (a - b) ** 2 for a, a_number in left.items() for b, b_number in right.items()),
        Decimal(0),
    )
    if expected == 0:
        return None
    return 1 - observed * total / expected


def kappa_with_interval(pairs: Sequence[Pair], lots: Lots, *, resamples: int = RESAMPLES) -> Kappa:
    """Weighted kappa with its 95 % percentile bootstrap interval (Efron 1979); rounded to thousandths."""
    if len(pairs) < MIN_PAIRS:
        return Kappa(None, None, None, len(pairs))
    value = weighted_kappa(pairs)
    if value is None:
        return Kappa(None, None, None, len(pairs))
    number = len(pairs)
    drawn = (_kappa_of(Counter(pairs[lots.below(number)] for _ in range(number))) for _ in range(resamples))
    known = sorted(kappa for kappa in drawn if kappa is not None)
    low, high = known[int(0.025 * (len(known) - 1))], known[int(0.975 * (len(known) - 1))]
    return Kappa(value.quantize(THOUSANDTH), low.quantize(THOUSANDTH), high.quantize(THOUSANDTH), len(pairs))


@dataclass(frozen=True)
class DraftOverride:
    """What an administrator decided about the draft of a criterion until a time, whatever the figures say."""

    criterion: str
    shown: bool
    why: str
    set_by: str
    set_at: datetime
    ends_at: datetime
    version: int = 1

    def holds(self, now: datetime) -> bool:
        """Whether its time is not over yet."""
        return now < self.ends_at


def hidden_drafts(distrusted: Collection[str], overrides: Iterable[DraftOverride], now: datetime) -> frozenset[str]:
    """The criteria that people judge without the draft: those with too low a kappa, unless somebody said otherwise."""
    said = {each.criterion: each.shown for each in overrides if each.holds(now)}
    hidden = {criterion for criterion, shown in said.items() if not shown}
    return frozenset(hidden | {criterion for criterion in distrusted if criterion not in said})


def loses_draft(kappa: Kappa, floor: Decimal) -> bool:
    """Whether a criterion's draft is no longer shown: people who judge blind disagree with it too much."""
    return kappa.value is not None and kappa.value < floor


def strictness(evaluations: Iterable[Scored]) -> Mapping[str, Strictness]:
    """Each controller against the others on the same strata: the mean of (his CQR − the mean of others' there)."""
    sums: dict[str, dict[str, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for scored in evaluations:
        sums[scored.stratum][scored.controller_id].append(scored.cqr)
    residuals: dict[str, list[float]] = defaultdict(list)
    for by_controller in sums.values():
        total = sum((sum(rates, Decimal(0)) for rates in by_controller.values()), Decimal(0))
        number = sum(len(rates) for rates in by_controller.values())
        for controller, rates in by_controller.items():
            others = number - len(rates)
            if others == 0:
                continue
            mean = (total - sum(rates, Decimal(0))) / others
            residuals[controller] += [float(rate - mean) for rate in rates]
    everybody = {controller for by_controller in sums.values() for controller in by_controller}
    return {controller: _strictness_of(residuals.get(controller, [])) for controller in sorted(everybody)}


def _strictness_of(residuals: Sequence[float]) -> Strictness:
    shift, margin = mean_with_margin(residuals)
    if shift is None or margin is None:
        return Strictness(shift, None, None, len(residuals))
    return Strictness(shift, shift - margin, shift + margin, len(residuals))


def mean_with_margin(values: Sequence[float]) -> tuple[Decimal | None, Decimal | None]:
    """Mean and half width of its 95 % interval, two decimals; the margin is None below two values."""
    if not values:
        return None, None
    mean = Decimal(fmean(values)).quantize(HUNDREDTH)
    if len(values) < 2:
        return mean, None
    return mean, Decimal(Z95 * stdev(values) / sqrt(len(values))).quantize(HUNDREDTH)
