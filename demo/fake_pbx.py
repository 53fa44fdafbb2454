"""A PBX and a CRM that do not exist: they send a day of events as real ones do, doubled, out of order, until taken."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from demo.ledger import Entry, Ledger
from demo.script import Event

DOUBLED = 0.12  # share of events that are sent twice
SHUFFLE_WINDOW = 4  # an event comes at most so many places away from its turn
RETRY_SECONDS = 0.4
SENDERS = 4
ACCEPTED = 202
BATCH = 100  # events of the past in one request


@dataclass(frozen=True)
class Door:
    """Where to send to and how to sign: the webhook's base address and each source's secret."""

    url: str
    secrets: dict[str, str]


def signed_headers(secret: str, body: bytes, now_s: int) -> dict[str, str]:
    """Headers of a signed request, as docs/webhook.md says."""
    stamp = str(now_s)
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Otzvuk-Timestamp": stamp,
        "X-Otzvuk-Signature": f"v1={signature}",
    }


def disordered(events: Iterable[Event], rng: random.Random) -> list[Event]:
    """The events with some doubled and all a little out of order."""
    doubled = [event for event in events for _ in range(2 if rng.random() < DOUBLED else 1)]
    places = [(index + rng.uniform(0, SHUFFLE_WINDOW), index) for index in range(len(doubled))]
    return [doubled[index] for _, index in sorted(places)]


class FakePbx:
    """Sends events and remembers in the ledger what was answered. `give_up_seconds` bounds one event's retries."""

    def __init__(self, door: Door, ledger: Ledger, give_up_seconds: float = 120.0) -> None:
        self._door, self._ledger, self._give_up = door, ledger, give_up_seconds
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ends every waiting and retrying."""
        self._stop.set()

    def play(self, events: list[Event], seconds: float, on_sent: Callable[[Event], None] | None = None) -> None:
        """Sends the events in their order, spread evenly over `seconds`, by a few senders at once."""
        began = time.monotonic()
        queue = list(enumerate(events))
        lock = threading.Lock()

        def sender() -> None:
            while not self._stop.is_set():
                with lock:
                    if not queue:
                        return
                    index, event = queue.pop(0)
                due = began + seconds * index / max(1, len(events))
                self._stop.wait(max(0.0, due - time.monotonic()))
                if self.send(event) and on_sent is not None:
                    on_sent(event)

        senders = [threading.Thread(target=sender, name=f"pbx-{number}") for number in range(SENDERS)]
        for thread in senders:
            thread.start()
        for thread in senders:
            thread.join()

    def send_history(self, events: list[Event]) -> None:
        """Sends what happened earlier, many events a request, each source by itself."""
        for source in sorted({event.source for event in events}):
            mine = [event for event in events if event.source == source]
            for start in range(0, len(mine), BATCH):
                self._until_answered(mine[start : start + BATCH])

    def send(self, event: Event) -> bool:
        """Sends one event until it is taken or refused for good; whether it was taken."""
        return self._until_answered([event])

    def _until_answered(self, events: list[Event]) -> bool:
        """Events of one source in one request, again and again until there is a final answer."""
        until = time.monotonic() + self._give_up
        attempt = 0
        while not self._stop.is_set():
            attempt += 1
            status, put_aside = self._post(events)
            now = datetime.now(UTC).isoformat()
            for event in events:
                call_id = event.data.get("call_id")
                self._ledger.write(Entry(event.event_id, event.name, call_id, attempt, status, now, put_aside))
            if status is not None and 200 <= status < 300:
                return True
            final = status is not None and 400 <= status < 500 and status not in (408, 429)
            if final or time.monotonic() > until:
                return False
            self._stop.wait(RETRY_SECONDS * min(attempt, 5))
        return False

    def _post(self, events: list[Event]) -> tuple[int | None, int]:
        """One request: the status, None when nobody answered, and how many events were put aside as unreadable."""
        bodies = [event.body() for event in events]
        body = json.dumps(bodies[0] if len(bodies) == 1 else {"events": bodies}, ensure_ascii=False).encode()
        source = events[0].source
        parts = urlsplit(self._door.url)
        connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=15)
        try:
            headers = signed_headers(self._door.secrets[source], body, int(time.time()))
            connection.request("POST", f"{parts.path}/v1/events/{source}", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            put_aside = json.loads(text).get("quarantined", 0) if answer.status == ACCEPTED else 0
            return answer.status, put_aside
        except (OSError, http.client.HTTPException):
            return None, 0
        finally:
            connection.close()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line on the terminal for each."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class RecordingServer:
    """Serves the folder with recordings on loopback, as a PBX's storage would."""

    def __init__(self, folder: Path) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="pbx-recordings", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return self._server.server_port

    @property
    def url(self) -> str:
        """Base address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        """Begins to serve."""
        self._thread.start()

    def stop(self) -> None:
        """Ends serving and frees the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
