"""Each text that Python's parser takes and that breaks something later is refused, by name."""

from decimal import Decimal

import pytest

from services.ingest.domain.strict_json import DEEPEST, Unreadable, parse


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b"{}x", "not_json"),
        (b"NaN", "not_a_number"),
        (b'{"a": Infinity}', "not_a_number"),
        (b'{"a": -Infinity}', "not_a_number"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": {"b": 1, "\\u0062": 2}}', "duplicate_key"),
        (b"1e999", "number_out_of_range"),
        (b"[1e-999]", "number_out_of_range"),
        (b"0e99999", "number_out_of_range"),
        (b"1" * 5_000, "number_out_of_range"),
        (b"9223372036854775808", "number_out_of_range"),
        (b"0." + b"1" * 50, "number_out_of_range"),
        (b"[" * 100_000, "too_deep"),
        (b"[" * 65 + b"]" * 65, "too_deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too_deep"),
        (b'"\\ud800"', "lone_surrogate"),
        (b'{"\\udfff": 1}', "lone_surrogate"),
        (b'"\\u0000"', "nul_character"),
        (b'"a\x00b"', "not_json"),
        (b'"a\nb"', "not_json"),
        (b"\xff\xfe{\x00}\x00", "not_utf8"),
        (b'"\xed\xa0\x80"', "not_utf8"),
        (b"\xef\xbb\xbf{}", "byte_order_mark"),
        ("{}".encode("utf-16"), "not_utf8"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
def test_what_breaks_something_later_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(body)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"[" * DEEPEST + b"]" * DEEPEST, "deep"),
        (b'{"a": 1.10}', {"a": Decimal("1.10")}),
        (b"9223372036854775807", 2**63 - 1),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"Привет"'.encode(), "Привет"),
        (b"[true, null, -0]", [True, None, 0]),
    ],
    ids=repr,
)
def test_plain_json_is_taken_exactly(body: bytes, value: object) -> None:
    read = parse(body)
    if value == "deep":
        depth = 0
        while read:
            read, depth = read[0], depth + 1
        assert depth == DEEPEST - 1
    else:
        assert read == value
