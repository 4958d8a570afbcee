"""An increment of candidate pairs: the pairs of changed records, and those of blocks and values that a change tips over.

Belongs here: which records have changed, which pairs that reaches, and scoring those. Does not belong here: the rules
(``blocking``), scoring (``scoring``), when an increment is allowed (``incremental``).

Two facts about a record depend on others: whether one of its values is shared too widely to count, and whether a block it is
in is small enough to be used. Both are counts against a fixed limit. So a change reaches

- the records that were added, changed or deleted,
- all who hold a value whose count of names has crossed its limit; they are prepared anew like changed records,
- all pairs of a block whose size has crossed its limit; which rules propose them is looked up anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.linkage.blocking import RULES, block_hash, enough_rules, key_columns
from dagster_project.linkage.clustering import COMPONENT_WEIGHT
from dagster_project.linkage.guards import read_guards
from dagster_project.linkage.records import (
    add_bands,
    clear_shared_values,
    derive_records,
    insert_bands,
    names_using_values,
    selected_records,
    shared_too_widely,
)
from dagster_project.linkage.scoring import write_scored_pairs
from dagster_project.linkage.state import CLUSTERS, EXPLANATIONS, create_numbered, leave_to, state_keys, state_records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.comparisons import Party
    from dagster_project.linkage.model import PartyModel
    from dagster_project.linkage.reference import PartyReference


def find_changes(con: DuckDBPyConnection, party: Party, records: str) -> tuple[int, int]:
    """Create ``linkage_<party type>_change`` (record_key, gone) against the state; return how many rows, and all records."""
    selected = selected_records(con, party, records)
    change = f"linkage_{party.party_type}_change"
    con.execute(
        f"""create or replace temp table {change} as
        select coalesce(s.record_key, p.record_key) as record_key, s.record_key is null as gone
        from (select record_key, hash(r) as source_hash from ({selected}) as r) as s
        full join {state_records(party.party_type)} as p on s.record_key = p.record_key
        where s.source_hash is distinct from p.source_hash"""
    )
    return _count(con, change), _count(con, f"({selected})")


def update_pairs(con: DuckDBPyConnection, party_model: PartyModel, records: str, output: str) -> None:
    """Bring ``output`` and the party's state up to date with the changes that ``find_changes`` has found.

    Leaves to the clusters every record with changed content or a changed edge, to the explanations those with any changed pair.
    """
    party, reference = party_model.party, party_model.reference
    party_type = party.party_type
    change, state, keys = f"linkage_{party_type}_change", state_records(party_type), state_keys(party_type)
    if not _count(con, change):
        return
    selected = selected_records(con, party, records)
    _prepare_fresh(con, party, reference, selected, change, state)
    _take_out_of_state(con, party_type, change, state, keys)
    _find_blocks(con, party_type, reference, keys)
    _find_pairs(con, party_type, reference, state, keys, output)
    _replace_pairs(con, party_model, state, output)
    con.execute(f"insert into {state} by name select * exclude (i) from linkage_fresh")
    con.execute(f"insert into {keys} from linkage_fresh_keys")
    for name in _TEMPORARY:
        con.execute(f"drop table if exists temp.linkage_{name}")


_TEMPORARY = (
    "fresh", "fresh_keys", "removed", "touched", "holder", "tipped", "new_key", "old_key", "block_now", "rest", "found", "recheck",
    "part",
    "found_pair", "lost", "gained", "changed_pair",
)  # fmt: skip


def _prepare_fresh(
    con: DuckDBPyConnection, party: Party, reference: PartyReference, selected: str, change: str, state: str
) -> None:
    """``linkage_fresh``: the changed records as they are now, as ``prepare_records`` would make them among all records.

    Adds the holders of values that have tipped over to ``change``. What they say is as it was, so they tip nothing over.
    """
    changed = f"select * from ({selected}) semi join (from {change} where not gone) using (record_key)"
    derive_records(con, party, changed, "linkage_fresh")
    _count_names(con, party, reference, change, state)
    con.execute(
        """create or replace temp table linkage_tipped as
        select distinct h.record_key from linkage_holder as h left join linkage_shared as s using (number, value)
        where h.was_shared <> (s.value is not null)"""
    )
    if _count(con, "linkage_tipped"):
        con.execute(f"insert into {change} select record_key, false from linkage_tipped")
        derive_records(
            con, party, f"select * from ({selected}) semi join linkage_tipped using (record_key)", "linkage_part"
        )
        con.execute("update linkage_part set i = i + (select count(*) from linkage_fresh)")
        con.execute("insert into linkage_fresh by name from linkage_part")
        for n, shared in enumerate(read_guards().shared_values):
            con.execute(
                f"""insert into linkage_shared
                select distinct {n}, shared_{n} from {state} semi join linkage_tipped using (record_key)
                where shared_{n} is not null and {shared.cleared[0]} is null
                    and shared_{n} not in (select value from linkage_touched where number = {n})"""
            )
    clear_shared_values(con, "linkage_fresh")
    con.execute("create or replace temp table linkage_bands (column_name varchar, value varchar, band utinyint)")
    insert_bands(con, reference, "linkage_bands")
    add_bands(con, party, "linkage_fresh", "linkage_bands")
    con.execute("drop table linkage_bands")
    con.execute(
        f"""create or replace temp table linkage_fresh as
        select i + 1 + (select coalesce(max(number), -1) from {state}) as number, * from linkage_fresh"""
    )


def _count_names(con: DuckDBPyConnection, party: Party, reference: PartyReference, change: str, state: str) -> None:
    """Of all values that changed records have or had: ``linkage_holder``, the other records that hold them, and
    ``linkage_shared`` (number, value), those that are shared too widely now."""
    shared_values = read_guards().shared_values
    touched = " union ".join(
        f"select {n} as number, shared_{n} as value from linkage_fresh where shared_{n} is not null "
        f"union select {n}, shared_{n} from linkage_before where shared_{n} is not null"
        for n in range(len(shared_values))
    )
    con.execute(
        f"""create or replace temp table linkage_touched as
        with linkage_before as (from {state} semi join {change} using (record_key)) {touched}"""
    )
    names = ", ".join(dict.fromkeys(name for shared in shared_values for name in shared.counted[party.party_type]))
    holders = " union all by name ".join(
        f"select {n} as number, shared_{n} as value, record_key, {shared.cleared[0]} is null as was_shared, {names} "
        f"from {state} where shared_{n} in (select value from linkage_touched where number = {n})"
        for n, shared in enumerate(shared_values)
    )
    con.execute(
        f"create or replace temp table linkage_holder as from ({holders}) anti join {change} using (record_key)"
    )
    held = " union all ".join(
        f"select number, value, '{name}' as counted, {name} as name from linkage_holder where number = {n}"
        for n, shared in enumerate(shared_values)
        for name in shared.counted[party.party_type]
    )
    names = f"{held} union all {names_using_values(party, 'linkage_fresh')}"
    con.execute(f"create or replace temp table linkage_shared as {shared_too_widely(names, reference.records)}")


def _take_out_of_state(con: DuckDBPyConnection, party_type: str, change: str, state: str, keys: str) -> None:
    """``linkage_removed`` (number, record_key): changed records as they were, and the blocks they were and are in,
    ``linkage_old_key`` and ``linkage_new_key`` (number, rule, h); the state keeps the others."""
    con.execute(
        f"""create or replace temp table linkage_removed as
        select number, record_key from {state} semi join {change} using (record_key)"""
    )
    con.execute(
        f"create or replace temp table linkage_fresh_keys as select number, {key_columns(party_type)} from linkage_fresh"
    )
    removed = f"(from {keys} where number in (select number from linkage_removed))"
    con.execute(f"create or replace temp table linkage_old_key as {_blocks(party_type, removed)}")
    con.execute(f"create or replace temp table linkage_new_key as {_blocks(party_type, 'linkage_fresh_keys')}")
    for table in (state, keys):
        con.execute(f"delete from {table} where number in (select number from linkage_removed)")


def _find_blocks(con: DuckDBPyConnection, party_type: str, reference: PartyReference, keys: str) -> None:
    """``linkage_block_now``: the blocks changed records are or were in, and whether each was and is too large to be used;
    ``linkage_rest`` (rule, h, number): the other members of those that are not, or were not, too large."""
    rules = RULES[party_type]
    largest = ", ".join(f"({n}, {reference.largest_blocks[rule.name]})" for n, rule in enumerate(rules))
    con.execute(
        f"""create or replace temp table linkage_block as
        select t.rule, t.h, t.old, t.new, l.largest, s.members as large_before,
            s.members is null or s.members - t.old + t.new <= l.largest as is_counted
        from (
            select rule, h, sum(old) as old, sum(new) as new
            from (
                select rule, h, 1 as old, 0 as new from linkage_old_key union all select rule, h, 0, 1 from linkage_new_key
            ) group by all
        ) as t
        join (values {largest}) as l(rule, largest) using (rule)
        left join (select rule, h, members from linkage.state_large_blocks where party_type = '{party_type}') as s
            using (rule, h)"""
    )
    con.execute("create or replace temp table linkage_rest (rule utinyint, h ubigint, number bigint)")
    for number, rule in enumerate(rules):
        con.execute(
            f"""insert into linkage_rest
            select {number}, h, number from (select {block_hash(party_type, rule)} as h, number from {keys})
            where h in (select h from linkage_block where rule = {number} and is_counted)"""
        )
    con.execute(
        """create or replace temp table linkage_block_now as
        select b.rule, b.h, b.large_before is not null as was_large, now > b.largest as is_large, now as members
        from (
            select b.*, case when is_counted then coalesce(r.members, 0) + new else large_before - old + new end as now
            from linkage_block as b
            left join (select rule, h, count(*) as members from linkage_rest group by all) as r using (rule, h)
        ) as b"""
    )
    con.execute("drop table linkage_block")
    con.execute(
        f"""delete from linkage.state_large_blocks
        where party_type = '{party_type}' and (rule, h) in (select (rule, h) from linkage_block_now where was_large)"""
    )
    con.execute(
        f"""insert into linkage.state_large_blocks
        select '{party_type}', rule, h, members from linkage_block_now where is_large"""
    )


def _find_pairs(
    con: DuckDBPyConnection, party_type: str, reference: PartyReference, state: str, keys: str, output: str
) -> None:
    """``linkage_found`` (l, r, rule), numbers of records: the pairs of changed records and of blocks that tipped over;
    ``linkage_recheck`` (l, r): the latter, found again or not."""
    enough = enough_rules(party_type, one_weak_rule=reference.one_weak_rule)
    con.execute(
        f"""create or replace temp table linkage_found as
        with fresh as (select * from linkage_new_key semi join (from linkage_block_now where not is_large) using (rule, h)),
        proposed as (
            select least(a.number, b.number) as l, greatest(a.number, b.number) as r, a.rule
            from fresh as a join linkage_rest as b using (rule, h)
            union all
            select a.number, b.number, a.rule from fresh as a join fresh as b using (rule, h) where a.number < b.number
        )
        select l, r, min(rule) as rule from proposed group by l, r {enough}"""
    )
    # A block that is used no more takes away pairs that there are; one that is used now may bring any pair in it.
    con.execute(
        f"""create or replace temp table linkage_recheck as
        with tipped as (
            from linkage_rest join (select rule, h, is_large from linkage_block_now where was_large <> is_large) using (rule, h)
        ),
        pair as (
            select a.number as l, b.number as r, bool_and(a.is_large) as is_lost
            from tipped as a join tipped as b using (rule, h) where a.number < b.number group by all
        ),
        named as (
            select p.l, p.r, least(a.record_key, b.record_key) as record_key_l, greatest(a.record_key, b.record_key) as record_key_r
            from pair as p join {state} as a on a.number = p.l join {state} as b on b.number = p.r where p.is_lost
        )
        select l, r from pair where not is_lost
        union all select l, r from named semi join {output} using (record_key_l, record_key_r)"""
    )
    if not _count(con, "linkage_recheck"):
        return
    rechecked = f"(from {keys} where number in (select l from linkage_recheck union select r from linkage_recheck))"
    hashes = [block_hash(party_type, rule) for rule in RULES[party_type]]
    blocks = ", ".join(f"{block} as h_{n}" for n, block in enumerate(hashes))
    agreed = ", ".join(f"case when a.h_{n} = b.h_{n} then a.h_{n} end" for n in range(len(hashes)))
    con.execute(
        f"""insert into linkage_found
        with block as (select number, {blocks} from {rechecked}),
        shared as (
            select p.l, p.r, unnest(range({len(hashes)}))::utinyint as rule, unnest([{agreed}]) as h
            from linkage_recheck as p join block as a on a.number = p.l join block as b on b.number = p.r
        )
        select l, r, min(rule)
        from (from shared where h is not null)
        anti join (from linkage.state_large_blocks where party_type = '{party_type}') using (rule, h)
        group by l, r {enough}"""
    )


def _replace_pairs(con: DuckDBPyConnection, party_model: PartyModel, state: str, output: str) -> None:
    """Put the pairs found in the place of all pairs of changed records and of all rechecked ones."""
    party_type = party_model.party_type
    records = f"(select * exclude (i) from linkage_fresh union all by name from {state})"
    create_numbered(con, "linkage_part", records, "select l from linkage_found union select r from linkage_found")
    con.execute("create or replace temp view linkage_records as from linkage_part")
    con.execute(
        """create or replace temp table linkage_found_pair as
        select least(a.i, b.i) as l, greatest(a.i, b.i) as r, f.rule
        from linkage_found as f join linkage_part as a on a.number = f.l join linkage_part as b on b.number = f.r"""
    )
    con.execute("create or replace temp view linkage_blocked as from linkage_found_pair")
    con.execute(f"create or replace temp table linkage_gained as from {output} limit 0")
    if _count(con, "linkage_found_pair"):
        write_scored_pairs(con, party_model, "linkage_gained")
    con.execute("drop view linkage_blocked")
    con.execute("drop view linkage_records")
    con.execute(
        f"""create or replace temp table linkage_lost as
        with removed as (select record_key from linkage_removed),
        recheck as (
            select least(a.record_key, b.record_key) as record_key_l, greatest(a.record_key, b.record_key) as record_key_r
            from linkage_recheck as c join {state} as a on a.number = c.l join {state} as b on b.number = c.r
        )
        select record_key_l, record_key_r, match_weight, true as is_of_changed from {output}
        where party_type = '{party_type}' and (record_key_l in (from removed) or record_key_r in (from removed))
        union all
        select record_key_l, record_key_r, p.match_weight, false
        from {output} as p semi join recheck using (record_key_l, record_key_r)"""
    )
    con.execute(
        f"""delete from {output} where party_type = '{party_type}'
        and (record_key_l, record_key_r) in (select (record_key_l, record_key_r) from linkage_lost)"""
    )
    con.execute(f"insert into {output} from linkage_gained order by record_key_l, record_key_r")
    con.execute(
        """create or replace temp table linkage_changed_pair as
        with gained as (select record_key_l, record_key_r, match_weight from linkage_gained),
        rechecked as (select record_key_l, record_key_r, match_weight from linkage_lost where not is_of_changed)
        (from rechecked except from gained) union all (from gained except from rechecked)
        union all select record_key_l, record_key_r, match_weight from linkage_lost where is_of_changed"""
    )
    records_changed = "select record_key from linkage_fresh union select record_key from linkage_removed"
    of_pair = "union select record_key_l from {0} union select record_key_r from {0}"
    edge = f"(from linkage_changed_pair where match_weight >= {COMPONENT_WEIGHT})"
    leave_to(con, CLUSTERS, f"{records_changed} {of_pair.format(edge)}")
    leave_to(con, EXPLANATIONS, f"{records_changed} {of_pair.format('linkage_changed_pair')}")


def _blocks(party_type: str, keys: str) -> str:
    """SQL of the blocks that each record is in: number, rule, h."""
    hashes = [block_hash(party_type, rule) for rule in RULES[party_type]]
    return (
        f"select number, rule, h from (select number, unnest(range({len(hashes)}))::utinyint as rule, "
        f"unnest([{', '.join(hashes)}]) as h from {keys}) where h is not null"
    )


def _count(con: DuckDBPyConnection, relation: str) -> int:
    return con.execute(f"select count(*) from {relation}").fetchall()[0][0]
