"""Reading one file into the temporary relation `arrival`: all columns as text, in file order, nothing judged yet.

`arrival` has `_row_number` (1-based position of the row in the file, the header not counted), `_raw` (the line as
delivered, for JSON lines only), `_undeclared` (JSON of columns nobody declared, or NULL) and one VARCHAR per declared
column under its title. `rejected` has the rows the reader could not split into columns: row_number, column_name, rule,
message, raw. A clean file is read in one fast pass; what a damaged one needs is done only when that pass fails.
Belongs here: one function per format. Does not belong here: types, keys and duplicates (see typed.py and load.py).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile, Text, check_not_truncated, readable_text, unpacked
from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_LINE_BYTES = 64 << 20


def read_arrival(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> bool:
    """Make `arrival` and `rejected` from one file; True when its text has NUL bytes. Raises DeliveryRefused."""
    con.execute("drop view if exists arrival")
    con.execute(
        "create or replace temp table rejected"
        " (row_number bigint, column_name varchar, rule varchar, message varchar, raw varchar)"
    )
    return {"csv": _read_csv, "jsonl": _read_json_lines, "parquet": _read_parquet, "xlsx": _read_xlsx}[file.format](
        con, file, declaration, scratch
    )


def whole_row(declaration: SourceObject) -> str:
    """SQL expression over `arrival`: the row whole, as JSON. Costly, so only asked for rows that go to quarantine."""
    declared = _json_object(
        list(declaration.columns), {title: quote_identifier(title) for title in declaration.columns}
    )
    return f"coalesce(_raw, cast(json_merge_patch({declared}, coalesce(_undeclared, '{{}}')) as varchar))"


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
    repeated = sorted({title for title in titles if titles.count(title) > 1 and title in declaration.columns})
    if repeated:
        raise DeliveryRefused(
            file.name,
            f"column {', '.join(map(repr, repeated))} stands there more than once",
            "Deliver each column once.",
        )


def _make_arrival(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    titles: list[str],
    values: dict[str, str],
    row_number: str = "rowid + 1",
    raw: str = "null",
) -> None:
    """The view `arrival` over the table `delivered`; `values` maps a title to its SQL expression as text.

    Row numbers come from the order of the table, which is that of the file: numbering the rows while reading would
    take away the reader's parallelism.
    """
    declared = [
        f"{values[t] if t in titles else 'cast(null as varchar)'} as {quote_identifier(t)}" for t in declaration.columns
    ]
    undeclared = [title for title in titles if title not in declaration.columns and title]
    extra = _json_object(undeclared, values) if undeclared else "cast(null as varchar)"
    con.execute(
        f"create temp view arrival as select {row_number} as _row_number, cast({raw} as varchar) as _raw,"
        f" {extra} as _undeclared, {', '.join(declared)} from delivered"
    )


def _json_object(titles: list[str], values: dict[str, str]) -> str:
    pairs = ", ".join(f"{quote_literal(title)}, {values[title]}" for title in titles)
    return f"cast(json_object({pairs}) as varchar)"


def _read_csv(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> bool:
    import duckdb

    text = readable_text(file, declaration, scratch)
    with text.path.open(encoding="utf-8", newline="") as stream:
        titles = [title.strip() for title in next(csv.reader(stream, delimiter=declaration.delimiter), [])]
    _check_titles(file, declaration, titles)
    check_not_truncated(file, text.path, declaration, titles)
    # Positional names, because a title may hold anything; a blank or repeated title cannot break the reader.
    positions = {title: f"c{number}" for number, title in enumerate(titles)}
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(titles)))
    options = (
        f"columns = {{{columns}}}, auto_detect = false, header = true, delim = {quote_literal(declaration.delimiter)},"
        " quote = '\"', escape = '\"', strict_mode = true"
    )
    read = (
        f"create or replace temp table delivered as select * from read_csv({quote_literal(str(text.path))}, {options}"
    )
    try:
        con.execute(f"{read})")
        is_clean = not text.undecodable
    except duckdb.InvalidInputException:
        is_clean = False
    if is_clean:
        _make_arrival(con, declaration, titles, positions)
    else:
        con.execute("drop table if exists reject_scans; drop table if exists reject_errors")
        con.execute(f"{read}, {_room_for_long_lines(text.path)}, store_rejects = true)")
        _reject_unreadable_rows(con, titles, text)
        _number_beside_rejected(con)
        _make_arrival(con, declaration, titles, positions, row_number="position")
    return text.has_nul


def _room_for_long_lines(text: Path) -> str:
    """Room for one very long line, where the file is large enough to hold one; small buffers are faster."""
    longest = min(MAX_LINE_BYTES, max(2 << 20, text.stat().st_size))
    return f"max_line_size = {longest}, buffer_size = {max(32 << 20, longest)}"


def _reject_unreadable_rows(con: DuckDBPyConnection, titles: list[str], text: Text) -> None:
    con.execute(
        "insert into rejected select line - 1, min_by(column_name, column_idx), 'unreadable row',"
        " 'the row cannot be split into the columns of the header: ' || lower(min(cast(error_type as varchar))),"
        " any_value(csv_line) from reject_errors group by line"
    )
    for position, title in enumerate(titles):
        con.execute("update rejected set column_name = ? where column_name = ?", [title, f"c{position}"])
    if text.undecodable:
        # The reader did not see these lines: its own count lacks them.
        con.execute("create or replace temp table undecodable (line bigint, raw varchar)")
        con.executemany("insert into undecodable values (?, ?)", text.undecodable)
        con.execute(
            "create or replace temp table shifts as select line - row_number() over (order by line) as after,"
            " row_number() over (order by line) as shift from undecodable"
        )
        con.execute(
            "update rejected set row_number = row_number + coalesce("
            "(select max(shift) from shifts where after <= rejected.row_number + 1), 0)"
        )
        con.execute(
            "insert into rejected select line - 1, null, 'wrong encoding',"
            " 'the line has bytes that are not of the declared encoding', raw from undecodable"
        )


def _number_beside_rejected(con: DuckDBPyConnection) -> None:
    """Give `delivered` the position in the file of each row that was read: rejected rows before it count as well."""
    con.execute(
        "create or replace temp table gaps as select after, max(before) as before from (select row_number"
        " - row_number() over (order by row_number) as after, row_number() over (order by row_number) as before"
        " from rejected) group by after"
    )
    con.execute(
        "create or replace temp table delivered as select delivered.*,"
        " delivered.rowid + 1 + coalesce(gaps.before, 0) as position"
        " from delivered asof left join gaps on delivered.rowid >= gaps.after order by position"
    )


def _read_json_lines(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> bool:
    text = readable_text(file, declaration, scratch)
    con.execute(
        "create or replace temp table lines as select text from"
        f" read_csv({quote_literal(str(text.path))}, columns = {{'text': 'VARCHAR'}}, auto_detect = false,"
        f" header = false, delim = '\\x01', quote = '', escape = '', {_room_for_long_lines(text.path)})"
    )
    is_object = "case when json_valid(text) then json_type(text) = 'OBJECT' else false end"
    last = con.execute(
        f"select rowid + 1, {is_object}, text from lines where trim(text) <> '' order by rowid desc limit 1"
    ).fetchone()
    if last is None:
        raise DeliveryRefused(file.name, "holds no rows", "Ask the source to deliver it again.")
    with text.path.open("rb") as stream:
        stream.seek(-1, 2)
        complete = stream.read(1) == b"\n"
    if not complete and not last[1]:
        column = next((t for t in reversed(list(declaration.columns)) if f'"{t}"' in last[2]), None)
        where = f" inside column '{column}'" if column else ""
        raise DeliveryRefused(
            file.name,
            f"is truncated: its last line ({last[0]}) ends{where} before the JSON object does",
            "Ask the source to deliver it again, whole.",
        )
    titles = [
        row[0]
        for row in con.execute(
            f"select distinct unnest(json_keys(text)) as title from lines where {is_object} order by title"
        ).fetchall()
    ]
    _check_titles(file, declaration, titles)
    con.execute(
        "insert into rejected select rowid + 1, null, 'not JSON', 'the line is not a JSON object', text"
        f" from lines where trim(text) <> '' and not {is_object} order by rowid"
    )
    for line, raw in text.undecodable:
        con.execute(
            "insert into rejected values (?, null, 'wrong encoding',"
            " 'the line has bytes that are not of the declared encoding', ?)",
            [line, raw],
        )
    # One parse per line: all fields are extracted together.
    paths = ", ".join(quote_literal(f'$."{title}"') for title in titles)
    con.execute(
        "create or replace temp table delivered as select rowid + 1 as line, text,"
        f" json_extract_string(text, [{paths}]) as fields from lines where {is_object} order by rowid"
    )
    values = {title: f"fields[{number}]" for number, title in enumerate(titles, start=1)}
    _make_arrival(con, declaration, titles, values, row_number="line", raw="text")
    return text.has_nul


def _read_parquet(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> bool:
    import duckdb

    relation = f"read_parquet({quote_literal(str(unpacked(file, scratch)))})"
    try:
        titles = [row[0] for row in con.execute(f"describe select * from {relation}").fetchall()]
        _check_titles(file, declaration, titles)
        con.execute(f"create or replace temp table delivered as select * from {relation}")
    except (duckdb.InvalidInputException, duckdb.IOException) as error:
        raise DeliveryRefused(
            file.name,
            f"is not a whole Parquet file ({str(error).splitlines()[0].replace(str(file.path), file.name)})",
            "Ask the source to deliver it again, whole.",
        ) from error
    _make_arrival(con, declaration, titles, {t: f"cast({quote_identifier(t)} as varchar)" for t in titles})
    return True  # whether values have NUL bytes is not known


def _read_xlsx(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> bool:
    from dagster_project.ingest.workbook import read_sheet

    titles, sheet = read_sheet(unpacked(file, scratch), file.name, declaration.sheet)
    _check_titles(file, declaration, titles)
    con.register("sheet", sheet)
    con.execute("create or replace temp table delivered as select * from sheet order by line")
    con.unregister("sheet")
    positions = {title: f"c{number}" for number, title in enumerate(titles)}
    # Row 1 of the sheet is the header.
    _make_arrival(con, declaration, titles, positions, row_number="line - 1")
    return False
