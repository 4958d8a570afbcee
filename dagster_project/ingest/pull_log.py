"""The log of pulls: one row of `raw.pull_log` for each time a source was asked, and a refusal beside those of files.

Belongs here: writing that down, and how long ago a source answered. Does not belong here: pulling (pull.py), loading what
was landed (load.py).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.pull import Pulled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PULL_NAMESPACE = uuid.UUID("0f2f7c1e-7c0c-4a63-9a0c-2a6b3f0f5d10")


def log_pull(
    con: DuckDBPyConnection, declaration: SourceObject, outcome: Pulled | DeliveryRefused, pulled_at: datetime
) -> None:
    """Log what became of a pull at `pulled_at` (UTC, without offset); `raw.load_log` must exist.

    A refused pull stands in `raw.load_log` as well, like a refused file, until a later one is answered.
    """
    con.execute("begin")
    try:
        _log(con, declaration, outcome, pulled_at)
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise


def last_answer(con: DuckDBPyConnection, declaration: SourceObject) -> datetime | None:
    """When the source last answered a pull of this object, in UTC; None when it never did."""
    create_pull_log(con)
    row = con.execute(
        "select max(pulled_at) from raw.pull_log where source_system = ? and source_object = ? and status <> 'refused'",
        [declaration.system, declaration.name],
    ).fetchone()
    return row[0] if row else None


def endpoint(declaration: SourceObject) -> str:
    """What is asked, such as zoho:Contacts; in the load log it stands in the place of the file."""
    assert declaration.pull is not None
    return f"{declaration.pull.connector}:{declaration.pull.source}"


def create_pull_log(con: DuckDBPyConnection) -> None:
    """Create `raw.pull_log` where it is missing."""
    con.execute(
        "create table if not exists raw.pull_log (source_system varchar, source_object varchar, endpoint varchar,"
        " status varchar, message varchar, file varchar, rows_landed bigint, rows_known bigint, pulled_at timestamp)"
    )


def _log(
    con: DuckDBPyConnection, declaration: SourceObject, outcome: Pulled | DeliveryRefused, pulled_at: datetime
) -> None:
    create_pull_log(con)
    place = [declaration.system, declaration.name, endpoint(declaration)]
    if isinstance(outcome, Pulled):
        status = "landed" if outcome.file else "nothing new"
        result = [status, "", outcome.file.name if outcome.file else None, outcome.rows, outcome.known]
    else:
        result = ["refused", str(outcome), None, 0, 0]
    con.execute("insert into raw.pull_log values (?, ?, ?, ?, ?, ?, ?, ?, ?)", [*place, *result, pulled_at])
    con.execute(
        "update raw.load_log set status = 'superseded' where source_system = ? and source_object = ? and file = ?"
        " and status = 'refused'",
        place,
    )
    if not isinstance(outcome, Pulled):
        load_id = str(uuid.uuid5(PULL_NAMESPACE, f"{declaration.qualified_name}|{place[2]}|{pulled_at.isoformat()}"))
        con.execute(
            "insert into raw.load_log by name select ? as load_id, ? as source_system, ? as source_object, ? as file,"
            " 'refused' as status, ? as message, 0 as rows_read, 0 as rows_accepted, 0 as rows_duplicate,"
            " 0 as rows_quarantined, cast(? as timestamp) as loaded_at",
            [load_id, *place, str(outcome), pulled_at],
        )
