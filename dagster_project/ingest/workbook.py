"""One sheet of an Excel workbook as texts, the way a person reads the cells.

Belongs here: what a cell's value is as text. Does not belong here: what the columns mean or whether a value fits.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.recognition import HEAD, recognised

if TYPE_CHECKING:
    import pyarrow as pa

ERRORS = frozenset("#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #GETTING_DATA #SPILL! #CALC!".split())
"""What Excel shows in a cell whose formula failed."""
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class Fault:
    """A cell without a value one could load: row of the sheet from 1, column from 0, rule, what is wrong."""

    line: int
    position: int
    rule: str
    problem: str


@dataclass(frozen=True)
class Sheet:
    """Titles as they stand there, in which row of the sheet; the rows below as texts c0, c1, ... with `line`, the row
    of the sheet; and the faults of single cells."""

    titles: list[str]
    titles_in: int
    rows: pa.Table
    faults: list[Fault]


def read_sheet(path: Path, name: str, sheet: str | None) -> Sheet:
    """One sheet, by default the first; its first row with a value has the titles.

    Real dates and times become ISO 8601, whole numbers have no decimal point, formulas are their last computed value.
    Rows without any value are skipped: spreadsheets keep them where something was once formatted.
    Raises DeliveryRefused for what is no workbook, and for a sheet that is not there or empty.
    """
    import pyarrow as pa

    try:
        lines, formulas = _cells(path, name, sheet)
    # What openpyxl lets through when an archive, its XML or a value in it is damaged.
    except (
        zipfile.BadZipFile,
        zlib.error,
        SyntaxError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
        RuntimeError,
        ArithmeticError,
    ) as error:
        raise _no_workbook(path, name) from error
    if not lines:
        raise DeliveryRefused(name, f"has nothing in {_quoted(sheet)}", "Ask the source to deliver it again.")
    titles_in, titles = lines.pop(0)
    width = max(len(values) for values in [titles, *(values for _, values in lines)])
    columns: dict[str, pa.Array] = {"line": pa.array([line for line, _ in lines], pa.int64())}
    for position in range(width):
        values = [values[position] if position < len(values) else None for _, values in lines]
        columns[f"c{position}"] = pa.array(values, pa.string())
    faults = [
        Fault(line, position, "error in the cell", f"shows {value}; mend its formula")
        for line, values in lines
        for position, value in enumerate(values)
        if value in ERRORS
    ] + [
        Fault(
            line, position, "formula without value", "has a formula that was never computed; open and save the workbook"
        )
        for line, position in formulas
        if line > titles_in
    ]
    titles = [title or "" for title in titles] + [""] * (width - len(titles))
    return Sheet(titles, titles_in, pa.table(columns), faults)


def _quoted(sheet: str | None) -> str:
    return "its first sheet" if sheet is None else f"sheet '{sheet}'"


def _cells(
    path: Path, name: str, sheet: str | None
) -> tuple[list[tuple[int, list[str | None]]], list[tuple[int, int]]]:
    """Rows with a value, by their number in the sheet, and the cells whose formula has no computed value.

    In place of the value that is not there stands the formula.
    """
    lines = {
        line: values
        for line, values in _rows(path, name, sheet, computed=True)
        if any(value is not None and value != "" for value in values)
    }
    formulas: list[tuple[int, int]] = []
    if _has_formulas(path):
        for line, values in _rows(path, name, sheet, computed=False):
            for position, value in enumerate(values):
                known = lines.get(line, [])
                if (
                    value is None
                    or not value.startswith("=")
                    or (position < len(known) and known[position] is not None)
                ):
                    continue
                lines.setdefault(line, [])
                lines[line] += [None] * (position + 1 - len(lines[line]))
                lines[line][position] = value
                formulas.append((line, position))
    return sorted(lines.items()), formulas


def _rows(path: Path, name: str, sheet: str | None, *, computed: bool) -> Iterator[tuple[int, list[str | None]]]:
    import openpyxl

    # Opened as a stream: the name of an unpacked copy says nothing about its format.
    with path.open("rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about styles and extensions, which have no values
        book = openpyxl.load_workbook(stream, read_only=True, data_only=computed)
        if sheet is not None and sheet not in book.sheetnames:
            raise DeliveryRefused(
                name,
                f"has no sheet '{sheet}'; its sheets are {', '.join(map(repr, book.sheetnames))}",
                "Ask the source for the sheet, or correct `sheet` in the declaration.",
            )
        page: Any = book[sheet] if sheet is not None else book.worksheets[0]
        page.reset_dimensions()  # some writers state a wrong size
        for line, values in enumerate(page.iter_rows(values_only=True), start=1):
            yield line, [_text(value) for value in values]


def _has_formulas(path: Path) -> bool:
    """Whether any sheet has one; most deliveries have none, and are read once."""
    with zipfile.ZipFile(path) as archive:
        return any(
            b"<f>" in content or b"<f " in content
            for part in archive.namelist()
            if part.startswith("xl/worksheets/") and part.endswith(".xml")
            for content in [archive.read(part)]
        )


def _no_workbook(path: Path, name: str) -> DeliveryRefused:
    content = path.read_bytes()
    advice = "Save it as .xlsx, without a password, and deliver it again."
    if _ENCRYPTED in content:
        return DeliveryRefused(name, "is protected by a password", advice)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return DeliveryRefused(name, "is an old workbook (.xls)", advice)
    what = recognised(content[:HEAD])
    is_other = what is not None and not content.startswith(b"PK")
    return DeliveryRefused(name, "is not a whole XLSX workbook" + (f": it {what}" if is_other else ""), advice)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if hasattr(value, "ref"):  # a formula over several cells
        return getattr(value, "text", None) or "="
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
