"""Shadow replay shows whose rate would change, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.score.adapters.scorecard_files import READY_FOLDER, parse_scorecard
from services.score.adapters.store import SqlStore
from services.score.adapters.tables import METADATA
from services.score.commands import shadow_replay
from services.score.domain.shadow import table
from services.score.handlers.shadow import replay
from tests.integration.score.places import ScoreDesk, call, completed, make_desk, transcript

POOR = (
    ("seller", "Алло."),
    ("client", "Здравствуйте, дорого у вас, я подумаю."),
    ("seller", "Как хотите."),
)
GREETING_ONLY = """\
id: greeting_only
label: Only the greeting
blocks:
  - {code: contact, label: Contact, criteria: [{code: greeting, label: Greeting, weights: 1}]}
"""


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[ScoreDesk]:
    made = make_desk(sqlite_url, tmp_path)
    made.feed("call-registered", call("c-1"))
    made.feed("call-registered", call("c-2", department_id="op", seller_id="s-2"))
    made.feed("transcript-completed", completed(made, transcript("c-1")))
    made.feed("transcript-completed", completed(made, transcript("c-2", POOR)))
    yield made
    made.database.close()


def everything(desk: ScoreDesk) -> dict[str, list[tuple[object, ...]]]:
    with desk.database.read() as connection:
        return {name: [tuple(row) for row in connection.execute(one.select())] for name, one in METADATA.tables.items()}


def test_the_same_card_changes_nobody(desk: ScoreDesk) -> None:
    with desk.database.read() as connection:
        shifts = list(replay(SqlStore(connection), desk.score._drafting, None))
    assert [(shift.call_id, shift.points, shift.changed) for shift in shifts] == [("c-1", 0, ()), ("c-2", 0, ())]


def test_another_card_shows_before_and_after(desk: ScoreDesk) -> None:
    before = everything(desk)
    card = parse_scorecard(GREETING_ONLY)
    with desk.database.read() as connection:
        first, second = replay(SqlStore(connection), desk.score._drafting, card)
    assert (first.after, second.after) == (Decimal("100.00"), Decimal("0.00"))
    old = {item["call_id"]: item["cqr"] for item in desk.published("call-scored")}
    assert (first.before, second.before) == (old["c-1"], old["c-2"])
    assert "farewell" in first.changed
    assert everything(desk) == before


def test_a_department_or_the_last_calls_alone(desk: ScoreDesk) -> None:
    with desk.database.read() as connection:
        store = SqlStore(connection)
        of_department = list(replay(store, desk.score._drafting, None, department="op"))
        last = list(replay(store, desk.score._drafting, None, limit=1))
    assert ([one.call_id for one in of_department], [one.call_id for one in last]) == (["c-2"], ["c-2"])


def test_a_call_whose_transcript_is_gone_is_passed_over(desk: ScoreDesk) -> None:
    desk.storage.delete("transcripts/t-c-1.json")
    with desk.database.read() as connection:
        shifts = list(replay(SqlStore(connection), desk.score._drafting, None))
    assert [shift.call_id for shift in shifts] == ["c-2"]


def test_the_table_names_sellers_and_calls(desk: ScoreDesk) -> None:
    with desk.database.read() as connection:
        shifts = list(replay(SqlStore(connection), desk.score._drafting, parse_scorecard(GREETING_ONLY)))
    lines = list(table(shifts, 5))
    assert lines[0] == "2 calls drafted anew; the rate of 2 would change. Nothing was written."
    assert [line.split(":")[0].strip() for line in lines[2:4]] == ["s-2", "s-1"]


def test_the_command(desk: ScoreDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_SCORE_DATABASE_URL", desk.database.url)
    monkeypatch.setenv("OTZVUK_STORAGE_URL", desk.storage.url)
    monkeypatch.setenv("OTZVUK_SCORE_MODEL", "rules")
    result = CliRunner().invoke(shadow_replay, ["--scorecard", str(READY_FOLDER / "sales.yaml")])
    assert (result.exit_code, result.output.splitlines()[0].split(";")[0]) == (0, "2 calls drafted anew")
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: x", encoding="utf-8")
    result = CliRunner().invoke(shadow_replay, ["--scorecard", str(broken)])
    assert (result.exit_code, "broken.yaml:1" in result.output) == (1, True)
