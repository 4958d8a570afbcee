"""Candidate pairs and clusters kept up to date: only what changed records touch is computed, with the result of a full run.

Belongs here: whether an increment is possible, one transaction per step. Does not belong here: what an increment does to
pairs (``increment_pairs``) and clusters (``increment_clusters``), what it starts from (``state``), nor what a full run does
(``scoring``, ``clustering``).

With the statistics frozen in the model (``reference``) linking is local: a set of records that no pair, block, shared value
or decision connects with the others is linked as if the others were not there. An increment finds the records that a change
reaches, calls the functions of the full run on these, and puts their rows in the place of the old ones. Any sequence of
increments therefore ends in the rows of one full run with the same model.

Each step reads and writes its part of the state (``state``) in the transaction that changes its result. A run that is killed
leaves the state of the last whole step, and the next run goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.linkage.blocking import key_columns
from dagster_project.linkage.cluster_paths import write_cluster_paths
from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.golden_ids import GoldenIdSummary, carry_over
from dagster_project.linkage.increment_clusters import update_clusters
from dagster_project.linkage.increment_pairs import find_changes, update_pairs
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.state import (
    CLUSTERS,
    EXPLANATIONS,
    GOLDEN_IDS,
    PAIRS,
    create_state,
    done,
    done_in_full,
    done_with,
    identity,
    leave_to,
    pending,
    state_keys,
    state_records,
    transaction,
)

if TYPE_CHECKING:
    from datetime import date

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
    with transaction(con):
        create_state(con)
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
    with transaction(con):
        create_state(con)
        reason = _why_not_clusters(con, model, output, review)
        if reason:
            kept = "party_type varchar, record_key varchar, i int, component int, core int, final int, held boolean"
            con.execute(f"create or replace temp table linkage_kept ({kept})")
            cluster(con, model, records, pairs, decisions, output, review, progress, kept="linkage_kept")
            _keep_clusters(con, model)
            _keep_decisions(con, decisions)
            changed = con.execute(f"select count(*) from {output}").fetchall()[0][0]
        else:
            changed = update_clusters(con, model, pairs, decisions, output, review, progress)
            _keep_decisions(con, decisions)
            progress(f"linkage clustering: an increment that reached {changed:,} records")
        # A cluster has the name of one of its records.
        rows = con.execute(f"select count(*) from {output} where record_key = cluster_id").fetchall()[0][0]
    return LinkageStep("full" if reason else "increment", reason, changed, rows)


def link_golden_ids(
    con: DuckDBPyConnection, *, run_id: str, as_of: date, pins: str | None = None, clusters: str = "linkage.clusters"
) -> GoldenIdSummary:
    """Carry the golden IDs over to the clusters (see ``golden_ids.assign_golden_ids``), in one transaction.

    Looks at the customers of records left by ``link_clusters`` alone where all others are known to be as they were.
    """
    with transaction(con):
        create_state(con)
        is_known = done_with(con, GOLDEN_IDS) is not None
        changed = pending(GOLDEN_IDS) if is_known else None
        summary = carry_over(con, clusters, run_id, as_of, pins=pins, changed=changed)
        if is_known:
            done(con, GOLDEN_IDS)
            leave_to(con, EXPLANATIONS, "from temp.golden_change")
        else:
            done_in_full(con, GOLDEN_IDS, done_with(con, CLUSTERS))
    return summary


def link_explanations(
    con: DuckDBPyConnection,
    model: LinkageModel,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.cluster_paths",
) -> int:
    """Bring ``output`` (see ``cluster_paths.write_cluster_paths``) up to date, in one transaction; return the number of rows."""
    with transaction(con):
        create_state(con)
        is_known = done_with(con, EXPLANATIONS) == identity(model) and _exists(con, output)
        changed = pending(EXPLANATIONS) if is_known else None
        rows = write_cluster_paths(con, model, records=records, output=output, changed=changed)
        if is_known:
            done(con, EXPLANATIONS)
        else:
            done_in_full(con, EXPLANATIONS, done_with(con, GOLDEN_IDS))
    return rows


def _why_not_pairs(
    con: DuckDBPyConnection, model: LinkageModel, records: str, output: str, largest_changed_share: float
) -> tuple[str, int]:
    """The reason for a full run, empty when an increment will do, and the number of changed records where it is known."""
    known = done_with(con, PAIRS)
    if known is None or not _exists(con, output):
        return "there is no earlier run to start from", 0
    if known != identity(model):
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
    known = done_with(con, CLUSTERS)
    if known is None or not _exists(con, output) or not _exists(con, review):
        return "there is no earlier run to start from"
    if known != identity(model) or done_with(con, PAIRS) != known:
        return "the model or the code has changed"
    return ""


def _all_pairs(
    con: DuckDBPyConnection, model: LinkageModel, records: str, output: str, progress: Callable[[str], None]
) -> None:
    score_pairs(con, model, records, output, progress)
    con.execute("delete from linkage.state_large_blocks")
    complete = True
    for party in PARTIES:
        state, keys = state_records(party.party_type), state_keys(party.party_type)
        for table in (state, keys):
            con.execute(f"drop table if exists {table}")
        party_model = model.party(party.party_type)
        count = prepare_records(con, party, records, party_model.reference if party_model else None)
        if party_model is None:
            complete = complete and not count
            continue
        kept = f"linkage_{party.party_type}_records"
        con.execute(f"create table {state} as select i::bigint as number, * exclude (i) from {kept} order by i")
        con.execute(
            f"create table {keys} as select number, {key_columns(party.party_type)} from {state} order by number"
        )
        con.execute(
            f"insert into linkage.state_large_blocks select '{party.party_type}', rule, h, members "
            f"from linkage_{party.party_type}_large_blocks"
        )
    done_in_full(con, PAIRS, identity(model) if complete else None)


def _keep_clusters(con: DuckDBPyConnection, model: LinkageModel) -> None:
    """Fill ``linkage.state_members``, unless pairs of another model, or of other records, make the next run a full one."""
    con.execute("delete from linkage.state_members")
    known = done_with(con, PAIRS) == identity(model)
    for party in model.parties if known else ():
        state = state_records(party.party_type)
        con.execute(
            f"""create or replace temp table linkage_number as
            select k.i, s.number, k.record_key, k.component, k.core, k.final, k.held
            from (from linkage_kept where party_type = '{party.party_type}') as k full join {state} as s using (record_key)"""
        )
        known = (
            known
            and not con.execute("select 1 from linkage_number where i is null or number is null limit 1").fetchone()
        )
        con.execute(
            f"""insert into linkage.state_members
            select '{party.party_type}', n.number, n.record_key, m.number, c.number, f.number, n.held
            from linkage_number as n join linkage_number as m on m.i = n.component
            join linkage_number as c on c.i = n.core join linkage_number as f on f.i = n.final
            order by n.number"""
        )
        con.execute("drop table linkage_number")
    con.execute("drop table linkage_kept")
    done_in_full(con, CLUSTERS, identity(model) if known else None)


def _forget(con: DuckDBPyConnection) -> None:
    for party in PARTIES:
        con.execute(f"drop table if exists linkage_{party.party_type}_change")


def _keep_decisions(con: DuckDBPyConnection, decisions: str | None) -> None:
    con.execute("delete from linkage.state_decisions")
    if decisions is not None:
        con.execute(f"insert into linkage.state_decisions select record_key_l, record_key_r, decision from {decisions}")


def _exists(con: DuckDBPyConnection, table: str) -> bool:
    schema, _, name = table.rpartition(".")
    found = con.execute(
        "select 1 from duckdb_tables() where table_name = ? and (schema_name = ? or ? = '')", [name, schema, schema]
    ).fetchone()
    return found is not None
