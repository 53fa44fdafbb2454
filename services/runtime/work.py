"""The work loop: claims a row under a lease, does the slow part outside and the rest inside one transaction."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
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
        self._burials: Counter[str] = Counter()
        self.halted: str | None = None  # why no work is done any more; one sentence

    def loops(self, parallel: int) -> list[Loop]:
        """The threads to run: `parallel` workers a lane, one that renews leases, one that takes over from the dead."""
        if not self._routes:
            return []
        lanes = sorted({route.lane for route in self._routes.values()})
        return [
            *(
                Loop(f"{lane}-{number}", partial(self.step, lane), IDLE_SECONDS, hears=True)
                for lane in lanes
                for number in range(parallel)
            ),
            Loop("leases", self._renew, self._lease.total_seconds() / 4),
            Loop("reaper", self._reap, REAP_SECONDS),
        ]

    def step(self, lane: str | None = None) -> bool:
        """One piece of work of that lane (of any, without it); False when there is none, or when work is halted."""
        if self.halted is not None:
            return False
        topics = [route.topic for route in self._routes.values() if lane in (None, route.lane)]
        with self._database.begin() as connection:
            claimed = queue.claim(connection, topics, self._lease)
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
            self._burials[claimed.topic] = 0
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
            foreign = isinstance(error, PermanentError) and error.foreign
            self._bury(claimed, error.code, str(error), foreign=foreign)
        except Exception as error:  # noqa: BLE001 - the edge: an unknown error is tried three times, then buried
            metrics.count("queue.failed", topic=claimed.topic)
            log.exception("work.failed", attempts=claimed.received.attempts)
            if claimed.received.attempts >= queue.MAX_ATTEMPTS:
                code = error.code if isinstance(error, OtzvukError) else type(error).__name__.lower()
                # an unknown error's words may hold speech or numbers; a verdict's sentence is ours
                detail = (
                    str(error) if isinstance(error, OtzvukError) else f"{type(error).__name__}; the log has the rest"
                )
                self._bury(claimed, code, detail, foreign=isinstance(error, OtzvukError) and error.foreign)
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

    def _bury(self, claimed: Claim, code: str, detail: str, *, foreign: bool = False) -> None:
        log.warning("work.buried", code=code, attempts=claimed.received.attempts)
        route = self._routes[claimed.topic]

        def both(connection: Any, row: Claim) -> None:
            internal = claimed.topic in self._internal
            burial.bury(
                connection,
                row,
                service=self._service,
                code=code,
                detail=detail,
                internal=internal,
                letters=route.letters,
            )
            if route.on_buried is not None:
                tx = Tx(connection, database_now(connection), row.received.event_id)
                route.on_buried(row.received, code, tx)

        self._change(both, claimed)
        if not foreign:
            self._burials[claimed.topic] += 1
        if self._burials[claimed.topic] >= BURIALS_IN_A_ROW:
            self._halt(claimed.topic)

    def _halt(self, topic: str) -> None:
        """Everything fails: that is more likely our fault than the messages', so they wait until one has looked."""
        self.halted = (
            f"{BURIALS_IN_A_ROW} messages of {topic} in a row were buried: `otzvuk dead-letters list` says why. "
            "All others wait; repair the cause, start this process anew, replay the dead letters."
        )
        metrics.set_to("queue.halted", 1, topic=topic)
        log.error("work.halted", topic=topic, burials=BURIALS_IN_A_ROW)

    def _renew(self) -> bool:
        with self._lock:
            active = list(self._active.values())
        if active:
            with self._database.begin() as connection:
                for claimed in active:
                    queue.renew(connection, claimed, self._lease)
        return False

    def _reap(self) -> bool:
        if self.halted is not None:
            return False
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
