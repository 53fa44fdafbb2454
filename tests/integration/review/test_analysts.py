"""Every snippet of the analysts' page is run as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.review.star import make_export
from tests.places import Broker

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"<!-- run: ([a-z-]+) ?([a-z_]*) -->\n```[a-z]+\n(.*?)```", re.S)
SNIPPETS = {(kind, name): body for kind, name, body in BLOCK.findall(PAGE)}
EXAMPLES = sorted((ROOT / "schemas" / "examples" / "evaluation-approved.v1").glob("*.json"))


def named(kind: str) -> list[str]:
    return [name for each, name in SNIPPETS if each == kind]


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_export(tmp_path_factory.mktemp("exports"))


def test_every_block_of_the_page_is_run_by_something() -> None:
    blocks = re.findall(r"^```(?:sh|sql|python)$", PAGE, re.M)
    assert len(blocks) == len(SNIPPETS) + PAGE.count("<!-- show -->")
    assert {kind for kind, _ in SNIPPETS} == {
        "shell",
        "duckdb",
        "clickhouse",
        "clickhouse-parse",
        "clickhouse-table",
        "python",
        "kcat",
    }


def test_the_export_commands(tmp_path: Path) -> None:
    environment = {**os.environ, "OTZVUK_DATA_FOLDER": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}
    binaries = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", "-e"],
        input=SNIPPETS["shell", ""],
        cwd=tmp_path,
        env={**environment, "PATH": binaries},
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [f"0 rows in {what}.parquet" for what in ("calls", "evaluations", "criteria", "objections")],
    ), done.stderr


@pytest.mark.parametrize("name", named("duckdb"))
def test_duckdb(exports: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    monkeypatch.chdir(exports)
    rows = duckdb.sql(SNIPPETS["duckdb", name]).fetchall()
    if name == "cqr_by_seller":
        assert [row[0] for row in rows] == ["alina", "artyom", "denis", "ilya", "ksenia", "marina"]
        assert sum(row[1] for row in rows) == 300
    if name == "disagreement":
        assert len(rows) == 5
        assert all(5 <= row[3] <= 25 for row in rows)
    if name == "objections":
        assert sorted(row[0] for row in rows) == ["competitor", "no_time", "price", "think"]


def clickhouse(*statements: str, folder: Path | None = None) -> str:
    """Runs statements in a process of their own: the embedded ClickHouse keeps threads and a folder."""
    program = (
        "import sys, json\nfrom chdb import session\n"
        "place = session.Session()\nout = ''\n"
        "for statement in json.load(sys.stdin):\n    out = str(place.query(statement, 'CSV'))\nprint(out)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(statements),
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_clickhouse_over_files(exports: Path) -> None:
    said = clickhouse(SNIPPETS["clickhouse", "cqr_by_department"], folder=exports)
    assert [line.split(",")[0] for line in said.splitlines()] == ['"cc"', '"sales"']


def test_clickhouse_understands_the_queue() -> None:
    for name in named("clickhouse-parse"):
        assert clickhouse(f"EXPLAIN AST {SNIPPETS['clickhouse-parse', name]}").startswith('"CreateQuery')


def test_clickhouse_over_messages() -> None:
    rows = ", ".join(
        "('" + path.read_text(encoding="utf-8").replace("\\", "\\\\").replace("'", "\\'") + "')" for path in EXAMPLES
    )
    said = clickhouse(
        SNIPPETS["clickhouse-parse", "table"],
        f"INSERT INTO approved VALUES {rows}",
        SNIPPETS["clickhouse-table", "approved"],
    )
    sellers = sorted({json.loads(path.read_text(encoding="utf-8"))["data"]["seller_id"] for path in EXAMPLES})
    assert [line.split(",")[0].strip('"') for line in said.splitlines()] == sellers


def fill(broker: Broker) -> None:
    """The example messages."""
    from confluent_kafka import Producer

    from services.runtime.kafka import KafkaSettings
    from services.topics import create_missing

    create_missing(KafkaSettings(broker.bootstrap, broker.flavour == "embedded"), replicas=1)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for path in EXAMPLES:
        raw = path.read_bytes()
        producer.produce("evaluation-approved", raw, key=json.loads(raw)["data"]["call_id"])
    assert producer.flush(20) == 0


def expected() -> list[str]:
    last = {}
    for path in EXAMPLES:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["data"]
        last[data["call_id"]] = data
    counted = [data for data in last.values() if data["counted"] and data["cqr"] is not None]
    lines = []
    for seller in sorted({data["seller_id"] for data in counted}):
        rates = [Decimal(data["cqr"]) for data in counted if data["seller_id"] == seller]
        lines.append(f"{seller} {len(rates)} {round(sum(rates) / len(rates), 1)}")
    return lines


def test_kafka_python(kafka: Broker) -> None:
    fill(kafka)
    done = subprocess.run(
        [sys.executable, "-c", SNIPPETS["python", "last_word"]],
        env={**os.environ, "KAFKA": kafka.bootstrap},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.splitlines()) == (0, expected()), done.stderr
    assert expected()


def test_kcat(embedded_kafka: Broker) -> None:
    if shutil.which("kcat") is None:
        pytest.skip("kcat is not installed on this machine: its snippet was not run")
    fill(embedded_kafka)
    done = subprocess.run(
        ["sh", "-e"],
        input=SNIPPETS["kcat", ""],
        env={**os.environ, "KAFKA": embedded_kafka.bootstrap},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert len(done.stdout.splitlines()) == len(EXAMPLES)
