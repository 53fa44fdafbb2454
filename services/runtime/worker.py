"""A service's worker process: Faust intake, work threads, relay, health, watchdog; ends cleanly at SIGTERM."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from schemas.codec import topics
from services.runtime.database import Database
from services.runtime.edge import Intake
from services.runtime.errors import TransientError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import log
from services.runtime.loops import Loop, Running
from services.runtime.queue import Route, prune
from services.runtime.relay import Relay
from services.runtime.settings import RuntimeSettings
from services.runtime.status import Probe, database_probe, disk_probe, serve_status
from services.runtime.work import Work

STUCK = 75  # exit code: no share or no progress; the supervisor starts us anew
GRACE_SECONDS = 20.0
RELAY_IDLE_SECONDS = 0.5
PRUNE_SECONDS = 3600.0
WATCH_SECONDS = 2.0
WATCHED = frozenset({"relay", "leases", "reaper"})


def background(
    service: str,
    database: Database,
    kafka: KafkaSettings,
    settings: RuntimeSettings,
    routes: Sequence[Route],
    loops: Sequence[Loop],
    parallel: int,
) -> tuple[Work, Relay, Running]:
    """The threads that every process of a service runs beside its door: work, relay, pruning and its own loops."""
    internal = {route.topic for route in routes} - set(topics())
    lease = timedelta(seconds=settings.work_lease_seconds)
    work = Work(service, database, routes, internal=internal, lease=lease)
    relay = Relay(database, kafka)
    keep = timedelta(days=settings.keep_queue_days)

    def pruning() -> bool:
        with database.begin() as connection:
            prune(connection, keep=keep)
        return False

    running = Running(
        [
            *work.loops(parallel),
            Loop("relay", relay.step, RELAY_IDLE_SECONDS, hears=True),
            Loop("prune", pruning, PRUNE_SECONDS),
            *loops,
        ]
    )
    database.bell = running.ring
    return work, relay, running


class Worker:
    """See the module. `parallel` is how many pieces of work go side by side in this process."""

    def __init__(
        self,
        *,
        service: str,
        database: Database,
        kafka: KafkaSettings,
        settings: RuntimeSettings,
        routes: Sequence[Route],
        loops: Sequence[Loop] = (),
        http_port: int,
        parallel: int = 1,
        on_stop: Callable[[], None] | None = None,
    ) -> None:
        self._service = service
        self._settings = settings
        self._http_port = http_port
        self._on_stop = on_stop
        self._database = database
        self._kafka = kafka
        self._consumed = [route.topic for route in routes if route.topic in topics()]
        self._intake: Intake | None = None
        self._work, self._relay, self._running = background(service, database, kafka, settings, routes, loops, parallel)
        self._without_share_since: float | None = None

    def run(self) -> int:
        """Blocks until SIGTERM or SIGINT; 0 when everything ended in time."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        if self._consumed:  # made here, because Faust binds itself to the loop that runs
            self._intake = Intake(self._service, self._database, self._kafka, self._consumed)
        server = serve_status(self._settings.bind_host, self._http_port, self._probes())
        self._running.start()
        log.info("worker.started", port=self._http_port)
        if self._intake is not None:
            await self._intake.start()
        try:
            await self._watch(stop)
        finally:
            clean = await self._end()
            server.shutdown()
        log.info("worker.ended", clean=clean)
        return 0 if clean else 1

    async def _end(self) -> bool:
        self._running.stop.set()
        if self._intake is not None:
            await self._intake.stop()
        if self._on_stop is not None:
            await asyncio.to_thread(self._on_stop)
        clean = await asyncio.to_thread(self._running.join, GRACE_SECONDS)
        try:
            if not clean:
                await asyncio.to_thread(self._work.release)
            await asyncio.to_thread(self._relay.drain, 5.0)
        except TransientError:
            clean = False
        self._relay.close()
        self._database.close()
        return clean

    async def _watch(self, stop: asyncio.Event) -> None:
        """Ends the process when it has had no share of the topics, or a thread has not turned, for too long."""
        limit = self._settings.watchdog_seconds
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), WATCH_SECONDS)
                return
            except TimeoutError:
                pass
            if self._stuck(time.monotonic(), limit):
                os._exit(STUCK)

    def _stuck(self, now: float, limit: float) -> bool:
        if self._intake is None or self._intake.assigned():
            self._without_share_since = None
        elif self._without_share_since is None:
            self._without_share_since = now
        elif now - self._without_share_since > limit:
            log.error("worker.without_share", seconds=round(now - self._without_share_since))
            return True
        # a work thread may be busy for long, under a lease that is renewed; the others turn all the time
        late = [name for name, at in self._running.turned.items() if name in WATCHED and now - at > limit]
        if late:
            log.error("worker.stuck", loops=late)
        return bool(late)

    def _probes(self) -> dict[str, Probe]:
        probes = {
            "database": database_probe(self._database),
            "disk": disk_probe(self._settings.data_folder, self._settings.free_disk_mebibytes),
            "work": lambda: self._work.halted,
            "relay": lambda: None if self._relay.healthy else "The broker did not confirm the last messages.",
        }
        intake = self._intake
        if intake is not None:
            probes["share"] = lambda: None if intake.assigned() else "The broker has given this worker no share yet."
        return probes
