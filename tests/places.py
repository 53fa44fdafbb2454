"""Fixtures for tests that need a real place: a database, a broker. Each conftest that wants them imports them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services.local.kafka.artifacts import KafkaUnavailable, default_cache, locate
from services.local.kafka.node import LocalKafka
from services.local.postgres import LocalPostgres

NO_KAFKA = "REAL APACHE KAFKA WAS NOT TESTED: "


@dataclass(frozen=True)
class Broker:
    """Where a test's Kafka is, and which kind it is (the two settings a service has for it)."""

    bootstrap: str
    flavour: str


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[LocalPostgres]:
    """One real PostgreSQL for the whole run; without fsync, nobody misses its data.

    Not under pytest's own folder: every other pytest that starts shuts that one to the server's user.
    """
    with TemporaryDirectory(prefix="otzvuk-postgres-", ignore_cleanup_errors=True) as folder:
        server = LocalPostgres(Path(folder) / "data", durable=False)
        yield server
        server.stop()


@pytest.fixture
def postgres_url(postgres_server: LocalPostgres) -> Iterator[str]:
    """SQLAlchemy URL of an empty PostgreSQL database of this test's own."""
    url = postgres_server.new_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """SQLAlchemy URL of an empty SQLite database of this test's own."""
    return f"sqlite:///{tmp_path / 'test.db'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of this test's own, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def databases(database_url: str) -> str:
    """The same as `database_url`."""
    return database_url


@pytest.fixture
def embedded_kafka() -> Iterator[Broker]:
    """An empty embedded broker of this test's own (librdkafka's mock cluster, in this process)."""
    from confluent_kafka import Producer

    cluster = Producer({"bootstrap.servers": "127.0.0.1:1", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = cluster.list_topics(timeout=60).brokers
    address = next(iter(brokers.values()))
    yield Broker(bootstrap=f"{address.host}:{address.port}", flavour="embedded")
    del cluster


@pytest.fixture(scope="session")
def kafka_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalKafka]:
    """One real Apache Kafka for the whole run; skips loudly where it cannot be had."""
    try:
        node = LocalKafka(locate(default_cache()), tmp_path_factory.mktemp("kafka") / "node")
        node.start()
    except KafkaUnavailable as unavailable:
        pytest.skip(f"{NO_KAFKA}{unavailable}")
    yield node
    node.stop()


@pytest.fixture
def real_kafka(kafka_node: LocalKafka) -> Iterator[Broker]:
    """The real Apache Kafka, without topics at the start of each test."""
    yield Broker(bootstrap=kafka_node.bootstrap, flavour="apache")
    _drop_topics(kafka_node.bootstrap)


@pytest.fixture(params=["embedded_kafka", pytest.param("real_kafka", marks=pytest.mark.kafka)])
def kafka(request: pytest.FixtureRequest) -> Broker:
    """A broker without topics: once the embedded one, once the real Apache Kafka."""
    broker = request.getfixturevalue(request.param)
    assert isinstance(broker, Broker)
    return broker


def _drop_topics(bootstrap: str) -> None:
    """Deletes every topic but Kafka's own, and waits until they are gone."""
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        names = [name for name in admin.list_topics(timeout=10).topics if not name.startswith("__")]
        if not names:
            return
        for answer in admin.delete_topics(names, operation_timeout=10).values():
            answer.exception()
    raise AssertionError("the topics of the last test could not be deleted")
