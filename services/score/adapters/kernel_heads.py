"""Many heads at once: kernel ridge regression over text and figures of single turns, or of whole dialogues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

from services.score.adapters.arrays import Arrays, Matrix, pack_sparse, pack_texts, unpack_sparse, unpack_texts


@dataclass(frozen=True)
class Kernel:
    """(⟨a, b⟩ / scale + bias) to the power of degree: lets words, place and marks work together."""

    scale: float
    bias: float
    degree: int

    def __call__(self, products: Matrix) -> Matrix:
        """Applied to inner products, element by element."""
        powers: Matrix = ((products / np.float32(self.scale) + np.float32(self.bias)) ** self.degree).astype(np.float32)
        return powers


TURN_KERNEL = Kernel(scale=3.2, bias=0.5, degree=3)
DIALOGUE_KERNEL = Kernel(scale=1.0, bias=0.0, degree=1)


@dataclass(frozen=True)
class Rows:
    """Rows of a kernel: sparse text beside dense figures, float32."""

    text: sparse.csr_matrix
    figures: Matrix

    def __len__(self) -> int:
        return int(self.text.shape[0])

    @cached_property
    def turned(self) -> sparse.csr_matrix:
        """The text's transpose, turned once: support rows are multiplied with for every call."""
        return self.text.T.tocsr()

    def products(self, other: Rows) -> Matrix:
        """Inner products float32[len(self), len(other)]."""
        text = (self.text @ other.turned).toarray().astype(np.float32)
        together: Matrix = text + self.figures @ other.figures.T
        return together


@dataclass(frozen=True)
class KernelHeads:
    """Fitted heads: `names` of the targets, support rows, their weights and the targets' means."""

    names: tuple[str, ...]
    kernel: Kernel
    support: Rows
    weights: Matrix
    mean: Matrix

    def predict(self, rows: Rows) -> Matrix:
        """float32[rows, names]."""
        if not len(rows):
            return np.zeros((0, len(self.names)), np.float32)
        said: Matrix = self.kernel(rows.products(self.support)) @ self.weights + self.mean
        return said

    def pack(self, name: str) -> Arrays:
        """Its arrays under a name."""
        return {
            f"{name}.names": pack_texts(list(self.names)),
            **pack_sparse(f"{name}.text", self.support.text),
            f"{name}.figures": self.support.figures.astype(np.float16),
            f"{name}.weights": self.weights.astype(np.float16),
            f"{name}.mean": self.mean,
        }


def unpack_heads(name: str, kernel: Kernel, arrays: Mapping[str, npt.NDArray[Any]]) -> KernelHeads:
    """The heads that `pack` packed."""
    support = Rows(unpack_sparse(f"{name}.text", arrays), arrays[f"{name}.figures"].astype(np.float32))
    names = tuple(unpack_texts(arrays[f"{name}.names"]))
    return KernelHeads(names, kernel, support, arrays[f"{name}.weights"].astype(np.float32), arrays[f"{name}.mean"])


def solve(gram: Matrix, targets: Matrix, ridge: float) -> tuple[Matrix, Matrix]:
    """Weights and means for a gram matrix float32[n, n] (overwritten) and targets float32[n, heads]."""
    mean = targets.mean(axis=0)
    gram[np.diag_indices_from(gram)] += np.float32(ridge)
    factor = cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
    return cho_solve(factor, targets - mean, check_finite=False).astype(np.float32), mean


def fit_heads(
    names: Sequence[str], rows: Rows, targets: Matrix, folds: npt.NDArray[np.int64], kernel: Kernel, ridge: float
) -> tuple[KernelHeads, Matrix]:
    """Heads learnt from all rows, and for each row what heads say that never saw its fold (float32[n, heads])."""
    gram = kernel(rows.products(rows))
    outside = np.zeros_like(targets)
    for fold in np.unique(folds):
        inside, out = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        weights, mean = solve(gram[np.ix_(inside, inside)], targets[inside], ridge)
        outside[out] = gram[np.ix_(out, inside)] @ weights + mean
    weights, mean = solve(gram, targets, ridge)
    return KernelHeads(tuple(names), kernel, rows, weights, mean), outside
