"""Search on both databases: the same calls for the same words, and never a call that is not his to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.review.adapters.search import TOPIC, BadSearch, Search, SearchIndexer, forget, index
from services.review.adapters.tables_people import access_log
from services.review.domain.people import Role, Viewer
from services.review.domain.search import Said
from services.review.domain.views import CallFilters
from services.runtime.database import Database, database_now
from services.runtime.errors import PermanentError
from services.runtime.migrations import migrate
from services.runtime.queue import INBOX, Received, Tx
from services.runtime.storage import ObjectStorage
from tests.integration.review.calls import STARTED, add_call

DIALOGUES = {
    "c1": ("marina", "cc", ["Здравствуйте, компания «Окна»", "Это дорого, у других дешевле", "Давайте в рассрочку"]),
    "c2": ("ilya", "cc", ["Добрый день", "Сколько стоит три окна?", "Перезвоните завтра, пожалуйста"]),
    "c3": ("denis", "sales", ["Договор готов", "Дорогая доставка, очень дорого", "Завтра перезвоните"]),
    "c4": ("marina", "cc", ["Скажите цену", "Жёлтые шторы — 500 рублей", "'; DROP TABLE calls; --"]),
}
HEAD = Viewer("svetlana", Role.HEAD, frozenset({"cc", "sales"}))
ANYTHING = CallFilters()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrate(database_url, "services.review")
    made = Database(database_url)
    with made.begin() as connection:
        for number, (call_id, (seller, department, lines)) in enumerate(DIALOGUES.items(), start=1):
            add_call(connection, call_id, number=number, seller_id=seller, department_id=department)
            index(connection, call_id, [Said(turn, turn * 1000, line) for turn, line in enumerate(lines)])
    yield made
    made.close()


def find(database: Database, asked: str, viewer: Viewer = HEAD, filters: CallFilters = ANYTHING) -> list[str]:
    found = Search(database).find(viewer, asked, filters, None, 50)
    return sorted(row.call_id for row in found.rows)


@pytest.mark.parametrize(
    ("asked", "calls"),
    [
        ("дорого", ["c1", "c3"]),
        ("ДОРОГО", ["c1", "c3"]),
        ("окно", ["c1", "c2"]),
        ("дорого доставка", ["c3"]),
        ("дорого -доставка", ["c1"]),
        ('"перезвоните завтра"', ["c2"]),
        ('"завтра перезвоните"', ["c3"]),
        ("перезвонить завтра", ["c2", "c3"]),
        ("желтый", ["c4"]),
        ("жёлтый", ["c4"]),
        ("рассрочка", ["c1"]),
        ("500", ["c4"]),
        ("в рассрочку", ["c1"]),
        ("нигде", []),
        ("drop table", ["c4"]),
        ('") OR 1=1 --', []),
        ("дорого*", ["c1", "c3"]),
        ("NEAR(дорого дешевле)", []),
        ("stems:дорого", []),
    ],
)
def test_the_same_on_both(database: Database, asked: str, calls: list[str]) -> None:
    assert find(database, asked) == calls


@pytest.mark.parametrize("asked", ["", "и не", "-дорого", "***"])
def test_nothing_to_look_for(database: Database, asked: str) -> None:
    with pytest.raises(BadSearch):
        find(database, asked)


def test_hits_are_cut_out_of_the_text(database: Database) -> None:
    found = Search(database).find(HEAD, "дорого", ANYTHING, None, 50)
    assert [(hit.turn, hit.start_ms, hit.pieces) for hit in found.hits["c3"]] == [
        (1, 1000, (("Дорогая доставка, очень ", False), ("дорого", True)))
    ]


@pytest.mark.parametrize(
    ("viewer", "calls"),
    [
        (Viewer("marina", Role.SELLER, frozenset({"cc"})), ["c1"]),
        (Viewer("ilya", Role.SELLER, frozenset({"cc"})), []),
        (Viewer("natalia", Role.MENTOR, frozenset({"cc"}), frozenset({"denis"})), ["c3"]),
        (Viewer("olga", Role.CONTROLLER, frozenset({"cc"})), []),
        (Viewer("svetlana", Role.HEAD, frozenset({"cc"})), ["c1"]),
        (Viewer("timur", Role.ANALYST), ["c1", "c3"]),
        (Viewer("anna", Role.ADMIN), []),
    ],
    ids=lambda value: value.person_id if isinstance(value, Viewer) else "",
)
def test_only_calls_that_he_may_see(database: Database, viewer: Viewer, calls: list[str]) -> None:
    assert find(database, "дорого", viewer) == calls


def test_with_the_filters_of_the_list(database: Database) -> None:
    assert find(database, "завтра", filters=CallFilters(seller_id="denis")) == ["c3"]
    assert find(database, "завтра", filters=CallFilters(started_from=STARTED.replace(year=2027))) == []


def test_pages_follow_each_other(database: Database) -> None:
    search, cursor, seen = Search(database), None, []
    for _ in range(3):
        found = search.find(HEAD, "завтра", ANYTHING, cursor, 1)
        seen += [row.call_id for row in found.rows]
        cursor = found.next_cursor
        if cursor is None:
            break
    assert (seen, cursor) == (["c3", "c2"], None)


def test_a_new_transcript_takes_the_old_ones_place(database: Database) -> None:
    with database.begin() as connection:
        index(connection, "c1", [Said(0, 0, "Совсем другое")])
    assert (find(database, "дорого"), find(database, "другое")) == (["c3"], ["c1"])


def test_what_is_forgotten_is_not_found(database: Database) -> None:
    with database.begin() as connection:
        assert forget(connection, ["c1", "c9"]) == 1
    assert find(database, "дорого") == ["c3"]


def test_every_call_shown_is_noted(database: Database) -> None:
    find(database, "дорого")
    with database.read() as connection:
        rows = connection.execute(select(access_log.c.person_id, access_log.c.kind, access_log.c.object_id)).all()
    assert sorted(map(tuple, rows)) == [("svetlana", "search", "c1"), ("svetlana", "search", "c3")]


class TestIndexer:
    """From the event to the index: a job of its own, once a transcript."""

    def test_a_transcript_becomes_searchable(self, database: Database, tmp_path: Path) -> None:
        storage = ObjectStorage(tmp_path.as_uri())
        document = {"utterances": [{"start_ms": 0, "text": "Алло"}, {"start_ms": 900, "text": "Хочу мансарду"}]}
        storage.put("transcripts/t.json", json.dumps(document).encode())
        indexer = SearchIndexer(storage)
        with database.begin() as connection:
            tx = Tx(connection, database_now(connection))
            for _ in range(2):
                indexer.later(tx, "c2", "t-1", "transcripts/t.json")
            waiting = connection.execute(select(INBOX.c.event_id).where(INBOX.c.topic == TOPIC)).scalars().all()
        assert waiting == ["search-index-t-1"]
        run(database, indexer, {"call_id": "c2", "uri": "transcripts/t.json"})
        assert (find(database, "мансарда"), find(database, "окно")) == (["c2"], ["c1"])

    @pytest.mark.parametrize("body", [None, b"not json", b"[]", b'{"utterances": [{}]}'])
    def test_a_broken_one_is_buried_and_the_old_text_stays(
        self, database: Database, tmp_path: Path, body: bytes | None
    ) -> None:
        storage = ObjectStorage(tmp_path.as_uri())
        if body is not None:
            storage.put("t.json", body)
        with pytest.raises(PermanentError):
            run(database, SearchIndexer(storage), {"call_id": "c2", "uri": "t.json"})
        assert find(database, "окно") == ["c1", "c2"]


def run(database: Database, indexer: SearchIndexer, data: dict[str, str]) -> None:
    """What the work loop does with one job."""
    route = indexer.route()
    received = Received("search-index-x", TOPIC, data["call_id"], STARTED, 1, None, data, 1)
    assert route.prepare is not None
    dialogue = route.prepare(received)
    with database.begin() as connection:
        route.handle(received, dialogue, Tx(connection, database_now(connection)))
