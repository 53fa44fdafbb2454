"""Problem: two or more questions on the need, built upon, are 1; one 0.5; none 0; a fixed need does not apply."""

from __future__ import annotations

from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.draft import CallType, Reason
from services.score.domain.reading import Reading, TurnReading

CODE = "problem_definition"
_REASONS = {
    ONE: (
        "Задал несколько вопросов о потребности и опирался на ответы.",
        "Asked several questions on the need and built on the answers.",
    ),
    HALF: (
        "Вопрос о потребности один, или ответы не использованы.",
        "One question on the need, or its answers were not used.",
    ),
    ZERO: ("О потребности клиента не спросил.", "Never asked about the client's need."),
}


def rule(scene: Scene) -> Finding:
    """Counts questions on the need; those that follow an objection only probe it and do not count."""
    if scene.call_type is CallType.SPAM or is_fixed(scene):
        return finding(None)
    asked = need_questions(scene)
    number = sum(max(1, t.questions) for t in asked)
    return finding(ONE if number >= 3 else HALF if number else ZERO, asked)


def is_fixed(scene: Scene) -> bool:
    """Whether the need was fixed before: a transactional call in which nobody asks or objects about the content."""
    return scene.call_type is CallType.TRANSACTIONAL and not any(
        t.has("need_topic") and t.questions for t in scene.reading.seller[1:]
    )


def need_questions(scene: Scene) -> list[TurnReading]:
    """Seller's turns that ask about the need, before the last third of the call."""
    reading: Reading = scene.reading
    probing = {i for o in scene.objections for i in o.answer_turns}
    limit = 0.7 * len(reading.turns)
    return [
        t
        for t in reading.seller
        if t.asks
        and t.index not in probing
        and 0 < t.index < limit
        and not t.has("ask_name", "ask_surname", "ask_when")
        and t.has("question_word", "need_topic", "question_form")
    ]


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("Потребность была определена заранее.", "The need was fixed beforehand.")
    return reason_for(_REASONS, score)
