"""Mango Office at the door: the vendor's signature vectors, whom we believe, how often we may ask."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote_plus

import pytest

from services.ingest.adapters.telephony.mango import MangoOffice, Pace, form_fields, sign
from services.ingest.domain.address import LinkRules
from services.ingest.domain.mango import MangoRules
from services.ingest.domain.refusals import NotAdmitted
from services.ingest.ports import Answer
from tests.fakes.ingest import request
from tests.fakes.mango import KEY, SALT, SUMMARY, form, mango


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        ('{"key":"<REQUEST_KEY>"}', "515069b8c079df62f408e36dd7933912b8e86d833c5927ee77eb4b68d766c4f5"),
        (
            '{"command_id":"your-command-id","call_id":"<CALL_ID>"}',
            "2d1d01246f52cec1fdb44f2a4d7091dc54f67e318369c0628201d66b5d336ef0",
        ),
        (
            '{"command_id":"your-command-id","from":{"extension":"<extension>","number":""},"to_number":"<to_number>"}',
            "afdeb462cd5e0e422a9c9220390124608df06a4472cb1add6ebd6e24184bd15a",
        ),
        (
            '{"date_from":"1445288400","date_to":"1445374859","from":{"extension":"","number":""},'
            '"to":{"extension":"","number":""}}',
            "94e263aa0aa65d77481b86e9224fa2230265faa387322e40716389406982c0fb",
        ),
    ],
)
def test_the_vendors_signatures(text: str, signature: str) -> None:
    assert sign("<YOUR_API_KEY>", text.encode(), "<YOUR_API_SALT>") == signature


@pytest.mark.parametrize(
    ("text", "signature"),
    [
        (SUMMARY, "71cc0d804237b16eacfe26509c553f237ad1cddb45556296790b8f260dc07b26"),
        (
            '{"entry_id":"MDAwMDAwMDAwMQ==", "name":"Иван"}',
            "de08d70c2a0a2e3fd3faebc65625547e9878f7640f14e51e6ae35692e36d51a9",
        ),
    ],
    ids=["summary", "space and Cyrillic"],
)
def test_an_event_is_believed_as_it_was_received(text: str, signature: str) -> None:
    assert mango().admit(request(form(text, signature), {}, "mango")) is None
    plus_form = f"vpbx_api_key={KEY}&sign={signature}&json={quote_plus(text)}".encode()
    assert mango().admit(request(plus_form, {}, "mango")) is None


def test_the_same_object_written_otherwise_is_not_believed() -> None:
    text = '{"entry_id":"MDAwMDAwMDAwMQ==", "name":"Иван"}'
    compact = json.dumps(json.loads(text), separators=(",", ":"))
    assert sign(KEY, compact.encode(), SALT) == "ad45ac8dd71bdb238fca1d66e234567285f31bdd65801024988fe7171e5cc63f"
    body = form(compact, "de08d70c2a0a2e3fd3faebc65625547e9878f7640f14e51e6ae35692e36d51a9")
    with pytest.raises(NotAdmitted) as refused:
        mango().admit(request(body, {}, "mango"))
    assert refused.value.refused.code == "signature_wrong"


def test_the_recording_link_signature_of_the_manual() -> None:
    told = sign(KEY, b"1778742907" + b"MDAwMDAwMDAwMTow", SALT)
    assert told == "c12ff46bf835e9efa96db849232f1eaac0a1189c6386948448a668555be73f52"


def test_check_connection_without_an_event_is_answered_200() -> None:
    for body in (b"", b"vpbx_api_key=" + KEY.encode(), b"x=1"):
        assert mango().admit(request(body, {}, "mango")) == Answer(200)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (form(SUMMARY, ""), "signature_wrong"),
        (form(SUMMARY, "0" * 64), "signature_wrong"),
        (form(SUMMARY, sign(KEY, SUMMARY.encode(), SALT).upper()), "signature_wrong"),
        (form(SUMMARY, key="x"), "key_wrong"),
        (form(SUMMARY, key=""), "key_wrong"),
        (b"json=" + quote_plus(SUMMARY).encode(), "signature_missing"),
        (b"json={}&sign=" + sign(KEY, b"{}", SALT).encode(), "signature_missing"),
        (form(SUMMARY) + b"&json={}", "form_malformed"),
        (form(SUMMARY) + b"&sign=x", "form_malformed"),
        (form(SUMMARY) + b"&j%73on={}", "form_malformed"),
        (b"&".join(b"a%d=1" % number for number in range(1_001)), "too_many_fields"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_is_not_believed(body: bytes, code: str) -> None:
    with pytest.raises(NotAdmitted) as refused:
        mango().admit(request(body, {}, "mango"))
    assert refused.value.refused.code == code


@pytest.mark.parametrize(("key", "salt"), [("", "x"), ("x", ""), ("", "")])
def test_without_key_or_salt_nothing_starts(key: str, salt: str) -> None:
    nowhere = LinkRules(hosts=())
    with pytest.raises(ValueError, match="both"):
        MangoOffice(
            key=key,
            salt=salt,
            rules=MangoRules(),
            api_url="https://x",
            api_links=nowhere,
            file_links=nowhere,
            shelf=None,
        )


def test_form_fields_are_bytes_as_sent() -> None:
    assert form_fields(b"a=%D0%98+%2B&b=&c&=d") == {"a": "И +".encode(), "b": b"", "c": b"", "": b"d"}


class Time:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waited: list[float] = []

    def pause(self, seconds: float) -> None:
        self.waited.append(round(seconds, 6))
        self.now += seconds


def test_not_more_than_ten_requests_a_second() -> None:
    time = Time()
    pace = Pace(10, lambda: time.now, time.pause)
    for _ in range(21):
        pace.wait()
    assert time.now - 100.0 == pytest.approx(2.0)


def test_shut_out_means_silence_until_the_time_is_over() -> None:
    time = Time()
    pace = Pace(10, lambda: time.now, time.pause)
    assert pace.shut_for() is None
    pace.shut(timedelta(seconds=130))
    assert pace.shut_for() == timedelta(seconds=130)
    time.now += 131
    assert pace.shut_for() is None
