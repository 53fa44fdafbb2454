"""Sentence vectors behind one small door: sentence-transformers, each text computed once and kept by its content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from services.score.adapters.arrays import Matrix


class Encoder(Protocol):
    """Texts to centred vectors of length 1."""

    name: str

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """float32[texts, size]; the same text always gives the same vector."""
        ...


class SentenceEncoder:
    """A sentence-transformers folder; vectors are kept in a file named by the model's content."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        from sentence_transformers import SentenceTransformer

        self._model = SentenceTransformer(str(folder), device="cpu").float()
        self.name = f"{folder.name}@{_digest(folder)}"
        self._file = cache / f"vectors-{_digest(folder)}.npz" if cache else None
        self._known: dict[str, Matrix] = {}
        self._mean: Matrix | None = None
        if self._file is not None and self._file.exists():
            with np.load(self._file, allow_pickle=False) as kept:
                self._known = dict(zip(kept["keys"].tolist(), kept["vectors"].astype(np.float32), strict=True))

    def centre(self, mean: Matrix) -> None:
        """Sets the corpus mean that every vector is taken from: raw cosines of such models are squeezed together."""
        self._mean = mean.astype(np.float32)

    def raw(self, texts: Sequence[str]) -> Matrix:
        """float32[texts, size] of length 1, not centred."""
        keys = [hashlib.sha1(t.encode(), usedforsecurity=False).hexdigest() for t in texts]
        missing = sorted({k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}.items())
        if missing:
            made = self._model.encode(
                [t for _, t in missing], batch_size=32, normalize_embeddings=True, show_progress_bar=False
            )
            self._known.update({k: v for (k, _), v in zip(missing, np.asarray(made, np.float32), strict=True)})
        return np.stack([self._known[k] for k in keys]) if keys else np.zeros((0, 1), np.float32)

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`."""
        raw = self.raw(texts)
        centred = raw - self._mean if self._mean is not None else raw
        out: Matrix = (centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)).astype(np.float32)
        return out

    def keep(self) -> None:
        """Writes the vectors known so far to the cache."""
        if self._file is not None and self._known:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            keys = sorted(self._known)
            vectors = np.stack([self._known[k] for k in keys]).astype(np.float16)
            np.savez(self._file, keys=np.array(keys), vectors=vectors)


def _digest(folder: Path) -> str:
    """Twelve hex digits of the model's weights: sizes and heads of its files, which is enough to tell models apart."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        with path.open("rb") as file:
            digest.update(str(path.stat().st_size).encode() + file.read(1 << 20))
    return digest.hexdigest()[:12]
