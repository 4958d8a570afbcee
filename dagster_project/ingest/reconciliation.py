"""Reconciliation: what was read is accepted, a duplicate, or in quarantine; nothing else can happen to a row.

Does not belong here: loading (load.py) and how the result is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.load import create_raw_tables
from dagster_project.warehouse import count_rows

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class SourceTotals:
    """Rows of one source object over all loads in force; refused files are counted apart and have no rows."""

    source: str
    files: int
    files_refused: int
    rows_read: int
    rows_accepted: int
    rows_duplicate: int
    rows_quarantined: int


def reconcile(con: DuckDBPyConnection, objects: Sequence[SourceObject]) -> tuple[list[SourceTotals], list[str]]:
    """Totals per source object, and a line per imbalance: in the log itself, or between the log and the tables."""
    totals: list[SourceTotals] = []
    problems: list[str] = []
    for item in objects:
        create_raw_tables(con, item)
        row = con.execute(
            "select count(*) filter (status <> 'refused'), count(*) filter (status = 'refused'),"
            " coalesce(sum(rows_read), 0)::bigint, coalesce(sum(rows_accepted), 0)::bigint,"
            " coalesce(sum(rows_duplicate), 0)::bigint, coalesce(sum(rows_quarantined), 0)::bigint"
            " from raw.load_log where source_system = ? and source_object = ? and status <> 'superseded'",
            [item.system, item.name],
        ).fetchone()
        assert row is not None
        total = SourceTotals(item.qualified_name, *row)
        totals.append(total)
        if total.rows_read != total.rows_accepted + total.rows_duplicate + total.rows_quarantined:
            problems.append(f"{total.source}: {total.rows_read} rows read are not all accounted for: {total}")
        # Without a row number a row says that a snapshot no longer holds a record; no file delivered it.
        stored = count_rows(con, f'raw."{item.table}" where _row_number is not null')
        if stored != total.rows_accepted:
            problems.append(f"{total.source}: {total.rows_accepted} rows accepted, but raw.{item.table} has {stored}")
        kept = con.execute(
            "select count(*) from raw.quarantine where source_system = ? and source_object = ?",
            [item.system, item.name],
        ).fetchone()
        if kept is None or kept[0] != total.rows_quarantined:
            problems.append(f"{total.source}: {total.rows_quarantined} rows quarantined, but {kept} are kept")
    return totals, problems
