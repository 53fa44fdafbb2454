"""The daily sample: once a department and date, in order after downtime, nothing missed or doubled, explained again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from services.review.adapters import audit
from services.review.domain.rules import Rules
from services.review.domain.statuses import Status
from services.review.handlers import events, listening, sampling
from tests.integration.review import journeys
from tests.integration.review.world import World, call_data, draft_data

ZONE = ZoneInfo("Europe/Moscow")
MONDAY = datetime(2026, 11, 2, 10, 0, tzinfo=ZONE)


@pytest.fixture
def world(review_url: str) -> Iterator[World]:
    made = World(
        review_url, Rules(blind_percent=Decimal(40), double_percent=Decimal(30), calls_per_controller=50)
    ).settle()
    yield made
    made.close()


def calls_on(world: World, day: int, number: int, seller: str = "marina", **changes: object) -> list[str]:
    """Calls of a seller on a day of that week."""
    ids = []
    for each in range(number):
        call_id = f"{seller}-{day}-{each}"
        with world.work() as work:
            at = (MONDAY + timedelta(days=day, minutes=each)).isoformat()
            events.call_registered(work, call_data(call_id, started_at=at, seller_id=seller, **changes))
            events.call_scored(work, draft_data(call_id))
        ids.append(call_id)
    return ids


def sample_all(world: World) -> int:
    """Runs the loop until nothing is due; how many samples it took."""
    taken = 0
    while True:
        with world.work() as work:
            if not sampling.sample_next(work):
                return taken
        taken += 1


def chosen(world: World) -> dict[str, list[str]]:
    """Calls in counted listening by the reason that their history gives."""
    rows = world.sql("SELECT why, call_id FROM status_changes WHERE move = 'send_counted' ORDER BY call_id")
    found: dict[str, list[str]] = {}
    for why, call_id in rows:
        found.setdefault(why, []).append(call_id)
    return found


def test_after_downtime_every_day_is_taken_once_and_in_order(world: World) -> None:
    for day in range(7):
        calls_on(world, day, 10)
        calls_on(world, day, 2, "ilya")
    taken = sample_all(world)
    dates = [row[0] for row in world.sql("SELECT local_date FROM samples WHERE department_id = 'cc' ORDER BY drawn_at")]
    assert dates == sorted(set(dates))
    assert taken == len(dates)
    found = chosen(world)
    # 30 % of 10 is 3, of 2 at least 1; Saturday and Sunday are heard with Monday: 30 calls and 6
    assert {why: len(ids) for why, ids in found.items()} == {
        **{f"sample cc 2026-11-0{day}": 4 for day in (2, 3, 4, 5, 6)},
        "sample cc 2026-11-09": 6 + 2,
    }
    assert sample_all(world) == 0
    with world.work() as work:
        assert sampling.sample_by_hand(work, "cc", date(2026, 11, 3)) is None
    assert chosen(world) == found
    with world.database.read() as connection:
        assert audit.verify(connection)[1] == ()


def test_what_is_left_out_and_why(world: World) -> None:
    calls_on(world, 0, 4)
    with world.work() as work:
        at = MONDAY.isoformat()
        for name, changes in {
            "missed": {"outcome": "missed", "talk_ms": 0},
            "nobody": {"seller_id": None},
            "spam": {},
            "silent": {},
            "silent-sound": {"recording_expected": False},
        }.items():
            events.call_registered(work, call_data(name, started_at=at, **changes))
        events.call_scored(work, draft_data("spam", call_type="spam", cqr=None))
        events.transcript_failed(work, {"call_id": "silent", "recording_id": "r", "reason": "no_speech"})
        events.call_scored(work, draft_data("silent-sound"))
    with world.work() as work:
        listening.send_for_advice(work, world.viewer("marina"), "marina-0-0", 1)
    with world.work() as work:
        drawn = sampling.sample_day(work, "cc", date(2026, 11, 2), MONDAY + timedelta(hours=8))
    assert drawn is not None
    why = {line.call_id: line.why.value for line in drawn.lines}
    assert {call_id: reason for call_id, reason in why.items() if not call_id.startswith("marina")} == {
        "missed": "no_conversation",
        "nobody": "no_seller",
        "spam": "spam",
        "silent": "no_speech",
        "silent-sound": "no_recording",
    }
    assert why["marina-0-0"] == "already_sent"
    assert [why[f"marina-0-{each}"] for each in (1, 2, 3)].count("chosen") == 1


def test_a_call_whose_draft_is_late_is_looked_at_again(world: World) -> None:
    with world.work() as work:
        events.call_registered(work, call_data("late", started_at=MONDAY.isoformat()))
    with world.work() as work:
        first = sampling.sample_day(work, "cc", date(2026, 11, 2), MONDAY + timedelta(hours=8))
    with world.work() as work:
        events.call_scored(work, draft_data("late"))
    with world.work() as work:
        second = sampling.sample_day(work, "cc", date(2026, 11, 3), MONDAY + timedelta(hours=32))
    assert first is not None
    assert second is not None
    assert [line.why.value for line in first.lines] == ["waiting"]
    assert [line.why.value for line in second.lines] == ["chosen"]


def test_a_call_that_still_goes_on_waits(world: World) -> None:
    with world.work() as work:
        at = MONDAY.isoformat()
        events.call_registered(work, call_data("long", started_at=at, outcome="in_progress", talk_ms=0))
    with world.work() as work:
        first = sampling.sample_day(work, "cc", date(2026, 11, 2), MONDAY + timedelta(minutes=1))
    with world.work() as work:
        events.call_registered(work, call_data("long", started_at=MONDAY.isoformat(), revision=2))
        events.call_scored(work, draft_data("long"))
    with world.work() as work:
        second = sampling.sample_day(work, "cc", date(2026, 11, 3), MONDAY + timedelta(hours=32))
    assert [[line.why.value for line in drawn.lines] for drawn in (first, second) if drawn] == [["waiting"], ["chosen"]]


def test_the_record_explains_and_touched_records_show(world: World) -> None:
    calls_on(world, 0, 20)
    sample_all(world)
    told = world.ask("svetlana", "GET", "/samples/cc/2026-11-02").json()
    assert (told["reproduced"], told["sellers"]) == (True, [["marina", 20, 6]])
    assert sum(line["chosen"] for line in told["lines"]) == 6
    assert world.ask("gleb", "GET", "/samples/cc/2026-11-02").status_code == 403
    assert world.ask("marina", "GET", "/samples/cc/2026-11-02").status_code == 403


def test_blind_and_double_shares(world: World) -> None:
    calls_on(world, 0, 100)
    sample_all(world)
    counted = world.sql("SELECT call_id, assignee_id, blind FROM tasks WHERE kind = 'counted'")
    second = world.sql("SELECT call_id, assignee_id FROM tasks WHERE kind = 'second'")
    assert len(counted) == 30
    assert 4 <= sum(bool(row[2]) for row in counted) <= 20
    assert 2 <= len(second) <= 17
    first = {row[0]: row[1] for row in counted}
    assert all(first[call_id] != person for call_id, person in second)
    loads = {person: [row[1] for row in (*counted, *second)].count(person) for person in ("olga", "pavel")}
    assert abs(loads["olga"] - loads["pavel"]) <= 1


def test_a_blind_call_shows_nothing_of_the_draft(world: World) -> None:
    calls_on(world, 0, 100)
    sample_all(world)
    for call_id, person in world.sql("SELECT call_id, assignee_id FROM tasks WHERE kind = 'counted' AND blind"):
        row = next(
            row for row in world.ask(person, "GET", "/calls", limit=200).json()["rows"] if row["call_id"] == call_id
        )
        assert (row["draft_cqr"], row["call_type"], row["remarkable"], row["red_flags"]) == (None, None, [], [])
        page = world.ask(person, "GET", f"/calls/{call_id}").json()
        assert page["draft"]["hidden"] == "blind"
        assert {each["score"] for each in page["draft"]["criteria"]} == {None}
        taken = world.ask(person, "POST", f"/calls/{call_id}/task/take", version=page["row"]["version"]).json()
        accepted = world.ask(
            person,
            "PUT",
            f"/evaluations/{taken['evaluation_id']}/criteria/greeting",
            {"accept_draft": True, "seen_draft": True},
            version=1,
        )
        assert (accepted.status_code, accepted.json()["reason"]) == (422, "no_draft")
        # nor can it be found out by asking the list for rates
        found = world.ask(person, "GET", "/calls", cqr_from=1, limit=200).json()["rows"]
        assert call_id not in {each["call_id"] for each in found}


def test_a_second_controller_does_not_see_the_firsts_scores(world: World) -> None:
    calls_on(world, 0, 100)
    sample_all(world)
    (call_id, second), *_ = world.sql("SELECT call_id, assignee_id FROM tasks WHERE kind = 'second' ORDER BY call_id")
    first = world.call(call_id).assignee_id
    assert first is not None
    evaluation = journeys.take(world, call_id, first)
    journeys.finish(world, evaluation, first, journeys.score(world, evaluation, first))
    assert world.call(call_id).status is Status.EVALUATED_PENDING
    page = world.ask(second, "GET", f"/calls/{call_id}").json()
    assert (page["row"]["cqr"], page["evaluation"], page["second"]) == (None, None, None)
    evaluation = journeys.take(world, call_id, second)
    journeys.finish(world, evaluation, second, journeys.score(world, evaluation, second, ("0", "0", "1")))
    page = world.ask("svetlana", "GET", f"/calls/{call_id}").json()
    assert (page["row"]["status"], page["evaluation"]["cqr"], page["second"]["cqr"]) == ("evaluated_pending", 80, 40)


def test_a_department_has_days_of_its_own(world: World) -> None:
    """Friday's calls wait for Saturday's evening: this department rests on Fridays and works on Saturdays."""
    seen = world.ask("anna", "GET", "/departments/cc/calendar")
    assert (seen.json()["own"], seen.json()["week_days"], seen.headers["etag"]) == (False, [1, 2, 3, 4, 5], '"0"')
    friday, _ = calls_on(world, 4, 1), calls_on(world, 7, 1)  # the second one on a Monday that is a day off
    body = {"week_days": [1, 2, 3, 4, 6], "day_ends": "16:00", "days_off": ["2026-11-09"]}
    assert world.ask("svetlana", "PUT", "/departments/cc/calendar", body, version=0).status_code == 403
    kept = world.ask("anna", "PUT", "/departments/cc/calendar", body, version=0)
    assert (kept.status_code, kept.json()["own"], kept.json()["version"]) == (200, True, 1)
    sample_all(world)
    days = world.sql("SELECT local_date FROM samples WHERE department_id = 'cc' ORDER BY local_date LIMIT 2")
    assert [str(row[0]) for row in days] == ["2026-11-07", "2026-11-10"]
    assert [str(row[0]) for row in world.sql("SELECT considered_on FROM calls WHERE call_id = :c", c=friday[0])] == [
        "2026-11-07"
    ]
    call = world.call(friday[0])
    with world.work() as work:
        due = listening.due_of(work, call)
    assert due.astimezone(ZONE).strftime("%H:%M") == "16:00"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"week_days": []}, "never_works"), ({"days_on": ["2026-11-09"]}, "day_off_and_on")],
)
def test_a_calendar_that_cannot_stand(world: World, changes: dict, reason: str) -> None:
    body = {"week_days": [1], "day_ends": "18:00", "days_off": ["2026-11-09"]} | changes
    answer = world.ask("anna", "PUT", "/departments/cc/calendar", body, version=0)
    assert (answer.status_code, answer.json()["reason"]) == (422, reason)
