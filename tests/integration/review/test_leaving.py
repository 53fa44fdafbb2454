"""Who leaves, leaves his work to others; who comes, is taken in by the administrator; and the doors are swept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import select

from services.review.adapters import access_log, audit
from services.review.adapters.chats import ChatStore
from services.review.adapters.desk import RealDesks
from services.review.adapters.door_keeping import DoorKeeping
from services.review.adapters.hand_over import WorkHandOver
from services.review.adapters.page_shelf import RealShelf
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.search import Search
from services.review.adapters.tables import follow_ups, tasks
from services.review.adapters.tables_credit import idempotency
from services.review.adapters.tables_people import guess_buckets, known_places, sessions
from services.review.domain.people import Person, Role
from services.review.handlers import listening, telling
from services.review.handlers.people import deactivate
from services.review.ports.stores import KeptAnswer
from services.runtime.errors import NotPermitted
from tests.integration.review import journeys
from tests.integration.review.house import PASSWORD, house_at, log_in
from tests.integration.review.world import LONG_AGO, World


@pytest.fixture
def world(sqlite_url: str, tmp_path: Path) -> Iterator[World]:
    made = World(sqlite_url, folder=tmp_path).settle()
    yield made
    made.close()


def dismiss(world: World, person_id: str, actor: str = "anna") -> int:
    with RealDesks(world.database, WorkHandOver)() as desk:
        return deactivate(desk, world.viewer(actor), person_id, why="уволен")


def set_follow_up(world: World, call_id: str, author: str, assignee: str) -> str:
    with world.work() as work:
        due = work.now + timedelta(days=2)
        made = telling.set_follow_up(work, world.viewer(author), call_id, assignee, "перезвонить", due)
    return made.follow_up_id


def holder(world: World, table: object, key: str, value: str) -> tuple[str | None, str]:
    with world.database.read() as connection:
        row = connection.execute(select(table).where(table.c[key] == value)).one()  # type: ignore[attr-defined]
    return row.assignee_id, row.state


def notices_of(world: World, person_id: str) -> list[str]:
    rows = world.sql("SELECT data FROM inbox WHERE topic = 'notices' AND key = :p ORDER BY seq", p=person_id)
    return [json.loads(row[0])["kind"] for row in rows][-1:]


class TestLeaving:
    def test_a_listening_task_goes_back_to_the_pool_and_a_colleague_takes_it(self, world: World) -> None:
        call_id = world.register()
        controller = journeys.send_counted(world, call_id)
        journeys.take(world, call_id, controller)
        assert dismiss(world, controller) == 1
        assert holder(world, tasks, "call_id", call_id) == (None, "waiting")
        assert world.call(call_id).assignee_id is None
        colleague = "pavel" if controller == "olga" else "olga"
        evaluation_id = journeys.take(world, call_id, colleague)
        version = journeys.score(world, evaluation_id, colleague)
        journeys.finish(world, evaluation_id, colleague, version)
        assert world.call(call_id).evaluator_id == colleague

    def test_a_second_opinion_goes_to_another_controller_than_the_first(self, world: World) -> None:
        with world.database.begin() as connection:
            PeopleStore(connection).add(Person("vera", "Вера", Role.CONTROLLER, frozenset({"cc"})), LONG_AGO)
        call_id = world.register()
        with world.work() as work:
            call = work.calls.load(call_id)
            assert call is not None
            listening.send_sampled(work, call, why="", blind=True, double=True)
        first, second = world.call(call_id).assignee_id, world.call(call_id).second_id
        assert first is not None
        assert second is not None
        assert dismiss(world, second) == 1
        (heir,) = {"olga", "pavel", "vera"} - {first, second}
        assert (world.call(call_id).assignee_id, world.call(call_id).second_id) == (first, heir)
        assert notices_of(world, heir) == ["task_handed_over"]
        evaluation_id = journeys.take(world, call_id, heir)
        journeys.finish(world, evaluation_id, heir, journeys.score(world, evaluation_id, heir))
        assert world.sql("SELECT kind FROM evaluations WHERE finished_at IS NOT NULL") == [("second",)]
        # nobody is left who could give a second opinion: the first one stands, nothing waits for ever
        assert dismiss(world, first) == 1
        assert world.call(call_id).assignee_id is None

    def test_a_second_opinion_that_nobody_can_give_is_let_go(self, world: World) -> None:
        call_id = world.register()
        with world.work() as work:
            call = work.calls.load(call_id)
            assert call is not None
            listening.send_sampled(work, call, why="", blind=False, double=True)
        second = world.call(call_id).second_id
        assert second is not None
        assert dismiss(world, second) == 1
        assert world.call(call_id).second_id is None
        assert world.sql("SELECT state, assignee_id FROM tasks WHERE kind = 'second'") == [("done", None)]

    def test_what_a_mentor_took_for_himself_goes_to_the_head(self, world: World) -> None:
        call_id = world.register()
        with world.work() as work:
            listening.send_uncounted(work, world.viewer("natalia"), call_id, 1)
        assert dismiss(world, "natalia") == 1
        evaluation_id = journeys.take(world, call_id, "svetlana")
        journeys.finish(world, evaluation_id, "svetlana", journeys.score(world, evaluation_id, "svetlana"))
        assert world.call(call_id).status == "approved_training"

    def test_a_follow_up_goes_to_who_set_it(self, world: World) -> None:
        made = set_follow_up(world, world.register(), "svetlana", "marina")
        assert dismiss(world, "marina") == 1
        assert holder(world, follow_ups, "follow_up_id", made) == ("svetlana", "open")

    def test_a_follow_up_set_for_oneself_goes_to_the_head(self, world: World) -> None:
        made = set_follow_up(world, world.register(), "marina", "marina")
        assert dismiss(world, "marina") == 1
        assert holder(world, follow_ups, "follow_up_id", made) == ("svetlana", "open")

    def test_it_stands_in_the_log_once(self, world: World) -> None:
        set_follow_up(world, world.register(), "svetlana", "marina")
        dismiss(world, "marina")
        assert dismiss(world, "marina") == 0
        with world.database.read() as connection:
            entries = [row.entry for row in audit.history(connection, object_kind="person", object_id="marina")]
            assert audit.verify(connection)[1] == ()
        assert [(each.action, each.why, each.after) for each in entries] == [
            ("person.deactivated", "уволен", '{"active": false, "handed_over": 1}')
        ]

    @pytest.mark.parametrize("actor", ["svetlana", "marina", "timur", "olga", "anna"])
    def test_only_by_another_who_may(self, world: World, actor: str) -> None:
        target = "anna" if actor == "anna" else "ilya"
        with pytest.raises(NotPermitted):
            dismiss(world, target, actor)


class TestResultButton:
    def test_marks_one_by_one_and_corrections_win(self, world: World) -> None:
        call_id = world.register()
        journeys.evaluate(world, call_id)
        number = world.call(call_id).number

        def result(person_id: str) -> tuple[str, dict[str, str]] | None:
            with world.database.begin() as connection:
                found = ChatStore(connection).result(world.viewer(person_id), number)
            if found is None:
                return None
            return str(found[0]), {mark.label: str(mark.score) for mark in found[1]}

        names = ("Приветствие и представление", "Отработка возражений", "Договорённость о следующем шаге")
        assert result("marina") == ("80.00", dict(zip(names, ("1", "0.5", "1"), strict=True)))
        assert result("ilya") is None
        journeys.appeal(world, call_id)
        journeys.uphold(world, call_id)
        assert result("marina") == ("100.00", dict(zip(names, ("1", "1", "1"), strict=True)))


BODY = {"person_id": "new", "name": "Новый", "role": "seller", "department_ids": ["cc"]}


class TestPeopleOverHttp:
    def test_only_the_administrator_takes_people_in(self, world: World) -> None:
        answers = {who: world.ask(who, "POST", "/people", BODY).status_code for who in ("olga", "svetlana", "timur")}
        assert answers == {"olga": 403, "svetlana": 403, "timur": 403}
        assert world.ask("anna", "POST", "/people", BODY).status_code == 201

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"person_id": "marina"}, "person_exists"),
            ({"person_id": "MARINA"}, "person_exists"),
            ({"department_ids": []}, "seller_needs_one_department"),
            ({"department_ids": ["cc", "sales"]}, "seller_needs_one_department"),
            ({"department_ids": ["nowhere"]}, "unknown_department"),
            ({"role": "mentor", "mentee_ids": ["olga"]}, "unknown_mentee"),
            ({"mentee_ids": ["ilya"]}, "only_mentor_has_mentees"),
            ({"role": "system"}, "bad_role"),
            ({"zone": "Mars/Olympus"}, "bad_zone"),
            ({"email": "no address"}, "bad_email"),
            ({"name": "a\u202eb"}, "bad_name"),
        ],
    )
    def test_what_does_not_fit_is_named(self, world: World, changes: dict, fault: str) -> None:
        answer = world.ask("anna", "POST", "/people", BODY | changes)
        assert answer.status_code == 422
        assert fault in answer.json()["faults"]
        assert str((BODY | changes)["person_id"]) in answer.json()["detail"]

    def test_a_change_needs_the_version_that_was_seen(self, world: World) -> None:
        body = {"name": "Марина Н.", "role": "seller", "department_ids": ["cc"]}
        assert world.ask("anna", "PUT", "/people/marina", body).status_code == 428
        assert world.ask("anna", "PUT", "/people/marina", body, version=7).status_code == 412
        changed = world.ask("anna", "PUT", "/people/marina", body, version=1)
        assert (changed.status_code, changed.headers["etag"], changed.json()["name"]) == (200, '"2"', "Марина Н.")
        assert world.ask("anna", "PUT", "/people/marina", body, version=1).status_code == 412

    def test_nobody_gives_himself_rights(self, world: World) -> None:
        body = {"name": "Анна Ким", "role": "head", "department_ids": ["cc"]}
        assert world.ask("anna", "PUT", "/people/anna", body, version=1).status_code == 403

    def test_everybody_sees_whom_he_may(self, world: World) -> None:
        seen = {
            who: sorted(person["person_id"] for person in world.ask(who, "GET", "/people").json()["people"])
            for who in ("marina", "natalia", "gleb")
        }
        assert seen["marina"] == ["marina"]
        assert seen["natalia"] == ["marina", "natalia"]
        assert len(seen["gleb"]) == 11
        assert world.ask("marina", "GET", "/people/ilya").status_code == 404


def test_the_doors_are_swept(sqlite_url: str) -> None:
    with house_at(sqlite_url) as house:
        log_in(house.browser(), "marina")
        house.browser().post("/api/v1/session", json={"login": "ilya", "password": "wrong wrong"})
        keeping = DoorKeeping(house.database, house.clock)
        with house.guard.desks() as desk:
            desk.answers.keep("marina", "an-old-key", KeptAnswer("hash", 200, "{}", None))

        def left() -> list[bool]:
            with house.database.read() as connection:
                tables = (sessions, guess_buckets, idempotency, known_places)
                return [connection.execute(select(table).limit(1)).first() is not None for table in tables]

        with structlog.testing.capture_logs() as logs:
            assert [keeping.step(), keeping.step()] == [False, False]
            assert left() == [True, True, True, True]
            house.clock.pass_by(days=2)
            keeping.step()
            assert left() == [False, False, True, True]
            house.clock.pass_by(days=89)
            keeping.step()
            assert left() == [False, False, False, False]
        assert [(line["event"], len(line["hash"])) for line in logs] == [("audit.head", 64)] * 3


CHANGES = [
    ("POST", "/people", BODY, {}, "person.added"),
    (
        "PUT",
        "/people/ilya",
        {"name": "И", "role": "seller", "department_ids": ["cc"]},
        {"version": 1},
        "person.changed",
    ),
    ("POST", "/people/ilya/deactivation", {"why": "ушёл"}, {"version": 1}, "person.deactivated"),
    ("POST", "/people/ilya/password", {}, {"version": 1}, "person.password_reset"),
    ("PUT", "/departments/new", {"name": "Новый", "kind": "sales"}, {"version": 0}, "department.put"),
    ("PUT", "/departments/cc/calendar", {"week_days": [1], "day_ends": "18:00"}, {"version": 0}, "calendar.put"),
    ("PUT", "/me/notices", {"channel": "none"}, {"version": 0}, "notices.chosen"),
    ("POST", "/views", {"name": "x", "query": ""}, {}, "view.kept"),
]


@pytest.mark.parametrize(("method", "path", "body", "with_", "action"), CHANGES, ids=lambda value: str(value)[:20])
def test_every_change_is_one_line_of_the_log(
    world: World, method: str, path: str, body: dict, with_: dict, action: str
) -> None:
    answers = [world.ask("anna", method, path, body, key="the-same-key", **with_) for _ in range(2)]
    assert answers[0].status_code in (200, 201), answers[0].text
    once = "shown_once" if path.endswith("/password") else None
    assert answers[1].json().get("reason") == once
    assert once is not None or answers[1].text == answers[0].text
    with world.database.read() as connection:
        entries = [row.entry for row in audit.history(connection)]
    assert [(each.action, each.actor_id, each.actor_role) for each in entries] == [(action, "anna", "admin")]


def test_every_step_through_the_doors_is_a_line_of_the_log(sqlite_url: str) -> None:
    with house_at(sqlite_url) as house:
        browser = house.logged_in("olga")
        token = {"name": "x", "actions": ["call.read"], "days": 1}
        made = browser.post("/api/v1/me/tokens", json=token).json()["token_id"]
        browser.delete(f"/api/v1/me/tokens/{made}", headers={"If-Match": '"1"'})
        answer = browser.post("/api/v1/session/password", json={"old": PASSWORD, "new": "совсем другой ключ 5"})
        browser.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        browser.delete("/api/v1/session")
        with house.database.read() as connection:
            entries = [row.entry for row in audit.history(connection, actor_id="olga")]
        assert [each.action for each in reversed(entries)] == [
            "session.opened",
            "person.second_factor_begun",
            "session.opened",
            "person.second_factor_set",
            "token.made",
            "token.revoked",
            "session.opened",
            "person.password_changed",
            "session.closed",
        ]


def test_no_range_of_a_recording_is_heard_unnoted(world: World) -> None:
    call_id = world.register()
    shelf = RealShelf(world.database, Search(world.database).find)

    def plays() -> int:
        with world.database.read() as connection:
            return sum(look.kind == "play" for look in access_log.looks(connection))

    counts = []
    for who, begins in (("marina", False), ("marina", False), ("marina", True), ("marina", False), ("olga", False)):
        shelf.note_play(world.viewer(who), call_id, begins=begins)
        counts.append(plays())
    assert counts == [1, 1, 2, 2, 3]
