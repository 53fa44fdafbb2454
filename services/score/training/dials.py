"""Choosing the dials (thresholds, weights, calibration) on what heads said of authors they had not read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

import numpy as np

from services.score.adapters.arrays import Matrix
from services.score.adapters.decide import Dials, choose_score, choose_type
from services.score.adapters.heads import Prediction
from services.score.adapters.prepared import LEARNT, Prepared
from services.score.adapters.stacking import FLAG_KINDS
from services.score.domain.draft import CallType
from services.score.training.dataset import NOT_APPLICABLE, Gold
from services.score.training.measure import kappa_plus, quadratic_kappa

_T = TypeVar("_T")
_ABSENT = (0.3, 0.35, 0.4, 0.45, 0.5)
_WEIGHTS = tuple((a, h, b) for a in (0.8, 1.0, 1.25) for h in (0.85, 1.0, 1.15, 1.3) for b in (0.8, 1.0, 1.25))
_FLAGS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
_OBJECTION = (0.34, 0.38, 0.42, 0.46, 0.5)


def choose_dials(prepared: Sequence[Prepared], predictions: Sequence[Prediction], gold: Sequence[Gold]) -> Dials:
    """Every dial in turn by its own figure; a default stays unless another is better by a margin."""
    dials = Dials(
        type_mix=_best((0.4, 0.6, 0.75, 0.9, 1.0), lambda m: _type_share(predictions, gold, Dials(type_mix=m)), 0.75)
    )
    power = _best(
        (1.0, 1.5, 2.0, 2.5, 3.0), lambda k: -_type_loss(predictions, gold, replace(dials, type_power=k)), 1.0
    )
    dials = replace(dials, type_power=power)
    dials = replace(dials, objection=_best(_OBJECTION, lambda t: _objection_f1(prepared, predictions, gold, t), 0.42))
    dials = replace(dials, flags=_flag_dials(prepared, predictions, gold))
    scored = [i for i, g in enumerate(gold) if g.call_type != "spam"]
    for criterion in LEARNT:
        dials = _criterion_dials(criterion, [predictions[i] for i in scored], [gold[i] for i in scored], dials)
    return replace(dials, calibration=_calibration(prepared, predictions, gold, dials))


def settings_of(dials: Dials) -> dict[str, Any]:
    """The dials as they stand in a card."""
    return asdict(dials)


def _best(choices: Sequence[_T], figure: Callable[[_T], float], default: _T, margin: float = 0.003) -> _T:
    best, top = default, figure(default) + margin
    for choice in choices:
        value = figure(choice)
        if value > top:
            best, top = choice, value
    return best


def _type_share(predictions: Sequence[Prediction], gold: Sequence[Gold], dials: Dials) -> float:
    right = 0
    for prediction, g in zip(predictions, gold, strict=True):
        types = choose_type(prediction, dials)
        right += max(types, key=lambda t: types[t]) == g.call_type
    return right / max(1, len(gold))


def _type_loss(predictions: Sequence[Prediction], gold: Sequence[Gold], dials: Dials) -> float:
    """The mean log loss of the types' probabilities."""
    said = [choose_type(p, dials)[CallType(g.call_type)] for p, g in zip(predictions, gold, strict=True)]
    return -sum(math.log(max(p, 1e-6)) for p in said) / max(1, len(said))


def _objection_f1(
    prepared: Sequence[Prepared], predictions: Sequence[Prediction], gold: Sequence[Gold], threshold: float
) -> float:
    true = drafted = labelled = 0
    for p, prediction, g in zip(prepared, predictions, gold, strict=True):
        free = [p.client[r] for r in np.flatnonzero(prediction.turns.objection > threshold).tolist()]
        drafted, labelled = drafted + len(free), labelled + len(g.objections)
        for o in g.objections:
            near = [t for t in free if abs(t - o.turn) <= 1]
            if near:
                free.remove(min(near, key=lambda t, at=o.turn: abs(t - at)))  # type: ignore[misc]
                true += 1
    return 2 * true / max(1, drafted + labelled)


def _flag_dials(
    prepared: Sequence[Prepared], predictions: Sequence[Prediction], gold: Sequence[Gold]
) -> dict[str, float]:
    """The threshold of each kind with the best F1; 0.3 for a kind that was never labelled."""
    dials: dict[str, float] = {}
    del prepared
    for place, kind in enumerate(FLAG_KINDS):
        tops = [float(p.turns.flags[:, place].max()) if len(p.turns.flags) else 0.0 for p in predictions]
        there = [any(k == kind for _, k in g.red_flags) for g in gold]
        dials[str(kind)] = _best(_FLAGS, lambda t, tops=tops, there=there: _f1(tops, there, t), 0.3)  # type: ignore[misc]
    return dials


def _f1(values: Sequence[float], there: Sequence[bool], threshold: float) -> float:
    true = sum(v > threshold and t for v, t in zip(values, there, strict=True))
    return 2 * true / max(1, sum(v > threshold for v in values) + sum(there))


def _labels(
    criterion: str, predictions: Sequence[Prediction], gold: Sequence[Gold], dials: Dials
) -> list[tuple[float, float]]:
    pairs = []
    for prediction, g in zip(predictions, gold, strict=True):
        score = choose_score(criterion, prediction, dials).score
        pairs.append((g.scores.get(criterion, NOT_APPLICABLE), NOT_APPLICABLE if score is None else float(score)))
    return pairs


def _criterion_dials(criterion: str, predictions: Sequence[Prediction], gold: Sequence[Gold], dials: Dials) -> Dials:
    """When a criterion rather does not apply, and how its three probabilities are weighed."""
    keep = [i for i, g in enumerate(gold) if not (criterion == "crm_card" and g.scores.get(criterion, -1.0) < 0)]
    known, labels = [predictions[i] for i in keep], [gold[i] for i in keep]

    def figure(tried: Dials) -> float:
        pairs = _labels(criterion, known, labels, tried)
        strict = sum(a == b for a, b in pairs) / max(1, len(pairs))
        return (quadratic_kappa(pairs) + kappa_plus(pairs) + 2 * strict) / 4

    def with_absent(threshold: float) -> Dials:
        return replace(dials, absent={**dials.absent, criterion: threshold})

    if any(criterion in p.absent for p in known):
        dials = with_absent(_best(_ABSENT, lambda t: figure(with_absent(t)), 0.5))

    def with_weights(weights: tuple[float, float, float]) -> Dials:
        return replace(dials, weights={**dials.weights, criterion: weights})

    return with_weights(_best(_WEIGHTS, lambda w: figure(with_weights(w)), (1.0, 1.0, 1.0), margin=0.006))


def _calibration(
    prepared: Sequence[Prepared], predictions: Sequence[Prediction], gold: Sequence[Gold], dials: Dials
) -> dict[str, tuple[float, float]]:
    """A logistic curve a criterion, and one each for objections and flags, from raw probability to truth."""
    curves: dict[str, tuple[float, float]] = {}
    for criterion in LEARNT:
        scores: list[tuple[float, bool]] = []
        absences: list[tuple[float, bool]] = []
        for prediction, g in zip(predictions, gold, strict=True):
            label = g.scores.get(criterion, NOT_APPLICABLE)
            if g.call_type == "spam" or (criterion == "crm_card" and label < 0):
                continue
            choice = choose_score(criterion, prediction, dials)
            said = NOT_APPLICABLE if choice.score is None else float(choice.score)
            (absences if choice.score is None else scores).append((choice.raw, label == said))
        curves[criterion] = logistic(scores)
        curves[f"absent.{criterion}"] = logistic(absences)
    objections: list[tuple[float, bool]] = []
    flags: list[tuple[float, bool]] = []
    for p, prediction, g in zip(prepared, predictions, gold, strict=True):
        turns = {o.turn for o in g.objections}
        for row in np.flatnonzero(prediction.turns.objection > dials.objection).tolist():
            objections.append((float(prediction.turns.objection[row]), p.client[row] in turns))
        for place, kind in enumerate(FLAG_KINDS):
            column: Matrix = prediction.turns.flags[:, place]
            for row in np.flatnonzero(column > dials.flags.get(kind, 0.3)).tolist():
                flags.append((float(column[row]), any(k == kind for _, k in g.red_flags)))
    curves["objection"], curves["flags"] = logistic(objections), logistic(flags)
    return curves


def logistic(samples: Sequence[tuple[float, bool]], steps: int = 400) -> tuple[float, float]:
    """Slope and shift over log-odds with the least log loss, held near (1, 0) against few samples."""
    slope, shift = 1.0, 0.0
    if len(samples) < 10:
        return slope, shift
    odds = np.array([math.log(max(0.001, min(0.999, p)) / (1 - max(0.001, min(0.999, p)))) for p, _ in samples])
    truth = np.array([float(t) for _, t in samples])
    for _ in range(steps):
        said = 1 / (1 + np.exp(-(slope * odds + shift)))
        gap = said - truth
        slope -= 0.1 * (float((gap * odds).mean()) + 0.02 * (slope - 1))
        shift -= 0.3 * (float(gap.mean()) + 0.005 * shift)
    return round(slope, 4), round(shift, 4)
