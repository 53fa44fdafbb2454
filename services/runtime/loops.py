"""Threads that do one step again and again: at once while there is work, slowly when the world is at fault."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from services.runtime.errors import TransientError
from services.runtime.logs import log

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
BROKEN = 70  # exit code: an error of our own, the supervisor starts us anew


@dataclass(frozen=True, slots=True)
class Loop:
    """`step` returns True when it did something. TransientError is waited out; any other error ends the process.

    A loop that `hears` looks again as soon as this process has put something into the queue.
    """

    name: str
    step: Callable[[], bool]
    idle_seconds: float
    hears: bool = False


@dataclass
class Running:
    """The threads of a process and when each last turned."""

    loops: Sequence[Loop]
    stop: threading.Event = field(default_factory=threading.Event)
    turned: dict[str, float] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)
    bells: dict[str, threading.Event] = field(default_factory=dict)

    def ring(self) -> None:
        """There is something new in the queue."""
        for bell in self.bells.values():
            bell.set()

    def start(self) -> None:
        for loop in self.loops:
            self.turned[loop.name] = time.monotonic()
            if loop.hears:
                self.bells[loop.name] = threading.Event()
            thread = threading.Thread(target=self._run, args=(loop,), name=loop.name, daemon=True)
            self.threads.append(thread)
            thread.start()

    def _run(self, loop: Loop) -> None:
        pause = FIRST_PAUSE_SECONDS
        bell = self.bells.get(loop.name, self.stop)
        while not self.stop.is_set():
            if loop.hears:
                bell.clear()
            self.turned[loop.name] = time.monotonic()
            try:
                did = loop.step()
                pause = FIRST_PAUSE_SECONDS
                if not did:
                    bell.wait(loop.idle_seconds)
            except TransientError as error:
                log.warning("loop.waits", loop=loop.name, code=error.code, pause_seconds=pause)
                self.stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - the edge: an error of our own ends the process with its reason in the log
                log.exception("loop.broken", loop=loop.name)
                os._exit(BROKEN)

    def join(self, seconds: float) -> bool:
        """Stops and waits; True when every thread came to its end in time."""
        self.stop.set()
        self.ring()
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)
