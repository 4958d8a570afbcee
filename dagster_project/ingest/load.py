"""Loading the deliveries of one source object into its raw table, with quarantine and load log.

Belongs here: what happens to a file (new, known, corrected, refused) and to its rows (accepted, duplicate,
quarantined). Does not belong here: how a file is read (arrival.py), a value is typed (typed.py), a repeated row is
recognised (duplicates.py), or what a snapshot no longer holds (snapshots.py).
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dagster_project.ingest.arrival import read_arrival, whole_row
from dagster_project.ingest.declaration import LOAD_COLUMNS, SourceObject
from dagster_project.ingest.duplicates import find_duplicates
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile, find_files
from dagster_project.ingest.look import Look
from dagster_project.ingest.snapshots import mark_deleted_records
from dagster_project.ingest.typed import (
    is_deletion,
    is_suspicious,
    is_unloadable,
    plain_value,
    typed_value,
    violation_list,
    violations,
)
from dagster_project.warehouse import any_row_order, count_rows, quote_identifier, quote_literal

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
    records_deleted: int = 0
    """Records that this snapshot no longer holds; they are not rows of the file."""


def create_raw_tables(con: DuckDBPyConnection, declaration: SourceObject) -> None:
    """Create the raw table, `raw.quarantine` and `raw.load_log` where they are missing; add newly declared columns."""
    columns = LOAD_COLUMNS | {title: column.sql_type for title, column in declaration.columns.items()}
    definitions = ", ".join(f"{quote_identifier(name)} {sql_type}" for name, sql_type in columns.items())
    table = raw_table(declaration)
    con.execute(f"create table if not exists {table} ({definitions})")
    existing = {row[0] for row in con.execute(f"describe {table}").fetchall()}
    for name, sql_type in columns.items():
        if name not in existing:
            con.execute(f"alter table {table} add column {quote_identifier(name)} {sql_type}")
    con.execute(
        "create table if not exists raw.quarantine (load_id varchar, source_system varchar, source_object varchar,"
        " file varchar, row_number bigint, column_name varchar, rule varchar, message varchar, raw_row varchar,"
        " quarantined_at timestamp)"
    )
    con.execute(
        "create table if not exists raw.load_log (load_id varchar, source_system varchar, source_object varchar,"
        " file varchar, file_hash varchar, status varchar, message varchar, rows_read bigint, rows_accepted bigint,"
        " rows_duplicate bigint, rows_quarantined bigint, records_deleted bigint, loaded_at timestamp)"
    )
    con.execute("alter table raw.load_log add column if not exists records_deleted bigint")
    con.execute("alter table raw.load_log add column if not exists load_again boolean")


def raw_table(declaration: SourceObject) -> str:
    """The raw table of an object, with its schema, quoted."""
    return f"raw.{quote_identifier(declaration.table)}"


def load_object(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    landing: Path,
    loaded_at: datetime,
    progress: Callable[[str], None] = print,
    *,
    replay: bool = False,
) -> list[LoadOutcome]:
    """Load every new file of a source object; one transaction per file, so a killed load leaves no half of one.

    A known file (same name, same bytes) is a no-op. A file of a known name with other bytes is a corrected
    redelivery: its earlier rows are replaced. A refused file leaves what was loaded before as it was. With `replay`,
    files with rows in quarantine are loaded again, because a declaration was mended. Returns one outcome per file
    found; the raw table exists afterwards even when there is no file.
    """
    create_raw_tables(con, declaration)
    files = find_files(landing, declaration)
    again = _with_quarantined_rows(con, declaration) if replay else set()
    outcomes: dict[str, LoadOutcome] = {}
    with tempfile.TemporaryDirectory(prefix="golden-customer-") as scratch:

        def load(file: DeliveredFile, *, known_too: bool) -> None:
            is_newest = file == files[-1]
            outcome = _load_file(
                con, declaration, file, loaded_at, Path(scratch), known_too=known_too, is_newest=is_newest
            )
            outcomes[file.name] = outcome
            _report(declaration, outcome, progress)

        for file in files:
            load(file, known_too=file.name in again)
        repeating = _to_be_loaded_again(con, declaration)
        for file in files:
            if file.name in repeating:
                load(file, known_too=True)
    return [outcomes[file.name] for file in files]


def _report(declaration: SourceObject, outcome: LoadOutcome, progress: Callable[[str], None]) -> None:
    if outcome.status == "refused":
        progress(f"{declaration.qualified_name}: REFUSED {outcome.message}")
    elif outcome.status != "known":
        deleted = f", {outcome.records_deleted:,} records deleted" if outcome.records_deleted else ""
        progress(
            f"{declaration.qualified_name}: {outcome.status} {outcome.file}: {outcome.rows_read:,} read,"
            f" {outcome.rows_accepted:,} accepted, {outcome.rows_duplicate:,} duplicate,"
            f" {outcome.rows_quarantined:,} quarantined{deleted}"
        )


def _with_quarantined_rows(con: DuckDBPyConnection, declaration: SourceObject) -> set[str]:
    found = con.execute(
        "select distinct file from raw.quarantine where source_system = ? and source_object = ?",
        [declaration.system, declaration.name],
    ).fetchall()
    return {row[0] for row in found}


def _load_repeating_files_again(con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile) -> None:
    """A row that was a duplicate of one the corrected file no longer has is not a duplicate any more.

    That its file is to be loaded again stands in the log, so that it happens even when this run is killed before.
    """
    con.execute(
        "update raw.load_log set load_again = true where source_system = ? and source_object = ? and file <> ?"
        " and rows_duplicate > 0 and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name, file.name],
    )


def _to_be_loaded_again(con: DuckDBPyConnection, declaration: SourceObject) -> set[str]:
    found = con.execute(
        "select file from raw.load_log where source_system = ? and source_object = ? and load_again"
        " and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name],
    ).fetchall()
    return {row[0] for row in found}


def _already_logged(con: DuckDBPyConnection, load_id: str) -> bool:
    return con.execute("select 1 from raw.load_log where load_id = ?", [load_id]).fetchone() is not None


def _load_file(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    file: DeliveredFile,
    loaded_at: datetime,
    scratch: Path,
    *,
    known_too: bool,
    is_newest: bool,
) -> LoadOutcome:
    load_id = str(uuid.uuid5(LOAD_NAMESPACE, f"{declaration.qualified_name}|{file.name}|{file.fingerprint}"))
    earlier = con.execute(
        "select file_hash, loaded_at from raw.load_log where source_system = ? and source_object = ? and file = ?"
        " and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name, file.name],
    ).fetchone()
    if earlier is not None and earlier[0] == file.fingerprint and not known_too:
        return LoadOutcome(load_id, file.name, "known")
    try:
        # Reading fills temporary tables only, so it stays outside of the transaction.
        look = read_arrival(con, file, declaration, scratch)
        con.execute("begin")
        try:
            outcome = _replace_and_store(
                con, declaration, file, load_id, loaded_at, earlier, look=look, is_newest=is_newest
            )
            con.execute("commit")
        except BaseException:
            con.execute("rollback")
            raise
    except DeliveryRefused as refusal:
        outcome = LoadOutcome(load_id, file.name, "refused", str(refusal))
        if not _already_logged(con, load_id):  # the same bytes refused again are said again, but logged once
            _log(con, declaration, file, outcome, loaded_at)
    for table in ("delivered", "lines"):
        con.execute(f"drop table if exists {table} cascade")
    return outcome


def _replace_and_store(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    file: DeliveredFile,
    load_id: str,
    loaded_at: datetime,
    earlier: tuple[str, datetime] | None,
    *,
    look: Look,
    is_newest: bool,
) -> LoadOutcome:
    """The transaction of one file: its earlier rows go, its rows come, the log says so."""
    # A file keeps its place among the deliveries: where nothing else says which version of a record is newer, rows
    # of an old file that is loaded again must not win over later ones.
    first_loaded_at = None if earlier is None else _forget_earlier_load(con, declaration, file) or earlier[1]
    if earlier is not None and earlier[0] != file.fingerprint:
        _load_repeating_files_again(con, declaration, file)
    # The same bytes may have been refused before under another declaration, or superseded and now come back.
    con.execute("delete from raw.load_log where load_id = ?", [load_id])
    con.execute(
        "update raw.load_log set status = 'superseded' where source_system = ? and source_object = ? and file = ?"
        " and status = 'refused'",
        [declaration.system, declaration.name, file.name],
    )
    outcome = _store(
        con,
        declaration,
        file,
        load_id,
        loaded_at,
        "replaced" if earlier else "loaded",
        first_loaded_at=first_loaded_at or loaded_at,
        look=look,
    )
    if declaration.delivers == "snapshot" and is_newest:
        deleted = mark_deleted_records(con, declaration, file, load_id, loaded_at)
        outcome = replace(outcome, records_deleted=deleted)
    _log(con, declaration, file, outcome, loaded_at)
    return outcome


def _forget_earlier_load(con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile) -> datetime | None:
    """Remove the file's rows; returns when they had been loaded (None when there were none)."""
    row = con.execute(f"select min(_loaded_at) from {raw_table(declaration)} where _file = ?", [file.name]).fetchone()
    con.execute(f"delete from {raw_table(declaration)} where _file = ?", [file.name])
    con.execute(
        "delete from raw.quarantine where source_system = ? and source_object = ? and file = ?",
        [declaration.system, declaration.name, file.name],
    )
    con.execute(
        "update raw.load_log set status = 'superseded' where source_system = ? and source_object = ? and file = ?"
        " and status in ('loaded', 'replaced')",
        [declaration.system, declaration.name, file.name],
    )
    return row[0] if row else None


def _store(
    con: DuckDBPyConnection,
    declaration: SourceObject,
    file: DeliveredFile,
    load_id: str,
    loaded_at: datetime,
    status: Status,
    *,
    first_loaded_at: datetime,
    look: Look,
) -> LoadOutcome:
    """Divide `arrival` into accepted rows, exact duplicates and quarantined rows.

    One look says whether any row is bad or repeated; most files have few of either, and only those rows cost more.
    """
    rules = violations(declaration, loaded_at, look)
    con.execute(f"create or replace temp table suspects as select * from arrival where {is_suspicious(rules)}")
    con.execute(f"create or replace temp table bad as select _row_number from suspects where {is_unloadable(rules)}")
    rows = _typed_rows(declaration, plain_value) + " from arrival"
    if count_rows(con, "suspects"):
        rows += " where _row_number not in (select _row_number from suspects) union all "
        rows += _typed_rows(declaration, typed_value) + " from suspects where _row_number not in (from bad)"
    con.execute(f"create or replace temp view loadable as {rows}")
    duplicates = find_duplicates(con, declaration, raw_table(declaration))
    with any_row_order(con):  # row numbers say the order; keeping it in the table would have every row written twice
        con.execute(
            f"insert into {raw_table(declaration)} by name select {quote_literal(load_id)} as _load_id,"
            f" {quote_literal(file.name)} as _file, cast(? as timestamp) as _loaded_at, * from loadable"
            + (" where _row_number not in (from repeated)" if duplicates else ""),
            [first_loaded_at],
        )
    con.execute(
        "insert into raw.quarantine select ?, ?, ?, ?, _row_number, _violations[1].column_name, _violations[1].rule,"
        " array_to_string(list_transform(_violations, lambda violation: violation.message), '; '), _whole, ?"
        f" from (select _row_number, {violation_list(rules)} as _violations, {whole_row(declaration)} as _whole"
        " from suspects where _row_number in (from bad)) order by _row_number",
        [load_id, declaration.system, declaration.name, file.name, loaded_at],
    )
    con.execute(
        "insert into raw.quarantine select ?, ?, ?, ?, row_number, column_name, rule, message, raw, ?"
        " from rejected order by row_number",
        [load_id, declaration.system, declaration.name, file.name, loaded_at],
    )
    readable, rejected, bad = count_rows(con, "delivered"), count_rows(con, "rejected"), count_rows(con, "bad")
    return LoadOutcome(
        load_id,
        file.name,
        status,
        rows_read=readable + rejected,
        rows_accepted=readable - bad - duplicates,
        rows_duplicate=duplicates,
        rows_quarantined=bad + rejected,
    )


def _typed_rows(declaration: SourceObject, value: Callable[[str, SourceObject], str]) -> str:
    typed = ", ".join(f"{value(title, declaration)} as {quote_identifier(title)}" for title in declaration.columns)
    return f"select _row_number, _undeclared, {is_deletion(declaration)} as _deleted, {typed}"


def _log(
    con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile, outcome: LoadOutcome, loaded_at: datetime
) -> None:
    con.execute(
        "insert into raw.load_log (load_id, source_system, source_object, file, file_hash, status, message, rows_read,"
        " rows_accepted, rows_duplicate, rows_quarantined, records_deleted, loaded_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
            outcome.records_deleted,
            loaded_at,
        ],
    )
