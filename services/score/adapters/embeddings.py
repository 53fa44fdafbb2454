"""Sentence vectors behind one small door: sentence-transformers, each text computed once and kept by its content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from services.score.adapters.arrays import BrokenModel, Matrix

MOST_KEPT = 60_000  # vectors held in memory (384 figures each: some 90 MB); the oldest go first


class Encoder(Protocol):
    """Texts to centred vectors of length 1."""

    name: str

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """float32[texts, size]; the same text always gives the same vector."""
        ...

    def forget(self) -> None:
        """Lets go of what is remembered of former texts."""
        ...


class SentenceEncoder:
    """A sentence-transformers folder; vectors are kept in a file named by the model's content."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        """Loads the model. Raises BrokenModel when the folder holds none."""
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        if not is_encoder(folder):
            raise BrokenModel(f"{folder}: no sentence-transformers folder (it has no modules.json)")
        logging.disable_progress_bar()
        self._model = SentenceTransformer(str(folder), device="cpu", model_kwargs={"dtype": torch.float32})
        digest = encoder_digest(folder)
        self.name = f"{folder.name}@{digest}"
        self._name_of_cache = f"vectors-{digest}.npz"
        self._file = cache / self._name_of_cache if cache else None
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
        keys = [_key(t) for t in texts]
        missing = sorted({k: t for k, t in zip(keys, texts, strict=True) if k not in self._known}.items())
        if missing:
            made = self._model.encode(
                [t for _, t in missing], batch_size=32, normalize_embeddings=True, show_progress_bar=False
            )
            self._known.update({k: v for (k, _), v in zip(missing, np.asarray(made, np.float32), strict=True)})
        out: Matrix = np.stack([self._known[k] for k in keys]) if keys else np.zeros((0, 1), np.float32)
        for key in list(self._known)[: max(0, len(self._known) - MOST_KEPT)]:
            del self._known[key]
        return out

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """See `Encoder`."""
        raw = self.raw(texts)
        centred = raw - self._mean if self._mean is not None else raw
        out: Matrix = (centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)).astype(np.float32)
        return out

    def forget(self) -> None:
        """Lets go of every vector in memory."""
        self._known.clear()

    def keep(self) -> None:
        """Writes the vectors known so far to the cache."""
        if self._file is not None and self._known:
            _write(self._file, self._known)

    def keep_for(self, folder: Path, texts: Sequence[str]) -> None:
        """Writes the vectors of these texts to the cache that is in the folder."""
        _write(folder / self._name_of_cache, dict(zip(map(_key, texts), self.raw(texts), strict=True)))


def _key(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _write(file: Path, known: Mapping[str, Matrix]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    keys = sorted(known)
    np.savez(file, keys=np.array(keys), vectors=np.stack([known[k] for k in keys]).astype(np.float16))


def is_encoder(folder: Path) -> bool:
    """Whether the folder looks like one of sentence-transformers."""
    return (folder / "modules.json").is_file()


def encoder_digest(folder: Path) -> str:
    """Twelve hex digits of the model's weights: sizes and heads of its files, which is enough to tell models apart."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        with path.open("rb") as file:
            digest.update(str(path.stat().st_size).encode() + file.read(1 << 20))
    return digest.hexdigest()[:12]
