"""Word error rate: how far a recognised text is from what was said (Levenshtein distance over words)."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.transcribe.domain.transcript import bare


@dataclass(frozen=True, slots=True)
class WordErrors:
    """Counts against a reference of `said` words; rates of several texts are added, not averaged."""

    said: int
    substituted: int
    deleted: int
    inserted: int

    @property
    def rate(self) -> float:
        """Errors a said word; 0 when nothing was said and nothing heard."""
        errors = self.substituted + self.deleted + self.inserted
        return errors / self.said if self.said else float(errors > 0)

    def __add__(self, other: "WordErrors") -> "WordErrors":
        return WordErrors(
            self.said + other.said,
            self.substituted + other.substituted,
            self.deleted + other.deleted,
            self.inserted + other.inserted,
        )


NO_ERRORS = WordErrors(0, 0, 0, 0)


def comparable(text: str) -> tuple[str, ...]:
    """Words in small letters without punctuation, «ё» as «е»; hyphens divide."""
    words = (bare(word) for word in text.replace("-", " ").replace("—", " ").split())
    return tuple(word for word in words if word)


def word_errors(said: Sequence[str], heard: Sequence[str]) -> WordErrors:
    """The fewest substitutions, deletions and insertions that lead from `said` to `heard`."""
    # each cell: (errors, substituted, deleted, inserted) for a prefix of `said` and one of `heard`
    row = [(column, 0, 0, column) for column in range(len(heard) + 1)]
    for index, word in enumerate(said, start=1):
        above, row = row, [(index, 0, index, 0)]
        for column, other in enumerate(heard, start=1):
            row.append(min(_kept(above[column - 1], word == other), _deleted(above[column]), _inserted(row[-1])))
    _, substituted, deleted, inserted = row[-1]
    return WordErrors(len(said), substituted, deleted, inserted)


Cell = tuple[int, int, int, int]


def _kept(cell: Cell, equal: bool) -> Cell:
    return cell if equal else (cell[0] + 1, cell[1] + 1, cell[2], cell[3])


def _deleted(cell: Cell) -> Cell:
    return (cell[0] + 1, cell[1], cell[2] + 1, cell[3])


def _inserted(cell: Cell) -> Cell:
    return (cell[0] + 1, cell[1], cell[2], cell[3] + 1)


def align(said: Sequence[str], heard: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Pairs (index in `said`, index in `heard`) of words that stand for each other, equal or mistaken, in order."""
    table = _distances(said, heard)
    pairs: list[tuple[int, int]] = []
    row, column = len(said), len(heard)
    while row and column:
        differs = int(said[row - 1] != heard[column - 1])
        if table[row][column] == table[row - 1][column - 1] + differs:
            row, column = row - 1, column - 1
            pairs.append((row, column))
        elif table[row][column] == table[row - 1][column] + 1:
            row -= 1
        else:
            column -= 1
    return tuple(reversed(pairs))


def _distances(said: Sequence[str], heard: Sequence[str]) -> list[list[int]]:
    table = [list(range(len(heard) + 1))]
    for index, word in enumerate(said, start=1):
        above, row = table[-1], [index]
        for column, other in enumerate(heard, start=1):
            row.append(min(above[column - 1] + (word != other), above[column] + 1, row[-1] + 1))
        table.append(row)
    return table
