"""The 4-bit weights file is read to the letter, and a broken one is refused."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from services.models.e5_file import UnreadableWeights, WeightsFile
from services.models.e5_folder import kept_pieces

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁дом", "▁house", "家", "é", "a", "<mask>"]


def _block(scale: float, values: list[int]) -> bytes:
    """A 4-bit block of 32 weights given as -8…7."""
    low, high = values[:16], values[16:]
    nibbles = bytes((a + 8) | ((b + 8) << 4) for a, b in zip(low, high, strict=True))
    return struct.pack("<e", scale) + nibbles


def _file(pieces: list[str], tensors: dict[str, tuple[int, int, bytes]]) -> bytes:
    header = b"E5S1" + struct.pack("<I", 1) + struct.pack("<7ifi", 2, 1, 1, 4, len(pieces), 8, 2, 1e-12, 32)
    blob = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, blob)]).astype("<u4").tobytes()
    scores = np.arange(len(pieces), dtype="<f4").tobytes()
    body = header + struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, blob))) + offsets + scores
    body += b"".join(blob) + struct.pack("<iI", 0, 0)
    names = {name: name.encode() for name in tensors}
    size = 4 + sum(2 + len(raw) + 21 for raw in names.values())
    place, directory, data = len(body) + size, struct.pack("<i", len(tensors)), b""
    for name, (kind, count, raw) in tensors.items():
        directory += struct.pack("<H", len(names[name])) + names[name]
        directory += struct.pack("<BIQQ", kind, count, place + len(data), len(raw))
        data += raw
    return body + directory + data


VALUES = [*range(-8, 8), *range(7, -9, -1)]
GOOD = _file(PIECES, {"four.bit": (1, 32, _block(0.5, VALUES)), "plain": (0, 2, struct.pack("<2f", 1.5, -2))})


def test_a_four_bit_block_is_scale_times_value_low_half_first() -> None:
    got = WeightsFile(GOOD).tensor("four.bit", 4, 8)
    assert got.tolist() == (np.array(VALUES).reshape(4, 8) * 0.5).tolist()


def test_a_plain_tensor_is_taken_as_it_is() -> None:
    assert WeightsFile(GOOD).tensor("plain", 2).tolist() == [1.5, -2.0]


def test_the_header_and_the_pieces_are_read() -> None:
    read = WeightsFile(GOOD)
    assert (read.shape.hidden, read.shape.layers, read.shape.feed_forward, read.shape.positions) == (2, 1, 4, 8)
    assert read.vocabulary.pieces == tuple(PIECES)
    assert (read.vocabulary.begin, read.vocabulary.padding, read.vocabulary.end, read.vocabulary.unknown) == (
        0,
        1,
        2,
        3,
    )


def test_only_pieces_of_russian_and_english_are_kept() -> None:
    assert [PIECES[index] for index in kept_pieces(WeightsFile(GOOD).vocabulary)] == [
        piece for piece in PIECES if piece not in {"家", "é"}
    ]


@pytest.mark.parametrize(
    "raw",
    [b"", b"RIFF" + GOOD[4:], GOOD[:60], GOOD[:40] + struct.pack("<i", 64) + GOOD[44:]],
    ids=["empty", "another format", "cut", "another block size"],
)
def test_a_file_that_is_not_one_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableWeights):
        WeightsFile(raw)


@pytest.mark.parametrize(("name", "shape"), [("missing", (2,)), ("plain", (3,))])
def test_a_tensor_that_is_not_there_is_refused(name: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(UnreadableWeights, match=f"no tensor {name}"):
        WeightsFile(GOOD).tensor(name, *shape)
