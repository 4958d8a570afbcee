"""Snapshots: a record that the newest snapshot no longer holds has been deleted at the source.

Its deletion is one more version of the record: a row of the raw table with the key, `_deleted` true and no row number,
because no row of the file says it. Belongs here: making and removing these. Does not belong here: deletions that a row
of a delivery states itself (the declaration's deletion_marker).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile
from dagster_project.ingest.typed import typed_value
from dagster_project.warehouse import quote_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def mark_deleted_records(
    con: DuckDBPyConnection, declaration: SourceObject, file: DeliveredFile, load_id: str, loaded_at: datetime
) -> int:
    """Compare the raw table with `arrival`, the newest snapshot; returns how many records are deleted by it.

    A row in quarantine still says that its record exists. Raises DeliveryRefused when more than `deletion_limit` of
    the records would go: then the snapshot is more likely to be incomplete than the customers to be gone.
    """
    table = f"raw.{quote_identifier(declaration.table)}"
    keys = ", ".join(quote_identifier(title) for title in declaration.key)
    same = " and ".join(f"held.{quote_identifier(t)} = known.{quote_identifier(t)}" for t in declaration.key)
    typed = ", ".join(f"{typed_value(title, declaration)} as {quote_identifier(title)}" for title in declaration.key)
    con.execute(f"create or replace temp table held as select distinct {typed} from arrival")
    # What an earlier snapshot lacked and this one holds is back.
    con.execute(
        f"delete from {table} as known where _deleted and _row_number is null"
        f" and exists (select 1 from held where {same})"
    )
    newest = f"max({quote_identifier(declaration.cursor)})" if declaration.cursor else "null"
    con.execute(
        f"create or replace temp table gone as select {keys}, {newest} as _cursor from {table} as known"
        f" where not exists (select 1 from held where {same}) group by {keys} having not bool_or(coalesce(_deleted, false))"
    )
    counts = con.execute(
        f"select (select count(*) from gone), (select count(*) from (select distinct {keys} from {table}))"
    )
    row = counts.fetchone()
    assert row is not None
    gone, known = row
    if gone > max(1, declaration.deletion_limit * known):
        raise DeliveryRefused(
            file.name,
            f"is a snapshot without {gone:,} of the {known:,} records known so far; more than"
            f" {declaration.deletion_limit:.0%} are not deleted at once",
            "Ask the source whether it is complete; when it is, raise `deletion_limit` in the declaration.",
        )
    cursor = f", _cursor as {quote_identifier(declaration.cursor)}" if declaration.cursor else ""
    con.execute(
        f"insert into {table} by name select cast(? as varchar) as _load_id, cast(? as varchar) as _file,"
        f" cast(? as timestamp) as _loaded_at, true as _deleted, {keys}{cursor} from gone order by all",
        [load_id, file.name, loaded_at],
    )
    return int(gone)
