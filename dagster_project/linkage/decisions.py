"""Steward decisions about pairs of records: read, checked, and put into the one form that the linker applies.

Belongs here: what makes a decision valid, and that decisions do not contradict one another. Does not belong here:
applying them to clusters (clustering), pins of golden IDs (golden_ids) and the page on which stewards decide.

A decision is data with who, when and why, and outlives every retraining. `match` is transitive; `no_match` holds
between everything that `match` decisions tie to either side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = ("record_key_l", "record_key_r", "decision", "decided_by", "decided_at", "reason")
MATCH, NO_MATCH = "match", "no_match"


@dataclass(frozen=True)
class DecisionSummary:
    """The decisions in force."""

    match: int
    no_match: int
    superseded: int
    """Decisions about a pair on which a later one exists."""
    waiting: int
    """Decisions in force that name a record outside the input; they apply once it is there."""


class DecisionError(ValueError):
    """Decisions that cannot be applied; the message names the records and what to change."""


def load_decisions(
    con: DuckDBPyConnection,
    source: str,
    *,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.decisions",
) -> DecisionSummary:
    """Check the decisions in `source` and write those in force to `output`, ordered by key.

    `source` has one row per decision: `record_key_l`, `record_key_r` (in either order), `decision` (match | no_match),
    `decided_by`, `decided_at`, `reason`. `output` has the same columns, one row per pair, left key below
    right key; of several decisions on a pair the latest is in force. `records` has `record_key`, one row per record.

    Raises DecisionError when a value is missing or unknown, a record is paired with itself, two decisions on a pair
    differ at the same time, or a pair is kept apart that `match` decisions tie together, directly or through others.
    """
    _check_rows(con, source)
    con.execute(f"""
        create or replace temp table decision_in_force as
        select
            least(record_key_l, record_key_r) as record_key_l,
            greatest(record_key_l, record_key_r) as record_key_r,
            decision, decided_by, decided_at::timestamp as decided_at, reason
        from {source}
        qualify row_number() over (
            partition by least(record_key_l, record_key_r), greatest(record_key_l, record_key_r)
            order by decided_at::timestamp desc, decided_by, reason
        ) = 1
        order by 1, 2
    """)
    pairs = con.execute("select record_key_l, record_key_r, decision from decision_in_force order by 1, 2").fetchall()
    _check_contradictions(pairs)
    if "." in output:
        con.execute(f"create schema if not exists {output.rpartition('.')[0]}")
    con.execute(f"create or replace table {output} as from temp.decision_in_force order by record_key_l, record_key_r")
    con.execute("drop table temp.decision_in_force")
    given = con.execute(f"select count(*) from {source}").fetchone() or (0,)
    waiting = con.execute(f"""
        select count(*) from {output}
        where record_key_l not in (select record_key from {records})
            or record_key_r not in (select record_key from {records})
    """).fetchone() or (0,)
    match = sum(decision == MATCH for _, _, decision in pairs)
    return DecisionSummary(
        match=match, no_match=len(pairs) - match, superseded=given[0] - len(pairs), waiting=waiting[0]
    )


def _check_rows(con: DuckDBPyConnection, source: str) -> None:
    present = {column for column, *_ in con.execute(f"describe select * from {source}").fetchall()}
    if missing := [column for column in COLUMNS if column not in present]:
        raise DecisionError(f"{source}: column missing: {', '.join(missing)}")
    empty = " or ".join(f"coalesce(trim({column}::varchar), '') = ''" for column in COLUMNS)
    rules = (
        (empty, "a value is missing; a decision needs both records, the decision, who, when and why"),
        (f"decision not in ('{MATCH}', '{NO_MATCH}')", f"the decision must be {MATCH} or {NO_MATCH}"),
        ("try_cast(decided_at as timestamp) is null", "decided_at must be a date or a timestamp in UTC"),
        ("record_key_l = record_key_r", "a record is paired with itself"),
    )
    for condition, message in rules:
        faulty = con.execute(
            f"select record_key_l, record_key_r from {source} where {condition} order by all limit 5"
        ).fetchall()
        if faulty:
            raise DecisionError(f"{source}: {message}: {_listed(faulty)}")
    tied = con.execute(f"""
        select least(record_key_l, record_key_r), greatest(record_key_l, record_key_r)
        from {source}
        group by least(record_key_l, record_key_r), greatest(record_key_l, record_key_r), decided_at::timestamp
        having count(distinct decision) > 1
        order by all limit 5
    """).fetchall()
    if tied:
        raise DecisionError(f"{source}: decided both ways at the same time: {_listed(tied)}")


def _check_contradictions(pairs: list[tuple[str, str, str]]) -> None:
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while (up := parent.setdefault(key, key)) != key:
            parent[key] = key = parent[up]
        return key

    for left, right, decision in pairs:
        if decision == MATCH:
            first, second = sorted((root(left), root(right)))
            parent[second] = first
    torn = [(left, right) for left, right, decision in pairs if decision == NO_MATCH and root(left) == root(right)]
    if torn:
        raise DecisionError(
            f"kept apart by one decision, tied together by others; withdraw one of them: {_listed(torn[:5])}"
        )


def _listed(pairs: list[tuple[str, str]]) -> str:
    return "; ".join(f"{left} and {right}" for left, right in pairs)
