"""Two voices on one channel are told apart by their sound, within one call only; nobody is recognised by his voice.

What is compared lives as long as the work on the call and is stored nowhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from services.transcribe.domain.dialogue import split_runs
from services.transcribe.domain.transcript import Word

RUN_PAUSE_MS = 250  # on one channel the other may answer after so short a pause
FEWEST_RUNS = 4
STEADY_MS = 700  # a shorter run («да») sounds like nobody in particular
FEWEST_STEADY = 2  # steady runs that a voice must have to be one
CLEARLY_APART = 0.38  # mean silhouette; one speaker's runs stayed below it, two speakers' above
ROUNDS = 20


@dataclass(frozen=True, slots=True)
class VoiceRun:
    """How a run of words sounds: `features` in units of one speaker's usual spread."""

    start_ms: int
    end_ms: int
    features: tuple[float, ...]

    @property
    def length_ms(self) -> int:
        return self.end_ms - self.start_ms


def runs_of(words: Sequence[Word]) -> list[tuple[Word, ...]]:
    """The words in runs within which the speaker hardly changes."""
    return split_runs(words, (), RUN_PAUSE_MS)


def separate(runs: Sequence[VoiceRun]) -> tuple[int, ...] | None:
    """0 or 1 for each run, the voice of the first run being 0; None when there is no telling two voices apart."""
    if len(runs) < FEWEST_RUNS:
        return None
    centres = _farthest_pair(runs)
    groups: tuple[int, ...] = ()
    for _ in range(ROUNDS):
        nearer = tuple(int(_apart(run.features, centres[1]) < _apart(run.features, centres[0])) for run in runs)
        if nearer == groups:
            break
        groups = nearer
        centres = (_centre(runs, groups, 0, centres[0]), _centre(runs, groups, 1, centres[1]))
    if any(_steady(runs, groups, group) < FEWEST_STEADY for group in (0, 1)):
        return None
    if silhouette(runs, groups) < CLEARLY_APART:
        return None
    return groups if groups[0] == 0 else tuple(1 - group for group in groups)


def _steady(runs: Sequence[VoiceRun], groups: Sequence[int], group: int) -> int:
    return sum(1 for run, own in zip(runs, groups, strict=True) if own == group and run.length_ms >= STEADY_MS)


def silhouette(runs: Sequence[VoiceRun], groups: Sequence[int]) -> float:
    """Mean silhouette, long runs counting more: 1 two clear voices, 0 no difference."""
    total = sum(run.length_ms for run in runs)
    return sum(_fit(index, runs, groups) * run.length_ms for index, run in enumerate(runs)) / max(total, 1)


def _fit(index: int, runs: Sequence[VoiceRun], groups: Sequence[int]) -> float:
    own = _mean_distance(index, runs, [other for other in range(len(runs)) if groups[other] == groups[index]])
    others = _mean_distance(index, runs, [other for other in range(len(runs)) if groups[other] != groups[index]])
    if own is None or others is None or max(own, others) == 0:
        return 0.0
    return (others - own) / max(own, others)


def _mean_distance(index: int, runs: Sequence[VoiceRun], among: Sequence[int]) -> float | None:
    chosen = [other for other in among if other != index]
    weight = sum(runs[other].length_ms for other in chosen)
    if not weight:
        return None
    return sum(_apart(runs[index].features, runs[other].features) * runs[other].length_ms for other in chosen) / weight


def _farthest_pair(runs: Sequence[VoiceRun]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Of the longer runs, which sound steadier, the two that differ most."""
    usual = sorted(run.length_ms for run in runs)[len(runs) // 2]
    steady = [run for run in runs if run.length_ms >= usual * 0.6]
    _, first, second = max(
        (_apart(one.features, other.features), i, j)
        for i, one in enumerate(steady)
        for j, other in enumerate(steady)
        if i <= j
    )
    return steady[first].features, steady[second].features


def _centre(
    runs: Sequence[VoiceRun], groups: Sequence[int], group: int, before: tuple[float, ...]
) -> tuple[float, ...]:
    members = [run for run, own in zip(runs, groups, strict=True) if own == group]
    weight = sum(run.length_ms for run in members)
    if not weight:
        return before
    return tuple(sum(run.features[index] * run.length_ms for run in members) / weight for index in range(len(before)))


def _apart(first: Sequence[float], second: Sequence[float]) -> float:
    return sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) / max(len(first), 1))
