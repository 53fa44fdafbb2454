"""Client's name: learnt or known and used at least twice is 1; asked for, or used once, 0.5; never 0."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import Reason
from services.score.domain.reading import Reading, TurnReading

CODE = "client_name"
_REASONS = {
    ONE: ("Обратился к клиенту по имени не меньше двух раз.", "Addressed the client by name at least twice."),
    HALF: ("Имя спросил или назвал только один раз.", "Asked for the name, or used it only once."),
    ZERO: ("По имени ни разу не обратился и имени не спросил.", "Never used the client's name nor asked for it."),
}


def rule(scene: Scene) -> Finding:
    """Counts uses of the likeliest client's name and questions for it."""
    uses, asked = name_uses(scene.reading), _asking(scene.reading)
    score = ONE if len(uses) >= 2 else HALF if uses or asked else ZERO
    return finding(score, [*uses, *asked])


def name_uses(reading: Reading) -> list[TurnReading]:
    """Seller's turns that say the client's name: the one the client gave, else the one said most."""
    counts = Counter(n for t in reading.seller for n in t.names if n not in reading.own_names)
    given = {n: c for n, c in counts.items() if n in reading.client_names}
    pool = given or counts
    if not pool:
        return []
    likeliest = max(sorted(pool), key=lambda n: pool[n])
    return [t for t in reading.seller for n in t.names if n == likeliest]


def _asking(reading: Reading) -> list[TurnReading]:
    return [t for t in reading.seller if t.has("ask_name", "ask_surname")]


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    return reason_for(_REASONS, ZERO if score is None else score)
