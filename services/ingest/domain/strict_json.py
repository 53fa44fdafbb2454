"""JSON from outside, read without the surprises of a lenient parser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

DEEPEST = 64
LONGEST_NUMBER = 40
LARGEST_EXPONENT = 30
LARGEST_INTEGER = 2**63 - 1


class Unreadable(ValueError):
    """These bytes are no JSON that we take. `code` says why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def parse(body: bytes) -> Any:
    """The value of a UTF-8 JSON text; fractions as Decimal.

    Raises Unreadable: not UTF-8 or with a byte order mark, NaN or Infinity, a key twice in one object, numbers that fit
    no database, deeper than 64, lone surrogates, the character NUL. Each parses in Python and breaks something later.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable("not_utf8", f"The body is not UTF-8 (byte {error.start}).") from error
    if text.startswith("\ufeff"):
        raise Unreadable("byte_order_mark", "The body begins with a byte order mark.")
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise Unreadable("too_deep", f"The JSON is nested deeper than {DEEPEST}.") from error
    except json.JSONDecodeError as error:
        raise Unreadable("not_json", f"The body is not JSON: {error.msg} at character {error.pos}.") from error
    _check(value, suspicious="\\u" in text)
    return value


def _check(value: Any, *, suspicious: bool) -> None:
    """Depth always; texts only when the source had escapes, the one way in for surrogates and NUL."""
    for depth, item in _walk(value):
        if depth > DEEPEST and isinstance(item, dict | list):
            raise Unreadable("too_deep", f"The JSON is nested deeper than {DEEPEST}.")
        if suspicious and isinstance(item, str):
            if "\0" in item:
                raise Unreadable("nul_character", "A text contains the character NUL.")
            if not item.isascii() and any("\ud800" <= character <= "\udfff" for character in item):
                raise Unreadable("lone_surrogate", "A text contains half of a surrogate pair.")


def _walk(value: Any) -> Iterator[tuple[int, Any]]:
    pending: list[tuple[int, Any]] = [(1, value)]
    while pending:
        depth, item = pending.pop()
        yield depth, item
        if depth > DEEPEST:
            return
        if isinstance(item, dict):
            pending.extend((depth + 1, part) for pair in item.items() for part in pair)
        elif isinstance(item, list):
            pending.extend((depth + 1, part) for part in item)


def _integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER or abs(int(text)) > LARGEST_INTEGER:
        raise Unreadable("number_out_of_range", "A whole number does not fit 64 bits.")
    return int(text)


def _fraction(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Unreadable("number_out_of_range", "A number cannot be held exactly.") from error
    exponent = value.as_tuple().exponent
    if len(text) > LONGEST_NUMBER or not isinstance(exponent, int) or abs(exponent) > LARGEST_EXPONENT:
        raise Unreadable("number_out_of_range", "A number has too many digits or too large an exponent.")
    return value


def _constant(text: str) -> NoReturn:
    raise Unreadable("not_a_number", f"{text} is not JSON.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Unreadable("duplicate_key", "An object names a key twice.")
    return result


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=_fraction
)
