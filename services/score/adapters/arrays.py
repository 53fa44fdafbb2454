"""Matrices, and the one safe file they are kept in: plain arrays and JSON, never code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

Matrix = npt.NDArray[np.float32]
Arrays = dict[str, npt.NDArray[Any]]


class BrokenModel(ValueError):
    """A model file that is incomplete, changed, or made for another version of the features."""


def pack_sparse(name: str, matrix: sparse.csr_matrix) -> Arrays:
    """A sparse matrix of values 0…max as bytes: differences of sorted columns, values in 1/255 of the largest."""
    csr = matrix.tocsr()
    csr.sort_indices()
    top = float(csr.data.max()) if csr.nnz else 1.0
    deltas = np.diff(csr.indices.astype(np.int64), prepend=0)
    starts = csr.indptr[:-1][np.diff(csr.indptr) > 0]
    deltas[starts] = csr.indices[starts]
    return {
        f"{name}.shape": np.array(csr.shape, np.int64),
        f"{name}.rows": np.diff(csr.indptr).astype(np.uint16),
        f"{name}.deltas": deltas.astype(np.uint32),
        f"{name}.values": np.rint(csr.data / top * 255).astype(np.uint8),
        f"{name}.top": np.array([top], np.float32),
    }


def unpack_sparse(name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> sparse.csr_matrix:
    """The sparse matrix that `pack_sparse` packed (float32)."""
    rows = arrays[f"{name}.rows"].astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(rows)])
    deltas = arrays[f"{name}.deltas"].astype(np.int64)
    total = np.cumsum(deltas)
    before = np.concatenate([[0], total])[indptr[:-1]]
    indices = total - np.repeat(before, rows)
    values = arrays[f"{name}.values"].astype(np.float32) * (float(arrays[f"{name}.top"][0]) / 255)
    shape = tuple(int(n) for n in arrays[f"{name}.shape"])
    return sparse.csr_matrix((values, indices, indptr), shape=shape)


def pack_texts(texts: list[str]) -> npt.NDArray[np.uint8]:
    """A list of strings as bytes."""
    return np.frombuffer("\n".join(texts).encode(), np.uint8)


def unpack_texts(packed: npt.NDArray[Any]) -> list[str]:
    """The strings of `pack_texts`."""
    text = packed.tobytes().decode()
    return text.split("\n") if text else []


def save(folder: Path, arrays: Arrays, card: Mapping[str, Any]) -> str:
    """Writes `heads.npz` and its card; gives back the content hash that the card carries."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "heads.npz"
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    text = json.dumps({**card, "sha256": digest}, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "card.json").write_text(text + "\n", "utf-8")
    return digest


def load(folder: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, Any]]:
    """Arrays and card of a folder.

    Raises BrokenModel when a file is missing or is not the one its card names.
    """
    try:
        card: dict[str, Any] = json.loads((folder / "card.json").read_text("utf-8"))
        raw = (folder / "heads.npz").read_bytes()
    except FileNotFoundError as error:
        raise BrokenModel(f"{folder}: there are no heads here ({Path(error.filename).name} is missing)") from error
    except (OSError, ValueError) as error:
        raise BrokenModel(f"{folder}: {error}") from error
    if hashlib.sha256(raw).hexdigest() != card.get("sha256"):
        raise BrokenModel(f"{folder}: heads.npz is not the file its card names")
    with np.load(folder / "heads.npz", allow_pickle=False) as packed:
        return {name: packed[name] for name in packed.files}, card
