"""A recording from Mango: asked for with a signature, fetched without one, and no storm when we are shut out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from services.ingest.adapters.download import Downloader, Limits
from services.ingest.adapters.fetching import RecordingShelf
from services.ingest.adapters.telephony.mango import LOCKED_OUT, MangoOffice, Pace, sign
from services.ingest.domain.address import LinkRules
from services.ingest.domain.facts import CallRef, Raw
from services.ingest.domain.mango import MangoRules
from services.ingest.domain.recording import Fetched, NotFetched, Recording
from services.runtime.storage import ObjectStorage
from tests.fakes.hosts import AUDIO, Host, answered, hosts
from tests.fakes.ingest import NOW

KEY, SALT = "the-key", "the-salt"
RECORDING = Recording("r1", CallRef("mango", "E1"), 1)
PATH = "/vpbx/queries/recording/post"


class Mango:
    """The vendor's two hosts and our adapter between them; `clock` moves by hand."""

    def __init__(self, api: Host, files: Host, folder: Path) -> None:
        self.api, self.files = api, files
        self.storage = ObjectStorage((folder / "storage").as_uri())
        self.clock = 0.0
        local = LinkRules(hosts=("127.0.0.1",), http=True, loopback=True)
        shelf = RecordingShelf(Downloader(Limits(seconds=60, silence_seconds=30)), self.storage, folder / "spool")
        self.adapter = MangoOffice(
            key=KEY, salt=SALT, rules=MangoRules(), api_url=api.url("/vpbx"), api_links=local, file_links=local,
            shelf=shelf, pace=Pace(10, lambda: self.clock, lambda seconds: None),
        )  # fmt: skip

    def fetch(self) -> Fetched | NotFetched:
        text = json.dumps({"entry_id": "E1", "recording_id": "MToxMDAwMDox", "timestamp": int(NOW.timestamp())})
        body = urlencode({"vpbx_api_key": KEY, "sign": sign(KEY, text.encode(), SALT), "json": text}).encode()
        return self.adapter.fetch(Raw("mango", "events/record/added", body, NOW), 0, RECORDING)


@pytest.fixture
def mango(tmp_path: Path) -> Iterator[Mango]:
    with hosts(2) as (api, files):
        yield Mango(api, files, tmp_path)


def once(host: Host, path: str) -> Any:
    """A one-time link."""

    def answer(handler: Any) -> None:
        host.paths.pop(path)
        answered(200, AUDIO, content_type="audio/mp3")(handler)

    return answer


def test_a_recording_is_asked_for_with_a_signature_and_fetched_without(mango: Mango) -> None:
    mango.files.paths["/one-time"] = once(mango.files, "/one-time")
    mango.api.paths[PATH] = answered(302, location=mango.files.url("/one-time"), set_cookie="session=1")
    result = mango.fetch()
    assert isinstance(result, Fetched)
    assert (mango.storage.get(result.key), result.content_type) == (AUDIO, "audio/mp3")
    ((method, path, headers, body),) = mango.api.seen
    form = parse_qs(body.decode())
    text = '{"recording_id":"MToxMDAwMDox","action":"download"}'
    assert (method, path, headers["content-type"]) == ("POST", PATH, "application/x-www-form-urlencoded")
    assert form == {"vpbx_api_key": [KEY], "json": [text], "sign": [sign(KEY, text.encode(), SALT)]}
    ((_, _, file_headers, file_body),) = mango.files.seen
    assert (set(file_headers), file_body) == ({"host", "accept", "accept-encoding", "user-agent"}, b"")


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (answered(404), NotFetched("http_404")),
        (answered(200, b"{}"), NotFetched("http_404")),
        (answered(302), NotFetched("no_link")),
        (answered(302, location="http://10.0.0.1/x"), NotFetched("host_not_allowed", final=True)),
        (answered(302, location="file:///etc/passwd"), NotFetched("link_scheme", final=True)),
        (answered(500), NotFetched("http_500")),
    ],
    ids=["not there yet", "no link", "an empty link", "a link inside", "a link to a file", "broken"],
)
def test_what_the_vendor_can_answer(mango: Mango, answer: Any, result: NotFetched) -> None:
    mango.api.paths[PATH] = answer
    assert mango.fetch() == result


def test_a_redirect_of_the_file_host_is_not_followed(mango: Mango) -> None:
    mango.api.paths[PATH] = answered(302, location=mango.files.url("/a"))
    mango.files.paths["/a"] = answered(302, location=mango.files.url("/b"))
    mango.files.paths["/b"] = answered(200, AUDIO)
    assert mango.fetch() == NotFetched("redirect_refused", final=True)
    assert [path for _, path, _, _ in mango.files.seen] == ["/a"]


@pytest.mark.parametrize("status", [401, 429])
def test_when_we_are_shut_out_we_are_silent_until_it_is_over(mango: Mango, status: int) -> None:
    mango.api.paths[PATH] = answered(status, b'{"name":"Service Unavailable","status":429}')
    assert mango.fetch() == NotFetched(f"http_{status}", wait=LOCKED_OUT)
    for second in range(0, 130, 10):
        mango.clock = float(second)
        assert mango.fetch() == NotFetched("shut_out", wait=timedelta(seconds=130 - second))
    assert len(mango.api.seen) == 1
    mango.clock = 131.0
    mango.fetch()
    assert len(mango.api.seen) == 2
