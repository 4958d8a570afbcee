"""One sheet of an Excel workbook as texts, the way a person reads the cells.

Belongs here: what a cell's value is as text. Does not belong here: what the columns mean or whether a value fits.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import pyarrow as pa

from dagster_project.ingest.errors import DeliveryRefused


def read_sheet(path: Path, name: str, sheet: str | None) -> tuple[list[str], pa.Table]:
    """Titles of the first row, and the rows below as a table of texts c0, c1, ... with `line`, the row of the sheet.

    Real dates and times become ISO 8601, whole numbers have no decimal point, formulas are their last computed value.
    Rows without any value are skipped: spreadsheets keep them where something was once formatted.
    Raises DeliveryRefused for what is no workbook, and for a sheet that is not there.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        # Opened as a stream: the name of an unpacked copy says nothing about its format.
        with path.open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            if sheet is not None and sheet not in book.sheetnames:
                raise DeliveryRefused(
                    name,
                    f"has no sheet '{sheet}'; its sheets are {', '.join(map(repr, book.sheetnames))}",
                    "Ask the source for the sheet, or correct `sheet` in the declaration.",
                )
            page = book[sheet] if sheet is not None else book.worksheets[0]
            page.reset_dimensions()  # some writers state a wrong size
            lines = [
                (number, [_text(value) for value in row])
                for number, row in enumerate(page.iter_rows(values_only=True), start=1)
                if any(value is not None and value != "" for value in row)
            ]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError) as error:
        raise DeliveryRefused(
            name,
            f"is not a whole XLSX workbook ({type(error).__name__})",
            "Save it as .xlsx without a password and deliver it again.",
        ) from error
    if not lines:
        raise DeliveryRefused(name, "has an empty sheet", "Ask the source to deliver it again.")
    titles = [(title or "").strip() for title in lines[0][1]]
    while titles and not titles[-1]:
        titles.pop()
    columns = {"line": pa.array([number for number, _ in lines[1:]], pa.int64())}
    for position in range(len(titles)):
        values = [row[position] if position < len(row) else None for _, row in lines[1:]]
        columns[f"c{position}"] = pa.array(values, pa.string())
    return titles, pa.table(columns)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        is_date = value.time() == dt.time()
        return value.date().isoformat() if is_date else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)
