"""The pages about what can be proved: who saw which data, who changed what, why a call was or was not drawn."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from services.review.adapters.tables import calls
from services.review.adapters.tables_people import access_log, audit_log
from services.review.adapters.work import RealWorks
from services.review.handlers.sampling import sample_by_hand
from tests.browser.asking import calls_in
from tests.browser.seed import CALENDAR, STANDARD, fill
from tests.browser.serving import Place, app_of
from tests.integration.review.house import TestClient
from tests.integration.review.test_pages import csrf, visitor


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place.at(tmp_path_factory.mktemp("evidence"))
    fill(made.database, made.storage, calls=24, days=10)
    with RealWorks(made.database, STANDARD, CALENDAR).begin() as work:
        drawn = sample_by_hand(work, "contact-centre", datetime.now(UTC).date() - timedelta(days=2))
    assert drawn is not None
    assert drawn.lines
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def admin(place: Place) -> TestClient:
    return visitor(app_of(place), "anna")


@pytest.fixture(scope="module")
def head(place: Place) -> TestClient:
    return visitor(app_of(place), "svetlana")


def table(client: TestClient, path: str) -> list[list[str]]:
    """The rows of a downloaded table, without its head."""
    answer = client.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))[1:]


def test_who_opened_a_call_is_seen_by_the_administrator_and_found_by_every_filter(
    place: Place, admin: TestClient, head: TestClient
) -> None:
    call_id = calls_in(place, "approved_evaluated", department_id="contact-centre")[0]
    assert head.get(f"/calls/{call_id}").status_code == 200
    today = date.today().isoformat()
    for asked in ("", "&who=svetlana", f"&what={call_id}", "&kind=view", f"&since={today}"):
        rows = table(admin, f"/admin/access?download=access{asked}")
        assert ["Светлана Мороз", "открыл", f"call {call_id}"] in [row[1:4] for row in rows], asked
    for asked in ("&who=marina", "&what=another", "&kind=export", "&until=2020-01-01"):
        rows = table(admin, f"/admin/access?download=access{asked}")
        assert [row for row in rows if row[3] == f"call {call_id}"] == [], asked
    page = admin.get("/admin/access?who=svetlana").text
    assert "Светлана Мороз" in page
    assert call_id[:12] in page


def test_a_refused_look_is_in_the_access_log_too(place: Place, admin: TestClient, head: TestClient) -> None:
    assert head.get("/admin/access").status_code == 403
    rows = table(admin, "/admin/access?download=access&kind=denied&who=svetlana")
    assert rows[0][3] == "route GET /admin/access"
    with place.database.read() as connection:
        noted = connection.execute(select(access_log.c.kind).where(access_log.c.kind == "denied")).all()
    assert len(noted) == len(table(admin, "/admin/access?download=access&kind=denied"))


def test_a_day_that_makes_no_sense_is_refused(admin: TestClient) -> None:
    assert admin.get("/admin/access?since=yesterday").status_code == 409


def test_the_audit_log_is_narrowed_to_a_person_or_a_thing(place: Place, admin: TestClient) -> None:
    call_id = calls_in(place, "approved_evaluated")[0]
    page = admin.get(f"/admin/audit?what={call_id}").text
    with place.database.read() as connection:
        entries = connection.execute(select(audit_log.c.seq).where(audit_log.c.object_id == call_id)).all()
    assert page.count("<tr><td") == len(entries) > 2
    assert "Ольга" not in admin.get("/admin/audit?who=marina").text
    assert "Цепочка журнала цела" in admin.get("/admin/audit?verify=1").text


def test_the_head_sees_why_each_call_of_the_day_was_chosen_or_not(place: Place, head: TestClient) -> None:
    rows = table(head, "/samples?download=sample")
    with place.database.read() as connection:
        considered = set(connection.execute(select(calls.c.number).where(calls.c.considered_on.is_not(None))).scalars())
    assert {int(row[0]) for row in rows} == considered
    page = head.get("/samples").text
    assert "Повторный жребий даёт те же звонки" in page
    assert page.count('href="/calls/') == len(rows)
    assert "За этот день выборки нет" in head.get("/samples?day=2020-01-01").text


def test_the_administrator_sees_the_sample_but_no_way_into_the_calls(admin: TestClient, head: TestClient) -> None:
    page = admin.get("/samples").text
    assert "Повторный жребий даёт те же звонки" in page
    assert 'href="/calls/' not in page
    other = visitor(admin.app, "viktor")
    assert "Выборок ещё не было" in other.get("/samples").text


def test_a_department_gets_a_calendar_of_its_own_and_a_bad_date_changes_nothing(admin: TestClient) -> None:
    page = admin.get("/admin/calendars").text
    form = {"csrf_token": csrf(page), "version": "0", "week_day": ["1", "6"], "day_ends": "20:30", "days_on": ""}
    sent = {"headers": {"origin": "http://testserver"}}
    wrong = admin.post("/admin/calendars/sales", data={**form, "days_off": "31.12.2026"}, **sent)
    assert wrong.status_code == 303
    assert "свой календарь" not in admin.get("/admin/calendars").text
    good = admin.post("/admin/calendars/sales", data={**form, "days_off": "2026-12-31, 2027-01-01"}, **sent)
    assert (good.status_code, good.headers["location"]) == (303, "/admin/calendars")
    told = admin.get("/api/v1/departments/sales/calendar", headers={"accept": "application/json"}).json()
    assert told["week_days"] == [1, 6]
    assert told["day_ends"] == "20:30"
    assert told["days_off"] == ["2026-12-31", "2027-01-01"]
    assert told["own"] is True
