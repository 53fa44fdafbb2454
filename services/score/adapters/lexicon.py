"""The morphology the rules are given: pymorphy3 for Russian, words as they are for the rest."""

from __future__ import annotations

import re
from functools import lru_cache

import pymorphy3

from services.score.domain.lexicon import Morphology, WordForm

_LIKELY = 0.1
_PATRONYMIC = re.compile(r"(?:вич|вн|ичн|ыч|ич)(?:а|у|ом|е|ой|ы|ем)?$")
_NOT_NAMES = frozenset(
    [
        "вера",
        "надежда",
        "любовь",
        "роза",
        "мир",
        "слава",
        "лев",
        "рим",
        "адам",
        "света",
        "май",
        "августа",
        "день",
        "дня",
        "роман",
        "да",
        "раз",
        "им",
        "марка",
    ]
)


def load_morphology() -> Morphology:
    """A cached word → form function; words with Cyrillic letters are analysed, others kept as they are."""
    analyzer = pymorphy3.MorphAnalyzer()

    @lru_cache(maxsize=200_000)
    def form_of(word: str) -> WordForm:
        if not word or not "а" <= word[0] <= "я":
            return WordForm(lemma=word)
        parses = analyzer.parse(word)
        likely = [p for p in parses[:4] if p.score >= _LIKELY]
        best = parses[0]
        plain = word in _NOT_NAMES
        return WordForm(
            lemma=str(best.normal_form).replace("ё", "е"),
            first_name=not plain and any("Name" in p.tag and p.is_known for p in likely),
            patronymic=bool(_PATRONYMIC.search(word)) and any("Patr" in p.tag for p in likely),
            surname=not plain and any("Surn" in p.tag for p in likely),
            imperative="impr" in best.tag,
        )

    return form_of
