"""Guessing through HTTP: slowed for strangers, not for the owner, and the same for names that do not exist."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services.review.adapters.secrets_of_house import Argon2Hasher
from services.review.domain.people import Person, Role
from tests.integration.review.house import FAST, PASSWORD, House, house_at, log_in


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with house_at(sqlite_url) as made:
        yield made


def guess(house: House, login: str, address: str, times: int) -> list[int]:
    browser = house.browser(address)
    return [
        browser.post("/api/v1/session", json={"login": login, "password": f"wrong guess {number}"}).status_code
        for number in range(times)
    ]


class TestAStranger:
    @pytest.mark.parametrize("login", ["marina", "nobody"])
    def test_from_one_address(self, house: House, login: str) -> None:
        assert Counter(guess(house, login, "10.9.9.9", 12)) == {401: 8, 429: 4}

    @pytest.mark.parametrize("login", ["marina", "nobody"])
    def test_from_many_addresses(self, house: House, login: str) -> None:
        answers: Counter[int] = Counter()
        for number in range(40):
            answers.update(guess(house, login, f"10.9.{number}.1", 1))
        assert answers == {401: 20, 429: 20}

    def test_is_told_when_to_come_again(self, house: House) -> None:
        guess(house, "marina", "10.9.9.9", 8)
        answer = house.browser("10.9.9.9").post("/api/v1/session", json={"login": "marina", "password": "x"})
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_tries")
        assert answer.headers["retry-after"] == "180"
        house.clock.pass_by(seconds=180)
        assert guess(house, "marina", "10.9.9.9", 2) == [401, 429]

    def test_even_the_right_password_waits(self, house: House) -> None:
        guess(house, "marina", "10.9.9.9", 8)
        answer = house.browser("10.9.9.9").post("/api/v1/session", json={"login": "marina", "password": PASSWORD})
        assert answer.status_code == 429


class WatchedHasher(Argon2Hasher):
    """Remembers with which parameters argon2 was computed."""

    def __init__(self) -> None:
        super().__init__(**FAST)
        self.computed: list[str] = []

    def matches(self, stored: str, password: str) -> bool:
        self.computed.append(stored.rsplit("$", 2)[0])
        return super().matches(stored, password)


@pytest.mark.parametrize("login", ["marina", "nobody", "ghost"])
def test_the_same_work_is_done_for_anybody(house: House, login: str) -> None:
    """Known, unknown, and known without a password: one computation with the same parameters, so no clock tells."""
    with house.guard.desks() as desk:
        desk.people.add(Person("ghost", "Без пароля", Role.ANALYST, frozenset({"cc"})), desk.now)
    hasher = WatchedHasher()
    house.app.state.guard = replace(house.guard, hasher=hasher)
    assert guess(house, login, "10.9.9.9", 2) == [401, 401]
    assert hasher.computed == ["$argon2id$v=19$m=64,t=1,p=1"] * 2


class TestTheOwner:
    def test_comes_in_from_his_address_while_strangers_guess(self, house: House) -> None:
        log_in(house.browser("10.0.0.7"), "marina")
        for number in range(40):
            guess(house, "marina", f"10.9.{number}.1", 1)
        assert log_in(house.browser("10.0.0.7"), "marina")["stage"] == "full"
        assert (
            house.browser("10.0.0.8")
            .post("/api/v1/session", json={"login": "marina", "password": PASSWORD})
            .status_code
            == 429
        )

    def test_comes_in_with_his_device_from_anywhere(self, house: House) -> None:
        device = house.browser("10.0.0.7")
        log_in(device, "marina")
        device.delete("/api/v1/session")
        kept = device.cookies["otzvuk-device"]
        for number in range(40):
            guess(house, "marina", f"10.9.{number}.1", 1)
        elsewhere = house.browser("10.55.0.1")
        elsewhere.cookies.set("otzvuk-device", kept, domain="otzvuk.test")
        assert log_in(elsewhere, "marina")["stage"] == "full"

    def test_stays_in_where_he_is(self, house: House) -> None:
        browser = house.browser("10.0.0.7")
        log_in(browser, "marina")
        guess(house, "marina", "10.0.0.7", 30)
        assert browser.get("/page").status_code == 200

    def test_right_log_ins_are_not_counted(self, house: House) -> None:
        stages = [log_in(house.browser("10.0.0.7"), "marina")["stage"] for _ in range(30)]
        assert stages == ["full"] * 30

    def test_a_known_place_is_slowed_too(self, house: House) -> None:
        log_in(house.browser("10.0.0.7"), "marina")
        assert Counter(guess(house, "marina", "10.0.0.7", 15)) == {401: 10, 429: 5}
