"""Candidate pairs and clusters kept up to date: only what changed records touch is computed, with the result of a full run.

Belongs here: whether an increment is possible, the state it starts from, one transaction per step. Does not belong here: what
an increment does to pairs (``increment_pairs``) and clusters (``increment_clusters``), nor what a full run does (``scoring``,
``clustering``).

With the statistics frozen in the model (``reference``) linking is local: a set of records that no pair, block, shared value
or decision connects with the others is linked as if the others were not there. An increment finds the records that a change
reaches, calls the functions of the full run on these, and puts their rows in the place of the old ones. Any sequence of
increments therefore ends in the rows of one full run with the same model.

State, in the schema ``linkage``:

- ``state`` (part, identity): which model and code the pairs and the clusters were made with.
- ``state_<party type>_records``: the prepared records that ``candidate_pairs`` was made of, with a hash of each.
- ``state_large_blocks`` (party_type, rule, h, members): blocks that are not used because they are too large.
- ``state_pending`` (record_key): records reached by changes of pairs that the clusters do not know of yet.
- ``state_clusters`` (party_type, number, record_key, core, final, held): the cluster of each record before and after bare
  records are attached, named by the number of its first record; numbers are those of ``state_<party type>_records``.
- ``state_decisions``: the decisions that the clusters were made with.

Each step reads and writes its part of the state in the transaction that changes its result. A run that is killed leaves the
state of the last whole step, and the next run goes on from there.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.increment_clusters import update_clusters
from dagster_project.linkage.increment_pairs import find_changes, update_pairs
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.scoring import score_pairs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel

# Beyond this share of changed records a full run is not slower.
LARGEST_CHANGED_SHARE = 0.1


@dataclass(frozen=True)
class LinkageStep:
    """How a step was done: ``mode`` 'full' or 'increment', why not an increment, and the records it was about."""

    mode: str
    reason: str
    changed: int
    """Pairs: records added, changed or deleted. Clusters: records whose component was judged again."""
    rows: int


def link_pairs(
    con: DuckDBPyConnection,
    model: LinkageModel,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.candidate_pairs",
    progress: Callable[[str], None] = print,
    largest_changed_share: float = LARGEST_CHANGED_SHARE,
) -> LinkageStep:
    """Bring ``output`` (see ``scoring.score_pairs``) up to date with the records, in one transaction.

    As an increment when the model and the code are those of the last run and at most ``largest_changed_share`` of the records
    have changed since, else in full; the rows are the same. The connection must not be inside a transaction.
    """
    with _transaction(con):
        _create_state(con)
        reason, changed = _why_not_pairs(con, model, records, output, largest_changed_share)
        if reason:
            _all_pairs(con, model, records, output, progress)
        else:
            for party_model in model.parties:
                update_pairs(con, party_model, records, output)
            progress(f"linkage scoring: an increment of {changed:,} records")
        _forget(con)
        rows = con.execute(f"select count(*) from {output}").fetchall()[0][0]
    return LinkageStep("full" if reason else "increment", reason, changed, rows)


def link_clusters(
    con: DuckDBPyConnection,
    model: LinkageModel,
    records: str = "standardized.std_customer_records",
    pairs: str = "linkage.candidate_pairs",
    decisions: str | None = None,
    output: str = "linkage.clusters",
    review: str = "linkage.review_candidates",
    progress: Callable[[str], None] = print,
) -> LinkageStep:
    """Bring ``output`` and ``review`` (see ``clustering.cluster``) up to date with pairs and decisions, in one transaction.

    As an increment when the state knows what has changed in the pairs since, else in full; the rows are the same. The
    connection must not be inside a transaction.
    """
    with _transaction(con):
        _create_state(con)
        reason = _why_not_clusters(con, model, output, review)
        if reason:
            kept = "party_type varchar, record_key varchar, i int, core int, final int, held boolean"
            con.execute(f"create or replace temp table linkage_kept ({kept})")
            cluster(con, model, records, pairs, decisions, output, review, progress, kept="linkage_kept")
            _keep_clusters(con, model)
            _keep_decisions(con, decisions)
            changed = con.execute(f"select count(*) from {output}").fetchall()[0][0]
        else:
            changed = update_clusters(con, model, pairs, decisions, output, review, progress)
            _keep_decisions(con, decisions)
            progress(f"linkage clustering: an increment that reached {changed:,} records")
        rows = con.execute(f"select count(distinct cluster_id) from {output}").fetchall()[0][0]
    return LinkageStep("full" if reason else "increment", reason, changed, rows)


@contextmanager
def _transaction(con: DuckDBPyConnection) -> Iterator[None]:
    con.begin()
    try:
        yield
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _create_state(con: DuckDBPyConnection) -> None:
    con.execute("create schema if not exists linkage")
    con.execute("create table if not exists linkage.state (part varchar, identity varchar)")
    con.execute(
        "create table if not exists linkage.state_large_blocks "
        "(party_type varchar, rule utinyint, h ubigint, members bigint)"
    )
    con.execute("create table if not exists linkage.state_pending (record_key varchar)")
    con.execute(
        "create table if not exists linkage.state_clusters "
        "(party_type varchar, number bigint, record_key varchar, core bigint, final bigint, held boolean)"
    )
    con.execute(
        "create table if not exists linkage.state_decisions "
        "(record_key_l varchar, record_key_r varchar, decision varchar)"
    )


def _why_not_pairs(
    con: DuckDBPyConnection, model: LinkageModel, records: str, output: str, largest_changed_share: float
) -> tuple[str, int]:
    """The reason for a full run, empty when an increment will do, and the number of changed records where it is known."""
    known = _remembered(con, "pairs")
    if known is None or not _exists(con, output):
        return "there is no earlier run to start from", 0
    if known != _identity(model):
        return "the model or the code has changed", 0
    changed = total = 0
    for party in PARTIES:
        party_model = model.party(party.party_type)
        if party_model is None:
            if prepare_records(con, party, records):
                return f"the model knows no {party.party_type}", 0
            continue
        party_changed, party_total = find_changes(con, party, records)
        changed, total = changed + party_changed, total + party_total
    if changed > largest_changed_share * total:
        return f"{changed:,} of {total:,} records have changed", changed
    return "", changed


def _why_not_clusters(con: DuckDBPyConnection, model: LinkageModel, output: str, review: str) -> str:
    known = _remembered(con, "clusters")
    if known is None or not _exists(con, output) or not _exists(con, review):
        return "there is no earlier run to start from"
    if known != _identity(model) or _remembered(con, "pairs") != known:
        return "the model or the code has changed"
    return ""


def _all_pairs(
    con: DuckDBPyConnection, model: LinkageModel, records: str, output: str, progress: Callable[[str], None]
) -> None:
    score_pairs(con, model, records, output, progress)
    con.execute("delete from linkage.state_large_blocks")
    con.execute("delete from linkage.state_pending")
    _remember(con, "clusters", None)
    complete = True
    for party in PARTIES:
        con.execute(f"drop table if exists linkage.state_{party.party_type}_records")
        party_model = model.party(party.party_type)
        count = prepare_records(con, party, records, party_model.reference if party_model else None)
        if party_model is None:
            complete = complete and not count
            continue
        kept = f"linkage_{party.party_type}_records"
        con.execute(
            f"create table linkage.state_{party.party_type}_records as "
            f"select i::bigint as number, * exclude (i) from {kept}"
        )
        con.execute(
            f"insert into linkage.state_large_blocks select '{party.party_type}', rule, h, members "
            f"from linkage_{party.party_type}_large_blocks"
        )
    _remember(con, "pairs", _identity(model) if complete else None)


def _keep_clusters(con: DuckDBPyConnection, model: LinkageModel) -> None:
    """Fill ``linkage.state_clusters``, unless pairs of another model, or of other records, make the next run a full one."""
    con.execute("delete from linkage.state_clusters")
    con.execute("delete from linkage.state_pending")
    known = _remembered(con, "pairs") == _identity(model)
    for party in model.parties if known else ():
        state = f"linkage.state_{party.party_type}_records"
        con.execute(
            f"""create or replace temp table linkage_number as
            select k.i, s.number, k.record_key, k.core, k.final, k.held
            from (from linkage_kept where party_type = '{party.party_type}') as k full join {state} as s using (record_key)"""
        )
        known = (
            known
            and not con.execute("select 1 from linkage_number where i is null or number is null limit 1").fetchone()
        )
        con.execute(
            f"""insert into linkage.state_clusters
            select '{party.party_type}', n.number, n.record_key, c.number, f.number, n.held
            from linkage_number as n join linkage_number as c on c.i = n.core join linkage_number as f on f.i = n.final"""
        )
        con.execute("drop table linkage_number")
    con.execute("drop table linkage_kept")
    _remember(con, "clusters", _identity(model) if known else None)


def _forget(con: DuckDBPyConnection) -> None:
    for party in PARTIES:
        con.execute(f"drop table if exists linkage_{party.party_type}_change")


def _keep_decisions(con: DuckDBPyConnection, decisions: str | None) -> None:
    con.execute("delete from linkage.state_decisions")
    if decisions is not None:
        con.execute(f"insert into linkage.state_decisions select record_key_l, record_key_r, decision from {decisions}")


def _remembered(con: DuckDBPyConnection, part: str) -> str | None:
    row = con.execute("select identity from linkage.state where part = ?", [part]).fetchone()
    return row[0] if row else None


def _remember(con: DuckDBPyConnection, part: str, identity: str | None) -> None:
    con.execute("delete from linkage.state where part = ?", [part])
    if identity is not None:
        con.execute("insert into linkage.state values (?, ?)", [part, identity])


def _exists(con: DuckDBPyConnection, table: str) -> bool:
    schema, _, name = table.rpartition(".")
    found = con.execute(
        "select 1 from duckdb_tables() where table_name = ? and (schema_name = ? or ? = '')", [name, schema, schema]
    ).fetchone()
    return found is not None


def _identity(model: LinkageModel) -> str:
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
