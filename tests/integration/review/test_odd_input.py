"""Bytes that a database cannot hold are refused by name at the door, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.runtime.migrations import migrate
from tests.integration.review.house import House, house_at
from tests.integration.review.world import World


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    migrate(database_url, "services.review")
    made = World(database_url, folder=tmp_path).settle()
    yield made
    made.close()


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with house_at(database_url, factor=False) as made:
        yield made


PERSON = {"person_id": "new", "name": "Новый", "role": "seller", "department_ids": ["cc"]}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/people/%00", None),
        ("GET", "/people?department_id=%00", None),
        ("POST", "/people", PERSON | {"person_id": "a\0b"}),
        ("POST", "/people", PERSON | {"name": "a\0b"}),
        ("POST", "/people", PERSON | {"department_ids": ["c\0c"]}),
        ("POST", "/people", PERSON | {"role": "mentor", "mentee_ids": ["\0"]}),
        ("POST", "/people", PERSON | {"email": "a\0@example.com"}),
        ("POST", "/people", PERSON | {"zone": "Europe/\0"}),
        ("PUT", "/departments/%00", {"name": "x", "kind": "sales"}),
        ("PUT", "/departments/x", {"name": "\0", "kind": "sales"}),
        ("POST", "/views", {"name": "\0", "query": ""}),
        ("POST", "/views", {"name": "x", "query": "a=\0"}),
        ("DELETE", "/views/%00", None),
        ("DELETE", "/me/tokens/%00", None),
        ("GET", "/audit?object_id=%00", None),
        ("GET", "/access-log?object_id=%00", None),
        ("GET", "/exports/%00", None),
    ],
)
def test_nul_is_named_at_the_door(world: World, method: str, path: str, body: dict | None) -> None:
    bare, _, query = path.partition("?")
    params = {query.partition("=")[0]: "\0"} if query else {}
    assert world.ask("anna", method, bare, body, version=1, **params).status_code in (403, 404, 422)


@pytest.mark.parametrize("asked", ["\0", "дорого\0", "\ud83d\ude00", "а" * 300])
def test_a_search_for_anything(world: World, asked: str) -> None:
    answer = world.ask("timur", "GET", "/search", q=asked.encode("utf-16", "surrogatepass").decode("utf-16"))
    assert answer.status_code in (200, 422)


@pytest.mark.parametrize("login", ["\0", "mar\0ina", "x" * 254, "😀", "' OR 1=1 --"])
def test_a_log_in_as_anybody(house: House, login: str) -> None:
    answer = house.browser().post("/api/v1/session", json={"login": login, "password": "\0 wrong wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_log_in")


@pytest.mark.parametrize("token", ["\x7f", "otz_", "otz_" + "x" * 5000, "'"])
def test_any_bearer_token(house: House, token: str) -> None:
    answer = house.browser().get("/page", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("cookie", ["x" * 4000, '"', "%00", "a b"])
def test_any_session_cookie(house: House, cookie: str) -> None:
    answer = house.browser().get("/page", headers={"Cookie": f"otzvuk={cookie}"})
    assert answer.status_code == 401
