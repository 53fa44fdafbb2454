"""Mango Office VPBX: signed form posts in, recordings by a signed request whose one-time link is never kept."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import IO, Any
from urllib.parse import unquote_to_bytes, urlencode

from services.ingest.adapters.download import Answered, Broken
from services.ingest.adapters.fetching import RecordingShelf
from services.ingest.adapters.telephony.generic import unreadable
from services.ingest.domain.address import LinkRules
from services.ingest.domain.claims import canonical
from services.ingest.domain.facts import Problem, Raw, Reading, subject_of
from services.ingest.domain.fields import Fields, Misread, misread
from services.ingest.domain.mango import KEYS, READERS, MangoRules
from services.ingest.domain.recording import Fetched, NotFetched, Recording
from services.ingest.domain.refusals import NotAdmitted, Refused
from services.ingest.domain.strict_json import Unreadable, parse
from services.ingest.ports import Answer, Request
from services.runtime import metrics

MOST_FIELDS = 1_000
REQUESTS_A_SECOND = 10
LOCKED_OUT = timedelta(seconds=130)  # a second wrong request within two minutes shuts us out until they are over
_TOLD_TIME = re.compile(rb'"(?:timestamp|end_time)"\s*:\s*"?([0-9]{9,10})')


def sign(key: str, text: bytes, salt: str) -> str:
    """Mango's signature, both ways: SHA-256 over key, the `json` field as it stands, and salt."""
    return hashlib.sha256(key.encode() + text + salt.encode()).hexdigest()


def form_fields(body: bytes) -> dict[str, bytes]:
    """The fields of a form, decoded to bytes. Raises NotAdmitted: too many, or one of ours twice."""
    if body.count(b"&") >= MOST_FIELDS:
        raise NotAdmitted(Refused.TOO_MANY_FIELDS)
    found: dict[str, bytes] = {}
    for pair in body.split(b"&"):
        name, _, value = pair.partition(b"=")
        plain = unquote_to_bytes(name.replace(b"+", b" ")).decode("latin-1")
        if plain in found:
            raise NotAdmitted(Refused.FORM_MALFORMED)
        found[plain] = unquote_to_bytes(value.replace(b"+", b" "))
    return found


class Pace:
    """Not more than so many requests a second, and none at all while we are shut out. For many threads."""

    def __init__(
        self, a_second: int, clock: Callable[[], float] = time.monotonic, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._gap = 1 / a_second
        self._clock = clock
        self._pause = pause
        self._lock = threading.Lock()
        self._next = 0.0
        self._shut_until = 0.0

    def shut_for(self) -> timedelta | None:
        """How long we are shut out still."""
        left = self._shut_until - self._clock()
        return timedelta(seconds=left) if left > 0 else None

    def shut(self, time_out: timedelta) -> None:
        """The other side has shut us out."""
        self._shut_until = self._clock() + time_out.total_seconds()

    def wait(self) -> None:
        """Waits for this request's turn."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._pause(turn - now)


class MangoOffice:
    """One Mango account."""

    name = "mango"

    def __init__(
        self,
        *,
        key: str,
        salt: str,
        rules: MangoRules,
        api_url: str,
        api_links: LinkRules,
        file_links: LinkRules,
        shelf: RecordingShelf | None,
        pace: Pace | None = None,
    ) -> None:
        if not key or not salt:
            raise ValueError("Mango needs both its API key and its salt")
        self._key, self._salt = key, salt
        self._rules = rules
        self._api_url = api_url.rstrip("/")
        self._api_links, self._file_links = api_links, file_links
        self._shelf = shelf
        self._pace = pace or Pace(REQUESTS_A_SECOND)

    def admit(self, request: Request) -> Answer | None:
        """Checks key and signature of the `json` field as received. Raises NotAdmitted."""
        fields = form_fields(request.body)
        if "json" not in fields:
            # the account's button "check connection" sends no event
            return Answer(200)
        if "sign" not in fields or "vpbx_api_key" not in fields:
            raise NotAdmitted(Refused.SIGNATURE_MISSING)
        if not hmac.compare_digest(fields["vpbx_api_key"], self._key.encode()):
            raise NotAdmitted(Refused.KEY_WRONG)
        wanted = sign(self._key, fields["json"], self._salt).encode()
        if not hmac.compare_digest(fields["sign"], wanted):
            raise NotAdmitted(Refused.SIGNATURE_WRONG)
        told = _TOLD_TIME.search(fields["json"])
        if told:
            late = request.received_at.timestamp() - int(told[1])
            metrics.set_to("ingest.clock_offset", late, source=request.source)
        return None

    def read(self, raw: Raw) -> Sequence[Reading]:
        """One event a delivery."""
        try:
            value = parse(_json_field(raw))
        except Unreadable as error:
            return [unreadable(raw, Problem(error.code, "json", error.detail))]
        return [self._reading(raw, value)]

    def _reading(self, raw: Raw, value: Any) -> Reading:
        kind = raw.path.strip("/")
        digest = hashlib.sha256(canonical({"path": kind, "event": _texts(value)}).encode()).hexdigest()
        key = f"other-{digest}"
        try:
            fields = Fields(value, "", raw.received_at)
            if kind not in READERS:
                return Reading(key, kind, "", digest)
            key = _key(kind, fields)
            facts = READERS[kind](fields, raw.source, self._rules)
        except Misread as error:
            return Reading(key, kind, "", digest, problem=error.problem)
        return Reading(key, kind, subject_of(facts[0]) if facts else "", digest, facts)

    def fetch(self, raw: Raw, position: int, recording: Recording) -> Fetched | NotFetched:
        """Asks for the one-time link and fetches it, without credentials, from the hosts allowed for files."""
        assert self._shelf is not None
        shut = self._pace.shut_for()
        if shut is not None:
            return NotFetched("shut_out", wait=shut)
        recording_id = Fields(parse(_json_field(raw)), "", raw.received_at).text("recording_id", 200)
        result = self._shelf.shelve(recording, lambda file: self._download(recording_id, file))
        if isinstance(result, NotFetched) and result.code in ("http_401", "http_429"):
            self._pace.shut(LOCKED_OUT)
            return NotFetched(result.code, wait=LOCKED_OUT)
        return result

    def _download(self, recording_id: str, file: IO[bytes]) -> Answered:
        assert self._shelf is not None
        self._pace.wait()
        text = json.dumps({"recording_id": recording_id, "action": "download"}, separators=(",", ":"))
        signature = sign(self._key, text.encode(), self._salt)
        body = urlencode({"vpbx_api_key": self._key, "sign": signature, "json": text}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
        downloader = self._shelf.downloader
        answered, _ = downloader.post(f"{self._api_url}/queries/recording/post", self._api_links, headers, body)
        if answered.status not in (301, 302, 303, 307):
            # 200 without a link is no recording either
            return answered if answered.status != 200 else Answered(404, {})
        location = answered.headers.get("location")
        if not location:
            raise Broken("no_link")
        return downloader.get_file(location, self._file_links, file)


def _json_field(raw: Raw) -> bytes:
    """The event of a kept body (it was admitted, so the field is there)."""
    return form_fields(raw.body)["json"]


def _key(kind: str, fields: Fields) -> str:
    """Kind and the event's own ids; long ones by their hash."""
    parts = [fields.optional_text(name, 512) or "" for name in KEYS[kind]]
    if not parts[0]:
        raise misread("missing", KEYS[kind][0], f"`{KEYS[kind][0]}` is missing.")
    key = ":".join([kind.removeprefix("events/"), *parts])
    return key if len(key) <= 180 else f"{kind}:{hashlib.sha256(key.encode()).hexdigest()}"


def _texts(value: Any) -> Any:
    """Numbers as texts, so that `3` and `"3"` of older accounts are one content."""
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return value if value is None or isinstance(value, bool) else str(value)
