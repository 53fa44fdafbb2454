"""The demo company's past goes through the product's own handlers, in past time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import func, select

from demo.company import COMPANY_FILE
from demo.past.clock import PastDatabase
from demo.past.company_past import CompanyPast
from services.review.adapters import audit
from services.review.adapters.overviews import explained
from services.review.adapters.store_samples import drawn_of
from services.review.adapters.tables import appeals, calls, evaluations, status_changes, tasks
from services.review.adapters.tables_credit import agreement_reports, samples
from services.review.adapters.tables_people import access_log, audit_log, people
from services.runtime.database import Database, database_now
from services.runtime.queue import INBOX

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
DAYS = 7
FIRST = datetime(2026, 11, 16, tzinfo=UTC)


def company_file(folder: Path) -> Path:
    """The demo company's people as the demo hands them over."""
    raw = yaml.safe_load(COMPANY_FILE.read_text(encoding="utf-8"))
    raw["people"] += raw["former"]
    path = folder / "people.yaml"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    return path


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, days: int) -> Database:
    """A company with that many days behind it."""
    folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(folder))
    monkeypatch.chdir(folder)
    said: list[str] = []
    CompanyPast(company_file(folder), DAY, NOW, days).write(lambda: said.append("people"))
    assert said == ["people"]
    return Database(f"sqlite:///{folder / 'review.db'}")


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        database = written(tmp_path_factory.mktemp("past"), monkeypatch, DAYS)
        yield database
        database.close()


def rows(database: Database, query: Any) -> list[Any]:
    """All rows of a query."""
    with database.read() as connection:
        return list(connection.execute(query))


def test_the_clock_is_set_back_for_every_question_about_now(tmp_path: Path) -> None:
    database = PastDatabase(f"sqlite:///{tmp_path / 'x.db'}", NOW)
    with database.read() as connection:
        assert database_now(connection) == NOW
        database.moment = NOW - timedelta(days=3)
        assert database_now(connection) == NOW - timedelta(days=3)
        assert connection.exec_driver_sql("SELECT strftime('%Y', '1999-01-01')").scalar_one() == "1999"
    database.close()


def test_every_call_is_where_the_days_between_have_brought_it(past: Database) -> None:
    found = dict(rows(past, select(calls.c.status, func.count()).group_by(calls.c.status)))
    assert found["approved_evaluated"] > 8
    assert found["evaluated_pending"] > 0
    assert set(found) <= {
        "unclassified",
        "auto_classified",
        "listening_counted",
        "evaluated_pending",
        "evaluated_appealed",
        "approved_evaluated",
        "approved_overturned",
    }


def test_nothing_was_approved_before_its_time_or_happens_tomorrow(past: Database) -> None:
    for row in rows(past, select(calls).where(calls.c.approved_at.is_not(None), calls.c.appealed.is_(False))):
        assert row.approve_at <= row.approved_at <= NOW
    ((first, last),) = rows(past, select(func.min(status_changes.c.changed_at), func.max(status_changes.c.changed_at)))
    assert FIRST < first < last <= NOW


def test_the_audit_log_tells_of_those_days_and_its_chain_is_whole(past: Database) -> None:
    with past.read() as connection:
        number, faults = audit.verify(connection)
    assert number > 300
    assert faults == ()
    opened = select(func.count()).select_from(access_log)
    scored = select(func.count()).select_from(evaluations)
    assert rows(past, opened) == rows(past, scored)
    ((first, last),) = rows(past, select(func.min(audit_log.c.at), func.max(audit_log.c.at)))
    assert FIRST < first < last <= NOW


def test_each_day_has_the_sample_that_its_seed_draws(past: Database) -> None:
    found = rows(past, select(samples))
    assert len(found) == DAYS * 2
    assert all(explained(drawn_of(row), row.drawn_at).reproduced for row in found)


def test_whoever_left_has_no_work_and_scored_nothing_since(past: Database) -> None:
    assert rows(past, select(people.c.person_id).where(people.c.active.is_(False))) == [("vera",)]
    open_tasks = select(tasks.c.task_id).where(tasks.c.assignee_id == "vera", tasks.c.state != "done")
    assert rows(past, open_tasks) == []
    ((last,),) = rows(past, select(func.max(evaluations.c.finished_at)).where(evaluations.c.evaluator_id == "vera"))
    ((left,),) = rows(past, select(audit_log.c.at).where(audit_log.c.action == "person.deactivated"))
    assert last <= left


def test_an_appeal_waits_for_each_head_and_nobody_is_told_of_the_past(past: Database) -> None:
    waiting = select(calls.c.department_id).join(appeals, appeals.c.call_id == calls.c.call_id)
    assert {row.department_id for row in rows(past, waiting.where(appeals.c.state == "open"))} == {
        "contact-centre",
        "sales",
    }
    assert rows(past, select(INBOX.c.topic)) == []
    assert len(rows(past, select(agreement_reports))) == 1


def test_the_same_day_gives_the_same_past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = select(calls.c.call_id, calls.c.number, calls.c.status, calls.c.cqr_hundredths, calls.c.evaluator_id)
    once, again = (written(tmp_path / name, monkeypatch, 2) for name in ("once", "again"))
    assert rows(once, query.order_by(calls.c.call_id)) == rows(again, query.order_by(calls.c.call_id))
    once.close()
    again.close()
