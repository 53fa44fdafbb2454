"""Both languages say the same things, and pages ask only for what is there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from services.review.domain.calls import CallType
from services.review.domain.drafting import RISKS
from services.review.domain.people import HUMAN_ROLES
from services.review.domain.statuses import Status
from services.review.web.pages.words import LANGUAGES, Words, words_of

ROOT = Path(__file__).parents[3]
WEB = ROOT / "services" / "review" / "web"
ASKED = re.compile(r"""words\(\s*["']([a-z_.]+)["']\s*[,)]""")
CHOSEN = re.compile(r"""words\(\s*["']([a-z_.]+)["'] if .*? else ["']([a-z_.]+)["']""")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def forms(words: Words, key: str) -> list[str]:
    entry = words.entries[key]
    if isinstance(entry, str):
        return [entry]
    return list(entry.values()) if not isinstance(entry, tuple) else list(entry)


def test_both_languages_have_the_same_keys() -> None:
    assert set(words_of("ru").entries) == set(words_of("en").entries)


def test_both_languages_have_the_same_placeholders() -> None:
    ru, en = words_of("ru"), words_of("en")
    different = [
        key
        for key in ru.entries
        if set().union(*map(placeholders, forms(ru, key))) != set().union(*map(placeholders, forms(en, key)))
    ]
    assert different == []


def test_lists_are_equally_long() -> None:
    ru, en = words_of("ru"), words_of("en")
    assert [k for k in ru.entries if len(ru.lines(k)) != len(en.lines(k))] == []


def test_pages_ask_only_for_keys_that_are_there() -> None:
    sources = [*WEB.glob("templates/**/*.html"), *WEB.glob("pages/*.py")]
    asked = set()
    for source in sources:
        text = source.read_text(encoding="utf-8")
        asked |= set(ASKED.findall(text)) | {key for pair in CHOSEN.findall(text) for key in pair}
    missing = sorted(key for key in asked if key not in words_of("ru").entries)
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_type_and_role_has_a_name(language: str) -> None:
    words = words_of(language)
    named = [f"status.{each.value}" for each in Status] + [f"type.{each.value}" for each in CallType]
    named += [f"role.{each.value}" for each in HUMAN_ROLES]
    assert [key for key in named if key not in words.entries] == []


@pytest.mark.parametrize(("n", "said"), [(1, "1 звонок"), (2, "2 звонка"), (5, "5 звонков"), (21, "21 звонок")])
def test_russian_plurals(n: int, said: str) -> None:
    assert words_of("ru")("unit.calls", n=n) == said


def test_an_unknown_code_stands_for_itself() -> None:
    assert words_of("ru").named("criterion", "our_own_item") == "our_own_item"


@pytest.mark.parametrize(
    ("event", "field", "group"),
    [
        ("call-registered", "outcome", "outcome"),
        ("call-registered", "direction", "direction"),
        ("transcript-failed", "reason", "call.silence"),
        ("contact-rule-violated", "rule", "broken"),
        ("call-scored", "call_type", "type"),
    ],
)
def test_every_code_that_events_can_bring_has_a_name(event: str, field: str, group: str) -> None:
    schema = json.loads((ROOT / "schemas" / "events" / f"{event}.v1.schema.json").read_text(encoding="utf-8"))
    codes = [code for code in schema["properties"][field]["enum"] if code is not None]
    assert [code for code in codes if f"{group}.{code}" not in words_of("ru").entries] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_risk_queue_has_words(language: str) -> None:
    keys = words_of(language).entries
    said = {key.removeprefix("remarkable.") for key in keys if key.startswith("remarkable.")}
    assert said == set(RISKS)
