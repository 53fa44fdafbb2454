"""Listening: answers what was asked, refers to the client's words, does not interrupt, is 1; one miss 0.5; many 0."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import Reason
from services.score.domain.reading import Reading, TurnReading

CODE = "listening"
_REASONS = {
    ONE: (
        "Отвечал на вопросы, опирался на слова клиента, не перебивал.",
        "Answered what was asked, used the client's words, did not interrupt.",
    ),
    HALF: ("Пропустил вопрос или один-два раза перебил.", "Missed a question, or interrupted once or twice."),
    ZERO: (
        "Не отвечал на вопросы, перебивал или спрашивал уже сказанное.",
        "Ignored questions, interrupted again and again, or asked what was already said.",
    ),
}


def rule(scene: Scene) -> Finding:
    """Counts interruptions (assent over the client's speech is none), dodged questions and the client's complaints."""
    faults = {t.index: t for t in [*interruptions(scene.reading), *dodges(scene.reading)]}
    complaints = sum(t.has("complain") for t in scene.reading.client)
    number = len(faults) + complaints
    score = ONE if number == 0 else HALF if number <= 2 else ZERO
    good = [t for t in scene.reading.seller if t.has("restate", "acknowledge")][:4]
    return finding(score, faults.values() if faults else good if score == ONE else ())


def interruptions(reading: Reading) -> list[TurnReading]:
    """Seller's turns that begin over the client's speech and go on."""
    return [t for t in reading.seller if t.interrupts]


def dodges(reading: Reading) -> list[TurnReading]:
    """Seller's turns after a question that put it off instead of answering."""
    return [t for t in reading.seller if t.has("dodge") and (b := reading.before(t)) is not None and b.asks]


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    return reason_for(_REASONS, ZERO if score is None else score)
