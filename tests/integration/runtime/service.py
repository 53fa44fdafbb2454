"""A small service for the tests: counts each call's ratings, emits one event for each, and can be made to misbehave."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, String, Table, insert

from services.runtime.database import Database
from services.runtime.errors import TransientError
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import configure
from services.runtime.queue import Received, Route, Tx
from services.runtime.queue_tables import new_metadata
from services.runtime.settings import RuntimeSettings
from services.runtime.worker import Worker

METADATA = new_metadata()
EFFECTS = Table(
    "effects",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("event_id", String(100), unique=True),
    Column("call_id", String(100)),
)


def handle(received: Received, _prepared: Any, tx: Tx) -> None:
    """rating 1: kills the process · 2: waits once · others: one effect, one event out."""
    if received.data["rating"] == 1:
        os._exit(9)
    if received.data["rating"] == 2 and not Path(os.environ["WAITED"]).exists():
        Path(os.environ["WAITED"]).touch()
        raise TransientError("Not yet.")
    tx.connection.execute(insert(EFFECTS).values(event_id=received.event_id, call_id=received.key))
    failed = {"call_id": received.key, "recording_id": received.event_id, "reason": "no_speech"}
    tx.emit("transcript-failed", received.key, failed)


def main() -> int:
    configure("mini")
    settings = RuntimeSettings(_env_file=None)
    database = Database(os.environ["DATABASE"])
    with database.begin() as connection:
        METADATA.create_all(connection)
    return Worker(
        service="mini",
        database=database,
        kafka=KafkaSettings.of(settings),
        settings=settings,
        routes=[Route("call-rated", handle)],
        http_port=int(os.environ["PORT"]),
    ).run()


if __name__ == "__main__":
    sys.exit(main())
