"""Which blocking rules propose a given pair of records, and which would if their blocks were smaller.

Belongs here: the look back from a pair to the rules. Does not belong here: the rules and the listing of pairs (blocking.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.linkage.blocking import RULES, block_hash, key_columns

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.reference import PartyReference


@dataclass(frozen=True)
class BlockingEvidence:
    """A blocking rule on whose keys two records agree. ``is_used`` is false where their block is larger than the rule uses."""

    rule: str
    is_weak: bool
    block_records: int
    is_used: bool


def rules_of_pair(
    con: DuckDBPyConnection, party_type: str, reference: PartyReference, left: int, right: int
) -> tuple[tuple[BlockingEvidence, ...], bool]:
    """The rules on which two of ``linkage_records`` (by ``i``) agree, in their order, and whether they propose the pair."""
    found = []
    for rule in RULES[party_type]:
        members, agrees = con.execute(
            f"""with keyed as (
                select i, {block_hash(party_type, rule)} as h
                from (select i, {key_columns(party_type)} from linkage_records)
            )
            select count(*), count(*) filter (i = ?) from keyed where h = (select h from keyed where i = ?)""",
            [right, left],
        ).fetchall()[0]
        if agrees:
            is_used = members <= reference.largest_blocks[rule.name]
            found.append(BlockingEvidence(rule.name, rule.weak, members, is_used))
    used = [evidence for evidence in found if evidence.is_used]
    if len(used) == 1 and used[0].is_weak:
        return tuple(found), reference.one_weak_rule
    return tuple(found), bool(used)
