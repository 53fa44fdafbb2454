"""Speech is cut out and joined before recognition; this leads times in the joined sound back to the recording."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from services.transcribe.domain.transcript import Interval, Word

OVERSHOOT_MS = 250  # the padding of a piece: no speech there, only a late end of the word before


@dataclass(frozen=True)
class Timeline:
    """`pieces`: stretches of the recording in order, which were joined without anything between them."""

    pieces: tuple[Interval, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, pieces: Sequence[Interval]) -> "Timeline":
        """The timeline of these stretches (at least one)."""
        starts: list[int] = []
        clock = 0
        for piece in pieces:
            starts.append(clock)
            clock += piece.length_ms
        return cls(tuple(pieces), tuple(starts))

    @property
    def length_ms(self) -> int:
        return self.starts[-1] + self.pieces[-1].length_ms

    def word(self, word: Word) -> Word:
        """The word with its times in the recording.

        Recognisers place a word's end well, but let the first word after a cut begin at the end of the word before it:
        a word that reaches more than `OVERSHOOT_MS` into a piece belongs there.
        """
        index = self._piece(max((word.start_ms + word.end_ms) // 2, word.end_ms - OVERSHOOT_MS))
        start, end = self._within(index, word.start_ms), self._within(index, word.end_ms)
        return Word(word.text, start, max(end, start + 1), word.probability)

    def moment(self, joined_ms: int) -> int:
        """The recording's time of a moment of the joined sound."""
        return self._within(self._piece(joined_ms), joined_ms)

    def windows(self, longest_ms: int) -> tuple[tuple[int, int], ...]:
        """The joined sound in windows (start, end) of at most `longest_ms` that end between pieces where they can."""
        portions = in_portions(self.pieces, longest_ms)
        ends = [sum(piece.length_ms for portion in portions[: index + 1] for piece in portion)
                for index in range(len(portions))]  # fmt: skip
        return tuple(zip([0, *ends], ends, strict=False))

    def _piece(self, joined_ms: int) -> int:
        return max(0, bisect_right(self.starts, joined_ms) - 1)

    def _within(self, index: int, joined_ms: int) -> int:
        piece = self.pieces[index]
        inside = min(max(joined_ms - self.starts[index], 0), piece.length_ms)
        return piece.start_ms + inside


def in_portions(pieces: Sequence[Interval], longest_ms: int) -> tuple[tuple[Interval, ...], ...]:
    """The stretches in portions of at most `longest_ms` of sound, so that a long call needs no more memory than a
    short one; a single stretch that is longer is cut."""
    portions: list[tuple[Interval, ...]] = []
    portion: list[Interval] = []
    filled = 0
    for piece in _cut(pieces, longest_ms):
        if portion and filled + piece.length_ms > longest_ms:
            portions.append(tuple(portion))
            portion, filled = [], 0
        portion.append(piece)
        filled += piece.length_ms
    if portion:
        portions.append(tuple(portion))
    return tuple(portions)


def _cut(pieces: Sequence[Interval], longest_ms: int) -> list[Interval]:
    short: list[Interval] = []
    for piece in pieces:
        short.extend(
            Interval(start, min(start + longest_ms, piece.end_ms))
            for start in range(piece.start_ms, piece.end_ms, longest_ms)
        )
    return short
