"""Objections by rule: which turns of the client object and how, the seller's answers to each, and how well it went."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO
from services.score.domain.dialogue import Speaker
from services.score.domain.draft import FlagKind, ObjectionDraft, ObjectionKind, RedFlagDraft, Technique
from services.score.domain.reading import Reading, TurnReading

_CHAIN = 3
_PARTING = 2


def objection_kind(turn: TurnReading) -> ObjectionKind:
    """The kind whose words the turn has most of; earlier kinds of the table win ties."""
    marks = turn.objection_marks
    if not marks:
        return ObjectionKind.OTHER
    return ObjectionKind(max(marks, key=lambda kind: (marks[kind], kind != "other")))


def looks_like_objection(turn: TurnReading) -> bool:
    """Words of an objection in a statement; a plain question is none."""
    if not turn.objection_marks or len(turn.words) < 3:
        return False
    strong = set(turn.objection_marks) - {"other", "send_info"}
    question_only = turn.questions > 0 and turn.text.strip().endswith("?") and not turn.has("no")
    return bool(strong) and not question_only


def answer_turns(reading: Reading, turn: TurnReading, others: Sequence[int]) -> tuple[int, ...]:
    """The seller's turns that answer an objection: up to three, until the next objection or the goodbye."""
    answers: list[int] = []
    for later in reading.turns[turn.index + 1 :]:
        if later.speaker is Speaker.SELLER:
            if answers and later.has("bye"):
                break
            answers.append(later.index)
        elif later.index in others and answers:
            break
        if len(answers) >= _CHAIN or later.index > turn.index + 2 * _CHAIN:
            break
    return tuple(answers)


def techniques(reading: Reading, answers: Sequence[int], flags: Sequence[RedFlagDraft] = ()) -> tuple[Technique, ...]:
    """What the seller did in his answers, in the order of the list of techniques."""
    turns = [reading.turns[i] for i in answers]
    if not turns:
        return (Technique.IGNORE,)
    found: list[Technique] = []
    if any(t.has("acknowledge") for t in turns):
        found.append(Technique.ACKNOWLEDGE)
    if any(t.questions and not t.has("bye") for t in turns):
        found.append(Technique.CLARIFY)
    if any(t.has("benefit", "price") and len(t.words) >= 7 for t in turns):
        found.append(Technique.ARGUE)
    if any(t.has("propose", "hesitate_again") and len(t.words) >= 5 for t in turns):
        found.append(Technique.ALTERNATIVE)
    if any(t.has("commit", "ask_when", "time") and (t.has("propose") or t.questions) for t in turns):
        found.append(Technique.RETURN_TO_GOAL)
    if not found or (found == [Technique.ACKNOWLEDGE] and len(turns[0].words) <= 8):
        found.append(Technique.GIVE_IN)
    attacked = {f.turn for f in flags if f.kind in (FlagKind.RUDENESS, FlagKind.COMPETITOR_SLANDER, FlagKind.PRESSURE)}
    if attacked & set(answers):
        found.append(Technique.ATTACK)
    return tuple(found)


def handling(used: Sequence[Technique]) -> Decimal:
    """The rubric's score: heard, answered and led back is 1; an answer alone 0.5; given in or attacked 0."""
    if Technique.ATTACK in used or Technique.IGNORE in used:
        return ZERO
    answered = {Technique.ARGUE, Technique.CLARIFY, Technique.ALTERNATIVE} & set(used)
    if not answered:
        return ZERO
    heard = Technique.ACKNOWLEDGE in used or Technique.CLARIFY in used
    return ONE if heard and Technique.RETURN_TO_GOAL in used else HALF


def cap(score: Decimal, answers: Sequence[int], flags: Sequence[RedFlagDraft]) -> Decimal:
    """Red flags cap an objection: slander or a threat in the answer makes it 0, a false promise at most 0.5."""
    kinds = {f.kind for f in flags if f.turn in answers}
    if kinds & {FlagKind.COMPETITOR_SLANDER, FlagKind.PRESSURE}:
        return ZERO
    return min(score, HALF) if FlagKind.FALSE_PROMISE in kinds else score


def find_objections(reading: Reading, flags: Sequence[RedFlagDraft] = ()) -> tuple[ObjectionDraft, ...]:
    """The objections by words alone; a restated kind soon after is the same objection."""
    turns = [t for t in reading.client[:-1] if t.index >= _PARTING and looks_like_objection(t)]
    kept: list[TurnReading] = []
    for turn in turns:
        again = any(objection_kind(k) is objection_kind(turn) for k in kept)
        if not again:
            kept.append(turn)
    places = [t.index for t in kept]
    found: list[ObjectionDraft] = []
    for turn in kept:
        answers = answer_turns(reading, turn, places)
        used = techniques(reading, answers, flags)
        score = cap(handling(used), answers, flags)
        found.append(ObjectionDraft(turn.index, objection_kind(turn), score, answers, used, Decimal("0.5")))
    return tuple(found)
