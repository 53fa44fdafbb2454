"""Tables behind charts as files: the same rows as on the page, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fastapi import Response

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class ChartRow:
    """A point: `x` seconds since 1970, the words that name it, its calls' address, values by column."""

    x: int
    label: str
    values: tuple[Decimal | None, ...]
    href: str | None = None


@dataclass(frozen=True)
class Chart:
    """A chart and the table it is drawn from. First column: what the row is; then mean, margin, …"""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[ChartRow, ...]
    download: str
    low: int = 0
    high: int = 100
    open: bool = False


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A CSV file with a byte-order mark, so that spreadsheets read Russian; cells that look like formulas are text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _safe(cell: object) -> str:
    if cell is None:
        return ""
    text = str(cell)
    if isinstance(cell, str) and text.startswith(DANGEROUS):
        return "'" + text
    return text
