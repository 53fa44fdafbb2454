"""Phrases that a scorecard forbids: whoever says one has not done the item well, however well the rest was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.score.domain.dialogue import Dialogue, Speaker, Utterance
from services.score.domain.draft import CallType, CriterionDraft, EvidenceSpan, Reason, Verdict
from services.score.domain.scorecard import HALF, Block, Criterion, JudgedBy, Scorecard

WORD = re.compile(r"\w+")
SAID = Reason(
    ru="Прозвучала фраза, которую чек-лист запрещает, поэтому выше половины оценка не поднимается.",
    en="A phrase that the scorecard forbids was said, so the score stays at a half at most.",
)


def with_forbidden(
    criteria: Sequence[CriterionDraft], scorecard: Scorecard, dialogue: Dialogue, call_type: CallType
) -> tuple[CriterionDraft, ...]:
    """The drafts with a cap of 0.5 where the seller said what the item, or its stage, forbids.

    A stage's phrase caps the stage's weightiest item for the call type; the turn becomes its evidence.
    """
    caps = dict(_caps(scorecard, dialogue, call_type))
    return tuple(_capped(item, caps[item.criterion]) if item.criterion in caps else item for item in criteria)


def _caps(scorecard: Scorecard, dialogue: Dialogue, call_type: CallType) -> Iterator[tuple[str, Utterance]]:
    turns = [(_words(turn.text), turn) for turn in dialogue.of(Speaker.SELLER) if turn.trusted]
    for block in scorecard.blocks:
        heaviest = _heaviest(block, call_type)
        if heaviest is not None:
            yield from ((heaviest.code, turn) for turn in _said(block.phrases.forbidden, turns))
        for criterion in block.criteria:
            yield from ((criterion.code, turn) for turn in _said(criterion.phrases.forbidden, turns))


def _heaviest(block: Block, call_type: CallType) -> Criterion | None:
    spoken = [item for item in block.criteria if item.judged_by in (JudgedBy.TRANSCRIPT, JudgedBy.PHRASES)]
    return max(spoken, key=lambda item: item.weight(call_type), default=None)


def _said(phrases: Sequence[str], turns: Sequence[tuple[str, Utterance]]) -> Iterator[Utterance]:
    for phrase in phrases:
        words = _words(phrase)
        yield from (turn for text, turn in turns if words.strip() and words in text)


def _words(text: str) -> str:
    """Words only, small, with a space on either side, so that whole words are compared."""
    return " " + " ".join(WORD.findall(text.lower().replace("ё", "е"))) + " "


def _capped(item: CriterionDraft, turn: Utterance) -> CriterionDraft:
    if item.verdict is not Verdict.SCORED or item.score is None or item.score <= HALF:
        return item
    return replace(item, score=HALF, evidence=(EvidenceSpan(turn.index, turn.start_ms, turn.end_ms),), reason=SAID)
