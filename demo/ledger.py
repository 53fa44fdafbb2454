"""What the fake PBX sent and what was answered, line by line on disk: the record that tests compare with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One attempt to send one event.

    `status` is the HTTP status, None when nobody answered; `put_aside` how many events of the request were unreadable.
    """

    event_id: str
    name: str
    call_id: str | None
    attempt: int
    status: int | None
    sent_at: str
    put_aside: int = 0

    @property
    def accepted(self) -> bool:
        """Whether the door took it."""
        return self.status is not None and 200 <= self.status < 300


class Ledger:
    """Appends entries; safe from several threads."""

    def __init__(self, path: Path) -> None:
        """`path` is a file of JSON lines; what stands in it stays."""
        self._path = path
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        """Appends one entry."""
        line = json.dumps(asdict(entry), ensure_ascii=False)
        with self._lock, self._path.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    def entries(self) -> Iterator[Entry]:
        """Everything that was written, in order."""
        if self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                yield Entry(**json.loads(line))

    def accepted_events(self) -> set[str]:
        """Ids of the events that the door took at least once."""
        return {entry.event_id for entry in self.entries() if entry.accepted}

    def accepted_calls(self) -> set[str]:
        """The PBX's ids of the calls whose summary the door took."""
        summaries = (entry for entry in self.entries() if entry.accepted and entry.name == "call.finished")
        return {entry.call_id for entry in summaries if entry.call_id is not None}
