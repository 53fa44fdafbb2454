"""A service's web process: uvicorn with its app, and beside it work on own jobs, relay, health and metrics."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime import metrics
from services.runtime.database import Database
from services.runtime.errors import TransientError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import log
from services.runtime.loops import Loop
from services.runtime.queue import Route
from services.runtime.settings import RuntimeSettings
from services.runtime.status import Probe, database_probe, disk_probe, readiness
from services.runtime.worker import GRACE_SECONDS, background

# browsers keep event streams open; they are cut at shutdown after this time
OPEN_REQUESTS_SECONDS = 3
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """Counts and times requests by the route's pattern (never by the path, which holds ids)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in METHODS else "other"
            metrics.count("http.requests", route=route, method=method, status=str(status))
            metrics.observe("http.time", time.perf_counter() - began, route=route)


class Server(uvicorn.Server):
    """uvicorn that ends quietly: its own raises the signal again, and nothing after it would run."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def add_status_routes(app: FastAPI, probes: dict[str, Probe]) -> None:
    """/health/live, /health/ready and /metrics on a web app; outside the API's document."""

    def live() -> Response:
        return Response('{"live":"ok"}', media_type="application/json")

    def ready() -> Response:
        status, said = readiness(probes)
        return Response(json.dumps(said), status_code=status, media_type="application/json")

    def measured() -> Response:
        readiness(probes)
        return Response(metrics.page(), media_type="text/plain; version=0.0.4; charset=utf-8")

    app.add_api_route("/health/live", live, include_in_schema=False)
    app.add_api_route("/health/ready", ready, include_in_schema=False)
    app.add_api_route("/metrics", measured, include_in_schema=False)


def serve(
    app: FastAPI,
    *,
    service: str,
    database: Database,
    kafka: KafkaSettings,
    settings: RuntimeSettings,
    port: int,
    routes: Sequence[Route] = (),
    loops: Sequence[Loop] = (),
    parallel: int = 1,
    relays: bool = True,
    on_stop: Callable[[], None] | None = None,
) -> int:
    """Blocks until SIGTERM or SIGINT. `routes` are own jobs only; without `relays` another process publishes."""
    work, relay, running = background(service, database, kafka, settings, routes, loops, parallel)
    if not relays:
        running.loops = [loop for loop in running.loops if loop.name not in ("relay", "prune")]
    probes: dict[str, Probe] = {
        "database": database_probe(database),
        "disk": disk_probe(settings.data_folder, settings.free_disk_mebibytes),
    }
    add_status_routes(app, probes)
    app.add_middleware(Measured)
    config = uvicorn.Config(
        app,
        host=settings.bind_host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=OPEN_REQUESTS_SECONDS,
        timeout_keep_alive=30,
        limit_concurrency=2_000,
        h11_max_incomplete_event_size=64 * 1024,
    )
    running.start()
    log.info("web.started", port=port)
    try:
        asyncio.run(Server(config).serve())
    finally:
        if on_stop is not None:
            on_stop()
        clean = running.join(GRACE_SECONDS)
        if not clean:
            work.release()
        if relays:
            _drain(relay.drain)
        relay.close()
        database.close()
    log.info("web.ended", clean=clean)
    return 0 if clean else 1


def _drain(drain: Callable[[float], None]) -> None:
    try:
        drain(5.0)
    except TransientError:
        log.warning("web.outbox_waits")
