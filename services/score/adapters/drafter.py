"""The one entry to a draft: reads the dialogue, runs rules and learned heads, and says what shows each score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from services.score.adapters.arrays import load
from services.score.adapters.decide import (
    Dials,
    choose_flags,
    choose_handling,
    choose_objections,
    choose_score,
    choose_type,
    decimal,
    evidence,
)
from services.score.adapters.embeddings import Encoder
from services.score.adapters.heads import Heads, Prediction, unpack
from services.score.adapters.lexicon import load_morphology
from services.score.adapters.own_items import OwnItems
from services.score.adapters.prepared import LEARNT, Prepared, prepare
from services.score.domain.call_type import guess_call_type
from services.score.domain.criteria import CRITERIA, correct_information, feedback_applied
from services.score.domain.criteria.finding import Scene
from services.score.domain.dialogue import Dialogue, Speaker
from services.score.domain.draft import AskedItem, CallType, CriterionDraft, Draft, Reason, Verdict
from services.score.domain.evidence import spans
from services.score.domain.lexicon import Morphology
from services.score.domain.objections import find_objections
from services.score.domain.reading import read
from services.score.domain.red_flags import find_red_flags
from services.score.domain.stages import stages
from services.score.domain.trust import cannot_tell
from services.score.ports import Drafter

_UNSURE, _SURE = Decimal("0.50"), Decimal("0.95")
_DOUBT = Reason("Распознанному тексту здесь нельзя верить.", "The recognised text cannot be trusted here.")
_NO_EXAMPLES = Reason(
    "Для этого пункта нужен человек: примеров фраз нет.", "A person is needed: the item has no examples."
)
SHIPPED = Path(__file__).parent / "trained"


class RulesDrafter:
    """A draft by the rules alone: the baseline, and what remains when no trained heads are there."""

    name = "rules@1"

    def __init__(self, morphology: Morphology) -> None:
        self._morphology = morphology

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """See `ports.Drafter`."""
        reading = read(dialogue, self._morphology)
        flags = find_red_flags(reading)
        kind = call_type or guess_call_type(reading)
        scene = Scene(reading, kind, find_objections(reading, flags), flags)
        drafts = [by_rule(item, scene) for item in items]
        return _whole(scene, drafts, {t: Decimal(int(t is kind)) for t in CallType}, (self.name,))


class Decider:
    """From the heads' answers to a draft: reasons, evidence, and "cannot tell" where the text is doubtful."""

    def __init__(self, dials: Dials, name: str, own: OwnItems | None = None) -> None:
        self._dials, self._name, self._own = dials, name, own

    def decide(
        self, prepared: Prepared, prediction: Prediction, items: Sequence[AskedItem], call_type: CallType | None = None
    ) -> Draft:
        """What the heads' answers mean for the items asked for."""
        types = choose_type(prediction, self._dials)
        kind = call_type or max(types, key=lambda t: types[t])
        flags = choose_flags(prepared, prediction, self._dials)
        objections = choose_objections(prepared, prediction, flags, self._dials)
        scene = Scene(prepared.reading, kind, objections, flags)
        drafts = [self._item(item, scene, prepared, prediction) for item in items]
        return _whole(scene, drafts, {t: decimal(p) for t, p in types.items()}, (self._name,))

    def _item(self, item: AskedItem, scene: Scene, prepared: Prepared, prediction: Prediction) -> CriterionDraft:
        code = item.criterion
        if code not in LEARNT or (code == "crm_card" and scene.reading.dialogue.crm is None):
            if code not in CRITERIA and item.examples and self._own is not None:
                return self._own.draft(item, scene.reading)
            return by_rule(item, scene)
        if scene.call_type is CallType.SPAM:
            reason = Reason("Спам-звонок не оценивается.", "A spam call is not scored.")
            return CriterionDraft(code, Verdict.NOT_APPLICABLE, None, _SURE, (), reason)
        if code == "objection_handling":
            choice = choose_handling(scene.objections, scene.red_flags, prediction, self._dials)
        else:
            choice = choose_score(code, prediction, self._dials)
        turns = evidence(code, choice.score, prepared, prediction, self._dials)
        if code == "objection_handling" and choice.score is not None:
            listed = tuple(i for o in scene.objections for i in (o.answer_turns or (o.turn,)))
            turns = listed or turns
        if cannot_tell(scene.reading, code, choice.score, turns):
            places = spans(scene.reading, code, turns)
            return CriterionDraft(code, Verdict.CANNOT_TELL, None, choice.confidence, places, _DOUBT)
        verdict = Verdict.NOT_APPLICABLE if choice.score is None else Verdict.SCORED
        reason = CRITERIA[code].reason(scene, choice.score)
        return CriterionDraft(code, verdict, choice.score, choice.confidence, spans(scene.reading, code, turns), reason)


class HeadsDrafter:
    """A draft by the learned heads."""

    def __init__(self, heads: Heads, decider: Decider, morphology: Morphology, encoder: Encoder | None = None) -> None:
        self._heads, self._decider, self._morphology, self._encoder = heads, decider, morphology, encoder

    def draft(self, dialogue: Dialogue, items: Sequence[AskedItem], call_type: CallType | None = None) -> Draft:
        """See `ports.Drafter`."""
        return self.draft_many([dialogue], items, call_type)[0]

    def draft_many(
        self, dialogues: Sequence[Dialogue], items: Sequence[AskedItem], call_type: CallType | None = None
    ) -> list[Draft]:
        """Drafts of many dialogues at once, which is quicker; where only one side spoke the rules draft."""
        spoken = [i for i, d in enumerate(dialogues) if {Speaker.SELLER, Speaker.CLIENT} <= _heard(d)]
        prepared = [prepare(dialogues[i], self._morphology, self._encoder) for i in spoken]
        made = {
            i: self._decider.decide(p, prediction, items, call_type)
            for i, p, prediction in zip(spoken, prepared, self._heads.predict(prepared), strict=True)
        }
        rules = RulesDrafter(self._morphology)
        return [made[i] if i in made else rules.draft(d, items, call_type) for i, d in enumerate(dialogues)]

    def forget(self) -> None:
        """Lets go of vectors in memory."""
        if self._encoder is not None:
            self._encoder.forget()


def _heard(dialogue: Dialogue) -> set[Speaker]:
    return {u.speaker for u in dialogue.utterances if u.text.strip()}


def by_rule(item: AskedItem, scene: Scene) -> CriterionDraft:
    """A draft by the criterion's own rule; an unknown item is for a person."""
    known = CRITERIA.get(item.criterion)
    if known is None:
        return CriterionDraft(item.criterion, Verdict.FOR_PERSON, None, _UNSURE, (), _NO_EXAMPLES)
    found = known.rule(scene)
    verdict = Verdict.SCORED if found.score is not None else Verdict.NOT_APPLICABLE
    if item.criterion == correct_information.CODE:
        verdict = Verdict.FOR_PERSON
    places = spans(scene.reading, item.criterion, found.turns)
    sure = _SURE if item.criterion in ("speech_clarity", "consultation_time", "crm_card") else _UNSURE
    if item.criterion == "crm_card" and found.score is not None:
        sure = _UNSURE
    return CriterionDraft(item.criterion, verdict, found.score, sure, places, known.reason(scene, found.score))


def _whole(
    scene: Scene, drafts: Sequence[CriterionDraft], types: Mapping[CallType, Decimal], models: tuple[str, ...]
) -> Draft:
    """The draft with what needs all criteria: applied feedback, and the stages along the call."""
    scores = {d.criterion: d.score for d in drafts if d.score is not None}
    shown = {d.criterion: [e.turn for e in d.evidence] for d in drafts}
    return Draft(
        call_type=scene.call_type,
        call_type_probabilities=dict(types),
        criteria=tuple(_with_feedback(d, scene, scores) for d in drafts),
        objections=scene.objections,
        red_flags=scene.red_flags,
        stages=stages(scene.reading, shown),
        models=models,
    )


def _with_feedback(draft: CriterionDraft, scene: Scene, scores: Mapping[str, Decimal]) -> CriterionDraft:
    """Fills in `feedback_applied` from the scores of the seller's open growth zones; other drafts pass unchanged."""
    if draft.criterion != feedback_applied.CODE:
        return draft
    score = feedback_applied.from_zones(scene.reading.dialogue.growth_zones, scores)
    verdict = Verdict.SCORED if score is not None else Verdict.NOT_APPLICABLE
    return replace(draft, verdict=verdict, score=score, reason=feedback_applied.reason(scene, score))


def load_drafter(model: str = "auto") -> Drafter:
    """The best drafter that this installation holds.

    `model`: `rules`; `auto` or `heads` (the shipped heads, no transformer); or a folder with heads made by
    `otzvuk train`, whose card says which sentence-transformers folder they were learnt with.
    Raises BrokenModel when the heads cannot be read.
    """
    morphology = load_morphology()
    if model == "rules":
        return RulesDrafter(morphology)
    folder = SHIPPED if model in ("auto", "heads") else Path(model)
    if model == "auto" and not (folder / "card.json").exists():
        return RulesDrafter(morphology)
    return load_heads(folder, morphology)


def load_heads(folder: Path, morphology: Morphology) -> HeadsDrafter:
    """The heads of a folder, with their encoder when their card names one. Raises BrokenModel."""
    from services.score.adapters.embeddings import SentenceEncoder

    arrays, card = load(folder)
    encoder: Encoder | None = None
    if card.get("encoder"):
        encoder = SentenceEncoder(Path(card["encoder"]), folder / "cache")
        encoder.centre(arrays["centre"])
    ordinary = arrays["ordinary"].tobytes().decode().split("\n")
    own = OwnItems(morphology, ordinary, encoder)
    heads = unpack(arrays, card.get("settings", {}))
    decider = Decider(Dials.of(heads.settings), f"heads@{card['version']}", own)
    return HeadsDrafter(heads, decider, morphology, encoder)
