"""Extra-trees as plain arrays: learnt by scikit-learn, kept without code, and walked all trees at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import ExtraTreesClassifier

from services.score.adapters.arrays import Arrays, Matrix


@dataclass(frozen=True)
class Forest:
    """Flattened trees: a node's `feature` is −1 in a leaf; children are indices into the same arrays."""

    classes: npt.NDArray[np.float32]
    roots: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float32]
    left: npt.NDArray[np.int32]
    right: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]

    def probabilities(self, rows: Matrix) -> Matrix:
        """Class probabilities, float32[rows, classes], the mean over the trees."""
        out = np.zeros((len(rows), len(self.classes)), np.float32)
        for start in range(0, len(rows), 256):
            block = rows[start : start + 256]
            node = np.broadcast_to(self.roots, (len(block), len(self.roots))).copy()
            line = np.arange(len(block))[:, None]
            while True:
                feature = self.feature[node]
                inner = feature >= 0
                if not inner.any():
                    break
                goes_left = block[line, np.maximum(feature, 0)] <= self.threshold[node]
                node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)
            out[start : start + 256] = self.value[node].mean(axis=1)
        return out

    def pack(self, name: str) -> Arrays:
        """Its arrays under a name; leaf values in 1/255, children as one step (the left is the next node)."""
        width = (self.right - np.arange(len(self.right))).astype(np.uint16)
        inner = self.feature >= 0
        return {
            f"{name}.classes": self.classes,
            f"{name}.roots": self.roots,
            f"{name}.feature": self.feature,
            f"{name}.threshold": self.threshold[inner].astype(np.float32),
            f"{name}.width": np.where(inner, width, 0).astype(np.uint16),
            f"{name}.value": np.rint(self.value[~inner] * 255).astype(np.uint8),
        }


def unpack_forest(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> Forest:
    """The forest that `pack` packed."""
    feature = arrays[f"{name}.feature"]
    inner = feature >= 0
    place = np.arange(len(feature), dtype=np.int32)
    classes = arrays[f"{name}.classes"]
    threshold = np.zeros(len(feature), np.float32)
    threshold[inner] = arrays[f"{name}.threshold"]
    value = np.zeros((len(feature), len(classes)), np.float32)
    leaves = arrays[f"{name}.value"].astype(np.float32)
    value[~inner] = leaves / np.maximum(leaves.sum(axis=1, keepdims=True), 1)
    right = place + arrays[f"{name}.width"].astype(np.int32)
    return Forest(classes, arrays[f"{name}.roots"], feature, threshold, np.where(inner, place + 1, place), right, value)


def fit_forest(
    rows: Matrix, labels: npt.NDArray[Any], *, trees: int, leaf: int = 2, balanced: bool = True, features: float = 0.1
) -> Forest:
    """Learns a forest of the labels (numbers); deterministic."""
    model = ExtraTreesClassifier(
        n_estimators=trees,
        min_samples_leaf=leaf,
        max_features=features,
        bootstrap=True,
        class_weight="balanced_subsample" if balanced else None,
        random_state=20,
        n_jobs=1,
    ).fit(rows, labels)
    parts: list[tuple[npt.NDArray[Any], ...]] = []
    roots, offset = [], 0
    for estimator in model.estimators_:
        tree = estimator.tree_
        leaf_node = tree.children_left < 0
        place = np.arange(tree.node_count, dtype=np.int32)
        value = tree.value[:, 0, :]
        value = value / np.maximum(value.sum(axis=1, keepdims=True), 1e-12)
        parts.append(
            (
                np.where(leaf_node, -1, tree.feature).astype(np.int16),
                tree.threshold.astype(np.float32),
                np.where(leaf_node, place, tree.children_left).astype(np.int32) + offset,
                np.where(leaf_node, place, tree.children_right).astype(np.int32) + offset,
                value.astype(np.float32),
            )
        )
        roots.append(offset)
        offset += tree.node_count
    feature, threshold, left, right, values = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Forest(
        np.asarray(model.classes_, np.float32), np.array(roots, np.int32), feature, threshold, left, right, values
    )
