"""Pages over HTTP, as each role sees them: who may open what, sound in ranges, refusals as sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.review.adapters import audit
from services.review.adapters.secrets_of_house import RealSecrets
from services.review.adapters.sessions import GuessStore
from services.review.adapters.tables_people import access_log
from services.review.domain.guessing import LIMITS, Bucket, Gate
from services.review.handlers.pacing import bucket_name
from services.runtime.database import database_now
from tests.browser.asking import calls_in, status_of
from tests.browser.seed import PASSWORD, fill
from tests.browser.serving import Place, app_of
from tests.integration.review.house import TestClient

ORIGIN = "http://testserver"
PAGES = (
    "/work", "/calls", "/team", "/leads", "/agreement", "/files", "/credit", "/samples",
    "/admin", "/admin/audit", "/admin/access", "/profile",
)  # fmt: skip
# What each role is refused; everything else opens.
CLOSED = {
    "marina": {"/team", "/agreement", "/samples", "/admin", "/admin/audit", "/admin/access"},
    "natalia": {"/team", "/agreement", "/files", "/credit", "/samples", "/admin", "/admin/audit", "/admin/access"},
    "olga": {"/team", "/agreement", "/samples", "/admin", "/admin/audit", "/admin/access"},
    "svetlana": {"/admin", "/admin/audit", "/admin/access"},
    "timur": {"/admin", "/admin/access"},
    "anna": {"/calls", "/team", "/leads", "/agreement", "/files", "/credit"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place.at(tmp_path_factory.mktemp("pages"))
    fill(made.database, made.storage, calls=24, days=10)
    yield made
    made.database.close()


@pytest.fixture(scope="module")
def app(place: Place) -> object:
    return app_of(place)


def visitor(app: object, person_id: str) -> TestClient:
    client = TestClient(app, follow_redirects=False)  # type: ignore[arg-type]
    client.headers["accept"] = "text/html"
    token = csrf(client.get("/login").text)
    form = {"login": person_id, "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login", data=form, headers={"origin": ORIGIN})
    assert answer.status_code == 303
    return client


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found.group(1)


@pytest.mark.parametrize("person_id", sorted(CLOSED))
def test_every_role_opens_its_pages_and_no_others(app: object, person_id: str) -> None:
    client = visitor(app, person_id)
    statuses = {path: client.get(path).status_code for path in PAGES}
    assert {path for path, status in statuses.items() if status in (403, 404)} == CLOSED[person_id]
    assert {path for path, status in statuses.items() if status == 200} == set(PAGES) - CLOSED[person_id]


@pytest.mark.parametrize("path", [*PAGES, "/calls/call-0001", "/calls/call-0001/audio", "/live"])
def test_a_stranger_is_led_to_the_door_and_back(app: object, path: str) -> None:
    client = TestClient(app, follow_redirects=False)  # type: ignore[arg-type]
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_sound_comes_in_ranges_and_a_play_is_noted_once(app: object, place: Place) -> None:
    client = visitor(app, "svetlana")
    call_id = calls_in(place, "approved_evaluated", department_id="contact-centre")[0]
    path = f"/calls/{call_id}/audio"
    whole = client.get(path)
    first = client.get(path, headers={"range": "bytes=0-99"})
    rest = client.get(path, headers={"range": "bytes=100-"})
    outside = client.get(path, headers={"range": "bytes=999999999-"})

    assert (whole.status_code, first.status_code, rest.status_code, outside.status_code) == (200, 206, 206, 416)
    assert first.content + rest.content == whole.content
    assert first.headers["content-range"] == f"bytes 0-99/{len(whole.content)}"
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["cache-control"] == "private, max-age=3600"
    query = select(access_log.c.kind).where(access_log.c.object_id == call_id, access_log.c.kind == "play")
    with place.database.read() as connection:
        assert len(connection.execute(query).all()) == 2


def test_another_sellers_call_is_not_there_in_any_form(app: object, place: Place) -> None:
    client = visitor(app, "marina")
    foreign = calls_in(place, "approved_evaluated", seller_id="ilya") + calls_in(place, "approved_evaluated")
    call_id = next(each for each in foreign if each not in calls_in(place, "approved_evaluated", seller_id="marina"))
    for path in (f"/calls/{call_id}", f"/calls/{call_id}/audio", f"/calls/{call_id}/sound"):
        assert client.get(path).status_code == 404


def test_a_column_orders_the_list_and_says_so(app: object) -> None:
    client = visitor(app, "timur")
    page = client.get("/calls?sort=cqr").text
    rates = re.findall(r'(?:class="cqr">|≈ )(\d+)<', page)
    assert len(rates) == 24
    assert [int(rate) for rate in rates] == sorted(int(rate) for rate in rates)
    assert re.findall(r'aria-sort="(\w+)"><a href="([^"]+)"', page) == [("ascending", "/calls?sort=-cqr")]
    assert re.findall(r'aria-sort="(\w+)"><a href="([^"]+)"', client.get("/calls").text) == [
        ("descending", "/calls?sort=started")
    ]


def prefer(client: TestClient, page: str, **said: str) -> int:
    form = {**said, "csrf_token": csrf(client.get(page).text)}
    return client.post("/preferences", data=form, headers={"origin": ORIGIN}).status_code


def test_a_person_takes_what_he_prefers_to_another_browser(app: object) -> None:
    one = visitor(app, "natalia")
    assert prefer(one, "/profile", language="en", theme="dark") == 303
    assert prefer(one, "/profile", speed="1.5", silence="skip") == 303
    assert prefer(one, "/profile", speed="fast", theme="loud", language="de") == 303

    other = visitor(app, "natalia")
    assert '<html lang="en" data-theme="dark">' in other.get("/profile").text
    call = re.search(r'href="(/calls/call-\d+)"', other.get("/calls").text)
    assert call is not None
    assert '"speed":1.5,"skip":true' in other.get(call.group(1)).text
    assert '<html lang="ru">' in visitor(app, "timur").get("/profile").text


def test_before_log_in_the_browser_remembers(app: object) -> None:
    client = TestClient(app, follow_redirects=False)  # type: ignore[arg-type]
    assert '<html lang="ru">' in client.get("/login").text
    assert prefer(client, "/login", language="en") == 303
    assert '<html lang="en">' in client.get("/login").text


def test_a_form_without_its_token_changes_nothing(app: object, place: Place) -> None:
    client = visitor(app, "olga")
    call_id = calls_in(place, "listening_counted", assignee_id="olga")[0]
    answer = client.post(f"/calls/{call_id}/take", data={"version": "1"}, headers={"origin": ORIGIN})
    assert answer.status_code == 403
    assert status_of(place, call_id) == "listening_counted"


def test_an_old_form_is_answered_with_a_sentence(app: object, place: Place) -> None:
    client = visitor(app, "svetlana")
    call_id = calls_in(place, "auto_classified", department_id="contact-centre")[0]
    token = csrf(client.get(f"/calls/{call_id}").text)
    form = {"version": "0", "csrf_token": token}
    answer = client.post(f"/calls/{call_id}/send/counted", data=form, headers={"origin": ORIGIN})
    assert answer.status_code == 303
    shown = client.get(answer.headers["location"])
    assert "Пока вы работали" in shown.text
    assert status_of(place, call_id) == "auto_classified"


def test_a_list_that_renews_itself_does_not_swallow_what_is_to_be_said(app: object) -> None:
    client = visitor(app, "timur")
    token = csrf(client.get("/calls").text)
    form = {"name": "Флаги", "query": "flag=1", "csrf_token": token}
    assert client.post("/views", data=form, headers={"origin": ORIGIN}).status_code == 303
    assert "сохранён" not in client.get("/calls", headers={"hx-request": "true"}).text
    assert "сохранён" in client.get("/calls").text
    assert "сохранён" not in client.get("/calls").text


def test_what_people_write_is_shown_as_they_wrote_it(app: object, place: Place) -> None:
    client = visitor(app, "svetlana")
    call_id = calls_in(place, "approved_evaluated", department_id="contact-centre")[0]
    token = csrf(client.get(f"/calls/{call_id}").text)
    said = "</script><script>alert(1)</script>\"'{{ 7*7 }}"
    form = {"text": said, "visibility": "internal", "csrf_token": token}
    client.post(f"/calls/{call_id}/comments", data=form, headers={"origin": ORIGIN})
    page = client.get(f"/calls/{call_id}").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "49" not in re.findall(r"alert\(1\).{0,60}", page)[0]


def test_scripts_and_styles_come_from_us_alone(app: object) -> None:
    answer = visitor(app, "svetlana").get("/calls")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*(src=|type=\"application/json\"))", answer.text) == []
    assert re.findall(r"\son[a-z]+=|\sstyle=", answer.text) == []


def test_assets_are_kept_for_ever_under_their_own_version_only(app: object) -> None:
    client = visitor(app, "svetlana")
    sheet = re.search(r'href="(/static/[^"]+otzvuk.css)"', client.get("/calls").text)
    assert sheet is not None
    current, older = client.get(sheet.group(1)), client.get("/static/000/otzvuk.css")
    assert "immutable" in current.headers["cache-control"]
    assert older.headers["cache-control"] == "no-cache"
    assert client.get("/static/000/package.json").status_code == 404


def test_a_seller_sees_his_own_leads_only_and_a_head_those_of_his_department(app: object) -> None:
    own = set(re.findall(r"/calls\?lead=(lead-\d+)", visitor(app, "marina").get("/leads").text))
    department = set(re.findall(r"/calls\?lead=(lead-\d+)", visitor(app, "svetlana").get("/leads").text))
    everybody = set(re.findall(r"/calls\?lead=(lead-\d+)", visitor(app, "timur").get("/leads").text))
    assert own == {f"lead-{index}" for index in range(0, 24, 6)}
    assert department == {f"lead-{index}" for index in range(24) if index % 6 < 3}
    assert everybody == {f"lead-{index}" for index in range(24)}
    assert visitor(app, "olga").get("/leads").text.count("/calls?lead=") == 0


def test_a_view_kept_and_dropped_on_the_page_stands_in_the_audit_log(app: object, place: Place) -> None:
    client = visitor(app, "svetlana")
    token = csrf(client.get("/calls?status=evaluated_appealed").text)

    def send(path: str, **said: str) -> int:
        return client.post(path, data={**said, "csrf_token": token}, headers={"origin": ORIGIN}).status_code

    assert send("/views", name="Спорные", query="status=evaluated_appealed") == 303
    assert send("/views", name="Спорные", query="appealed=1") == 303  # the same name: written over
    (view_id,) = re.findall(r'action="/views/(\w+)/delete"', client.get("/calls").text)
    assert send(f"/views/{view_id}/delete") == 303
    assert "/delete" not in client.get("/calls").text
    with place.database.read() as connection:
        lines = audit.history(connection, object_kind="view", object_id=view_id)
    assert [line.entry.action for line in lines] == ["view.dropped", "view.kept", "view.kept"]
    assert {line.entry.actor_id for line in lines} == {"svetlana"}


def test_too_many_searches_are_told_so_on_a_page(app: object, place: Place) -> None:
    client = visitor(app, "timur")
    name = bucket_name(RealSecrets(), Gate.SEARCH, "timur")
    full = LIMITS[Gate.SEARCH].burst * 1000
    with place.database.begin() as connection:
        # as if the last search were tomorrow: a bucket does not leak while the clock is behind it
        GuessStore(connection).put(name, Bucket(full, database_now(connection) + timedelta(days=1)))
    answer = client.get("/calls?q=дорого")
    assert answer.status_code == 429
    assert "Слишком много поисков подряд." in answer.text
    assert client.get("/calls").status_code == 200
