"""The other side comes back as an echo: the same words, a moment later, much quieter. Nobody said them twice."""

from collections.abc import Sequence

from services.transcribe.domain.transcript import Word, bare

DELAY_MS = 600
QUIETER_DB = 12
SHORTEST_ECHO = 2  # words in a row; a single equal word may well be an answer
SILENT_DBFS = -90


def without_echo(
    words: Sequence[Word],
    other: Sequence[Word],
    levels: Sequence[int],
    other_levels: Sequence[int],
    levels_per_second: int,
) -> tuple[Word, ...]:
    """`words` without those that are the echo of `other`; levels are dBFS of each channel over time."""
    echoed = [
        any(_is_echo(word, source, levels, other_levels, levels_per_second) for source in other) for word in words
    ]
    dropped: set[int] = set()
    start = 0
    for index in range(len(words) + 1):
        if index == len(words) or not echoed[index]:
            if index - start >= SHORTEST_ECHO:
                dropped.update(range(start, index))
            start = index + 1
    return tuple(word for index, word in enumerate(words) if index not in dropped)


def _is_echo(
    word: Word, source: Word, levels: Sequence[int], other_levels: Sequence[int], levels_per_second: int
) -> bool:
    delay = (word.start_ms + word.end_ms) // 2 - (source.start_ms + source.end_ms) // 2
    if not -DELAY_MS // 2 <= delay <= DELAY_MS or bare(word.text) != bare(source.text) or not bare(word.text):
        return False
    quiet = level_of(word, levels, levels_per_second)
    return level_of(source, other_levels, levels_per_second) - quiet >= QUIETER_DB


def level_of(word: Word, levels: Sequence[int], levels_per_second: int) -> int:
    """The loudest level during a word, dBFS."""
    start = word.start_ms * levels_per_second // 1000
    end = max(start + 1, -(-word.end_ms * levels_per_second // 1000))
    return max(levels[start:end], default=SILENT_DBFS)
