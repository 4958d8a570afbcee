"""Which golden ID a record had when: one row per record and uninterrupted period, kept for good.

Belongs here: opening and closing periods when golden IDs are assigned, and the question for a day. Does not belong here: which
ID a record gets (``golden_ids``), and where a retired ID leads (the view of redirects).

``membership``: ``record_key``, ``period`` (1, 2, ... of the record), ``golden_id``, ``valid_from``, ``valid_to`` (the moment after,
NULL while it holds), ``from_run`` and ``to_run`` (the linkage runs that opened and closed it). Times are business times: the
``as_of`` of the run. Periods of a record do not overlap; one that was opened and closed at the same business time is empty.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEMBERSHIP = "linkage.golden_id_membership"


def create_membership(con: DuckDBPyConnection, membership: str, assignment: str) -> None:
    """Create the table if it is missing. In a warehouse that had none, periods begin where the assignments say."""
    schema, _, name = membership.rpartition(".")
    known = con.execute(
        "select 1 from duckdb_tables() where table_name = ? and (schema_name = ? or ? = '')", [name, schema, schema]
    ).fetchone()
    if known is not None:
        return
    if schema:
        con.execute(f"create schema if not exists {schema}")
    con.execute(
        f"create table {membership} (record_key varchar not null, period integer not null, golden_id varchar not null, "
        "valid_from timestamp not null, valid_to timestamp, from_run varchar, to_run varchar)"
    )
    con.execute(
        f"insert into {membership} select record_key, 1, golden_id, linked_since, null, null, null from {assignment} "
        "order by record_key"
    )


def update_membership(
    con: DuckDBPyConnection, membership: str, changes: str, run_id: str, as_of: date | datetime
) -> None:
    """Close and open the periods of ``changes`` (record_key, old_id, new_id; NULL where it had, or has, none).

    A run with an earlier business time than the last cannot end a period before its beginning: it ends when it began.
    """
    con.execute(
        f"""create or replace temp table membership_opened as
        select c.record_key, coalesce(max(m.period), 0) + 1 as period, c.new_id as golden_id,
            greatest(max(coalesce(m.valid_to, m.valid_from)), ?::timestamp) as valid_from
        from {changes} as c left join {membership} as m using (record_key)
        where c.new_id is not null
        group by c.record_key, c.new_id""",
        [as_of],
    )
    con.execute(
        f"""update {membership} as m set valid_to = greatest(m.valid_from, ?::timestamp), to_run = ?
        from {changes} as c where m.record_key = c.record_key and m.valid_to is null and c.old_id is not null""",
        [as_of, run_id],
    )
    con.execute(
        f"""insert into {membership}
        select record_key, period, golden_id, valid_from, null, ?, null from membership_opened order by record_key""",
        [run_id],
    )
    con.execute("drop table membership_opened")


def golden_id_on(
    con: DuckDBPyConnection, record_key: str, moment: date | datetime, membership: str = MEMBERSHIP
) -> str | None:
    """The golden ID that the record had at the moment, a business date or time in UTC; NULL (None) where it had none."""
    row = con.execute(
        f"""select golden_id from {membership}
        where record_key = ? and valid_from <= ?::timestamp and (valid_to > ?::timestamp or valid_to is null)""",
        [record_key, moment, moment],
    ).fetchone()
    return row[0] if row else None
