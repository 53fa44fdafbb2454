"""Logs as JSON lines of dotted facts with ids only; third-party loggers go the same way, without their data."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

log: Any = structlog.get_logger()

# libraries that would print addresses, tokens or message bodies at INFO
QUIET = ("httpx", "httpcore", "aiogram", "kafka", "aiokafka", "faust", "mode", "faster_whisper", "uvicorn.access")


def _without_values(_logger: Any, _method: str, event: Any) -> Any:
    """An exception's text may quote a number or speech: its type and place are kept, the text only at DEBUG."""
    if logging.getLogger().level > logging.DEBUG and isinstance(event.get("exception"), list):
        for part in event["exception"]:
            part.pop("exc_value", None)
            part.pop("exc_notes", None)
    return event


def configure(service: str, level: str = "INFO", *, plain: bool = False) -> None:
    """Sends all logging of this process to standard error, one JSON object a line (or plain text for a terminal)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # never the local variables: they hold what people said
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        _without_values,
    ]
    renderer: Any = structlog.dev.ConsoleRenderer() if plain else structlog.processors.JSONRenderer(ensure_ascii=True)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(service=service)
