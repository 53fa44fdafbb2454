"""The webhook door against a bare route that commits the same bytes to an SQLite file on the same disk.

    python -m benchmarks.webhook_door [--requests 1500] [--rounds 3] [--json OUT]

The door is the real `otzvuk ingest` process with its work, relay and an embedded broker beside it; the bare route is a
FastAPI app in a process of its own. Rounds alternate. Printed: requests a second of each and the median of the ratios;
the goal is 0.7.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import click

from benchmarks.load import Measured, measure, signed_request
from services.local.kafka.node import free_port
from services.runtime.supervisor import Process, Supervisor

SECRET = "a secret of the benchmark"
GOAL = 0.7
READY_SECONDS = 60


@contextmanager
def door(data: Path, port: int) -> Iterator[None]:
    """The real door with the embedded broker."""
    environment = {
        "OTZVUK_DATA_FOLDER": str(data),
        "OTZVUK_INGEST_HTTP_PORT": str(port),
        "OTZVUK_CLIENT_KEY_SECRET": SECRET,
        "OTZVUK_INGEST_WEBHOOK_SECRETS": json.dumps({"pbx": [SECRET]}),
    }
    process = Process("ingest", ("ingest",), port)
    system = Supervisor([process], logs=data / "logs", environment=environment, embedded_broker=True)
    system.start()
    try:
        system.wait_ready(READY_SECONDS)
        yield
    finally:
        system.stop()


@contextmanager
def bare(data: Path, port: int) -> Iterator[None]:
    """The bare route."""
    command = [sys.executable, "-m", "benchmarks.bare_route", str(data / "bare.db"), str(port)]
    with subprocess.Popen(command, env=dict(os.environ)) as process:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2):
                    break
            except (URLError, OSError):
                time.sleep(0.1)
        try:
            yield
        finally:
            process.terminate()


def one_round(port: int, number: int, tag: str, connections: int) -> Measured:
    """Sends fresh requests; nothing may be refused."""
    requests = [signed_request(index, tag, SECRET) for index in range(number)]
    got = measure(port, requests, connections)
    if got.refused:
        raise click.ClickException(f"{got.refused} of {number} requests were refused")
    return got


@click.command()
@click.option("--requests", "number", default=1500, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--json", "target", type=click.Path(path_type=Path))
def main(number: int, rounds: int, target: Path | None) -> None:
    """Measures one connection and sixteen."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="otzvuk-bench-") as folder:
        data, door_port, bare_port = Path(folder), free_port(), free_port()
        with door(data, door_port), bare(data, bare_port):
            one_round(door_port, 100, "warm", 4)
            one_round(bare_port, 100, "warm", 4)
            for connections in (1, 16):
                ratios = []
                for turn in range(rounds):
                    base = one_round(bare_port, number, f"b{connections}-{turn}", connections)
                    ours = one_round(door_port, number, f"d{connections}-{turn}", connections)
                    ratios.append(ours.per_second / base.per_second)
                    click.echo(
                        f"{connections:>2} connections: bare {base.per_second:.0f}/s, door {ours.per_second:.0f}/s "
                        f"(median {ours.median_ms:.1f} ms, p99 {ours.p99_ms:.1f} ms), ratio {ratios[-1]:.2f}"
                    )
                found[f"door_ratio_{connections}"] = round(statistics.median(ratios), 3)
    for name, ratio in found.items():
        click.echo(f"{name}: {ratio:.2f} (goal {GOAL})")
    if target is not None:
        target.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
