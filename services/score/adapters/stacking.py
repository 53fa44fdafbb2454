"""What the second layer sees: the turn heads' answers gathered around objections, red flags and whole dialogues."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.score.adapters.arrays import Matrix
from services.score.adapters.prepared import Prepared
from services.score.domain.draft import FlagKind, ObjectionKind

FLAG_KINDS = tuple(FlagKind)
OBJECTION_KINDS = tuple(ObjectionKind)
OBJECTION = "objection"
_LOOK = 0.06
_LISTED = 0.42
SHAPE_WIDTH = 15  # the first figures of a dialogue: its shape, who called, the department


@dataclass(frozen=True)
class TurnScores:
    """What was said of each turn of one dialogue: first heads, second look at objections (with handling) and flags."""

    seller: Matrix
    client: Matrix
    objection: Matrix
    handling: Matrix
    flags: Matrix
    seller_names: tuple[str, ...]
    client_names: tuple[str, ...]


def worth_a_look(client: Matrix, names: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Client's turns that the first head does not rule out as objections."""
    return client[:, list(names).index(OBJECTION)] > _LOOK


def scaled(rows: Matrix, scale: Matrix) -> Matrix:
    """Figures in deviations from their mean (scale: float32[2, figures]), cut at ±3, together of length about 1."""
    cut = np.clip((rows - scale[0]) / (scale[1] + 1e-6), -3, 3)
    out: Matrix = (cut / np.sqrt(rows.shape[1])).astype(np.float32)
    return out


def objection_matrix(prepared: Sequence[Prepared], seller: Matrix, client: Matrix) -> Matrix:
    """float32[client's turns, …]: the turn, the seller's next two turns, the client's neighbours, and the next four."""
    parts, s, c = [], 0, 0
    for p in prepared:
        mine, theirs = seller[s : s + len(p.seller)], client[c : c + len(p.client)]
        s, c = s + len(p.seller), c + len(p.client)
        if not p.client:
            continue
        mine_padded = np.vstack([mine, np.zeros((2, seller.shape[1]), np.float32)])
        theirs_padded = np.vstack([theirs, np.zeros((1, client.shape[1]), np.float32)])
        first = np.searchsorted(np.array(p.seller, dtype=int), np.array(p.client, dtype=int))
        count, rows = len(p.seller), np.arange(len(p.client))
        means, tops = (
            np.zeros((len(rows), seller.shape[1]), np.float32),
            np.zeros((len(rows), seller.shape[1]), np.float32),
        )
        for row, start in enumerate(first):
            if start < count:
                means[row], tops[row] = mine[start : start + 4].mean(axis=0), mine[start : start + 4].max(axis=0)
        parts.append(
            np.hstack(
                [
                    p.objection_rows,
                    theirs,
                    mine_padded[np.minimum(first, count)],
                    mine_padded[np.minimum(first + 1, count)],
                    theirs_padded[np.minimum(rows + 1, len(rows))],
                    theirs_padded[np.where(rows > 0, rows - 1, len(rows))],
                    means,
                    tops,
                ]
            )
        )
    return np.vstack(parts).astype(np.float32) if parts else np.zeros((0, 1), np.float32)


def flag_matrix(prepared: Sequence[Prepared], seller: Matrix, names: Sequence[str]) -> Matrix:
    """float32[seller's turns, …]: the turn's words and heads, its neighbours' flag heads, and the call's highest."""
    places = [i for i, name in enumerate(names) if name.startswith(("flag", "answer"))]
    kinds = [list(names).index(f"flag.{kind}") for kind in FLAG_KINDS]
    parts, s = [], 0
    for p in prepared:
        mine = seller[s : s + len(p.seller)]
        s += len(p.seller)
        if not p.seller:
            continue
        near = np.vstack([mine[:, places], np.zeros((1, len(places)), np.float32)])
        rows = np.arange(len(mine))
        before, after = near[rows - 1], near[rows + 1]
        top = np.broadcast_to(mine[:, kinds].max(axis=0), (len(mine), len(kinds)))
        parts.append(np.hstack([p.flag_rows, mine, before, after, top, p.tone_rows]))
    return np.vstack(parts).astype(np.float32) if parts else np.zeros((0, 1), np.float32)


def dialogue_matrix(prepared: Sequence[Prepared], turns: Sequence[TurnScores], whole: Matrix) -> Matrix:
    """float32[dialogues, …]: the rules' figures, turn heads summed up, whole dialogue's heads, objections, flags."""
    rows = [
        np.concatenate(
            [
                p.dialogue_row,
                summary(t.seller, p.seller, len(p.reading.turns)),
                summary(t.client, p.client, len(p.reading.turns)),
                whole[i],
                objection_summary(t),
                flag_tops(t),
            ]
        )
        for i, (p, t) in enumerate(zip(prepared, turns, strict=True))
    ]
    return np.stack(rows).astype(np.float32)


def type_matrix(prepared: Sequence[Prepared], turns: Sequence[TurnScores], whole: Matrix) -> Matrix:
    """float32[dialogues, …]: the few figures that tell a call's type: its history, objections, flags, who called."""
    rows = [
        np.concatenate([p.history_row, objection_summary(t), flag_tops(t), whole[i], p.dialogue_row[:SHAPE_WIDTH]])
        for i, (p, t) in enumerate(zip(prepared, turns, strict=True))
    ]
    return np.stack(rows).astype(np.float32)


def flag_tops(t: TurnScores) -> Matrix:
    """The highest probability of each kind of red flag."""
    tops: Matrix = t.flags.max(axis=0) if len(t.flags) else np.zeros(len(FLAG_KINDS), np.float32)
    return tops


def summary(scores: Matrix, places: Sequence[int], turns: int) -> Matrix:
    """Of each head: its three highest answers, their sum, how many are high, first, last, the last three, and where."""
    heads = scores.shape[1]
    if not len(scores):
        return np.zeros(heads * 9, np.float32)
    ranked = -np.sort(-np.vstack([scores, np.full((2, heads), -0.5, np.float32)]), axis=0)
    where = np.array(places, np.float32)[scores.argmax(axis=0)] / max(1, turns - 1)
    return np.concatenate(
        [
            ranked[0],
            np.maximum(ranked[1], 0),
            np.maximum(ranked[2], 0),
            np.clip(scores, 0, 1).sum(axis=0),
            (scores > 0.35).sum(axis=0),
            scores[0],
            scores[-1],
            scores[-3:].max(axis=0),
            where,
        ]
    ).astype(np.float32)


def objection_summary(t: TurnScores) -> Matrix:
    """The objections of one dialogue: how many and how likely, how they were handled, and their kinds."""
    p, expected = t.objection, t.handling @ np.array([0, 0.5, 1], np.float32)
    kinds = t.client[:, [list(t.client_names).index(f"kind.{k}") for k in OBJECTION_KINDS]]
    listed = np.flatnonzero(p > _LISTED)
    top = np.concatenate([-np.sort(-p), np.zeros(3, np.float32)])[:3]
    squares = p**2
    heavy = max(float(squares.sum()), 1e-6)
    of_listed = expected[listed] if len(listed) else np.array([0.5], np.float32)
    weights = p[listed] if len(listed) else np.ones(1, np.float32)
    figures = [
        *top,
        len(listed),
        p.sum(),
        float((weights * of_listed).sum() / weights.sum()),
        float((squares * expected).sum() / heavy) if heavy > 1e-6 else 0.5,
        of_listed.min(),
        of_listed.max(),
        of_listed[-1],
        of_listed[0],
        *(squares @ t.handling / heavy),
        listed[-1] / max(1, len(p)) if len(listed) else 0.0,
        *((kinds * p[:, None]).max(axis=0) if len(p) else np.zeros(len(OBJECTION_KINDS))),
        *(kinds[listed[-1]] if len(listed) else np.zeros(len(OBJECTION_KINDS))),
    ]
    return np.asarray(figures, np.float32)
