"""A folder with recordings and `calls.csv`, read carefully and stored like anything that comes through the door."""

from __future__ import annotations

import csv
import hashlib
import json
import mimetypes
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from services.ingest.adapters.keeper import store
from services.ingest.domain.facts import CallRef, Raw
from services.ingest.domain.generic import ONLY_RECORDING
from services.ingest.domain.importing import BadRow, ImportRow, header_problem, read_row
from services.ingest.domain.instants import text_of
from services.ingest.domain.recording import storage_key
from services.ingest.ports import Provider, RawRow, Receipt
from services.runtime.database import Database
from services.runtime.storage import ObjectStorage

SOURCE = "import"
CSV_NAME = "calls.csv"
LONGEST_FIELD = 10_000


def read_calls(folder: Path, zone: tzinfo, now: datetime, most_bytes: int) -> tuple[list[ImportRow], list[str]]:
    """(rows, problems): every problem of the file at once, each with its line."""
    path = folder / CSV_NAME
    if not path.is_file():
        return [], [f"{path} is missing"]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [f"{CSV_NAME} is not UTF-8 (byte {error.start}); in Excel save it as “CSV UTF-8”"]
    first = text.partition("\n")[0]
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.DictReader(text.splitlines(), delimiter=";" if first.count(";") > first.count(",") else ",")
    problem = header_problem([name.strip() for name in reader.fieldnames or []])
    if problem is not None:
        return [], [f"{CSV_NAME} line 1: {problem}"]
    return _rows(folder, reader, zone, now, most_bytes)


def _rows(
    folder: Path, reader: csv.DictReader[str], zone: tzinfo, now: datetime, most_bytes: int
) -> tuple[list[ImportRow], list[str]]:
    rows: list[ImportRow] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    try:
        for values in reader:
            line = reader.line_num
            try:
                row = _row(folder, values, line, zone, now, most_bytes)
                if row.call_id in seen:
                    raise BadRow(line, "call_id", f"is the same as in line {seen[row.call_id]}")
            except BadRow as error:
                problems.append(f"{CSV_NAME} {error}")
                continue
            seen[row.call_id] = line
            rows.append(row)
    except csv.Error as error:
        problems.append(f"{CSV_NAME} line {reader.line_num}: {error}")
    return rows, problems


def _row(
    folder: Path, values: dict[str | Any, Any], line: int, zone: tzinfo, now: datetime, most_bytes: int
) -> ImportRow:
    if None in values or None in values.values():
        raise BadRow(line, "columns", "has more or fewer fields than the first line")
    row = read_row({str(name).strip(): value for name, value in values.items()}, line, zone, now)
    if row.file is not None:
        path = (folder / row.file).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise BadRow(line, "file", f"{row.file} is not in the folder")
        if path.stat().st_size > most_bytes:
            raise BadRow(line, "file", f"{row.file} is larger than {most_bytes // 2**20} MiB")
    return row


class FolderImport:
    """Stores files and events; what was stored before is left as it is."""

    def __init__(self, folder: Path, database: Database, storage: ObjectStorage, provider: Provider) -> None:
        self._folder = folder
        self._database = database
        self._storage = storage
        self._provider = provider
        told = (folder / CSV_NAME).stat().st_mtime
        # a corrected file is newer, and so outweighs what the older one said
        self._told_at = int(told)

    def bring(self, rows: Sequence[ImportRow], now: datetime) -> Iterator[Receipt]:
        """One receipt a call, in order. Raises TransientError, OSError."""
        for row in rows:
            events = list(self._events(row, now))
            body = json.dumps({"events": events}, ensure_ascii=False).encode()
            raw = Raw(SOURCE, "", body, now)
            kept = [
                RawRow(SOURCE, "", position, reading, body, {}, now)
                for position, reading in enumerate(self._provider.read(raw))
            ]
            with self._database.begin() as connection:
                yield store(connection, [kept])[0]

    def _events(self, row: ImportRow, now: datetime) -> Iterator[dict[str, Any]]:
        at = text_of(min(now, datetime.fromtimestamp(self._told_at, tz=now.tzinfo)))
        yield _event("call.finished", at, row.data)
        if row.file is not None:
            yield _event("recording.imported", at, self._stored(row))
        if row.rating is not None:
            rated = {
                "call_id": row.call_id,
                "rating": row.rating,
                "channel": "other",
                "rated_at": text_of(row.ended_at),
            }
            yield _event("call.rated", at, rated)

    def _stored(self, row: ImportRow) -> dict[str, Any]:
        data = (self._folder / str(row.file)).read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        ref = CallRef(SOURCE, row.call_id)
        key = storage_key(ref.call_id, ref.recording_id(ONLY_RECORDING), sha256)
        if not self._storage.exists(key):
            self._storage.put(key, data)
        return {
            "call_id": row.call_id,
            "key": key,
            "sha256": sha256,
            "size_bytes": len(data),
            "content_type": mimetypes.guess_type(str(row.file))[0],
            "seller_channel": row.seller_channel,
        }


def _event(name: str, at: str, data: Any) -> dict[str, Any]:
    """The id is the content's hash: the same row again is the same event, a corrected row another."""
    content = json.dumps([name, at, data], sort_keys=True, ensure_ascii=False).encode()
    return {
        "event": name,
        "event_id": hashlib.sha256(content).hexdigest()[:40],
        "occurred_at": at,
        "data": data,
    }
