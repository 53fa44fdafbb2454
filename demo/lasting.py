"""`otzvuk up`: an empty system that lasts, for a small shop, on real Kafka where Java and the jars are here."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import click

from demo.system import PROCESSES, LocalSystem, Ports, settings_given
from services.local.kafka.artifacts import KAFKA_VERSION, KafkaUnavailable, default_cache, locate
from services.local.kafka.node import LocalKafka

EMBEDDED_LIMITS = """\
  The embedded broker cannot do what a lasting system wants: its topics are gone when it ends (the services
  publish again what nobody confirmed, and databases and recordings stay), it keeps 5 MiB a partition, and it
  serves one worker a service. Analysts who read topics should have a real Kafka: `make kafka` fetches it."""


class Lasting:
    """The system over one data folder until Ctrl-C."""

    def __init__(self, data: Path, port: int, door_port: int, bootstrap: str | None, embedded: bool) -> None:
        self._data, self._port, self._door_port = data, port, door_port
        self._bootstrap, self._embedded = bootstrap, embedded
        self._node: LocalKafka | None = None
        self._system: LocalSystem | None = None
        data.mkdir(mode=0o700, parents=True, exist_ok=True)

    def run(self) -> None:
        """Starts everything and watches over it."""
        kafka = self._kafka()
        ports = Ports.choose(review=self._port, door=self._door_port)
        self._system = LocalSystem(self._data, ports, {}, given=settings_given(), kafka=kafka)
        if kafka is not None:
            made = self._system.run("topics", "create").splitlines()
            click.echo(made[0] if len(made) == 1 else f"Created {len(made)} topics.")
        self._system.start()
        self._system.write_settings()
        self._say_where(self._system)
        broker = self._system.supervisor.bootstrap
        while True:
            self._system.supervisor.check()
            if broker != (broker := self._system.supervisor.bootstrap):
                self._system.write_settings()
            time.sleep(0.5)

    def close(self) -> None:
        """Ends the services, then the broker."""
        if self._system is not None:
            self._system.stop()
        if self._node is not None:
            self._node.stop()

    def _kafka(self) -> str | None:
        """Address of the real Kafka to use; None for the embedded broker, after saying why."""
        if self._bootstrap is not None:
            click.echo(f"Kafka: {self._bootstrap}, as you said.")
            return self._bootstrap
        if not self._embedded:
            try:
                self._node = LocalKafka(locate(default_cache()), self._data / "kafka")
                self._node.start()
            except KafkaUnavailable as unavailable:
                click.echo(f"Kafka: the embedded broker, because {unavailable}.")
                click.echo(EMBEDDED_LIMITS)
                return None
            click.echo(f"Kafka {KAFKA_VERSION}: {self._node.bootstrap}, data in {self._data / 'kafka'}.")
            return self._node.bootstrap
        click.echo("Kafka: the embedded broker, as you said.")
        click.echo(EMBEDDED_LIMITS)
        return None

    def _say_where(self, system: LocalSystem) -> None:
        click.echo(f"Review page:          {system.page}")
        click.echo(f"Webhook:              {system.webhook}/v1/events/pbx  (docs/webhook.md)")
        click.echo(f"Secrets:              {system.data / 'secrets.json'}")
        click.echo(f"Logs:                 {system.data / 'logs'}")
        here = "" if system.data == Path("data").resolve() else f"OTZVUK_DATA_FOLDER={shlex.quote(str(system.data))} "
        command = f"{here}{sys.argv[0]}"
        click.echo(f"First administrator:  {command} admin create")
        click.echo(f"Own recordings:       {command} import FOLDER")
        click.echo(f"What is wrong:        {command} doctor")
        click.echo(f"Running: {', '.join(PROCESSES)}. Ctrl-C ends all; the data stay in {system.data}.")
