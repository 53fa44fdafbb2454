"""Bytes to events and back: the only door through which a message passes, held against its schema both ways."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

from schemas.errors import InvalidEvent

ROOT = Path(__file__).parent
MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Event:
    """A message as it stands on a topic. `data` holds numbers as int or Decimal, times as ISO 8601 text."""

    event_id: str
    event: str
    occurred_at: datetime
    version: int
    caused_by: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as `topics/<name>.yaml` describes it; `retention_days` None keeps for ever."""

    name: str
    event: str
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    partitions: int
    retention_days: int | None
    compacted: bool
    max_message_bytes: int

    @property
    def dead_letters(self) -> str:
        return f"{self.name}-dlq"


@cache
def topics() -> Mapping[str, Topic]:
    """All topics by name (dead-letter topics follow from them)."""
    found = {}
    for path in sorted((ROOT / "topics").glob("*.yaml")):
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        found[raw["topic"]] = Topic(
            name=raw["topic"],
            event=raw["event"],
            key=raw["key"],
            producers=tuple(raw["producers"]),
            consumers=tuple(raw["consumers"]),
            partitions=raw["partitions"],
            retention_days=raw["retention_days"],
            compacted=raw["compacted"],
            max_message_bytes=raw["max_message_bytes"],
        )
    return found


def schema(name: str, *, version: int = 1, folder: str = "events") -> dict[str, Any]:
    """The JSON Schema of an event (`folder="events"`) or a document (`folder="documents"`)."""
    path = ROOT / folder / f"{name}.v{version}.schema.json"
    if not path.is_file():
        raise InvalidEvent(name, f"there is no version {version} of it")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def _validator(name: str, version: int, folder: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name, version=version, folder=folder), format_checker=FormatChecker())


def _check(name: str, version: int, folder: str, value: object) -> None:
    for error in _validator(name, version, folder).iter_errors(value):
        path = "/".join(str(part) for part in error.absolute_path)
        raise InvalidEvent(name, f"does not keep the rule {error.validator!r}", path)


def validate(event: str, data: Mapping[str, Any], *, version: int = 1) -> None:
    """Raises InvalidEvent when `data` does not fit the event's schema."""
    _check(event, version, "events", data)


def validate_document(name: str, value: Mapping[str, Any], *, version: int = 1) -> None:
    """Raises InvalidEvent when a stored document does not fit its schema."""
    _check(name, version, "documents", value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise InvalidEvent("time", "has no zone")
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def to_json(value: object) -> str:
    """Compact JSON: Decimals as numbers, aware times as ISO 8601. Raises on NaN and naive times."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain)


def from_json(text: str | bytes) -> Any:
    """JSON with fractions as exact Decimals. Raises InvalidEvent on anything that is not plain JSON."""

    def refuse(constant: str) -> None:
        raise InvalidEvent("json", f"holds {constant}, which is no JSON number")

    try:
        return json.loads(text, parse_float=Decimal, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidEvent("json", "cannot be read") from error


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """`data` as JSON would give it back (Decimals for fractions, ISO text for times)."""
    result: dict[str, Any] = from_json(to_json(data))
    return result


def encode(
    event: str,
    data: Mapping[str, Any],
    *,
    event_id: str,
    occurred_at: datetime,
    caused_by: str | None = None,
    version: int = 1,
) -> bytes:
    """The message's bytes. Raises InvalidEvent when it breaks its schema or is 64 KiB or more."""
    normal = plain(data)
    validate(event, normal, version=version)
    envelope = {
        "event_id": event_id,
        "event": event,
        "occurred_at": occurred_at,
        "version": version,
        "caused_by": caused_by,
        "data": normal,
    }
    raw = to_json(envelope).encode()
    if len(raw) >= MAX_BYTES:
        raise InvalidEvent(event, f"is {len(raw)} bytes long; a message stays under {MAX_BYTES}")
    return raw


def decode(raw: bytes) -> Event:
    """The event in a message. Raises InvalidEvent when envelope or data do not fit."""
    envelope = from_json(raw)
    _check("envelope", 1, "events", envelope)
    validate(envelope["event"], envelope["data"], version=envelope["version"])
    return Event(
        event_id=envelope["event_id"],
        event=envelope["event"],
        occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
        version=envelope["version"],
        caused_by=envelope.get("caused_by"),
        data=envelope["data"],
    )


def examples(event: str, *, version: int = 1) -> Iterator[tuple[str, dict[str, Any]]]:
    """(file name, message) of each example of an event."""
    for path in sorted((ROOT / "examples" / f"{event}.v{version}").glob("*.json")):
        yield path.name, from_json(path.read_bytes())
