"""`.env.example` names every setting, with the default that holds."""

from __future__ import annotations

import re

from services.example_env import TARGET, example, setting_names

COMPOSE_ONLY = {
    "OTZVUK_POSTGRES_PASSWORD",
    "OTZVUK_S3_KEY",
    "OTZVUK_S3_SECRET",
    "OTZVUK_DOOR_ADDRESS",
    "OTZVUK_PAGE_ADDRESS",
}


def test_the_file_is_what_the_settings_say_today() -> None:
    assert TARGET.read_text(encoding="utf-8") == example(), "run `python -m services.example_env`"


def test_every_setting_is_named_and_nothing_else() -> None:
    named = set(re.findall(r"^# (OTZVUK_[A-Z0-9_]+)=", example(), re.M))
    assert named == setting_names() | COMPOSE_ONLY


def test_every_setting_says_what_it_is_for() -> None:
    assert "# None\n" not in example()
