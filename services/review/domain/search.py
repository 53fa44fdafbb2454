"""Searching what was said, in Russian and English: words in any form, «phrases», and -words that must not be there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

WORD = re.compile(r"[a-zа-я0-9]+")
PART = re.compile(r'(-?)(?:"([^"]*)"|«([^»]*)»|([^\s"«»]+))')
MAX_QUERY = 300
MAX_WORDS = 20

# Words that say nothing alone; inside a phrase they count.
_STOP = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне было вот от меня еще нет о из ему
теперь когда даже ну ли если уже или ни быть был него до вас нибудь вам ведь там потом себя ничего ей может они тут где
есть надо ней для мы тебя их чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто этот того потому этого
какой ним здесь этом мой тем чтобы нее были куда зачем всех при об хоть после над больше тот через эти нас про всего них
the a an and or of to in is it
"""
STOP_WORDS = frozenset(_STOP.split())


@dataclass(frozen=True)
class Said:
    """One utterance as it is searched: its place in the dialogue and its text."""

    turn: int
    start_ms: int
    text: str


@dataclass(frozen=True)
class Token:
    """A word of a text by its stem, at [start, end) of the text."""

    stem: str
    start: int
    end: int


@dataclass(frozen=True)
class SearchQuery:
    """What was asked: every word and phrase of `wanted`, none of `unwanted`; each a tuple of words, folded."""

    wanted_words: tuple[tuple[str, ...], ...]
    unwanted_words: tuple[tuple[str, ...], ...]

    @property
    def wanted(self) -> tuple[tuple[str, ...], ...]:
        """By stems."""
        return tuple(tuple(map(stem, part)) for part in self.wanted_words)

    @property
    def unwanted(self) -> tuple[tuple[str, ...], ...]:
        """By stems."""
        return tuple(tuple(map(stem, part)) for part in self.unwanted_words)


@dataclass(frozen=True)
class Place:
    """Where in the dialogue it was said: the utterance and stretches [start, end) of its text."""

    turn: int
    start_ms: int
    text: str
    stretches: tuple[tuple[int, int], ...]

    def pieces(self) -> tuple[tuple[str, bool], ...]:
        """The text cut into (piece, found), in order; joined they are the text."""
        cut: list[tuple[str, bool]] = []
        last = 0
        for start, end in self.stretches:
            cut += [(self.text[last:start], False), (self.text[start:end], True)]
            last = end
        cut.append((self.text[last:], False))
        return tuple((piece, found) for piece, found in cut if piece)


@lru_cache(maxsize=2)
def _stemmer(language: str) -> snowballstemmer.RussianStemmer:
    return snowballstemmer.stemmer(language)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a word in lower case; Cyrillic by the Russian rules, Latin by the English ones."""
    language = "russian" if re.search("[а-я]", word) else "english"
    return str(_stemmer(language).stemWord(word))


def folded(text: str) -> str:
    """Lower case with ё as е, sign for sign, so that places stay the same."""
    return "".join(_fold(sign) for sign in text)


def _fold(sign: str) -> str:
    low = sign.lower()
    low = low if len(low) == 1 else sign
    return "е" if low == "ё" else low


def tokens(text: str) -> Iterator[Token]:
    """The words of a text with their places."""
    for found in WORD.finditer(folded(text)):
        yield Token(stem(found.group()), found.start(), found.end())


def stems(text: str) -> tuple[str, ...]:
    """The stems of a text, in order."""
    return tuple(token.stem for token in tokens(text))


def parse(text: str) -> SearchQuery | None:
    """What the person asks; None when nothing is left to look for (only unwanted words, no words, too long)."""
    if len(text) > MAX_QUERY:
        return None
    wanted: list[tuple[str, ...]] = []
    unwanted: list[tuple[str, ...]] = []
    for minus, quoted, guillemets, word in PART.findall(unicodedata.normalize("NFC", text)):
        part = tuple(WORD.findall(folded(quoted or guillemets or word)))
        if part:
            (unwanted if minus else wanted).append(part)
    kept = [part for part in wanted if not set(part) <= STOP_WORDS]
    if not kept or sum(map(len, kept + unwanted)) > MAX_WORDS:
        return None
    return SearchQuery(tuple(dict.fromkeys(kept)), tuple(dict.fromkeys(unwanted)))


def places(query: SearchQuery, dialogue: Sequence[Said]) -> tuple[Place, ...]:
    """Where the wanted words and phrases were said, in the order of the dialogue."""
    found = []
    for said in dialogue:
        stretches = _stretches(query, list(tokens(said.text)))
        if stretches:
            found.append(Place(said.turn, said.start_ms, said.text, stretches))
    return tuple(found)


def _stretches(query: SearchQuery, words: Sequence[Token]) -> tuple[tuple[int, int], ...]:
    marked: list[tuple[int, int]] = []
    line = [word.stem for word in words]
    for part in query.wanted:
        size = len(part)
        marked += [
            (words[at].start, words[at + size - 1].end)
            for at in range(len(line) - size + 1)
            if tuple(line[at : at + size]) == part
        ]
    return _joined(sorted(marked))


def _joined(marked: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Overlapping stretches as one."""
    joined: list[tuple[int, int]] = []
    for start, end in marked:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
