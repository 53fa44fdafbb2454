"""What is over its time goes, from the storage, the table and the index; what is disputed or held stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from services.review.adapters import audit
from services.review.adapters.retention import Retention, place_hold, release_hold
from services.review.adapters.search import Search, index
from services.review.adapters.tables import calls
from services.review.domain.people import SYSTEM, Role, Viewer
from services.review.domain.retention import DataClass, KeepFor
from services.review.domain.search import Said
from services.review.domain.views import CallFilters
from services.runtime.burial import bury_bytes
from services.runtime.database import Database, database_now
from services.runtime.errors import NotFound, TransientError
from services.runtime.migrations import migrate
from services.runtime.storage import ObjectStorage
from tests.integration.review.calls import add_call

RULES = (
    KeepFor(DataClass.RECORDINGS, 180),
    KeepFor(DataClass.TRANSCRIPTS, 365),
    KeepFor(DataClass.DEAD_LETTERS, 30),
)
# call, age in days, status
CALLS = (
    ("old-1", 400, "approved_evaluated"),
    ("old-2", 366, "unclassified"),
    ("half-1", 181, "auto_classified"),
    ("young-1", 179, "auto_classified"),
    ("dispute-1", 400, "evaluated_appealed"),
    ("listening-1", 400, "listening_counted"),
    ("held-1", 400, "auto_classified"),
)


class FailingStorage(ObjectStorage):
    """Fails at the n-th removal."""

    left = 3

    def delete(self, key: str) -> None:
        if self.left == 0:
            raise TransientError("away")
        self.left -= 1
        super().delete(key)


@dataclass
class Place:
    database: Database
    storage: ObjectStorage
    retention: Retention

    def sounds(self) -> set[str]:
        return {key.split("/")[2] for key in self.storage.list("recordings/")}

    def texts(self) -> set[str]:
        return {key.split("/")[-1].removesuffix(".json") for key in self.storage.list("transcripts/")}

    def pointers(self, column: str) -> set[str]:
        with self.database.read() as connection:
            return set(connection.execute(select(calls.c.call_id).where(calls.c[column].is_not(None))).scalars())

    def found(self) -> set[str]:
        viewer = Viewer("timur", Role.ANALYST)
        return {row.call_id for row in Search(self.database).find(viewer, "дорого", CallFilters(), None, 100).rows}


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Iterator[Place]:
    migrate(database_url, "services.review")
    database = Database(database_url)
    storage = ObjectStorage((tmp_path / "storage").as_uri())
    with database.begin() as connection:
        now = database_now(connection)
        for number, (call_id, days, status) in enumerate(CALLS, start=1):
            folder = f"recordings/{call_id[1:3]}/{call_id}"
            for leg in ("a", "b"):
                storage.put(f"{folder}/{leg}", b"RIFF")
            storage.put(f"transcripts/{call_id}.json", b"{}")
            storage.put(f"provider-transcripts/{call_id[1:3]}/{call_id}/r.json", b"{}")
            add_call(
                connection,
                call_id,
                number=number,
                status=status,
                started_at=now - timedelta(days=days),
                evaluator_id="olga" if status.startswith(("evaluated", "approved")) else None,
                audio_uri=f"{folder}/a",
                transcript_uri=f"transcripts/{call_id}.json",
            )
            index(connection, call_id, [Said(0, 0, "дорого")])
        place_hold(connection, SYSTEM, "held-1", "суд")
    yield Place(database, storage, Retention(database, storage, RULES))
    database.close()


EVERY = {call_id for call_id, _, _ in CALLS}
KEPT = {"dispute-1", "listening-1", "held-1"}


def test_show_says_and_does_nothing(place: Place) -> None:
    shown = [(each.keep.data_class.value, each.things, each.size_bytes, each.held) for each in place.retention.show()]
    assert shown == [("recordings", 3, 24, 3), ("transcripts", 2, 8, 3), ("dead_letters", 0, 0, 0)]
    assert (place.sounds(), place.texts(), place.found()) == (EVERY, EVERY, EVERY)


def test_apply_removes_everywhere(place: Place) -> None:
    done = place.retention.apply(SYSTEM)
    assert {data_class.value: number for data_class, number in done.items()} == {
        "recordings": 3,
        "transcripts": 2,
        "dead_letters": 0,
    }
    with_sound, with_text = {"young-1", *KEPT}, {"young-1", "half-1", *KEPT}
    assert (place.sounds(), place.pointers("audio_uri")) == (with_sound, with_sound)
    assert (place.texts(), place.pointers("transcript_uri"), place.found()) == (with_text, with_text, with_text)
    assert {key.split("/")[2] for key in place.storage.list("provider-transcripts/")} == with_text
    assert place.retention.apply(SYSTEM) == dict.fromkeys(DataClass, 0)
    with place.database.read() as connection:
        lines = audit.history(connection)
        assert [line.entry.action for line in lines] == ["retention.removed"] * 2 + ["hold.placed"]
        assert audit.verify(connection)[1] == ()


def test_it_can_be_stopped_anywhere_and_begun_again(place: Place) -> None:
    failing = FailingStorage(place.storage.url)
    with pytest.raises(TransientError):
        Retention(place.database, failing, RULES).apply(SYSTEM)
    place.retention.apply(SYSTEM)
    assert place.sounds() == {"young-1", *KEPT}
    assert place.pointers("audio_uri") == {"young-1", *KEPT}


def test_a_released_hold_ages_again(place: Place) -> None:
    with place.database.begin() as connection:
        release_hold(connection, SYSTEM, "held-1", "дело закрыто")
    place.retention.apply(SYSTEM)
    assert "held-1" not in place.sounds() | place.texts()
    with pytest.raises(NotFound), place.database.begin() as connection:
        release_hold(connection, SYSTEM, "held-1", "ещё раз")


def test_zero_days_is_for_ever(place: Place) -> None:
    for_ever = Retention(place.database, place.storage, [KeepFor(DataClass.RECORDINGS, 0)])
    assert for_ever.apply(SYSTEM) == {DataClass.RECORDINGS: 0}
    assert place.sounds() == EVERY


def test_dead_letters(place: Place) -> None:
    with place.database.begin() as connection:
        bury_bytes(
            connection,
            service="review",
            topic="t",
            key=None,
            event_id=None,
            code="x",
            detail="",
            attempts=1,
            payload=b"z",
        )
    young = Retention(place.database, place.storage, [KeepFor(DataClass.DEAD_LETTERS, 1)])
    assert young.apply(SYSTEM) == {DataClass.DEAD_LETTERS: 0}
    with place.database.begin() as connection:
        from services.runtime.queue import BURIED

        connection.execute(BURIED.update().values(buried_at=database_now(connection) - timedelta(days=31)))
    assert place.retention.apply(SYSTEM)[DataClass.DEAD_LETTERS] == 1
