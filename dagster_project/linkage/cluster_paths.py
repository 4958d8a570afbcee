"""Why each record is in its customer, for all records at once: the table behind the mart linkage_explanations.

Belongs here: the nearest record of each record within its customer, and the comparisons that speak for the pair. Does not
belong here: a full account of one pair or one customer, with values (explain.py). The table holds no personal data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.contributions import contributions
from dagster_project.linkage.records import forget_records, prepare_records
from dagster_project.linkage.scoring import score_given_pairs
from dagster_project.linkage.state import PAIRS, create_numbered, create_state, done_with, state_records
from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel, PartyModel

# Comparisons that are named: the strongest ones for the pair, and all that speak against it with at least so many bits.
_MOST_NAMED = 3
_OPPOSING_BITS = 1.0


def write_cluster_paths(
    con: DuckDBPyConnection,
    model: LinkageModel,
    *,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.cluster_paths",
    changed: str | None = None,
) -> int:
    """Create ``output``, one row per record whose customer has other records; return the number of rows.

    Columns: record_key; golden_id; nearest_record_key (the record of the same customer to which the pair's weight is
    highest, or that a steward tied to it); match_weight (bits) and match_rule of that pair; linked_by ('decision',
    'rule', 'contact': it says nothing of who it is and this is the only customer with its mailbox, phone number or
    identifier, 'evidence'); strongest_comparisons (at most three that speak for the pair, most bits first, separated by
    commas) and opposing_comparisons (that take a bit or more, strongest first), NULL where there are none.

    Reads the tables of the last run: candidate pairs, clusters, decisions, assignment. Pairs that no blocking rule
    proposed are scored only for records that have no other.

    ``changed``: a relation of the record keys whose content, pairs, cluster, golden ID or decisions are others than when
    ``output`` was written; then only the rows of their customers, before and now, are written anew.
    """
    if changed is not None:
        con.execute(
            f"""create or replace temp table linkage_customers as
            select golden_id from linkage.golden_id_assignment semi join {changed} using (record_key)
            union select golden_id from {output} semi join {changed} using (record_key)"""
        )
    con.execute(
        f"""create or replace temp table linkage_linked as
        select a.record_key, a.golden_id, c.attached
        from linkage.golden_id_assignment as a join linkage.clusters as c using (record_key)
        {"" if changed is None else "where a.golden_id in (from linkage_customers)"}
        qualify count(*) over (partition by a.golden_id) > 1"""
    )
    con.execute(
        """create or replace temp table linkage_inner as
        select l.record_key, r.record_key as other_record_key, p.* exclude (record_key_l, record_key_r)
        from linkage.candidate_pairs as p
        join linkage_linked as l on l.record_key = p.record_key_l
        join linkage_linked as r on r.record_key = p.record_key_r and r.golden_id = l.golden_id"""
    )
    con.execute(
        "insert into linkage_inner by name"
        " select * replace (other_record_key as record_key, record_key as other_record_key) from linkage_inner"
    )
    _score_the_unproposed(con, model, records)
    _choose_nearest(con)
    for party_model in model.parties:
        _name_comparisons(con, party_model)
    rows = """select n.record_key, n.golden_id, n.other_record_key as nearest_record_key, n.match_weight, n.match_rule, n.linked_by,
            c.strongest_comparisons, c.opposing_comparisons
        from linkage_nearest as n left join linkage_named as c using (record_key)
        order by n.record_key"""
    if changed is None:
        con.execute(f"create or replace table {output} as {rows}")
    else:
        con.execute(f"delete from {output} where golden_id in (from linkage_customers)")
        con.execute(f"insert into {output} {rows}")
        con.execute("drop table linkage_customers")
    for table in ("linkage_linked", "linkage_inner", "linkage_nearest", "linkage_named"):
        con.execute(f"drop table {table}")
    return con.execute(f"select count(*) from {output}").fetchall()[0][0]


def _score_the_unproposed(con: DuckDBPyConnection, model: LinkageModel, records: str) -> None:
    """Add the pairs of records that have none in their customer: a decision or their contact brought them there."""
    con.execute(
        """create or replace temp table linkage_lonely as
        select o.record_key, m.record_key as other_record_key
        from (from linkage_linked anti join linkage_inner using (record_key)) as o
        join linkage_linked as m on m.golden_id = o.golden_id and m.record_key <> o.record_key"""
    )
    for party_model in model.parties if con.execute("select 1 from linkage_lonely limit 1").fetchone() else ():
        party = party_model.party
        _provide_records(con, party_model, records)
        con.execute(
            """create or replace temp table linkage_lonely_pairs as
            select distinct least(a.i, b.i) as l, greatest(a.i, b.i) as r
            from linkage_lonely as p
            join linkage_records as a on a.record_key = p.record_key
            join linkage_records as b on b.record_key = p.other_record_key"""
        )
        score_given_pairs(con, party_model, "linkage_lonely_pairs", "linkage_lonely_scored")
        gammas = ", ".join(f"s.gamma_{comparison.name}" for comparison in party.comparisons)
        for one, other in (("l", "r"), ("r", "l")):
            con.execute(
                f"""insert into linkage_inner by name
                select a.record_key, b.record_key as other_record_key, s.match_weight, s.match_rule,
                    '{party.party_type}' as party_type, {gammas}
                from linkage_lonely_scored as s
                join linkage_records as a on a.i = s.{one}
                join linkage_records as b on b.i = s.{other}
                semi join linkage_lonely as lonely on lonely.record_key = a.record_key"""
            )
        for table in ("lonely_pairs", "lonely_scored", "part"):
            con.execute(f"drop table if exists linkage_{table}")
        forget_records(con, party.party_type)
    con.execute("drop table linkage_lonely")


def _provide_records(con: DuckDBPyConnection, party_model: PartyModel, records: str) -> None:
    """Make ``linkage_records`` hold the records of ``linkage_lonely``: those that the pairs were made of, where they are kept."""
    party = party_model.party
    create_state(con)
    if done_with(con, PAIRS) is None:
        prepare_records(con, party, records, party_model.reference)
        return
    state = state_records(party.party_type)
    lonely = "(select record_key from linkage_lonely union select other_record_key from linkage_lonely)"
    create_numbered(con, "linkage_part", state, f"select number from {state} semi join {lonely} using (record_key)")
    con.execute("create or replace temp view linkage_records as from linkage_part")


def _choose_nearest(con: DuckDBPyConnection) -> None:
    decided = (
        "select record_key_l, record_key_r from linkage.decisions where decision = 'match'"
        if table_exists(con, "linkage", "decisions")
        else "select null::varchar as record_key_l, null::varchar as record_key_r where false"
    )
    con.execute(
        f"""create or replace temp table linkage_nearest as
        with decided as ({decided}),
        tied as (
            select record_key_l as record_key, record_key_r as other_record_key from decided
            union all select record_key_r, record_key_l from decided
        )
        select i.*, l.golden_id,
            case when t.record_key is not null then 'decision' when i.match_rule is not null then 'rule'
            when l.attached then 'contact' else 'evidence' end as linked_by
        from linkage_inner as i
        join linkage_linked as l using (record_key)
        left join tied as t on t.record_key = i.record_key and t.other_record_key = i.other_record_key
        qualify row_number() over (
            partition by i.record_key order by (t.record_key is not null) desc, i.match_weight desc, i.other_record_key
        ) = 1"""
    )
    con.execute(
        "create or replace temp table linkage_named"
        " (record_key varchar, strongest_comparisons varchar, opposing_comparisons varchar)"
    )


def _name_comparisons(con: DuckDBPyConnection, party_model: PartyModel) -> None:
    """Fill ``linkage_named``; each distinct comparison vector is divided once, however many records share it."""
    import pyarrow as pa

    names = party_model.layout.names
    columns = [f"gamma_{name}" for name in names]
    found = con.execute(
        f"select distinct {', '.join(columns)} from linkage_nearest where party_type = ? order by all",
        [party_model.party_type],
    ).fetchnumpy()
    gammas = np.stack([np.asarray(found[column], dtype=np.int64) for column in columns], axis=1)
    bits = contributions(party_model.mixture, party_model.layout, gammas)
    strongest, opposing = [], []
    for row in bits:
        ranked = np.argsort(-row, kind="stable")
        strongest.append(", ".join(names[n] for n in ranked[:_MOST_NAMED] if row[n] > 0) or None)
        opposing.append(", ".join(names[n] for n in ranked[::-1] if row[n] <= -_OPPOSING_BITS) or None)
    con.register(
        "linkage_named_arrow",
        pa.table(
            {
                **{column: gammas[:, n].astype(np.int8) for n, column in enumerate(columns)},
                "strongest_comparisons": pa.array(strongest, pa.string()),
                "opposing_comparisons": pa.array(opposing, pa.string()),
            }
        ),
    )
    con.execute(
        f"""insert into linkage_named
        select n.record_key, p.strongest_comparisons, p.opposing_comparisons
        from linkage_nearest as n join linkage_named_arrow as p using ({", ".join(columns)})
        where n.party_type = ?""",
        [party_model.party_type],
    )
    con.unregister("linkage_named_arrow")
