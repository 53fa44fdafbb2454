"""What the heads learn to say, from the labels: of each seller's turn, of each client's turn, of the whole dialogue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.score.adapters.arrays import Matrix
from services.score.adapters.prepared import LEARNT, Prepared
from services.score.adapters.stacking import FLAG_KINDS, OBJECTION, OBJECTION_KINDS
from services.score.domain.draft import CallType
from services.score.training.dataset import Gold

_LEVELS = {0.0: "0", 0.5: "half", 1.0: "1"}
_OF_SELLER = tuple(c for c in LEARNT if c != "crm_card")
SELLER_NAMES = (
    *(f"{c}{level}" for c in _OF_SELLER for level in ("", "=0", "=half", "=1")),
    *(f"flag.{k}" for k in FLAG_KINDS),
    "flag",
    *(f"answer{level}" for level in ("", "=0", "=half", "=1")),
)
CLIENT_NAMES = (
    OBJECTION,
    *(f"kind.{k}" for k in OBJECTION_KINDS),
    *(f"{OBJECTION}={level}" for level in ("0", "half", "1")),
    "last",
    *(f"crm_card{level}" for level in ("", "=0", "=half", "=1")),
)
DIALOGUE_NAMES = (
    *(f"type.{t}" for t in CallType),
    *(f"value.{c}" for c in LEARNT),
    *(f"absent.{c}" for c in LEARNT),
    "objections",
)


def turn_targets(prepared: Sequence[Prepared], gold: Sequence[Gold], side: str) -> Matrix:
    """float32[turns of one side, names]: 1 where the labels say so of the turn."""
    names = SELLER_NAMES if side == "seller" else CLIENT_NAMES
    place = {name: i for i, name in enumerate(names)}
    rows: list[Matrix] = []
    for p, g in zip(prepared, gold, strict=True):
        turns = p.seller if side == "seller" else p.client
        block = np.zeros((len(turns), len(names)), np.float32)
        row_of = {index: row for row, index in enumerate(turns)}
        for index, name in _said(g, side):
            if index in row_of and name in place:
                block[row_of[index], place[name]] = 1
        rows.append(block)
    return np.vstack(rows)


def _said(gold: Gold, side: str) -> list[tuple[int, str]]:
    said: list[tuple[int, str]] = []
    for criterion, turns in gold.evidence.items():
        score = gold.scores.get(criterion, -1.0)
        if score in _LEVELS and (criterion == "crm_card") == (side == "client"):
            said += [(i, name) for i in turns for name in (criterion, f"{criterion}={_LEVELS[score]}")]
    if side == "seller":
        said += [(i, name) for i, kind in gold.red_flags for name in (f"flag.{kind}", "flag")]
        for o in gold.objections:
            said += [(i, name) for i in o.answer_turns for name in ("answer", f"answer={_LEVELS[o.score]}")]
    else:
        for o in gold.objections:
            said += [(o.turn, n) for n in (OBJECTION, f"kind.{o.kind}", f"{OBJECTION}={_LEVELS[o.score]}")]
        said += [(o.turn, "last") for o in gold.objections[-1:]]
    return said


def dialogue_targets(gold: Sequence[Gold]) -> Matrix:
    """float32[dialogues, names]: type, scores (their mean where a criterion does not apply), absences, objections."""
    values = {c: np.array([g.scores.get(c, -1.0) for g in gold], np.float32) for c in LEARNT}
    columns = [np.array([g.call_type == t for g in gold], np.float32) for t in CallType]
    spam = np.array([g.call_type == CallType.SPAM for g in gold])
    for c in LEARNT:
        known = values[c] >= 0
        columns.append(np.where(known, values[c], values[c][known].mean() if known.any() else 0.5))
    columns += [((values[c] < 0) & ~spam).astype(np.float32) for c in LEARNT]
    columns.append(np.array([min(3, len(g.objections)) for g in gold], np.float32))
    return np.stack(columns, axis=1).astype(np.float32)


def objection_labels(prepared: Sequence[Prepared], gold: Sequence[Gold]) -> tuple[Matrix, Matrix]:
    """For each client's turn: whether it is an objection, and how it was handled (0, 1, 2 half steps; −1 for none)."""
    there: list[float] = []
    handled: list[float] = []
    for p, g in zip(prepared, gold, strict=True):
        scores = {o.turn: o.score for o in g.objections}
        there += [float(i in scores) for i in p.client]
        handled += [scores[i] * 2 if i in scores else -1.0 for i in p.client]
    return np.array(there, np.float32), np.array(handled, np.float32)


def flag_labels(prepared: Sequence[Prepared], gold: Sequence[Gold]) -> Matrix:
    """float32[seller's turns, kinds]: 1 where the turn is a red flag of the kind."""
    rows = []
    for p, g in zip(prepared, gold, strict=True):
        flagged = set(g.red_flags)
        rows += [[float((i, str(k)) in flagged) for k in FLAG_KINDS] for i in p.seller]
    return np.asarray(rows, np.float32)
