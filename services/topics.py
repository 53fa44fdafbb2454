"""Topics from the command line: create them as the schemas say, list them with their ends, read along."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from schemas.codec import topics as known_topics
from services.runtime.errors import OtzvukError
from services.runtime.kafka import KafkaSettings
from services.runtime.settings import RuntimeSettings

DAY_MS = 24 * 3600 * 1000
DEAD_LETTER_DAYS = 30


class BrokerAway(OtzvukError):
    """The broker cannot be reached."""

    code = "broker_away"


@contextmanager
def answering(kafka: KafkaSettings) -> Iterator[None]:
    """Raises BrokerAway, with what to do, when the broker does not answer."""
    from kafka.errors import KafkaError

    try:
        yield
    except KafkaError as error:
        what = f"No Kafka answers at {kafka.bootstrap} ({type(error).__name__})."
        raise BrokerAway(f"{what} Start it (`make kafka`, `make up`) or set OTZVUK_KAFKA_BOOTSTRAP.") from error


def topic_plan() -> dict[str, tuple[int, dict[str, str]]]:
    """Partitions and configuration of every topic and dead-letter topic."""
    plan: dict[str, tuple[int, dict[str, str]]] = {}
    for topic in known_topics().values():
        keep = str(topic.retention_days * DAY_MS) if topic.retention_days else "-1"
        configuration = {"retention.ms": keep, "max.message.bytes": str(topic.max_message_bytes + 1024)}
        if topic.compacted:
            configuration["cleanup.policy"] = "compact"
        plan[topic.name] = (topic.partitions, configuration)
        plan[topic.dead_letters] = (1, {"retention.ms": str(DEAD_LETTER_DAYS * DAY_MS)})
    return plan


def create_missing(kafka: KafkaSettings, *, replicas: int) -> list[str]:
    """Creates the topics that are not there; returns their names. Raises BrokerAway."""
    from kafka.admin import KafkaAdminClient, NewTopic

    if kafka.embedded:
        return []  # the embedded broker makes them at its start
    with answering(kafka):
        admin = KafkaAdminClient(**kafka.client(), request_timeout_ms=15_000)
        try:
            there = set(admin.list_topics())
            plan = {name: how for name, how in topic_plan().items() if name not in there}
            if plan:
                admin.create_topics(
                    [
                        NewTopic(name, num_partitions=parts, replication_factor=replicas, topic_configs=configuration)
                        for name, (parts, configuration) in plan.items()
                    ]
                )
            return sorted(plan)
        finally:
            admin.close()


@click.group()
def topics() -> None:
    """Create, list and read topics."""


@topics.command()
@click.option("--replicas", default=1, show_default=True, help="Copies of each partition; 3 in production.")
def create(replicas: int) -> None:
    """Create the topics that are not there yet, as schemas/topics says."""
    made = create_missing(KafkaSettings.of(RuntimeSettings.load()), replicas=replicas)
    click.echo("\n".join(f"created {name}" for name in made) or "All topics are there.")


def _ends(consumer: Any, name: str) -> tuple[int, int, int]:
    from kafka import TopicPartition

    parts = [TopicPartition(name, number) for number in consumer.partitions_for_topic(name) or ()]
    if not parts:
        return 0, 0, 0
    first, last = consumer.beginning_offsets(parts), consumer.end_offsets(parts)
    return len(parts), sum(last.values()), sum(last.values()) - sum(first.values())


@topics.command("list")
def list_topics() -> None:
    """Every topic: key, partitions, how many messages came, how many are kept."""
    kafka = KafkaSettings.of(RuntimeSettings.load())
    table = Table(
        Column("topic", no_wrap=True),
        Column("key", no_wrap=True),
        "parts",
        "came",
        "kept",
        "for",
        "from → to",
        box=SIMPLE,
    )
    with answering(kafka):
        consumer = kafka.consumer()
        for topic in known_topics().values():
            parts, came, kept = _ends(consumer, topic.name)
            keep = "ever" if topic.compacted else f"{topic.retention_days} d"
            way = f"{', '.join(topic.producers)} → {', '.join(topic.consumers)}"
            table.add_row(topic.name, topic.key, str(parts), str(came), str(kept), keep, way)
            _, came, kept = _ends(consumer, topic.dead_letters)
            if came:
                table.add_row(topic.dead_letters, topic.key, "1", str(came), str(kept), f"{DEAD_LETTER_DAYS} d", "")
        consumer.close()
    Console().print(table)


@topics.command()
@click.argument("name")
@click.option(
    "--from-beginning/--new", default=True, show_default=True, help="All that is kept, or what comes from now."
)
@click.option("--follow", is_flag=True, help="Wait for more until Ctrl-C, as --new always does.")
@click.option("--limit", type=click.IntRange(min=1), help="End after so many messages.")
def tail(name: str, from_beginning: bool, follow: bool, limit: int | None) -> None:
    """Print a topic's messages, one JSON a line."""
    if name not in topic_plan():
        raise click.ClickException(f"There is no topic {name}; `otzvuk topics list` shows them.")
    kafka = KafkaSettings.of(RuntimeSettings.load())
    with answering(kafka), suppress(KeyboardInterrupt):
        if from_beginning and not follow:
            messages = kafka.messages(name)
        else:
            where = "earliest" if from_beginning else "latest"
            messages = kafka.consumer(name, auto_offset_reset=where, consumer_timeout_ms=float("inf"))
        for message in islice(messages, limit):
            click.echo(message.value.decode())


@click.command()
@click.option("--address-file", type=click.Path(path_type=Path), required=True, help="Where to write host:port.")
def broker(address_file: Path) -> None:
    """Run the embedded broker until SIGTERM (demo and tests; it forgets everything at its end)."""
    from services.runtime.broker import run

    began = time.monotonic()
    code = run(address_file)
    click.echo(f"The broker ran {time.monotonic() - began:.0f} s.", err=True)
    raise SystemExit(code)
