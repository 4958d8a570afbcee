"""An increment of clusters: only the components that changed records, edges or decisions reach are judged again.

Belongs here: what a change reaches, and putting the new rows in the place of the old ones. Does not belong here: judging a
component (``agglomeration``), attaching bare records (``attachment``), when an increment is allowed (``incremental``).

Components are found by following the edges there are now from every record that was changed, that lost or gained an edge, or
that a changed decision names. A component without such a record is one that stood there before, with the same records, edges
and decisions, and is left as it is.

Bare records are attached across components. Nothing has a part in that but the bare records and the clusters that share a
value with them: they are attached anew as a whole, and what comes out different is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.attachment import IS_BARE, VALUES, attach_bare_records
from dagster_project.linkage.clustering import (
    COMPONENT_WEIGHT,
    join_decisions,
    judge_components,
    read_decisions,
    write_labels,
    write_review,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel, PartyModel

_KEPT = "linkage.state_clusters"


def update_clusters(
    con: DuckDBPyConnection,
    model: LinkageModel,
    pairs: str,
    decisions: str | None,
    output: str,
    review: str,
    progress: Callable[[str], None],
) -> int:
    """Bring ``output``, ``review`` and the state up to date; return how many records were judged again.

    Starts from ``linkage.state_pending``, which it empties, and from the difference between ``decisions`` and
    ``linkage.state_decisions``.
    """
    read_decisions(con, decisions)
    _find_seeds(con)
    if not _count(con, "linkage_seed"):
        con.execute("drop table linkage_decisions")
        return 0
    con.execute("create or replace temp table linkage_reached (record_key varchar)")
    _reach(con, "select record_key from linkage_seed", pairs)
    con.execute("create or replace temp table linkage_final (party_type varchar, final_key varchar)")
    con.execute(f"create or replace temp table linkage_new_review as from {review} limit 0")
    for party_model in model.parties:
        _judge_party(con, party_model, pairs, progress)
    _replace_rows(con, output, review)
    reached = _count(con, "linkage_reached")
    con.execute("delete from linkage.state_pending")
    for name in ("seed", "reached", "final", "new_review", "decisions"):
        con.execute(f"drop table linkage_{name}")
    return reached


def _find_seeds(con: DuckDBPyConnection) -> None:
    """``linkage_seed``: records, in the input or not any more, from which components are followed."""
    con.execute(
        """create or replace temp table linkage_seed as
        with now as (select least(record_key_l, record_key_r) as l, greatest(record_key_l, record_key_r) as r, decision
            from linkage_decisions),
        before as (select least(record_key_l, record_key_r) as l, greatest(record_key_l, record_key_r) as r, decision
            from linkage.state_decisions),
        changed as ((from now except from before) union all (from before except from now)),
        named as (from now union from before),
        pending as (select distinct record_key from linkage.state_pending)
        select record_key from pending
        union select l from changed union select r from changed
        -- A record that came or went took its decisions along.
        union select l from named where r in (select record_key from pending)
        union select r from named where l in (select record_key from pending)"""
    )


def _reach(con: DuckDBPyConnection, seeds: str, pairs: str) -> None:
    """Add to ``linkage_reached`` the whole components of ``seeds``."""
    con.execute(f"create or replace temp table linkage_front as {seeds}")
    while _count(con, "linkage_front"):
        con.execute("insert into linkage_reached from linkage_front")
        edges = f"""(
            select record_key_l, record_key_r from {pairs} where match_weight >= {COMPONENT_WEIGHT}
            union all select record_key_l, record_key_r from linkage_decisions where decision = 'match'
        )"""
        con.execute(
            f"""create or replace temp table linkage_front as
            from (
                select record_key_r as record_key from {edges} where record_key_l in (from linkage_front)
                union select record_key_l from {edges} where record_key_r in (from linkage_front)
            ) anti join linkage_reached using (record_key)"""
        )
    con.execute("drop table linkage_front")


def _judge_party(con: DuckDBPyConnection, party_model: PartyModel, pairs: str, progress: Callable[[str], None]) -> None:
    party_type = party_model.party_type
    state = f"linkage.state_{party_type}_records"
    kept = f"(from {_KEPT} where party_type = '{party_type}')"
    written = (
        f"insert into linkage_final select distinct '{party_type}', final_key from {kept} "
        "semi join linkage_reached using (record_key)"
    )
    con.execute(written)  # the clusters that records leave
    refused = _judge(con, party_model, "linkage_reached", state, pairs, progress)
    con.execute(
        f"delete from {_KEPT} where party_type = '{party_type}' and record_key in (select record_key from linkage_reached)"
    )
    con.execute(
        f"""insert into {_KEPT}
        select '{party_type}', r.record_key, c.record_key, c.record_key, x.held
        from linkage_records as r join linkage_label as x using (i) join linkage_records as c on c.i = x.label"""
    )
    con.execute(
        "create or replace temp table linkage_attached (record_key varchar, before_key varchar, final_key varchar)"
    )
    if party_type == "person":
        _attach(con, state)
    con.execute(written)  # the clusters that they come to
    con.execute(
        """insert into linkage_final
        select 'person', before_key from linkage_attached union select 'person', final_key from linkage_attached"""
    )
    _review(con, party_type, refused)
    # Where another record of a component is attached elsewhere now, what there is to review in it may be another as well.
    con.execute("create or replace temp table linkage_judged as from linkage_reached")
    _reach(con, "select record_key from linkage_attached anti join linkage_reached using (record_key)", pairs)
    con.execute(
        "create or replace temp table linkage_more as from linkage_reached anti join linkage_judged using (record_key)"
    )
    if _count(con, "linkage_more"):
        refused = _judge(con, party_model, "linkage_more", state, pairs, progress)
        _review(con, party_type, refused)
    for name in ("attached", "judged", "more"):
        con.execute(f"drop table linkage_{name}")


def _judge(
    con: DuckDBPyConnection,
    party_model: PartyModel,
    chosen: str,
    state: str,
    pairs: str,
    progress: Callable[[str], None],
) -> list[tuple[int, int, str]]:
    """Judge the components of the ``chosen`` records into ``linkage_label``; ``linkage_records`` are these from now on."""
    _number_records(con, f"{state} semi join {chosen} using (record_key)", "linkage_part")
    con.execute(
        f"""create or replace temp view linkage_part_pairs as
        from {pairs} as p where p.record_key_l in (select record_key from {chosen})"""
    )
    core, held, refused = judge_components(
        con, party_model, "linkage_part_pairs", _count(con, "linkage_part"), progress
    )
    con.execute("drop view linkage_part_pairs")
    write_labels(con, core, held)
    return refused


def _number_records(con: DuckDBPyConnection, chosen: str, table: str) -> None:
    """Make ``chosen`` the ``linkage_records``, numbered in content order as in a full run, with their decisions."""
    con.execute(
        f"""create or replace temp table {table} as
        select (row_number() over (order by content, record_key) - 1)::int as i, * from {chosen}"""
    )
    con.execute(f"create or replace temp view linkage_records as from {table}")
    join_decisions(con)


def _review(con: DuckDBPyConnection, party_type: str, refused: list[tuple[int, int, str]]) -> None:
    """Find what there is to review among the records judged last, now that bare records are attached."""
    con.execute("create or replace temp view linkage_records as from linkage_part")
    join_decisions(con)
    con.execute(
        f"""create or replace temp table linkage_label as
        select r.i, dense_rank() over (order by k.final_key) as label, k.held
        from linkage_part as r join (from {_KEPT} where party_type = '{party_type}') as k using (record_key)"""
    )
    write_review(con, refused, "linkage_new_review")
    con.execute("drop view linkage_records")
    for name in ("part", "decided", "member", "inside", "inside_scored", "label"):
        con.execute(f"drop table linkage_{name}")


def _attach(con: DuckDBPyConnection, state: str) -> None:
    """Attach all bare records anew; ``linkage_attached`` gets the records that come into another cluster by it."""
    kept = f"(from {_KEPT} where party_type = 'person')"
    con.execute(
        f"""create or replace temp table linkage_bare_cluster as
        with bare as (select core_key, count(*) as members from {state} join {kept} using (record_key) where {IS_BARE} group by 1),
        size as (select core_key, count(*) as members from {kept} semi join bare using (core_key) group by 1)
        select core_key from bare join size using (core_key, members)"""
    )
    member = f"{state} semi join (from {kept} semi join linkage_bare_cluster using (core_key)) using (record_key)"
    values = " union ".join(f"select '{_kind(v)}' as kind, {v} as value from {member}" for v in VALUES)
    con.execute(f"create or replace temp table linkage_bare_value as from ({values}) where value is not null")
    holds = " or ".join(f"{v} in (select value from linkage_bare_value where kind = '{_kind(v)}')" for v in VALUES)
    _number_records(
        con,
        f"""(
            select r.*, k.core_key, k.final_key from {kept} as k join {state} as r using (record_key)
            where k.core_key in (
                select core_key from {kept} semi join (from {state} where {holds}) using (record_key)
                union select core_key from linkage_bare_cluster
            )
        )""",
        "linkage_attachable",
    )
    core = con.execute(
        "select c.i from linkage_attachable as a join linkage_attachable as c on c.record_key = a.core_key order by a.i"
    ).fetchnumpy()["i"]
    write_labels(con, attach_bare_records(con, np.asarray(core, dtype=np.int64)), np.zeros(len(core), dtype=bool))
    con.execute(
        """insert into linkage_attached
        select a.record_key, a.final_key, c.record_key
        from linkage_attachable as a join linkage_label as x using (i) join linkage_attachable as c on c.i = x.label
        where c.record_key <> a.final_key"""
    )
    con.execute(
        f"""update {_KEPT} as k set final_key = a.final_key from linkage_attached as a
        where k.party_type = 'person' and k.record_key = a.record_key"""
    )
    for name in ("bare_cluster", "bare_value", "attachable"):
        con.execute(f"drop table linkage_{name}")


def _kind(column: str) -> str:
    return "phone" if column.startswith("phone") else column


def _replace_rows(con: DuckDBPyConnection, output: str, review: str) -> None:
    con.execute(
        f"""create or replace temp table linkage_new_cluster as
        select record_key, min(record_key) over cluster as cluster_id, bool_or(held) over cluster as held,
            (count(*) over cluster)::int as cluster_size
        from {_KEPT} semi join linkage_final using (party_type, final_key)
        window cluster as (partition by party_type, final_key)"""
    )
    con.execute(
        f"""delete from {output} where record_key in (
            select record_key from linkage_reached union all select record_key from linkage_new_cluster
        )"""
    )
    con.execute(f"insert into {output} by name from linkage_new_cluster order by record_key")
    con.execute("drop table linkage_new_cluster")
    con.execute(
        f"""delete from {review}
        where record_key_l in (from linkage_reached) or record_key_r in (from linkage_reached)"""
    )
    con.execute(f"insert into {review} by name from linkage_new_review order by record_key_l, record_key_r")


def _count(con: DuckDBPyConnection, relation: str) -> int:
    return con.execute(f"select count(*) from {relation}").fetchall()[0][0]
