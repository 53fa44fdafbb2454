"""The contact rule: figures, due times, warnings and breaches by hand, and the same from any order of events."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.score.domain.contact_rule import Contact, ContactRule, Lead, LeadChange, Warning, next_close, standing
from services.score.domain.contact_violations import Rule, recount, violations
from services.score.domain.dialogue import StageKind
from services.score.domain.working_days import WorkingCalendar

RULE = ContactRule()
MOSCOW = WorkingCalendar(ZoneInfo("Europe/Moscow"), day_ends=time(20, 0))
MONDAY = date(2026, 11, 23)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant by Moscow's clock; day 0 is Monday, 23 November 2026."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=ZoneInfo("Europe/Moscow")).astimezone(UTC) + timedelta(days=day)


def change(revision: int, when: datetime, kind: StageKind, before: StageKind | None = None) -> LeadChange:
    return LeadChange(revision, when, kind.value, kind, "s-1", "kc", before)


BEGIN = at(0, 9)


def lead(created: datetime = BEGIN, *more: LeadChange) -> Lead:
    return Lead("l-1", created, (change(1, created, StageKind.OPEN), *more))


def dial(name: str, when: datetime, talk_ms: int = 0, *, outgoing: bool = True, machine: bool = False) -> Contact:
    return Contact(name, when, outgoing, talk_ms > 0, talk_ms, machine)


def thrice(days: Sequence[int]) -> list[Contact]:
    return [dial(f"d{day}-{n}", at(day, 10 + n)) for day in days for n in range(3)]


def test_attempts_touches_and_days_are_counted() -> None:
    calls = [
        dial("a", at(0, 10)),
        dial("b", at(0, 12), 30_000),
        dial("c", at(1, 9), 30_001),
        dial("music", at(1, 10), 90_000, machine=True),
        dial("in", at(1, 11), 45_000, outgoing=False),
        dial("before the lead", at(0, 8)),
    ]
    found = standing(lead(), calls, at(1, 12), MOSCOW, RULE)
    assert (found.attempts_today, found.attempts_total, found.days_with_attempts) == (2, 4, 2)
    assert (found.touches, found.fake_touches, found.last_touch_call_id) == (2, 1, "in")
    assert (found.due_today, found.due_total, found.due_at) == (3, 15, at(1, 20))
    assert (found.first_attempt_at, found.last_attempt_at, found.pickup_ms) == (at(0, 10), at(1, 10), 3_600_000)
    assert found.warnings == (Warning.TOO_FEW_TODAY,)


def test_a_call_told_twice_counts_once() -> None:
    calls = [dial("a", at(0, 10)), dial("a", at(0, 10))]
    assert standing(lead(), calls, at(0, 12), MOSCOW, RULE).attempts_total == 1


def test_a_lead_never_called_says_so() -> None:
    found = standing(lead(), [], at(0, 12), MOSCOW, RULE)
    assert found.warnings == (Warning.NEVER_CALLED, Warning.TOO_FEW_TODAY)


@pytest.mark.parametrize("kind", [StageKind.MEETING, StageKind.WON, StageKind.REFUSED])
def test_a_lead_that_is_settled_needs_no_calls(kind: StageKind) -> None:
    settled = lead(at(0, 9), change(2, at(0, 10), kind))
    found = standing(settled, [], at(0, 12), MOSCOW, RULE)
    assert (found.due_today, found.due_at, found.warnings) == (0, None, ())
    assert found.worked_on is (kind is StageKind.MEETING)


def test_the_fifth_day_warns_before_anything_is_broken() -> None:
    eleven = thrice([0, 1, 2, 3])[:-1]
    assert Warning.FIFTH_DAY_SHORT not in standing(lead(), eleven, at(3, 19), MOSCOW, RULE).warnings
    assert Warning.FIFTH_DAY_SHORT in standing(lead(), eleven, at(4, 9), MOSCOW, RULE).warnings
    assert Warning.FIFTH_DAY_SHORT not in standing(lead(), thrice([0, 1, 2, 3]), at(4, 9), MOSCOW, RULE).warnings
    after = standing(lead(), thrice([0, 1, 2, 3, 4])[:-1], at(7, 9), MOSCOW, RULE)
    assert after.warnings == (Warning.FIFTH_DAY_SHORT,)


def test_a_missed_call_waits_for_the_call_back() -> None:
    missed = [dial("m", at(0, 10), outgoing=False)]
    assert Warning.MISSED_NOT_CALLED_BACK in standing(lead(), missed, at(0, 11), MOSCOW, RULE).warnings
    back = [*missed, dial("m2", at(0, 10, 5), outgoing=False), dial("b", at(0, 10, 30))]
    found = standing(lead(), back, at(0, 11), MOSCOW, RULE)
    assert (Warning.MISSED_NOT_CALLED_BACK in found.warnings, found.callback_ms) == (False, 1_800_000)


def test_a_refusal_with_fewer_than_fifteen_is_a_breach_at_once() -> None:
    refused = lead(at(0, 9), change(2, at(0, 15), StageKind.REFUSED, StageKind.OPEN))
    calls = [dial("a", at(0, 10)), dial("b", at(0, 11), 60_000), dial("late", at(0, 16))]
    (breach,) = violations(refused, calls, at(0, 15), MOSCOW, RULE)
    assert (breach.rule, breach.contacts, breach.contacts_due, breach.touches) == (Rule.REFUSED_TOO_EARLY, 2, 15, 1)
    assert (breach.violated_at, breach.days_with_attempts, breach.seller_id) == (at(0, 15), 1, "s-1")


@pytest.mark.parametrize(("count", "breaches"), [(14, 1), (15, 0), (16, 0)])
def test_fifteen_is_enough(count: int, breaches: int) -> None:
    calls = thrice(range(6))[:count]
    refused = lead(at(0, 9), change(2, at(8, 9), StageKind.REFUSED, StageKind.OPEN))
    found = [item for item in violations(refused, calls, at(8, 9), MOSCOW, RULE) if item.rule is Rule.REFUSED_TOO_EARLY]
    assert len(found) == breaches


def test_staying_refused_is_no_second_refusal_and_being_refused_again_is() -> None:
    twice = lead(
        at(0, 9),
        change(2, at(0, 10), StageKind.REFUSED),
        change(3, at(0, 11), StageKind.REFUSED),
        change(4, at(0, 12), StageKind.OPEN),
        change(5, at(0, 13), StageKind.REFUSED),
    )
    found = violations(twice, [], at(0, 14), MOSCOW, RULE)
    assert [item.violated_at for item in found] == [at(0, 10), at(0, 13)]


def test_ended_days_are_judged_one_by_one() -> None:
    calls = [dial("a", at(1, 10)), *thrice([2])]
    found = violations(lead(), calls, at(3, 21), MOSCOW, RULE)
    assert [(item.rule, item.violated_at, item.contacts, item.contacts_due) for item in found] == [
        (Rule.NEVER_CALLED, at(0, 20), 0, 1),
        (Rule.TOO_FEW_IN_DAY, at(1, 20), 1, 3),
        (Rule.TOO_FEW_IN_DAY, at(3, 20), 0, 3),
    ]


def test_a_day_is_not_judged_before_its_end() -> None:
    assert violations(lead(), [], at(0, 19, 59), MOSCOW, RULE) == ()
    assert len(violations(lead(), [], at(0, 20), MOSCOW, RULE)) == 1


def test_a_lead_of_the_evening_or_of_saturday_begins_on_the_next_working_day() -> None:
    assert MOSCOW.working_days_from(at(0, 20), 5)[0] == date(2026, 11, 24)
    assert MOSCOW.working_days_from(at(5, 10), 5) == tuple(date(2026, 11, 30) + timedelta(days=n) for n in range(5))
    holiday = replace(MOSCOW, holidays=frozenset({date(2026, 11, 24)}), extra_days=frozenset({date(2026, 11, 28)}))
    assert holiday.working_days_from(at(0, 9), 5) == (
        date(2026, 11, 23),
        date(2026, 11, 25),
        date(2026, 11, 26),
        date(2026, 11, 27),
        date(2026, 11, 28),
    )


def test_a_calendar_that_never_works_is_refused() -> None:
    with pytest.raises(ValueError, match="No working day"):
        replace(MOSCOW, weekdays=frozenset()).working_days_from(at(0, 9), 1)


def test_a_call_that_arrives_late_withdraws_the_breach() -> None:
    (breach,) = violations(lead(), [], at(0, 20), MOSCOW, RULE)
    again = recount(breach, lead(), [dial("late", at(0, 19))], MOSCOW, RULE)
    assert (again.violation_id, again.contacts, again.stands) == (breach.violation_id, 1, False)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Moscow", date(2026, 3, 29), 24),
        ("Africa/Cairo", date(2026, 4, 24), 23),
        ("Asia/Kathmandu", date(2026, 5, 1), 24),
        ("America/St_Johns", date(2026, 11, 1), 25),
    ],
)
def test_a_days_end_is_a_wall_clock_time_in_every_zone(zone: str, day: date, hours: int) -> None:
    calendar = WorkingCalendar(ZoneInfo(zone), weekdays=frozenset(range(7)))
    end = calendar.end_of(day)
    assert end.astimezone(ZoneInfo(zone)).time() == time(20, 0)
    assert end.tzinfo is UTC
    before = calendar.end_of(day - timedelta(days=1))
    assert (end - before) == timedelta(hours=hours)
    assert calendar.local_date(end) == day


def test_the_date_is_the_departments_not_ours() -> None:
    kamchatka = WorkingCalendar(ZoneInfo("Asia/Kamchatka"))
    call = [dial("a", datetime(2026, 11, 23, 20, 0, tzinfo=UTC))]  # Tuesday, 8 in the morning there
    found = standing(lead(at(0, 9)), call, datetime(2026, 11, 23, 21, 0, tzinfo=UTC), kamchatka, RULE)
    assert (found.local_date, found.attempts_today) == (date(2026, 11, 24), 1)


def test_the_next_look_is_at_a_days_end_or_at_midnight() -> None:
    assert next_close(lead(), at(0, 12), MOSCOW, RULE) == at(0, 20)
    assert next_close(lead(), at(0, 20), MOSCOW, RULE) == at(1, 0)
    assert next_close(lead(), at(4, 21), MOSCOW, RULE) == at(5, 0)
    assert next_close(lead(), at(5, 0), MOSCOW, RULE) is None
    assert next_close(lead(at(0, 9), change(2, at(0, 10), StageKind.WON)), at(0, 12), MOSCOW, RULE) is None


CALLS = st.lists(
    st.builds(
        Contact,
        call_id=st.integers(0, 30).map(str),
        started_at=st.integers(0, 9 * 24 * 60).map(lambda minutes: at(0, 0) + timedelta(minutes=minutes)),
        outgoing=st.booleans(),
        answered=st.booleans(),
        talk_ms=st.sampled_from([0, 29_999, 30_000, 30_001, 90_000]),
        machine=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda call: call.call_id,
)
KINDS = st.lists(st.sampled_from(list(StageKind)), max_size=5)


def history(kinds: Sequence[StageKind], gaps: random.Random) -> Lead:
    moments = sorted(at(0, 9) + timedelta(minutes=gaps.randrange(9 * 24 * 60)) for _ in kinds)
    changes = tuple(change(i + 2, moments[i], kind) for i, kind in enumerate(kinds))
    return lead(at(0, 9), *changes)


@settings(max_examples=60, deadline=None)
@given(CALLS, KINDS, st.randoms(use_true_random=False))
def test_any_order_of_events_gives_the_same_figures(
    calls: list[Contact], kinds: list[StageKind], dice: random.Random
) -> None:
    known = history(kinds, dice)
    now = at(9, 12)
    mixed, changes = [*calls, *calls[:5]], list(known.changes)
    dice.shuffle(mixed)
    dice.shuffle(changes)
    shuffled = replace(known, changes=tuple(changes))
    assert standing(shuffled, mixed, now, MOSCOW, RULE) == standing(known, calls, now, MOSCOW, RULE)
    assert violations(shuffled, mixed, now, MOSCOW, RULE) == violations(known, calls, now, MOSCOW, RULE)


@settings(max_examples=40, deadline=None)
@given(CALLS, KINDS, st.randoms(use_true_random=False))
def test_what_was_broken_stays_the_same_breach_whenever_it_is_looked_at(
    calls: list[Contact], kinds: list[StageKind], dice: random.Random
) -> None:
    known = history(kinds, dice)
    daily = {
        item.violation_id: item for day in range(10) for item in violations(known, calls, at(day, 21), MOSCOW, RULE)
    }
    once = violations(known, calls, at(9, 21), MOSCOW, RULE)
    assert daily == {item.violation_id: item for item in once}
    assert all(recount(item, known, calls, MOSCOW, RULE) == item for item in once)


@settings(max_examples=40, deadline=None)
@given(CALLS)
def test_one_more_attempt_never_makes_things_worse(calls: list[Contact]) -> None:
    more = [*calls, dial("one more", at(2, 12))]
    before, after = (standing(lead(), some, at(9, 12), MOSCOW, RULE) for some in (calls, more))
    assert after.attempts_total == before.attempts_total + 1
    assert set(after.warnings) <= set(before.warnings)
    was, now = (len(violations(lead(), some, at(9, 12), MOSCOW, RULE)) for some in (calls, more))
    assert now <= was
