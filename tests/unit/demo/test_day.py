"""The demo's day is what the newcomer is promised, and its events are what the webhook takes."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from demo.company import load_company
from demo.fake_pbx import SHUFFLE_WINDOW, disordered, signed_headers
from demo.plan import load_plan
from demo.script import Event, Script, working_day

COMPANY, PLAN = load_company(), load_plan()
DAY = date(2026, 11, 23)
SCRIPT = Script(PLAN, COMPANY, DAY, "http://127.0.0.1:1")
BEFORE, DURING = SCRIPT.before(), SCRIPT.day()


def test_the_company_is_as_large_as_promised() -> None:
    roles = Counter(person.role for person in COMPANY.people)
    assert roles == {"seller": 6, "controller": 2, "head": 2, "mentor": 1, "analyst": 1, "admin": 1}
    assert len(COMPANY.departments) == 2


def test_the_day_has_every_kind_of_call() -> None:
    assert len(PLAN.calls) >= 60
    assert sum(call.recording is not None and call.expected == "drafted" for call in PLAN.calls) >= 6
    ends = Counter(call.expected for call in PLAN.calls)
    assert set(ends) == {"drafted", "registered", "transcribed", "failed:broken_audio", "failed:no_speech"}
    assert Counter(call.outcome for call in PLAN.calls)["missed"] >= 3
    assert Counter(call.outcome for call in PLAN.calls)["voicemail"] == 1


def test_everything_that_a_call_names_is_there() -> None:
    for call in PLAN.calls:
        assert call.recording is None or call.recording in PLAN.recordings
        assert call.dialogue is None or PLAN.dialogues[call.dialogue]
        assert call.lead is None or PLAN.lead(call.lead).number == call.client
        assert COMPANY.person(call.seller).role == "seller"


def test_nobody_talks_on_two_phones_at_once() -> None:
    busy_until: dict[str, datetime] = {}
    for call in sorted(PLAN.calls, key=lambda one: one.at):
        start = datetime.fromisoformat(f"2026-11-23T{call.at}")
        assert busy_until.get(call.seller, start) <= start, call.id
        busy_until[call.seller] = start + timedelta(seconds=call.ring_s, milliseconds=call.talk_ms)


def test_event_ids_are_unique_and_moments_have_offsets() -> None:
    ids = [event.event_id for event in [*BEFORE, *DURING]]
    assert len(ids) == len(set(ids))
    assert all(event.at.utcoffset() is not None for event in [*BEFORE, *DURING])


def test_attempts_of_earlier_days_come_after_their_lead_and_before_the_day() -> None:
    created = {event.data["lead_id"]: event.at for event in BEFORE if event.name == "lead.changed"}
    attempts = [event for event in BEFORE if event.name == "call.finished"]
    assert len(attempts) >= 40
    for attempt in attempts:
        assert attempt.at > created[attempt.data["lead_id"]]
        assert attempt.at.date() < DAY
        assert "answered_at" not in attempt.data


def test_one_refused_lead_had_its_fifteen_contacts() -> None:
    mine = [event for event in BEFORE if event.name == "call.finished" and event.data["lead_id"] == "L-2001"]
    assert len(mine) == 15
    assert len({event.at.date() for event in mine}) == 5


def test_the_recordings_are_the_files_of_the_index() -> None:
    for recording in PLAN.recordings.values():
        assert hashlib.sha256(recording.path.read_bytes()).hexdigest() == recording.sha256


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 24, 18, 0, tzinfo=UTC), date(2026, 11, 24)),
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 11, 24, 6, 0, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_the_day_is_the_last_that_is_over_everywhere(now: datetime, expected: date) -> None:
    assert working_day(now, COMPANY) == expected


def test_disorder_loses_nothing_and_stays_near() -> None:
    events = [Event("pbx", "call.started", f"e{index}", datetime.now(UTC), {}) for index in range(200)]
    mixed = disordered(events, random.Random(7))
    assert {event.event_id for event in mixed} == {event.event_id for event in events}
    assert len(mixed) > len(events)
    assert [event.event_id for event in mixed] != sorted((event.event_id for event in mixed), key=lambda i: int(i[1:]))
    first = {}
    for place, event in enumerate(mixed):
        first.setdefault(event.event_id, place)
    order = [first[f"e{index}"] for index in range(200)]
    assert all(later > earlier - 2 * SHUFFLE_WINDOW for earlier, later in itertools.pairwise(order))


def test_requests_are_signed_as_the_document_says() -> None:
    headers = signed_headers("otzvuk-demo-secret", b'{"event":"ping"}', 1779120000)
    assert headers["X-Otzvuk-Signature"] == "v1=64d9bf4ea34c4a0fc117a56e379556ec8495951159a22dea3e67b5eaf1da4c37"
