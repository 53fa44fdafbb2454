"""The places that other integration tests stand on are what they say they are."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from services.local.kafka.artifacts import KafkaUnavailable, default_cache, locate
from services.local.kafka.node import LocalKafka
from services.local.postgres import LocalPostgres
from tests.places import Broker


def _psycopg(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def _round_trip(bootstrap: str, topic: str) -> bytes | None:
    producer = Producer({"bootstrap.servers": bootstrap, "log_level": 0})
    producer.produce(topic, key=b"call-1", value=b"hello")
    assert producer.flush(20) == 0
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "g", "auto.offset.reset": "earliest", "log_level": 0}
    )
    consumer.subscribe([topic])
    message = consumer.poll(20)
    consumer.close()
    return None if message is None else message.value()


def test_each_test_has_an_empty_postgres_database(postgres_url: str) -> None:
    with _psycopg(postgres_url) as connection:
        connection.execute("CREATE TABLE only_here (x int)")
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("only_here",)]


def test_two_databases_of_one_server_do_not_meet(postgres_server: LocalPostgres, postgres_url: str) -> None:
    other = postgres_server.new_database()
    with _psycopg(postgres_url) as connection:
        connection.execute("CREATE TABLE only_here (x int)")
    with _psycopg(other) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [(0,)]
    postgres_server.drop_database(other)


def test_only_databases_of_ours_are_dropped(postgres_server: LocalPostgres) -> None:
    with pytest.raises(ValueError, match="not a database of ours: postgres"):
        postgres_server.drop_database(postgres_server.url("postgres"))


def test_databases_come_on_both_engines(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        connection.close()
    else:
        with _psycopg(database_url) as postgres:
            found = postgres.execute("SELECT to_tsvector('russian', 'звонки клиентов дорого')::text").fetchone()
        assert found == ("'дор':3 'звонк':1 'клиент':2",)


def test_a_message_goes_through_either_broker(kafka: Broker) -> None:
    if kafka.flavour == "apache":
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        admin.create_topics([NewTopic("call-registered", 2, 1)])["call-registered"].result(20)
    assert _round_trip(kafka.bootstrap, "call-registered") == b"hello"


@pytest.mark.kafka
def test_a_real_broker_begins_each_test_without_topics(real_kafka: Broker) -> None:
    admin = AdminClient({"bootstrap.servers": real_kafka.bootstrap, "log_level": 0})
    assert [name for name in admin.list_topics(timeout=10).topics if not name.startswith("__")] == []


@pytest.mark.kafka
def test_a_killed_node_comes_back_with_its_messages(tmp_path: Path, kafka_node: LocalKafka) -> None:
    node = LocalKafka(locate(default_cache()), tmp_path / "node")
    node.start()
    admin = AdminClient({"bootstrap.servers": node.bootstrap, "log_level": 0})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result(20)
    producer = Producer({"bootstrap.servers": node.bootstrap, "log_level": 0})
    producer.produce("kept", value=b"hello")
    assert producer.flush(20) == 0
    pid = node.pid
    node.kill()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    node.start()
    consumer = Consumer({"bootstrap.servers": node.bootstrap, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.subscribe(["kept"])
    message = consumer.poll(20)
    consumer.close()
    node.stop()
    assert message is not None
    assert message.value() == b"hello"
    assert node.bootstrap != kafka_node.bootstrap


def test_without_the_jars_the_reason_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KafkaUnavailable, match=r"run `make kafka`|no Java found"):
        locate(tmp_path)
