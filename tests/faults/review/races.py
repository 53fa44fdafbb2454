"""`make races`: two at once on one call; one wins, the other is told. Prints winners, losers, what was neither.

Controllers: two take the same waiting call at the same instant. Edge: the seller appeals while the system approves, at
the instant when the 48 hours are over by the database's clock.
"""

from __future__ import annotations

import argparse
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from services.review.adapters.tables import calls
from services.review.domain.statuses import Status
from services.review.handlers import appealing, tasking
from services.review.handlers.refusals import BadState, ConditionUnmet, IllegalMove, Outrun
from services.runtime.database import database_now
from services.runtime.errors import StaleVersion
from services.runtime.migrations import migrate
from tests.integration.review import journeys
from tests.integration.review.world import World

WON = "won"
POINTS = {"objection_handling": "отработал на 0:30"}


@dataclass
class Count:
    """How races ended: who won, what the loser was told, and everything that was neither."""

    races: int = 0
    winners: Counter[str] = field(default_factory=Counter)
    losers: Counter[str] = field(default_factory=Counter)
    neither: Counter[str] = field(default_factory=Counter)

    def note(self, names: Sequence[str], ends: Sequence[str], sound: bool) -> None:
        """One race: how each ended, and whether the call stands as the winner left it."""
        self.races += 1
        if list(ends).count(WON) == 1 and sound:
            self.winners[names[ends.index(WON)]] += 1
            self.losers.update(end for end in ends if end != WON)
        else:
            self.neither["/".join(ends) + ("" if sound else " and the call stands otherwise")] += 1

    def lines(self) -> list[str]:
        """For people."""
        return [
            f"races {self.races}, winners {sum(self.winners.values())} {dict(self.winners)}",
            f"losers told {sum(self.losers.values())} {dict(self.losers)}",
            f"neither {sum(self.neither.values())} {dict(self.neither)}",
        ]


def at_once(pool: ThreadPoolExecutor, acts: Sequence[Callable[[], None]]) -> list[str]:
    """Lets all begin at the same instant; how each ended."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> str:
        barrier.wait()
        try:
            act()
        except StaleVersion as told:
            return f"outrun by {told.by}" if isinstance(told, Outrun) else "outrun"
        except ConditionUnmet as told:
            return ",".join(told.missing)
        except (IllegalMove, BadState) as told:
            return told.code
        return WON

    return list(pool.map(run, acts))


def race_of_controllers(world: World, pool: ThreadPoolExecutor, count: Count) -> None:
    """Olga and Pavel take the same call from the pool."""
    call_id = world.register(draft=True)
    with world.work() as work:
        call = work.calls.load(call_id)
        assert call is not None
    journeys.send_counted(world, call_id)
    with world.database.begin() as connection:
        connection.execute(calls.update().where(calls.c.call_id == call_id).values(assignee_id=None))
    world.sql("UPDATE tasks SET assignee_id = NULL WHERE call_id = :call", call=call_id)
    version = world.call(call_id).version

    def taking(person_id: str) -> Callable[[], None]:
        def act() -> None:
            with world.work() as work:
                tasking.take(work, world.viewer(person_id), call_id, version)

        return act

    names = ["olga", "pavel"]
    ends = at_once(pool, [taking(name) for name in names])
    after = world.call(call_id)
    evaluations = world.sql("SELECT evaluator_id FROM evaluations WHERE call_id = :call", call=call_id)
    winner = names[ends.index(WON)] if WON in ends else None
    count.note(names, ends, after.assignee_id == winner and evaluations == [(winner,)])


def race_at_the_edge(world: World, pool: ThreadPoolExecutor, count: Count, dice: random.Random) -> None:
    """The seller appeals while the system approves, around the instant at which the time is over."""
    call_id = world.register()
    journeys.evaluate(world, call_id)
    version = world.call(call_id).version
    # an appeal reads for some milliseconds before its UPDATE asks the clock, so the spread reaches back further
    early = dice.choice((0.08, 0.04, 0.02, 0.01, 0.005, 0.001, 0.0, -0.001))
    ahead = timedelta(milliseconds=100)
    with world.database.begin() as connection:
        began, due = monotonic(), database_now(connection) + ahead
        connection.execute(calls.update().where(calls.c.call_id == call_id).values(approve_at=due))
    until = began + ahead.total_seconds() - early

    def appeal() -> None:
        while monotonic() < until:
            pass
        with world.work() as work:
            appealing.appeal(work, world.viewer("marina"), call_id, version, "не так", POINTS)

    def approve() -> None:
        while monotonic() < until:
            pass
        last = monotonic() + 5
        while monotonic() < last:
            with world.work() as work:
                appealing.approve_next(work)
            with world.database.read() as connection:
                status = connection.execute(calls.select().where(calls.c.call_id == call_id)).one().status
            if status == Status.APPROVED_EVALUATED.value:
                return
            if status != Status.EVALUATED_PENDING.value:
                raise IllegalMove("appealed before")

    names = ["appeal", "approval"]
    ends = at_once(pool, [appeal, approve])
    stands = {Status.EVALUATED_APPEALED: "appeal", Status.APPROVED_EVALUATED: "approval"}
    winner = names[ends.index(WON)] if WON in ends else None
    entries = world.sql("SELECT count(*) FROM ledger WHERE call_id = :call", call=call_id)[0][0]
    sound = stands.get(world.call(call_id).status) == winner and bool(entries) == (winner == "approval")  # type: ignore[arg-type]
    count.note(names, ends, sound)


def run(url: str, races: int, seed: int = 7) -> tuple[Count, Count]:
    """Races of both kinds on a migrated database; the counts."""
    world, dice = World(url).settle(), random.Random(seed)
    controllers, edge = Count(), Count()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(races):
            race_of_controllers(world, pool, controllers)
        for _ in range(races):
            race_at_the_edge(world, pool, edge, dice)
    world.close()
    return controllers, edge


def main() -> int:
    """Runs on SQLite and PostgreSQL; exit code 1 when anything was neither won nor lost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    bad = 0
    with TemporaryDirectory(prefix="otzvuk-races-", ignore_cleanup_errors=True) as folder:
        for name, url, close in places(Path(folder)):
            migrate(url, "services.review")
            for kind, count in zip(("two controllers", "48 h edge"), run(url, asked.races, asked.seed), strict=True):
                print(f"{name}, {kind} (seed {asked.seed}):")
                print("  " + "\n  ".join(count.lines()))
                bad += sum(count.neither.values())
            close()
    return 1 if bad else 0


def places(folder: Path) -> list[tuple[str, str, Callable[[], None]]]:
    """(name, URL, how to end it) of an SQLite file and of a real PostgreSQL."""
    from services.local.postgres import LocalPostgres

    server = LocalPostgres(folder / "postgres", durable=False)
    return [
        ("SQLite", f"sqlite:///{folder / 'races.db'}", lambda: None),
        ("PostgreSQL", server.new_database(), server.stop),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
