"""What we need to know of the broker, and the clients made from it; `flavour` is asked nowhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services.runtime.errors import TransientError

if TYPE_CHECKING:
    from kafka import KafkaConsumer, KafkaProducer

    from services.runtime.settings import RuntimeSettings


@dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Where the brokers are; `embedded` is the volatile one of `demo` and tests."""

    bootstrap: str
    embedded: bool = False
    session_seconds: int = 30

    @classmethod
    def of(cls, settings: RuntimeSettings) -> KafkaSettings:
        embedded = settings.kafka_flavour == "embedded"
        return cls(settings.kafka_bootstrap, embedded, 6 if embedded else settings.kafka_session_seconds)

    def client(self) -> dict[str, Any]:
        """Arguments of every kafka-python client."""
        servers = [server.strip() for server in self.bootstrap.split(",")]
        # the mock answers version negotiation in an encoding that kafka-python cannot read
        return {"bootstrap_servers": servers, **({"api_version": (2, 3)} if self.embedded else {})}

    def producer(self) -> KafkaProducer:
        """An idempotent producer that waits for all replicas."""
        from kafka import KafkaProducer

        return KafkaProducer(
            **self.client(),
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            max_block_ms=20_000,
            delivery_timeout_ms=60_000,
            request_timeout_ms=15_000,
        )

    def consumer(self, *topics: str, group: str | None = None, **options: Any) -> KafkaConsumer:
        """A plain consumer from the beginning, for tools and tests."""
        from kafka import KafkaConsumer

        defaults = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "consumer_timeout_ms": 2_000}
        return KafkaConsumer(*topics, group_id=group, **self.client(), **(defaults | options))

    def messages(self, *topics: str, seconds: float = 60.0) -> Iterator[Any]:
        """Every message that is there at this moment, in order within a partition. Raises TransientError after that
        many seconds without the end."""
        from kafka import TopicPartition

        consumer = self.consumer()
        parts = [TopicPartition(topic, part) for topic in topics for part in consumer.partitions_for_topic(topic) or ()]
        try:
            consumer.assign(parts)
            ends, until = consumer.end_offsets(parts), time.monotonic() + seconds
            while any(consumer.position(part) < ends[part] for part in parts):
                if time.monotonic() > until:
                    raise TransientError(f"The end of {', '.join(topics)} was not reached in {seconds:.0f} s.")
                for batch in consumer.poll(timeout_ms=500).values():
                    yield from batch
        finally:
            consumer.close()
