"""Learning all heads: the second layer only ever sees what heads said of authors they had not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.score.adapters.arrays import Matrix
from services.score.adapters.card_features import card_matrix
from services.score.adapters.criterion_features import criterion_matrix
from services.score.adapters.forest import Forest, fit_forest
from services.score.adapters.heads import (
    TYPES,
    Heads,
    dialogue_rows,
    flags_by,
    objections_by,
    split,
    turn_rows,
)
from services.score.adapters.kernel_heads import DIALOGUE_KERNEL, TURN_KERNEL, KernelHeads, fit_heads
from services.score.adapters.linear import Linear, fit_linear
from services.score.adapters.prepared import LEARNT, Prepared, columns, dialogue_columns
from services.score.adapters.stacking import (
    FLAG_KINDS,
    TurnScores,
    dialogue_matrix,
    flag_matrix,
    objection_matrix,
    type_matrix,
    worth_a_look,
)
from services.score.adapters.text_space import DIALOGUE_BLOCKS, TURN_BLOCKS, TextSpace
from services.score.domain.draft import CallType
from services.score.domain.tone import RUDE, TONE_WIDTH
from services.score.training.dataset import Gold
from services.score.training.targets import (
    CLIENT_NAMES,
    DIALOGUE_NAMES,
    SELLER_NAMES,
    dialogue_targets,
    flag_labels,
    objection_labels,
    turn_targets,
)

Folds = npt.NDArray[np.int64]
WITH_LINE = ("politeness",)
_FEW = 8


@dataclass(frozen=True)
class Effort:
    """How much is learnt: inner folds, trees of a forest, and the ridges of the kernels."""

    folds: int = 4
    trees: int = 120
    turn_ridge: float = 1.0
    dialogue_ridge: float = 0.7


@dataclass(frozen=True)
class Lesson:
    """Prepared dialogues with their labels and authors."""

    prepared: tuple[Prepared, ...]
    gold: tuple[Gold, ...]
    authors: tuple[str, ...]

    def only(self, keep: Sequence[bool]) -> Lesson:
        """The part that is kept."""

        def part(items: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(item for item, kept in zip(items, keep, strict=True) if kept)

        return Lesson(part(self.prepared), part(self.gold), part(self.authors))

    def folds(self, number: int) -> Folds:
        """A fold for each dialogue: authors dealt out in order, so that an author is never in two."""
        place = {author: i % number for i, author in enumerate(sorted(set(self.authors)))}
        return np.array([place[a] for a in self.authors], np.int64)


def fit(lesson: Lesson, effort: Effort, settings: Mapping[str, Any]) -> Heads:
    """All heads from a lesson; deterministic."""
    folds = lesson.folds(effort.folds)
    seller_space, seller, seller_out = _turn_heads(lesson, "seller", SELLER_NAMES, folds, effort)
    client_space, client, client_out = _turn_heads(lesson, "client", CLIENT_NAMES, folds, effort)
    scale, dialogue_space, dialogue, dialogue_out = _dialogue_heads(lesson, folds, effort)
    forests, found, flags = _second_look(lesson, folds, seller_out, client_out, effort)
    turns = split(lesson.prepared, seller_out, client_out, *found, flags, SELLER_NAMES, CLIENT_NAMES)
    scored, lines = second_layer(lesson, turns, dialogue_out, effort)
    forests.update(scored)
    return Heads(
        seller_space, client_space, dialogue_space, seller, client, dialogue, scale, forests, lines, dict(settings)
    )


def second_layer(
    lesson: Lesson, turns: Sequence[TurnScores], whole: Matrix, effort: Effort
) -> tuple[dict[str, Forest], dict[str, Linear]]:
    """Forests and lines of types, scores and absences, by name, from what the first layer said of unread authors."""
    matrix = dialogue_matrix(lesson.prepared, turns, whole)
    few, types = type_matrix(lesson.prepared, turns, whole), _types(lesson.gold)
    forests = {
        "type": fit_forest(matrix, types, trees=effort.trees + 80),
        "type.few": fit_forest(few, types, trees=effort.trees + 80, features=0.3),
        "score.crm_card": _card_forest(card_matrix(lesson.prepared, turns, whole), lesson.gold, effort),
        **_absences(matrix, lesson.gold, effort),
    }
    lines = {"type": fit_linear(few, types)}
    for criterion in (c for c in LEARNT if c != "crm_card"):
        scores = np.array([g.scores.get(criterion, -1.0) for g in lesson.gold])
        known = (scores >= 0) & ~_spam(lesson.gold)
        rows = criterion_matrix(criterion, lesson.prepared, turns, whole)[known]
        forests[f"score.{criterion}"] = fit_forest(rows, scores[known] * 2, trees=effort.trees, features=0.25)
        if criterion in WITH_LINE:
            lines[f"score.{criterion}"] = fit_linear(rows, scores[known] * 2, strength=0.01)
    return forests, lines


def _turn_heads(
    lesson: Lesson, side: str, names: Sequence[str], folds: Folds, effort: Effort
) -> tuple[TextSpace, KernelHeads, Matrix]:
    space = TextSpace.fit(TURN_BLOCKS, columns(lesson.prepared, side))
    rows = turn_rows(space, lesson.prepared, side)
    counts = [len(p.seller if side == "seller" else p.client) for p in lesson.prepared]
    targets = turn_targets(lesson.prepared, lesson.gold, side)
    heads, outside = fit_heads(names, rows, targets, np.repeat(folds, counts), TURN_KERNEL, effort.turn_ridge)
    return space, heads, outside


def _dialogue_heads(lesson: Lesson, folds: Folds, effort: Effort) -> tuple[Matrix, TextSpace, KernelHeads, Matrix]:
    figures = np.stack([p.dialogue_row for p in lesson.prepared])
    scale = np.stack([figures.mean(axis=0), figures.std(axis=0)]).astype(np.float32)
    space = TextSpace.fit(DIALOGUE_BLOCKS, dialogue_columns(lesson.prepared))
    rows = dialogue_rows(space, scale, lesson.prepared)
    targets = dialogue_targets(lesson.gold)
    heads, outside = fit_heads(DIALOGUE_NAMES, rows, targets, folds, DIALOGUE_KERNEL, effort.dialogue_ridge)
    return scale, space, heads, outside


def _second_look(
    lesson: Lesson, folds: Folds, seller: Matrix, client: Matrix, effort: Effort
) -> tuple[dict[str, Forest], tuple[Matrix, Matrix], Matrix]:
    """Forests for objections, their handling and red flags; and what they say of folds they had not seen."""
    objection = objection_matrix(lesson.prepared, seller, client)
    flag = flag_matrix(lesson.prepared, seller, SELLER_NAMES)
    labels = (*objection_labels(lesson.prepared, lesson.gold), flag_labels(lesson.prepared, lesson.gold))
    of_client = np.repeat(folds, [len(p.client) for p in lesson.prepared])
    of_seller = np.repeat(folds, [len(p.seller) for p in lesson.prepared])
    look = worth_a_look(client, CLIENT_NAMES)

    def learn(clients: npt.NDArray[np.bool_], sellers: npt.NDArray[np.bool_]) -> dict[str, Forest]:
        seen, known = clients & look, clients & (labels[1] >= 0)
        forests = {
            "objection": fit_forest(objection[seen], labels[0][seen], trees=effort.trees, balanced=False),
            "handling": fit_forest(objection[known], labels[1][known], trees=effort.trees),
        }
        for place, kind in enumerate(FLAG_KINDS):
            if labels[2][sellers, place].sum() >= 3:
                forests[f"flag.{kind}"] = _flag_forest(flag, labels[2][:, place], sellers, effort)
        return forests

    found = np.zeros(len(client), np.float32), np.zeros((len(client), 3), np.float32)
    flags = np.zeros((len(seller), len(FLAG_KINDS)), np.float32)
    for fold in np.unique(folds):
        forests = learn(of_client != fold, of_seller != fold)
        said = objections_by(forests, lesson.prepared, seller, client, SELLER_NAMES, CLIENT_NAMES)
        for mine, theirs in zip(found, said, strict=True):
            mine[of_client == fold] = theirs[of_client == fold]
        flags[of_seller == fold] = flags_by(forests, lesson.prepared, seller, SELLER_NAMES)[of_seller == fold]
    everyone = learn(np.ones(len(client), bool), np.ones(len(seller), bool))
    return everyone, found, flags


def _flag_forest(rows: Matrix, labels: Matrix, among: npt.NDArray[np.bool_], effort: Effort) -> Forest:
    """A red flag is rare: all its turns, and a fixed part of the others that still shows how rare it is."""
    positive = np.flatnonzero(among & (labels > 0))
    negative = np.flatnonzero(among & (labels == 0))
    rude = rows[negative, -TONE_WIDTH : len(RUDE) - TONE_WIDTH].sum(axis=1)
    near = negative[np.argsort(-rude, kind="stable")[:600]]
    chosen = np.concatenate([positive, near, negative[:: max(1, len(negative) // 600)]])
    return fit_forest(rows[chosen], labels[chosen], trees=effort.trees, leaf=1, balanced=False)


def _types(gold: Sequence[Gold]) -> npt.NDArray[np.int64]:
    return np.array([TYPES.index(CallType(g.call_type)) for g in gold])


def _spam(gold: Sequence[Gold]) -> npt.NDArray[np.bool_]:
    return np.array([g.call_type == "spam" for g in gold])


def _absences(matrix: Matrix, gold: Sequence[Gold], effort: Effort) -> dict[str, Forest]:
    """Whether a criterion does not apply, from all figures of the call; none where that is too rare."""
    forests = {}
    scored = ~_spam(gold)
    for criterion in (c for c in LEARNT if c != "crm_card"):
        absent = np.array([g.scores.get(criterion, -1.0) < 0 for g in gold])[scored]
        if absent.sum() >= _FEW:
            forests[f"absent.{criterion}"] = fit_forest(
                matrix[scored], absent.astype(float), trees=effort.trees, balanced=False
            )
    return forests


def _card_forest(matrix: Matrix, gold: Sequence[Gold], effort: Effort) -> Forest:
    """The card is a comparison: few figures of its own do better than all figures of the call."""
    scores = np.array([g.scores.get("crm_card", -1.0) for g in gold])
    known = scores >= 0
    return fit_forest(matrix[known], scores[known] * 2, trees=effort.trees, features=0.6)
