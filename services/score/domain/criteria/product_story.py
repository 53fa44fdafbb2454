"""Product: a benefit that answers this need is 1; facts or prices 0.5; nothing 0; no reason to tell does not apply."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.criteria.problem_definition import is_fixed
from services.score.domain.draft import CallType, Reason

CODE = "product_story"
_LONG = 10
_REASONS = {
    ONE: ("Показал выгоду, отвечающую потребности этого клиента.", "Showed a benefit that answers this client's need."),
    HALF: ("Назвал факты или цены, не связав их с потребностью.", "Gave facts or prices tied to no need."),
    ZERO: ("О продукте не рассказал, хотя повод был.", "Told nothing of the product though there was reason to."),
}


def rule(scene: Scene) -> Finding:
    """Benefits are clauses of gain for the client; told only in answer to an objection they count as facts."""
    if scene.call_type is CallType.SPAM or is_fixed(scene):
        return finding(None)
    answers = {i for o in scene.objections for i in o.answer_turns}
    told = [
        t for t in scene.reading.seller if t.has("benefit") and len(t.words) >= _LONG and t.has("offer", "your_case")
    ]
    free = [t for t in told if t.index not in answers]
    facts = [t for t in scene.reading.seller if t.has("price", "offer") and len(t.words) >= 6]
    if len(free) >= 2:
        return finding(ONE, free)
    return finding(HALF, told or facts) if told or facts else finding(ZERO)


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("Повода рассказывать о продукте не было.", "There was no reason to present the product.")
    return reason_for(_REASONS, score)
