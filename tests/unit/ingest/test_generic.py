"""The documented webhook: who is believed, what is understood, what is put aside and why."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from services.ingest.adapters.telephony.generic import GenericWebhook, ImportedEvents
from services.ingest.domain.address import LinkRules
from services.ingest.domain.facts import (
    CallFact,
    CallRef,
    Direction,
    LeadFact,
    LegFact,
    LegKind,
    Outcome,
    PersonFact,
    Rank,
    RatingFact,
    Raw,
    RecordingFact,
    SpokenFact,
    StageFact,
    Tracking,
    TranscriptFact,
)
from services.ingest.domain.refusals import NotAdmitted
from services.ingest.web.documentation import EXAMPLES
from tests.fakes.ingest import NOW, SECRET, at, body_of, event, read, request, signed, webhook

REF = CallRef("pbx", "1")
FINISHED: dict[str, Any] = {
    "call_id": "1",
    "direction": "in",
    "outcome": "answered",
    "started_at": at(0).isoformat(),
    "ended_at": at(60).isoformat(),
}


def refusal(headers: dict[str, str], body: bytes, secrets: tuple[str, ...] = (SECRET,)) -> str | None:
    try:
        webhook(secrets).admit(request(body, headers))
    except NotAdmitted as error:
        return error.refused.code
    return None


BODY = body_of(event("call.rated", call_id="1", rating=5))


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (0, None),
        (299, None),
        (-299, None),
        (300, None),
        (301, "timestamp_outside_window"),
        (-301, "timestamp_outside_window"),
    ],
)
def test_the_window_is_five_minutes(seconds: int, code: str | None) -> None:
    assert refusal(signed(BODY, stamp=int(NOW.timestamp()) + seconds), BODY) == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"x-otzvuk-signature": ""}, "signature_missing"),
        ({"x-otzvuk-signature": "v1="}, "signature_missing"),
        ({"x-otzvuk-signature": "v2=" + "0" * 64}, "signature_missing"),
        ({"x-otzvuk-signature": "0" * 64}, "signature_missing"),
        ({"x-otzvuk-signature": "v1=" + "0" * 63}, "signature_missing"),
        ({"x-otzvuk-signature": "v1=" + "0" * 64}, "signature_wrong"),
        ({"x-otzvuk-timestamp": ""}, "timestamp_missing"),
        ({"x-otzvuk-timestamp": "soon"}, "timestamp_missing"),
        ({"x-otzvuk-timestamp": "-5"}, "timestamp_missing"),
        ({"x-otzvuk-timestamp": "9" * 40}, "timestamp_missing"),
        ({"x-otzvuk-timestamp": str(int(NOW.timestamp()) + 1)}, "signature_wrong"),
    ],
)
def test_who_is_not_believed(change: dict[str, str], code: str) -> None:
    assert refusal({**signed(BODY), **change}, BODY) == code


def test_the_signature_covers_every_byte_as_sent() -> None:
    headers = signed(BODY)
    same_meaning = json.dumps(json.loads(BODY), separators=(",", ":")).encode()
    assert refusal(headers, same_meaning) == "signature_wrong"
    for position in range(len(BODY)):
        changed = BODY[:position] + bytes([BODY[position] ^ 1]) + BODY[position + 1 :]
        assert refusal(headers, changed) == "signature_wrong"


def test_several_secrets_and_several_signatures() -> None:
    old, new = "the-old-secret-of-pbx", "the-new-secret-of-pbx"
    assert refusal(signed(BODY, secret=old), BODY, (new, old)) is None
    assert refusal(signed(BODY, secret=new), BODY, (new, old)) is None
    assert refusal(signed(BODY, secret="some-other-secret-x"), BODY, (new, old)) == "signature_wrong"
    both = signed(BODY, secret=new)
    both["x-otzvuk-signature"] = "v1=" + "0" * 64 + ", " + both["x-otzvuk-signature"]
    assert refusal(both, BODY, (new,)) is None


@pytest.mark.parametrize("secrets", [(), ("",), ("short",), (SECRET, "short")])
def test_without_a_real_secret_nothing_starts(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at least 16"):
        GenericWebhook(secrets, LinkRules(hosts=()), None)


def test_the_vector_of_the_documentation() -> None:
    body = b'{"event":"ping"}'
    headers = signed(body, secret="otzvuk-demo-secret", stamp=1779120000)
    assert headers["x-otzvuk-signature"] == "v1=64d9bf4ea34c4a0fc117a56e379556ec8495951159a22dea3e67b5eaf1da4c37"


@pytest.mark.parametrize(
    ("given", "fact"),
    [
        (
            event("call.started", call_id=1, direction="out", client_number="+79000000001", extension=101),
            CallFact(REF, Rank.START, at(0), Direction.OUT, started_at=at(0), number="+79000000001", extension="101"),
        ),
        (
            event("call.finished", **FINISHED, answered_at=at(10).isoformat(), responsible="s", lead_id="L", line="7"),
            CallFact(
                REF, Rank.SUMMARY, at(0), Direction.IN, Outcome.ANSWERED, at(0), at(10), at(60),
                responsible="s", lead_id="L", line="7",
            ),
        ),
        (
            event("call.leg", call_id="1", leg_id="a", seq="3", kind="queue", ended_at=at(5).isoformat()),
            LegFact(REF, "a", 3, at(0), LegKind.QUEUE, ended_at=at(5)),
        ),
        (
            event("recording.ready", call_id="1", url="https://records.example/1", sha256="A" * 64, seller_channel=1),
            RecordingFact(REF, "only", "a" * 64, seller_channel=1),
        ),
        (
            event(
                "transcript.ready", call_id="1", call_source="other", recording_id="r",
                utterances=[{"speaker": "seller", "start_ms": 0, "end_ms": 5, "text": "Да\nнет", "confidence": 0.25}],
            ),
            TranscriptFact(
                CallRef("other", "1"), "r", "ru", None, (SpokenFact("seller", 0, 5, "Да\nнет", Decimal("0.25")),)
            ),
        ),
        (event("call.rated", call_id="1", rating=5), RatingFact(REF, 5, "ivr", at(0))),
        (event("call.rated", call_id="1", rating=5, channel=None), RatingFact(REF, 5, "ivr", at(0))),
        (
            event("tracking.matched", call_id="1", source={"source": "ya", "session": "s"}),
            CallFact(REF, Rank.SUMMARY, at(0), tracking=Tracking(source="ya", session="s")),
        ),
        (
            event(
                "lead.changed", lead_id="L", created_at=at(-9).isoformat(), stage="Новая", stage_kind="open",
                history=[{"stage": "Вход", "stage_kind": "open", "at": at(-9).isoformat()}],
                numbers=["+79000000001"], amount="10.50", refusal_reason=None,
            ),
            LeadFact(
                "L", at(-9), at(0), (StageFact(at(-9), "Вход", "open"), StageFact(at(0), "Новая", "open")),
                (("refusal_reason", None), ("amount", "10.50")), ("+79000000001",),
            ),
        ),
        (
            event(
                "person.changed", person_id="s", extensions=["102", "101"], department_id="d", department_kind="sales"
            ),
            PersonFact("s", at(0), ("101", "102"), "d", "sales"),
        ),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)  # fmt: skip
def test_what_each_event_says(given: dict[str, Any], fact: object) -> None:
    (reading,) = read(given)
    assert (reading.problem, reading.facts) == (None, (fact,))


@pytest.mark.parametrize(
    ("given", "code", "where"),
    [
        ({"event": "call.rated"}, "missing", "event_id"),
        (event("ping"), "unknown_event", "event"),
        (event("recording.imported", call_id="1"), "unknown_event", "event"),
        ({**event("call.rated"), "data": None}, "wrong_type", "data"),
        ({**event("call.rated"), "occurred_at": "2026-05-18T09:00:00"}, "wrong_time", "occurred_at"),
        ({**event("call.rated"), "occurred_at": "2026-02-30T09:00:00Z"}, "wrong_time", "occurred_at"),
        ({**event("call.rated"), "occurred_at": "9999-12-31T23:59:59-01:00"}, "wrong_time", "occurred_at"),
        ({**event("call.rated"), "occurred_at": "1999-12-31T23:59:59Z"}, "implausible_time", "occurred_at"),
        ({**event("call.rated"), "occurred_at": "2027-05-18T09:00:00Z"}, "implausible_time", "occurred_at"),
        ({**event("call.rated"), "occurred_at": 1779084000}, "wrong_time", "occurred_at"),
        (event("call.rated", rating=5), "missing", "data.call_id"),
        (event("call.rated", call_id="x" * 201, rating=5), "too_long", "data.call_id"),
        (event("call.rated", call_id="a\nb", rating=5), "control_character", "data.call_id"),
        (event("call.rated", call_id=["1"], rating=5), "wrong_type", "data.call_id"),
        (event("call.rated", call_id=True, rating=5), "wrong_type", "data.call_id"),
        (event("call.rated", call_id="1"), "missing", "data.rating"),
        (event("call.rated", call_id="1", rating=6), "out_of_range", "data.rating"),
        (event("call.rated", call_id="1", rating=4.5), "wrong_type", "data.rating"),
        (event("call.rated", call_id="1", rating=5, channel="x"), "not_allowed", "data.channel"),
        (event("call.finished", **{**FINISHED, "outcome": "in_progress"}), "not_allowed", "data.outcome"),
        (event("call.finished", **{**FINISHED, "direction": "up"}), "not_allowed", "data.direction"),
        (event("call.finished", **{**FINISHED, "direction": ["in"]}), "not_allowed", "data.direction"),
        (event("call.finished", **{**FINISHED, "ended_at": at(-1).isoformat()}), "contradiction", "data.ended_at"),
        (event("call.finished", **{**FINISHED, "ended_at": None}), "missing", "data.ended_at"),
        (event("call.started", call_id="1"), "missing", "data.direction"),
        (event("recording.ready", call_id="1"), "missing", "data.url"),
        (event("recording.ready", call_id="1", url="https://x", sha256="zz"), "wrong_type", "data.sha256"),
        (
            event("recording.ready", call_id="1", url="https://x", seller_channel=2),
            "out_of_range",
            "data.seller_channel",
        ),
        (event("transcript.ready", call_id="1"), "missing", "data.utterances"),
        (event("transcript.ready", call_id="1", utterances=[1]), "wrong_type", "data.utterances[0]"),
        (
            event("transcript.ready", call_id="1", utterances=[{"start_ms": 9, "end_ms": 1, "text": ""}]),
            "contradiction",
            "data.utterances[0].end_ms",
        ),
        (event("tracking.matched", call_id="1", source={}), "missing", "data.source"),
        (event("lead.changed", lead_id="L", stage="x", stage_kind="open"), "missing", "data.created_at"),
        (event("person.changed", person_id="s"), "missing", "data.extensions"),
        (event("person.changed", person_id="s", extensions=[{}]), "wrong_type", "data.extensions.0"),
        (event("person.changed", person_id="s", extensions=["1"], active="yes"), "wrong_type", "data.active"),
    ],
)
def test_what_is_put_aside_and_why(given: dict[str, Any], code: str, where: str) -> None:
    (reading,) = read(given)
    assert reading.problem is not None
    assert (reading.problem.code, reading.problem.where, reading.facts) == (code, where, ())


def test_one_bad_event_leaves_the_others_of_a_delivery_alone() -> None:
    good = event("call.rated", "e-1", call_id="1", rating=5)
    readings = read(good, event("call.rated", "e-2", call_id="1"), event("call.rated", "e-3", call_id="2", rating=1))
    assert [reading.problem.code if reading.problem else None for reading in readings] == [None, "missing", None]
    assert readings[1].problem is not None
    assert readings[1].problem.where == "events[1].data.rating"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"),
        (b"[]", "wrong_type"),
        (b'{"events": []}', "wrong_type"),
        (b'{"events": {}}', "wrong_type"),
        (json.dumps({"events": [{}] * 501}).encode(), "too_many"),
        (b"\xff", "not_utf8"),
    ],
)
def test_a_body_that_nobody_can_read_is_one_raw_event(body: bytes, code: str) -> None:
    (reading,) = webhook().read(Raw("pbx", "", body, NOW))
    assert reading.problem is not None
    assert (reading.problem.code, reading.key.startswith("unreadable-")) == (code, True)


def test_the_key_is_the_senders_and_the_digest_is_the_contents() -> None:
    (first,) = read(event("call.rated", call_id="1", rating=5))
    (again,) = read(event("call.rated", rating=5, call_id="1"))
    (other,) = read(event("call.rated", call_id="1", rating=4))
    assert (first.key, first.digest) == (again.key, again.digest)
    assert (first.key, first.digest != other.digest) == (other.key, True)
    assert first.subject == f"call:{REF.call_id}"


def test_nobody_comes_in_by_the_name_of_our_import() -> None:
    with pytest.raises(NotAdmitted):
        ImportedEvents().admit(request(BODY, signed(BODY), "import"))


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_examples_of_the_documentation_are_understood(name: str) -> None:
    late = datetime(2026, 5, 19, tzinfo=UTC)
    body = body_of({"event": name, "event_id": "e", "occurred_at": "2026-05-18T09:15:49+03:00", "data": EXAMPLES[name]})
    (reading,) = webhook().read(Raw("pbx", "", body, late))
    assert reading.problem is None
