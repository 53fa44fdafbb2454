"""How sure a mean is, so that nobody is judged by three calls."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

# Two-sided 95 % points of Student's t by degrees of freedom; beyond the table the normal one.
POINTS = """
12.706 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228
2.201 2.179 2.160 2.145 2.131 2.120 2.110 2.101 2.093 2.086
2.080 2.074 2.069 2.064 2.060 2.056 2.052 2.048 2.045 2.042
"""
T_95 = tuple(Decimal(point) for point in POINTS.split())
NORMAL_95 = Decimal("1.960")


def mean_and_margin(values: Sequence[Decimal]) -> tuple[Decimal, Decimal | None]:
    """The mean and the half width of its 95 % interval (Student); no margin with fewer than three values.

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("A mean needs values.")
    count = len(values)
    mean = sum(values, Decimal(0)) / count
    if count < 3:
        return mean, None
    variance = sum(((value - mean) ** 2 for value in values), Decimal(0)) / (count - 1)
    point = T_95[count - 2] if count - 2 < len(T_95) else NORMAL_95
    return mean, point * (variance / count).sqrt()
