"""Files that grow block by block: CSV in any encoding, JSON lines, Parquet, Excel, SQLite; rows that cannot be loaded.

Nothing here knows what the columns mean.
"""

import csv
import json
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.core import DocumentProperties
from openpyxl.writer.excel import ExcelWriter

from sample_data.chance import Chance
from sample_data.rates import ErrorRates

Row = list[str]
_CHUNK = 1 << 22
_FEW = 20
"""In a file of fewer rows, a single bad one would be too large a share."""


class Folder:
    """Opens each file of a run once, keeps it open until the run ends, and starts it anew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._text: dict[str, Any] = {}
        self._parquet: dict[str, pq.ParquetWriter] = {}
        self._workbooks: dict[str, dict[str, list[Sequence[object]]]] = {}
        self._databases: dict[str, sqlite3.Connection] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in (*self._text.values(), *self._parquet.values()):
            file.close()
        if kind is None:
            for name, sheets in self._workbooks.items():
                _write_workbook(self._path(name), sheets)
        for database in self._databases.values():
            database.commit()
            database.close()

    def _path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _text_file(self, name: str, encoding: str) -> tuple[Any, bool]:
        is_new = name not in self._text
        if is_new:
            self._text[name] = self._path(name).open("w", encoding=encoding, newline="")
        return self._text[name], is_new

    def append_csv(self, name: str, header: Sequence[str], rows: Sequence[Sequence[object]], encoding: str) -> None:
        """Add rows; the header comes before the first ones."""
        file, is_new = self._text_file(name, encoding)
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(header)
        writer.writerows(rows)

    def append_csv_file(self, name: str, header: Sequence[str], part: Path, encoding: str) -> None:
        """Add the rows of a UTF-8 CSV file without header, in another encoding."""
        self.append_csv(name, header, [], encoding)
        with part.open(encoding="utf-8", newline="") as source:
            while chunk := source.read(_CHUNK):
                self._text[name].write(chunk)

    def append_json_lines(self, name: str, rows: Sequence[Mapping[str, object]]) -> None:
        """Add one JSON object per line, in UTF-8; without rows there is no file, as an empty one is no delivery."""
        if not rows and name not in self._text:
            return
        file, _ = self._text_file(name, "utf-8")
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

    def append_parquet(self, name: str, table: pa.Table) -> None:
        """Add a table as row groups; all tables of one file have the same schema."""
        if name not in self._parquet:
            self._parquet[name] = pq.ParquetWriter(self._path(name), table.schema, compression="zstd")
        self._parquet[name].write_table(table, row_group_size=500_000)

    def append_xlsx(self, name: str, sheet: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Add rows to a sheet of a workbook; the header comes before the first ones.

        A cell is a text, number, truth value, date, time or None, and stored as such. Rows stay in memory until the
        run ends, when the workbook is written: a zip archive cannot grow in two places.
        """
        self._workbooks.setdefault(name, {}).setdefault(sheet, [header]).extend(rows)

    def append_sqlite(
        self, name: str, table: str, columns: Mapping[str, str], rows: Sequence[Sequence[object]]
    ) -> None:
        """Add rows to a table of a database; ``columns`` are names with their SQL types and constraints."""
        if name not in self._databases:
            path = self._path(name)
            path.unlink(missing_ok=True)
            self._databases[name] = sqlite3.connect(path)
        database = self._databases[name]
        definition = ", ".join(f"{column} {sql_type}" for column, sql_type in columns.items())
        database.execute(f"create table if not exists {table} ({definition})")
        database.executemany(f"insert into {table} values ({', '.join('?' * len(columns))})", rows)


class _TimelessZip(ZipFile):
    """An archive whose entries carry no time of writing: the same content gives the same bytes."""

    def writestr(
        self,
        zinfo_or_arcname: str | ZipInfo,
        data: Any,  # noqa: ANN401 - as in the class above
        compress_type: int | None = ZIP_DEFLATED,
        compresslevel: int | None = None,
    ) -> None:
        """Add an entry; its date is the first that the format knows."""
        name = zinfo_or_arcname.filename if isinstance(zinfo_or_arcname, ZipInfo) else zinfo_or_arcname
        super().writestr(ZipInfo(name), data, compress_type, compresslevel)

    def write(
        self,
        filename: str | PathLike[str],
        arcname: str | PathLike[str] | None = None,
        compress_type: int | None = ZIP_DEFLATED,
        compresslevel: int | None = None,
    ) -> None:
        """Add a file; openpyxl keeps each finished sheet in one."""
        self.writestr(str(arcname or filename), Path(filename).read_bytes(), compress_type, compresslevel)


def _write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> None:
    """Write sheets of rows, in the order given."""
    workbook = Workbook(write_only=True)
    written = datetime(2011, 12, 9)
    workbook.properties = DocumentProperties(creator="sample_data", created=written, modified=written)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    # Workbook.save would put the present time into the properties.
    ExcelWriter(workbook, _TimelessZip(path, "w")).save()


def _cell(sheet: Any, value: object) -> object:  # noqa: ANN401 - the library's own class is not public
    """The value; a text that begins like a formula stays a text."""
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def spoil(
    rows: Sequence[dict[str, Any]],
    broken_values: Sequence[tuple[str, object]],
    rates: ErrorRates,
    chance: Chance,
) -> tuple[list[dict[str, Any]], int, int]:
    """Add exact duplicates, and broken copies of rows that also came whole, so that no information is lost.

    Args:
        rows: The rows of one file.
        broken_values: (column, value) pairs; a broken copy gets one of them in turn.
        rates: Shares of rows; at least one of each kind, but none in a file of only a few rows.
        chance: Which rows.

    Returns:
        The rows with the bad ones at the end, the number of duplicates, and the number of broken rows.
    """
    if len(rows) < _FEW:
        return list(rows), 0, 0
    duplicates = min(len(rows), max(1, round(rates.duplicate_rows * len(rows))))
    broken = min(len(rows), max(1, round(rates.broken_rows * len(rows))))
    # Originals are distinct within each kind: a row delivered three times would be two duplicates of one original,
    # and one row broken twice in the same way an exact duplicate.
    order = chance.shuffled(range(len(rows)))
    result = [*rows, *(rows[at] for at in order[:duplicates])]
    start = chance.between(0, len(broken_values) - 1)
    for number, at in enumerate(order[len(order) - broken :]):
        column, value = broken_values[(start + number) % len(broken_values)]
        result.append({**rows[at], column: value})
    return result, duplicates, broken
