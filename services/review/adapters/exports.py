"""An export from the database to a file: rights, rows, format and the line in the access log, in one place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import IO

from services.review.adapters import access_log
from services.review.adapters.export_files import write
from services.review.adapters.export_rows import Span, export_rows
from services.review.domain.datasets import DATASETS, Format, What
from services.review.domain.people import Role, Viewer
from services.review.domain.permissions import Action, may_ever
from services.runtime.database import Database
from services.runtime.errors import NotPermitted


class Exporter:
    """Writes exports for the command line and the browser alike."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write_span(
        self,
        viewer: Viewer,
        what: What,
        kind: Format,
        since: datetime | None,
        until: datetime | None,
        file: IO[bytes],
        *,
        personal: bool = False,
        request_id: str | None = None,
    ) -> int:
        """Writes what the viewer may have to the file; how many rows. Noted before the first byte is read.

        Times are half-open, aware; None is without end. Raises NotPermitted, TooLarge.
        """
        if not may_ever(viewer, Action.EXPORT):
            raise NotPermitted("Your role exports nothing.")
        if personal and not may_ever(viewer, Action.EXPORT_PERSONAL):
            raise NotPermitted("Your role exports without names and numbers.")
        drafts = viewer.role is Role.SYSTEM or may_ever(viewer, Action.DRAFT_READ)
        columns = DATASETS[what].visible(drafts=drafts, personal=personal)
        with self._database.begin() as connection:
            access_log.note(
                connection,
                viewer=viewer,
                kind="export",
                object_kind=what.value,
                object_ids=[f"{_iso(since)}/{_iso(until)}"],
                fields=["personal" if personal else "plain", kind.value],
                request_id=request_id,
            )
        with self._database.read() as connection:
            return write(file, kind, what.value, columns, export_rows(connection, viewer, what, Span(since, until)))


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).isoformat()
