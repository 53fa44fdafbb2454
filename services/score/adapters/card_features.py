"""What the card's head sees: the CRM card against objections found, agreement reached and how the call ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.score.adapters.arrays import Matrix
from services.score.adapters.prepared import Prepared
from services.score.adapters.stacking import OBJECTION_KINDS, TurnScores
from services.score.domain.criteria.crm_card import card_facts
from services.score.domain.lexicon import normalise, objection_marks_of

_SAID = (
    "next_step",
    "next_step=1",
    "next_step=half",
    "next_step=0",
    "closing_push",
    "closing_push=1",
    "answer=0",
    "answer=1",
    "farewell=1",
    "objection_handling=0",
)
_LIKELY = 0.35
_LATE = 4


def card_matrix(prepared: Sequence[Prepared], turns: Sequence[TurnScores], whole: Matrix) -> Matrix:
    """float32[dialogues, figures]; figures of a dialogue without a card are there but mean nothing."""
    return np.stack([_row(p, t, w) for p, t, w in zip(prepared, turns, whole, strict=True)]).astype(np.float32)


def _row(p: Prepared, t: TurnScores, whole: Matrix) -> Matrix:
    figures = [*card_facts(p.reading).values()]
    for name in _SAID:
        column = t.seller[:, t.seller_names.index(name)]
        figures += [float(column[-_LATE:].max(initial=0.0)), float(column.max(initial=0.0))]
    listed = np.flatnonzero(t.objection > _LIKELY)
    count = len(t.objection)
    figures += [
        float(len(listed)),
        float(count - listed[-1]) if len(listed) else 30.0,
        float(t.handling[listed[-1]] @ np.array([0, 0.5, 1])) if len(listed) else 1.0,
        float(t.objection[-3:].max(initial=0.0)),
    ]
    return np.asarray([*figures, *whole, *_reason_figures(p, t, listed)], np.float32)


def _reason_figures(p: Prepared, t: TurnScores, listed: npt.NDArray[np.int64]) -> list[float]:
    """How strongly the recorded reason's kinds, and other kinds, were said: at all, late, and last."""
    card = p.reading.dialogue.crm
    kinds = set(objection_marks_of(normalise(card.refusal_reason))) if card and card.refusal_reason else set()
    recorded = np.array([str(kind) in kinds for kind in OBJECTION_KINDS])
    columns = [t.client_names.index(f"kind.{kind}") for kind in OBJECTION_KINDS]
    said = t.client[:, columns] * np.maximum(t.objection, 0.05)[:, None]
    figures: list[float] = []
    every = np.arange(len(said))
    for rows in (every, every[-_LATE:], listed[-1:]):
        same = float(said[np.ix_(rows, np.flatnonzero(recorded))].max(initial=0.0))
        other = float(said[np.ix_(rows, np.flatnonzero(~recorded))].max(initial=0.0))
        figures += [same, other, same - other]
    return [*figures, float(len(kinds)), *recorded.astype(float)]
