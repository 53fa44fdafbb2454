"""The words of the interface: catalogues of each language, looked up by key, plurals by the language's rule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from babel import Locale

LANGUAGES = ("ru", "en")
Entry = str | tuple[str, ...] | Mapping[str, str]
PLURALS = frozenset({"one", "few", "many", "other"})


class Words:
    """The catalogue of one language. Called with a key and the values of its placeholders it gives the text."""

    def __init__(self, language: str, entries: Mapping[str, Entry]) -> None:
        self.language = language
        self.entries = entries
        self._plural = Locale(language).plural_form

    def __call__(self, key: str, **values: object) -> str:
        """The text of a key. A plural entry chooses its form by `n`. Raises KeyError for a key that is not there."""
        entry = self.entries[key]
        if isinstance(entry, Mapping):
            entry = entry.get(self._plural(int(str(values["n"]))), entry["other"])
        if isinstance(entry, tuple):
            raise KeyError(f"{key} is a list; ask lines().")
        return entry.format(**values) if values else entry

    def with_names(self, names: Mapping[str, str]) -> Words:
        """The same catalogue with names for what it does not know, such as the firm's own criteria."""
        return Words(self.language, {**names, **self.entries}) if names else self

    def lines(self, key: str) -> tuple[str, ...]:
        """The texts of a list entry, () when the key is not there: rules of criteria a company added itself."""
        entry = self.entries.get(key, ())
        return entry if isinstance(entry, tuple) else ()

    def named(self, group: str, code: str | None) -> str:
        """The name of a code (`status`, `criterion`, …); the code itself when nobody named it; a dash for None."""
        if code is None:
            return "–"
        entry = self.entries.get(f"{group}.{code}", code)
        return entry if isinstance(entry, str) else code


@cache
def words_of(language: str) -> Words:
    """The catalogue of a language of the interface, `ru` or `en`."""
    entries: dict[str, Entry] = {}
    for catalogue in sorted((files("services.review.web") / "i18n").iterdir(), key=lambda each: each.name):
        if catalogue.name.startswith(f"{language}.") and catalogue.name.endswith(".yaml"):
            entries |= _flat("", yaml.safe_load(catalogue.read_text(encoding="utf-8")))
    return Words(language, entries)


def _flat(prefix: str, tree: Mapping[str, object]) -> list[tuple[str, Entry]]:
    found: list[tuple[str, Entry]] = []
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and not set(value) <= PLURALS:
            found += _flat(f"{key}.", value)
        elif isinstance(value, Mapping):
            found.append((key, {str(form): str(text) for form, text in value.items()}))
        elif isinstance(value, list):
            found.append((key, tuple(str(line) for line in value)))
        else:
            found.append((key, str(value)))
    return found
