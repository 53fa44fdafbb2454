"""Places for the system tests, and one loud line when the real Kafka was not among them."""

from __future__ import annotations

from tests.integration.conftest import pytest_terminal_summary
from tests.places import kafka_node, postgres_server, real_kafka

__all__ = ["kafka_node", "postgres_server", "pytest_terminal_summary", "real_kafka"]
