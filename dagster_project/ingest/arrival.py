"""Reading one file into the temporary table `arrival`: all columns as text, in file order, nothing judged yet.

`arrival` has `_row_number` (1-based position among the readable rows of the file), `_raw` (the line as delivered, for JSON
lines only), `_undeclared` (JSON of columns nobody declared, or NULL) and one VARCHAR per declared column under its title.
`rejected` has the rows the reader could not split into columns: line, column_name, rule, message, raw.
Belongs here: one function per format. Does not belong here: types, keys and duplicates (see typed.py and load.py).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile, check_not_truncated, readable_text
from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DEFAULT_LINE_BYTES = 2 << 20
MAX_LINE_BYTES = 64 << 20


def read_arrival(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> None:
    """Fill the temporary tables `arrival` and `rejected` from one file. Raises DeliveryRefused."""
    con.execute("drop table if exists arrival")
    con.execute(
        "create or replace temp table rejected"
        " (line bigint, column_name varchar, rule varchar, message varchar, raw varchar)"
    )
    {"csv": _read_csv, "jsonl": _read_json_lines, "parquet": _read_parquet}[declaration.format](
        con, file, declaration, scratch
    )


def _check_titles(file: DeliveredFile, declaration: SourceObject, titles: list[str]) -> None:
    """Every declared column must be there, once."""
    missing = [t for t, column in declaration.columns.items() if t not in titles and not column.optional]
    if missing:
        # Titles nobody declared are only counted: without its header, a file's first row is a person's data.
        found = [repr(title) for title in titles if title in declaration.columns]
        raise DeliveryRefused(
            file.name,
            f"column {', '.join(map(repr, missing))} is missing (of its {len(titles)} columns, declared ones are:"
            f" {', '.join(found) or 'none; is the header row there, and the encoding right?'})",
            "Ask the source for the column, mark it `optional`, or correct its title or the encoding in the declaration.",
        )
    repeated = sorted({title for title in titles if titles.count(title) > 1})
    if repeated:
        raise DeliveryRefused(
            file.name,
            f"column {', '.join(map(repr, repeated))} stands there more than once",
            "Deliver each column once.",
        )


def whole_row(declaration: SourceObject) -> str:
    """SQL expression over `arrival`: the row whole, as JSON. Costly, so only asked for rows that go to quarantine."""
    declared = _json_object(
        list(declaration.columns), {title: quote_identifier(title) for title in declaration.columns}
    )
    return f"coalesce(_raw, cast(json_merge_patch({declared}, coalesce(_undeclared, '{{}}')) as varchar))"


def _select_from(
    relation: str, declaration: SourceObject, titles: list[str], values: dict[str, str], raw: str = "null"
) -> str:
    """SELECT that brings a relation into the shape of `arrival`; `values` maps a title to its SQL expression as text."""
    declared = [
        f"{values[t] if t in titles else 'cast(null as varchar)'} as {quote_identifier(t)}" for t in declaration.columns
    ]
    undeclared = [title for title in titles if title not in declaration.columns]
    extra = _json_object(undeclared, values) if undeclared else "cast(null as varchar)"
    return (
        f"select row_number() over () as _row_number, cast({raw} as varchar) as _raw,"
        f" {extra} as _undeclared, {', '.join(declared)} from {relation}"
    )


def _json_object(titles: list[str], values: dict[str, str]) -> str:
    pairs = ", ".join(f"{quote_literal(title)}, {values[title]}" for title in titles)
    return f"cast(json_object({pairs}) as varchar)"


def _line_limits(text: Path) -> str:
    """Room for one very long line, where the file is large enough to hold one; small buffers are faster."""
    longest = min(MAX_LINE_BYTES, max(DEFAULT_LINE_BYTES, text.stat().st_size))
    return f"max_line_size = {longest}, buffer_size = {max(16 * DEFAULT_LINE_BYTES, longest)}"


def _read_csv(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> None:
    text = readable_text(file, declaration, scratch)
    with text.open(encoding="utf-8", newline="") as stream:
        titles = [title.strip() for title in next(csv.reader(stream, delimiter=declaration.delimiter), [])]
    _check_titles(file, declaration, titles)
    check_not_truncated(file, text, declaration, titles)
    # Positional names, because a title may hold anything; a blank or repeated title cannot break the reader.
    positions = {title: f"c{number}" for number, title in enumerate(titles)}
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in positions.values())
    con.execute("drop table if exists reject_scans; drop table if exists reject_errors")
    relation = (
        f"read_csv({quote_literal(str(text))}, columns = {{{columns}}}, auto_detect = false, header = true,"
        f" delim = {quote_literal(declaration.delimiter)}, quote = '\"', escape = '\"', strict_mode = true,"
        f" {_line_limits(text)}, store_rejects = true)"
    )
    con.execute("create temp table arrival as " + _select_from(relation, declaration, titles, positions))
    con.execute(
        "insert into rejected select line, min_by(column_name, column_idx), 'unreadable row',"
        " 'the row cannot be split into the columns of the header: ' || lower(min(cast(error_type as varchar))),"
        " any_value(csv_line) from reject_errors group by line"
    )
    for position, title in enumerate(titles):
        con.execute("update rejected set column_name = ? where column_name = ?", [title, f"c{position}"])


def _read_json_lines(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> None:
    text = readable_text(file, declaration, scratch)
    con.execute(
        "create or replace temp table lines as select row_number() over () as line, text from"
        f" read_csv({quote_literal(str(text))}, columns = {{'text': 'VARCHAR'}}, auto_detect = false, header = false,"
        f" delim = '\x01', quote = '', escape = '', {_line_limits(text)})"
    )
    con.execute("delete from lines where trim(text) = ''")
    is_object = "case when json_valid(text) then json_type(text) = 'OBJECT' else false end"
    last = con.execute(f"select line, {is_object} from lines order by line desc limit 1").fetchone()
    with text.open("rb") as stream:
        stream.seek(-1, 2)
        complete = stream.read(1) == b"\n"
    if last is None:
        raise DeliveryRefused(file.name, "holds no rows", "Ask the source to deliver it again.")
    titles = [
        row[0]
        for row in con.execute(
            f"select distinct unnest(json_keys(text)) as title from lines where {is_object} order by title"
        ).fetchall()
    ]
    if not complete and not last[1]:
        known = con.execute("select text from lines order by line desc limit 1").fetchone()
        assert known is not None
        column = next((t for t in reversed(list(declaration.columns)) if f'"{t}"' in known[0]), None)
        where = f" inside column '{column}'" if column else ""
        raise DeliveryRefused(
            file.name,
            f"is truncated: its last line ({last[0]}) ends{where} before the JSON object does",
            "Ask the source to deliver it again, whole.",
        )
    _check_titles(file, declaration, titles)
    con.execute(
        "insert into rejected select line, null, 'not JSON', 'the line is not a JSON object', text"
        f" from lines where not {is_object} order by line"
    )
    # One parse per line: all fields are extracted together.
    paths = ", ".join(quote_literal(f'$."{title}"') for title in titles)
    con.execute(
        f"create or replace temp table parsed as select line, text, json_extract_string(text, [{paths}]) as fields"
        f" from lines where {is_object} order by line"
    )
    values = {title: f"fields[{number}]" for number, title in enumerate(titles, start=1)}
    con.execute("create temp table arrival as " + _select_from("parsed", declaration, titles, values, raw="text"))


def _read_parquet(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> None:
    del scratch  # Parquet is read in place
    import duckdb

    if not file.path.is_file():
        raise DeliveryRefused(file.name, "is a folder, not a file", "Deliver a file of this name.")
    if file.path.stat().st_size == 0:
        raise DeliveryRefused(file.name, "is empty (0 bytes)", "Ask the source to deliver it again.")
    relation = f"read_parquet({quote_literal(str(file.path))})"
    try:
        titles = [row[0] for row in con.execute(f"describe select * from {relation}").fetchall()]
        _check_titles(file, declaration, titles)
        values = {title: f"cast({quote_identifier(title)} as varchar)" for title in titles}
        con.execute("create temp table arrival as " + _select_from(relation, declaration, titles, values))
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise DeliveryRefused(
            file.name,
            f"is not a whole Parquet file ({str(error).splitlines()[0].replace(str(file.path), file.name)})",
            "Ask the source to deliver it again, whole.",
        ) from error
