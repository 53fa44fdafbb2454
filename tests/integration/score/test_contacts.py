"""The contact rule over events, database and time: breaches at once and at days' ends, never doubled, in any order."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.runtime.database import Database
from services.score.adapters.store import SqlStore
from services.score.handlers.contacts import count_lead
from tests.integration.score.places import MONDAY, ScoreDesk, call, completed, lead, make_desk, transcript

REFUSED = {"stage": "Отказ", "stage_kind": "refused", "previous_stage_kind": "open", "refusal_reason": "Дорого"}


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[ScoreDesk]:
    made = make_desk(database_url, tmp_path)
    made.now = MONDAY
    yield made
    made.database.close()


def close_days(desk: ScoreDesk, now: datetime) -> None:
    """What the daily loop does, at that instant."""
    desk.now = now
    with desk.database.read() as connection:
        due = SqlStore(connection).leads_due(now, 100)
    for lead_id in due:
        with desk.transaction() as tx:
            count_lead(lead_id, SqlStore(tx.connection), tx, desk.score._contacts, closing=True)


def test_a_leads_standing_follows_its_calls(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    desk.feed("call-registered", call("c-2", outcome="missed", talk_ms=0, lead_id="l-1", client_key="k-other"))
    first, second, third = desk.published("lead-contact-updated")
    assert first["warnings"] == ["never_called", "too_few_today"]
    assert (second["attempts_today"], second["touches"], second["last_touch_call_id"]) == (1, 1, "c-1")
    assert (third["attempts_today"], third["attempts_total"], third["touches"]) == (2, 2, 1)
    assert third["pickup_ms"] == 3_600_000
    assert third["due_at"] == "2026-11-23T17:00:00+00:00"


def test_a_deal_is_not_called_by_the_rule(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead(kind="deal"))
    desk.feed("call-registered", call())
    assert desk.published("lead-contact-updated") == []


def test_an_early_refusal_is_told_at_once_and_once(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    refusal = lead(revision=2, changed_at=MONDAY + timedelta(hours=2), **REFUSED)
    desk.feed("lead-changed", refusal)
    desk.feed("lead-changed", refusal)
    (breach,) = desk.published("contact-rule-violated")
    assert (breach["rule"], breach["contacts"], breach["contacts_due"], breach["touches"]) == (
        "refused_too_early",
        1,
        15,
        1,
    )
    assert (breach["seller_id"], breach["department_id"], breach["stage"]) == ("s-1", "kc", "Отказ")


def test_a_call_that_arrives_late_corrects_the_figures_of_the_same_breach(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("lead-changed", lead(revision=2, changed_at=MONDAY + timedelta(hours=2), **REFUSED))
    desk.feed("call-registered", call())
    before, after = desk.published("contact-rule-violated")
    assert before["violation_id"] == after["violation_id"]
    assert (before["contacts"], after["contacts"]) == (0, 1)


def test_days_are_closed_one_by_one_after_a_long_sleep_and_never_twice(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    for _ in range(12):
        close_days(desk, MONDAY + timedelta(days=9))
    found = [
        (item["rule"], item["violated_at"][:10], item["contacts"]) for item in desk.published("contact-rule-violated")
    ]
    assert found == [
        ("too_few_in_day", "2026-11-23", 1),
        ("too_few_in_day", "2026-11-24", 0),
        ("too_few_in_day", "2026-11-25", 0),
        ("too_few_in_day", "2026-11-26", 0),
        ("too_few_in_day", "2026-11-27", 0),
    ]
    assert desk.published("lead-contact-updated")[-1]["warnings"] == ["fifth_day_short"]


def test_a_day_is_judged_a_little_after_its_end(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    close_days(desk, datetime(2026, 11, 23, 17, 1, tzinfo=UTC))
    assert desk.published("contact-rule-violated") == []
    desk.feed("call-registered", call(started_at=datetime(2026, 11, 23, 16, 59, tzinfo=UTC)))
    close_days(desk, datetime(2026, 11, 23, 17, 4, tzinfo=UTC))
    (breach,) = desk.published("contact-rule-violated")
    assert (breach["rule"], breach["contacts"]) == ("too_few_in_day", 1)


def test_history_that_is_read_in_is_no_news(desk: ScoreDesk) -> None:
    old = MONDAY - timedelta(days=90)
    desk.feed("lead-changed", lead(created_at=old, changed_at=old))
    desk.feed("lead-changed", lead(created_at=old, revision=2, changed_at=old + timedelta(days=1), **REFUSED))
    close_days(desk, MONDAY)
    assert desk.published("contact-rule-violated") == []


def test_a_new_day_begins_with_nothing_done(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    close_days(desk, datetime(2026, 11, 23, 17, 4, tzinfo=UTC))
    close_days(desk, datetime(2026, 11, 23, 21, 4, tzinfo=UTC))
    last = desk.published("lead-contact-updated")[-1]
    assert (last["local_date"], last["attempts_today"], last["attempts_total"]) == ("2026-11-24", 0, 1)


MACHINE = (
    ("seller", "Алло, здравствуйте, вы слышите меня?"),
    ("client", "Абонент временно недоступен, оставьте сообщение после сигнала."),
    ("seller", "Понятно."),
)


def test_a_machine_is_a_fake_touch(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    desk.feed("transcript-completed", completed(desk, transcript(turns=MACHINE)))
    last = desk.published("lead-contact-updated")[-1]
    assert (last["attempts_total"], last["touches"], last["fake_touches"]) == (1, 0, 1)


def test_music_is_a_fake_touch(desk: ScoreDesk) -> None:
    desk.feed("lead-changed", lead())
    desk.feed("call-registered", call())
    desk.feed("transcript-failed", {"call_id": "c-1", "recording_id": "r-1", "reason": "no_speech"})
    desk.feed("transcript-failed", {"call_id": "c-1", "recording_id": "r-1", "reason": "broken_audio"})
    last = desk.published("lead-contact-updated")[-1]
    assert (last["touches"], last["fake_touches"]) == (0, 1)


def _events() -> list[tuple[str, dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any]]] = [
        ("lead-changed", lead(client_keys=["k-1"])),
        ("lead-changed", lead(revision=2, changed_at=MONDAY + timedelta(hours=1), client_keys=["k-1", "k-2"])),
        ("lead-changed", lead(revision=3, changed_at=MONDAY + timedelta(hours=6), client_keys=["k-1"], **REFUSED)),
        ("call-registered", call("c-1", talk_ms=40_000)),
        ("call-registered", call("c-2", client_key="k-2", started_at=MONDAY + timedelta(minutes=20))),
        ("call-registered", call("c-3", client_key=None, lead_id=None, started_at=MONDAY + timedelta(minutes=30))),
        (
            "call-registered",
            call("c-3", revision=2, client_key="k-9", lead_id="l-1", started_at=MONDAY + timedelta(minutes=30)),
        ),
        ("call-registered", call("c-4", direction="in", outcome="missed", talk_ms=0)),
        ("call-registered", call("c-5", started_at=MONDAY + timedelta(hours=8))),
    ]
    return events


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_repetition_of_events_ends_the_same(seed: int, database_url: str, tmp_path: Path) -> None:
    ends = []
    for number in range(2):
        desk = make_desk(_fresh(database_url, number, tmp_path), tmp_path / str(number))
        desk.now = MONDAY + timedelta(hours=9)
        events = _events()
        if number:
            events = [*events, *events[:4]]
            random.Random(seed).shuffle(events)
        for topic, data in events:
            desk.feed(topic, data)
        ends.append(
            (
                desk.published("lead-contact-updated")[-1],
                {item["violation_id"]: item for item in desk.published("contact-rule-violated")},
            )
        )
        desk.database.close()
    assert ends[0] == ends[1]
    assert (ends[0][0]["attempts_total"], next(iter(ends[0][1].values()))["contacts"]) == (4, 3)


def _fresh(url: str, number: int, folder: Path) -> str:
    """A second empty database beside the test's own."""
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / f'{number}.db'}"
    if number:
        database = Database(url)
        with database.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        database.close()
    return url


def test_calls_of_one_lead_at_the_same_time_all_count(desk: ScoreDesk) -> None:
    """Two workers, one lead: whoever comes second sees what the first has written."""
    desk.feed("lead-changed", lead())
    names = [f"c-{n}" for n in range(8)]
    barrier = threading.Barrier(len(names))

    def work(name: str) -> None:
        barrier.wait(20)
        desk.feed("call-registered", call(name))

    threads = [threading.Thread(target=work, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with desk.database.read() as connection:
        store = SqlStore(connection)
        known = store.lead("l-1")
        assert known is not None
        assert len(store.contacts_of(known)) == 8
    assert max(item["attempts_total"] for item in desk.published("lead-contact-updated")) == 8
