"""Acts in the order of their moments: each may lead to later ones, and what lies ahead of now is left undone."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from services.runtime.database import Database

Act = Callable[[Connection], object]


class Timeline:
    """A queue of (moment, act)."""

    def __init__(self) -> None:
        self._queue: list[tuple[datetime, int, Act]] = []
        self._order = itertools.count()

    def at(self, moment: datetime, act: Act) -> None:
        """Puts an act."""
        heapq.heappush(self._queue, (moment, next(self._order), act))

    def run(self, database: Database, until: datetime, *, at_once: int) -> None:
        """Does everything up to `until` (aware), `at_once` acts a transaction."""
        while self._queue and self._queue[0][0] <= until:
            with database.begin() as connection:
                for _ in range(at_once):
                    if not self._queue or self._queue[0][0] > until:
                        break
                    heapq.heappop(self._queue)[2](connection)
