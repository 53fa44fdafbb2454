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
    """`step` returns True when it did something. TransientError is waited out; any other error ends the process."""

    name: str
    step: Callable[[], bool]
    idle_seconds: float


@dataclass
class Running:
    """The threads of a process and when each last turned."""

    loops: Sequence[Loop]
    stop: threading.Event = field(default_factory=threading.Event)
    turned: dict[str, float] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for loop in self.loops:
            self.turned[loop.name] = time.monotonic()
            thread = threading.Thread(target=self._run, args=(loop,), name=loop.name, daemon=True)
            self.threads.append(thread)
            thread.start()

    def _run(self, loop: Loop) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self.stop.is_set():
            self.turned[loop.name] = time.monotonic()
            try:
                did = loop.step()
                pause = FIRST_PAUSE_SECONDS
                if not did:
                    self.stop.wait(loop.idle_seconds)
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
        until = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)
