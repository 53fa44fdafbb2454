"""The Faust edge: writes each Kafka message into the inbox in one short transaction, retried in place, never raising.

Faust acknowledges a message however its agent ends, so the agent must not end before the message is stored; the
settings are the ones that survived kills and faults (facts and sources: docs/adr/0002).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

from schemas.codec import decode
from services.runtime import burial, metrics, queue
from services.runtime.database import Database
from services.runtime.errors import InvalidEvent
from services.runtime.kafka import KafkaSettings
from services.runtime.logs import log

if TYPE_CHECKING:
    import faust

NOT_STORED = 75  # exit code: ended without acknowledging, the broker delivers again
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 30.0


def store(database: Database, service: str, message: Any) -> None:
    """One message into the inbox; what cannot be read is buried at once. Raises TransientError."""
    raw = bytes(message.value or b"")
    key = bytes(message.key or b"").decode("utf-8", "replace")
    try:
        event = decode(raw)
    except InvalidEvent as error:
        log.warning("edge.buried", topic=message.topic, partition=message.partition, offset=message.offset)
        with database.begin() as connection:
            burial.bury_bytes(
                connection,
                service=service,
                topic=message.topic,
                key=key,
                event_id=None,
                code=error.code,
                detail=str(error),
                attempts=1,
                payload=raw,
                partition=message.partition,
                offset=message.offset,
            )
        return
    with database.begin() as connection:
        fresh = queue.put(
            connection,
            topic=message.topic,
            key=key,
            data=event.data,
            event_id=event.event_id,
            occurred_at=event.occurred_at,
            event=event.event,
            version=event.version,
            caused_by=event.caused_by,
            partition=message.partition,
            offset=message.offset,
        )
    metrics.count("edge.received" if fresh else "edge.duplicates", topic=message.topic)


def make_app(service: str, kafka: KafkaSettings) -> faust.App:
    """A Faust app that consumes only: no tables, timers, leader, web server or exactly-once."""
    import faust

    class WithoutFolders(faust.App):  # type: ignore[misc] # Faust brings no types
        """Faust makes a folder for its tables where the process stands; ours has none, and may not write there."""

        def _create_directories(self) -> None:
            return None

    return WithoutFolders(
        f"otzvuk-{service}",
        broker=[f"kafka://{server.strip()}" for server in kafka.bootstrap.split(",")],
        store="memory://",
        table_standby_replicas=0,
        topic_disable_leader=True,
        topic_allow_declare=False,
        processing_guarantee="at_least_once",
        broker_max_poll_interval=604_800,
        broker_session_timeout=kafka.session_seconds,
        broker_heartbeat_interval=max(1, kafka.session_seconds // 10),
        broker_request_timeout=max(20, kafka.session_seconds * 3),
        broker_rebalance_timeout=60,
        broker_commit_interval=1.0,
        broker_commit_every=200,
        stream_buffer_maxsize=256,
        stream_wait_empty=True,
        stream_processing_timeout=300,
        broker_commit_livelock_soft_timeout=300,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        web_bind="127.0.0.1",
        worker_redirect_stdouts=False,
        timezone=UTC,
    )


class Intake:
    """Subscribes a service to its topics; `assigned` says whether the broker gave this worker a share."""

    def __init__(self, service: str, database: Database, kafka: KafkaSettings, topics: Sequence[str]) -> None:
        self._service = service
        self._database = database
        self._consumer: Any = None
        self.app = make_app(service, kafka)
        channel = self.app.topic(*topics, value_serializer="raw", key_serializer="raw", allow_empty=True)
        self.app.agent(channel, name=f"{service}-intake", concurrency=1)(self._consume)

    async def _consume(self, stream: Any) -> None:
        async for event in stream.events():
            await self._keep(event.message)

    async def _keep(self, message: Any) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await asyncio.to_thread(store, self._database, self._service, message)
                return
            except Exception as error:  # noqa: BLE001 - raising here would acknowledge what is not stored
                if self.app.should_stop:
                    os._exit(NOT_STORED)
                metrics.count("edge.store_retries")
                log.warning("edge.store_failed", error=type(error).__name__, pause_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def assigned(self) -> bool:
        """Whether this worker has partitions now."""
        return self._consumer is not None and bool(self._consumer.assignment())

    async def start(self) -> None:
        """Joins the group. Faust makes its consumer at first sight, in the loop of whoever looks: we look after."""
        await self.app.start()
        self._consumer = self.app.consumer

    async def stop(self) -> None:
        """Waits for the message in hand, commits, leaves the group."""
        self._consumer = None
        await self.app.stop()
