"""Every metric in one table: name, kind, labels, unit and meaning; an undeclared one is an error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric: `kind` counter, gauge or histogram; `unit` as Prometheus names it, empty for plain numbers."""

    kind: str
    meaning: str
    labels: tuple[str, ...] = ()
    unit: str = ""


METRICS: dict[str, Declared] = {
    "edge.received": Declared("counter", "Messages that came from Kafka.", ("topic",)),
    "edge.duplicates": Declared("counter", "Messages that had been received before.", ("topic",)),
    "edge.store_retries": Declared("counter", "Times that a message could not be stored at once."),
    "queue.handled": Declared("counter", "Messages and jobs done.", ("topic",)),
    "queue.waited": Declared("counter", "Times that work was put off because the world was at fault.", ("topic",)),
    "queue.failed": Declared("counter", "Attempts that ended in an error.", ("topic",)),
    "queue.buried": Declared("counter", "Dead letters.", ("topic", "code")),
    "queue.prepare": Declared("histogram", "Time of the slow part of one piece of work.", ("topic",), "seconds"),
    "queue.handle": Declared("histogram", "Time of the transaction of one piece of work.", ("topic",), "seconds"),
    "queue.halted": Declared("gauge", "1: work stands still after ten burials in a row.", ("topic",)),
    "queue.backlog": Declared("gauge", "Rows not finished yet.", ("topic",)),
    "relay.published": Declared("counter", "Messages that the broker confirmed.", ("topic",)),
    "relay.failed": Declared("counter", "Messages that the broker did not confirm; they are sent again."),
    "http.requests": Declared("counter", "Requests answered.", ("route", "method", "status")),
    "http.time": Declared("histogram", "Time of a request.", ("route",), "seconds"),
    "ingest.raw_events": Declared("counter", "Webhook bodies kept.", ("source", "outcome")),
    "ingest.refused": Declared("counter", "Requests refused at the door.", ("source", "code")),
    "ingest.recordings": Declared("counter", "Recordings fetched or given up.", ("outcome",)),
    "ingest.recording_bytes": Declared("counter", "Bytes of recordings stored.", (), "bytes"),
    "ingest.clock_offset": Declared("gauge", "Received minus told time of the last event.", ("source",), "seconds"),
    "transcribe.recordings": Declared("counter", "Recordings that became a dialogue or could not.", ("outcome",)),
    "transcribe.audio": Declared("counter", "Sound recognised.", (), "seconds"),
    "transcribe.recognition": Declared("histogram", "Time of recognising one recording.", (), "seconds"),
    "score.drafts": Declared("counter", "Drafts made.", ("call_type",)),
    "score.drafting": Declared("histogram", "Time of drafting one call.", (), "seconds"),
    "score.judge": Declared("counter", "Calls of the language-model judge.", ("outcome",)),
    "score.violations": Declared("counter", "Violations of the contact rule.", ("rule",)),
    "review.status_changes": Declared("counter", "Changes of status.", ("to",)),
    "review.sampled": Declared("counter", "Calls sent to listening by the daily sample."),
    "review.notices": Declared("counter", "Notices sent or given up.", ("channel", "outcome")),
    "review.refused": Declared("counter", "Commands refused.", ("code",)),
}


@cache
def _metric(name: str) -> Counter | Gauge | Histogram:
    declared = METRICS[name]
    full = "otzvuk_" + name.replace(".", "_")
    if declared.kind == "counter":
        return Counter(full, declared.meaning, declared.labels, unit=declared.unit)
    if declared.kind == "gauge":
        return Gauge(full, declared.meaning, declared.labels, unit=declared.unit)
    return Histogram(full, declared.meaning, declared.labels, unit=declared.unit, buckets=SECONDS)


def count(name: str, amount: float = 1, **labels: str) -> None:
    """Adds to a counter."""
    metric = _metric(name)
    assert isinstance(metric, Counter)
    (metric.labels(**labels) if labels else metric).inc(amount)


def observe(name: str, value: float, **labels: str) -> None:
    """Puts a value (in the declared unit) into a histogram."""
    metric = _metric(name)
    assert isinstance(metric, Histogram)
    (metric.labels(**labels) if labels else metric).observe(value)


def set_to(name: str, value: float, **labels: str) -> None:
    """Sets a gauge."""
    metric = _metric(name)
    assert isinstance(metric, Gauge)
    (metric.labels(**labels) if labels else metric).set(value)


def page() -> bytes:
    """All metrics in Prometheus' text form."""
    return generate_latest(REGISTRY)
