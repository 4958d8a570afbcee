"""Exact duplicates: rows that say again what the raw table, or the same file, has said already.

Belongs here: recognising them. Does not belong here: which version of a record is the newest (staging).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.warehouse import count_rows, quote_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def find_duplicates(con: DuckDBPyConnection, declaration: SourceObject, raw_table: str) -> int:
    """Fill the temporary table `repeated` (_row_number) from `loadable`; returns how many rows it has.

    Keys that are written in several ways, such as with a blank around them, are the same; only `suspects` have such.

    With a cursor, a row is a duplicate when any loaded row of its key has the same values: an older version delivered
    again. Without one, order says what holds, so it is a duplicate only of the version right before it: A, B, A are
    three versions.
    """
    con.execute("create or replace temp table repeated (_row_number bigint)")
    keys = ", ".join(quote_identifier(title) for title in declaration.key)
    has_history = count_rows(con, raw_table) > 0
    # A cheap look at the keys first: most deliveries bring every key once, and none that is known.
    as_delivered = "loadable" if count_rows(con, "suspects") else "arrival"
    repeats_in_file = _answer(con, f"select count(*) > count(distinct hash({keys})) from {as_delivered}")
    known = f"exists (select 1 from {raw_table} as raw where {_same(declaration.key, 'raw')})"
    if not repeats_in_file and not (has_history and _answer(con, f"select count(*) > 0 from loadable where {known}")):
        return 0
    values = ", ".join(f"'v{number}': {quote_identifier(t)}" for number, t in enumerate(declaration.columns))
    row = f"{{'deleted': coalesce(_deleted, false), {values}}}"
    conditions = [f"hash({keys}) in (select hash({keys}) as key from loadable group by key having count(*) > 1)"]
    if has_history:
        conditions.append(known)
    con.execute(
        f"create or replace temp table candidates as select _row_number, {row} as _row, {keys} from loadable"
        f" where {' or '.join(conditions)}"
    )
    if declaration.cursor is not None:
        in_file = f"row_number() over (partition by {keys}, _row order by _row_number) > 1"
        versions = f"select {row} as _row, {keys} from {raw_table} as loadable"
    else:
        in_file = f"lag(_row) over (partition by {keys} order by _row_number) is not distinct from _row"
        versions = (
            f"select {row} as _row, {keys} from {raw_table} as loadable"
            f" qualify row_number() over (partition by {keys} order by _loaded_at desc, _file desc, _row_number desc) = 1"
        )
    con.execute(f"insert into repeated select _row_number from candidates qualify {in_file}")
    if has_history:
        first = (
            "" if declaration.cursor else (f" qualify row_number() over (partition by {keys} order by _row_number) = 1")
        )
        con.execute(
            "insert into repeated select _row_number from ("
            f" select * from candidates where _row_number not in (from repeated){first}) as loadable"
            f" where exists (select 1 from ({versions}) as raw where {_same(declaration.key, 'raw')}"
            " and raw._row is not distinct from loadable._row)"
        )
    return count_rows(con, "repeated")


def _same(key: tuple[str, ...], other: str) -> str:
    return " and ".join(f"{other}.{quote_identifier(title)} = loadable.{quote_identifier(title)}" for title in key)


def _answer(con: DuckDBPyConnection, question: str) -> bool:
    row = con.execute(question).fetchone()
    assert row is not None
    return bool(row[0])
