"""Keeps foreign text in spreadsheets text: no cell that we write is ever a formula, a link or a command."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

LEADS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%")


def safe_text(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would read it as a formula; control signs removed.

    Full-width forms (＝, ＋, －, ＠) count as their plain ones. A telephone number keeps its plus behind the
    apostrophe; `plain_text` gives it back unchanged.
    """
    clean = "".join(sign for sign in text if sign in "\t\n" or unicodedata.category(sign) != "Cc")
    first = unicodedata.normalize("NFKC", clean.lstrip(" \u00a0\u200b\ufeff")[:1])
    dangerous = first.startswith(LEADS) or text[:1] in LEADS or clean[:1] == "'"
    return f"'{clean}" if dangerous else clean


def plain_text(cell: str) -> str:
    """What `safe_text` was given (without its control signs)."""
    return cell[1:] if cell[:1] == "'" else cell


def safe_cell(value: Any) -> Any:
    """A value for CSV: texts made safe, times as ISO 8601 in UTC, numbers and None as they are."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return value
