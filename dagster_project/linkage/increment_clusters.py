"""An increment of clusters: only the components that changed records, edges or decisions reach are judged again.

Belongs here: what a change reaches, and putting the new rows in the place of the old ones. Does not belong here: judging a
component (``agglomeration``), attaching bare records (``attachment``), when an increment is allowed (``incremental``).

Reached are the components, as they were, of every record that was changed, that lost or gained an edge, or that a changed
decision names, and the records that are new. Any edge there was not before is between two of these, so together they make whole
components as they are now. A component without such a record has the same records, edges and decisions as before.

Bare records are attached across components, and what speaks for it may be counted over all customers. That step is done anew
for all of them, which is cheap because few clusters take part, and what comes out different is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.attachment import attach
from dagster_project.linkage.clustering import (
    insert_arrow,
    join_decisions,
    judge_components,
    read_decisions,
    write_review,
)
from dagster_project.linkage.state import (
    CLUSTERS,
    EXPLANATIONS,
    GOLDEN_IDS,
    create_numbered,
    done,
    leave_to,
    pending,
    state_records,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel, PartyModel

_KEPT = "linkage.state_members"


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

    Starts from what ``linkage.state_to_do`` leaves to the clusters, and from the difference between ``decisions`` and
    ``linkage.state_decisions``.
    """
    read_decisions(con, decisions)
    _find_seeds(con)
    leave_to(con, EXPLANATIONS, "select record_key from linkage_seed where is_decision")
    if not _count(con, "linkage_seed"):
        con.execute("drop table linkage_decisions")
        con.execute("drop table linkage_seed")
        return 0
    con.execute(
        f"""create or replace temp table linkage_reached as
        select record_key from linkage_seed
        union select record_key from {_KEPT} semi join (
            select party_type, component from {_KEPT} semi join linkage_seed using (record_key)
        ) using (party_type, component)"""
    )
    con.execute("create or replace temp table linkage_final (party_type varchar, final bigint)")
    con.execute(f"create or replace temp table linkage_new_review as from {review} limit 0")
    for party_model in model.parties:
        _judge_party(con, party_model, pairs, progress)
    _replace_rows(con, output, review)
    reached = _count(con, "linkage_reached")
    done(con, CLUSTERS)
    for name in ("seed", "reached", "final", "new_review", "decisions"):
        con.execute(f"drop table linkage_{name}")
    return reached


def _find_seeds(con: DuckDBPyConnection) -> None:
    """``linkage_seed`` (record_key, is_decision): records, in the input or not any more, from which components are followed, and
    whether a decision about them has changed."""
    con.execute(
        f"""create or replace temp table linkage_seed as
        with now as (select least(record_key_l, record_key_r) as l, greatest(record_key_l, record_key_r) as r, decision
            from linkage_decisions),
        before as (select least(record_key_l, record_key_r) as l, greatest(record_key_l, record_key_r) as r, decision
            from linkage.state_decisions),
        changed as ((from now except from before) union all (from before except from now)),
        named as (from now union from before),
        pending as {pending(CLUSTERS)}
        select record_key, bool_or(is_decision) as is_decision from (
            select record_key, false as is_decision from pending
            union all select l, true from changed union all select r, true from changed
            -- A record that came or went took its decisions along.
            union all select l, false from named where r in (select record_key from pending)
            union all select r, false from named where l in (select record_key from pending)
        ) group by record_key"""
    )


def _judge_party(con: DuckDBPyConnection, party_model: PartyModel, pairs: str, progress: Callable[[str], None]) -> None:
    party_type = party_model.party_type
    state = state_records(party_type)
    kept = f"(from {_KEPT} where party_type = '{party_type}')"
    written = (
        f"insert into linkage_final select distinct '{party_type}', final from {kept} "
        "semi join linkage_reached using (record_key)"
    )
    con.execute(written)  # the clusters that records leave
    refused = _judge(con, party_model, "linkage_reached", pairs, progress)
    con.execute(
        f"delete from {_KEPT} where party_type = '{party_type}' and record_key in (select record_key from linkage_reached)"
    )
    con.execute(
        f"""insert into {_KEPT}
        select '{party_type}', r.number, r.record_key, m.number, c.number, c.number, x.held
        from linkage_records as r join linkage_judged as x using (i)
        join linkage_records as m on m.i = x.component join linkage_records as c on c.i = x.core"""
    )
    _attach(con, party_type, state)
    con.execute(written)  # the clusters that they come to
    con.execute(
        f"""insert into linkage_final
        select '{party_type}', before from linkage_attached union select '{party_type}', final from linkage_attached"""
    )
    _review(con, party_type, refused)
    # Where another record of a component is attached elsewhere now, what there is to review in it may be another as well.
    con.execute(
        f"""create or replace temp table linkage_more as
        select record_key from {kept} semi join (
            select component from {kept} semi join linkage_attached using (number) anti join linkage_reached using (record_key)
        ) using (component)
        qualify count(*) over (partition by component) > 1"""
    )
    if _count(con, "linkage_more"):
        refused = _judge(con, party_model, "linkage_more", pairs, progress)
        _review(con, party_type, refused)
        con.execute("insert into linkage_reached from linkage_more")
    for name in ("attached", "more"):
        con.execute(f"drop table linkage_{name}")


def _judge(
    con: DuckDBPyConnection, party_model: PartyModel, chosen: str, pairs: str, progress: Callable[[str], None]
) -> list[tuple[int, int, str]]:
    """Judge the components of the ``chosen`` records into ``linkage_judged``; ``linkage_records`` are these from now on.

    Returns the refused merges.
    """
    state = state_records(party_model.party_type)
    create_numbered(con, "linkage_part", state, f"select number from {state} semi join {chosen} using (record_key)")
    con.execute("create or replace temp view linkage_records as from linkage_part")
    join_decisions(con)
    con.execute(
        f"""create or replace temp view linkage_part_pairs as
        from {pairs} as p where p.record_key_l in (select record_key from {chosen})"""
    )
    count = _count(con, "linkage_part")
    judged = judge_components(con, party_model, "linkage_part_pairs", count, progress)
    con.execute("drop view linkage_part_pairs")
    con.execute("create or replace temp table linkage_judged (i int, component int, core int, held boolean)")
    columns = {"i": np.arange(count), "component": judged.component, "core": judged.core, "held": judged.held}
    insert_arrow(con, "linkage_judged", columns)
    return judged.refused


def _review(con: DuckDBPyConnection, party_type: str, refused: list[tuple[int, int, str]]) -> None:
    """Find what there is to review among the records judged last, now that bare records are attached."""
    con.execute("create or replace temp view linkage_records as from linkage_part")
    join_decisions(con)
    con.execute(
        f"""create or replace temp table linkage_label as
        select r.i, dense_rank() over (order by k.final) as label, k.held, k.core <> k.final as attached
        from linkage_part as r join (from {_KEPT} where party_type = '{party_type}') as k using (number)"""
    )
    write_review(con, refused, "linkage_new_review")
    con.execute("drop view linkage_records")
    for name in ("part", "decided", "member", "inside", "inside_scored", "judged", "label"):
        con.execute(f"drop table linkage_{name}")


def _attach(con: DuckDBPyConnection, party_type: str, state: str) -> None:
    """Attach all bare records anew; ``linkage_attached`` gets the records that are in another final cluster than before."""
    con.execute("create or replace temp table linkage_attachment (number bigint, final bigint)")
    kept = f"(from {_KEPT} where party_type = '{party_type}')"
    if party_type == "person":
        attach(con, state, kept)
    con.execute(
        f"""create or replace temp table linkage_attached as
        select number, k.record_key, k.final as before, coalesce(a.final, k.core) as final
        from {kept} as k left join linkage_attachment as a using (number)
        where k.final <> coalesce(a.final, k.core)"""
    )
    con.execute(
        f"""update {_KEPT} as k set final = a.final from linkage_attached as a
        where k.party_type = '{party_type}' and k.number = a.number"""
    )
    con.execute("drop table linkage_attachment")


def _replace_rows(con: DuckDBPyConnection, output: str, review: str) -> None:
    """Write the rows of the clusters that were reached; what changes in ``output`` is left to the later steps."""
    con.execute(
        f"""create or replace temp table linkage_new_cluster as
        select record_key, min(record_key) over cluster as cluster_id, bool_or(held) over cluster as held,
            (count(*) over cluster)::int as cluster_size, core <> final as attached
        from {_KEPT} semi join linkage_final using (party_type, final)
        window cluster as (partition by party_type, final)"""
    )
    con.execute(
        f"""create or replace temp table linkage_old_cluster as
        select * from {output} where record_key in (
            select record_key from linkage_reached union all select record_key from linkage_new_cluster
        )"""
    )
    con.execute(f"delete from {output} where record_key in (select record_key from linkage_old_cluster)")
    con.execute(f"insert into {output} by name from linkage_new_cluster order by record_key")
    different = "(from linkage_{0}_cluster except from linkage_{1}_cluster)"
    for step in (GOLDEN_IDS, EXPLANATIONS):
        leave_to(con, step, f"{different.format('new', 'old')} union all {different.format('old', 'new')}")
    con.execute("drop table linkage_new_cluster")
    con.execute("drop table linkage_old_cluster")
    con.execute(
        f"""delete from {review}
        where record_key_l in (from linkage_reached) or record_key_r in (from linkage_reached)"""
    )
    con.execute(f"insert into {review} by name from linkage_new_review order by record_key_l, record_key_r")


def _count(con: DuckDBPyConnection, relation: str) -> int:
    return con.execute(f"select count(*) from {relation}").fetchall()[0][0]
