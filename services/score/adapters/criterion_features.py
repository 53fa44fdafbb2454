"""What each criterion's head sees: its own turn heads and those next to it, and few figures instead of all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.score.adapters.arrays import Matrix
from services.score.adapters.prepared import Prepared
from services.score.adapters.stacking import SHAPE_WIDTH, TurnScores, flag_tops, objection_summary, summary
from services.score.domain.tone import TONE, TONE_WIDTH

OF_TONE = ("politeness", "listening")
_NEXT_TO: dict[str, tuple[str, ...]] = {
    "greeting": (),
    "client_name": ("greeting",),
    "problem_definition": ("initiative",),
    "product_story": ("problem_definition", "answer"),
    "objection_handling": ("answer", "flag"),
    "initiative": ("closing_push", "problem_definition"),
    "closing_push": ("next_step", "initiative"),
    "next_step": ("closing_push",),
    "farewell": ("next_step",),
}
_TONE_HEADS = ("politeness", "flag", "listening=0", "answer=0")
_SHORT, _CURT = 6, 3


def criterion_matrix(
    criterion: str, prepared: Sequence[Prepared], turns: Sequence[TurnScores], whole: Matrix
) -> Matrix:
    """float32[dialogues, figures] of one criterion."""
    row = _tone_row if criterion in OF_TONE else _row
    rows = [row(criterion, p, t, whole[i]) for i, (p, t) in enumerate(zip(prepared, turns, strict=True))]
    return np.stack(rows).astype(np.float32)


def _row(criterion: str, p: Prepared, t: TurnScores, whole: Matrix) -> Matrix:
    heads = {criterion, *_NEXT_TO[criterion]}
    columns = [i for i, name in enumerate(t.seller_names) if name.split("=")[0].split(".")[0] in heads]
    own = summary(t.seller[:, columns], p.seller, len(p.reading.turns))
    return np.concatenate([own, objection_summary(t), whole, p.core_row])


def _tone_row(criterion: str, p: Prepared, t: TurnScores, whole: Matrix) -> Matrix:
    """Of politeness and listening alike: how the seller sounds, and how the client takes it."""
    columns = [i for i, name in enumerate(t.seller_names) if name.startswith(_TONE_HEADS)]
    said = t.seller[:, columns]
    ranked = -np.sort(-np.vstack([said, np.zeros((2, len(columns)), np.float32)]), axis=0)
    heads = [ranked[0], ranked[1], np.clip(said, 0, 1).sum(axis=0), flag_tops(t)]
    return np.concatenate([_tone(p), *heads, whole, p.dialogue_row[:SHAPE_WIDTH]])


def _tone(p: Prepared) -> Matrix:
    """The highest and the summed tone of the seller's turns, and how short they are."""
    lengths = np.array([len(turn.words) for turn in p.reading.seller] or [0])
    short = [lengths.mean(), (lengths <= _CURT).mean(), (lengths <= _SHORT).mean()]
    rows = p.tone_rows[:, : TONE_WIDTH - len(TONE)]
    if not len(rows):
        rows = np.zeros((1, rows.shape[1]), np.float32)
    return np.concatenate([rows.max(axis=0), rows.sum(axis=0), short])
