"""Golden IDs: the lasting identity of a customer, kept while clusters, models and sources change.

Belongs here: matching a run's clusters to the golden IDs of the run before, issuing new IDs, retiring, reviving and
redirecting old ones, and the log of all that. Does not belong here: deciding which records are the same customer
(clustering), and choosing the values a customer is shown with (dbt, layer golden).

A golden ID never depends on the linker's cluster labels, on row order or on personal data. Five relations hold
the state:

- assignment `(record_key, golden_id, linked_since, linked_seq)`: one row per source record that is in the input now;
  `linked_seq` is the number of the newest event when the record got its ID.
- registry `(golden_id, status, created_run, created_at, generation, successor_golden_id)`: one row per ID issued.
- history `(event_seq, run_id, as_of, golden_id, event, record_key, other_golden_id, cause)`: append-only.
- redirects `(golden_id, current_golden_id)`: a view, one row per ID ever issued, successors resolved to the end.
- membership: which ID each record had when, see the module of that name.

An event happens to `golden_id`; `other_golden_id` is its counterpart:

| event | golden_id | other_golden_id | record_key |
|---|---|---|---|
| created | the new ID | NULL | NULL |
| revived | a retired ID, active again | the ID most of its records came from, or NULL | NULL |
| split | an ID that lost records | the created or revived ID that holds them now | NULL |
| merged | the absorbed ID | the ID that holds its records now | NULL |
| retired | an ID without records | its successor, or NULL when its records left the input | NULL |
| moved | the ID the record left | the ID the record has now, or NULL when it left the input | the record |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.linkage.membership import MEMBERSHIP, create_membership, update_membership
from dagster_project.linkage.state import transaction

if TYPE_CHECKING:
    from datetime import date

    from duckdb import DuckDBPyConnection

# The namespace of all golden IDs (RFC 9562, section 5.5). Changing it changes every ID that will ever be issued.
NAMESPACE = "6f1d3c52-9b8e-4f0a-a7c4-2e5d80b91f37"

# Candidates that nothing else competes for are accepted in SQL; the contested ones are walked in Python in this order.
# `restored_seq` is set where a cluster is exactly what the ID held before its last change: undoing that change, whatever
# it was, gives the ID back. `settled` equals `shared`, except where an ID that absorbed others comes apart: there the
# records it had before the merge count first, so that an unmerge gives every customer its own ID back, whatever joined
# in between.
_ORDER = "pinned desc, restored_seq desc nulls last, settled desc, shared desc, created_at, smallest_key, golden_id"


@dataclass(frozen=True)
class GoldenIdSummary:
    """What one call changed: events logged by kind, and the totals after it."""

    records: int
    golden_ids: int
    created: int
    revived: int
    split: int
    merged: int
    retired: int
    moved: int
    pins_ignored: int
    """Pins that name a record outside the input or an ID never issued; they take effect once both exist."""


def assign_golden_ids(
    con: DuckDBPyConnection,
    clusters: str = "linkage.clusters",
    *,
    run_id: str,
    as_of: date,
    assignment: str = "linkage.golden_id_assignment",
    registry: str = "linkage.golden_ids",
    history: str = "linkage.golden_id_history",
    redirects: str = "linkage.golden_id_redirects",
    membership: str = MEMBERSHIP,
    pins: str | None = None,
) -> GoldenIdSummary:
    """Carry the golden IDs of the previous run over to this run's clusters, in one transaction.

    `clusters` has one row per source record: `record_key`, `cluster_id` (any label). `pins`, where given, is a relation
    `(record_key, golden_id)` of steward decisions: the customer that holds the record keeps that ID. `as_of` (a date or
    a timestamp in UTC) is the only time written. The other names are the relations described above; they are created
    when missing and, apart from the append-only history, hold the state after the call.

    Candidate pairs of a cluster and a previous ID come from the source records they share. They are sorted by steward
    pin, shared records (descending), age of the ID (older first) and smallest shared record key, and accepted greedily
    one to one. Where customers come apart or together, a cluster that is exactly what an ID, active or retired, held
    before its last change comes before all but pins. Where an ID that absorbed others comes apart, the records it had
    before the merge count first. A cluster left over revives a retired ID whose last records it holds, in the same
    order of preference; otherwise it gets a new ID. The same clusters again change nothing and log nothing.

    `run_id` names the run in the history. Two runs in succession with different clusters need different ones: the
    history is told apart into runs by it.

    Raises ValueError when a record or cluster label is NULL or a record occurs twice. Any failure leaves all relations
    as they were. The connection must not be inside a transaction.
    """
    with transaction(con):
        return carry_over(con, clusters, run_id, as_of, assignment, registry, history, redirects, membership, pins=pins)


def carry_over(
    con: DuckDBPyConnection,
    clusters: str,
    run_id: str,
    as_of: date,
    assignment: str = "linkage.golden_id_assignment",
    registry: str = "linkage.golden_ids",
    history: str = "linkage.golden_id_history",
    redirects: str = "linkage.golden_id_redirects",
    membership: str = MEMBERSHIP,
    *,
    pins: str | None = None,
    changed: str | None = None,
) -> GoldenIdSummary:
    """What ``assign_golden_ids`` does, in the transaction of the caller.

    `changed`: a relation of the record keys that came, went, or whose cluster may consist of other records than at the last
    call; None where that is not known. Leaves `golden_change` (record_key, old_id, new_id): the records with another ID.
    """
    _create_relations(con, assignment, registry, history, redirects)
    create_membership(con, membership, assignment)
    concerned = (clusters, assignment)
    if changed is not None:
        concerned = _choose_concerned(con, clusters, assignment, pins, changed)
    _read_clusters(con, *concerned, pins)
    pins_ignored = _read_pins(con, pins, registry)
    _read_legacies(con, registry, history)
    _read_restorations(con, assignment, history)
    _reopen_restored(con, clusters, assignment)
    _match_active(con, registry)
    _match_retired(con, registry)
    _issue_new(con, registry)
    _find_changes(con)
    _update_registry(con, registry, run_id, as_of)
    events = _log_events(con, history, run_id, as_of)
    _update_assignment(con, assignment, history, as_of)
    update_membership(con, membership, "temp.golden_change", run_id, as_of)
    records, golden_ids = con.execute(
        f"select (select count(*) from {assignment}), (select count(*) from {registry} where status = 'active')"
    ).fetchall()[0]
    for table in (
        "clusters assigned current whole settled previous pin legacy restoration reopened candidate match pending flow "
        "retiring"
    ).split():
        con.execute(f"drop table if exists temp.golden_{table}")
    return GoldenIdSummary(records=records, golden_ids=golden_ids, pins_ignored=pins_ignored, **events)


def _create_relations(con: DuckDBPyConnection, assignment: str, registry: str, history: str, redirects: str) -> None:
    for name in (assignment, registry, history, redirects):
        if "." in name:
            con.execute(f"create schema if not exists {name.rpartition('.')[0]}")
    con.execute(
        f"create table if not exists {assignment} "
        "(record_key varchar not null, golden_id varchar not null, linked_since timestamp not null, "
        "linked_seq bigint default 0)"
    )
    # A warehouse from before the column existed keeps its IDs; its records count as linked before every event.
    con.execute(f"alter table {assignment} add column if not exists linked_seq bigint default 0")
    con.execute(
        f"create table if not exists {registry} "
        "(golden_id varchar not null, status varchar not null check (status in ('active', 'retired')), "
        "created_run varchar not null, created_at timestamp not null, generation integer not null, "
        "successor_golden_id varchar)"
    )
    con.execute(
        f"create table if not exists {history} "
        "(event_seq bigint not null, run_id varchar not null, as_of timestamp not null, golden_id varchar not null, "
        "event varchar not null, record_key varchar, other_golden_id varchar, cause varchar not null)"
    )
    # Successor edges lead from a retired ID to one that was active when the edge was written, and a revived ID loses
    # its edge, so a cycle cannot arise and the recursion ends.
    con.execute(f"""
        create or replace view {redirects} as
        with recursive path as (
            select golden_id, golden_id as current_golden_id from {registry}
            union all
            select path.golden_id, step.successor_golden_id
            from path
            inner join {registry} as step on path.current_golden_id = step.golden_id
            where step.successor_golden_id is not null
        )
        select path.golden_id, max(path.current_golden_id) filter (step.status = 'active') as current_golden_id
        from path
        inner join {registry} as step on path.current_golden_id = step.golden_id
        group by path.golden_id
    """)


def _choose_concerned(
    con: DuckDBPyConnection, clusters: str, assignment: str, pins: str | None, changed: str
) -> tuple[str, str]:
    """golden_clusters, golden_assigned: the rows of `clusters` and `assignment` that a call is about, given what has changed.

    Every cluster and ID with a changed record or a pin, and what these share records with. All others are one cluster and
    one ID of the same records, as the last call left them.
    """
    pinned = f"select record_key, golden_id from {pins}" if pins else "select null, null where false"
    con.execute(f"""
        create or replace temp table golden_clusters as
        with pin(record_key, golden_id) as ({pinned}),

        seed as (select record_key from {changed} union select record_key from pin),

        customer as (
            select golden_id from {assignment} semi join seed using (record_key)
            union
            select golden_id from pin
        ),

        reached as (select record_key from {assignment} semi join customer using (golden_id) union from seed)

        from {clusters} where cluster_id in (select cluster_id from {clusters} semi join reached using (record_key))
    """)
    con.execute(f"""
        create or replace temp table golden_assigned as
        with reached as (select record_key from golden_clusters union select record_key from {changed})

        from {assignment}
        where golden_id in (select golden_id from {assignment} semi join reached using (record_key))
    """)
    return "temp.golden_clusters", "temp.golden_assigned"


def _read_clusters(con: DuckDBPyConnection, clusters: str, assignment: str, pins: str | None) -> None:
    """golden_whole: (cluster_id, golden_id, is_unchanged), one row per cluster that a single ID brings in whole;
    is_unchanged where it consists of exactly the records the ID had. golden_settled: those unchanged that no pin names; they
    keep their ID. golden_current: one row per record of the other clusters, named by the cluster's smallest record key;
    golden_previous: the assignments of the other IDs.

    To settle first what stays as it is makes a run with few changes cheap.
    """
    faults = con.execute(f"""
        select
            count(*) filter (record_key is null or cluster_id is null),
            count(record_key) - count(distinct record_key)
        from {clusters}
    """).fetchone()
    if faults != (0, 0):
        nulls, repeats = faults or (0, 0)
        raise ValueError(f"{clusters}: {nulls} rows without record_key or cluster_id, {repeats} repeated record keys")
    con.execute(f"""
        create or replace temp table golden_whole as
        with shared as (
            select current.cluster_id, previous.golden_id, count(*) as records
            from {clusters} as current
            inner join {assignment} as previous on current.record_key = previous.record_key
            group by current.cluster_id, previous.golden_id
        ),

        whole as (
            select *
            from shared
            qualify count(*) over (partition by cluster_id) = 1 and count(*) over (partition by golden_id) = 1
        ),

        cluster as (select cluster_id, count(*) as records from {clusters} group by cluster_id),

        customer as (select golden_id, count(*) as records from {assignment} group by golden_id)

        select
            whole.cluster_id, whole.golden_id,
            whole.records = cluster.records and whole.records = customer.records as is_unchanged
        from whole
        inner join cluster on whole.cluster_id = cluster.cluster_id
        inner join customer on whole.golden_id = customer.golden_id
    """)
    pinned = f"select record_key, golden_id from {pins}" if pins else "select null, null where false"
    con.execute(f"""
        create or replace temp table golden_settled as
        with pin(record_key, golden_id) as ({pinned})
        select cluster_id, golden_id
        from golden_whole
        where is_unchanged
            and golden_id not in (select golden_id from pin where golden_id is not null)
            and cluster_id not in (
                select current.cluster_id from {clusters} as current
                inner join pin on current.record_key = pin.record_key
            )
    """)
    con.execute(f"""
        create or replace temp table golden_current as
        select record_key, cluster_id, min(record_key) over (partition by cluster_id) as cluster_key
        from {clusters} anti join golden_settled using (cluster_id)
    """)
    con.execute(f"""
        create or replace temp table golden_previous as
        select * from {assignment} anti join golden_settled using (golden_id)
    """)


def _reopen_restored(con: DuckDBPyConnection, clusters: str, assignment: str) -> None:
    """Add to golden_current and golden_previous the unchanged customers whose ID may come back to records it had before."""
    con.execute("""
        create or replace temp table golden_reopened as
        select distinct golden_id from golden_restoration anti join golden_previous using (golden_id)
    """)
    con.execute(f"""
        insert into golden_current
        select record_key, cluster_id, min(record_key) over (partition by cluster_id)
        from {clusters}
        where cluster_id in (
            select cluster_id from {clusters}
            semi join (from {assignment} semi join golden_reopened using (golden_id)) using (record_key)
        )
    """)
    con.execute(f"insert into golden_previous from {assignment} semi join golden_reopened using (golden_id)")


def _read_pins(con: DuckDBPyConnection, pins: str | None, registry: str) -> int:
    """golden_pin: one row per usable pin (golden_id, cluster_key, record_key); returns how many are not usable."""
    source = f"select distinct record_key, golden_id from {pins}" if pins else "select null, null where false"
    con.execute(f"""
        create or replace temp table golden_pin as
        with pin(record_key, golden_id) as ({source})
        select pin.golden_id, golden_current.cluster_key, pin.record_key
        from pin
        inner join golden_current on pin.record_key = golden_current.record_key
        inner join {registry} as issued on pin.golden_id = issued.golden_id
    """)
    given = con.execute(f"select count(*) from ({source})").fetchone() or (0,)
    usable = con.execute("select count(*) from golden_pin").fetchone() or (0,)
    return given[0] - usable[0]


def _read_legacies(con: DuckDBPyConnection, registry: str, history: str) -> None:
    """golden_legacy: one row per last record of a retired ID: (golden_id, record_key, taken_by, lost_seq).

    The last records of an ID are those it lost when it retired: their `moved` events follow its `retired` event.
    """
    con.execute(f"""
        create or replace temp table golden_legacy as
        with retired as (
            select issued.golden_id, max(logged.event_seq) as retired_seq
            from {registry} as issued
            inner join {history} as logged on issued.golden_id = logged.golden_id and logged.event = 'retired'
            where issued.status = 'retired'
            group by issued.golden_id
        )
        select logged.golden_id, logged.record_key, logged.other_golden_id as taken_by, logged.event_seq as lost_seq
        from {history} as logged
        inner join retired on logged.golden_id = retired.golden_id and logged.event_seq > retired.retired_seq
        where logged.event = 'moved'
    """)


def _read_restorations(con: DuckDBPyConnection, assignment: str, history: str) -> None:
    """golden_restoration: (golden_id, cluster_key, restored_seq), where a cluster is what an ID held before its change.

    The change is the last run in which records left the ID or came to it from another; `restored_seq` is that run's
    first event. A cluster that a single ID brings in whole is left out: there is nothing to undo.
    """
    con.execute(f"""
        create or replace temp table golden_restoration as
        with run_start as (
            select event_seq as run_seq
            from {history}
            qualify run_id is distinct from lag(run_id) over (order by event_seq)
        ),

        moved as (
            select logged.golden_id, logged.other_golden_id, logged.record_key, run_start.run_seq
            from {history} as logged
            asof join run_start on logged.event_seq >= run_start.run_seq
            where logged.event = 'moved'
        ),

        last_change as (
            select golden_id, max(run_seq) as run_seq
            from (select golden_id, run_seq from moved union all select other_golden_id, run_seq from moved)
            group by golden_id
        ),

        former as (
            select moved.golden_id, moved.record_key, moved.run_seq
            from moved
            inner join last_change on moved.golden_id = last_change.golden_id and moved.run_seq = last_change.run_seq
            union
            select previous.golden_id, previous.record_key, last_change.run_seq
            from {assignment} as previous
            inner join last_change
                on previous.golden_id = last_change.golden_id and previous.linked_seq < last_change.run_seq
        ),

        cluster as (
            select cluster_key, count(*) as records
            from golden_current
            anti join golden_whole on golden_current.cluster_id = golden_whole.cluster_id
            group by cluster_key
        ),

        sized as (select *, count(*) over (partition by golden_id) as records from former),

        shared as (
            select
                sized.golden_id, golden_current.cluster_key, max(sized.run_seq) as restored_seq,
                max(sized.records) as former_records, count(*) as shared_records
            from sized
            inner join golden_current on sized.record_key = golden_current.record_key
            group by sized.golden_id, golden_current.cluster_key
        )

        select shared.golden_id, shared.cluster_key, shared.restored_seq
        from shared
        inner join cluster on shared.cluster_key = cluster.cluster_key
        where shared.shared_records = shared.former_records and shared.shared_records = cluster.records
    """)


def _match_active(con: DuckDBPyConnection, registry: str) -> None:
    """golden_match, first part: clusters with records of a previous ID, pinned to an ID, or restored to an earlier one."""
    con.execute("""
        create or replace temp table golden_match
        (cluster_key varchar, golden_id varchar, outcome varchar, pinned boolean, generation integer)
    """)
    _accept_candidates(
        con,
        registry,
        """
        select
            previous.golden_id, golden_current.cluster_key, previous.record_key, previous.linked_seq,
            true as is_shared, false as pinned, null as restored_seq
        from golden_previous as previous
        inner join golden_current on previous.record_key = golden_current.record_key
        union all
        select golden_id, cluster_key, record_key, null, false, true, null from golden_pin
        union all
        select golden_id, cluster_key, cluster_key, null, false, false, restored_seq from golden_restoration
        """,
    )


def _match_retired(con: DuckDBPyConnection, registry: str) -> None:
    """golden_match, second part: clusters left over that hold the last records of a retired ID."""
    _accept_candidates(
        con,
        registry,
        """
        select
            legacy.golden_id, golden_current.cluster_key, legacy.record_key, null as linked_seq,
            true as is_shared, false as pinned, null as restored_seq
        from golden_legacy as legacy
        inner join golden_current on legacy.record_key = golden_current.record_key
        anti join golden_match as given_id on legacy.golden_id = given_id.golden_id
        anti join golden_match as given_cluster on golden_current.cluster_key = given_cluster.cluster_key
        """,
    )


def _accept_candidates(con: DuckDBPyConnection, registry: str, evidence: str) -> None:
    """Accept pairs of an ID and a cluster greedily, one to one, into golden_match.

    `evidence` has one row per reason for a pair: golden_id, cluster_key, record_key, linked_seq, and whether it is a
    shared record (is_shared), a steward's decision (pinned) or a restoration (restored_seq).
    """
    con.execute(f"""
        create or replace temp table golden_candidate as
        with evidence as ({evidence}),

        absorbed as (select taken_by, min(lost_seq) as merged_seq from golden_legacy group by taken_by),

        weighed as (
            select
                evidence.golden_id, evidence.cluster_key, evidence.record_key, evidence.is_shared, evidence.pinned,
                evidence.restored_seq,
                evidence.is_shared and legacy.record_key is null
                and coalesce(evidence.linked_seq < absorbed.merged_seq, true) as is_settled
            from evidence
            left join absorbed on evidence.golden_id = absorbed.taken_by
            left join (select distinct record_key, taken_by from golden_legacy) as legacy
                on evidence.record_key = legacy.record_key and evidence.golden_id = legacy.taken_by
        ),

        paired as (
            select
                golden_id, cluster_key, bool_or(pinned) as pinned, max(restored_seq) as restored_seq,
                count(*) filter (is_shared) as shared, count(*) filter (is_settled) as settled,
                min(record_key) as smallest_key, count(*) over (partition by golden_id) > 1 as is_apart
            from weighed
            group by golden_id, cluster_key
        ),

        compared as (
            select
                paired.golden_id, paired.cluster_key, paired.pinned, paired.restored_seq, paired.shared,
                paired.smallest_key, paired.is_apart,
                case when paired.is_apart then paired.settled else paired.shared end as settled,
                issued.created_at, case issued.status when 'active' then 'kept' else 'revived' end as outcome
            from paired
            inner join {registry} as issued on paired.golden_id = issued.golden_id
        )
        select
            *, row_number() over (order by {_ORDER}) as rank,
            is_apart or count(*) over (partition by cluster_key) > 1 as contested
        from compared
    """)
    contested = con.execute(
        "select rank, golden_id, cluster_key from golden_candidate where contested order by rank"
    ).fetchall()
    taken_ids: set[str] = set()
    taken_clusters: set[str] = set()
    accepted: list[int] = []
    for rank, golden_id, cluster_key in contested:
        if golden_id not in taken_ids and cluster_key not in taken_clusters:
            taken_ids.add(golden_id)
            taken_clusters.add(cluster_key)
            accepted.append(rank)
    con.execute(
        """
        insert into golden_match
        select cluster_key, golden_id, outcome, pinned, null
        from golden_candidate
        where not contested or rank in (select unnest(?::bigint[]))
        """,
        [accepted],
    )


def _issue_new(con: DuckDBPyConnection, registry: str) -> None:
    """golden_match, last part: a new ID for every cluster left over.

    The ID is the name-based UUID (RFC 9562, version 5) of `generation:smallest record key`, with the lowest generation
    that was never issued for that key, so that no ID comes back for other records.
    """
    con.execute("""
        create or replace temp table golden_pending as
        select distinct golden_current.cluster_key
        from golden_current
        anti join golden_match on golden_current.cluster_key = golden_match.cluster_key
    """)
    generation = 1
    while con.execute("select 1 from golden_pending limit 1").fetchone():
        digest = f"sha1(unhex('{NAMESPACE.replace('-', '')}') || encode('{generation}:' || cluster_key))"
        con.execute(f"""
            insert into golden_match
            with named as (select cluster_key, {digest} as digest from golden_pending),

            numbered as (
                select
                    cluster_key,
                    substr(digest, 1, 8) || '-' || substr(digest, 9, 4) || '-5' || substr(digest, 14, 3) || '-'
                    || translate(substr(digest, 17, 1), '0123456789abcdef', '89ab89ab89ab89ab')
                    || substr(digest, 18, 3) || '-' || substr(digest, 21, 12) as golden_id
                from named
            )
            select numbered.cluster_key, numbered.golden_id, 'created', false, {generation}
            from numbered
            anti join {registry} as issued on numbered.golden_id = issued.golden_id
        """)
        con.execute("delete from golden_pending where cluster_key in (select cluster_key from golden_match)")
        generation += 1


def _find_changes(con: DuckDBPyConnection) -> None:
    """golden_change: one row per record whose ID differs from before; NULL where it had, or has, none."""
    con.execute("""
        create or replace temp table golden_change as
        with following as (
            select golden_current.record_key, golden_match.golden_id
            from golden_current
            inner join golden_match on golden_current.cluster_key = golden_match.cluster_key
        )
        select
            coalesce(previous.record_key, following.record_key) as record_key,
            previous.golden_id as old_id,
            following.golden_id as new_id
        from golden_previous as previous
        full join following on previous.record_key = following.record_key
        where previous.golden_id is distinct from following.golden_id
    """)


def _update_registry(con: DuckDBPyConnection, registry: str, run_id: str, as_of: date) -> None:
    con.execute(
        f"""
        insert into {registry}
        select golden_id, 'active', ?, ?::timestamp, generation, null
        from golden_match where outcome = 'created' order by golden_id
        """,
        [run_id, as_of],
    )
    con.execute(f"""
        update {registry} set status = 'active', successor_golden_id = null
        where golden_id in (select golden_id from golden_match where outcome = 'revived')
    """)
    # golden_flow: where records went, from ID to ID, the best destination and the best origin ranked first.
    con.execute(f"""
        create or replace temp table golden_flow as
        with flow as (
            select old_id, new_id, count(*) as records, min(record_key) as smallest_key
            from golden_change
            where old_id is not null and new_id is not null
            group by old_id, new_id
        )
        select
            flow.*,
            row_number() over (
                partition by flow.old_id order by flow.records desc, destination.created_at, flow.smallest_key
            ) as destination_rank,
            row_number() over (
                partition by flow.new_id order by flow.records desc, origin.created_at, flow.smallest_key
            ) as origin_rank
        from flow
        inner join {registry} as origin on flow.old_id = origin.golden_id
        inner join {registry} as destination on flow.new_id = destination.golden_id
    """)
    con.execute("""
        create or replace temp table golden_retiring as
        select open.golden_id, golden_flow.new_id as successor
        from (select distinct golden_id from golden_previous) as open
        anti join golden_match on open.golden_id = golden_match.golden_id
        left join golden_flow on open.golden_id = golden_flow.old_id and golden_flow.destination_rank = 1
    """)
    con.execute(f"""
        update {registry} as issued set status = 'retired', successor_golden_id = golden_retiring.successor
        from golden_retiring where issued.golden_id = golden_retiring.golden_id
    """)


def _log_events(con: DuckDBPyConnection, history: str, run_id: str, as_of: date) -> dict[str, int]:
    """Append this call's events and return their number by kind.

    Records' `moved` events come last: what follows an ID's `retired` event are the records it lost by retiring.
    """
    logged = con.execute(f"select coalesce(max(event_seq), 0) from {history}").fetchone() or (0,)
    con.execute(
        f"""
        insert into {history}
        with event as (
            select
                1 as position, golden_match.golden_id, 'created' as event, null::varchar as record_key,
                null::varchar as other_golden_id,
                case when golden_flow.new_id is null then 'new records' else 'split' end as cause
            from golden_match
            left join golden_flow on golden_match.golden_id = golden_flow.new_id and golden_flow.origin_rank = 1
            where golden_match.outcome = 'created'
            union all
            select
                2, golden_match.golden_id, 'revived', null, golden_flow.old_id,
                case
                    when golden_match.pinned then 'steward pin'
                    when golden_flow.old_id is null then 'records returned'
                    else 'split'
                end
            from golden_match
            left join golden_flow on golden_match.golden_id = golden_flow.new_id and golden_flow.origin_rank = 1
            where golden_match.outcome = 'revived'
            union all
            select
                3, golden_flow.old_id, 'split', null, golden_flow.new_id,
                case when golden_match.pinned then 'steward pin' else 'records linked apart' end
            from golden_flow
            inner join golden_match on golden_flow.new_id = golden_match.golden_id
            left join golden_retiring on golden_flow.old_id = golden_retiring.golden_id
            where golden_match.outcome != 'kept' and golden_flow.new_id is distinct from golden_retiring.successor
            union all
            select
                4, golden_retiring.golden_id, 'merged', null, golden_retiring.successor,
                case when golden_match.pinned then 'steward pin' else 'records linked together' end
            from golden_retiring
            inner join golden_match on golden_retiring.successor = golden_match.golden_id
            union all
            select
                5, golden_id, 'retired', null, successor,
                case when successor is null then 'records left the input' else 'merged' end
            from golden_retiring
            union all
            select
                6, golden_change.old_id, 'moved', golden_change.record_key, golden_change.new_id,
                case
                    when golden_change.new_id is null then 'record left the input'
                    when golden_match.pinned then 'steward pin'
                    when golden_change.new_id = golden_retiring.successor then 'merged'
                    when golden_match.outcome != 'kept' then 'split'
                    else 'linked to another customer'
                end
            from golden_change
            left join golden_match on golden_change.new_id = golden_match.golden_id
            left join golden_retiring on golden_change.old_id = golden_retiring.golden_id
            where golden_change.old_id is not null
        )
        select
            ? + row_number() over (order by position, golden_id, record_key nulls first, other_golden_id nulls first),
            ?, ?::timestamp, golden_id, event, record_key, other_golden_id, cause
        from event
        order by 1
        """,
        [logged[0], run_id, as_of],
    )
    counted = con.execute(
        f"select event, count(*) from {history} where event_seq > ? group by event", [logged[0]]
    ).fetchall()
    return dict.fromkeys(("created", "revived", "split", "merged", "retired", "moved"), 0) | dict(counted)


def _update_assignment(con: DuckDBPyConnection, assignment: str, history: str, as_of: date) -> None:
    """Runs may share one `as_of`, so the number of the newest event is the clock that tells what came before a merge.

    It follows this call's events: what is linked in the run of a merge, or after it, was not there before the merge.
    """
    if not con.execute("select 1 from golden_change limit 1").fetchone():
        return
    con.execute(f"delete from {assignment} where record_key in (select record_key from golden_change)")
    con.execute(
        f"""
        insert into {assignment}
        select record_key, new_id, ?::timestamp, (select coalesce(max(event_seq), 0) from {history})
        from golden_change
        where new_id is not null
        order by record_key
        """,
        [as_of],
    )
