"""The tables of `evaluate-drafts`: drafts beside two baselines, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from rich.table import Table

from services.score.training.cqr_error import cqr_error, cqr_gaps
from services.score.training.dataset import CRITERIA
from services.score.training.measure import Figures, Pair, flat, intervals, measure, trust_curve

GOALS: dict[str, str] = {
    "kappa": "≥ 0.80",
    "kappa_plus": "≥ 0.80",
    "strict": "≥ 0.80",
    "full_step": "≤ 0.03",
    "call_type": "≥ 0.92",
    "objections.f1": "≥ 0.80",
    "red_flags.precision": "≥ 0.85",
    "red_flags.recall": "≥ 0.85",
    "evidence": "≥ 0.85",
    "calibration": "≤ 0.08",
    "cqr": "≤ 6",
}
_ROWS = (
    "kappa",
    "kappa_plus",
    "strict",
    "exact",
    "full_step",
    "evidence",
    "calibration",
    "call_type",
    "objections.precision",
    "objections.recall",
    "objections.f1",
    "objections.kind",
    "objections.handling_exact",
    "objections.handling_kappa",
    "red_flags.precision",
    "red_flags.recall",
    "red_flags.turn",
    "cqr",
)


def figures_by_name(pairs: Sequence[Pair]) -> dict[str, float]:
    """All figures of labelled dialogues, with the CQR error."""
    return {**flat(measure(pairs)), "cqr": cqr_error(pairs)}


def tables(
    title: str, pairs: Sequence[Pair], baselines: Mapping[str, Sequence[Pair]], *, seed: int, rounds: int
) -> list[Table]:
    """A table of criteria and one of the whole, drafts beside the baselines."""
    figures = measure(pairs)
    around = intervals(pairs, Random(seed), rounds) if rounds else {}  # noqa: S311 - a bootstrap, no secret
    around |= _interval_of_means("cqr", cqr_gaps(pairs), Random(seed), rounds)  # noqa: S311
    others = {name: measure(p) for name, p in baselines.items()}
    return [
        _criteria_table(title, figures, around, others),
        _whole_table(title, figures_by_name(pairs), around, {n: figures_by_name(p) for n, p in baselines.items()}),
    ]


def _criteria_table(
    title: str, figures: Figures, around: Mapping[str, tuple[float, float]], others: Mapping[str, Figures]
) -> Table:
    table = Table(title=f"{title}: {figures.dialogues} dialogues", title_justify="left")
    heads = ("criterion", "n", "exact", "strict", "full step", "kappa", "95 %", "kappa+", "evidence", "calibration")
    for head in (*heads, *(f"kappa+ {name}" for name in others)):
        table.add_column(head, justify="left" if head == "criterion" else "right")
    for code in CRITERIA:
        row = figures.criteria[code]
        table.add_row(
            code,
            str(row.number),
            *(f"{v:.2f}" for v in (row.exact, row.strict, row.full_step, row.kappa)),
            _interval(around.get(f"kappa.{code}")),
            *(f"{v:.2f}" for v in (row.kappa_plus, row.evidence, row.calibration)),
            *(f"{o.criteria[code].kappa_plus:.2f}" for o in others.values()),
        )
    return table


def _whole_table(
    title: str,
    figures: Mapping[str, float],
    around: Mapping[str, tuple[float, float]],
    others: Mapping[str, Mapping[str, float]],
) -> Table:
    table = Table(title=title, title_justify="left")
    for head in ("figure", "drafts", "95 %", "goal", *others):
        table.add_column(head, justify="left" if head == "figure" else "right")
    for name in _ROWS:
        digits = 1 if name == "cqr" else 3
        table.add_row(
            name,
            f"{figures[name]:.{digits}f}",
            _interval(around.get(name)),
            GOALS.get(name, ""),
            *(f"{o[name]:.{digits}f}" for o in others.values()),
        )
    return table


def _interval_of_means(name: str, values: Sequence[float], rng: Random, rounds: int) -> dict[str, tuple[float, float]]:
    """The 95 % bootstrap interval of a mean, by its name; nothing without rounds or values."""
    if not rounds or not values:
        return {}
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(rounds))
    return {name: (means[int(0.025 * rounds)], means[min(rounds - 1, int(0.975 * rounds))])}


def _interval(around: tuple[float, float] | None) -> str:
    return f"{around[0]:.2f}–{around[1]:.2f}" if around else ""


def curve_table(pairs: Sequence[Pair]) -> Table:
    """Strict agreement when only the surest share of scores is drafted."""
    table = Table(title="Only the surest scores drafted", title_justify="left")
    table.add_column("share drafted", justify="right")
    table.add_column("strict agreement", justify="right")
    for share, strict in trust_curve(pairs):
        table.add_row(f"{share:.0%}", f"{strict:.3f}")
    return table
