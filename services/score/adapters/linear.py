"""A linear head as plain arrays: logistic regression over a few figures, learnt by scikit-learn, kept without code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from services.score.adapters.arrays import Arrays, Matrix


@dataclass(frozen=True)
class Linear:
    """Classes by number, the figures' means and deviations, weights [figures + 1, classes]; the last row shifts."""

    classes: npt.NDArray[np.float32]
    scale: Matrix
    weights: Matrix

    def probabilities(self, rows: Matrix) -> Matrix:
        """Class probabilities, float32[rows, classes]."""
        said = _standard(rows, self.scale) @ self.weights[:-1] + self.weights[-1]
        raised = np.exp(said - said.max(axis=1, keepdims=True))
        shares: Matrix = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares

    def pack(self, name: str) -> Arrays:
        """Its arrays under a name."""
        return {f"{name}.classes": self.classes, f"{name}.scale": self.scale, f"{name}.weights": self.weights}


def unpack_linear(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Linear:
    """The head that `pack` packed."""
    return Linear(arrays[f"{name}.classes"], arrays[f"{name}.scale"], arrays[f"{name}.weights"])


def fit_linear(rows: Matrix, labels: npt.NDArray[Any], *, strength: float = 0.02) -> Linear:
    """Learns a head of the labels (numbers), held near zero by a small `strength`; deterministic."""
    scale = np.stack([rows.mean(axis=0), rows.std(axis=0)]).astype(np.float32)
    classes = np.unique(labels).astype(np.float32)
    weights = np.zeros((rows.shape[1] + 1, len(classes)), np.float32)
    if len(classes) > 1:
        model = LogisticRegression(C=strength, max_iter=500).fit(_standard(rows, scale), labels)
        learnt = np.vstack([model.coef_.T, model.intercept_])
        weights[:, -learnt.shape[1] :] = learnt  # of two classes scikit-learn keeps the second alone
    return Linear(classes, scale, weights)


def _standard(rows: Matrix, scale: Matrix) -> Matrix:
    standard: Matrix = np.clip((rows - scale[0]) / (scale[1] + 1e-6), -5, 5).astype(np.float32)
    return standard
