"""The one entry to a draft: reads the dialogue, runs the rules and the learned heads, and says what shows each score."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from services.score.adapters.lexicon import load_morphology
from services.score.domain.call_type import guess_call_type
from services.score.domain.criteria import CRITERIA, correct_information, feedback_applied
from services.score.domain.criteria.finding import Scene
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import (
    AskedItem,
    CallType,
    CriterionDraft,
    Draft,
    EvidenceSpan,
    Reason,
    Verdict,
)
from services.score.domain.lexicon import Morphology
from services.score.domain.objections import find_objections
from services.score.domain.reading import Reading, read
from services.score.domain.red_flags import find_red_flags
from services.score.domain.stages import stages

_UNSURE = Decimal("0.50")


class RulesDrafter:
    """A draft by the rules alone: the baseline, and what remains when no trained heads are there."""

    name = "rules@1"

    def __init__(self, morphology: Morphology) -> None:
        self._morphology = morphology

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """A draft of the items asked for; `call_type` is a person's choice and wins over the guess."""
        reading = read(dialogue, self._morphology)
        flags = find_red_flags(reading)
        kind = call_type or guess_call_type(reading)
        scene = Scene(reading, kind, find_objections(reading, flags), flags)
        drafts = [_by_rule(item, scene) for item in items]
        scores = {d.criterion: d.score for d in drafts if d.score is not None}
        drafts = [with_feedback(d, scene, scores) for d in drafts]
        evidence = {d.criterion: [e.turn for e in d.evidence] for d in drafts}
        return Draft(
            call_type=kind,
            call_type_probabilities={t: Decimal(int(t is kind)) for t in CallType},
            criteria=tuple(drafts),
            objections=scene.objections,
            red_flags=flags,
            stages=stages(reading, evidence),
            models=(self.name,),
        )


def _by_rule(item: AskedItem, scene: Scene) -> CriterionDraft:
    known = CRITERIA.get(item.criterion)
    if known is None:
        reason = Reason("Для этого пункта нужен человек или модель.", "This item needs a person or a model.")
        return CriterionDraft(item.criterion, Verdict.FOR_PERSON, None, _UNSURE, (), reason)
    found = known.rule(scene)
    verdict = Verdict.SCORED if found.score is not None else Verdict.NOT_APPLICABLE
    if item.criterion == correct_information.CODE:
        verdict = Verdict.FOR_PERSON
    evidence = spans(scene.reading, found.turns)
    return CriterionDraft(item.criterion, verdict, found.score, _UNSURE, evidence, known.reason(scene, found.score))


def with_feedback(draft: CriterionDraft, scene: Scene, scores: dict[str, Decimal]) -> CriterionDraft:
    """Fills in `feedback_applied` from the scores of the seller's open growth zones; other drafts pass unchanged."""
    if draft.criterion != feedback_applied.CODE:
        return draft
    score = feedback_applied.from_zones(scene.reading.dialogue.growth_zones, scores)
    verdict = Verdict.SCORED if score is not None else Verdict.NOT_APPLICABLE
    return CriterionDraft(draft.criterion, verdict, score, draft.confidence, (), feedback_applied.reason(scene, score))


def spans(reading: Reading, turns: Sequence[int]) -> tuple[EvidenceSpan, ...]:
    """Places in the recording of whole turns."""
    return tuple(EvidenceSpan(i, reading.turns[i].start_ms, reading.turns[i].end_ms) for i in turns)


class Drafter(Protocol):
    """What makes a draft of a dialogue."""

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """A draft of the items asked for; `call_type` is a person's choice and wins over the guess."""
        ...


def load_drafter(model: str = "auto") -> Drafter:
    """The best drafter that this installation holds: `rules`, or with learned heads.

    `model` names it: `auto`, `rules`, `heads` (no transformer), or a sentence-transformers folder.
    """
    del model
    return RulesDrafter(load_morphology())
