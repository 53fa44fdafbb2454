"""`make bench-calls`: the list of calls with each filter over many calls; p95 a filter, and how it grows from 10,000.

Goal: p95 ≤ 300 ms on PostgreSQL and ≤ 500 ms on SQLite over a million calls on two cores. Each filter is asked as an
analyst (all calls) with values drawn at random, first page and a page from the middle; then lists as a head, a
controller and a seller see them. The rows are made inside the database, so that making them does not take all day.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.engine import Connection

from services.review.adapters.call_list import call_list
from services.review.adapters.call_order import cursor_of
from services.review.adapters.tables import calls
from services.review.domain.calls import CallType
from services.review.domain.people import Role, Viewer
from services.review.domain.statuses import Status
from services.review.domain.views import CallFilters, CallOrder, CallSort
from services.runtime.database import Database, database_now
from services.runtime.migrations import migrate

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 690
SELLERS, DEPARTMENTS, CONTROLLERS = 200, 10, 20
GOAL_MS = {"postgresql": 300, "sqlite": 500}
Dice = random.Random

# column → expression over n (a number that counts the calls) and h (a scrambled one), in SQL that both databases read
COLUMNS: dict[str, str] = {
    "call_id": "'call-' || n",
    "number": "n",
    "status": "CASE WHEN h % 100 < 70 THEN 'auto_classified' WHEN h % 100 < 88 THEN 'unclassified' "
    "WHEN h % 100 < 89 THEN 'manually_classified' WHEN h % 100 < 90 THEN 'listening_counted' "
    "WHEN h % 100 < 91 THEN 'evaluated_pending' WHEN h % 1000 < 911 THEN 'evaluated_appealed' "
    "WHEN h % 100 < 99 THEN 'approved_evaluated' ELSE 'approved_overturned' END",
    "version": "2",
    "revision": "1",
    "direction": "CASE WHEN h % 3 = 0 THEN 'in' ELSE 'out' END",
    "outcome": "CASE WHEN h % 5 = 0 THEN 'missed' ELSE 'answered' END",
    "started_at": "{at}",
    "ring_ms": "5000",
    "talk_ms": "(h / 7) % 900000",
    "duration_ms": "(h / 7) % 900000 + 5000",
    "seller_id": f"'seller-' || ((h / 11) % {SELLERS})",
    "department_id": f"'department-' || ((h / 11) % {DEPARTMENTS})",
    "client_key": "'client-' || ((h / 13) % 100000)",
    "lead_id": "CASE WHEN h % 4 = 0 THEN 'lead-' || ((h / 17) % 50000) END",
    "source": "CASE WHEN h % 2 = 0 THEN 'source-' || ((h / 19) % 12) END",
    "campaign": "CASE WHEN h % 2 = 0 THEN 'campaign-' || ((h / 23) % 60) END",
    "client_known": "{true}",
    "recording_expected": "{true}",
    "audio_uri": "CASE WHEN h % 5 > 0 THEN 'recordings/' || n END",
    "transcript_uri": "CASE WHEN h % 5 > 0 THEN 'transcripts/' || n END",
    "draft_revision": "1",
    "draft_type": "{kind}",
    "list_type": "{kind}",
    "draft_cqr_hundredths": "(h / 29) % 10001",
    "list_cqr_hundredths": "(h / 29) % 10001",
    "remarkable": "CASE WHEN h % 50 = 0 THEN ',low_cqr,' WHEN h % 400 = 1 THEN ',red_flag,low_cqr,' ELSE '' END",
    "red_flags": "CASE WHEN h % 400 = 1 THEN ',rudeness,' ELSE '' END",
    "risk": "CASE WHEN h % 50 = 0 THEN 40 WHEN h % 400 = 1 THEN 140 ELSE 0 END",
    "rating": "CASE WHEN h % 10 = 0 THEN (h / 31) % 5 + 1 END",
    "scorecard_version": "'version-' || (h % 3)",
    "assignee_id": f"CASE WHEN h % 100 >= 89 THEN 'controller-' || ((h / 37) % {CONTROLLERS}) END",
    "evaluator_id": f"CASE WHEN h % 100 >= 90 THEN 'controller-' || ((h / 37) % {CONTROLLERS}) END",
    "due_at": "CASE WHEN h % 100 = 89 THEN {at} END",
    "appealed": "CASE WHEN h % 1000 >= 990 THEN {true} ELSE {false} END",
}
KINDS = "CASE h % 5 WHEN 0 THEN 'qualification' WHEN 1 THEN 'objection' WHEN 2 THEN 'transactional' ELSE 'spam' END"
FILTERS: dict[str, Callable[[Dice], CallFilters]] = {
    "(none)": lambda dice: CallFilters(),
    "status": lambda dice: CallFilters(statuses=(dice.choice((Status.UNCLASSIFIED, Status.LISTENING_COUNTED)),)),
    "status, rare": lambda dice: CallFilters(statuses=(Status.EVALUATED_APPEALED,)),
    "three statuses": lambda dice: CallFilters(
        statuses=(Status.EVALUATED_PENDING, Status.EVALUATED_APPEALED, Status.LISTENING_COUNTED)
    ),
    "seller": lambda dice: CallFilters(seller_id=f"seller-{dice.randrange(SELLERS)}"),
    "department": lambda dice: CallFilters(department_id=f"department-{dice.randrange(DEPARTMENTS)}"),
    "controller": lambda dice: CallFilters(controller_id=f"controller-{dice.randrange(CONTROLLERS)}"),
    "type": lambda dice: CallFilters(call_type=dice.choice((CallType.OBJECTION, CallType.SPAM))),
    "type, none": lambda dice: CallFilters(call_type=CallType.REANIMATION),
    "direction": lambda dice: CallFilters(direction=dice.choice(("in", "out"))),
    "outcome": lambda dice: CallFilters(outcome="missed"),
    "days": lambda dice: _days(dice, 7),
    "rate": lambda dice: CallFilters(cqr_from=Decimal(dice.randrange(90)), cqr_to=Decimal(95)),
    "rate, one": lambda dice: CallFilters(cqr_from=Decimal("37.11"), cqr_to=Decimal("37.11")),
    "talk": lambda dice: CallFilters(talk_from_ms=dice.randrange(600_000)),
    "talk, 100 ms": lambda dice: CallFilters(talk_from_ms=500_000, talk_to_ms=500_100),
    "rating": lambda dice: CallFilters(rating=dice.randrange(1, 6)),
    "remarkable": lambda dice: CallFilters(remarkable=dice.choice(("any", "low_cqr"))),
    "remarkable, none": lambda dice: CallFilters(remarkable="refusal_mismatch"),
    "red flag": lambda dice: CallFilters(red_flag=True),
    "appealed": lambda dice: CallFilters(appealed=True),
    "overdue": lambda dice: CallFilters(overdue=True),
    "lead": lambda dice: CallFilters(lead_id=f"lead-{dice.randrange(50_000)}"),
    "client": lambda dice: CallFilters(client_key=f"client-{dice.randrange(100_000)}"),
    "source": lambda dice: CallFilters(source=f"source-{dice.randrange(12)}"),
    "campaign": lambda dice: CallFilters(campaign=f"campaign-{dice.randrange(60)}"),
    "scorecard": lambda dice: CallFilters(scorecard_version=f"version-{dice.randrange(3)}"),
    "no recording": lambda dice: CallFilters(has_recording=False),
    "number": lambda dice: CallFilters(number=dice.randrange(1, 10_000)),
    "seller and status": lambda dice: CallFilters(
        seller_id=f"seller-{dice.randrange(SELLERS)}", statuses=(Status.APPROVED_EVALUATED,)
    ),
    "department, type, week": lambda dice: _days(dice, 7, department_id="department-3", call_type=CallType.OBJECTION),
}
ANALYST = Viewer("timur", Role.ANALYST)
VIEWERS = {
    "as a head": Viewer("svetlana", Role.HEAD, frozenset({"department-3"})),
    "as a head of two": Viewer("svetlana", Role.HEAD, frozenset({"department-3", "department-4"})),
    "as a controller": Viewer("controller-7", Role.CONTROLLER),
    "as a seller": Viewer("seller-42", Role.SELLER),
    "as a mentor": Viewer("natalia", Role.MENTOR, frozenset(), frozenset({"seller-1", "seller-2", "seller-3"})),
}


def _days(dice: Dice, days: int, **more: object) -> CallFilters:
    since = FIRST + timedelta(days=dice.randrange(DAYS - days))
    return CallFilters(started_from=since, started_to=since + timedelta(days=days), **more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one filter."""

    p50: float
    p95: float


def fill(database: Database, rows: int) -> None:
    """Makes that many calls; indexes come afterwards, as after a big import."""
    with database.begin() as connection:
        for index in calls.indexes:
            index.drop(connection)
    step = 100_000
    for start in range(0, rows, step):
        with database.begin() as connection:
            _insert(connection, start + 1, min(start + step, rows), rows)
    with database.begin() as connection:
        for index in calls.indexes:
            index.create(connection)
    if database.is_sqlite:
        with database.begin() as connection:
            connection.execute(text("ANALYZE"))
        return
    # what a server does by itself in the minutes after an import, and not in the middle of the first measurements
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as outside:
        outside.execute(text("VACUUM (ANALYZE)"))
        outside.execute(text("CHECKPOINT"))


def _insert(connection: Connection, first: int, last: int, rows: int) -> None:
    sqlite = connection.dialect.name == "sqlite"
    step = int(timedelta(days=DAYS) / timedelta(microseconds=1)) // rows
    begin = int((FIRST - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    micros = f"({begin} + n * {step})"
    words = {
        "at": micros if sqlite else f"to_timestamp({micros} / 1000000.0)",
        "true": "1" if sqlite else "true",
        "false": "0" if sqlite else "false",
        "kind": KINDS,
    }
    numbers = (
        f"WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) "
        if sqlite
        else f"WITH numbers AS (SELECT n FROM generate_series(CAST({first} AS bigint), {last}) AS s(n)) "
    )
    values = ", ".join(expression.format(**words) for expression in COLUMNS.values())
    connection.execute(
        text(
            f"INSERT INTO calls ({', '.join(COLUMNS)}) {numbers}SELECT {values} "
            "FROM (SELECT n, (n * 2654435761) % 4294967291 AS h FROM numbers) AS made"
            if not sqlite
            else f"{numbers}INSERT INTO calls ({', '.join(COLUMNS)}) SELECT {values} "
            "FROM (SELECT n, (n * 2654435761) % 4294967291 AS h FROM numbers) AS made"
        )
    )


def measure(
    database: Database, viewer: Viewer, filters: Callable[[Dice], CallFilters], repeats: int, rows: int
) -> Measured:
    """Asks for the first page and for one from the middle, again and again with other values."""
    dice, spent = random.Random(7), []
    for number in range(repeats):
        cursor = None if number % 2 == 0 else cursor_of(FIRST + timedelta(days=dice.randrange(DAYS)), "call-5")
        asked = filters(dice)
        began = time.perf_counter()
        with database.read() as connection:
            call_list(connection, viewer, asked, now=database_now(connection), cursor=cursor)
        spent.append((time.perf_counter() - began) * 1000)
    spent.sort()
    return Measured(spent[len(spent) // 2], spent[min(len(spent) - 1, int(0.95 * len(spent)))])


def measure_order(database: Database, viewer: Viewer, sort: CallSort, filters: CallFilters, repeats: int) -> Measured:
    """Pages one after the other in an order, from the first on."""
    spent: list[float] = []
    cursor = None
    for _ in range(repeats):
        began = time.perf_counter()
        with database.read() as connection:
            page = call_list(connection, viewer, filters, now=database_now(connection), sort=sort, cursor=cursor)
        spent.append((time.perf_counter() - began) * 1000)
        cursor = page.next_cursor
    spent.sort()
    return Measured(spent[len(spent) // 2], spent[min(len(spent) - 1, int(0.95 * len(spent)))])


def measure_orders(database: Database, repeats: int) -> dict[str, Measured]:
    """Every order both ways as an analyst, and each again as a head, narrowed to calls with a flag."""
    found = {}
    for order in CallOrder:
        for descending in (True, False):
            sort = CallSort(order, descending)
            name = f"by {order} {'↓' if descending else '↑'}"
            found[name] = measure_order(database, ANALYST, sort, CallFilters(), repeats)
        flagged = CallFilters(red_flag=True)
        found[f"by {order}, head, flags"] = measure_order(
            database, VIEWERS["as a head"], CallSort(order, False), flagged, repeats
        )
    return found


def measure_all(database: Database, repeats: int, rows: int) -> dict[str, Measured]:
    """Every filter as an analyst, then the bare list as everybody else, then every order."""
    found = {name: measure(database, ANALYST, each, repeats, rows) for name, each in FILTERS.items()}
    for name, viewer in VIEWERS.items():
        found[name] = measure(database, viewer, FILTERS["(none)"], repeats, rows)
    return found | measure_orders(database, repeats)


def measured_at(url: str, rows: int, repeats: int) -> dict[str, Measured]:
    """Measures over a database that is filled first, unless it was kept from an earlier run."""
    migrate(url, "services.review")
    database = Database(url)
    with database.read() as connection:
        there = connection.execute(text("SELECT count(*) FROM calls")).scalar_one()
    if there != rows:
        began = time.perf_counter()
        fill(database, rows)
        print(f"{rows:,} calls made in {time.perf_counter() - began:.0f} s", flush=True)
    found = measure_all(database, repeats, rows)
    database.close()
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a line a filter; exit code 1 when a p95 misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument(
        "--database", default="sqlite", help="`sqlite`, `postgres` (local ones), or the URL of an empty one"
    )
    parser.add_argument("--repeats", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder in which the SQLite files stay for the next run")
    asked = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="otzvuk-bench-", ignore_cleanup_errors=True) as passing:
        folder = asked.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        few_url, many_url, close = places(asked.database or "sqlite", folder)
        few = measured_at(few_url, 10_000, asked.repeats) if few_url else {}
        many = measured_at(many_url, asked.rows, asked.repeats)
        close()
    goal = GOAL_MS["sqlite" if many_url.startswith("sqlite") else "postgresql"]
    print(f"{'filter':<24}{'p50 ms':>9}{'p95 ms':>9}{'10,000: p95':>13}{'growth':>8}")
    missed = 0
    for name, figure in many.items():
        before = few.get(name)
        growth = f"{figure.p95 / before.p95:.1f}×" if before else "-"
        sign = "  over the goal" if figure.p95 > goal else ""
        missed += figure.p95 > goal
        print(f"{name:<24}{figure.p50:>9.1f}{figure.p95:>9.1f}{before.p95 if before else 0:>13.1f}{growth:>8}{sign}")
    print(f"goal: p95 ≤ {goal} ms a filter; {missed} of {len(many)} over it")
    return 1 if missed else 0


def places(named: str, folder: Path) -> tuple[str | None, str, Callable[[], None]]:
    """(URL for 10,000 calls, URL for all, how to end). A URL of one's own has room for one measurement only."""
    if named == "sqlite":
        return f"sqlite:///{folder / 'few.db'}", f"sqlite:///{folder / 'many.db'}", lambda: None
    if named in ("postgres", "postgresql"):
        from services.local.postgres import LocalPostgres

        server = LocalPostgres(folder / "postgres", durable=False)
        return server.new_database(), server.new_database(), server.stop
    return None, named, lambda: None


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        raise SystemExit(main())
