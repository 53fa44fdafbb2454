"""A database whose clock is set back, so that guards, triggers and logs hold in a past week as they hold today."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event

from services.runtime.database import Database


class PastDatabase(Database):
    """SQLite only. `moment` is what the database's `now` is; every other time it is asked about stays as it is."""

    def __init__(self, url: str, moment: datetime) -> None:
        super().__init__(url)
        self.moment = moment
        self._real = sqlite3.connect(":memory:", check_same_thread=False)
        event.listen(self.engine, "connect", self._set_back)

    def close(self) -> None:
        """Closes the connections."""
        super().close()
        self._real.close()

    def _set_back(self, connection: Any, _record: object) -> None:
        connection.create_function("strftime", 2, self._strftime)

    def _strftime(self, pattern: str, when: str) -> str | None:
        asked = f"{self.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"[:-3] if when == "now" else when
        found: str | None = self._real.execute("SELECT strftime(?, ?)", (pattern, asked)).fetchone()[0]
        return found
