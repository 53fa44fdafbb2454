"""Runs one Kafka node on loopback: formats its folder once, starts it, waits until it answers, stops it by its id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from services.local.kafka.artifacts import Artifacts, KafkaUnavailable

START_SECONDS = 60
STOP_SECONDS = 30
_CLASS_ARCHIVE = "classes.jsa"


def free_port() -> int:
    """A TCP port that is free on 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def properties(folder: Path, port: int, controller_port: int) -> str:
    """The node's server.properties: both roles, loopback only, nothing replicated, topics never made by chance."""
    lines = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(folder / "log"),
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "4",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "min.insync.replicas": "1",
        "group.initial.rebalance.delay.ms": "0",
        "log.segment.bytes": "67108864",
        "log.cleaner.dedupe.buffer.size": "8388608",
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


class LocalKafka:
    """One node over one folder. `start` is safe on a new folder and on one that a killed node left."""

    def __init__(self, artifacts: Artifacts, folder: Path, port: int | None = None) -> None:
        """`folder` keeps the data, `port` is where clients connect (a free one when None)."""
        self._artifacts = artifacts
        self._folder = folder
        self._port = port if port is not None else free_port()
        self._controller_port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Address for clients."""
        return f"127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        """Process id of the running node. Raises KafkaUnavailable when it does not run."""
        if self._process is None:
            raise KafkaUnavailable("the Kafka node does not run")
        return self._process.pid

    def start(self) -> None:
        """Formats when new, starts, returns when the node answers. Raises KafkaUnavailable."""
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "server.properties"
        config.write_text(properties(self._folder, self._port, self._controller_port), encoding="utf-8")
        if not (self._folder / "log" / "meta.properties").exists():
            self._format(config)
        log_path = self._folder / "server.log"
        with log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java(), "kafka.Kafka", str(config)],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                start_new_session=True,
            )
        self._wait_ready(log_path)

    def stop(self) -> None:
        """Asks the node to end and waits; kills it when it does not. Does nothing when it does not run."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """Ends the node at once (SIGKILL), as a power cut would; for tests of faults."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def wait(self) -> int:
        """Blocks until the node ends by itself; gives its exit code."""
        if self._process is None:
            raise KafkaUnavailable("the Kafka node does not run")
        return self._process.wait()

    def _java(self) -> list[str]:
        """The Java command with a small heap; a class archive halves the start from the second time on."""
        archive = self._artifacts.libs.parent / _CLASS_ARCHIVE
        share = f"-XX:SharedArchiveFile={archive}" if archive.exists() else f"-XX:ArchiveClassesAtExit={archive}"
        return [
            str(self._artifacts.java), "-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:MaxDirectMemorySize=64m",
            "-XX:TieredStopAtLevel=1", "-Xshare:auto", share, "-Xlog:cds=off", "-Xlog:cds+dynamic=off",
            "-cp", f"{self._artifacts.libs}/*",
        ]  # fmt: skip

    def _format(self, config: Path) -> None:
        """Gives a new folder its cluster id, once."""
        tool = [str(self._artifacts.java), "-cp", f"{self._artifacts.libs}/*", "kafka.tools.StorageTool"]
        identity = subprocess.run(
            [*tool, "random-uuid"], capture_output=True, text=True, timeout=START_SECONDS, check=False
        )
        if identity.returncode != 0:
            raise KafkaUnavailable(f"Java could not run the storage tool: {identity.stderr.strip()[-200:]}")
        cluster_id = identity.stdout.strip().splitlines()[-1]
        done = subprocess.run(
            [*tool, "format", "-t", cluster_id, "-c", str(config)],
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise KafkaUnavailable(f"the data folder could not be formatted: {done.stderr.strip()[-200:]}")

    def _wait_ready(self, log_path: Path) -> None:
        """Waits until the node lists its metadata to a client."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        process = self._process
        deadline = time.monotonic() + START_SECONDS
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        while process is not None and time.monotonic() < deadline:
            if process.poll() is not None:
                tail = log_path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                raise KafkaUnavailable(f"the Kafka node ended at once: {tail[0] if tail else 'no output'}")
            with contextlib.suppress(KafkaException):
                if client.list_topics(timeout=1).brokers:
                    return
        self.stop()
        raise KafkaUnavailable(f"the Kafka node did not answer within {START_SECONDS} s, see {log_path}")
