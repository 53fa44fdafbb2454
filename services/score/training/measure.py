"""Every figure of a draft against labels: agreement, evidence, calibration, objections, red flags, CQR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from services.score.training.dataset import CRITERIA, NOT_APPLICABLE, Gold
from services.score.training.judged import Judged

Pair = tuple[Gold, Judged]
_BINS = 10


def quadratic_kappa(pairs: Sequence[tuple[float, float]]) -> float:
    """Cohen's kappa with quadratic weights over 0, 0.5, 1; pairs with a −1 are left out; 1 when both never vary."""
    numbers = [(a, b) for a, b in pairs if a >= 0 and b >= 0]
    return _kappa(numbers, lambda a, b: (a - b) ** 2)


def kappa_plus(pairs: Sequence[tuple[float, float]]) -> float:
    """The same with "does not apply" (−1) as a fourth label, a full step from every number."""
    return _kappa(pairs, lambda a, b: 0.0 if a == b else 1.0 if NOT_APPLICABLE in (a, b) else (a - b) ** 2)


def _kappa(pairs: Sequence[tuple[float, float]], weight: Callable[[float, float], float]) -> float:
    if not pairs:
        return float("nan")
    total = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(weight(a, b) for a, b in pairs) / total
    expected = sum(n * m * weight(a, b) for a, n in first.items() for b, m in second.items()) / total**2
    return 1 - observed / expected if expected else float("nan")


@dataclass(frozen=True)
class CriterionFigures:
    """One criterion over all dialogues that are not spam; shares and kappas, NaN where nothing could be counted."""

    number: int
    exact: float
    strict: float
    full_step: float
    kappa: float
    kappa_plus: float
    evidence: float
    calibration: float


@dataclass(frozen=True)
class Figures:
    """All figures; `criteria` by code."""

    dialogues: int
    criteria: Mapping[str, CriterionFigures]
    kappa: float
    kappa_plus: float
    strict: float
    exact: float
    full_step: float
    evidence: float
    calibration: float
    call_type: float
    objections: Mapping[str, float]
    red_flags: Mapping[str, float]


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else float("nan")


def _mean(values: Sequence[float]) -> float:
    known = [v for v in values if v == v]  # noqa: PLR0124 - NaN is not itself
    return sum(known) / len(known) if known else float("nan")


def measure(pairs: Sequence[Pair]) -> Figures:
    """The figures of labelled dialogues."""
    scored = [p for p in pairs if p[0].call_type != "spam"]
    rows = {c: _criterion(c, scored) for c in CRITERIA}
    steps = [abs(g.scores[c] - j.scores[c]) for g, j in scored for c in CRITERIA if _both(g, j, c)]
    trust = [item for c in CRITERIA for item in _trusted(c, scored)]
    hits = [hit for c in CRITERIA for hit in _hits(c, scored)]
    return Figures(
        dialogues=len(pairs),
        criteria=rows,
        kappa=_mean([r.kappa for r in rows.values()]),
        kappa_plus=_mean([r.kappa_plus for r in rows.values()]),
        strict=_mean([r.strict for r in rows.values()]),
        exact=_share([s == 0 for s in steps]),
        full_step=_share([s == 1 for s in steps]),
        evidence=_share(hits),
        calibration=calibration_error(trust),
        call_type=_share([g.call_type == j.call_type for g, j in pairs]),
        objections=_objections(pairs),
        red_flags=_red_flags(pairs),
    )


def _both(gold: Gold, judged: Judged, criterion: str) -> bool:
    return gold.scores.get(criterion, -1.0) >= 0 and judged.scores.get(criterion, -1.0) >= 0


def _criterion(code: str, pairs: Sequence[Pair]) -> CriterionFigures:
    labels = [(g.scores.get(code, NOT_APPLICABLE), j.scores.get(code, NOT_APPLICABLE)) for g, j in pairs]
    numbers = [(a, b) for a, b in labels if a >= 0 and b >= 0]
    return CriterionFigures(
        number=len(numbers),
        exact=_share([a == b for a, b in numbers]),
        strict=_share([a == b for a, b in labels]),
        full_step=_share([abs(a - b) == 1 for a, b in numbers]),
        kappa=quadratic_kappa(numbers),
        kappa_plus=kappa_plus(labels),
        evidence=_share(_hits(code, pairs)),
        calibration=calibration_error(_trusted(code, pairs)),
    )


def _hits(code: str, pairs: Sequence[Pair]) -> list[bool]:
    """Whether a drafted score cites any turn of the labels' evidence, where both have a score and labels have turns."""
    return [
        bool(set(g.evidence[code]) & set(j.evidence.get(code, ())))
        for g, j in pairs
        if g.evidence.get(code) and _both(g, j, code)
    ]


def _trusted(code: str, pairs: Sequence[Pair]) -> list[tuple[float, bool]]:
    """Confidence and whether it was right; a missing card is no achievement and is left out."""
    return [
        (j.confidence[code], g.scores.get(code, -1.0) == j.scores[code])
        for g, j in pairs
        if code in j.scores
        and not (code == "crm_card" and g.scores.get(code, -1.0) == j.scores[code] == NOT_APPLICABLE)
    ]


def calibration_error(trust: Sequence[tuple[float, bool]]) -> float:
    """Expected calibration error: the mean gap of confidence and truth over ten bins, by their size."""
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, right in trust:
        bins.setdefault(min(_BINS - 1, int(confidence * _BINS)), []).append((confidence, right))
    gaps = (abs(sum(c for c, _ in b) / len(b) - sum(r for _, r in b) / len(b)) * len(b) for b in bins.values())
    return sum(gaps) / len(trust) if trust else float("nan")


def _rates(true: int, drafted: int, labelled: int) -> dict[str, float]:
    precision = true / drafted if drafted else float("nan")
    recall = true / labelled if labelled else float("nan")
    both = drafted + labelled
    return {"precision": precision, "recall": recall, "f1": 2 * true / both if both else float("nan")}


def _objections(pairs: Sequence[Pair]) -> dict[str, float]:
    """Found within one turn of the labelled place; kind and handling over those found."""
    matched: list[tuple[bool, float, float]] = []
    drafted = labelled = 0
    for gold, judged in pairs:
        free = {turn: (kind, score) for turn, kind, score in judged.objections}
        drafted, labelled = drafted + len(free), labelled + len(gold.objections)
        for o in gold.objections:
            near = [t for t in free if abs(t - o.turn) <= 1]
            if near:
                kind, score = free.pop(min(near, key=lambda t, at=o.turn: (abs(t - at), t)))  # type: ignore[misc]
                matched.append((kind == o.kind, o.score, score))
    rates = _rates(len(matched), drafted, labelled)
    rates["kind"] = _share([k for k, _, _ in matched])
    rates["handling_exact"] = _share([a == b for _, a, b in matched])
    rates["handling_kappa"] = quadratic_kappa([(a, b) for _, a, b in matched])
    return rates


def _red_flags(pairs: Sequence[Pair]) -> dict[str, float]:
    """A kind counts once a dialogue, as in the labels' own metric; `turn`: how often its turn is the labelled one."""
    true = drafted = labelled = 0
    places: list[bool] = []
    for gold, judged in pairs:
        have, want = {k for _, k in judged.red_flags}, {k for _, k in gold.red_flags}
        true, drafted, labelled = true + len(have & want), drafted + len(have), labelled + len(want)
        flagged = set(gold.red_flags)
        places += [any((t, k) in flagged for t, k2 in judged.red_flags if k2 == k) for k in have & want]
    return {**_rates(true, drafted, labelled), "turn": _share(places)}


def intervals(pairs: Sequence[Pair], rng: Random, rounds: int) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals over dialogues, by name: `kappa`, `kappa_plus`, `strict`, … and `kappa.<criterion>`."""
    drawn: dict[str, list[float]] = {}
    for _ in range(rounds):
        figures = measure([pairs[rng.randrange(len(pairs))] for _ in pairs])
        for name, value in flat(figures).items():
            drawn.setdefault(name, []).append(value)
    out = {}
    for name, values in drawn.items():
        known = sorted(v for v in values if v == v)  # noqa: PLR0124 - NaN is not itself
        if known:
            out[name] = known[int(0.025 * len(known))], known[min(len(known) - 1, int(0.975 * len(known)))]
    return out


def flat(figures: Figures) -> dict[str, float]:
    """The figures by name, those of criteria as `kappa.<criterion>` and so on."""
    names = ("kappa", "kappa_plus", "strict", "exact", "full_step", "evidence", "calibration", "call_type")
    out = {name: float(getattr(figures, name)) for name in names}
    out |= {f"objections.{k}": v for k, v in figures.objections.items()}
    out |= {f"red_flags.{k}": v for k, v in figures.red_flags.items()}
    for code, row in figures.criteria.items():
        for name in ("exact", "strict", "full_step", "kappa", "kappa_plus", "evidence", "calibration"):
            out[f"{name}.{code}"] = float(getattr(row, name))
    return out


def trust_curve(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """(share of scores drafted, strict agreement among them), surest first, from 10 % to all."""
    trust = [t for c in CRITERIA for t in _trusted(c, [p for p in pairs if p[0].call_type != "spam"])]
    ranked = [right for _, right in sorted(trust, key=lambda t: -t[0])]
    return [(k / 10, _share(ranked[: max(1, len(ranked) * k // 10)])) for k in range(1, 11)]
