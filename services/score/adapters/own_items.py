"""A firm's own items from a handful of example phrases: is there a turn more like them than ordinary talk is?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from services.score.adapters.arrays import Matrix
from services.score.adapters.embeddings import Encoder
from services.score.domain.criteria.finding import ONE, ZERO
from services.score.domain.draft import AskedItem, CriterionDraft, Reason, Verdict
from services.score.domain.evidence import spans
from services.score.domain.lexicon import Morphology, normalise, words_of
from services.score.domain.reading import Reading

_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")
_CHUNK = 14
_FOUND = ("Прозвучало то, что по примерам означает этот пункт.", "What the item's examples describe was said.")
_MISSED = ("Ничего похожего на примеры этого пункта не прозвучало.", "Nothing like the item's examples was said.")


@dataclass(frozen=True)
class Measured:
    """How like the examples the likest turn is, and the limit that ordinary talk sets; both cosine-like."""

    likeness: float
    limit: float
    turn: int | None


class OwnItems:
    """Nearest example with centred vectors; without an encoder, lemmas and letters of the examples."""

    def __init__(self, morphology: Morphology, ordinary: Sequence[str], encoder: Encoder | None = None) -> None:
        self._morphology, self._encoder = morphology, encoder
        self._ordinary = [piece for text in ordinary for piece in pieces(text)]
        self._limits: dict[tuple[str, ...], tuple[Matrix, float]] = {}
        texts = [self._lemmas(p) for p in self._ordinary]
        self._words = TfidfVectorizer(token_pattern=r"\S+", sublinear_tf=True, dtype=np.float32)  # noqa: S106
        self._letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32)
        self._words.fit(texts or ["-"])
        self._letters.fit(texts or ["-"])
        self._background = self._vectors(self._ordinary)

    def draft(self, item: AskedItem, reading: Reading) -> CriterionDraft:
        """Found is 1, not found 0; the confidence grows with the distance from the limit."""
        measured = self.measure(item.examples, reading)
        found = measured.turn is not None and measured.likeness >= measured.limit
        margin = abs(measured.likeness - measured.limit) / max(0.05, measured.limit)
        evidence = spans(reading, item.criterion, [measured.turn] if found and measured.turn is not None else [])
        return CriterionDraft(
            criterion=item.criterion,
            verdict=Verdict.SCORED,
            score=ONE if found else ZERO,
            confidence=Decimal(str(round(min(0.95, 0.6 + 0.5 * margin), 2))),
            evidence=evidence,
            reason=Reason(*(_FOUND if found else _MISSED)),
        )

    def measure(self, examples: Sequence[str], reading: Reading) -> Measured:
        """The seller's likest turn against the limit."""
        vectors, limit = self._limit(tuple(examples))
        best, place = 0.0, None
        parts = [(t.index, piece) for t in reading.seller for piece in pieces(t.text)]
        if parts:
            scores = (self._vectors([p for _, p in parts]) @ vectors.T).max(axis=1)
            row = int(scores.argmax())
            best, place = float(scores[row]), parts[row][0]
        return Measured(best, limit, place)

    def _limit(self, examples: tuple[str, ...]) -> tuple[Matrix, float]:
        """Between how like the examples are to each other and how like ordinary talk comes at its likest."""
        if examples not in self._limits:
            vectors = self._vectors(list(examples))
            among = vectors @ vectors.T
            np.fill_diagonal(among, -1.0)
            own = float(np.median(among.max(axis=1))) if len(examples) > 1 else 0.6
            usual = (
                float(np.quantile((self._background @ vectors.T).max(axis=1), 0.995)) if len(self._background) else 0.3
            )
            self._limits[examples] = vectors, max(usual, 0.5 * (own + usual)) if own > usual else usual
        return self._limits[examples]

    def _vectors(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, 1), np.float32)
        if self._encoder is not None:
            return self._encoder.vectors(texts)
        lemmas = [self._lemmas(t) for t in texts]
        words, letters = self._words.transform(lemmas).toarray(), self._letters.transform(lemmas).toarray()
        joined = np.hstack([words * 0.8, letters * 0.6])
        out: Matrix = (joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-6)).astype(np.float32)
        return out

    def _lemmas(self, text: str) -> str:
        return " ".join(self._morphology(w).lemma for w in words_of(normalise(text)))


def pieces(text: str) -> list[str]:
    """A turn as sentences; a long stretch without punctuation in overlapping pieces of words."""
    out: list[str] = []
    for sentence in (m.group().strip() for m in _SENTENCE.finditer(text)):
        words = sentence.split()
        if len(words) <= _CHUNK + 4:
            out.append(sentence)
        else:
            out += [" ".join(words[i : i + _CHUNK]) for i in range(0, len(words) - _CHUNK // 2, _CHUNK // 2)]
    return [p for p in out if len(p.split()) >= 2]
