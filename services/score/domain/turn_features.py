"""Figures of a single turn in its place: what the turn heads see beside its words."""

from __future__ import annotations

from services.score.domain.features import echo
from services.score.domain.lexicon import COMPILED, OBJECTIONS_COMPILED
from services.score.domain.reading import Reading, TurnReading

MARKS: tuple[str, ...] = tuple(COMPILED)
KINDS: tuple[str, ...] = tuple(OBJECTIONS_COMPILED)
_NEAR = (
    "acknowledge",
    "propose",
    "commit",
    "ask_when",
    "time",
    "benefit",
    "price",
    "restate",
    "bye",
    "vague",
    "yes",
    "no",
    "curt",
    "mock",
    "please",
    "thanks",
    "dodge",
    "question_form",
)
FLAG_WORDS = ("mock", "profane", "threat", "shame", "promise", "slander", "secret", "curt", "thou")


def place_figures(reading: Reading, turn: TurnReading) -> list[float]:
    """Where the turn stands, how long it is, whether it asks or interrupts, whose names it says, and its neighbours."""
    total, index, length = len(reading.turns), turn.index, len(turn.words)
    own = reading.own_names
    figures = [
        index == 0,
        index <= 1,
        index <= 3,
        index / total,
        total - index <= 1,
        total - index <= 2,
        total - index <= 4,
        min(length, 40) / 40,
        length <= 3,
        length <= 7,
        length >= 15,
        length >= 25,
        turn.asks,
        turn.questions > 0,
        min(turn.questions, 3) / 3,
        turn.interrupts,
        min(turn.overlap_ms, 2000) / 2000,
        turn.broken_off,
        bool(set(turn.names) - own),
        bool(set(turn.names) & own),
        min(len(turn.names), 3) / 3,
    ]
    for other in (reading.before(turn), reading.after(turn)):
        figures += _neighbour(turn, other)
    return [float(f) for f in figures]


def _neighbour(turn: TurnReading, other: TurnReading | None) -> list[float]:
    if other is None:
        return [0.0] * 10
    return [
        1.0,
        float(other.speaker is not turn.speaker),
        float(other.asks),
        float(other.questions > 0),
        float(other.broken_off),
        min(len(other.words), 30) / 30,
        min(echo(other, turn), 4.0) / 4,
        float(other.interrupts),
        float(len(other.words) <= 2),
        float(bool(other.objection_marks)),
    ]


def mark_figures(turn: TurnReading | None) -> list[float]:
    """One figure a mark, 1 where the turn has it; zeros for no turn."""
    if turn is None:
        return [0.0] * (len(MARKS) + len(KINDS))
    return [float(m in turn.marks) for m in MARKS] + [float(k in turn.objection_marks) for k in KINDS]


def _near(turn: TurnReading | None) -> list[float]:
    if turn is None:
        return [0.0] * (len(_NEAR) + 3)
    marks = [float(m in turn.marks) for m in _NEAR]
    return [*marks, min(len(turn.words), 40) / 40, float(turn.asks), float(turn.questions > 0)]


def objection_figures(reading: Reading, turn: TurnReading) -> list[float]:
    """What a client's turn and what follows it look like: for finding objections and judging their handling."""
    index, total = turn.index, len(reading.turns)
    answers = [t for t in reading.seller if t.index > index]
    replies = [t for t in reading.client if t.index > index]
    earlier = [t for t in reading.client if t.index < index]
    said = {lemma[:6] for t in earlier for lemma in t.lemmas if len(lemma) > 4}
    now = {lemma[:6] for lemma in turn.lemmas if len(lemma) > 4}
    figures = [*_near(turn), float(len(turn.objection_marks)), *(float(k in turn.objection_marks) for k in KINDS)]
    figures += [index / total, float(total - index <= 2), float(total - index <= 4), float(len(answers)), float(index)]
    figures += _near(answers[0] if answers else None)
    figures += _near(answers[1] if len(answers) > 1 else None)
    figures += _near(replies[0] if replies else None)
    figures += [float(sum(m in t.marks for t in answers[:3])) for m in _NEAR]
    figures += [float(sum(m in t.marks for t in answers[1:6])) for m in ("propose", "commit", "ask_when", "time")]
    figures += [len(said & now) / max(1, len(now)), float(sum(bool(t.objection_marks) for t in earlier))]
    return figures


def flag_figures(reading: Reading, turn: TurnReading) -> list[float]:
    """What a seller's turn and its neighbours look like: for finding red flags."""
    before, after = reading.before(turn), reading.after(turn)
    total = len(reading.turns)
    figures = [float(turn.count(m)) for m in FLAG_WORDS]
    figures += [*_near(turn), *_near(before), *_near(after)]
    figures += [turn.index / total, float(total - turn.index <= 2)]
    figures += [float(before is not None and k in before.objection_marks) for k in KINDS]
    return figures + [float(sum(m in t.marks for t in reading.seller)) for m in FLAG_WORDS]
