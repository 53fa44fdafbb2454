"""The work loop: claims a row under a lease, does the slow part outside and the rest inside one transaction."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog

from services.runtime import burial, metrics, queue
from services.runtime.database import Database, database_now
from services.runtime.errors import (
    AlreadyHandled,
    InvalidEvent,
    OtzvukError,
    PermanentError,
    StaleVersion,
    TransientError,
)
from services.runtime.logs import log
from services.runtime.loops import Loop
from services.runtime.queue import Claim, Route, Tx

BURIALS_IN_A_ROW = 10
IDLE_SECONDS = 0.5
REAP_SECONDS = 2.0


class TooManyBurials(OtzvukError):
    """Everything fails: that is more likely our fault than the messages', so the worker stops."""

    code = "too_many_burials"


class Work:
    """All work of one process. `internal` names the topics that are the service's own jobs."""

    def __init__(
        self, service: str, database: Database, routes: Sequence[Route], *, internal: set[str], lease: timedelta
    ) -> None:
        self._service = service
        self._database = database
        self._routes = {route.topic: route for route in routes}
        self._internal = internal
        self._lease = lease
        self._active: dict[int, Claim] = {}
        self._lock = threading.Lock()
        self._burials = 0
        self._reaped_at = 0.0

    def loops(self, parallel: int) -> list[Loop]:
        """The threads to run: `parallel` workers, one that renews leases, one that takes over from the dead."""
        if not self._routes:
            return []
        return [
            *(Loop(f"work-{number}", self.step, IDLE_SECONDS, hears=True) for number in range(parallel)),
            Loop("leases", self._renew, self._lease.total_seconds() / 4),
            Loop("reaper", self._reap, REAP_SECONDS),
        ]

    def step(self) -> bool:
        """One piece of work; False when there is none."""
        with self._database.begin() as connection:
            claimed = queue.claim(connection, self._routes, self._lease)
        if claimed is None:
            return False
        with (
            self._held(claimed),
            structlog.contextvars.bound_contextvars(
                topic=claimed.topic, key=claimed.received.key, event_id=claimed.received.event_id
            ),
        ):
            self._do(claimed)
        return True

    @contextmanager
    def _held(self, claimed: Claim) -> Iterator[None]:
        with self._lock:
            self._active[claimed.seq] = claimed
        try:
            yield
        finally:
            with self._lock:
                self._active.pop(claimed.seq, None)

    def _do(self, claimed: Claim) -> None:
        route = self._routes[claimed.topic]
        try:
            self._attempt(route, claimed)
            self._burials = 0
            metrics.count("queue.handled", topic=claimed.topic)
        except StaleVersion:
            log.warning("work.lease_lost")
        except AlreadyHandled:
            self._change(queue.finish, claimed)
        except TransientError as error:
            metrics.count("queue.waited", topic=claimed.topic)
            pause = self._change(queue.wait, claimed)
            log.info("work.waits", code=error.code, pause_seconds=pause.total_seconds() if pause else None)
        except (PermanentError, InvalidEvent) as error:
            self._bury(claimed, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - the edge: an unknown error is tried three times, then buried
            metrics.count("queue.failed", topic=claimed.topic)
            log.exception("work.failed", attempts=claimed.received.attempts)
            if claimed.received.attempts >= queue.MAX_ATTEMPTS:
                code = error.code if isinstance(error, OtzvukError) else type(error).__name__.lower()
                # an unknown error's words may hold speech or numbers; a verdict's sentence is ours
                detail = (
                    str(error) if isinstance(error, OtzvukError) else f"{type(error).__name__}; the log has the rest"
                )
                self._bury(claimed, code, detail)
            else:
                self._change(queue.retry, claimed)

    def _attempt(self, route: Route, claimed: Claim) -> None:
        began = time.perf_counter()
        prepared: Any = None
        if route.prepare is not None:
            prepared = route.prepare(claimed.received)
            metrics.observe("queue.prepare", time.perf_counter() - began, topic=claimed.topic)
            began = time.perf_counter()
        with self._database.begin() as connection:
            tx = Tx(connection, database_now(connection), claimed.received.event_id)
            route.handle(claimed.received, prepared, tx)
            queue.finish(connection, claimed)
        metrics.observe("queue.handle", time.perf_counter() - began, topic=claimed.topic)

    def _change(self, change: Any, claimed: Claim) -> Any:
        """One of the queue's endings in its own transaction; a lost lease changes nothing."""
        try:
            with self._database.begin() as connection:
                return change(connection, claimed)
        except StaleVersion:
            log.warning("work.lease_lost")
            return None

    def _bury(self, claimed: Claim, code: str, detail: str) -> None:
        log.warning("work.buried", code=code, attempts=claimed.received.attempts)
        route = self._routes[claimed.topic]

        def both(connection: Any, row: Claim) -> None:
            internal = claimed.topic in self._internal
            burial.bury(connection, row, service=self._service, code=code, detail=detail, internal=internal)
            if route.on_buried is not None:
                tx = Tx(connection, database_now(connection), row.received.event_id)
                route.on_buried(row.received, code, tx)

        self._change(both, claimed)
        self._burials += 1
        if self._burials >= BURIALS_IN_A_ROW:
            raise TooManyBurials(f"{BURIALS_IN_A_ROW} messages in a row were buried; the worker stops to be looked at.")

    def _renew(self) -> bool:
        with self._lock:
            active = list(self._active.values())
        if active:
            with self._database.begin() as connection:
                for claimed in active:
                    queue.renew(connection, claimed, self._lease)
        return False

    def _reap(self) -> bool:
        with self._database.begin() as connection:
            dead = queue.expired(connection, self._routes)
        for claimed in dead:
            self._bury(claimed, "killed_the_worker", "The process that worked on it died each time.")
        return False

    def release(self) -> None:
        """Gives back what is still in hand, so that nobody waits for the lease to run out."""
        with self._lock:
            active = list(self._active.values())
        for claimed in active:
            self._change(queue.release, claimed)
