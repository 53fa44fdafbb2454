"""What the door's OpenAPI document says: every event with an example, every answer (`docs/webhook.md` for tools)."""

from __future__ import annotations

from typing import Any

from services.ingest.domain.refusals import Refused

AT = "2026-05-18T09:15:49+03:00"
EXAMPLES: dict[str, dict[str, Any]] = {
    "call.started": {
        "call_id": "4711",
        "direction": "in",
        "started_at": "2026-05-18T09:15:07+03:00",
        "client_number": "+7 900 000-00-01",
        "line": "+74950000000",
    },
    "call.leg": {
        "call_id": "4711",
        "leg_id": "4711-1",
        "seq": 2,
        "extension": "101",
        "answered_at": "2026-05-18T09:15:18+03:00",
    },
    "call.finished": {
        "call_id": "4711",
        "direction": "in",
        "outcome": "answered",
        "client_number": "+7 900 000-00-01",
        "extension": "101",
        "line": "+74950000000",
        "started_at": "2026-05-18T09:15:07+03:00",
        "answered_at": "2026-05-18T09:15:18+03:00",
        "ended_at": AT,
        "recording_expected": True,
    },
    "recording.ready": {
        "call_id": "4711",
        "url": "https://records.pbx.example/4711.wav",
        "content_type": "audio/wav",
        "seller_channel": 0,
    },
    "transcript.ready": {
        "call_id": "4711",
        "language": "ru",
        "utterances": [{"speaker": "seller", "start_ms": 0, "end_ms": 1800, "text": "Добрый день!"}],
    },
    "call.rated": {"call_id": "4711", "rating": 5, "channel": "ivr"},
    "tracking.matched": {"call_id": "4711", "source": {"source": "yandex", "medium": "cpc", "campaign": "spring"}},
    "lead.changed": {
        "lead_id": "L-1",
        "kind": "lead",
        "created_at": "2026-05-18T09:00:00+03:00",
        "stage": "Новая заявка",
        "stage_kind": "open",
        "responsible": "s-101",
        "numbers": ["+7 900 000-00-01"],
    },
    "person.changed": {
        "person_id": "s-101",
        "extensions": ["101"],
        "department_id": "sales",
        "department_kind": "sales",
        "active": True,
    },
}

_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["event", "event_id", "occurred_at", "data"],
    "properties": {
        "event": {"type": "string", "enum": list(EXAMPLES), "description": "What happened."},
        "event_id": {"type": "string", "maxLength": 128, "description": "The sender's id; a retry has the same."},
        "occurred_at": {"type": "string", "format": "date-time", "description": "When, with an offset."},
        "data": {"type": "object", "description": "The event itself; see docs/webhook.md."},
    },
}
_ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["accepted", "duplicates", "quarantined"],
    "properties": {
        "accepted": {"type": "integer", "description": "Stored and worked on."},
        "duplicates": {"type": "integer", "description": "Known already; nothing changed."},
        "quarantined": {"type": "integer", "description": "Stored and put aside; see problems."},
        "problems": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "index": {"type": "integer"},
                    "code": {"type": "string"},
                    "where": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": [refused.code for refused in Refused]},
        "detail": {"type": "string"},
    },
}


def _refusals() -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {}
    for refused in Refused:
        said = found.setdefault(refused.value.status, {"description": ""})
        said["description"] = f"{said['description']} `{refused.code}`: {refused.value.detail}".strip()
        said["content"] = {"application/problem+json": {"schema": _PROBLEM}}
    return found


def _example(name: str) -> dict[str, Any]:
    return {"event": name, "event_id": f"example-{name}", "occurred_at": AT, "data": EXAMPLES[name]}


EVENTS_ROUTE: dict[str, Any] = {
    "summary": "Tell what happened",
    "operation_id": "tell_events",
    "tags": ["webhook"],
    "description": "One event, or up to 500 in `events`. Signed; answered once the bytes are safely stored.",
    "status_code": 202,
    "responses": {
        202: {"description": "Stored.", "content": {"application/json": {"schema": _ANSWER}}},
        **_refusals(),
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "X-Otzvuk-Timestamp",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "pattern": "^[0-9]{1,12}$"},
                "description": "Unix seconds, within 300 s of our clock.",
            },
            {
                "name": "X-Otzvuk-Signature",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": "`v1=` and hex HMAC-SHA256(secret, timestamp + '.' + raw body); several with commas.",
            },
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "oneOf": [
                            _EVENT,
                            {
                                "type": "object",
                                "required": ["events"],
                                "properties": {"events": {"type": "array", "maxItems": 500, "items": _EVENT}},
                            },
                        ]
                    },
                    "examples": {name: {"value": _example(name)} for name in EXAMPLES},
                }
            },
        },
    },
}

PROVIDER_ROUTE: dict[str, Any] = {
    "summary": "A PBX's own webhook",
    "operation_id": "tell_provider_events",
    "tags": ["telephony"],
    "description": "`{source}` names an adapter (`mango`); the PBX appends the rest of the path by itself.",
    "status_code": 200,
    "responses": {200: {"description": "Stored, or a probe of the connection."}, **_refusals()},
}
