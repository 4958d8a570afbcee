"""Which blocking rules propose a given pair of records, and which would if their blocks were smaller.

Belongs here: the look back from a pair to the rules. Does not belong here: the rules and the listing of pairs (blocking.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.linkage.blocking import (
    FEW_PAIRS,
    LEAST_PAIRS,
    PAIRS_PER_RECORD,
    RULES,
    BlockingRule,
    _smallest_blocks,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class BlockingEvidence:
    """A blocking rule on whose keys two records agree. ``is_used`` is false where their block is beyond the rule's budget."""

    rule: str
    is_weak: bool
    block_records: int
    is_used: bool


def rules_of_pair(
    con: DuckDBPyConnection, party_type: str, left: int, right: int
) -> tuple[tuple[BlockingEvidence, ...], bool]:
    """The rules on which two of ``linkage_records`` (by ``i``) agree, in their order, and whether they propose the pair."""
    rules = RULES[party_type]
    count = con.execute("select count(*) from linkage_records").fetchall()[0][0]
    budget = max(LEAST_PAIRS, round(PAIRS_PER_RECORD * count))
    found = []
    for rule in rules:
        known = " and ".join(f"({key}) is not null" for key in rule.keys)
        members = con.execute(
            f"""with keyed as (select i, hash({", ".join(rule.keys)}) as h from linkage_records where {known})
            select count(*), count(*) filter (i = ?) from keyed where h = (select h from keyed where i = ?)""",
            [right, left],
        ).fetchall()[0]
        if not members[1]:
            continue
        _smallest_blocks(con, "linkage_records", rule, budget)
        used = con.execute("select count(*) from linkage_block where i = ?", [left]).fetchall()[0][0] > 0
        found.append(BlockingEvidence(rule.name, rule.weak, members[0], used))
    con.execute("drop table if exists linkage_block")
    used = [evidence for evidence in found if evidence.is_used]
    if len(used) == 1 and used[0].is_weak:
        return tuple(found), _proposed_in_all(con, rules, budget) <= FEW_PAIRS
    return tuple(found), bool(used)


def _proposed_in_all(con: DuckDBPyConnection, rules: tuple[BlockingRule, ...], budget: int) -> int:
    """Pairs that all rules propose, pairs of several rules counted for each."""
    total = 0
    for rule in rules:
        _smallest_blocks(con, "linkage_records", rule, budget)
        total += con.execute(
            "select coalesce(sum(n * (n - 1) // 2), 0)::bigint from (select count(*) as n from linkage_block group by h)"
        ).fetchall()[0][0]
    con.execute("drop table if exists linkage_block")
    return total
