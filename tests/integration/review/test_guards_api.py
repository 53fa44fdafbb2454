"""Exports, logs, notices, search and views over HTTP: who gets in, and what nobody else finds out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.review.adapters.desk import RealDesks
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.search import index
from services.review.domain.search import Said
from tests.integration.review.house import Clock
from tests.integration.review.world import PEOPLE, World

EVERYBODY = [person.person_id for person in PEOPLE]


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    made = World(sqlite_url, folder=tmp_path).settle()
    made.register("c1")
    made.register("c2", seller_id="denis", department_id="sales", department_kind="sales")
    with made.database.begin() as connection:
        index(connection, "c1", [Said(0, 0, "Это <b>дорого</b>")])
        index(connection, "c2", [Said(0, 0, "очень дорого")])
    yield made
    made.database.close()


def get(world: World, who: str, path: str) -> tuple[int, dict | None]:
    answer = world.http.get(path, headers={"Authorization": f"Bearer {who}"})
    kind = answer.headers.get("content-type", "")
    return answer.status_code, json.loads(answer.text) if "json" in kind else None


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/audit", {"anna", "timur"}),
        ("/api/v1/audit/verification", {"anna", "timur"}),
        ("/api/v1/access-log", {"anna"}),
        ("/api/v1/exports/calls", set(EVERYBODY) - {"anna", "natalia"}),
        ("/api/v1/exports/calls?names=true", {"svetlana", "gleb"}),
        ("/api/v1/search?q=дорого", set(EVERYBODY) - {"anna"}),
        ("/api/v1/views", set(EVERYBODY)),
        ("/api/v1/me/notices", set(EVERYBODY)),
    ],
)
def test_who_gets_in(world: World, path: str, allowed: set[str]) -> None:
    assert {who for who in EVERYBODY if get(world, who, path)[0] == 200} == allowed
    assert {get(world, who, path)[0] for who in set(EVERYBODY) - allowed} <= {403}


def test_search_finds_only_what_he_may_see(world: World) -> None:
    found = {
        who: [call["call_id"] for call in get(world, who, "/api/v1/search?q=дорого")[1]["calls"]]
        for who in ("marina", "denis", "ilya", "svetlana", "timur", "natalia")
    }
    assert found == {
        "marina": ["c1"],
        "denis": ["c2"],
        "ilya": [],
        "svetlana": ["c1"],
        "timur": ["c2", "c1"],
        "natalia": ["c1"],
    }


@pytest.mark.parametrize(
    ("path", "burst"), [("/api/v1/search?q=дорого", 60), ("/api/v1/exports/leads", 30)], ids=["search", "export"]
)
def test_nobody_copies_the_house(world: World, path: str, burst: int) -> None:
    """One person's searches and exports are counted together, whatever he comes by; others are not slowed by him."""
    clock = Clock()
    world.app.state.guard = replace(world.app.state.guard, desks=RealDesks(world.database, WorkHandOver, clock))
    assert [get(world, "timur", path)[0] for _ in range(burst + 1)] == [200] * burst + [429]
    assert get(world, "timur", path)[1]["code"] == "too_many_tries"
    assert get(world, "svetlana", path)[0] == 200
    clock.pass_by(minutes=1)
    assert get(world, "timur", path)[0] == 200


def test_hits_are_pieces_of_plain_text(world: World) -> None:
    _, said = get(world, "marina", "/api/v1/search?q=дорого")
    assert said["calls"][0]["hits"][0]["pieces"] == [
        {"text": "Это <b>", "found": False},
        {"text": "дорого", "found": True},
        {"text": "</b>", "found": False},
    ]


@pytest.mark.parametrize(
    "query", ["q=", "q=-дорого", "q=и", "", "q=дорого&cursor=xx", "q=дорого&limit=0", "q=x&nope=1"]
)
def test_a_bad_search_is_a_named_answer(world: World, query: str) -> None:
    status, said = get(world, "marina", f"/api/v1/search?{query}")
    assert status == 422
    assert said is not None


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_an_export_is_a_file(world: World, kind: str) -> None:
    answer = world.http.get(f"/api/v1/exports/calls?format={kind}", headers={"Authorization": "Bearer timur"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="otzvuk-calls.{kind}"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content[:4] == {"csv": b"\xef\xbb\xbfc", "xlsx": b"PK\x03\x04", "parquet": b"PAR1"}[kind]


def test_an_export_of_days_is_cut_in_the_persons_zone(world: World) -> None:
    # the calls began at 09:00 UTC on 2 November, noon in Moscow
    for span, rows in (("from=2026-11-02&to=2026-11-03", 2), ("from=2026-11-03", 0), ("to=2026-11-02", 0)):
        answer = world.http.get(f"/api/v1/exports/calls?{span}", headers={"Authorization": "Bearer timur"})
        assert len(answer.text.splitlines()) == rows + 1


def test_what_is_shown_in_a_search_and_exported_stands_in_the_access_log(world: World) -> None:
    get(world, "marina", "/api/v1/search?q=дорого")
    get(world, "timur", "/api/v1/exports/leads")
    _, said = get(world, "anna", "/api/v1/access-log")
    looks = [(look["person_id"], look["kind"], look["object_kind"]) for look in said["looks"]]
    assert looks == [("timur", "export", "leads"), ("marina", "search", "call")]
    _, said = get(world, "anna", "/api/v1/access-log?object_id=c1")
    assert [look["person_id"] for look in said["looks"]] == ["marina"]


def test_a_view_and_a_denial_stand_in_the_access_log(world: World) -> None:
    assert get(world, "marina", "/api/v1/calls/c1")[0] == 200
    assert get(world, "marina", "/api/v1/access-log?person_id=ilya")[0] == 403
    assert get(world, "ilya", "/api/v1/calls/c1")[0] == 404
    _, said = get(world, "anna", "/api/v1/access-log")
    looks = [(look["person_id"], look["kind"], look["object_id"]) for look in said["looks"]]
    assert looks == [("marina", "denied", "GET /api/v1/access-log"), ("marina", "view", "c1")]


def test_the_audit_log_proves_itself(world: World) -> None:
    _, said = get(world, "anna", "/api/v1/audit/verification")
    assert (said["whole"], said["faults"]) == (True, [])
    world.sql("DROP TRIGGER audit_log_no_update")
    world.sql("UPDATE audit_log SET why = 'x' WHERE seq = 2")
    _, said = get(world, "anna", "/api/v1/audit/verification")
    assert (said["whole"], said["faults"]) == (False, [{"seq": 2, "kind": "changed"}])


class TestViews:
    def keep(self, world: World, who: str, name: str, *, shared: bool = False) -> str:
        body = {"name": name, "query": "status=evaluated_appealed", "shared": shared}
        answer = world.http.post("/api/v1/views", json=body, headers={"Authorization": f"Bearer {who}"})
        assert answer.status_code == 201
        return str(answer.json()["view_id"])

    def names(self, world: World, who: str) -> list[tuple[str, bool]]:
        return [(view["name"], view["mine"]) for view in get(world, who, "/api/v1/views")[1]["views"]]

    def drop(self, world: World, view_id: str) -> int:
        header = {"Authorization": "Bearer olga", "If-Match": '"1"'}
        return world.http.delete(f"/api/v1/views/{view_id}", headers=header).status_code

    def test_shared_ones_are_seen_and_only_own_ones_dropped(self, world: World) -> None:
        own, shared = self.keep(world, "olga", "б"), self.keep(world, "svetlana", "а", shared=True)
        assert self.names(world, "olga") == [("а", False), ("б", True)]
        assert self.names(world, "pavel") == [("а", False)]
        assert (self.drop(world, shared), self.drop(world, own)) == (404, 204)
        assert self.names(world, "olga") == [("а", False)]

    def test_the_same_name_is_changed_and_not_made_again(self, world: World) -> None:
        own = self.keep(world, "olga", "а")
        body = {"name": "а", "query": "status=unclassified"}
        again = world.ask("olga", "POST", "/views", body)
        assert (again.status_code, again.json()["reason"]) == (409, "view_exists")
        changed = world.ask("olga", "PUT", f"/views/{own}", body | {"name": "б"}, version=1)
        assert (changed.status_code, changed.json()["query"], changed.json()["version"]) == (200, body["query"], 2)
        assert self.names(world, "olga") == [("б", True)]


class TestNotices:
    def put(self, world: World, body: dict) -> tuple[int, dict]:
        answer = world.ask("olga", "PUT", "/me/notices", body, version=0)
        return answer.status_code, answer.json()

    def test_a_choice_is_kept(self, world: World) -> None:
        status, said = self.put(world, {"channel": "none", "muted_kinds": ["mentioned", "unknown kind"]})
        assert (status, said["channel"], said["muted_kinds"]) == (200, "none", ["mentioned"])
        _, said = get(world, "olga", "/api/v1/me/notices")
        assert (said["channel"], said["muted_kinds"], said["telegram_available"]) == ("none", ["mentioned"], False)

    def test_no_such_channel(self, world: World) -> None:
        assert self.put(world, {"channel": "pigeon"})[0] == 422

    def test_no_bot_no_link(self, world: World) -> None:
        answer = world.http.post("/api/v1/me/telegram", headers={"Authorization": "Bearer olga"})
        assert answer.status_code == 404
