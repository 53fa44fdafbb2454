"""Writes `.env.example` from the settings themselves, so that none is without its line."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.runtime.settings import RuntimeSettings

SERVICES = ("ingest", "transcribe", "score", "review")
TARGET = Path(__file__).parents[1] / ".env.example"
HEAD = """\
# Every setting of Otzvuk, with its default. Copy to `.env`, or set the same names in the environment (which wins).
# Written by `python -m services.example_env`; a test compares.
"""
# docker-compose.yml takes these besides; they are no settings of a service.
COMPOSE = """
# --- docker-compose.yml only ---

# Password of PostgreSQL.
# OTZVUK_POSTGRES_PASSWORD=
# Name and secret of the key to the S3 store.
# OTZVUK_S3_KEY=
# OTZVUK_S3_SECRET=
# Addresses on which the door (8081) and the pages (8080) are published.
# OTZVUK_DOOR_ADDRESS=127.0.0.1
# OTZVUK_PAGE_ADDRESS=127.0.0.1
"""


def example() -> str:
    """The whole text."""
    parts = [HEAD, _section("every service", RuntimeSettings, set())]
    for service in SERVICES:
        settings = import_module(f"services.{service}.settings").Settings
        parts.append(_section(service, settings, set(RuntimeSettings.model_fields)))
    return "\n".join(parts) + COMPOSE


def setting_names() -> set[str]:
    """The name of every setting of every service."""
    names = set(RuntimeSettings.model_fields)
    for service in SERVICES:
        names |= set(import_module(f"services.{service}.settings").Settings.model_fields)
    return {f"OTZVUK_{name.upper()}" for name in names}


def _section(title: str, settings: type[RuntimeSettings], without: set[str]) -> str:
    lines = [f"# --- {title} ---", ""]
    for name, field in settings.model_fields.items():
        if name not in without:
            lines += [f"# {field.description}", f"# OTZVUK_{name.upper()}={_default(field)}"]
    return "\n".join(lines) + "\n"


def _default(field: FieldInfo) -> str:
    """The default as it would be written; empty for secrets and for what is decided elsewhere."""
    value: Any = field.default
    if value is PydanticUndefined or value is None or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, dict, tuple)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


if __name__ == "__main__":
    TARGET.write_text(example(), encoding="utf-8")
