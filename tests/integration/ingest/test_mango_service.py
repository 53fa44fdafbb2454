"""A Mango account at the running door: its four events, whatever their order, become one call with its recording."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from services.ingest.adapters.tables import CALLS, RAW_EVENTS, RECORDINGS
from services.ingest.domain.facts import CallRef
from services.runtime.storage import ObjectStorage
from tests.fakes.hosts import AUDIO, answered, hosts
from tests.fakes.mango import KEY, SALT, form
from tests.fakes.running_ingest import RunningIngest, until

NOW = int(time.time())
ENTRY = {"entry_id": "MDAwMDAwMDAwMQ=="}
CLIENT, SELLER = {"number": "79000000001"}, {"extension": "101", "number": "sip:user101@demo.example"}
EVENTS: dict[str, dict[str, Any]] = {
    "summary": {
        **ENTRY, "call_direction": 1, "from": CLIENT, "to": SELLER,
        "line_number": "74950000000", "create_time": NOW - 60, "forward_time": NOW - 55, "talk_time": NOW - 50,
        "end_time": NOW - 8, "entry_result": 1, "disconnect_reason": 1110,
    },
    "call": {
        **ENTRY, "call_id": "MToxMDAw", "timestamp": NOW - 50, "seq": 2, "call_state": "Connected",
        "location": "abonent", "from": CLIENT, "to": {**SELLER, "line_number": "74950000000"},
    },
    "recording": {
        **ENTRY, "recording_id": "MToxMDAwMDox", "recording_state": "Completed", "seq": 1, "call_id": "MToxMDAw",
        "timestamp": NOW - 8, "completion_code": 1000, "recipient": "Cloud",
    },
    "record/added": {
        **ENTRY, "product_id": 300000001, "user_id": -1, "timestamp": NOW - 5, "recording_id": "MToxMDAwMDox",
    },
}  # fmt: skip


def post(port: int, path: str, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/v1/telephony/mango/{path}", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("order", [tuple(EVENTS), tuple(reversed(EVENTS))], ids=["as it happens", "backwards"])
def test_a_call_with_its_recording(sqlite_url: str, tmp_path: Path, order: tuple[str, ...]) -> None:
    with hosts(2) as (api, files):
        files.paths["/one-time"] = answered(200, AUDIO, content_type="audio/mp3")
        api.paths["/vpbx/queries/recording/post"] = answered(302, location=files.url("/one-time"))
        service = RunningIngest(
            tmp_path, None, sqlite_url,
            OTZVUK_INGEST_MANGO_API_KEY=KEY, OTZVUK_INGEST_MANGO_API_SALT=SALT,
            OTZVUK_INGEST_MANGO_API_URL=api.url("/vpbx"), OTZVUK_INGEST_MANGO_FILE_HOSTS='["127.0.0.1"]',
        )  # fmt: skip
        try:
            service.start()
            service.wait_ready()
            assert post(service.port, "events/summary", b"") == 200  # the account's button "check connection"
            assert post(service.port, "events/summary", form("{}", "0" * 64)) == 403
            for kind in (*order, *order):
                status = post(service.port, f"events/{kind}", form(json.dumps(EVENTS[kind])))
                assert status // 100 == 2
            storage = ObjectStorage((tmp_path / "storage").as_uri())
            assert until(120, lambda: len(list(storage.list("recordings"))) == 1)
            assert until(120, lambda: published(service) is not None)
            (key,) = storage.list("recordings")
            assert storage.get(key) == AUDIO
            call = published(service)
        finally:
            service.close()
    assert call is not None
    assert (call["direction"], call["outcome"], call["talk_ms"], call["ring_ms"]) == ("in", "answered", 42_000, 10_000)
    assert (call["line"], call["recording_expected"], call["recording_lost"]) == ("74950000000", True, None)
    asked = [parse_qs(body.decode())["json"] for _, _, _, body in api.seen]
    assert asked == [['{"recording_id":"MToxMDAwMDox","action":"download"}']]
    assert [path for _, path, _, _ in files.seen] == ["/one-time"]


def published(service: RunningIngest) -> dict[str, Any] | None:
    """What was told of the call last, once all four events were worked on."""
    with service.database.read() as connection:
        kept = connection.execute(select(RAW_EVENTS.c.raw_id)).scalars().all()
        row = connection.execute(
            select(CALLS).where(CALLS.c.call_id == CallRef("mango", ENTRY["entry_id"]).call_id)
        ).first()
        states = connection.execute(select(RECORDINGS.c.state)).scalars().all()
    if len(kept) != len(EVENTS) or row is None or row.published is None or states != ["stored"]:
        return None
    told: dict[str, Any] = json.loads(row.published)
    return told if told["outcome"] == "answered" and told["recording_expected"] else None
