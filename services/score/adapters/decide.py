"""From probabilities to a draft's decisions: thresholds, calibrated confidence and the turns that show a score."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np

from services.score.adapters.arrays import Matrix
from services.score.adapters.heads import TYPES, Prediction
from services.score.adapters.prepared import Prepared
from services.score.adapters.stacking import FLAG_KINDS, OBJECTION_KINDS
from services.score.domain.criteria.finding import HALF, ONE, ZERO
from services.score.domain.criteria.objection_handling import mean_score
from services.score.domain.draft import CallType, FlagKind, ObjectionDraft, RedFlagDraft
from services.score.domain.objections import answer_turns, cap, techniques

SCORES = (ZERO, HALF, ONE)
_LEVEL = {ZERO: "=0", HALF: "=half", ONE: "=1"}
_CENT = Decimal("0.01")
_SURE_SPAM = 0.5
_CAPPING = (FlagKind.COMPETITOR_SLANDER, FlagKind.PRESSURE, FlagKind.FALSE_PROMISE)


@dataclass(frozen=True)
class Dials:
    """What is chosen on dialogues of other authors: all plain numbers, kept in the card."""

    objection: float = 0.42
    flags: Mapping[str, float] = field(default_factory=dict)
    absent: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, Sequence[float]] = field(default_factory=dict)
    calibration: Mapping[str, Sequence[float]] = field(default_factory=dict)
    type_mix: float = 0.5
    type_power: float = 1.0
    evidence: float = 0.3

    @staticmethod
    def of(settings: Mapping[str, Any]) -> Dials:
        """The dials of a card; what is missing keeps its default."""
        known = {k: settings[k] for k in Dials.__dataclass_fields__ if k in settings}
        return Dials(**known)


@dataclass(frozen=True)
class Choice:
    """A criterion's score (None: does not apply), the raw probability behind it, and the calibrated one."""

    score: Decimal | None
    raw: float
    confidence: Decimal


def decimal(value: float) -> Decimal:
    """A probability with two decimals, within 0…1."""
    return Decimal(str(min(1.0, max(0.0, value)))).quantize(_CENT)


def choose_type(prediction: Prediction, dials: Dials) -> dict[CallType, float]:
    """Probabilities of the types: the forest's and the whole dialogue's head, mixed.

    A call drafted as spam is scored by nobody, so a doubtful spam is held to be the next likeliest type. A mean of
    several heads is shyer than it need be: a power, learnt on authors they had not read, makes it a fair probability.
    """
    head = np.clip(prediction.whole[: len(TYPES)], 0.01, None)
    mixed = dials.type_mix * prediction.types + (1 - dials.type_mix) * head / head.sum()
    mixed = mixed / mixed.sum()
    spam = TYPES.index(CallType.SPAM)
    if mixed[spam] < _SURE_SPAM:
        others = np.delete(mixed, spam)
        mixed[spam] = min(mixed[spam], float(others.max()) * 0.9)
    mixed = mixed**dials.type_power
    mixed = mixed / mixed.sum()
    return {t: float(p) for t, p in zip(TYPES, mixed, strict=True)}


def choose_score(criterion: str, prediction: Prediction, dials: Dials, applies: bool | None = None) -> Choice:
    """The likeliest score after the criterion's weights, unless it rather does not apply.

    `applies` settles that question where something surer than the heads knows the answer.
    """
    weights = np.asarray(dials.weights.get(criterion, (1.0, 1.0, 1.0)), np.float32)
    weighted = prediction.scores[criterion] * weights
    weighted = weighted / max(float(weighted.sum()), 1e-6)
    place = int(weighted.argmax())
    absent = prediction.absent.get(criterion, 0.0)
    missing = absent > dials.absent.get(criterion, 0.5) if applies is None else not applies
    if missing:
        return Choice(None, absent, calibrated(f"absent.{criterion}", absent, dials))
    raw = float(weighted[place]) * (1 - absent)
    return Choice(SCORES[place], raw, calibrated(criterion, raw, dials))


def calibrated(name: str, raw: float, dials: Dials) -> Decimal:
    """A logistic curve over the log-odds of the raw probability, learnt on authors the heads had not read."""
    slope, shift = dials.calibration.get(name, (1.0, 0.0))
    odds = math.log(min(0.999, max(0.001, raw)) / (1 - min(0.999, max(0.001, raw))))
    return decimal(1 / (1 + math.exp(-(slope * odds + shift))))


def choose_flags(prepared: Prepared, prediction: Prediction, dials: Dials) -> tuple[RedFlagDraft, ...]:
    """Turns whose probability passes their kind's threshold; neighbours of one kind are one flag."""
    found: list[RedFlagDraft] = []
    for place, kind in enumerate(FLAG_KINDS):
        column = prediction.turns.flags[:, place]
        over = np.flatnonzero(column > dials.flags.get(kind, 0.3)).tolist()
        for row in sorted(over, key=lambda r: -float(column[r]))[:2]:
            turn = prepared.reading.turns[prepared.seller[row]]
            found.append(
                RedFlagDraft(
                    turn.index, kind, turn.start_ms, turn.end_ms, calibrated("flags", float(column[row]), dials)
                )
            )
    return tuple(sorted(found, key=lambda f: (f.turn, f.kind)))


def choose_objections(
    prepared: Prepared, prediction: Prediction, flags: Sequence[RedFlagDraft], dials: Dials
) -> tuple[ObjectionDraft, ...]:
    """Client's turns that pass the threshold, with kind, answers, techniques and a score that red flags cap."""
    t = prediction.turns
    rows = np.flatnonzero(t.objection > dials.objection).tolist()
    places = [prepared.client[r] for r in rows]
    columns = [t.client_names.index(f"kind.{k}") for k in OBJECTION_KINDS]
    found: list[ObjectionDraft] = []
    for row, index in zip(rows, places, strict=True):
        answers = _answers(prepared, prediction, index, places)
        score = cap(SCORES[int(t.handling[row].argmax())], answers, flags)
        found.append(
            ObjectionDraft(
                turn=index,
                kind=OBJECTION_KINDS[int(t.client[row][columns].argmax())],
                score=score,
                answer_turns=answers,
                techniques=techniques(prepared.reading, answers, flags),
                confidence=calibrated("objection", float(t.objection[row]), dials),
            )
        )
    return tuple(found)


def _answers(prepared: Prepared, prediction: Prediction, index: int, others: Sequence[int]) -> tuple[int, ...]:
    """The first answer by order, and later turns that the answer head takes for answers, until the next objection."""
    reading = prepared.reading
    chain = answer_turns(reading, reading.turns[index], others)
    column = prediction.turns.seller_names.index("answer")
    until = min((i for i in others if i > index), default=len(reading.turns)) + 3
    said = {i: float(prediction.turns.seller[row][column]) for row, i in enumerate(prepared.seller)}
    later = [i for i in prepared.seller if index < i <= until and said[i] > 0.4]
    return tuple(sorted({*chain[:1], *later[:4]}))


def choose_handling(
    objections: Sequence[ObjectionDraft], flags: Sequence[RedFlagDraft], prediction: Prediction, dials: Dials
) -> Choice:
    """Handling of objections: it applies where the list has any; a red flag in an answer caps it."""
    choice = choose_score("objection_handling", prediction, dials, applies=bool(objections))
    capping = {f.turn for f in flags if f.kind in _CAPPING}
    if choice.score is None or not any(capping & set(o.answer_turns) for o in objections):
        return choice
    by_list = mean_score([o.score for o in objections])
    return choice if by_list is None else replace(choice, score=min(choice.score, by_list))


def evidence(
    criterion: str, score: Decimal | None, prepared: Prepared, prediction: Prediction, dials: Dials
) -> tuple[int, ...]:
    """The turns that show a score: those the turn heads point at most, at most four (six for questions)."""
    if score is None:
        return ()
    t = prediction.turns
    if criterion == "crm_card":
        return _card_evidence(prepared, prediction)
    names = t.seller_names
    both = t.seller[:, names.index(criterion)] + t.seller[:, names.index(criterion + _LEVEL[score])]
    halved: Matrix = (both / 2).astype(np.float32)
    return _highest(
        halved, prepared.seller, dials.evidence, needed=score > 0 or criterion in ("listening", "politeness")
    )


def _highest(scores: Matrix, places: Sequence[int], threshold: float, *, needed: bool) -> tuple[int, ...]:
    order = np.argsort(-scores, kind="stable")[:5].tolist()
    chosen = [r for r in order if scores[r] > threshold] or (order[:1] if needed else [])
    return tuple(sorted(places[r] for r in chosen))


def _card_evidence(prepared: Prepared, prediction: Prediction) -> tuple[int, ...]:
    """What was said last of substance: the client's turns that the card head points at, and the next step."""
    t = prediction.turns
    late = max(0, len(prepared.client) - 5)
    column = t.client[late:, t.client_names.index("crm_card")]
    clients = [prepared.client[late + r] for r in np.argsort(-column, kind="stable")[:2].tolist()]
    steps = t.seller[:, t.seller_names.index("next_step")]
    best = [prepared.seller[int(steps.argmax())]] if len(steps) and steps.max() > 0.3 else []
    return tuple(sorted({*clients, *best}))
