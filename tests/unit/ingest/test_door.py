"""The door over HTTP: limits first, then belief, then storage; every refusal is named."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.ports import RawRow, Receipt
from services.ingest.web.door import Door, add_routes
from services.runtime.errors import TransientError
from tests.fakes.ingest import NOW, SECRET, FakeKeeper, body_of, event, signed, webhook
from tests.fakes.mango import KEY, SUMMARY, form, mango

RATED = event("call.rated", call_id="1", rating=5)


class Asked:
    """An app behind the door, asked in process."""

    def __init__(self, keeper: Any = None, body_seconds: float = 10.0) -> None:
        self.keeper = keeper or FakeKeeper()
        self.noted: list[tuple[str, str, str]] = []
        self.app = FastAPI()
        door = Door({"pbx": webhook()}, {"mango": mango()}, self.keeper, lambda: NOW, self.note, body_seconds)
        add_routes(self.app, door)

    def note(self, what: str, source: str, outcome: str) -> None:
        self.noted.append((what, source, outcome))

    def post(self, path: str, body: Any, headers: Mapping[str, str]) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
                return await client.post(path, content=body, headers=dict(headers))

        return asyncio.run(ask())


def test_an_event_is_accepted_once() -> None:
    asked = Asked()
    body = body_of(RATED)
    first, second = (asked.post("/v1/events/pbx", body, signed(body)) for _ in range(2))
    assert (first.status_code, first.json()) == (202, {"accepted": 1, "duplicates": 0, "quarantined": 0})
    assert (second.status_code, second.json()) == (202, {"accepted": 0, "duplicates": 1, "quarantined": 0})
    assert asked.noted == [("kept", "pbx", "accepted"), ("kept", "pbx", "duplicate")]
    (row,) = asked.keeper.rows.values()
    assert (row.body, row.headers["x-otzvuk-timestamp"]) == (body, str(int(NOW.timestamp())))
    assert SECRET not in repr(row.headers)


def test_what_was_put_aside_is_said() -> None:
    asked = Asked()
    body = body_of(RATED, event("call.rated", "e-2", call_id="1"), {**RATED, "data": {"call_id": "2", "rating": 1}})
    answer = asked.post("/v1/events/pbx", body, signed(body))
    assert (answer.status_code, answer.json()) == (
        202,
        {
            "accepted": 1,
            "duplicates": 0,
            "quarantined": 2,
            "problems": [
                {"index": 1, "code": "missing", "where": "events[1].data.rating", "detail": "`rating` is missing."},
                {
                    "index": 2,
                    "code": "conflict",
                    "where": "event_id",
                    "detail": "This id was used before for another content; what was first stays.",
                },
            ],
        },
    )


BODY = body_of(RATED)
LARGE = b'{"x": "' + b"a" * 2**20 + b'"}'


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/v1/events/pbx", BODY, {}, 401, "signature_missing"),
        ("/v1/events/pbx", BODY, signed(BODY, stamp=1), 401, "timestamp_outside_window"),
        ("/v1/events/pbx", BODY, signed(b"other"), 403, "signature_wrong"),
        ("/v1/events/other", BODY, signed(BODY), 404, "unknown_source"),
        ("/v1/events/mango", BODY, signed(BODY), 404, "unknown_source"),
        ("/v1/events/pbx", LARGE, signed(LARGE), 413, "body_too_large"),
        ("/v1/events/pbx", BODY, {**signed(BODY), "content-encoding": "gzip"}, 415, "content_encoding_refused"),
        ("/v1/telephony/pbx/events/summary", BODY, signed(BODY), 404, "unknown_source"),
        ("/v1/telephony/mango/events/summary", form(SUMMARY, "0" * 64), {}, 403, "signature_wrong"),
        ("/v1/telephony/mango/events/summary", form(SUMMARY, key="x"), {}, 403, "key_wrong"),
    ],
)
def test_every_refusal_is_named(path: str, body: bytes, headers: dict[str, str], status: int, code: str) -> None:
    asked = Asked()
    answer = asked.post(path, body, headers)
    said = answer.json()
    assert (answer.status_code, said["code"], said["status"]) == (status, code, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (asked.keeper.rows, [what for what, _, _ in asked.noted]) == ({}, ["refused"])


def test_a_pbx_is_answered_200() -> None:
    asked = Asked()
    answer = asked.post("/v1/telephony/mango/events/summary", form(SUMMARY), {})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 1)
    probe = asked.post("/v1/telephony/mango/events/summary", f"vpbx_api_key={KEY}".encode(), {})
    assert (probe.status_code, probe.content) == (200, b"")


@pytest.mark.parametrize("path", ["events/%00", "events/%01X", "%ff%fe", "..%2f..%2fx", "a" * 500, "%F0%9F%98%80"])
def test_a_path_is_kept_plain(path: str) -> None:
    asked = Asked()
    answer = asked.post(f"/v1/telephony/mango/{path}", form(SUMMARY), {})
    assert answer.status_code == 200
    (row,) = asked.keeper.rows.values()
    assert (row.path.isprintable(), len(row.path) <= 200) == (True, True)


class BrokenKeeper:
    """A keeper whose disk is away, or that has too much to do."""

    def __init__(self, overloaded: bool) -> None:
        self.overloaded = overloaded

    def keep(self, rows: Sequence[RawRow]) -> Future[Receipt]:
        if self.overloaded:
            raise NotAdmitted(Refused.OVERLOADED)
        future: Future[Receipt] = Future()
        future.set_exception(TransientError("The disk is full."))
        return future


@pytest.mark.parametrize(("overloaded", "code"), [(True, "overloaded"), (False, "storage_unavailable")])
def test_what_cannot_be_stored_is_not_accepted(overloaded: bool, code: str) -> None:
    answer = Asked(BrokenKeeper(overloaded)).post("/v1/events/pbx", BODY, signed(BODY))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, code, "5")


def scope(headers: Mapping[str, str]) -> dict[str, Any]:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {
        "type": "http", "method": "POST", "path": "/v1/events/pbx", "raw_path": b"/v1/events/pbx", "query_string": b"",
        "headers": raw, "http_version": "1.1", "scheme": "http", "server": ("door", 80), "client": ("x", 1),
        "root_path": "",
    }  # fmt: skip


def talk(asked: Asked, headers: Mapping[str, str], parts: Sequence[bytes | str | None]) -> int | None:
    """Sends a body in parts; None hangs up, "wait" never says anything again. The answer's status."""
    said: list[dict[str, Any]] = []
    left = list(parts)

    async def receive() -> dict[str, Any]:
        part = left.pop(0) if left else None
        if part == "wait":
            await asyncio.Event().wait()
        if part is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    asyncio.run(asked.app(scope(headers), receive, send))  # type: ignore[arg-type]
    return next((message["status"] for message in said if message["type"] == "http.response.start"), None)


def test_a_body_without_length_is_counted_as_it_comes() -> None:
    assert talk(Asked(), signed(BODY), [BODY[:5], BODY[5:]]) == 202
    assert talk(Asked(), signed(LARGE), [LARGE[: 2**19], LARGE[2**19 :], b"x"]) == 413


def test_a_sender_that_hangs_up_is_not_believed() -> None:
    asked = Asked()
    assert talk(asked, signed(BODY), [BODY[:5], None]) == 400
    assert asked.noted == [("refused", "pbx", "body_truncated")]


def test_a_body_that_does_not_come_is_given_up() -> None:
    asked = Asked(body_seconds=0.05)
    assert talk(asked, signed(BODY), [BODY[:5], "wait"]) == 408
    assert asked.keeper.rows == {}


@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "1048577"])
def test_a_length_that_is_none_is_refused_unread(length: str) -> None:
    assert talk(Asked(), {**signed(BODY), "content-length": length}, ["wait"]) == 413


def test_the_document_for_tools() -> None:
    said = Asked().app.openapi()
    post = said["paths"]["/v1/events/{source}"]["post"]
    assert sorted(post["requestBody"]["content"]["application/json"]["examples"]) == [
        "call.finished", "call.leg", "call.rated", "call.started", "lead.changed", "person.changed", "recording.ready",
        "tracking.matched", "transcript.ready",
    ]  # fmt: skip
    assert set(post["responses"]) >= {"202", "400", "401", "403", "404", "408", "413", "415", "503"}
    json.dumps(said)
