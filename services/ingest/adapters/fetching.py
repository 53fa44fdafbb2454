"""From a link to an object in storage: what each answer of a host means, and the file under our own key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO

from services.ingest.adapters.download import Answered, Broken, Downloader, measured, spool
from services.ingest.domain.address import Forbidden, LinkRules
from services.ingest.domain.recording import Fetched, NotFetched, Recording, storage_key
from services.runtime import metrics
from services.runtime.storage import ObjectStorage

NOT_YET = {404, 408, 409, 423, 425, 429}
GONE = {400, 401, 403, 405, 410, 451}
LONGEST_WAIT = 3600


class RecordingShelf:
    """Downloads into a spool file, checks, and puts the file into storage whole."""

    def __init__(self, downloader: Downloader, storage: ObjectStorage, spool_folder: Path) -> None:
        self.downloader = downloader
        self._storage = storage
        self._spool_folder = spool_folder

    def bring(self, url: str, rules: LinkRules, recording: Recording) -> Fetched | NotFetched:
        """Fetches one recording. A link that may not be asked is final; what the host says otherwise is `judged`."""
        return self.shelve(recording, lambda file: self.downloader.get_file(url, rules, file))

    def shelve(self, recording: Recording, get: Callable[[IO[bytes]], Answered]) -> Fetched | NotFetched:
        """Runs `get`, which writes the body, and keeps what it wrote."""
        try:
            with spool(self._spool_folder) as file:
                answered = get(file)
                result = judged(answered) or self._keep(file, answered, recording)
        except Forbidden as error:
            result = NotFetched(error.code, final=True)
        except Broken as error:
            result = NotFetched(error.code, final=error.code == "too_large")
        outcome = "stored" if isinstance(result, Fetched) else result.code
        metrics.count("ingest.recordings", outcome=outcome)
        return result

    def _keep(self, file: IO[bytes], answered: Answered, recording: Recording) -> Fetched | NotFetched:
        found = measured(file)
        announced = answered.headers.get("content-length", "")
        packed = answered.headers.get("content-encoding", "identity") not in ("", "identity")
        if announced.isdigit() and not packed and int(announced) != found.size_bytes:
            return NotFetched("truncated")
        if found.size_bytes == 0:
            return NotFetched("empty")
        if recording.wanted_sha256 is not None and recording.wanted_sha256 != found.sha256:
            return NotFetched("sha256_differs")
        key = storage_key(recording.ref.call_id, recording.recording_id, found.sha256)
        file.seek(0)
        self._storage.put(key, file.read())
        metrics.count("ingest.recording_bytes", found.size_bytes)
        return Fetched(key, found.sha256, found.size_bytes, _content_type(answered))


def _content_type(answered: Answered) -> str | None:
    value = answered.headers.get("content-type", "").partition(";")[0].strip().lower()
    return value if 0 < len(value) <= 100 and value.isprintable() else None


def judged(answered: Answered) -> NotFetched | None:
    """What a status means: None for 200; otherwise whether to ask again, and when."""
    if answered.status == 200:
        return None
    if answered.status in GONE:
        return NotFetched(f"http_{answered.status}", final=True)
    if 300 <= answered.status < 400:
        return NotFetched("redirect_refused", final=True)
    return NotFetched(f"http_{answered.status}", wait=_retry_after(answered))


def _retry_after(answered: Answered) -> timedelta | None:
    value = answered.headers.get("retry-after", "")
    return timedelta(seconds=min(int(value), LONGEST_WAIT)) if value.isdigit() and len(value) < 8 else None
