"""All learned heads together: turn heads, objections, red flags, type and scores, from one file of plain arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.score.adapters.arrays import Arrays, BrokenModel, Matrix, pack_texts, unpack_texts
from services.score.adapters.card_features import card_matrix
from services.score.adapters.criterion_features import criterion_matrix
from services.score.adapters.forest import Forest, unpack_forest
from services.score.adapters.kernel_heads import DIALOGUE_KERNEL, TURN_KERNEL, KernelHeads, Rows, unpack_heads
from services.score.adapters.linear import Linear, unpack_linear
from services.score.adapters.prepared import LEARNT, Prepared, columns, dialogue_columns
from services.score.adapters.stacking import (
    FLAG_KINDS,
    TurnScores,
    dialogue_matrix,
    flag_matrix,
    objection_matrix,
    scaled,
    type_matrix,
    worth_a_look,
)
from services.score.adapters.text_space import DIALOGUE_BLOCKS, TURN_BLOCKS, TextSpace, unpack_space
from services.score.domain.draft import CallType

FORMAT = 4
TYPES = tuple(CallType)


@dataclass(frozen=True)
class Prediction:
    """What the heads say of one dialogue.

    `scores`: criterion → probabilities of (0, 0.5, 1); `absent`: criterion → probability that it does not apply;
    `types`: probabilities in the order of TYPES; `turns`: what the turn heads say; `whole`: the whole dialogue's heads.
    """

    turns: TurnScores
    types: Matrix
    scores: Mapping[str, Matrix]
    absent: Mapping[str, float]
    whole: Matrix


@dataclass(frozen=True)
class Heads:
    """Everything learnt, and `settings`: thresholds and calibration as plain numbers."""

    seller_space: TextSpace
    client_space: TextSpace
    dialogue_space: TextSpace
    seller: KernelHeads
    client: KernelHeads
    dialogue: KernelHeads
    dialogue_scale: Matrix
    forests: Mapping[str, Forest]
    lines: Mapping[str, Linear]
    settings: Mapping[str, Any]

    def predict(self, prepared: Sequence[Prepared]) -> list[Prediction]:
        """A prediction a dialogue; many at once are quicker."""
        if not prepared:
            return []
        seller = self.seller.predict(turn_rows(self.seller_space, prepared, "seller"))
        client = self.client.predict(turn_rows(self.client_space, prepared, "client"))
        whole = self.dialogue.predict(dialogue_rows(self.dialogue_space, self.dialogue_scale, prepared))
        turns = self.turn_scores(prepared, seller, client)
        matrix = dialogue_matrix(prepared, turns, whole)
        types = self._types(matrix, type_matrix(prepared, turns, whole))
        scores = {c: self._scores(c, prepared, turns, whole) for c in LEARNT}
        absent = {c: f.probabilities(matrix)[:, -1] for c in LEARNT if (f := self.forests.get(f"absent.{c}"))}
        return [
            Prediction(
                turns=turns[i],
                types=types[i],
                scores={c: p[i] for c, p in scores.items()},
                absent={c: float(p[i]) for c, p in absent.items()},
                whole=whole[i],
            )
            for i in range(len(prepared))
        ]

    def _types(self, all_figures: Matrix, few: Matrix) -> Matrix:
        """float32[dialogues, types]: the mean of a forest over all figures, and of a forest and a line over the few."""
        return _mean_of(
            [(self.forests["type"], all_figures), (self.forests["type.few"], few), (self.lines["type"], few)],
            len(TYPES),
        )

    def _scores(
        self, criterion: str, prepared: Sequence[Prepared], turns: Sequence[TurnScores], whole: Matrix
    ) -> Matrix:
        """float32[dialogues, 3]: a forest over the criterion's few figures, with a line over them where one is."""
        name = f"score.{criterion}"
        if criterion == "crm_card":
            return _mean_of([(self.forests[name], card_matrix(prepared, turns, whole))], 3)
        few = criterion_matrix(criterion, prepared, turns, whole)
        heads: list[Forest | Linear] = [self.forests[name], *([self.lines[name]] if name in self.lines else [])]
        return _mean_of([(head, few) for head in heads], 3)

    def turn_scores(self, prepared: Sequence[Prepared], seller: Matrix, client: Matrix) -> list[TurnScores]:
        """The second look at turns that may be objections or red flags, joined with the first."""
        found = objections_by(self.forests, prepared, seller, client, self.seller.names, self.client.names)
        flags = flags_by(self.forests, prepared, seller, self.seller.names)
        return split(prepared, seller, client, *found, flags, self.seller.names, self.client.names)

    def pack(self) -> Arrays:
        """Everything as arrays."""
        arrays: Arrays = {"format": np.array([FORMAT]), "dialogue_scale": self.dialogue_scale}
        for name, space in self._spaces().items():
            arrays.update(space.pack(f"space.{name}"))
        for name, heads in (("seller", self.seller), ("client", self.client), ("dialogue", self.dialogue)):
            arrays.update(heads.pack(f"heads.{name}"))
        for name, forest in self.forests.items():
            arrays.update(forest.pack(f"forest.{name}"))
        arrays["forests"] = pack_texts(sorted(self.forests))
        for name, line in self.lines.items():
            arrays.update(line.pack(f"line.{name}"))
        arrays["lines"] = pack_texts(sorted(self.lines))
        return arrays

    def _spaces(self) -> dict[str, TextSpace]:
        return {"seller": self.seller_space, "client": self.client_space, "dialogue": self.dialogue_space}


def unpack(arrays: Mapping[str, npt.NDArray[Any]], settings: Mapping[str, Any]) -> Heads:
    """The heads that `pack` packed.

    Raises BrokenModel when the file was made for another format.
    """
    if int(arrays["format"][0]) != FORMAT:
        raise BrokenModel("these heads were made by another version: run `otzvuk train`")
    names = unpack_texts(arrays["forests"])
    return Heads(
        seller_space=unpack_space("space.seller", TURN_BLOCKS, arrays),
        client_space=unpack_space("space.client", TURN_BLOCKS, arrays),
        dialogue_space=unpack_space("space.dialogue", DIALOGUE_BLOCKS, arrays),
        seller=unpack_heads("heads.seller", TURN_KERNEL, arrays),
        client=unpack_heads("heads.client", TURN_KERNEL, arrays),
        dialogue=unpack_heads("heads.dialogue", DIALOGUE_KERNEL, arrays),
        dialogue_scale=arrays["dialogue_scale"],
        forests={name: unpack_forest(f"forest.{name}", arrays) for name in names},
        lines={name: unpack_linear(f"line.{name}", arrays) for name in unpack_texts(arrays["lines"])},
        settings=settings,
    )


def turn_rows(space: TextSpace, prepared: Sequence[Prepared], side: str) -> Rows:
    """The rows of all turns of one side."""
    figures = [p.seller_figures if side == "seller" else p.client_figures for p in prepared]
    return Rows(space.rows(columns(prepared, side)), np.vstack(figures))


def dialogue_rows(space: TextSpace, scale: Matrix, prepared: Sequence[Prepared]) -> Rows:
    """The rows of whole dialogues, figures scaled as in training."""
    return Rows(space.rows(dialogue_columns(prepared)), scaled(np.stack([p.dialogue_row for p in prepared]), scale))


def objections_by(
    forests: Mapping[str, Forest],
    prepared: Sequence[Prepared],
    seller: Matrix,
    client: Matrix,
    seller_names: Sequence[str],
    client_names: Sequence[str],
) -> tuple[Matrix, Matrix]:
    """For each client's turn: the probability of an objection, and of its handling being 0, 0.5, 1."""
    matrix = objection_matrix(prepared, seller, client)
    probability = np.zeros(len(client), np.float32)
    handling = np.zeros((len(client), 3), np.float32)
    look = np.flatnonzero(worth_a_look(client, client_names))
    if len(look):
        probability[look] = forests["objection"].probabilities(matrix[look])[:, -1]
        forest = forests["handling"]
        handling[look] = np.stack([_spread(p, forest.classes, 3) for p in forest.probabilities(matrix[look])])
    return probability, handling


def flags_by(
    forests: Mapping[str, Forest], prepared: Sequence[Prepared], seller: Matrix, names: Sequence[str]
) -> Matrix:
    """float32[seller's turns, kinds]: the probability of each red flag."""
    matrix = flag_matrix(prepared, seller, names)
    out = np.zeros((len(seller), len(FLAG_KINDS)), np.float32)
    for place, kind in enumerate(FLAG_KINDS):
        if len(seller) and f"flag.{kind}" in forests:
            out[:, place] = forests[f"flag.{kind}"].probabilities(matrix)[:, -1]
    return out


def split(
    prepared: Sequence[Prepared],
    seller: Matrix,
    client: Matrix,
    objection: Matrix,
    handling: Matrix,
    flags: Matrix,
    seller_names: Sequence[str],
    client_names: Sequence[str],
) -> list[TurnScores]:
    """The rows of all turns cut into dialogues."""
    out, s, c = [], 0, 0
    for p in prepared:
        s2, c2 = s + len(p.seller), c + len(p.client)
        out.append(
            TurnScores(
                seller[s:s2],
                client[c:c2],
                objection[c:c2],
                handling[c:c2],
                flags[s:s2],
                tuple(seller_names),
                tuple(client_names),
            )
        )
        s, c = s2, c2
    return out


def _spread(probabilities: Matrix, classes: npt.NDArray[np.float32], width: int) -> Matrix:
    """Probabilities by class number, 0 for a class that training never saw."""
    out = np.zeros(width, np.float32)
    out[classes.astype(int)] = probabilities
    return out


def _mean_of(heads: Sequence[tuple[Forest | Linear, Matrix]], width: int) -> Matrix:
    """float32[rows, width]: the mean of what several heads say, each of its own rows."""
    said = [np.stack([_spread(p, head.classes, width) for p in head.probabilities(rows)]) for head, rows in heads]
    mean: Matrix = np.mean(said, axis=0, dtype=np.float32)
    return mean
