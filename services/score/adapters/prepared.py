"""A dialogue made ready for the heads: its reading, and every figure that does not depend on what was learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.score.adapters.arrays import Matrix
from services.score.adapters.embeddings import Encoder
from services.score.adapters.text_space import dense
from services.score.domain.call_type import guess_call_type
from services.score.domain.criteria import CRITERIA
from services.score.domain.criteria.crm_card import card_facts
from services.score.domain.criteria.finding import Scene
from services.score.domain.dialogue import Dialogue
from services.score.domain.draft import CallType, FlagKind
from services.score.domain.features import dialogue_features
from services.score.domain.history import history_figures
from services.score.domain.lexicon import Morphology
from services.score.domain.objections import find_objections
from services.score.domain.reading import Reading, TurnReading, read
from services.score.domain.red_flags import find_red_flags
from services.score.domain.tone import TONE_WIDTH, tone_rows
from services.score.domain.turn_features import (
    FLAG_WORDS,
    KINDS,
    MARKS,
    flag_figures,
    mark_figures,
    objection_figures,
    place_figures,
)

LEARNT = (
    "greeting",
    "client_name",
    "problem_definition",
    "product_story",
    "objection_handling",
    "initiative",
    "closing_push",
    "next_step",
    "farewell",
    "listening",
    "politeness",
    "crm_card",
)
PLACE_WIDTH = 41
TURN_WIDTH = PLACE_WIDTH + 3 * (len(MARKS) + len(KINDS))
_OF_MARKS = ("s_", "c_", "open_", "late_", "end_", "cend_", "ob_", "obend_", "card_")
_VECTOR_WEIGHTS = ((0, 0.7), (-1, 0.4), (1, 0.3))


@dataclass(frozen=True)
class Prepared:
    """Figures of one dialogue; `seller` and `client` are the indices of their turns, one row of each matrix a turn."""

    scene: Scene
    seller: tuple[int, ...]
    client: tuple[int, ...]
    seller_figures: Matrix
    client_figures: Matrix
    objection_rows: Matrix
    flag_rows: Matrix
    tone_rows: Matrix
    dialogue_row: Matrix
    core_row: Matrix
    history_row: Matrix

    @property
    def reading(self) -> Reading:
        """The dialogue as read."""
        return self.scene.reading


def prepare(dialogue: Dialogue, morphology: Morphology, encoder: Encoder | None) -> Prepared:
    """Reads a dialogue and counts; with an encoder the turns' vectors stand beside the figures."""
    reading = read(dialogue, morphology)
    flags = find_red_flags(reading)
    scene = Scene(reading, guess_call_type(reading), find_objections(reading, flags), flags)
    figures = _dialogue_figures(scene)
    vectors = encoder.vectors([t.text for t in reading.turns]) if encoder and reading.turns else None
    objection_width = 4 * 21 + 1 + len(KINDS) + 5 + 18 + 4 + 2
    flag_width = len(FLAG_WORDS) * 2 + 3 * 21 + 2 + len(KINDS)
    return Prepared(
        scene=scene,
        seller=tuple(t.index for t in reading.seller),
        client=tuple(t.index for t in reading.client),
        seller_figures=_turn_figures(reading, reading.seller, vectors),
        client_figures=_turn_figures(reading, reading.client, vectors),
        objection_rows=dense([objection_figures(reading, t) for t in reading.client], objection_width),
        flag_rows=dense([flag_figures(reading, t) for t in reading.seller], flag_width),
        tone_rows=dense(tone_rows(reading), TONE_WIDTH),
        dialogue_row=np.asarray([*figures.values()], np.float32),
        core_row=np.asarray([v for name, v in figures.items() if not name.startswith(_OF_MARKS)], np.float32),
        history_row=np.asarray([*history_figures(reading).values()], np.float32),
    )


def _turn_figures(reading: Reading, turns: Sequence[TurnReading], vectors: Matrix | None) -> Matrix:
    place = dense([place_figures(reading, t) for t in turns], PLACE_WIDTH) * np.float32(2 / np.sqrt(PLACE_WIDTH) * 0.9)
    parts = [place]
    for getter, weight in ((lambda t: t, 0.9), (reading.before, 0.4), (reading.after, 0.3)):
        marks = dense([mark_figures(getter(t)) for t in turns], len(MARKS) + len(KINDS))
        parts.append(marks * np.float32(weight / 4))
    if vectors is not None:
        padded = np.vstack([vectors, np.zeros((2, vectors.shape[1]), np.float32)])
        last = len(reading.turns)
        for step, weight in _VECTOR_WEIGHTS:
            places = [t.index + step if 0 <= t.index + step < last else last for t in turns]
            parts.append(padded[places] * np.float32(weight))
    return np.hstack(parts).astype(np.float32)


def _dialogue_figures(scene: Scene) -> dict[str, float]:
    figures = dialogue_features(scene.reading)
    for code in LEARNT:
        score = CRITERIA[code].rule(scene).score
        figures[f"rule_{code}"] = -1.0 if score is None else float(score)
    for kind in CallType:
        figures[f"rule_type_{kind}"] = float(scene.call_type is kind)
    for flag in FlagKind:
        figures[f"rule_flag_{flag}"] = float(any(f.kind is flag for f in scene.red_flags))
    figures["rule_objections"] = float(len(scene.objections))
    scores = [float(o.score) for o in scene.objections]
    figures["rule_objection_mean"] = sum(scores) / len(scores) if scores else 0.5
    figures.update({f"card_{name}": value for name, value in card_facts(scene.reading).items()})
    return figures


def columns(prepared: Sequence[Prepared], side: str) -> dict[str, list[str]]:
    """The text columns of all turns of one side ("seller" or "client"), dialogue after dialogue."""
    out: dict[str, list[str]] = {name: [] for name in ("text", "lemmas", "before", "after", "before2", "after2")}
    for p in prepared:
        turns = p.reading.turns
        lemmas = [" ".join(t.lemmas) for t in turns]
        padded = ["", "", *lemmas, "", ""]
        for index in p.seller if side == "seller" else p.client:
            out["text"].append(turns[index].normal)
            out["lemmas"].append(lemmas[index])
            out["before2"].append(padded[index])
            out["before"].append(padded[index + 1])
            out["after"].append(padded[index + 3])
            out["after2"].append(padded[index + 4])
    return out


def dialogue_columns(prepared: Sequence[Prepared]) -> dict[str, list[str]]:
    """The text columns of whole dialogues."""
    out: dict[str, list[str]] = {}
    for side in ("seller", "client"):
        turns = [p.reading.seller if side == "seller" else p.reading.client for p in prepared]
        out[side] = [_lemmas(t) for t in turns]
        out[f"{side}_opening"] = [_lemmas([u for u in t if u.index < 6]) for t in turns]
        out[f"{side}_closing"] = [_lemmas(t[-4:]) for t in turns]
    return out


def _lemmas(turns: Sequence[TurnReading]) -> str:
    return " ".join(" ".join(t.lemmas) for t in turns)
