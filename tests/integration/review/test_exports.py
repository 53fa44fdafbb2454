"""Exports of a company that has worked: every table has its rows, and each role gets what it may have and no more."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow.parquet as parquet
import pytest
from sqlalchemy import select

from services.review.adapters.exports import Exporter
from services.review.adapters.tables_people import access_log
from services.review.domain.datasets import DATASETS, Format, Shown, What
from services.review.domain.people import SYSTEM, Viewer
from services.review.handlers import events
from services.runtime.errors import NotPermitted
from services.runtime.migrations import migrate
from tests.integration.review import journeys
from tests.integration.review.world import LONG_AGO, World, draft_data

OBJECTIONS = [
    {"turn": 3, "kind": "price", "score": 0.5, "answer_turns": [4], "techniques": ["argue"], "confidence": 0.8},
    {"turn": 7, "kind": "think", "score": None, "answer_turns": [], "techniques": [], "confidence": 0.6},
]
PROBE = "=cmd|' /C calc'!A0"


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('exports') / 'review.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        url = server.new_database()
    migrate(url, "services.review")
    made = World(url).settle()
    work_a_day(made)
    yield made
    made.database.close()
    if request.param == "postgres":
        server.drop_database(url)


def work_a_day(world: World) -> None:
    """Marina's call is evaluated, appealed and corrected; Ilya's and Denis's wait; a lead was called twice."""
    world.register("c1", draft=False, client_label=PROBE)
    with world.work() as work:
        events.call_scored(work, draft_data("c1", objections=OBJECTIONS))
        events.lead_changed(
            work,
            {
                "lead_id": "lead-1",
                "revision": 1,
                "kind": "lead",
                "created_at": LONG_AGO.isoformat(),
                "changed_at": LONG_AGO.isoformat(),
                "stage": "=новая",
                "stage_kind": "new",
                "seller_id": "marina",
                "department_id": "cc",
                "client_keys": ["key-c2"],
                "amount": 1500.5,
                "currency": "RUB",
            },
        )
    journeys.evaluate(world, "c1")
    journeys.appeal(world, "c1")
    journeys.uphold(world, "c1")
    world.register("c2", seller_id="ilya", direction="out", lead_id="lead-1", talk_ms=30_000)
    world.register("c3", seller_id="ilya", direction="out", lead_id="lead-1", talk_ms=30_001)
    world.register("c4", seller_id="denis", department_id="sales", department_kind="sales")


def exported(
    world: World, viewer: str | Viewer, what: What, *, personal: bool = False, since: datetime | None = None
) -> list[dict[str, Any]]:
    file = io.BytesIO()
    who = world.viewer(viewer) if isinstance(viewer, str) else viewer
    Exporter(world.database).write_span(who, what, Format.PARQUET, since, None, file, personal=personal)
    return parquet.read_table(io.BytesIO(file.getvalue())).to_pylist()


def column(rows: list[dict[str, Any]], name: str) -> list[Any]:
    return [row[name] for row in rows]


class TestRows:
    def test_calls(self, world: World) -> None:
        rows = {row["call_id"]: row for row in exported(world, "timur", What.CALLS)}
        assert sorted(rows) == ["c1", "c2", "c3", "c4"]
        one = rows["c1"]
        assert (one["status"], one["cqr"], one["draft_cqr"]) == ("approved_overturned", Decimal(100), Decimal(80))
        assert (one["seller_id"], one["department_name"], one["appealed"]) == ("marina", "Контакт-центр", True)
        assert one["started_at"] == LONG_AGO

    def test_evaluations(self, world: World) -> None:
        (row,) = exported(world, "timur", What.EVALUATIONS)
        assert (row["kind"], row["cqr"], row["draft_cqr"], row["delta"]) == ("counted", 80, 80, 0)

    def test_criteria(self, world: World) -> None:
        rows = {row["criterion"]: row for row in exported(world, "timur", What.CRITERIA)}
        handling = rows["objection_handling"]
        assert (handling["weight"], handling["score"], handling["draft_score"]) == (2, Decimal("0.5"), Decimal("0.5"))
        assert (handling["appealed"], handling["corrected_score"]) == (True, 1)
        assert handling["criterion_name"] == "Отработка возражений"
        assert (rows["greeting"]["appealed"], rows["greeting"]["corrected_score"]) == (False, None)

    def test_objections(self, world: World) -> None:
        rows = exported(world, "timur", What.OBJECTIONS)
        assert [(row["ordinal"], row["kind"], row["score"], row["techniques"]) for row in rows] == [
            (1, "price", Decimal("0.5"), "argue"),
            (2, "think", None, ""),
        ]

    def test_leads(self, world: World) -> None:
        (row,) = exported(world, "timur", What.LEADS)
        assert (row["lead_id"], row["stage"], row["amount"], row["violations"]) == (
            "lead-1",
            "=новая",
            Decimal("1500.5"),
            0,
        )

    def test_attempts(self, world: World) -> None:
        rows = exported(world, "timur", What.ATTEMPTS)
        assert [(row["call_id"], row["ordinal"], row["touch"]) for row in rows] == [("c2", 1, False), ("c3", 2, True)]

    def test_credit_adds_up(self, world: World) -> None:
        rows = exported(world, "timur", What.CREDIT)
        totals: dict[tuple[str, str], Decimal] = {}
        for row in rows:
            key = row["transaction_id"], row["unit"]
            totals[key] = totals.get(key, Decimal(0)) + row["amount"]
        assert rows
        assert set(totals.values()) == {Decimal(0)}

    def test_a_span_is_half_open(self, world: World) -> None:
        after = LONG_AGO.replace(microsecond=1)
        assert len(exported(world, "timur", What.CALLS, since=LONG_AGO)) == 4
        assert exported(world, "timur", What.CALLS, since=after) == []

    @pytest.mark.parametrize("what", list(What))
    @pytest.mark.parametrize("kind", list(Format))
    def test_every_table_in_every_format(self, world: World, what: What, kind: Format) -> None:
        file = io.BytesIO()
        count = Exporter(world.database).write_span(SYSTEM, what, kind, None, None, file, personal=True)
        assert count == len(exported(world, SYSTEM, what))
        assert file.tell() > 0


class TestWhoGetsWhat:
    @pytest.mark.parametrize(
        ("viewer", "calls"),
        [
            ("marina", ["c1"]),
            ("ilya", ["c2", "c3"]),
            ("svetlana", ["c1", "c2", "c3"]),
            ("gleb", ["c4"]),
            ("timur", ["c1", "c2", "c3", "c4"]),
        ],
    )
    def test_rows(self, world: World, viewer: str, calls: list[str]) -> None:
        assert sorted(column(exported(world, viewer, What.CALLS), "call_id")) == calls

    @pytest.mark.parametrize("viewer", ["natalia", "anna"])
    def test_not_these(self, world: World, viewer: str) -> None:
        for what in What:
            with pytest.raises(NotPermitted):
                exported(world, viewer, what)

    def test_a_controller_gets_what_he_scored(self, world: World) -> None:
        (row,) = exported(world, "timur", What.EVALUATIONS)
        scorer = row["evaluator_id"]
        other = next(each for each in ("olga", "pavel") if each != scorer)
        assert column(exported(world, scorer, What.EVALUATIONS), "call_id") == ["c1"]
        assert exported(world, other, What.EVALUATIONS) == []
        assert {row["person_id"] for row in exported(world, scorer, What.CREDIT)} == {scorer}

    def test_another_sellers_credit_is_not_there(self, world: World) -> None:
        assert {row["person_id"] for row in exported(world, "marina", What.CREDIT)} == {"marina"}
        assert exported(world, "ilya", What.CREDIT) == []

    @pytest.mark.parametrize("what", list(What))
    def test_a_seller_gets_no_draft(self, world: World, what: What) -> None:
        drafts = {each.name for each in DATASETS[what].columns if each.shown is Shown.DRAFT}
        for row in exported(world, "marina", what):
            assert not drafts & row.keys()
        assert exported(world, "marina", What.OBJECTIONS) == []

    @pytest.mark.parametrize("what", list(What))
    def test_names_only_when_asked_and_only_to_those_who_may(self, world: World, what: What) -> None:
        personal = {each.name for each in DATASETS[what].columns if each.shown is Shown.PERSONAL}
        assert all(not personal & row.keys() for row in exported(world, "svetlana", what))
        assert all(personal <= row.keys() for row in exported(world, "svetlana", what, personal=True))
        for viewer in ("timur", "marina", "olga"):
            with pytest.raises(NotPermitted):
                exported(world, viewer, what, personal=True)

    def test_a_name_of_a_client_is_never_a_formula(self, world: World) -> None:
        file = io.BytesIO()
        viewer = world.viewer("svetlana")
        Exporter(world.database).write_span(viewer, What.CALLS, Format.CSV, None, None, file, personal=True)
        rows = list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
        assert next(row["client_label"] for row in rows if row["call_id"] == "c1") == f"'{PROBE}"

    def test_each_export_is_noted(self, world: World) -> None:
        since = datetime(2026, 1, 1, tzinfo=UTC)
        exported(world, "gleb", What.LEADS, personal=True, since=since)
        query = select(access_log).where(access_log.c.person_id == "gleb").order_by(access_log.c.seq.desc()).limit(1)
        with world.database.read() as connection:
            row = connection.execute(query).one()
        assert (row.kind, row.object_kind, row.object_id, row.fields) == (
            "export",
            "leads",
            "2026-01-01T00:00:00+00:00/",
            "personal,parquet",
        )
