"""What another site can make a browser send changes nothing; every answer carries the headers that keep it so."""

from collections.abc import Iterator

import pytest

from services.review.web.csrf import own_path, token_of
from services.review.web.headers import HEADERS
from tests.integration.review.house import PASSWORD, House, house_at, log_in

LOGIN = {"login": "marina", "password": PASSWORD}


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with house_at(sqlite_url) as made:
        yield made


UNSAFE = [
    ("POST", "/api/v1/session/password", {"json": {"old": PASSWORD, "new": "совсем другой ключ 5"}}),
    ("DELETE", "/api/v1/session", {}),
    ("POST", "/logout", {"data": {}}),
    ("POST", "/api/v1/me/tokens", {"json": {"name": "x", "actions": ["call.read"], "days": 1}}),
    ("PUT", "/api/v1/people/ilya", {"json": {"name": "x", "role": "admin"}}),
]


@pytest.mark.parametrize(("method", "path", "body"), UNSAFE, ids=lambda value: str(value)[:30])
class TestAForeignSite:
    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://otzvuk.test.evil.example"},
            {"Origin": "https://otzvuk.test"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=str,
    )
    def test_is_refused_even_with_the_right_token(
        self, house: House, method: str, path: str, body: dict, headers: dict[str, str]
    ) -> None:
        browser = house.browser()
        log_in(browser, "marina")
        if "Sec-Fetch-Site" in headers:
            del browser.headers["Origin"]
        answer = browser.request(method, path, headers=headers, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
        assert browser.get("/page").status_code == 200

    @pytest.mark.parametrize("token", [None, "", "x", token_of("another session")])
    def test_is_refused_without_the_token(
        self, house: House, method: str, path: str, body: dict, token: str | None
    ) -> None:
        browser = house.browser()
        log_in(browser, "marina")
        del browser.headers["X-CSRF-Token"]
        headers = {} if token is None else {"X-CSRF-Token": token}
        answer = browser.request(method, path, headers=headers, **body)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_csrf_token")
        assert browser.get("/page").status_code == 200


class TestLogIn:
    def test_a_form_without_its_token_is_refused(self, house: House) -> None:
        answer = house.browser().post("/login", data=LOGIN)
        assert (answer.status_code, answer.json()["code"]) == (403, "no_csrf_token")

    def test_a_form_with_its_token_lets_in(self, house: House) -> None:
        browser = house.browser()
        browser.cookies.set("otzvuk-form", "form cookie", domain="otzvuk.test")
        answer = browser.post("/login", data={**LOGIN, "next": "/page", "csrf_token": token_of("form cookie")})
        assert (answer.status_code, answer.headers["location"]) == (303, "/page")
        assert browser.get("/page").json()["person_id"] == "marina"

    def test_a_wrong_password_leads_back_without_what_was_typed(self, house: House) -> None:
        browser = house.browser()
        browser.cookies.set("otzvuk-form", "form cookie", domain="otzvuk.test")
        form = {"login": "marina", "password": "wrong wrong", "csrf_token": token_of("form cookie"), "next": "/page"}
        answer = browser.post("/login", data=form)
        assert answer.headers["location"] == "/login?error=wrong_log_in&next=%2Fpage"

    @pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "", "application/json5"])
    def test_simple_content_types_from_elsewhere_are_refused(self, house: House, kind: str) -> None:
        answer = house.browser().post(
            "/api/v1/session", content=b'{"login":"marina"}', headers={"Content-Type": kind} if kind else {}
        )
        assert answer.status_code == 403

    def test_a_body_without_end_is_cut(self, house: House) -> None:
        browser = house.browser()
        browser.cookies.set("otzvuk-form", "form cookie", domain="otzvuk.test")
        answer = browser.post(
            "/login",
            content=b"csrf_token=" + b"x" * (1 << 20),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


class TestPublicAddress:
    def test_only_the_address_that_people_open_is_ours(self, sqlite_url: str) -> None:
        with house_at(sqlite_url, public_url="https://qa.example/") as house:
            answers = [
                house.browser().post("/api/v1/session", json=LOGIN, headers={"Origin": origin}).status_code
                for origin in ("https://qa.example", "http://otzvuk.test", "https://qa.example.evil.example")
            ]
        assert answers == [200, 403, 403]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/calls?page=2", "/calls?page=2"),
        ("/", "/"),
        (None, "/"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/x\\..\\evil", "/"),
        ("javascript:alert(1)", "/"),
        ("/calls\nSet-Cookie: a=b", "/"),
        ("/" + "a" * 600, "/"),
    ],
)
def test_after_log_in_only_our_own_pages(asked: str | None, path: str) -> None:
    assert own_path(asked) == path


class TestHeaders:
    @pytest.mark.parametrize(
        ("path", "status"), [("/page", 200), ("/nothing", 404), ("/api/v1/people/nobody", 404), ("/openapi.json", 200)]
    )
    def test_on_every_answer(self, house: House, path: str, status: int) -> None:
        answer = house.logged_in("marina").get(path)
        assert answer.status_code == status
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert answer.headers["cache-control"] == "no-store"
        assert len(answer.headers["x-request-id"]) == 32

    def test_also_on_refusals(self, house: House) -> None:
        answer = house.browser().post("/logout")
        assert answer.status_code == 403
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS

    def test_no_inline_script_is_allowed(self) -> None:
        policy = dict(part.split(" ", 1) for part in HEADERS["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["script-src"], policy["style-src"]) == ("'none'", "'self'", "'self'")
