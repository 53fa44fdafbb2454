"""No text becomes a formula in CSV or XLSX, every number keeps its plus, and nothing is lost but control signs."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pyarrow.parquet as parquet
import pytest

from services.review.adapters.export_files import write
from services.review.adapters.spreadsheet import plain_text, safe_text
from services.review.domain.datasets import DATASETS, Column, Format, Kind

DANGEROUS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    "  =1+1",
    "\u00a0=1+1",
    "\ufeff=1+1",
    "\u200b=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM",
    "|calc",
    "%0A=1",
    '=HYPERLINK("http://evil.example","click")',
    "'=1+1",
    "-2+3+cmd|' /C calc'!D2",
]
PHONES = ["+79991234512", "+7 (999) 123-45-12", "8 800 555-35-35"]
HARMLESS = ["Марина", "a=b", "1-2", "e@mail", 'окно, дверь; "крыша"', "две\nстроки", "https://example.com", "007"]
COLUMNS = (Column("text", Kind.TEXT, "text"),)


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_dangerous_text_is_kept_as_text(text: str) -> None:
    assert safe_text(text)[0] == "'"
    assert plain_text(safe_text(text)) == "".join(sign for sign in text if sign not in "\0\r")


@pytest.mark.parametrize("text", HARMLESS)
def test_a_harmless_text_stays_as_it_is(text: str) -> None:
    assert safe_text(text) == text


@pytest.mark.parametrize("phone", PHONES)
def test_a_number_comes_back_unchanged(phone: str) -> None:
    assert plain_text(safe_text(phone)) == phone


def made(kind: Format, texts: list[str]) -> io.BytesIO:
    file = io.BytesIO()
    assert write(file, kind, "calls", COLUMNS, [{"text": text} for text in texts]) == len(texts)
    file.seek(0)
    return file


def test_csv_reads_back() -> None:
    texts = DANGEROUS + PHONES + HARMLESS
    rows = list(csv.reader(io.StringIO(made(Format.CSV, texts).read().decode("utf-8-sig"), newline="")))
    assert [plain_text(row[0]) for row in rows[1:]] == [plain_text(safe_text(text)) for text in texts]
    assert not any(row[0][:1] in "=+-@\t\r\n" for row in rows[1:])


def test_xlsx_holds_strings_only() -> None:
    texts = DANGEROUS + PHONES + HARMLESS
    sheet = openpyxl.load_workbook(made(Format.XLSX, texts)).active
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.hyperlink for cell in cells} == {None}
    assert [cell.value for cell in cells[len(DANGEROUS) :]] == PHONES + HARMLESS
    file = made(Format.XLSX, texts)
    import zipfile

    with zipfile.ZipFile(file) as book:
        body = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in body
    assert "hyperlink" not in body


def test_types_survive() -> None:
    columns = (
        Column("text", Kind.TEXT, "t"),
        Column("number", Kind.INTEGER, "n"),
        Column("rate", Kind.DECIMAL, "d"),
        Column("yes", Kind.BOOLEAN, "b"),
        Column("at", Kind.TIME, "w"),
    )
    moment = datetime(2026, 11, 24, 9, 3, 5, tzinfo=UTC)
    row = {"text": "x", "number": 7, "rate": Decimal("76.50"), "yes": True, "at": moment}
    nothing = dict.fromkeys(row)
    file = io.BytesIO()
    write(file, Format.PARQUET, "calls", columns, [row, nothing])
    assert parquet.read_table(io.BytesIO(file.getvalue())).to_pylist() == [{**row, "rate": Decimal("76.5000")}, nothing]
    file = io.BytesIO()
    write(file, Format.CSV, "calls", columns, [row, nothing])
    assert file.getvalue().decode("utf-8-sig").splitlines() == [
        "text,number,rate,yes,at",
        "x,7,76.50,true,2026-11-24T09:03:05+00:00",
        ",,,,",
    ]
    file = io.BytesIO()
    write(file, Format.XLSX, "calls", columns, [row, nothing])
    sheet = openpyxl.load_workbook(io.BytesIO(file.getvalue())).active
    assert [cell.value for cell in sheet[2]] == ["x", 7, 76.5, True, datetime(2026, 11, 24, 9, 3, 5)]


def test_the_star_schema_is_documented() -> None:
    from pathlib import Path

    from services.review.domain.datasets import documentation

    assert Path("docs/star-schema.md").read_text(encoding="utf-8") == documentation()


@pytest.mark.parametrize("what", list(DATASETS))
def test_columns_are_named_once(what: str) -> None:
    names = [column.name for column in DATASETS[what].columns]
    assert sorted(set(names)) == sorted(names)
