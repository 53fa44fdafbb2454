"""Turns and dialogues as rows of numbers: TF-IDF of what is said here, before and after, beside the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn import config_context
from sklearn.feature_extraction.text import TfidfVectorizer

from services.score.adapters.arrays import Arrays, Matrix, pack_texts, unpack_texts


@dataclass(frozen=True)
class TextBlock:
    """One column of text made into TF-IDF: letters inside words, or whole lemmas; with its weight in the kernel."""

    column: str
    letters: bool
    longest: int
    weight: float
    rarest: int = 3
    commonest: float = 0.2

    def vectorizer(self, **known: Any) -> TfidfVectorizer:
        """The scikit-learn part that counts."""
        shape = {"min_df": self.rarest, "max_df": self.commonest, **known}
        if self.letters:
            return TfidfVectorizer(
                analyzer="char_wb", ngram_range=(2, self.longest), sublinear_tf=True, dtype=np.float32, **shape
            )
        return TfidfVectorizer(
            token_pattern=r"\S+",  # noqa: S106 - a word is what stands between blanks
            lowercase=False,
            ngram_range=(1, self.longest),
            sublinear_tf=True,
            dtype=np.float32,
            **shape,
        )


TURN_BLOCKS = (
    TextBlock("text", True, 5, 1.0),
    TextBlock("lemmas", False, 2, 0.7, commonest=1.0),
    TextBlock("before", False, 1, 0.6, commonest=1.0),
    TextBlock("after", False, 1, 0.5, commonest=1.0),
    TextBlock("before2", False, 1, 0.25, commonest=1.0),
    TextBlock("after2", False, 1, 0.2, commonest=1.0),
)
DIALOGUE_BLOCKS = (
    TextBlock("seller", False, 1, 0.6, commonest=0.5),
    TextBlock("client", False, 1, 0.6, commonest=0.5),
    TextBlock("seller_opening", False, 2, 1.0, rarest=2, commonest=1.0),
    TextBlock("client_opening", False, 2, 1.0, rarest=2, commonest=1.0),
    TextBlock("seller_closing", False, 1, 0.5, rarest=2, commonest=1.0),
    TextBlock("client_closing", False, 1, 0.5, rarest=2, commonest=1.0),
)

Columns = Mapping[str, Sequence[str]]


class TextSpace:
    """Fitted blocks side by side."""

    def __init__(self, blocks: Sequence[TextBlock], vectorizers: Sequence[TfidfVectorizer]) -> None:
        self._blocks, self._vectorizers = tuple(blocks), tuple(vectorizers)

    @staticmethod
    def fit(blocks: Sequence[TextBlock], columns: Columns) -> TextSpace:
        """Learns the vocabularies and their rarities."""
        return TextSpace(blocks, [b.vectorizer().fit(columns[b.column]) for b in blocks])

    def rows(self, columns: Columns) -> sparse.csr_matrix:
        """float32[rows, all vocabularies], each block of length 1 times its weight."""
        with config_context(assume_finite=True, skip_parameter_validation=True):  # checks cost more than small rows
            parts = [
                v.transform(columns[b.column]) * np.float32(b.weight)
                for b, v in zip(self._blocks, self._vectorizers, strict=True)
            ]
        return sparse.hstack(parts, format="csr", dtype=np.float32)

    def pack(self, name: str) -> Arrays:
        """Vocabularies and rarities under a name."""
        arrays: Arrays = {}
        for place, vectorizer in enumerate(self._vectorizers):
            arrays[f"{name}.{place}.words"] = pack_texts([str(w) for w in vectorizer.get_feature_names_out()])
            arrays[f"{name}.{place}.rarity"] = np.asarray(vectorizer.idf_, np.float32)
        return arrays


def unpack_space(name: str, blocks: Sequence[TextBlock], arrays: Mapping[str, npt.NDArray[Any]]) -> TextSpace:
    """The space that `pack` packed."""
    vectorizers = []
    for place, block in enumerate(blocks):
        words = unpack_texts(arrays[f"{name}.{place}.words"])
        vectorizer = block.vectorizer(vocabulary={w: i for i, w in enumerate(words)})
        vectorizer.idf_ = arrays[f"{name}.{place}.rarity"].astype(np.float32)
        vectorizers.append(vectorizer)
    return TextSpace(blocks, vectorizers)


def dense(rows: Sequence[Sequence[float]], width: int) -> Matrix:
    """Rows of figures as float32[rows, width], also when there are none."""
    return np.asarray(rows, np.float32) if rows else np.zeros((0, width), np.float32)
