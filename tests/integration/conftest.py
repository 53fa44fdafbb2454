"""Places for the integration tests, and one loud line when the real Kafka was not among them."""

from __future__ import annotations

import pytest

from tests.kcat import NO_KCAT
from tests.places import (
    NO_KAFKA,
    database_url,
    databases,
    embedded_kafka,
    kafka,
    kafka_node,
    postgres_server,
    postgres_url,
    real_kafka,
    sqlite_url,
)

__all__ = [
    "database_url",
    "databases",
    "embedded_kafka",
    "kafka",
    "kafka_node",
    "postgres_server",
    "postgres_url",
    "real_kafka",
    "sqlite_url",
]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says once, in red, why the real Kafka or kcat was left out."""
    skipped = [str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])]
    if any(NO_KCAT in text for text in skipped):
        terminalreporter.section("kcat", red=True, bold=True)
        terminalreporter.line(NO_KCAT, red=True, bold=True)
    reasons = [text for text in skipped if NO_KAFKA in text]
    if reasons:
        terminalreporter.section("real Kafka", red=True, bold=True)
        terminalreporter.line(reasons[0][reasons[0].index(NO_KAFKA) :].rstrip(")'"), red=True, bold=True)
