"""The door as a process of its own, and a PBX that talks to it and keeps a ledger of what was answered."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from services.ingest.adapters.turns import DoorFirst
from tests.fakes.ingest import SECRET, signed
from tests.places import Broker


def until(seconds: float, condition: Callable[[], bool]) -> bool:
    """Polls with a deadline."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


class RunningIngest:
    """`otzvuk ingest` over one folder and database."""

    def __init__(self, folder: Path, broker: Broker | None, database_url: str, **more: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.database = DoorFirst(database_url)
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "OTZVUK_DATA_FOLDER": str(folder),
            "OTZVUK_CLIENT_KEY_SECRET": "a-long-secret-for-tests",
            "OTZVUK_INGEST_DATABASE_URL": database_url,
            "OTZVUK_INGEST_HTTP_PORT": str(self.port),
            "OTZVUK_INGEST_WEBHOOK_SECRETS": json.dumps({"pbx": [SECRET], "crm": [SECRET]}),
            "OTZVUK_INGEST_RECORDING_HOSTS": '["127.0.0.1"]',
            "OTZVUK_INGEST_RECORDING_HTTP": "true",
            "OTZVUK_INGEST_RECORDING_LOOPBACK": "true",
            "OTZVUK_WORK_LEASE_SECONDS": "5",
            "OTZVUK_KAFKA_BOOTSTRAP": broker.bootstrap if broker else "127.0.0.1:1",
            "OTZVUK_KAFKA_FLAVOUR": broker.flavour if broker else "embedded",
            **more,
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `otzvuk` command over the same place."""
        return subprocess.run(
            [sys.executable, "-m", "services.cli", *arguments],
            env=self.environment, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip

    def start(self) -> None:
        with (self.folder / "ingest.log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "services.cli", "ingest"], env=self.environment, stderr=output, stdout=output
            )

    def wait_ready(self) -> None:
        assert until(120, lambda: self.get("/health/ready")[0] == 200), (self.folder / "ingest.log").read_text()

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
                return answer.status, answer.read().decode()
        except OSError as error:
            return getattr(error, "code", 0), ""

    def send(self, body: bytes, source: str = "pbx", headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """One delivery on a connection of its own; (0, None) when no whole answer came."""
        told = signed(body, stamp=int(time.time())) if headers is None else headers
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", f"/v1/events/{source}", body, {"Content-Type": "application/json", **told})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def kill(self) -> None:
        """As the power does it."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(90)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.database.close()
