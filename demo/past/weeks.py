"""Who had which calls in the weeks before the demo's day, how well, and where each of them is strong or weak."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from demo.company import Company, Person

DAYS = 35
DAY_OFF = 7  # everybody has two days off in seven, in turns
SPREAD = 0.22  # how far a seller's calls lie around his skill


@dataclass(frozen=True)
class Hand:
    """How somebody sells: skill 0…1 at the beginning and the end of the weeks, one weak and one strong criterion."""

    begins: float
    ends: float
    weak: str
    strong: str

    def skill(self, share: float) -> float:
        """The skill after this share of the weeks, 0…1."""
        return self.begins + (self.ends - self.begins) * share


HANDS: Mapping[str, Hand] = {
    "marina": Hand(0.75, 0.85, "closing_push", "problem_definition"),
    "ilya": Hand(0.55, 0.50, "next_step", "greeting"),
    "alina": Hand(0.25, 0.70, "objection_handling", "politeness"),
    "denis": Hand(0.65, 0.30, "listening", "initiative"),
    "ksenia": Hand(0.80, 0.75, "client_name", "objection_handling"),
    "artyom": Hand(0.40, 0.55, "product_story", "next_step"),
}
# How much milder (+) or stricter (−) than the others a controller judges: the chance to go half a step away.
LEANING: Mapping[str, float] = {"olga": -0.12, "vera": 0.10, "pavel": 0.0}

# How often a controller's score lies beside the draft for no reason of these.
STRAYS_BLIND, STRAYS_SEEN = 0.25, 0.12


@dataclass(frozen=True)
class PastCall:
    """A call of those weeks. `started_at` is aware; `dialogue` names what was said."""

    call_id: str
    seller: Person
    kind: str
    started_at: datetime
    dialogue: str
    direction: str
    client: int


def calls_of(
    company: Company, last: date, rates: Mapping[str, Decimal], seed: int, days: int = DAYS
) -> Iterator[PastCall]:
    """The calls of the `days` days that end with `last`, in order of days; `rates` is each dialogue's drafted CQR."""
    rng = random.Random(seed)
    ordered = sorted(rates, key=lambda dialogue: (rates[dialogue], dialogue))
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        for place, seller in enumerate(company.sellers()):
            if (day.toordinal() + place * 2) % DAY_OFF in (0, 1):
                continue
            skill = HANDS[seller.id].skill(number / max(1, days - 1))
            yield from _day_of(company, seller, day, ordered, skill, rng)


def _day_of(
    company: Company, seller: Person, day: date, ordered: Sequence[str], skill: float, rng: random.Random
) -> Iterator[PastCall]:
    department = company.department(seller.department)
    for part in range(rng.choice((1, 1, 2))):
        at = time(10 + 4 * part + rng.randrange(3), rng.randrange(60), rng.randrange(60))
        yield PastCall(
            call_id=f"{rng.getrandbits(128):032x}",
            seller=seller,
            kind=department.kind,
            started_at=datetime.combine(day, at, department.clock),
            dialogue=_dialogue(ordered, skill, rng),
            direction=rng.choice(("in", "out")),
            client=rng.randrange(90),
        )


def _dialogue(ordered: Sequence[str], skill: float, rng: random.Random) -> str:
    """A dialogue about as good as the seller: those near his skill are likely, those far away are not."""
    places = [index / max(1, len(ordered) - 1) for index in range(len(ordered))]
    weights = [math.exp(-(((place - skill) / SPREAD) ** 2)) for place in places]
    return rng.choices(ordered, weights)[0]


def deserved(call_id: str, item: str, steps: Sequence[Decimal]) -> Decimal:
    """What a call deserves for an item that the machine cannot judge: mostly the most, the same for whoever listens."""
    return steps[-1] if random.Random(f"{call_id}/{item}").random() < 0.75 else steps[len(steps) // 2]


def judged(
    due: Decimal,
    steps: Sequence[Decimal],
    criterion: str,
    seller: str,
    controller: str,
    rng: random.Random,
    *,
    blind: bool,
) -> Decimal:
    """What a controller gives where `due` (the draft's score, as a rule) is right: mostly that, else a step beside it.

    Whoever sees the draft follows it more often than whoever judges blind. A seller's weak criterion is seen lower
    and his strong one higher; a strict controller's scores lie lower.
    """
    hand = HANDS[seller]
    lean = LEANING[controller] + (-0.3 if criterion == hand.weak else 0.3 if criterion == hand.strong else 0.0)
    place = steps.index(due)
    if rng.random() < abs(lean):
        place += 1 if lean > 0 else -1
    elif rng.random() < (STRAYS_BLIND if blind else STRAYS_SEEN):
        place += rng.choice((-1, 1))
    return steps[min(max(place, 0), len(steps) - 1)]
