"""The way of a call once more, small and independent: what each command should do, without a line of the product."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

ROLES = {
    "marina": "seller", "ilya": "seller", "denis": "seller", "olga": "controller", "pavel": "controller",
    "rita": "controller", "svetlana": "head", "gleb": "head", "natalia": "mentor", "timur": "analyst", "anna": "admin",
}  # fmt: skip
HOME = {
    "marina": "cc", "ilya": "cc", "denis": "sales", "olga": "cc", "pavel": "cc", "rita": "sales",
    "svetlana": "cc", "gleb": "sales", "natalia": "cc", "timur": "sales", "anna": "sales",
}  # fmt: skip
WEIGHTS = {"greeting": 1, "objection_handling": 2, "next_step": 2}
FRESH = ("unclassified", "auto_classified")
PRELIMINARY = (*FRESH, "manually_classified")


@dataclass
class ModelCall:
    """Where a call should stand."""

    call_id: str
    seller: str
    status: str
    assignee: str | None = None
    taker: str | None = None  # who took it uncounted
    evaluating: str | None = None  # who has an evaluation open
    scores: dict[str, Decimal] = field(default_factory=dict)
    recommended: bool = False
    evaluator: str | None = None
    hours_left: float = 0
    appealed: bool = False
    ledger: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def department(self) -> str:
        return HOME[self.seller]

    @property
    def cqr(self) -> Decimal:
        points = sum(WEIGHTS[name] * score for name, score in self.scores.items())
        return (100 * points / Decimal(5)).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def heads(self, person: str) -> bool:
        return ROLES[person] == "head" and HOME[person] == self.department

    def classify(self, person: str) -> bool:
        controls = ROLES[person] == "controller" and HOME[person] == self.department
        return self._to("manually_classified", self.status in FRESH and (self.heads(person) or controls))

    def ask_advice(self, person: str) -> bool:
        return self._to("listening_for_advice", self.status in PRELIMINARY and person == self.seller)

    def count(self, person: str, given_to: str | None) -> bool:
        done = self._to("listening_counted", self.status in PRELIMINARY and self.heads(person))
        self.assignee = given_to if done else self.assignee
        return done

    def take_uncounted(self, person: str) -> bool:
        mentors = person == "natalia" and self.seller == "marina"
        done = self._to("listening_uncounted", self.status in PRELIMINARY and (self.heads(person) or mentors))
        if done:
            self.taker = self.assignee = person
        return done

    def take(self, person: str) -> bool:
        near = ROLES[person] == "controller" and (HOME[person] == self.department or self.assignee == person)
        able = {
            "listening_counted": near,
            "listening_for_advice": self.heads(person),
            "listening_uncounted": self.taker == person,
        }.get(self.status, False)
        if not able or self.assignee not in (None, person) or self.evaluating is not None:
            return False
        self.assignee = self.evaluating = person
        self.scores, self.recommended = {}, False
        return True

    def score(self, person: str, criterion: str, mark: Decimal) -> bool:
        if self.evaluating != person:
            return False
        self.scores[criterion] = mark
        return True

    def recommend(self, person: str) -> bool:
        if self.evaluating != person:
            return False
        self.recommended = True
        return True

    def finish(self, person: str) -> bool:
        if self.evaluating != person or len(self.scores) < 3:
            return False
        if self.status == "listening_for_advice" and not self.recommended:
            return False
        counted = self.status == "listening_counted"
        self.evaluator, self.evaluating, self.hours_left = person, None, 48 if counted else 0
        return self._to("evaluated_pending" if counted else "approved_training", True)

    def hand_over(self, person: str, to: str) -> bool:
        mine = ROLES[person] == "controller" and self.assignee == person
        able = self.status == "listening_counted" and (mine or self.heads(person))
        if not able or ROLES[to] != "controller" or to == self.assignee:
            return False
        self.assignee, self.evaluating = to, None
        return True

    def give_back(self, person: str) -> bool:
        if self.status != "listening_counted" or ROLES[person] != "controller" or self.assignee != person:
            return False
        self.assignee = self.evaluating = None
        return True

    def appeal(self, person: str) -> bool:
        able = self.status == "evaluated_pending" and person == self.seller and self.hours_left > 0
        self.appealed = self.appealed or able
        return self._to("evaluated_appealed", able)

    def reject(self, person: str) -> bool:
        done = self._to("approved_evaluated", self.status == "evaluated_appealed" and self.heads(person))
        if done:
            self._credit()
        return done

    def uphold(self, person: str) -> bool:
        able = self.status == "evaluated_appealed" and self.heads(person) and self.scores["objection_handling"] < 1
        if able:
            self.scores["objection_handling"] = Decimal(1)
        if self._to("approved_overturned", able):
            self._credit(upheld=True)
        return able

    def pass_hours(self, hours: int) -> None:
        if self.status == "evaluated_pending":
            self.hours_left -= hours

    def approve(self) -> None:
        if self._to("approved_evaluated", self.status == "evaluated_pending" and self.hours_left <= 0):
            self._credit()

    def _to(self, status: str, able: bool) -> bool:
        self.status = status if able else self.status
        return able

    def _credit(self, *, upheld: bool = False) -> None:
        seller, controller = f"seller:{self.seller}", f"controller:{self.evaluator}"
        self.ledger.update({(seller, "call"): 1, (seller, "cqr"): self.cqr, (controller, "check"): 1})
        if self.appealed:
            self.ledger[controller, "appeal"] += 1
        if upheld:
            self.ledger.update({(controller, "upheld"): 1, (seller, "money"): 100, (controller, "money"): -100})
