"""Lots drawn from a written seed: the same on every machine and version, so that anybody can draw them again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TypeVar

T = TypeVar("T")
_WORD = 8  # bytes
_SPAN = 1 << (8 * _WORD)


class Lots:
    """A stream of fair lots: SHA-256 over seed and counter, without modulo bias."""

    def __init__(self, seed: str) -> None:
        self._words = _words(seed)

    def below(self, end: int) -> int:
        """A whole number 0 ≤ n < end; `end` is at least 1."""
        if end < 1:
            raise ValueError("there is no number below 1 to draw")
        limit = _SPAN - _SPAN % end
        while True:
            word = next(self._words)
            if word < limit:
                return word % end

    def choice(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self.below(len(among))]

    def sample(self, among: Sequence[T], number: int) -> list[T]:
        """`number` different ones, in the order drawn (Fisher–Yates)."""
        pool = list(among)
        if number > len(pool):
            raise ValueError("more were asked for than there are")
        for place in range(number):
            other = place + self.below(len(pool) - place)
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:number]

    def percent(self) -> Decimal:
        """0 ≤ p < 100 in steps of a ten-thousandth."""
        return Decimal(self.below(1_000_000)).scaleb(-4)


def _words(seed: str) -> Iterator[int]:
    counter = 0
    while True:
        block = hashlib.sha256(f"{seed}/{counter}".encode()).digest()
        for start in range(0, len(block), _WORD):
            yield int.from_bytes(block[start : start + _WORD], "big")
        counter += 1
