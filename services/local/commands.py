"""`otzvuk kafka`: obtain Apache Kafka as Maven artifacts and run one node on loopback."""

from __future__ import annotations

from pathlib import Path

import click

from services.local.kafka.artifacts import KAFKA_VERSION, KafkaUnavailable, default_cache
from services.local.kafka.artifacts import fetch as fetch_artifacts
from services.local.kafka.node import LocalKafka

DEFAULT_PORT = 9092


@click.group()
def kafka() -> None:
    """Apache Kafka on this machine without Docker: Java and Maven suffice."""


@kafka.command()
def fetch() -> None:
    """Fetch the jars (45 MB) unless they are here."""
    try:
        artifacts = fetch_artifacts(default_cache())
    except KafkaUnavailable as unavailable:
        raise click.ClickException(str(unavailable)) from unavailable
    click.echo(f"Kafka {KAFKA_VERSION}: {artifacts.libs}")
    click.echo(f"Java: {artifacts.java}")


@kafka.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("data/kafka"), show_default=True)
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port on 127.0.0.1.")
def run(folder: Path, port: int) -> None:
    """Run one node on loopback until Ctrl-C; its data stay in FOLDER."""
    try:
        node = LocalKafka(fetch_artifacts(default_cache()), folder.resolve(), port)
        node.start()
    except KafkaUnavailable as unavailable:
        raise click.ClickException(str(unavailable)) from unavailable
    click.echo(f"Kafka {KAFKA_VERSION} at {node.bootstrap}, process {node.pid}. Ctrl-C ends it.")
    click.echo(f"Set OTZVUK_KAFKA_BOOTSTRAP={node.bootstrap}, then `otzvuk topics create`.")
    try:
        code = node.wait()
    except KeyboardInterrupt:
        node.stop()
        return
    raise click.ClickException(f"Kafka ended with code {code}, see {folder / 'server.log'}")
