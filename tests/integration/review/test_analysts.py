"""Every snippet of the analysts' page is run as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.integration.review.star import make_export
from tests.kcat import NO_KCAT, kcat_environment
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


# Statements in, the answer (or the refusal) to each out. The process ends at once, without the engine's own threads.
CLICKHOUSE = """
import json, os, sys
from chdb import session
place, answers = session.Session(), []
for statement in json.load(sys.stdin):
    try:
        answers.append(str(place.query(statement, "CSV")))
    except RuntimeError as refusal:
        answers.append(f"refused: {refusal}")
sys.stdout.write(json.dumps(answers))
sys.stdout.flush()
os._exit(0)
"""


def clickhouse(*statements: str, folder: Path | None = None) -> list[str]:
    """The answers of one process of the embedded ClickHouse: it keeps threads and a folder, so ours is not for it."""
    done = subprocess.run(
        [sys.executable, "-c", CLICKHOUSE],
        input=json.dumps(statements),
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[str] = json.loads(done.stdout)
    return answers


def test_clickhouse_over_files(exports: Path) -> None:
    (said,) = clickhouse(SNIPPETS["clickhouse", "cqr_by_department"], folder=exports)
    assert [line.split(",")[0] for line in said.splitlines()] == ['"cc"', '"sales"']


def test_clickhouse_understands_the_queue() -> None:
    statements = [SNIPPETS["clickhouse-parse", name] for name in named("clickhouse-parse")]
    answers = clickhouse(*(f"EXPLAIN AST {statement}" for statement in statements))
    assert [answer.split()[0].strip('"') for answer in answers] == ["CreateQuery"] * len(statements)


def test_the_embedded_clickhouse_still_has_no_threads_for_a_queue() -> None:
    """When this fails the engine has them: run the queue's statements against a broker instead of only parsing them."""
    (engine, answer) = clickhouse(
        "SELECT name FROM system.table_engines WHERE name = 'Kafka'", SNIPPETS["clickhouse-parse", "queue"]
    )
    assert engine.strip() == '"Kafka"'
    assert "Shutdown was called" in answer


def test_clickhouse_over_messages() -> None:
    rows = ", ".join(
        "('" + path.read_text(encoding="utf-8").replace("\\", "\\\\").replace("'", "\\'") + "')" for path in EXAMPLES
    )
    *_, said = clickhouse(
        SNIPPETS["clickhouse-parse", "table"],
        f"INSERT INTO approved VALUES {rows}",
        SNIPPETS["clickhouse-table", "approved"],
    )
    sellers = sorted({json.loads(path.read_text(encoding="utf-8"))["data"]["seller_id"] for path in EXAMPLES})
    assert [line.split(",")[0].strip('"') for line in said.splitlines()] == sellers


def fill(broker: Broker) -> None:
    """The example messages, each in one line as the services publish them."""
    from confluent_kafka import Producer

    from schemas import codec
    from services.runtime.kafka import KafkaSettings
    from services.topics import create_missing

    create_missing(KafkaSettings(broker.bootstrap, broker.flavour == "embedded"), replicas=1)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for path in EXAMPLES:
        event = codec.from_json(path.read_text(encoding="utf-8"))
        producer.produce("evaluation-approved", codec.to_json(event).encode(), key=event["data"]["call_id"])
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


def test_kcat(kafka: Broker) -> None:
    found = kcat_environment()
    if found is None:
        pytest.skip(NO_KCAT)
    fill(kafka)
    done = subprocess.run(
        ["sh", "-e"],
        input=SNIPPETS["kcat", ""],
        env={**os.environ, **found, "KAFKA": kafka.bootstrap},
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    told = [json.loads(path.read_bytes()) for path in EXAMPLES]
    read = [(line.split(" ", 2)[0], json.loads(line.split(" ", 2)[2])) for line in lines]
    assert read == [(event["data"]["call_id"], event) for event in told]
