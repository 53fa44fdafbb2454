"""A seeded corruptor: the same dialogues as a poor recogniser would write them, to see what a draft loses."""

from __future__ import annotations

import random
import re
from dataclasses import replace

from services.score.domain.dialogue import Dialogue, Utterance

_LETTERS = "оеаинтсрвлкмдпуяызьбгчйхжшюцщэфъ"
_CONFUSED = {
    "т": "д",
    "д": "т",
    "б": "п",
    "п": "б",
    "г": "к",
    "к": "г",
    "з": "с",
    "с": "з",
    "ж": "ш",
    "ш": "ж",
    "о": "а",
}


def corrupt(dialogue: Dialogue, rng: random.Random, error_rate: float = 0.1) -> Dialogue:
    """Lower case, no punctuation, and `error_rate` of the words dropped, misheard, cut or glued to the next."""
    return replace(dialogue, utterances=tuple(_corrupted(u, rng, error_rate) for u in dialogue.utterances))


def _corrupted(utterance: Utterance, rng: random.Random, error_rate: float) -> Utterance:
    bare = re.sub(r"[^\w\s-]|(?<!\w)-|-(?!\w)", " ", utterance.text.lower()).split()
    words: list[str] = []
    glue = False
    for word in bare:
        heard, glued = _misheard(word, rng) if rng.random() < error_rate else (word, False)
        if glue and words and heard:
            words[-1] += heard
        elif heard:
            words.append(heard)
        glue = glued
    return replace(utterance, text=" ".join(words), words=())


def _misheard(word: str, rng: random.Random) -> tuple[str, bool]:
    """One error, and whether the word is glued to the next."""
    kind = rng.randrange(4)
    if kind == 0:
        return "", False
    if kind == 1:
        return word, True
    place = rng.randrange(len(word))
    if kind == 2:
        return word[:place] + word[place + 1 :] if len(word) > 3 else rng.choice(_LETTERS), False
    other = _CONFUSED.get(word[place], rng.choice(_LETTERS))
    return word[:place] + other + word[place + 1 :], False
