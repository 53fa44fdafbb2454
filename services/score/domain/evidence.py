"""Which words of a turn show a criterion: the sentence around the marks that speak for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.score.domain.draft import EvidenceSpan
from services.score.domain.lexicon import COMPILED, normalise
from services.score.domain.reading import Reading, TurnReading

TELLING: dict[str, tuple[str, ...]] = {
    "greeting": ("hello", "self", "firm"),
    "client_name": ("ask_name", "ask_surname"),
    "problem_definition": ("need_topic", "question_word", "question_form"),
    "product_story": ("benefit", "offer", "price"),
    "objection_handling": ("acknowledge", "benefit", "propose", "commit"),
    "initiative": ("propose", "commit", "ask_when"),
    "closing_push": ("commit", "ask_when", "propose", "hesitate_again"),
    "next_step": ("time", "action", "vague"),
    "farewell": ("bye", "thanks", "sum_up"),
    "listening": ("restate", "dodge", "acknowledge"),
    "politeness": ("curt", "mock", "profane", "please", "thanks"),
    "crm_card": ("no", "yes", "time"),
}


def spans(reading: Reading, criterion: str, turns: Sequence[int]) -> tuple[EvidenceSpan, ...]:
    """The places of the turns, in order; with words where the transcript has them."""
    return tuple(_span(reading, criterion, reading.turns[i]) for i in sorted(set(turns)))


def _span(reading: Reading, criterion: str, turn: TurnReading) -> EvidenceSpan:
    words = reading.dialogue.utterances[turn.index].words
    if not words:
        return EvidenceSpan(turn.index, turn.start_ms, turn.end_ms)
    first, last = _telling_words([w.text for w in words], TELLING.get(criterion, ()))
    return EvidenceSpan(turn.index, words[first].start_ms, words[last - 1].end_ms, first, last)


def _telling_words(words: Sequence[str], marks: Sequence[str]) -> tuple[int, int]:
    """From the sentence of the first mark to the sentence of the last, as word numbers, half-open."""
    sentence, sentences = 0, []
    for word in words:
        sentences.append(sentence)
        sentence += bool(re.search(r"[.?!…]$", word.strip()))
    text, starts = "", []
    for word in words:
        starts.append(len(text))
        text += normalise(word.strip()) + " "
    found = [m.start() for name in marks for m in COMPILED[name].finditer(text)]
    if not found:
        return 0, len(words)
    hits = {sentences[max(i for i, start in enumerate(starts) if start <= place)] for place in found}
    inside = [i for i, s in enumerate(sentences) if min(hits) <= s <= max(hits)]
    return inside[0], inside[-1] + 1
