"""Ten burials in a row: the work stands still when we are the likely cause, and goes on when the outside is."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from services.runtime import queue
from services.runtime.database import Database
from services.runtime.errors import PermanentError
from services.runtime.queue import BURIED, INBOX, Received, Route, Tx
from services.runtime.queue_tables import new_metadata
from services.runtime.work import BURIALS_IN_A_ROW, Work

AT = datetime(2026, 11, 24, 11, 3, tzinfo=UTC)


class OurFault(PermanentError):
    code = "our_fault"


class TheirFault(PermanentError):
    code = "their_fault"
    foreign = True


FAULTS = {"ours": OurFault, "theirs": TheirFault}


def handle(received: Received, _prepared: Any, _tx: Tx) -> None:
    if received.data["fault"]:
        raise FAULTS[received.data["fault"]]("It cannot be done.")


class Bench:
    """Two lanes over one database."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        with self.database.begin() as connection:
            new_metadata().create_all(connection)
        routes = [Route("job", handle), Route("slow-job", handle, lane="slow")]
        self.work = Work("mini", self.database, routes, internal={"job", "slow-job"}, lease=timedelta(seconds=30))

    def put(self, *faults: str | None, topic: str = "job") -> None:
        with self.database.begin() as connection:
            for number, fault in enumerate(faults):
                name = f"{topic}-{number}"
                queue.put(connection, topic=topic, key=name, data={"fault": fault}, event_id=name, occurred_at=AT)
            connection.execute(update(INBOX).values(available_at=AT))

    def work_off(self, lane: str | None = None) -> int:
        done = 0
        while self.work.step(lane):
            done += 1
        return done

    def buried(self) -> int:
        with self.database.read() as connection:
            return connection.execute(select(func.count()).select_from(BURIED)).scalar_one()


@pytest.fixture
def bench(sqlite_url: str) -> Iterator[Bench]:
    made = Bench(sqlite_url)
    yield made
    made.database.close()


def test_ten_of_our_burials_in_a_row_halt_the_work_and_the_others_wait(bench: Bench) -> None:
    bench.put(*["ours"] * (BURIALS_IN_A_ROW + 3))
    assert bench.work_off() == BURIALS_IN_A_ROW
    assert bench.buried() == BURIALS_IN_A_ROW
    assert bench.work.halted is not None
    assert "messages of job in a row were buried" in bench.work.halted


def test_a_message_that_is_done_begins_the_count_anew(bench: Bench) -> None:
    bench.put(*["ours"] * (BURIALS_IN_A_ROW - 1), None, "ours", "ours")
    assert bench.work_off() == BURIALS_IN_A_ROW + 2
    assert bench.work.halted is None


def test_broken_things_from_outside_are_buried_without_end(bench: Bench) -> None:
    bench.put(*["theirs"] * (BURIALS_IN_A_ROW + 3))
    assert bench.work_off() == BURIALS_IN_A_ROW + 3
    assert bench.work.halted is None


def test_each_lane_does_its_own_work(bench: Bench) -> None:
    bench.put(None, None, topic="slow-job")
    bench.put(None)
    assert [bench.work_off("work"), bench.work_off("slow")] == [1, 2]
    assert [loop.name for loop in bench.work.loops(1)] == ["slow-0", "work-0", "leases", "reaper"]
