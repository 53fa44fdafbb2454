"""Calls for tests of the guards, straight into the table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from services.review.adapters.tables import calls

STARTED = datetime(2026, 11, 24, 9, 3, tzinfo=UTC)


def add_call(connection: Connection, call_id: str, *, number: int, **values: Any) -> None:
    """A registered call; anything can be set."""
    row: dict[str, Any] = {
        "call_id": call_id,
        "number": number,
        "status": "auto_classified",
        "version": 1,
        "revision": 1,
        "provider": "generic",
        "provider_call_id": call_id,
        "direction": "in",
        "outcome": "answered",
        "started_at": STARTED,
        "ring_ms": 4000,
        "talk_ms": 120_000,
        "duration_ms": 124_000,
        "department_kind": "call_center",
        "client_key": f"key-{call_id}",
        "client_label": "+7 ··· 45-12",
        "client_known": True,
        "recording_expected": True,
        "draft_revision": 0,
        "remarkable": "",
        "red_flags": "",
        "risk": 0,
        "appealed": False,
    }
    connection.execute(insert(calls).values(**row | values))
