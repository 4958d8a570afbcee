"""The identity of a linkage run: a hash of its inputs, so that a rerun over the same input is the same run.

Does not belong here: Dagster's run IDs, which differ each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def linkage_run_id(
    con: DuckDBPyConnection,
    model_version: str,
    *,
    records: str = "standardized.std_customer_records",
    decisions: str = "linkage.decisions",
    pins: str | None = None,
    as_of: str = "",
) -> str:
    """Hash over records (key and content), decisions and pins in force, model version and business date.

    Independent of row order. Without pins it is what it was before there were any.
    """
    pinned = con.execute(f"select record_key, golden_id from {pins} order by all").fetchall() if pins else []
    if pinned:
        as_of = f"{as_of}|{pinned}"
    row = con.execute(
        f"""
        select md5(
            (select coalesce(sum(('0x' || md5(record_key || record_hash)[1:15])::bigint::hugeint), 0)::varchar from {records})
            || '|' || (
                select coalesce(sum(('0x' || md5(record_key_l || '|' || record_key_r || decision)[1:15])::bigint::hugeint), 0)
                    ::varchar
                from {decisions}
            )
            || '|' || ? || '|' || ?
        )
    """,
        [model_version, as_of],
    ).fetchone()
    assert row is not None
    return str(row[0])
