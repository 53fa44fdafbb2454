"""Health, readiness and metrics of a process: one judgement, shown by a worker's small server and by web apps."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from services.runtime import metrics
from services.runtime.database import Database
from services.runtime.errors import TransientError
from services.runtime.queue import backlog

Probe = Callable[[], str | None]  # None when well, else one sentence


def database_probe(database: Database) -> Probe:
    """Well when the database answers; also measures the backlog."""

    def probe() -> str | None:
        try:
            with database.read() as connection:
                for topic, number in backlog(connection).items():
                    metrics.set_to("queue.backlog", number, topic=topic)
        except TransientError:
            return "The database does not answer."
        return None

    return probe


def disk_probe(folder: Path, mebibytes: int) -> Probe:
    """Well while that much disk is free."""

    def probe() -> str | None:
        if not folder.exists():
            return None
        free = shutil.disk_usage(folder).free // 2**20
        return None if free >= mebibytes else f"Only {free} MiB of disk are free; {mebibytes} are needed."

    return probe


def readiness(probes: Mapping[str, Probe]) -> tuple[int, dict[str, str]]:
    """(HTTP status, what each probe says)."""
    said = {name: probe() or "ok" for name, probe in probes.items()}
    return (200 if all(word == "ok" for word in said.values()) else 503), said


def serve_status(host: str, port: int, probes: Mapping[str, Probe]) -> ThreadingHTTPServer:
    """A small server in a thread with /health/live, /health/ready and /metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/health/live":
                self._answer(200, "application/json", b'{"live":"ok"}')
            elif self.path == "/health/ready":
                status, said = readiness(probes)
                self._answer(status, "application/json", json.dumps(said).encode())
            elif self.path == "/metrics":
                readiness(probes)
                self._answer(200, "text/plain; version=0.0.4; charset=utf-8", metrics.page())
            else:
                self._answer(404, "text/plain", b"There is /health/live, /health/ready and /metrics.")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet: these addresses are asked every few seconds."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="status", daemon=True).start()
    return server
