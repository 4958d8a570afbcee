"""Loading the deliveries of one source object into its raw table, with quarantine and load log.

Belongs here: what happens to a file (new, known, corrected, refused) and to its rows (accepted, duplicate,
quarantined). Does not belong here: how a file is read (arrival.py) or a value is typed (typed.py).
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dagster_project.ingest.arrival import read_arrival, whole_row
from dagster_project.ingest.declaration import LOAD_COLUMNS, SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile, find_files
from dagster_project.ingest.typed import given_value, is_unloadable, typed_value, violations
from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LOAD_NAMESPACE = uuid.UUID("5b0c8f53-55c1-4b0e-9d53-6f0f4a7f2c11")
Status = Literal["loaded", "replaced", "known", "refused"]


@dataclass(frozen=True)
class LoadOutcome:
    """What became of one file. `rows_read = rows_accepted + rows_duplicate + rows_quarantined` always holds."""

    load_id: str
    file: str
    status: Status
    message: str = ""
    rows_read: int = 0
    rows_accepted: int = 0
    rows_duplicate: int = 0
    rows_quarantined: int = 0


def create_raw_tables(con: DuckDBPyConnection, declaration: SourceObject) -> None:
    """Create the raw table, `raw.quarantine` and `raw.load_log` where they are missing; add newly declared columns."""
    columns = ", ".join(
        f"{quote_identifier(name)} {sql_type}"
        for name, sql_type in (
            LOAD_COLUMNS | {title: column.sql_type for title, column in declaration.columns.items()}
        ).items()
    )
    table = _raw_table(declaration)
    con.execute(f"create table if not exists {table} ({columns})")
    existing = {row[0] for row in con.execute(f"describe {table}").fetchall()}
    for title, column in declaration.columns.items():
        if title not in existing:
            con.execute(f"alter table {table} add column {quote_identifier(title)} {column.sql_type}")
    con.execute(
        "create table if not exists raw.quarantine (load_id varchar, source_system varchar, source_object varchar,"
        " file varchar, row_number bigint, column_name varchar, rule varchar, message varchar, raw_row varchar,"
        " quarantined_at timestamp)"
    )
    con.execute(
        "create table if not exists raw.load_log (load_id varchar, source_system varchar, source_object varchar,"
        " file varchar, file_hash varchar, status varchar, message varchar, rows_read bigint, rows_accepted bigint,"
        " rows_duplicate bigint, rows_quarantined bigint, loaded_at timestamp)"
    )


def load_object(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    landing: Path,
    loaded_at: datetime,
    progress: Callable[[str], None] = print,
) -> list[LoadOutcome]:
    """Load every new file of a source object; one transaction per file, so a killed load leaves no half of one.

    A known file (same name, same bytes) is a no-op. A file of a known name with other bytes is a corrected
    redelivery: its earlier rows are replaced. A refused file leaves what was loaded before as it was. Returns one
    outcome per file found; the raw table exists afterwards even when there is no file.
    """
    create_raw_tables(con, declaration)
    outcomes: list[LoadOutcome] = []
    with tempfile.TemporaryDirectory(prefix="golden-customer-") as scratch:
        for file in find_files(landing, declaration):
            outcome = _load_file(con, declaration, file, loaded_at, Path(scratch))
            outcomes.append(outcome)
            if outcome.status == "refused":
                progress(f"{declaration.qualified_name}: REFUSED {outcome.message}")
            elif outcome.status != "known":
                progress(
                    f"{declaration.qualified_name}: {outcome.status} {file.name}: {outcome.rows_read:,} read,"
                    f" {outcome.rows_accepted:,} accepted, {outcome.rows_duplicate:,} duplicate,"
                    f" {outcome.rows_quarantined:,} quarantined"
                )
    return outcomes


def _already_logged(con: DuckDBPyConnection, load_id: str) -> bool:
    return con.execute("select 1 from raw.load_log where load_id = ?", [load_id]).fetchone() is not None


def _raw_table(declaration: SourceObject) -> str:
    return f"raw.{quote_identifier(declaration.table)}"


def _load_file(
    con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile, loaded_at: datetime, scratch: Path
) -> LoadOutcome:
    load_id = str(uuid.uuid5(LOAD_NAMESPACE, f"{declaration.qualified_name}|{file.name}|{file.fingerprint}"))
    earlier = con.execute(
        "select file_hash from raw.load_log where source_system = ? and source_object = ? and file = ?"
        " and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name, file.name],
    ).fetchone()
    if earlier is not None and earlier[0] == file.fingerprint:
        return LoadOutcome(load_id, file.name, "known")
    con.execute("begin")
    try:
        read_arrival(con, file, declaration, scratch)
        if earlier is not None:
            _forget_earlier_load(con, declaration, file)
        # The same bytes may have been refused before under another declaration, or superseded and now come back.
        con.execute("delete from raw.load_log where load_id = ?", [load_id])
        con.execute(
            "update raw.load_log set status = 'superseded' where source_system = ? and source_object = ? and file = ?"
            " and status = 'refused'",
            [declaration.system, declaration.name, file.name],
        )
        outcome = _store(con, declaration, file, load_id, loaded_at, "replaced" if earlier else "loaded")
        _log(con, declaration, file, outcome, loaded_at)
        con.execute("commit")
    except DeliveryRefused as refusal:
        con.execute("rollback")
        outcome = LoadOutcome(load_id, file.name, "refused", str(refusal))
        if not _already_logged(con, load_id):  # the same bytes refused again are said again, but logged once
            _log(con, declaration, file, outcome, loaded_at)
    except BaseException:
        con.execute("rollback")
        raise
    return outcome


def _forget_earlier_load(con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile) -> None:
    con.execute(f"delete from {_raw_table(declaration)} where _file = ?", [file.name])
    con.execute(
        "delete from raw.quarantine where source_system = ? and source_object = ? and file = ?",
        [declaration.system, declaration.name, file.name],
    )
    con.execute(
        "update raw.load_log set status = 'superseded' where source_system = ? and source_object = ? and file = ?"
        " and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name, file.name],
    )


def _store(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    file: DeliveredFile,
    load_id: str,
    loaded_at: datetime,
    status: Status,
) -> LoadOutcome:
    """Divide `arrival` into accepted rows, exact duplicates and quarantined rows."""
    typed = {title: f"typed_{number}" for number, title in enumerate(declaration.columns)}
    con.execute(
        "create or replace temp table judged as select * exclude (_unloadable), coalesce(_unloadable, false) as _unloadable"
        f" from (select _row_number, _undeclared, {_row_hash(declaration)} as _row_hash,"
        f" {', '.join(f'{typed_value(title, declaration)} as {name}' for title, name in typed.items())},"
        f" {is_unloadable(declaration, typed)} as _unloadable from arrival)"
    )
    con.execute(
        "create or replace temp table accepted as select * from judged where not _unloadable"
        f" and _row_hash not in (select _row_hash from {_raw_table(declaration)})"
        " qualify row_number() over (partition by _row_hash order by _row_number) = 1"
    )
    con.execute(
        f"insert into {_raw_table(declaration)} by name select {quote_literal(load_id)} as _load_id,"
        f" {quote_literal(file.name)} as _file, _row_number, cast(? as timestamp) as _loaded_at, _row_hash, _undeclared,"
        f" {', '.join(f'{name} as {quote_identifier(title)}' for title, name in typed.items())}"
        " from accepted order by _row_number",
        [loaded_at],
    )
    con.execute(
        "insert into raw.quarantine select ?, ?, ?, ?, _row_number, _violations[1].column_name, _violations[1].rule,"
        " array_to_string(list_transform(_violations, lambda violation: violation.message), '; '), _whole, ?"
        f" from (select _row_number, {violations(declaration)} as _violations, {whole_row(declaration)} as _whole"
        " from arrival where _row_number in (select _row_number from judged where _unloadable)) order by _row_number",
        [load_id, declaration.system, declaration.name, file.name, loaded_at],
    )
    con.execute(
        "insert into raw.quarantine select ?, ?, ?, ?, line, column_name, rule, 'line ' || line || ': ' || message,"
        " raw, ? from rejected order by line",
        [load_id, declaration.system, declaration.name, file.name, loaded_at],
    )
    counts = con.execute(
        "select (select count(*) from judged), (select count(*) from rejected), (select count(*) from accepted),"
        " (select count(*) from judged where _unloadable)"
    ).fetchone()
    assert counts is not None
    readable, rejected, accepted, bad = counts
    return LoadOutcome(
        load_id,
        file.name,
        status,
        rows_read=readable + rejected,
        rows_accepted=accepted,
        rows_duplicate=readable - accepted - bad,
        rows_quarantined=bad + rejected,
    )


def _row_hash(declaration: SourceObject) -> str:
    """SQL hash of a row's values as delivered; the signs between and for NULL keep different rows different."""
    values = ", ".join(f"coalesce({given_value(title, declaration)}, chr(30))" for title in declaration.columns)
    return f"md5(concat_ws(chr(31), {values}))"


def _log(
    con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile, outcome: LoadOutcome, loaded_at: datetime
) -> None:
    con.execute(
        "insert into raw.load_log values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            outcome.load_id,
            declaration.system,
            declaration.name,
            file.name,
            file.fingerprint,
            outcome.status,
            outcome.message,
            outcome.rows_read,
            outcome.rows_accepted,
            outcome.rows_duplicate,
            outcome.rows_quarantined,
            loaded_at,
        ],
    )
