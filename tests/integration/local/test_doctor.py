"""The doctor finds each thing that is wrong, says what to do, and is silent about what is right."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from confluent_kafka.admin import AdminClient, NewTopic

from schemas.codec import topics
from services.doctor import (
    Finding,
    check_databases,
    check_models,
    check_settings,
    check_storage,
    check_topics,
    doctor,
)
from services.models.commands import models
from services.runtime.migrations import migrate
from services.runtime.settings import RuntimeSettings
from tests.places import Broker

SECRET = "a long random text for tests"


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings of a new machine, away from any `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OTZVUK_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("OTZVUK_CLIENT_KEY_SECRET", SECRET)
    monkeypatch.setenv("OTZVUK_KAFKA_BOOTSTRAP", "127.0.0.1:1")


def ill(findings: Iterator[Finding]) -> list[tuple[str, str]]:
    return [(finding.subject, finding.advice) for finding in findings if not finding.good]


def test_settings_of_a_new_machine_can_be_read() -> None:
    assert ill(check_settings()) == []


def test_a_setting_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_SCORE_HTTP_PORT", "eight thousand")
    (found,) = [finding for finding in check_settings() if not finding.good]
    assert found.subject == "settings score"
    assert found.text.startswith("OTZVUK_SCORE_HTTP_PORT: ")
    assert "eight thousand" not in found.text


def test_a_missing_secret_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_CLIENT_KEY_SECRET", "short")
    assert [subject for subject, _ in ill(check_settings())] == ["settings ingest"]
    assert ill(check_databases()) == []  # the others are looked at all the same


def test_what_up_chose_for_the_data_folder_is_known_to_other_commands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OTZVUK_CLIENT_KEY_SECRET")
    assert [subject for subject, _ in ill(check_settings())] == ["settings ingest"]
    (tmp_path / "data").mkdir()
    chosen = f"OTZVUK_CLIENT_KEY_SECRET='{SECRET}'\nOTZVUK_COMPANY_ZONE=Asia/Omsk\n"
    (tmp_path / "data" / "system.env").write_text(chosen)
    (tmp_path / ".env").write_text("OTZVUK_COMPANY_ZONE=Europe/Samara\n")
    settings = RuntimeSettings.load()
    assert (settings.client_key_secret.get_secret_value(), settings.company_zone) == (SECRET, "Europe/Samara")
    assert ill(check_settings()) == []


def test_what_is_not_installed_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("phonenumbers", "faster_whisper", "sentence_transformers"):
        monkeypatch.setitem(sys.modules, library, None)
    found = [finding.subject for check in (check_settings, check_databases, check_models) for finding in check()]
    assert found == ["settings review", "database review"]


def test_a_broker_that_is_away_is_found() -> None:
    assert ill(check_topics()) == [("topics", "start Kafka (`make kafka`) or set OTZVUK_KAFKA_BOOTSTRAP")]


@pytest.mark.kafka
def test_missing_topics_are_found_and_whole_ones_are_well(monkeypatch: pytest.MonkeyPatch, real_kafka: Broker) -> None:
    monkeypatch.setenv("OTZVUK_KAFKA_BOOTSTRAP", real_kafka.bootstrap)
    assert ill(check_topics()) == [("topics", "run `otzvuk topics create`")]
    admin = AdminClient({"bootstrap.servers": real_kafka.bootstrap, "log_level": 0})
    wanted = [name for topic in topics().values() for name in (topic.name, topic.dead_letters)]
    for made in admin.create_topics([NewTopic(name, 1, 1) for name in wanted]).values():
        made.result(20)
    assert ill(check_topics()) == []


def test_databases_that_are_not_there_yet_are_no_illness() -> None:
    assert ill(check_databases()) == []


def test_a_database_with_old_tables_is_found(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("OTZVUK_SCORE_DATABASE_URL", database_url)
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).touch()
    advice = "start score once: it brings its tables up to date"
    assert ill(check_databases()) == [("database score", advice)]
    migrate(database_url, "services.score")
    assert ill(check_databases()) == []


def test_a_database_that_is_away_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_REVIEW_DATABASE_URL", "postgresql+psycopg://nobody:secret@127.0.0.1:1/x")
    (found,) = [finding for finding in check_databases() if not finding.good]
    assert (found.subject, found.advice) == (
        "database review",
        "set OTZVUK_REVIEW_DATABASE_URL, or start the database",
    )
    assert "secret" not in found.text


def test_storage_that_works_is_well_and_leaves_nothing(tmp_path: Path) -> None:
    assert ill(check_storage()) == []
    assert [path for path in (tmp_path / "data" / "storage").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("url", ["ftp://nowhere", "file:///proc/otzvuk"])
def test_storage_that_does_not_work_is_found(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("OTZVUK_STORAGE_URL", url)
    assert ill(check_storage()) == [("storage", "set OTZVUK_STORAGE_URL (file:///folder or s3://…)")]


def test_a_model_that_is_missing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_TRANSCRIBE_MODEL", "/no/such/folder")
    monkeypatch.setenv("OTZVUK_SCORE_MODEL", "rules")
    assert ill(check_models()) == [("model speech recognition", "run `otzvuk models fetch`")]
    checked = CliRunner().invoke(models, ["check"])
    assert checked.exit_code == 1
    assert "✗ speech recognition: model /no/such/folder was not found" in checked.output


@pytest.mark.models
def test_the_models_that_serve_are_told_with_their_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_SCORE_MODEL", "rules")
    checked = CliRunner().invoke(models, ["check"])
    assert (checked.exit_code, checked.output.splitlines()[1:]) == (
        0,
        ["  sha256 d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"],
    )


def test_the_command_ends_with_one_when_something_is_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_SCORE_MODEL", "rules")
    said = CliRunner().invoke(doctor, [])
    assert said.exit_code == 1
    lines = [line for line in said.output.splitlines() if line.startswith("✗")]
    assert [line.split(":")[0] for line in lines] == ["✗ topics"]
    assert lines[0].endswith("→ start Kafka (`make kafka`) or set OTZVUK_KAFKA_BOOTSTRAP")
