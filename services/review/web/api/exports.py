"""Exports over HTTP: the same files as `otzvuk export`, cut to what the person may have."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime
from typing import IO, Annotated, Protocol
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from services.review.domain.datasets import Format, What
from services.review.domain.guessing import Gate
from services.review.domain.people import Viewer
from services.review.domain.permissions import Action
from services.review.web.security import paced, request_id, require

router = APIRouter(prefix="/api/v1", tags=["exports"])

MayExport = Annotated[Viewer, Depends(require(Action.EXPORT))]
CHUNK = 1 << 16
IN_MEMORY = 1 << 20

MEDIA_TYPES = {
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class FileWriter(Protocol):
    """What writes exports; kept as `app.state.exports`."""

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
    ) -> int: ...


class ExportIn(BaseModel):
    """Days are local to the person; `to` is not in it. `names` adds names, parts of numbers and free text."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    format: Format = Format.CSV
    since: date | None = Field(default=None, alias="from")
    until: date | None = Field(default=None, alias="to")
    names: bool = False


@router.get(
    "/exports/{what}",
    summary="Export a table",
    response_class=StreamingResponse,
    dependencies=[Depends(paced(Gate.EXPORT))],
)
def export(what: What, viewer: MayExport, request: Request, asked: Annotated[ExportIn, Query()]) -> StreamingResponse:
    """Parquet, CSV or XLSX; the columns stand in the star schema. Each export is a line in the access log."""
    writer: FileWriter = request.app.state.exports
    zone = ZoneInfo(viewer.zone)
    with ExitStack() as stack:
        # A file first, so that an error is an answer and not half a table; nothing grows with its size in memory.
        file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))
        writer.write_span(
            viewer,
            what,
            asked.format,
            _midnight(asked.since, zone),
            _midnight(asked.until, zone),
            file,
            personal=asked.names,
            request_id=request_id(request),
        )
        stack.pop_all()  # whoever sends it closes it
    name = f"otzvuk-{what.value}.{asked.format.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(_sent(file), media_type=MEDIA_TYPES[asked.format], headers=headers)


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=zone)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
