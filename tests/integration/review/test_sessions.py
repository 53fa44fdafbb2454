"""Sessions as a browser sees them: new ids, limits, ends, and what a session may before it is complete."""

from collections.abc import Iterator

import pyotp
import pytest

from services.review.adapters.tables_people import sessions
from tests.integration.review.house import PASSWORD, House, enrol, house_at, keep_token, log_in


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with house_at(sqlite_url) as made:
        yield made


def whoami(browser) -> tuple[int, str | None]:
    answer = browser.get("/page")
    return answer.status_code, answer.json().get("person_id")


class TestLogIn:
    def test_a_seller_is_in_at_once(self, house: House) -> None:
        browser = house.browser()
        said = log_in(browser, "Marina")
        assert (said["stage"], whoami(browser)) == ("full", (200, "marina"))

    def test_by_address_too(self, house: House) -> None:
        assert log_in(house.browser(), "OLGA@example.com")["person_id"] == "olga"

    def test_unknown_and_wrong_get_the_same_answer(self, house: House) -> None:
        browser = house.browser()
        wrong = browser.post("/api/v1/session", json={"login": "marina", "password": "wrong wrong wrong"})
        unknown = browser.post("/api/v1/session", json={"login": "nobody", "password": "wrong wrong wrong"})
        assert wrong.status_code == unknown.status_code == 401
        assert wrong.json() == unknown.json()
        assert "set-cookie" not in wrong.headers

    def test_nobody_without_a_session(self, house: House) -> None:
        assert house.browser().get("/page").json()["code"] == "no_session"

    def test_a_person_is_led_to_the_log_in_page_and_back(self, house: House) -> None:
        answer = house.browser().get("/page?a=1", headers={"Accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fpage%3Fa%3D1")

    def test_the_id_is_stored_as_a_hash_only(self, house: House) -> None:
        browser = house.browser()
        log_in(browser, "marina")
        with house.database.read() as connection:
            stored = connection.execute(sessions.select()).one()
        token = browser.cookies["otzvuk"]
        assert len(token) >= 43
        assert token not in str(stored)

    def test_a_fixed_id_is_not_taken(self, house: House) -> None:
        browser = house.browser()
        browser.cookies.set("otzvuk", "chosen-by-somebody-else", domain="otzvuk.test")
        answer = browser.post(
            "/login", data={"login": "marina", "password": PASSWORD, "csrf_token": _token("chosen-by-somebody-else")}
        )
        assert answer.status_code == 303
        assert [c.value for c in browser.cookies.jar if c.name == "otzvuk"][-1] != "chosen-by-somebody-else"
        fresh = house.browser()
        fresh.cookies.set("otzvuk", "chosen-by-somebody-else", domain="otzvuk.test")
        assert whoami(fresh)[0] == 401


def _token(cookie: str) -> str:
    from services.review.web.csrf import token_of

    return token_of(cookie)


class TestEnds:
    @pytest.mark.parametrize(
        ("steps_minutes", "alive"),
        [([119], True), ([121], False), ([100, 100, 100], True), ([100] * 7, True), ([100] * 8, False)],
    )
    def test_idle_and_absolute_limits(self, house: House, steps_minutes: list[int], alive: bool) -> None:
        browser = house.browser()
        log_in(browser, "marina")
        for minutes in steps_minutes:
            house.clock.pass_by(minutes=minutes)
            status = whoami(browser)[0]
        assert (status == 200) is alive

    def test_log_out_ends_it_everywhere_the_id_is_known(self, house: House) -> None:
        browser, thief = house.browser(), house.browser()
        log_in(browser, "marina")
        thief.cookies.set("otzvuk", browser.cookies["otzvuk"], domain="otzvuk.test")
        assert whoami(thief)[0] == 200
        assert browser.delete("/api/v1/session").status_code == 204
        assert whoami(thief)[0] == 401

    def test_a_new_password_ends_the_others_and_changes_the_id(self, house: House) -> None:
        browser, other = house.browser(), house.browser()
        log_in(browser, "marina")
        log_in(other, "marina")
        before = browser.cookies["otzvuk"]
        answer = browser.post("/api/v1/session/password", json={"old": PASSWORD, "new": "совсем другой пароль 5"})
        assert answer.status_code == 200
        assert browser.cookies["otzvuk"] != before
        assert (whoami(browser)[0], whoami(other)[0]) == (200, 401)

    def test_a_new_role_and_a_dismissal_end_it_at_the_next_request(self, house: House) -> None:
        admin = house.logged_in("anna")
        ilya, denis = house.logged_in("ilya"), house.logged_in("denis")
        version = admin.get("/api/v1/people/ilya").headers["etag"]
        body = {"name": "Илья С.", "role": "analyst", "department_ids": ["cc"]}
        assert admin.put("/api/v1/people/ilya", json=body, headers={"If-Match": version}).status_code == 200
        assert whoami(ilya)[0] == 401
        version = admin.get("/api/v1/people/denis").headers["etag"]
        gone = admin.post("/api/v1/people/denis/deactivation", json={"why": "ушёл"}, headers={"If-Match": version})
        assert gone.json() == {"handed_over": 0}
        assert whoami(denis)[0] == 401
        assert denis.post("/api/v1/session", json={"login": "denis", "password": PASSWORD}).status_code == 401


class TestSecondFactor:
    @pytest.mark.parametrize(
        ("login_name", "stage"),
        [
            ("marina", "full"),
            ("natalia", "full"),
            ("timur", "full"),
            ("olga", "enrol"),
            ("svetlana", "enrol"),
            ("anna", "enrol"),
        ],
    )
    def test_who_needs_one(self, house: House, login_name: str, stage: str) -> None:
        assert log_in(house.browser(), login_name)["stage"] == stage

    def test_nothing_is_open_before_it(self, house: House) -> None:
        browser = house.browser()
        log_in(browser, "olga")
        answer = browser.get("/page")
        assert (answer.status_code, answer.json()["stage"]) == (403, "enrol")
        assert (
            browser.get("/page", headers={"Accept": "text/html"}).headers["location"].startswith("/login/second-factor")
        )

    def test_code_gives_a_new_id_and_counts_once(self, house: House) -> None:
        codes = enrol_fresh(house, "olga")
        house.clock.pass_by(minutes=5)
        browser = house.browser()
        assert log_in(browser, "olga")["stage"] == "second_factor"
        before, code = browser.cookies["otzvuk"], codes.at(house.clock.now)
        answer = browser.post("/api/v1/session/code", json={"code": code})
        assert (answer.status_code, answer.json()["stage"]) == (200, "full")
        assert browser.cookies["otzvuk"] != before
        assert whoami(browser) == (200, "olga")
        again = house.browser()
        log_in(again, "olga")
        assert again.post("/api/v1/session/code", json={"code": code}).json()["code"] == "wrong_code"

    @pytest.mark.parametrize(("seconds", "status"), [(-30, 200), (30, 200), (-90, 401), (90, 401)])
    def test_one_step_of_tolerance(self, house: House, seconds: int, status: int) -> None:
        codes = enrol_fresh(house, "olga")
        house.clock.pass_by(minutes=5)
        browser = house.browser()
        log_in(browser, "olga")
        moment = house.clock.now.timestamp() + seconds
        answer = browser.post("/api/v1/session/code", json={"code": codes.at(int(moment))})
        assert answer.status_code == status

    def test_codes_cannot_be_guessed_quickly(self, house: House) -> None:
        enrol_fresh(house, "olga")
        house.clock.pass_by(minutes=5)
        browser = house.browser()
        log_in(browser, "olga")
        answers = [browser.post("/api/v1/session/code", json={"code": "000000"}).status_code for _ in range(10)]
        assert answers == [401] * 6 + [429] * 4

    def test_no_second_one_over_the_first(self, house: House) -> None:
        enrol_fresh(house, "olga")
        house.clock.pass_by(minutes=5)
        browser = house.browser()
        log_in(browser, "olga")
        assert browser.post("/api/v1/session/second-factor").status_code == 403

    def test_off_in_the_demo(self, postgres_url: str) -> None:
        with house_at(postgres_url, factor=False) as demo:
            assert log_in(demo.browser(), "olga")["stage"] == "full"


def enrol_fresh(house: House, login_name: str) -> pyotp.TOTP:
    browser = house.browser()
    log_in(browser, login_name)
    return enrol(browser, house.clock)


SEEN = {"If-Match": '"1"'}


class TestFirstPassword:
    def test_it_must_be_changed(self, house: House) -> None:
        admin = house.logged_in("anna")
        first = admin.post("/api/v1/people/marina/password", json={}, headers=SEEN).json()["password"]
        browser = house.browser()
        assert log_in(browser, "marina", first)["stage"] == "new_password"
        assert browser.get("/page").json()["code"] == "session_incomplete"
        weak = browser.post("/api/v1/session/password", json={"old": first, "new": "qwerty123456"})
        assert (weak.status_code, weak.json()["fault"]) == (422, "password_common")
        answer = browser.post("/api/v1/session/password", json={"old": first, "new": "мой собственный ключ 9"})
        keep_token(browser, answer.json())
        assert answer.json()["stage"] == "full"

    def test_a_lost_telephone(self, house: House) -> None:
        enrol_fresh(house, "olga")
        admin = house.logged_in("anna")
        lost = {"second_factor": True}
        first = admin.post("/api/v1/people/olga/password", json=lost, headers=SEEN).json()["password"]
        assert log_in(house.browser(), "olga", first)["stage"] == "enrol"


class TestCookies:
    def test_https_has_the_host_prefix(self, sqlite_url: str) -> None:
        with house_at(sqlite_url, https=True, public_url="https://otzvuk.test") as house:
            browser = house.browser(base="https://otzvuk.test")
            answer = browser.post("/api/v1/session", json={"login": "marina", "password": PASSWORD})
            lines = answer.headers.get_list("set-cookie")
            assert [line.partition("=")[0] for line in lines] == [
                "__Host-otzvuk",
                "__Host-otzvuk-device",
                "__Host-otzvuk-form",
            ]
            for line in lines:
                assert line.endswith("; Secure")
                assert "; Path=/; HttpOnly; SameSite=Lax" in line
                assert "Domain" not in line
            assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
