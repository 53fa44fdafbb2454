"""Writes exports as Parquet, CSV or XLSX in constant memory; no text of anybody becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, ClassVar

from services.review.adapters.spreadsheet import safe_text
from services.review.domain.datasets import Column, Format, Kind
from services.runtime.errors import Refusal

BATCH = 2000
SHEET_ROWS = 1_048_576


class TooLarge(Refusal):
    """More rows than a sheet can hold."""

    code: ClassVar[str] = "export_too_large"

    def __init__(self) -> None:
        super().__init__("A sheet holds 1,048,575 rows; choose a shorter time, or CSV or Parquet.")


Rows = Iterable[Mapping[str, Any]]


def write(file: IO[bytes], kind: Format, name: str, columns: Sequence[Column], rows: Rows) -> int:
    """Writes the file whole; how many rows. Raises TooLarge."""
    match kind:
        case Format.CSV:
            return _csv(file, columns, rows)
        case Format.PARQUET:
            return _parquet(file, columns, rows)
        case Format.XLSX:
            return _xlsx(file, name, columns, rows)


def _csv(file: IO[bytes], columns: Sequence[Column], rows: Rows) -> int:
    """UTF-8 with a mark for spreadsheets; booleans true/false, times ISO 8601 in UTC."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    count = 0
    for row in rows:
        writer.writerow([_csv_cell(column, row.get(column.name)) for column in columns])
        count += 1
    text.detach()
    return count


def _csv_cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    match column.kind:
        case Kind.TEXT:
            return safe_text(str(value))
        case Kind.TIME:
            return value.astimezone(UTC).isoformat()
        case Kind.BOOLEAN:
            return "true" if value else "false"
        case Kind.DECIMAL:
            return format(Decimal(value), "f")
        case Kind.INTEGER:
            return int(value)


def _parquet(file: IO[bytes], columns: Sequence[Column], rows: Rows) -> int:
    import pyarrow as arrow
    from pyarrow import parquet

    types = {
        Kind.TEXT: arrow.string(),
        Kind.INTEGER: arrow.int64(),
        Kind.DECIMAL: arrow.decimal128(18, 4),
        Kind.BOOLEAN: arrow.bool_(),
        Kind.TIME: arrow.timestamp("us", tz="UTC"),
    }
    schema = arrow.schema(
        [arrow.field(column.name, types[column.kind], metadata={"meaning": column.meaning}) for column in columns]
    )
    count = 0
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            data = {column.name: [_exact(column, row.get(column.name)) for row in batch] for column in columns}
            writer.write_table(arrow.Table.from_pydict(data, schema=schema))
            count += len(batch)
    return count


def _batches(rows: Rows) -> Iterator[list[Mapping[str, Any]]]:
    walk = iter(rows)
    while batch := list(islice(walk, BATCH)):
        yield batch


def _exact(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.kind is Kind.DECIMAL:
        return Decimal(value).quantize(Decimal("0.0001"))
    return bool(value) if column.kind is Kind.BOOLEAN else value


def _xlsx(file: IO[bytes], name: str, columns: Sequence[Column], rows: Rows) -> int:
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd hh:mm:ss",
        "remove_timezone": True,
    }
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(name[:31])
    bold = book.add_format({"bold": True})
    as_text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.write_string(0, index, column.name, bold)
    count = 0
    for row in rows:
        count += 1
        if count >= SHEET_ROWS:
            raise TooLarge
        for index, column in enumerate(columns):
            _xlsx_cell(sheet, count, index, column, row.get(column.name), as_text)
    book.close()
    return count


def _xlsx_cell(sheet: Any, line: int, index: int, column: Column, value: Any, as_text: Any) -> None:
    if value is None:
        return
    match column.kind:
        case Kind.TEXT:
            # A text cell is never calculated; control signs would make the file unreadable.
            clean = "".join(sign for sign in str(value) if sign in "\t\n" or sign >= " ")[:32767]
            sheet.write_string(line, index, clean, as_text)
        case Kind.TIME:
            moment: datetime = value
            sheet.write_datetime(line, index, moment.astimezone(UTC).replace(tzinfo=None))
        case Kind.BOOLEAN:
            sheet.write_boolean(line, index, bool(value))
        case Kind.INTEGER | Kind.DECIMAL:
            sheet.write_number(line, index, value)
