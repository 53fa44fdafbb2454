"""The embedded broker: librdkafka's mock cluster in a process of its own, for `demo` and tests.

It speaks Kafka's protocol but is volatile, keeps 5 MiB a partition and serves one worker a group.
"""

from __future__ import annotations

import ctypes
import glob
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

REBALANCE_DELAY_MS = 100


def all_topics() -> dict[str, int]:
    """Every topic and dead-letter topic with its number of partitions."""
    from schemas.codec import topics

    plan: dict[str, int] = {}
    for topic in topics().values():
        plan[topic.name] = topic.partitions
        plan[topic.dead_letters] = 1
    return plan


def _library() -> ctypes.CDLL:
    import confluent_kafka

    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    found = glob.glob(str(folder / "librdkafka*.so*"))
    if not found:
        raise RuntimeError("The installed confluent-kafka brings no librdkafka of its own; use Apache Kafka.")
    return ctypes.CDLL(found[0])


class MockCluster:
    """A mock cluster of one broker on loopback; lives as long as this object."""

    def __init__(self, plan: Mapping[str, int]) -> None:
        lib = _library()
        lib.rd_kafka_conf_new.restype = ctypes.c_void_p
        lib.rd_kafka_new.restype = ctypes.c_void_p
        lib.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
        lib.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
        lib.rd_kafka_mock_cluster_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
        lib.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
        lib.rd_kafka_mock_cluster_bootstraps.argtypes = [ctypes.c_void_p]
        lib.rd_kafka_mock_topic_create.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
        lib.rd_kafka_mock_group_initial_rebalance_delay_ms.argtypes = [ctypes.c_void_p, ctypes.c_int32]
        problem = ctypes.create_string_buffer(512)
        handle = lib.rd_kafka_new(0, lib.rd_kafka_conf_new(), problem, 512)
        if not handle:
            raise RuntimeError(f"The embedded broker did not start: {problem.value.decode()}")
        cluster = lib.rd_kafka_mock_cluster_new(handle, 1)
        lib.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, REBALANCE_DELAY_MS)
        for name, partitions in plan.items():
            lib.rd_kafka_mock_topic_create(cluster, name.encode(), partitions, 1)
        self._lib, self._handle, self._cluster = lib, handle, cluster
        self.bootstrap: str = lib.rd_kafka_mock_cluster_bootstraps(cluster).decode()


def run(address_file: Path) -> int:
    """Runs the broker until SIGTERM; writes its address into `address_file` (whole or not at all)."""
    parent = os.getppid()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    cluster = MockCluster(all_topics())
    draft = address_file.with_suffix(".new")
    draft.write_text(cluster.bootstrap, encoding="utf-8")
    draft.replace(address_file)
    while not stop.wait(1.0):
        if os.getppid() != parent:
            break
    sys.stderr.flush()
    os._exit(0)  # librdkafka's own threads are not worth waiting for: nothing of it is kept
