"""Mango Office: the vendor's signature vectors, what its events mean, how a recording is asked for."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest

from services.ingest.adapters.telephony.mango import MangoOffice, Pace, form_fields, sign
from services.ingest.domain.address import LinkRules
from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    LegFact,
    LegKind,
    Outcome,
    Rank,
    RatingFact,
    Raw,
    Reading,
    RecordingFact,
    Tracking,
)
from services.ingest.domain.instants import from_micros
from services.ingest.domain.mango import MangoRules, latin, outcome_of
from services.ingest.domain.refusals import NotAdmitted
from services.ingest.ports import Answer
from tests.fakes.ingest import NOW, request

KEY, SALT = "0000000000000000000000000000demo", "11111111111111111111111111111salt"
REF = CallRef("mango", "MDAwMDAwMDAwMQ==")
SUMMARY = (
    '{"entry_id":"MDAwMDAwMDAwMQ==","call_direction":1,"from":{"number":"79000000001"},"to":{"extension":"101",'
    '"number":"sip:user101@demo.example"},"line_number":"74950000000","create_time":1778739307,'
    '"forward_time":1778739310,"talk_time":1778739318,"end_time":1778739360,"entry_result":1,"disconnect_reason":1110}'
)


def unix(seconds: int) -> Any:
    return from_micros(seconds * 1_000_000)


def mango(**rules: Any) -> MangoOffice:
    nowhere = LinkRules(hosts=())
    return MangoOffice(
        key=KEY, salt=SALT, rules=MangoRules(**rules), api_url="https://api.example/vpbx",
        api_links=nowhere, file_links=nowhere, shelf=None,
    )  # fmt: skip


def form(text: str, signature: str | None = None, key: str = KEY) -> bytes:
    signature = sign(KEY, text.encode(), SALT) if signature is None else signature
    return urlencode({"vpbx_api_key": key, "sign": signature, "json": text}).encode()


def read(path: str, value: object, **rules: Any) -> Reading:
    text = value if isinstance(value, str) else json.dumps(value)
    (reading,) = mango(**rules).read(Raw("mango", path, form(text), NOW))
    return reading


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
    told = hashlib.sha256(f"{KEY}1778742907MDAwMDAwMDAwMTow{SALT}".encode()).hexdigest()
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


def test_a_summary() -> None:
    assert read("events/summary", SUMMARY).facts == (
        CallFact(
            REF,
            Rank.SUMMARY,
            unix(1778739360),
            Direction.IN,
            Outcome.ANSWERED,
            unix(1778739307),
            unix(1778739318),
            unix(1778739360),
            "79000000001",
            "101",
            line="74950000000",
        ),
    )


def summary(**more: object) -> dict[str, Any]:
    return {**json.loads(SUMMARY), **more}


def whole(reading: Reading) -> CallFact:
    assert reading.problem is None
    fact = reading.facts[-1]
    assert isinstance(fact, CallFact)
    return fact


def test_success_without_talk_was_not_answered() -> None:
    fact = whole(read("events/summary", summary(talk_time=0, entry_result=1, disconnect_reason=1170)))
    assert (fact.outcome, fact.answered_at) == (Outcome.MISSED, None)


def test_older_accounts_send_times_and_codes_as_texts() -> None:
    texts = {name: str(value) if isinstance(value, int) else value for name, value in summary().items()}
    assert read("events/summary", texts) == read("events/summary", SUMMARY)


@pytest.mark.parametrize(
    ("direction", "number", "extension"), [(0, None, "7"), (1, "79000000001", "101"), (2, "79000000002", "7")]
)
def test_whose_number_and_whose_extension(direction: int, number: str | None, extension: str) -> None:
    sides = {
        "from": {"extension": 7, "number": "79000000001"},
        "to": {"extension": "101", "number": "79000000002"},
    }
    fact = whole(read("events/summary", summary(call_direction=direction, **sides)))
    assert (fact.number, fact.extension) == (number, extension)


def test_a_missed_call_may_have_an_empty_other_side() -> None:
    fact = whole(read("events/summary", summary(to={}, talk_time=0, disconnect_reason=1111)))
    assert (fact.extension, fact.outcome) == (None, Outcome.MISSED)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (None, "missed"), (1100, "missed"), (1110, "cancelled"), (1111, "missed"), (1120, "rejected"), (1121, "busy"),
        (1122, "rejected"), (1123, "rejected"), (1131, "unavailable"), (1140, "failed"), (1151, "failed"),
        (1164, "missed"), (1171, "missed"), (1182, "missed"), (1191, "unavailable"), (1999, "missed"), (2240, "failed"),
        (4201, "unavailable"), (5001, "failed"), (0, "failed"), (99_999, "failed"),
    ],
)  # fmt: skip
def test_how_a_call_without_talk_ended(reason: int | None, outcome: str) -> None:
    assert outcome_of(False, reason) is Outcome(outcome)
    assert outcome_of(True, reason) is Outcome.ANSWERED


LEG = {
    "entry_id": "MDAwMDAwMDAwMQ==",
    "call_id": "MToxMDAw",
    "timestamp": 1778739360,
    "seq": 3,
    "call_state": "Disconnected",
    "location": "abonent",
    "from": {"number": "79000000001", "taken_from_call_id": "MTow"},
    "to": {"extension": "101", "number": "sip:user101@demo.example", "line_number": "74950000000", "acd_group": "303"},
    "disconnect_reason": 1110,
    "dct": {"number": "74950000009", "type": 1},
}


def test_a_leg() -> None:
    moment = unix(1778739360)
    assert read("events/call", LEG).facts == (
        LegFact(REF, "MToxMDAw", 3, moment, LegKind.PERSON, "101", ended_at=moment),
        CallFact(
            REF,
            Rank.LEG,
            moment,
            Direction.IN,
            started_at=moment,
            number="79000000001",
            line="74950000000",
            tracking=Tracking(medium="dynamic_number", campaign="74950000009"),
        ),
    )


@pytest.mark.parametrize(
    ("state", "times"),
    [
        ("Appeared", (True, False, False)),
        ("Connected", (False, True, False)),
        ("OnHold", (False, False, False)),
        ("Disconnected", (False, False, True)),
    ],
)
def test_states_of_a_leg(state: str, times: tuple[bool, bool, bool]) -> None:
    leg = read("events/call", {**LEG, "call_state": state}).facts[0]
    assert isinstance(leg, LegFact)
    assert tuple(moment is not None for moment in (leg.started_at, leg.answered_at, leg.ended_at)) == times


@pytest.mark.parametrize(
    ("sides", "initiator", "direction"),
    [
        (({"number": "79"}, {"extension": "101"}), None, "in"),
        (({"extension": "101"}, {"number": "79"}), None, "out"),
        (({"extension": "101"}, {"extension": "102"}), None, "internal"),
        (({"number": "79"}, {}), None, "in"),
        (({"number": "79"}, {"extension": "101"}), "СС", "out"),
        (({"number": "79"}, {"extension": "101"}), "MissGroupСallСallback", "out"),
        (({"number": "79"}, {"extension": "101"}), "other", "in"),
    ],
)
def test_direction_of_a_leg(
    sides: tuple[dict[str, str], dict[str, str]], initiator: str | None, direction: str
) -> None:
    event = {**LEG, "from": sides[0], "to": sides[1], "callback_initiator": initiator}
    assert whole(read("events/call", event)).direction is Direction(direction)


def test_the_manuals_cyrillic_letter() -> None:
    assert latin("СС") == "CC"
    assert latin("MissGroupСallСallback") == "MissGroupCallCallback"


ADDED = {
    "entry_id": "MDAwMDAwMDAwMQ==",
    "product_id": 300000001,
    "user_id": -1,
    "timestamp": 1778739420,
    "recording_id": "MToxMDAwMDox",
}


def test_a_recording_that_lies_in_the_cloud() -> None:
    moment = unix(1778739420)
    assert read("events/record/added", ADDED, seller_channel=1).facts == (
        CallFact(REF, Rank.LEG, moment, recording_expected=True),
        RecordingFact(REF, "MToxMDAwMDox", seller_channel=1),
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"completion_code": 1000}, True),
        ({"completion_code": 4002}, False),
        ({"recording_state": "Started"}, False),
        ({"recipient": "Mail"}, False),
        ({"recipient": "CloudAndMail"}, True),
    ],
)
def test_a_recording_is_expected_only_when_it_will_be_stored(more: dict[str, Any], expected: bool) -> None:
    reading = read("events/recording", {**ADDED, "recording_state": "Completed", "seq": 1, **more})
    assert (bool(reading.facts), reading.problem) == (expected, None)


def test_keys_of_a_rating_menu_only() -> None:
    keys = {
        "entry_id": "MDAwMDAwMDAwMQ==",
        "call_id": "1",
        "seq": 1,
        "dtmf": "4",
        "timestamp": 1778739420,
        "location": "ivr.3",
    }
    assert read("events/dtmf", keys, rating_menus=("ivr.3",)).facts == (RatingFact(REF, 4, "ivr", unix(1778739420)),)
    assert read("events/dtmf", keys, rating_menus=("ivr.2",)).facts == ()
    assert read("events/dtmf", {**keys, "dtmf": "41"}, rating_menus=("ivr.3",)).facts == ()


def test_a_shifted_clock_is_set_right() -> None:
    fact = whole(read("events/summary", SUMMARY, clock_offset=timedelta(hours=-3)))
    assert fact.started_at == unix(1778739307 - 10_800)


def test_events_that_we_do_not_use_are_kept_and_left_alone() -> None:
    reading = read("events/sms", {"command_id": "x"})
    assert (reading.facts, reading.problem, reading.kind) == ((), None, "events/sms")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("events/summary", "{", "not_json"),
        ("events/summary", "[1]", "wrong_type"),
        ("events/summary", '{"a": NaN}', "not_a_number"),
        ("events/summary", summary(entry_id=None), "missing"),
        ("events/summary", summary(call_direction=3), "out_of_range"),
        ("events/summary", summary(create_time=10**18), "out_of_range"),
        ("events/summary", summary(create_time=-1), "out_of_range"),
        ("events/summary", summary(create_time=1778739307000), "out_of_range"),
        ("events/summary", summary(create_time=1), "implausible_time"),
        ("events/summary", summary(create_time=4_000_000_000), "implausible_time"),
        ("events/summary", summary(**{"from": "79000000001"}), "wrong_type"),
        ("events/call", {**LEG, "seq": -1}, "out_of_range"),
        ("events/record/added", {**ADDED, "recording_id": ""}, "missing"),
    ],
)
def test_what_is_put_aside(path: str, value: object, code: str) -> None:
    reading = read(path, value)
    assert reading.problem is not None
    assert reading.problem.code == code


def test_an_event_is_named_by_its_ids_never_by_its_signature() -> None:
    assert read("events/summary", SUMMARY).key == "summary:MDAwMDAwMDAwMQ=="
    assert read("events/call", LEG).key == "call:MDAwMDAwMDAwMQ==:MToxMDAw:3:Disconnected"
    assert read("events/call", {**LEG, "seq": "3"}).digest == read("events/call", LEG).digest
    long = read("events/call", {**LEG, "call_id": "x" * 500})
    assert len(long.key) < 100


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
