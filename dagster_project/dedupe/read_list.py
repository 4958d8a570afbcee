"""Reading a list of customers of any common format into a table of texts, one row per row of the file.

Does not belong here: what the columns mean (columns.py).
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class UnreadableList(Exception):
    """The file cannot be read as a list; the message says why and what to do."""


def read_list(con: DuckDBPyConnection, path: Path, scratch: Path) -> list[str]:
    """Load the file into the temporary table `given` (row_number BIGINT, then its columns as VARCHAR); returns the titles.

    CSV may be UTF-8 or GB18030, with comma, semicolon or tab; a row that cannot be split is an error that names its line.
    Raises UnreadableList.
    """
    if not path.is_file():
        raise UnreadableList(f"{path} is not a file.")
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        relation = f"read_parquet({quote_literal(str(path))})"
    elif suffix in (".jsonl", ".ndjson", ".json"):
        relation = f"read_json_objects({quote_literal(str(path))}, format = 'auto')"
    elif suffix in (".xlsx", ".xlsm"):
        relation = _xlsx_relation(con, path)
    elif suffix in (".csv", ".tsv", ".txt"):
        relation = (
            f"read_csv({quote_literal(str(_as_utf8(path, scratch)))}, all_varchar = true, header = true,"
            " sample_size = -1, null_padding = false)"
        )
    else:
        raise UnreadableList(f"{path.name}: the format {suffix!r} is not known. Use CSV, Parquet, JSON lines or XLSX.")
    import duckdb

    try:
        if relation.startswith("read_json_objects"):
            # Every value as its text, under every key that any line has; guessing types would change phone numbers.
            con.execute(f"create or replace temp table json_rows as select json from {relation}")
            keys = con.execute(
                "select distinct unnest(json_keys(json)) as title from json_rows order by title"
            ).fetchall()
            titles = [row[0] for row in keys]
            values = ["json ->> " + quote_literal(f'$."{title}"') for title in titles]
            relation = "json_rows"
        else:
            titles = [row[0] for row in con.execute(f"describe select * from {relation}").fetchall()]
            values = [f"cast({quote_identifier(title)} as varchar)" for title in titles]
        columns = ", ".join(
            f"{value} as {quote_identifier(title)}" for value, title in zip(values, titles, strict=True)
        )
        con.execute(
            f'create or replace temp table given as select row_number() over () as "#", {columns} from {relation}'
        )
    except duckdb.Error as error:
        raise UnreadableList(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from error
    return titles


def _as_utf8(path: Path, scratch: Path) -> Path:
    content = path.read_bytes()
    if not content:
        raise UnreadableList(f"{path.name} is empty.")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = codecs.decode(content, encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8-sig" and not content.startswith(codecs.BOM_UTF8):
            return path
        copy = scratch / "list.csv"
        copy.write_text(text, encoding="utf-8", newline="")
        return copy
    raise UnreadableList(f"{path.name} is neither UTF-8 nor GB18030. Save it in one of them.")


def _xlsx_relation(con: DuckDBPyConnection, path: Path) -> str:
    import openpyxl
    import pyarrow as pa

    sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    titles = [str(title).strip() if title is not None else f"column_{n}" for n, title in enumerate(next(rows, ()), 1)]
    if not titles:
        raise UnreadableList(f"{path.name}: the first sheet is empty.")
    columns: list[list[str | None]] = [[] for _ in titles]
    for row in rows:
        if any(value is not None for value in row):
            for column, value in zip(columns, row, strict=False):
                column.append(None if value is None else _cell_text(value))
    con.register(
        "xlsx_rows",
        pa.table({title: pa.array(column, pa.string()) for title, column in zip(titles, columns, strict=True)}),
    )
    return "xlsx_rows"


def _cell_text(value: object) -> str:
    # A number typed into a spreadsheet: a phone or ID, not 1.38e10.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
