"""What a language model's opinion may do to a draft: little, with proof, and never by the words of the call.

The model says, item by item, what it would score and which words show it. Our code decides: an opinion without a
quotation that stands in the named turn of the seller counts for nothing; one that differs lowers the confidence; only
where the draft itself was unsure it moves the score, by half a step, and all moves together by a few points of CQR.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from services.score.domain.dialogue import Dialogue, Speaker
from services.score.domain.draft import CriterionDraft, Draft, EvidenceSpan, Reason, Verdict
from services.score.domain.scorecard import HALF, ONE, ZERO, Scorecard
from services.score.domain.scored_call import scored_call
from services.score.domain.spoken_orders import is_order

SCORES = (ZERO, HALF, ONE)
UNSURE = Decimal("0.60")
DOUBT = {HALF: Decimal("0.75"), ONE: Decimal("0.50")}
FEWEST_QUOTED = 2
WORD = re.compile(r"\w+")
LONG_NUMBER = re.compile(r"(?:\d[\s\-().]*){6,}")
MOVED = Reason(
    ru="Черновик сомневался; языковая модель привела слова, из-за которых оценка сдвинута на полшага.",
    en="The draft was unsure; a language model quoted words that moved the score by half a step.",
)


@dataclass(frozen=True)
class Quote:
    """Words that the model says stand in a turn."""

    turn: int
    text: str


@dataclass(frozen=True)
class Opinion:
    """What the model would score an item (None: it does not apply), and what shows it."""

    criterion: str
    score: Decimal | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True)
class Weighed:
    """The draft after the opinions, and how many of them agreed, were refused, lowered confidence, or moved a score."""

    draft: Draft
    agreed: int = 0
    refused: int = 0
    doubted: int = 0
    moved: int = 0


def shown(text: str) -> str:
    """A turn as a model may see it: long numbers (cards, phones, codes) are hidden."""
    return LONG_NUMBER.sub("••• ", text).strip()


def weigh(
    draft: Draft, opinions: Sequence[Opinion], dialogue: Dialogue, scorecard: Scorecard, budget: Decimal
) -> Weighed:
    """The draft with the opinions weighed; `budget` is how many points of CQR all moves together may make."""
    by_code = {opinion.criterion: opinion for opinion in opinions}
    weighed = Weighed(draft)
    for item in sorted(draft.criteria, key=lambda one: (one.confidence, one.criterion)):
        opinion = by_code.get(item.criterion)
        if opinion is not None and item.verdict is Verdict.SCORED and item.score is not None:
            weighed = _one(weighed, item, opinion, dialogue, scorecard, draft, budget)
    return weighed


def _one(
    weighed: Weighed,
    item: CriterionDraft,
    opinion: Opinion,
    dialogue: Dialogue,
    scorecard: Scorecard,
    original: Draft,
    budget: Decimal,
) -> Weighed:
    if opinion.score is not None and opinion.score not in SCORES:
        return replace(weighed, refused=weighed.refused + 1)
    if opinion.score == item.score:
        return replace(weighed, agreed=weighed.agreed + 1)
    if not _proven(opinion, dialogue):
        return replace(weighed, refused=weighed.refused + 1)
    moved = _moved(item, opinion, dialogue)
    if moved is not None:
        candidate = _with(weighed.draft, moved)
        if _shift(original, candidate, dialogue, scorecard) <= budget:
            return replace(weighed, draft=candidate, moved=weighed.moved + 1)
    return replace(weighed, draft=_with(weighed.draft, _doubted(item, opinion)), doubted=weighed.doubted + 1)


def _proven(opinion: Opinion, dialogue: Dialogue) -> bool:
    """Whether every quotation stands in a turn of the seller that does not speak to the machine."""
    return bool(opinion.quotes) and all(_stands(quote, dialogue) for quote in opinion.quotes)


def _stands(quote: Quote, dialogue: Dialogue) -> bool:
    turn = next((turn for turn in dialogue.utterances if turn.index == quote.turn), None)
    if turn is None or turn.speaker is not Speaker.SELLER or not turn.trusted or is_order(turn.text):
        return False
    quoted = _words(quote.text)
    return len(quoted) >= FEWEST_QUOTED and f" {' '.join(quoted)} " in f" {' '.join(_words(shown(turn.text)))} "


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower().replace("ё", "е"))


def _moved(item: CriterionDraft, opinion: Opinion, dialogue: Dialogue) -> CriterionDraft | None:
    """The item half a step nearer to the opinion; None when the draft was sure or the opinion has no score."""
    if item.score is None or opinion.score is None or item.confidence >= UNSURE:
        return None
    score = item.score + HALF if opinion.score > item.score else item.score - HALF
    turns = {turn.index: turn for turn in dialogue.utterances}
    places = tuple(
        EvidenceSpan(turn, turns[turn].start_ms, turns[turn].end_ms)
        for turn in sorted({quote.turn for quote in opinion.quotes})
    )
    return replace(item, score=score, evidence=places, reason=MOVED, confidence=_lower(item.confidence, HALF))


def _doubted(item: CriterionDraft, opinion: Opinion) -> CriterionDraft:
    far = ONE if opinion.score is None or item.score is None else abs(opinion.score - item.score)
    return replace(item, confidence=_lower(item.confidence, far))


def _lower(confidence: Decimal, far: Decimal) -> Decimal:
    return (confidence * DOUBT.get(far, DOUBT[ONE])).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)


def _with(draft: Draft, changed: CriterionDraft) -> Draft:
    items = tuple(changed if item.criterion == changed.criterion else item for item in draft.criteria)
    return replace(draft, criteria=items)


def _shift(before: Draft, after: Draft, dialogue: Dialogue, scorecard: Scorecard) -> Decimal:
    """By how many points of CQR the drafts differ."""
    rates = [scored_call(draft, scorecard, dialogue, "good").cqr.percent for draft in (before, after)]
    first, second = (rate if rate is not None else ZERO for rate in rates)
    return abs(second - first)
