"""What may pass the codec, and what may not."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas import codec
from schemas.errors import InvalidEvent

AT = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)
RATED = {"call_id": "c-1", "rating": 5, "channel": "ivr", "rated_at": AT}


def encoded(**changes: object) -> bytes:
    return codec.encode("call-rated", {**RATED, **changes}, event_id="e-1", occurred_at=AT)


def test_what_goes_in_comes_out() -> None:
    event = codec.decode(encoded())
    assert (event.event_id, event.event, event.version, event.caused_by) == ("e-1", "call-rated", 1, None)
    assert event.occurred_at == AT
    assert event.data == {"call_id": "c-1", "rating": 5, "channel": "ivr", "rated_at": "2026-11-24T11:03:00+00:00"}


def test_unknown_fields_pass_so_that_newer_producers_can_come_first() -> None:
    assert codec.decode(encoded(mood="good")).data["mood"] == "good"


def test_fractions_stay_exact() -> None:
    assert codec.from_json('{"cqr": 76.92}') == {"cqr": Decimal("76.92")}
    assert codec.to_json({"a": Decimal("76.92"), "b": Decimal("1.0")}) == '{"a":76.92,"b":1}'


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"rating": 6}, "rating"),
        ({"rating": "5"}, "rating"),
        ({"call_id": ""}, "call_id"),
        ({"channel": "post"}, "channel"),
        ({"rated_at": "yesterday"}, "rated_at"),
    ],
)
def test_a_broken_rule_is_named_without_the_value(changes: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        encoded(**changes)
    assert caught.value.path == path
    assert "yesterday" not in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense",
        b"[]",
        b"{}",
        b'{"event_id":"e","event":"call-rated","occurred_at":"2026-11-24T11:03:00Z","version":2,"data":{}}',
        b'{"event_id":"e","event":"unheard-of","occurred_at":"2026-11-24T11:03:00Z","version":1,"data":{}}',
        b'{"event_id":"e","event":"call-rated","occurred_at":"2026-11-24T11:03:00Z","version":1,"data":{"rating":NaN}}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidEvent):
        codec.decode(raw)


def test_a_message_stays_under_64_kib() -> None:
    with pytest.raises(InvalidEvent, match="stays under 65536"):
        encoded(note="x" * 65_536)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidEvent):
        encoded(rated_at=datetime(2026, 11, 24))
