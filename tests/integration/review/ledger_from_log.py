"""The motivation credit once more, from the audit log alone: a reader of its lines without any code of the product."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

MOSCOW = timedelta(hours=3)
Weights = Mapping[str, Mapping[str, int]]
Sums = dict[tuple[str, str, str], Decimal]


@dataclass
class Paper:
    """An evaluation as its lines tell it: scores by criterion (None: does not apply), and the type."""

    kind: str = ""
    scores: dict[str, Decimal | None] = field(default_factory=dict)


@dataclass
class Told:
    """What is known of a call."""

    seller: str | None
    controller: str | None = None
    paper: Paper | None = None
    appealed: bool = False
    booked: dict[tuple[str, str], Decimal] = field(default_factory=dict)


class Reader:
    """Reads line after line, oldest first, and books what becomes final."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._calls: dict[str, Told] = {}
        self._papers: dict[str, Paper] = {}
        self._closed: set[str] = set()
        self.sums: Counter[tuple[str, str, str]] = Counter()

    def read(self, at: datetime, actor: str, action: str, object_id: str, after: Mapping[str, Any]) -> None:
        if action in ("call.register", "call.recognise"):
            self._calls[object_id] = Told(after["seller_id"])
        elif action.startswith("evaluation."):
            self._score(object_id, after)
        elif action == "call.evaluate_counted":
            call = self._calls[object_id]
            call.controller, call.paper = actor, self._papers[after["evaluation_id"]]
        elif action == "appeal.made":
            self._calls[after["call_id"]].appealed = True
        elif action in ("call.approve", "call.reject_appeal"):
            self._book(self._calls[object_id], at)
        elif action == "appeal.upheld":
            self._uphold(after, at)
        elif action == "call.seller_changed":
            self._other_seller(self._calls[object_id], after["seller_id"], at)
        elif action == "credit.close_month":
            self._closed.add(object_id)

    def _score(self, evaluation: str, after: Mapping[str, Any]) -> None:
        paper = self._papers.setdefault(evaluation, Paper())
        paper.kind = after["call_type"]
        for criterion, said in after["scores"].items():
            _correct(paper, criterion, said)

    def _uphold(self, after: Mapping[str, Any], at: datetime) -> None:
        call = self._calls[after["call_id"]]
        assert call.paper is not None
        for criterion, said in after["corrections"].items():
            _correct(call.paper, criterion, said)
        reward, penalty = Decimal(after["reward"]), Decimal(after["penalty"])
        upheld = {("controller", "upheld"): Decimal(1), ("seller", "money"): reward, ("controller", "money"): -penalty}
        self._book(call, at, upheld)

    def _book(self, call: Told, at: datetime, more: Mapping[tuple[str, str], Decimal] | None = None) -> None:
        rate = self._rate(call.paper)
        lines = {("controller", "check"): Decimal(1), **(more or {})}
        if rate is not None:
            lines |= {("seller", "call"): Decimal(1), ("seller", "cqr"): rate}
        if call.appealed:
            lines["controller", "appeal"] = Decimal(1)
        call.booked = lines
        for (role, unit), amount in lines.items():
            self._enter(f"{role}:{call.seller if role == 'seller' else call.controller}", unit, amount, at)

    def _other_seller(self, call: Told, seller: str | None, at: datetime) -> None:
        for (role, unit), amount in call.booked.items():
            if role == "seller" and seller is not None:
                self._enter(f"seller:{call.seller}", unit, -amount, at)
                self._enter(f"seller:{seller}", unit, amount, at)
        call.seller = seller

    def _enter(self, account: str, unit: str, amount: Decimal, at: datetime) -> None:
        month = (at + MOSCOW).strftime("%Y-%m")
        while month in self._closed:
            month = (datetime.strptime(month, "%Y-%m") + timedelta(days=32)).strftime("%Y-%m")
        for name, sum_ in ((account, amount), ("company", -amount)):
            self.sums[name, unit, month] += sum_  # type: ignore[assignment]

    def _rate(self, paper: Paper | None) -> Decimal | None:
        assert paper is not None
        weighed = [
            (self._weights[code][paper.kind], score) for code, score in paper.scores.items() if score is not None
        ]
        whole = sum(weight for weight, _ in weighed)
        points = sum((weight * score for weight, score in weighed), Decimal(0))
        return (100 * points / whole).quantize(Decimal("0.01"), ROUND_HALF_UP) if whole else None


def _correct(paper: Paper, criterion: str, said: tuple[str, str | None]) -> None:
    verdict, score = said
    paper.scores[criterion] = Decimal(score) if verdict == "scored" and score is not None else None


def from_log(lines: Iterable[Any], weights: Weights) -> Sums:
    """(account, unit, month) → sum, from the rows of the audit log (at, actor_id, action, object_id, after)."""
    reader = Reader(weights)
    for at, actor, action, object_id, after in lines:
        reader.read(at, actor, action, object_id, json.loads(after) if after else {})
    return {key: Decimal(amount) for key, amount in reader.sums.items() if amount}
