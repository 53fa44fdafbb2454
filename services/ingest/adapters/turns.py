"""Whose turn it is to write: senders wait for their answer, so the door goes first and background work second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection

from services.runtime.database import Database

LONGEST_PATIENCE_SECONDS = 0.1
# a sender that was answered usually sends the next event at once
QUIET_SECONDS = 0.004
LONGEST_TURN_SECONDS = 10.0


class DoorFirst(Database):
    """A database whose `begin` stands back while somebody is at the door, though never for long.

    SQLite has one writer at a time and lets the others ask again and again; here threads of one process queue instead.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._turn = threading.Lock()
        self._free = threading.Condition()
        self._at_the_door = 0
        self._served_at = 0.0

    def arrive(self) -> None:
        """Somebody came to the door."""
        with self._free:
            self._at_the_door += 1

    def leave(self, number: int = 1) -> None:
        """So many were served."""
        with self._free:
            self._at_the_door -= number
            self._served_at = time.monotonic()
            if self._at_the_door <= 0:
                self._free.notify_all()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A write transaction of background work."""
        self._stand_back()
        with self.begin_first() as connection:
            yield connection

    def _stand_back(self) -> None:
        until = time.monotonic() + LONGEST_PATIENCE_SECONDS
        with self._free:
            while (now := time.monotonic()) < until:
                if self._at_the_door > 0:
                    self._free.wait(until - now)
                elif now < self._served_at + QUIET_SECONDS:
                    self._free.wait(QUIET_SECONDS)
                else:
                    return

    @contextmanager
    def begin_first(self) -> Iterator[Connection]:
        """A write transaction of the door itself."""
        mine = self.is_sqlite and self._turn.acquire(timeout=LONGEST_TURN_SECONDS)
        try:
            with super().begin() as connection:
                yield connection
        finally:
            if mine:
                self._turn.release()
