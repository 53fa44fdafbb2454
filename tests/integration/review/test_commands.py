"""The house by its command line, on an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from services.review import commands
from services.runtime.database import Database

COMPANY = """
departments:
  - {id: cc, name: Контакт-центр, kind: call_center, zone: Europe/Moscow}
  - {id: sales, name: Продажи, kind: sales, zone: Asia/Yekaterinburg}
people:
  - {id: natalia, name: Наталья З., role: mentor, department: cc, mentees: [marina]}
  - {id: marina, name: Марина К., role: seller, department: cc, extensions: ['101'], password: окно-дверь-73-крыша}
  - {id: viktor, name: Виктор Б., role: head, department: sales, heads: [sales, cc]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    (tmp_path / "company.yaml").write_text(COMPANY, encoding="utf-8")
    return tmp_path


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)  # type: ignore[arg-type]


def test_first_administrator_once(folder: Path) -> None:
    first = run(commands.admin, "create", "anna", "--name", "Анна")
    assert (first.exit_code, first.output.split(".")[0]) == (0, "anna is the administrator")
    assert (
        str(run(commands.admin, "create", "boris").exception)
        == "There is an administrator already; he lets in the others."
    )


def test_a_company_from_a_file_and_again(folder: Path) -> None:
    first = run(commands.people, "import", "company.yaml")
    assert first.output == "departments changed: 2; people added: 3, changed: 0, as before: 0\n"
    again = run(commands.people, "import", "company.yaml")
    assert again.output == "departments changed: 0; people added: 0, changed: 0, as before: 3\n"
    listed = run(commands.people, "list").output.splitlines()
    assert [line.split()[:3] for line in listed] == [
        ["viktor", "head", "cc,sales"],
        ["marina", "seller", "cc"],
        ["natalia", "mentor", "cc"],
    ]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("people: [{id: x, name: X, role: king}]", "people.0.role"),
        ("people: [{id: x, name: X, role: seller, department: nowhere}]", "unknown_department"),
        ("people: [{id: x, name: X, role: seller}]", "seller_needs_one_department"),
        ("people: [{id: 'a/b', name: X, role: admin}]", "bad_person_id"),
        ("people: [{id: x, name: X, role: admin, password: qwerty12345}]", "Choose another password"),
        ("a: [", "cannot be read"),
    ],
)
def test_a_broken_file_changes_nothing(folder: Path, broken: str, said: str) -> None:
    (folder / "broken.yaml").write_text(broken, encoding="utf-8")
    result = run(commands.people, "import", "broken.yaml")
    assert result.exit_code == 1
    assert said in str(result.exception)
    assert run(commands.people, "list", "--all").output == ""


def test_in_and_out_again(folder: Path) -> None:
    run(commands.people, "import", "company.yaml")
    added = run(commands.people, "add", "ilya", "--name", "Илья", "--role", "seller", "--department", "cc")
    assert "First password (shown only now): " in added.output
    gone = run(commands.people, "deactivate", "ilya", "--why", "ушёл")
    assert gone.output == "ilya is let in no more; 0 open tasks went to others.\n"
    assert "ilya" not in run(commands.people, "list").output
    assert "(inactive)" in run(commands.people, "list", "--all").output


def test_the_log_is_proved_and_a_touched_row_named(folder: Path) -> None:
    run(commands.people, "import", "company.yaml")
    whole = run(commands.audit, "verify")
    assert whole.output.startswith("5 rows, whole. Head to write down: 5:")
    head = run(commands.audit, "head").output.strip()
    assert run(commands.audit, "verify", "--head", head).exit_code == 0
    database = Database(f"sqlite:///{folder / 'data' / 'review.db'}")
    with database.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_log_no_update"))
        connection.execute(text("UPDATE audit_log SET object_id = 'x' WHERE seq = 3"))
    database.close()
    touched = run(commands.audit, "verify")
    assert (touched.exit_code, touched.output.splitlines()[0]) == (1, "row 3: changed")


@pytest.mark.parametrize("kind", ["parquet", "csv", "xlsx"])
def test_an_export_of_an_empty_house(folder: Path, kind: str) -> None:
    result = run(commands.export, "--what", "calls", "--format", kind)
    assert result.output == f"0 rows in otzvuk-calls.{kind}\n"
    assert (folder / f"otzvuk-calls.{kind}").stat().st_size > 100


def test_retention_of_an_empty_house(folder: Path) -> None:
    assert run(commands.retention, "show").output.splitlines()[0].split() == (
        ["recordings", "kept", "180", "days", "0", "due,", "0.0", "MiB"]
    )
    assert run(commands.retention, "apply").output.splitlines()[0].split() == ["recordings", "0", "removed"]


def test_a_breach_report(folder: Path) -> None:
    run(commands.export, "--what", "calls", "--format", "csv", "--personal")
    report = run(commands.audit, "breach-report", "--user", "system", "--from", "2020-01-01", "--to", "2100-01-01")
    lines = report.output.splitlines()
    assert lines[0] == "object_kind,object_id,client_key,kind,fields,times,first_at,last_at"
    assert lines[1].startswith('calls,/,,export,"personal,csv",1,')
