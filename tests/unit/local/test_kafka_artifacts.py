"""Kafka's jars are looked for, never guessed; without Java or Maven the reason says what to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.local.kafka.artifacts import (
    KAFKA_VERSION,
    Artifacts,
    KafkaUnavailable,
    default_cache,
    fetch,
    find_java,
    libs_folder,
    locate,
)
from services.local.kafka.node import LocalKafka, properties


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Java that is found by JAVA_HOME."""
    path = tmp_path / "jdk" / "bin" / "java"
    path.parent.mkdir(parents=True)
    path.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "jdk"))
    return path


def test_java_home_comes_first(java: Path) -> None:
    assert find_java() == java


def test_jars_are_found_where_they_were_put(java: Path, tmp_path: Path) -> None:
    libs = libs_folder(tmp_path)
    libs.mkdir(parents=True)
    (libs / f"kafka_2.13-{KAFKA_VERSION}.jar").touch()
    assert locate(tmp_path) == Artifacts(java, libs)
    assert fetch(tmp_path) == Artifacts(java, libs)


def test_missing_jars_are_said_with_what_to_do(java: Path, tmp_path: Path) -> None:
    with pytest.raises(KafkaUnavailable, match=r"jars are not in .*: run `make kafka`"):
        locate(tmp_path)


def test_without_maven_nothing_is_fetched(java: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(KafkaUnavailable, match=r"Maven \(mvn\) is not on the PATH"):
        fetch(tmp_path)


def test_the_cache_can_be_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTZVUK_KAFKA_HOME", str(tmp_path))
    assert default_cache() == tmp_path
    monkeypatch.delenv("OTZVUK_KAFKA_HOME")
    assert default_cache() == Path(os.path.expanduser("~")) / ".cache" / "otzvuk" / "kafka"


def test_a_node_listens_on_loopback_only_and_makes_no_topic_by_chance() -> None:
    said = dict(line.split("=", 1) for line in properties(Path("/data"), 19092, 19093).splitlines())
    assert said["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert said["auto.create.topics.enable"] == "false"
    assert said["log.dirs"] == "/data/log"


def test_a_node_that_does_not_run_has_no_process(java: Path, tmp_path: Path) -> None:
    node = LocalKafka(Artifacts(java, tmp_path), tmp_path / "node", 19092)
    node.stop()
    with pytest.raises(KafkaUnavailable, match="does not run"):
        assert node.pid
