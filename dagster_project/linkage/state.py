"""What a linkage run leaves for the next one: the tables ``linkage.state*``.

Belongs here: creating them, which model and code each step was done with, what a step leaves to do for the later ones, and
reading chosen prepared records. Does not belong here: whether a step may be an increment, and the steps (``incremental``).

- ``state`` (part, identity): which model and code each step was done with.
- ``state_<party type>_records``: the prepared records that ``candidate_pairs`` was made of, with a hash of each.
- ``state_<party type>_keys``: hashes of their blocking keys, by ``number`` (``blocking.key_columns``).
- ``state_large_blocks`` (party_type, rule, h, members): blocks that are not used because they are too large.
- ``state_to_do`` (step, record_key): records reached by changes that a later step does not know of yet.
- ``state_members`` (party_type, number, record_key, component, core, final, held): the component of each record, and its
  cluster before and after bare records are attached, each named by the number of its first record; numbers are those of
  ``state_<party type>_records``.
- ``state_decisions``: the decisions that the clusters were made with.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.linkage.guards import read_guards

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel

# The steps of a run, each of which starts from what the one before has changed.
PAIRS, CLUSTERS, GOLDEN_IDS, EXPLANATIONS = STEPS = ("pairs", "clusters", "golden IDs", "explanations")


@contextmanager
def transaction(con: DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end; whatever goes wrong within leaves everything as it was."""
    con.begin()
    try:
        yield
        con.commit()
    except BaseException:
        con.rollback()
        raise


def create_state(con: DuckDBPyConnection) -> None:
    """Create the tables that are missing."""
    con.execute("create schema if not exists linkage")
    con.execute("create table if not exists linkage.state (part varchar, identity varchar)")
    con.execute(
        "create table if not exists linkage.state_large_blocks "
        "(party_type varchar, rule utinyint, h ubigint, members bigint)"
    )
    con.execute("create table if not exists linkage.state_to_do (step varchar, record_key varchar)")
    con.execute(
        "create table if not exists linkage.state_members "
        "(party_type varchar, number bigint, record_key varchar, component bigint, core bigint, final bigint, held boolean)"
    )
    con.execute(
        "create table if not exists linkage.state_decisions "
        "(record_key_l varchar, record_key_r varchar, decision varchar)"
    )


def state_records(party_type: str) -> str:
    """Name of the table of prepared records."""
    return f"linkage.state_{party_type}_records"


def state_keys(party_type: str) -> str:
    """Name of the table of blocking keys."""
    return f"linkage.state_{party_type}_keys"


def done_with(con: DuckDBPyConnection, step: str) -> str | None:
    """Identity of the model and code that ``step`` was done with, None where the next run must do it in full."""
    row = con.execute("select identity from linkage.state where part = ?", [step]).fetchone()
    return row[0] if row else None


def done_in_full(con: DuckDBPyConnection, step: str, identity: str | None) -> None:
    """Note ``step`` as done with ``identity``, None where no increment may follow. Later steps must be done in full now."""
    later = list(STEPS[STEPS.index(step) :])
    con.execute("delete from linkage.state where list_contains(?, part)", [later])
    con.execute("delete from linkage.state_to_do where list_contains(?, step)", [later])
    if identity is not None:
        con.execute("insert into linkage.state values (?, ?)", [step, identity])


def leave_to(con: DuckDBPyConnection, step: str, record_keys: str) -> None:
    """Note that the records of the query ``record_keys`` have changed for ``step``."""
    con.execute(f"insert into linkage.state_to_do select '{step}', record_key from ({record_keys})")


def pending(step: str) -> str:
    """SQL of (record_key): the records that were left to ``step``."""
    return f"(select distinct record_key from linkage.state_to_do where step = '{step}')"


def done(con: DuckDBPyConnection, step: str) -> None:
    """Forget what was left to ``step``."""
    con.execute("delete from linkage.state_to_do where step = ?", [step])


def create_numbered(con: DuckDBPyConnection, table: str, records: str, chosen: str) -> None:
    """Create ``table``: of ``records`` those whose number is ``chosen``, with ``i`` in content order as in a full run.

    With what is compared; columns that only tell how the records came about are left out.
    """
    shared = ", ".join(f"shared_{n}" for n in range(len(read_guards().shared_values)))
    con.execute(
        f"""create or replace temp table {table} as
        with place as (
            select number, (row_number() over (order by content, record_key) - 1)::int as i
            from {records} where number in ({chosen})
        )
        select place.i, r.* exclude (content, source_hash, {shared}) from {records} as r join place using (number)"""
    )


def identity(model: LinkageModel) -> str:
    """What must be the same for an increment: the model, the code, the libraries that compute with it."""
    return f"{model.version} {_code_version()}"


@functools.cache
def _code_version() -> str:
    """Hash of this package's code and declarations and of the versions of the libraries that compute with it."""
    digest = hashlib.sha256()
    for path in sorted([*Path(__file__).parent.glob("*.py"), *Path(__file__).parent.glob("*.yml")]):
        digest.update(path.read_bytes())
    for library in ("duckdb", "numpy", "splink", "nicknames"):
        digest.update(f"{library} {version(library)}".encode())
    return digest.hexdigest()[:16]
