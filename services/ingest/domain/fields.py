"""Reading typed fields out of foreign JSON: what is wrong is said with its place, not guessed around."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, TypeVar

from services.ingest.domain.facts import Problem
from services.ingest.domain.instants import plausible

Kind = TypeVar("Kind", bound=Enum)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Misread(ValueError):
    """A field is missing or not what it should be; `problem` says which."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def misread(code: str, where: str, detail: str) -> Misread:
    """The error, ready to raise."""
    return Misread(Problem(code, where, detail))


class Fields:
    """One foreign object; every method takes a field's name and raises Misread when the field is not as wanted."""

    def __init__(self, value: Any, where: str, received_at: datetime) -> None:
        if not isinstance(value, dict):
            raise misread("wrong_type", where, "An object is wanted here.")
        self.value: Mapping[str, Any] = value
        self.where = where
        self.received_at = received_at

    def place(self, name: str) -> str:
        """Where that field is, for a message."""
        return f"{self.where}.{name}" if self.where else name

    def has(self, name: str) -> bool:
        """Whether the sender wrote this field, even as null."""
        return name in self.value

    def text(self, name: str, longest: int = 200) -> str:
        """A text that is there and not empty, on one line."""
        value = self.optional_text(name, longest)
        if value is None:
            raise misread("missing", self.place(name), f"`{name}` is missing.")
        return value

    def optional_text(self, name: str, longest: int = 200) -> str | None:
        """A text on one line, or None; whole numbers are taken as texts, since many senders write ids as numbers."""
        value = self.value.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise misread("wrong_type", self.place(name), f"`{name}` must be a text.")
        if len(value) > longest:
            raise misread("too_long", self.place(name), f"`{name}` is longer than {longest} characters.")
        if _CONTROL.search(value):
            raise misread("control_character", self.place(name), f"`{name}` contains a control character.")
        return value

    def integer(self, name: str, smallest: int, largest: int) -> int | None:
        """A whole number in range, or None; digits in a text count."""
        value = self.value.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise misread("wrong_type", self.place(name), f"`{name}` must be a whole number.")
        if not smallest <= value <= largest:
            raise misread("out_of_range", self.place(name), f"`{name}` must lie between {smallest} and {largest}.")
        return value

    def boolean(self, name: str) -> bool | None:
        """True, false or None."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool):
            raise misread("wrong_type", self.place(name), f"`{name}` must be true or false.")
        return value

    def money(self, name: str) -> Decimal | None:
        """An exact amount, as a number or a text."""
        value = self.value.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise misread("wrong_type", self.place(name), f"`{name}` must be a number.")
        try:
            amount = Decimal(value)
        except InvalidOperation as error:
            raise misread("wrong_type", self.place(name), f"`{name}` must be a number.") from error
        if not amount.is_finite() or abs(amount) > 10**15 or len(str(value)) > 40:
            raise misread("out_of_range", self.place(name), f"`{name}` is no amount of money.")
        return amount

    def choice(self, name: str, kind: type[Kind]) -> Kind | None:
        """One of an enumeration's values, or None."""
        value = self.value.get(name)
        if value is None:
            return None
        try:
            return kind(value)
        except ValueError as error:
            allowed = ", ".join(str(item.value) for item in kind)
            raise misread("not_allowed", self.place(name), f"`{name}` must be one of: {allowed}.") from error

    def word(self, name: str, allowed: tuple[str, ...], default: str | None = None) -> str | None:
        """One of these words, or the default."""
        value = self.value.get(name)
        value = default if value is None else value
        if value is not None and value not in allowed:
            raise misread("not_allowed", self.place(name), f"`{name}` must be one of: {', '.join(allowed)}.")
        return None if value is None else str(value)

    def instant(self, name: str) -> datetime | None:
        """A plausible time with an offset, as UTC, or None."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not _RFC3339.fullmatch(value):
            raise misread("wrong_time", self.place(name), f"`{name}` must be a time with an offset, as in RFC 3339.")
        try:
            instant = datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise misread("wrong_time", self.place(name), f"`{name}` is no real time.") from error
        if not plausible(instant, self.received_at):
            raise misread("implausible_time", self.place(name), f"`{name}` lies before 2000 or in the future.")
        return instant

    def items(self, name: str, most: int) -> list[Any] | None:
        """A list of at most that many, or None."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise misread("wrong_type", self.place(name), f"`{name}` must be a list.")
        if len(value) > most:
            raise misread("too_many", self.place(name), f"`{name}` has more than {most} items.")
        return value

    def texts(self, name: str, most: int, longest: int = 64) -> tuple[str, ...] | None:
        """A list of short texts, or None."""
        value = self.items(name, most)
        if value is None:
            return None
        inner = Fields({str(index): item for index, item in enumerate(value)}, self.place(name), self.received_at)
        return tuple(inner.text(str(index), longest) for index in range(len(value)))

    def inside(self, name: str) -> Fields | None:
        """An object inside, or None."""
        value = self.value.get(name)
        return None if value is None else Fields(value, self.place(name), self.received_at)

    def each(self, name: str, most: int) -> list[Fields] | None:
        """A list of objects, or None."""
        value = self.items(name, most)
        if value is None:
            return None
        return [Fields(item, f"{self.place(name)}[{index}]", self.received_at) for index, item in enumerate(value)]


def required(value: Any, fields: Fields, name: str) -> Any:
    """The value; raises Misread when it is None."""
    if value is None:
        raise misread("missing", fields.place(name), f"`{name}` is missing.")
    return value
