"""Whose turn it is to write: senders wait for their answer, so the door goes first and background work second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy.engine import Connection

from services.runtime.database import Database

LONGEST_PATIENCE_SECONDS = 0.03
# a sender that was answered usually sends the next event soon; until he did, background work takes a third of the time
SOON_SECONDS = 0.025
REST_AFTER_WORK = 2.0
LONGEST_TURN_SECONDS = 10.0


class DoorFirst(Database):
    """A database whose `begin` stands back while somebody is at the door, though never for long.

    SQLite has one writer at a time and lets the others ask again and again; here threads of one process queue instead.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._turn = threading.Lock()
        self._background = threading.Lock()
        self._free = threading.Condition()
        self._at_the_door = 0
        self._served_at = 0.0
        self._rests_until = 0.0

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
        """A write transaction of background work; on SQLite these queue among themselves before they stand back."""
        with self._background if self.is_sqlite else nullcontext():
            self._stand_back()
            began = time.monotonic()
            with self.begin_first() as connection:
                yield connection
            ended = time.monotonic()
            self._rests_until = ended + REST_AFTER_WORK * (ended - began)

    def _stand_back(self) -> None:
        until = time.monotonic() + LONGEST_PATIENCE_SECONDS
        with self._free:
            while (now := time.monotonic()) < until:
                if self._at_the_door > 0:
                    self._free.wait(until - now)
                elif now < min(self._served_at + SOON_SECONDS, self._rests_until):
                    self._free.wait(min(self._served_at + SOON_SECONDS, self._rests_until) - now)
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
