"""Reads the public topics from their beginning, as an analyst's tool would, and tells how far the calls are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from demo.progress import TOPICS, Progress
from schemas.codec import decode

POLL_SECONDS = 0.3
Answer = TypeVar("Answer")


class Watcher:
    """A thread that follows the topics; `bootstrap` is asked again when the broker has moved."""

    def __init__(self, bootstrap: Callable[[], str]) -> None:
        self._bootstrap = bootstrap
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._progress = Progress()
        self._thread = threading.Thread(target=self._run, name="demo-watch", daemon=True)

    def start(self) -> None:
        """Begins to read."""
        self._thread.start()

    def stop(self) -> None:
        """Ends reading."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def look(self, question: Callable[[Progress], Answer]) -> Answer:
        """Asks something of the progress while nothing changes it."""
        with self._lock:
            return question(self._progress)

    def wait(self, question: Callable[[Progress], bool], seconds: float, tick: Callable[[], None]) -> bool:
        """Waits until the answer is yes, calling `tick` in between; False when the time is over."""
        until = time.monotonic() + seconds
        while not self.look(question):
            if time.monotonic() > until:
                return False
            tick()
            self._stop.wait(0.2)
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            self._follow(self._bootstrap())

    def _follow(self, bootstrap: str) -> None:
        """Reads everything that this broker has, until it moves or we end."""
        from confluent_kafka import Consumer, TopicPartition

        consumer = Consumer(
            {"bootstrap.servers": bootstrap, "group.id": "demo-watch", "enable.auto.commit": False, "log_level": 0}
        )
        try:
            partitions = [
                TopicPartition(name, number, 0)
                for name, topic in consumer.list_topics(timeout=10).topics.items()
                if name in TOPICS
                for number in topic.partitions
            ]
            consumer.assign(partitions)
            while not self._stop.is_set() and self._bootstrap() == bootstrap:
                for message in consumer.consume(200, timeout=POLL_SECONDS):
                    if message.error() is None:
                        self._see(message.topic(), message.value())
        finally:
            consumer.close()

    def _see(self, topic: str, value: bytes) -> None:
        received = decode(value)
        with self._lock:
            self._progress.see(topic, received.data)
