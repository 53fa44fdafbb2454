"""CRM card: stage and refusal reason against what was said last; agree 1, close 0.5, contradict 0; no card, none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from services.score.domain.criteria.finding import HALF, ONE, ZERO, Finding, Scene, finding, reason_for
from services.score.domain.dialogue import CrmCard, StageKind
from services.score.domain.draft import Reason
from services.score.domain.lexicon import normalise, objection_marks_of, words_of
from services.score.domain.reading import Reading

CODE = "crm_card"
_REASONS = {
    ONE: ("Этап и причина в карточке совпадают со сказанным.", "The card's stage and reason agree with what was said."),
    HALF: (
        "Причина в карточке близка, но решающей была не она.",
        "The card's reason is close, but not the one that decided.",
    ),
    ZERO: ("Карточка противоречит сказанному в разговоре.", "The card contradicts what was said."),
}
_STAGES: tuple[tuple[StageKind, tuple[str, ...]], ...] = (
    (StageKind.REFUSED, ("отказ", "закрыта", "нецелев", "потер", "lost", "refus", "closed", "проигр", "не реализ")),
    (
        StageKind.MEETING,
        (
            "встреч",
            "замер",
            "запис",
            "визит",
            "прием",
            "приём",
            "осмотр",
            "показ",
            "консультац",
            "visit",
            "meeting",
            "booked",
        ),
    ),
    (StageKind.WON, ("оплачен", "выполнен", "успеш", "won", "paid", "доставлен")),
    (StageKind.CONTRACT, ("договор", "счет", "счёт", "оплат", "заказ", "contract", "invoice", "order")),
)


def stage_kind(card: CrmCard) -> StageKind:
    """What the stage means: as the CRM said, else by its name."""
    if card.stage_kind is not None:
        return card.stage_kind
    name = card.stage.lower()
    return next((kind for kind, words in _STAGES if any(w in name for w in words)), StageKind.OPEN)


def rule(scene: Scene) -> Finding:
    """A refusal stage needs a refusal said last and its reason said; a stage of agreement needs an agreement."""
    card = scene.reading.dialogue.crm
    if card is None:
        return finding(None)
    facts = card_facts(scene.reading)
    last = scene.reading.client[-3:]
    if stage_kind(card) is StageKind.REFUSED:
        if facts["agreed"] > facts["refused"] or facts["no_contact_said"]:
            return finding(ZERO, last)
        fit = facts["reason_said_late"] or facts["reason_overlap"] >= 0.5
        return finding(ONE if fit else HALF if facts["reason_said"] else ZERO, last)
    return finding(ZERO if facts["refused"] > facts["agreed"] else ONE, last)


def card_facts(reading: Reading) -> Mapping[str, float]:
    """Figures of the comparison, each 0 when there is no card."""
    card = reading.dialogue.crm
    names = (
        "refused_stage",
        "meeting_stage",
        "contract_stage",
        "open_stage",
        "reason_given",
        "reason_said",
        "reason_said_late",
    )
    facts = dict.fromkeys(
        (*names, "reason_overlap", "reason_overlap_late", "stage_overlap", "no_contact_said", "agreed", "refused"), 0.0
    )
    facts["refused_last"] = facts["reason_is_late_kind"] = facts["stage_time_said"] = 0.0
    if card is None:
        return facts
    kind = stage_kind(card)
    facts["refused_stage"] = float(kind is StageKind.REFUSED)
    facts["meeting_stage"] = float(kind is StageKind.MEETING)
    facts["contract_stage"] = float(kind in (StageKind.CONTRACT, StageKind.WON))
    facts["open_stage"] = float(kind is StageKind.OPEN)
    facts["agreed"] = float(
        sum(t.has("yes") or t.has("time") for t in reading.client[-3:])
        + any(t.has("time") and t.has("action", "commit") for t in reading.seller[-4:])
    )
    facts["refused"] = float(sum(t.has("no") or bool(t.objection_marks) for t in reading.client[-3:]))
    facts["refused_last"] = float(any(t.has("no") for t in reading.client[-2:]))
    said = _stems(" ".join(t.normal for t in reading.client))
    late = _stems(" ".join(t.normal for t in reading.client[-4:]))
    stage = _stems(normalise(card.stage))
    facts["stage_overlap"] = len(stage & _stems(" ".join(t.normal for t in reading.turns[-8:]))) / max(1, len(stage))
    if card.refusal_reason:
        text = normalise(card.refusal_reason)
        stems = _stems(text)
        kinds = set(objection_marks_of(text))
        late_kinds = {k for t in reading.client[-4:] for k in t.objection_marks}
        facts["reason_given"] = 1.0
        facts["reason_overlap"] = len(stems & said) / max(1, len(stems))
        facts["reason_overlap_late"] = len(stems & late) / max(1, len(stems))
        facts["reason_said"] = float(bool(kinds & {k for t in reading.client for k in t.objection_marks}))
        facts["reason_said_late"] = float(bool(kinds & late_kinds))
        facts["reason_is_late_kind"] = float(bool(kinds) and kinds <= late_kinds)
        no_contact = any(
            w in text
            for w in (
                "недозвон",
                "не дозвон",
                "не отвеча",
                "нет связи",
                "не выходит на связь",
                "no answer",
                "нет контакта",
            )
        )
        facts["no_contact_said"] = float(no_contact and len(reading.client) >= 3)
    return facts


def _stems(normal: str) -> set[str]:
    return {word[:5] for word in words_of(normal) if len(word) > 2}


def reason(scene: Scene, score: Decimal | None) -> Reason:
    """The sentence of the score."""
    if score is None:
        return Reason("Карточки CRM к звонку нет.", "There is no CRM card for the call.")
    return reason_for(_REASONS, score)
