"""Reading one file into the temporary relation `arrival`: all columns as text, in file order, nothing judged yet.

`arrival` has `_row_number` (1-based position of the row in the file, the header not counted), `_raw` (the line as
delivered, for JSON lines only), `_undeclared` (JSON of columns nobody declared, or NULL) and one VARCHAR per declared
column under its title. `rejected` has the rows the reader could not split into columns: row_number, column_name, rule,
message, raw. A clean file is read in one fast pass; what a damaged one needs is done only when that pass fails.
Belongs here: one function per format. Does not belong here: types, keys and duplicates (see typed.py and load.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import (
    DELIVER_AGAIN,
    DeliveredFile,
    Text,
    check_not_filled_with_nul,
    check_not_truncated,
    readable_text,
    unpacked,
)
from dagster_project.ingest.look import Look
from dagster_project.ingest.records import MAX_RECORD, read_records, set_damage_apart, split_record
from dagster_project.ingest.titles import check_titles, match_titles, missing_titles, nameless
from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_LINE_BYTES = 64 << 20
DELIMITERS = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}
"""Delimiters in use, as messages name them."""
LINES_ABOVE_A_HEADER = 20
"""So many lines are searched for the titles when the first one has none."""

Rejected = tuple[int, str | None, str, str, str]
"""Row number, column, rule, message, raw row."""


def read_arrival(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Look:
    """Make `arrival` and `rejected` from one file; returns what its text may have. Raises DeliveryRefused."""
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
    declared = _json_object({title: quote_identifier(title) for title in declaration.columns})
    return f"coalesce(_raw, cast(json_merge_patch({declared}, coalesce(_undeclared, '{{}}')) as varchar))"


def _make_arrival(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    values: dict[str, str],
    row_number: str = "rowid + 1",
    raw: str = "null",
) -> None:
    """The view `arrival` over the table `delivered`; `values` maps a title to its SQL expression as text.

    Row numbers come from the order of the table, which is that of the file: numbering the rows while reading would
    take away the reader's parallelism.
    """
    declared = [
        f"{values.get(title, 'cast(null as varchar)')} as {quote_identifier(title)}" for title in declaration.columns
    ]
    undeclared = {title: value for title, value in values.items() if title not in declaration.columns}
    extra = _json_object(undeclared) if undeclared else "cast(null as varchar)"
    con.execute(
        f"create temp view arrival as select {row_number} as _row_number, cast({raw} as varchar) as _raw,"
        f" {extra} as _undeclared, {', '.join(declared)} from delivered"
    )


def _json_object(values: dict[str, str]) -> str:
    pairs = ", ".join(f"{quote_literal(title)}, {value}" for title, value in values.items())
    return f"cast(json_object({pairs}) as varchar)"


def _reject(con: DuckDBPyConnection, rows: Iterable[Rejected]) -> None:
    import pyarrow as pa

    fields = ("row_number", "column_name", "rule", "message", "raw")
    types = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.large_string())
    found = list(rows)
    columns = [[row[position] for row in found] for position in range(len(fields))]
    table = pa.table([pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)], names=fields)
    con.register("newly_rejected", table)
    con.execute("insert into rejected select * from newly_rejected")
    con.unregister("newly_rejected")


def _read_csv(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Look:
    text = readable_text(file, declaration, scratch)
    header = next(read_records(text.path, declaration.delimiter, {}), None)
    if header is None:
        raise DeliveryRefused(file.name, "has only blank lines", "Ask the source to deliver it again.")
    delivered, _ = split_record(header.text, declaration.delimiter)
    titles = match_titles(delivered, declaration)
    hint = _what_else_is_wrong(text.path, declaration) if missing_titles(titles, declaration) else ""
    check_titles(file, declaration, titles, hint)
    check_not_truncated(file, text.path, declaration, titles)
    row_number = "rowid + 1"
    is_plain = not (text.undecodable or text.look.nul or text.look.quotes_apart) and header.line == 1
    if not (is_plain and _copy_csv(con, text.path, len(titles), declaration.delimiter)):
        _read_damaged_csv(con, file, declaration, titles, text, scratch)
        row_number = "position"
    values = {title: f"c{position}" for position, title in enumerate(titles)}
    _leave_out_empty_nameless(con, delivered, titles, values)
    _make_arrival(con, declaration, values, row_number)
    return text.look


def _copy_csv(con: DuckDBPyConnection, text: Path, width: int, delimiter: str, options: str = "") -> bool:
    """Read a CSV file into `delivered` with columns c0, c1, ...; False when the engine's reader does not accept it."""
    import duckdb

    # Positional names, because a title may hold anything; a blank or repeated title cannot break the reader.
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(width))
    try:
        con.execute(
            f"create or replace temp table delivered as select * from read_csv({quote_literal(str(text))},"
            f" columns = {{{columns}}}, auto_detect = false, header = true, delim = {quote_literal(delimiter)},"
            f" quote = '\"', escape = '\"', strict_mode = true{options})"
        )
    # Lines beyond its buffers are "not implemented"; its messages may be cut within a character.
    except (duckdb.InvalidInputException, duckdb.NotImplementedException, UnicodeDecodeError):
        return False
    return True


def _what_else_is_wrong(text: Path, declaration: SourceObject) -> str:
    """What may have kept the declared titles from being found, as a part of the message; '' when nothing shows."""
    records = list(islice(read_records(text, declaration.delimiter, {}), LINES_ABOVE_A_HEADER))
    for delimiter, name in DELIMITERS.items():
        cells, _ = split_record(records[0].text, delimiter)
        if len(missing_titles(match_titles(cells, declaration), declaration)) == 0:
            return (
                f"; the file's delimiter is {name}, the declared one {DELIMITERS.get(declaration.delimiter, 'another')}"
            )
    for record in records[1:]:
        cells, _ = split_record(record.text, declaration.delimiter)
        if not missing_titles(match_titles(cells, declaration), declaration):
            return f"; the titles stand in line {record.line}, they must come first"
    return ""


def _leave_out_empty_nameless(
    con: DuckDBPyConnection, delivered: list[str], titles: list[str], values: dict[str, str]
) -> None:
    """A delimiter too many makes a column without title; it is kept only where it holds something."""
    for position, title in enumerate(titles):
        if title == nameless(position + 1) != delivered[position]:
            row = con.execute(f"select count({values[title]}) from delivered").fetchone()
            if row is not None and row[0] == 0:
                del values[title]


def _read_damaged_csv(
    con: DuckDBPyConnection,
    file: DeliveredFile,
    declaration: SourceObject,
    titles: list[str],
    text: Text,
    scratch: Path,
) -> None:
    """The slow way: what can be read goes to `delivered`, with its `position`, the rest to `rejected`."""
    mended = scratch / f"{file.fingerprint}.mended"
    damaged = set_damage_apart(text.path, mended, declaration.delimiter, len(titles), text.undecodable)
    _reject(
        con,
        (
            (
                found.row_number,
                titles[found.problem.column] if found.problem.column is not None else None,
                found.problem.rule,
                f"line {found.record.line}: {found.problem.text}"
                + (f" ({declaration.encoding})" if found.problem.rule == "wrong encoding" else ""),
                found.record.text,
            )
            for found in damaged
        ),
    )
    if not _copy_csv(con, mended, len(titles), declaration.delimiter, _room_for_long_lines(mended)):
        raise DeliveryRefused(
            file.name, "cannot be read as CSV", "Compare its quotes and delimiters with the declaration."
        )
    _number_beside_rejected(con)


def _room_for_long_lines(text: Path) -> str:
    """Room for one very long line, where the file is large enough to hold one; small buffers are faster."""
    longest = min(MAX_LINE_BYTES, max(2 << 20, text.stat().st_size))
    return f", max_line_size = {longest}, buffer_size = {max(32 << 20, longest)}"


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


def _read_json_lines(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Look:
    text = readable_text(file, declaration, scratch)
    _read_lines(con, file, text, scratch)
    _check_lines(con, file, declaration, text)
    delivered = [
        row[0]
        for row in con.execute(
            "select distinct unnest(json_keys(text)) as title from lines where is_object order by title"
        ).fetchall()
    ]
    titles = match_titles(delivered, declaration)
    check_titles(file, declaration, titles)
    con.execute(
        "insert into rejected select line, null, 'not JSON', 'line ' || line || ' is not a JSON object', text"
        " from lines where not is_object order by line"
    )
    _reject(
        con,
        (
            (line, None, "wrong encoding", f"line {line} has bytes that are not of the declared encoding", raw)
            for line, raw in text.undecodable.items()
        ),
    )
    _reject_repeated_fields(con)
    # One parse per line: all fields are extracted together.
    paths = ["/" + title.replace("~", "~0").replace("/", "~1") for title in delivered]
    con.execute(
        "create or replace temp table delivered as select line, text, json_extract_string(text, ?::varchar[]) as fields"
        " from lines where is_object order by line",
        [paths],
    )
    values = {title: f"fields[{number}]" for number, title in enumerate(titles, start=1)}
    if text.look.fractions:
        for title, path in zip(titles, paths, strict=True):
            if title in declaration.columns and declaration.columns[title].type == "string":
                values[title] = (
                    f"case when ends_with({values[title]}, '.0') and json_type(text, {quote_literal(path)}) = 'DOUBLE'"
                    f" then left({values[title]}, -2) else {values[title]} end"
                )
    _make_arrival(con, declaration, values, row_number="line", raw="text")
    return text.look


def _read_lines(con: DuckDBPyConnection, file: DeliveredFile, text: Text, scratch: Path) -> None:
    """The table `lines` (line, text, is_object), without blank lines. Raises DeliveryRefused."""
    if not _copy_lines(con, text.path):
        one_kind_of_line_end = scratch / f"{file.fingerprint}.lines"
        with text.path.open(encoding="utf-8") as source, one_kind_of_line_end.open("w", encoding="utf-8") as sink:
            sink.writelines(source)
        if not _copy_lines(con, one_kind_of_line_end):
            raise DeliveryRefused(
                file.name, f"has a line of more than {MAX_RECORD:,} bytes", "Deliver one object per line."
            )
    con.execute(
        "create or replace temp table lines as select rowid + 1 as line, text,"
        " case when json_valid(text) then json_type(text) = 'OBJECT' else false end as is_object"
        " from every_line where trim(text) <> '' order by rowid"
    )
    con.execute("drop table every_line")


def _copy_lines(con: DuckDBPyConnection, text: Path) -> bool:
    """Read the lines of a text into `every_line`; False when the engine's reader does not accept it."""
    import duckdb

    try:
        con.execute(
            "create or replace temp table every_line as select text from"
            f" read_csv({quote_literal(str(text))}, columns = {{'text': 'VARCHAR'}}, auto_detect = false, header = false,"
            # A delimiter that no line has: JSON escapes control characters.
            f" delim = '\x1e\x1f\x1e\x1f', quote = '', escape = ''{_room_for_long_lines(text)})"
        )
    except (duckdb.InvalidInputException, duckdb.NotImplementedException, UnicodeDecodeError):
        return False
    return True


def _check_lines(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, text: Text) -> None:
    """Refuse a file that is not JSON lines as a whole, or is not whole."""
    first, last = (
        con.execute(f"select line, is_object, text from lines order by line {order} limit 1").fetchone()
        for order in ("asc", "desc")
    )
    if first is None or last is None:
        raise DeliveryRefused(file.name, "has only blank lines", "Ask the source to deliver it again.")
    advice = "Deliver JSON lines: one object per line."
    # A line may be an array that is whole; then only this line is bad.
    if first[2].lstrip().startswith("[") and (first[0] == last[0] or not _is_json(con, first[2])):
        raise DeliveryRefused(file.name, "is one JSON array", advice)
    with text.path.open("rb") as stream:
        stream.seek(-1, 2)
        end = stream.read()
    check_not_filled_with_nul(file, end)
    has_objects = con.execute("select 1 from lines where is_object limit 1").fetchone() is not None
    if end not in (b"\n", b"\r") and not last[1] and has_objects:
        column = next((t for t in reversed(list(declaration.columns)) if f'"{t}"' in last[2]), None)
        where = f" inside column '{column}'" if column else ""
        raise DeliveryRefused(
            file.name,
            f"is truncated: its last line, line {last[0]}, ends{where} before the JSON object does",
            DELIVER_AGAIN,
        )
    if not has_objects:
        over_lines = first[2].lstrip().startswith("{") and first[0] != last[0]
        problem = "has objects that run over several lines" if over_lines else "has no JSON object in any line"
        raise DeliveryRefused(file.name, problem, advice)


def _is_json(con: DuckDBPyConnection, text: str) -> bool:
    row = con.execute("select json_valid(?)", [text]).fetchone()
    return row is not None and bool(row[0])


def _reject_repeated_fields(con: DuckDBPyConnection) -> None:
    """Readers disagree about which of two fields of one name holds."""
    con.execute(
        "create or replace temp table repeated_fields as select line, text, list_filter(names, lambda name:"
        " len(list_filter(names, lambda other: other = name)) > 1)[1] as name from"
        " (select line, text, json_keys(text) as names from lines where is_object)"
        " where len(names) <> len(list_distinct(names))"
    )
    con.execute(
        "insert into rejected select line, name, 'repeated field', 'line ' || line || ' has the field ''' || name"
        " || ''' more than once', text from repeated_fields order by line"
    )
    con.execute("delete from lines where line in (select line from repeated_fields)")


def _read_parquet(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Look:
    import duckdb

    relation = f"read_parquet({quote_literal(str(unpacked(file, scratch)))})"
    try:
        columns = [row[:2] for row in con.execute(f"describe select * from {relation}").fetchall()]
        titles = match_titles([name for name, _ in columns], declaration)
        check_titles(file, declaration, titles)
        con.execute(f"create or replace temp table delivered as select * from {relation}")
    except (duckdb.OutOfMemoryException, duckdb.InterruptException):
        raise
    except duckdb.Error as error:  # damage shows as any kind of error
        if "UTF8" in str(error):
            raise DeliveryRefused(
                file.name, "has texts that are not UTF-8, as Parquet asks for", "Ask the source to write them as UTF-8."
            ) from None
        raise DeliveryRefused(file.name, "is not a whole Parquet file", DELIVER_AGAIN) from None
    values = {title: _parquet_text(name, type_) for title, (name, type_) in zip(titles, columns, strict=True)}
    bytes_in = {title: name for title, (name, type_) in zip(titles, columns, strict=True) if type_ == "BLOB"}
    _make_arrival(con, declaration, values, _reject_bytes_that_are_no_text(con, bytes_in) if bytes_in else "rowid + 1")
    return Look.everything()


def _reject_bytes_that_are_no_text(con: DuckDBPyConnection, columns: dict[str, str]) -> str:
    """Set rows apart whose binary columns (title -> name) are not UTF-8; returns the row number's expression."""
    con.execute(
        "create or replace temp table delivered as select rowid + 1 as position, * from delivered order by rowid"
    )
    for title, name in columns.items():
        value = quote_identifier(name)
        condition = f"{value} is not null and try(decode({value})) is null"
        con.execute(
            f"insert into rejected select position, {quote_literal(title)}, 'wrong encoding',"
            f" {quote_literal(f'column {title!r} has bytes that are not UTF-8')}, cast(to_json(delivered) as varchar)"
            f" from delivered where {condition} order by position"
        )
        con.execute(f"delete from delivered where {condition}")
    return "position"


def _parquet_text(name: str, type_: str) -> str:
    """SQL expression of a column's values as text: JSON of nested ones, whole numbers without a fraction."""
    value = quote_identifier(name)
    if type_ == "BLOB":
        return f"try(decode({value}))"
    if type_ in ("DOUBLE", "FLOAT"):
        return (
            f"case when abs({value}) < 1e15 and {value} = trunc({value}) then cast(cast({value} as bigint) as varchar)"
            f" else cast({value} as varchar) end"
        )
    if type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION")):
        return f"cast(to_json({value}) as varchar)"
    return f"cast({value} as varchar)"


def _read_xlsx(con: DuckDBPyConnection, file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Look:
    from dagster_project.ingest.workbook import read_sheet

    sheet = read_sheet(unpacked(file, scratch), file.name, declaration.sheet)
    titles = match_titles(sheet.titles, declaration)
    check_titles(file, declaration, titles)
    con.register("sheet", sheet.rows)
    con.execute("create or replace temp table delivered as select * from sheet order by line")
    con.unregister("sheet")
    values = {title: f"c{position}" for position, title in enumerate(titles)}
    _leave_out_empty_nameless(con, sheet.titles, titles, values)
    _make_arrival(con, declaration, values, f"line - {sheet.titles_in}")
    faults = {fault.line: fault for fault in reversed(sheet.faults) if titles[fault.position] in declaration.columns}
    for line, fault in sorted(faults.items()):
        title = titles[fault.position]
        con.execute(
            f"insert into rejected select _row_number, ?, ?, ?, {whole_row(declaration)} from arrival"
            " where _row_number = ?",
            [title, fault.rule, f"column '{title}' {fault.problem}", line - sheet.titles_in],
        )
    if faults:
        con.execute(f"delete from delivered where line in ({', '.join(map(str, faults))})")
    return Look.everything()
