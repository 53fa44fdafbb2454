"""The company's figures: every default of the business that a company may change, in one place (domain.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from services.review.domain.credit import Money
from services.review.domain.sampling import SampleRules


@dataclass(frozen=True)
class Rules:
    """`share_percent` of each seller's calls a day; `calls_per_controller` a day; `due_working_days` for a task."""

    company_zone: str = "Europe/Moscow"
    currency: str = "RUB"
    money: Money = field(default_factory=Money)
    share_percent: Decimal = Decimal(30)
    calls_per_controller: int = 20
    blind_percent: Decimal = Decimal(10)
    double_percent: Decimal = Decimal(5)
    due_working_days: int = 2
    kappa_floor: Decimal = Decimal("0.40")

    def sample(self, controllers: int) -> SampleRules:
        """The rules of a day's sample for a department with that many active controllers."""
        return SampleRules(
            share_percent=self.share_percent,
            capacity=controllers * self.calls_per_controller,
            blind_percent=self.blind_percent,
            double_percent=self.double_percent,
        )
