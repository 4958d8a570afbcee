"""Steward decisions about pairs of records: read, checked, and put into the one form that the linker applies.

Belongs here: what makes a decision, or a pin of a golden ID, valid, that they do not contradict one another, and recording
one. Does not belong here: applying them (clustering, golden_ids) and the page on which stewards decide.

A decision is data with who, when and why, and outlives every retraining. `match` is transitive; `no_match` holds
between everything that `match` decisions tie to either side. Decisions stand in two places of the same columns, which are
read as one: a seed under version control, and the table `STEWARD_DECISIONS`, to which `record_decision` appends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = ("record_key_l", "record_key_r", "decision", "decided_by", "decided_at", "reason")
MATCH, NO_MATCH = "match", "no_match"
SEED = "reference.steward_decisions"
STEWARD_DECISIONS = "linkage.steward_decisions"
PIN_COLUMNS = ("record_key", "golden_id", "pinned_by", "pinned_at", "reason")


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


def create_steward_decisions(con: DuckDBPyConnection) -> None:
    """Create the append-only table `STEWARD_DECISIONS` if it is missing."""
    con.execute("create schema if not exists linkage")
    con.execute(
        f"create table if not exists {STEWARD_DECISIONS} (record_key_l varchar not null, record_key_r varchar not null, "
        "decision varchar not null, decided_by varchar not null, decided_at timestamp not null, reason varchar not null)"
    )


def record_decision(
    con: DuckDBPyConnection,
    record_key_l: str,
    record_key_r: str,
    decision: str,
    *,
    decided_by: str,
    reason: str,
    decided_at: datetime | None = None,
    records: str = "standardized.std_customer_records",
    sources: Sequence[str] = (SEED, STEWARD_DECISIONS),
) -> None:
    """Append a decision on two records to `STEWARD_DECISIONS`; the next linkage run applies it.

    `decided_at` is a moment in UTC, now when it is left out. An earlier decision on the pair stays in the table and is
    superseded. To take a decision back, decide the other way.

    Raises DecisionError, and records nothing, when `load_decisions` would refuse the decision together with those in
    `sources`, when a record is not in `records`, or when one is a person and the other an organization. The connection must
    not be inside a transaction.
    """
    pair = sorted((record_key_l, record_key_r))
    moment = decided_at or datetime.now(UTC)
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    con.begin()
    try:
        create_steward_decisions(con)
        _check_records(con, pair, records)
        con.execute(
            f"insert into {STEWARD_DECISIONS} values (?, ?, ?, ?, ?, ?)", [*pair, decision, decided_by, moment, reason]
        )
        _find_decisions_in_force(con, sources)
        con.execute("drop table temp.decision_in_force")
        con.commit()
    except BaseException:
        con.rollback()
        raise


def _check_records(con: DuckDBPyConnection, pair: list[str], records: str) -> None:
    present = {column for column, *_ in con.execute(f"describe select * from {records}").fetchall()}
    party_type = "coalesce(party_type, 'person')" if "party_type" in present else "'person'"
    found = dict(
        con.execute(f"select record_key, {party_type} from {records} where record_key in (?, ?)", pair).fetchall()
    )
    if missing := [key for key in pair if key not in found]:
        raise DecisionError(
            f"no such record in the input: {', '.join(missing)}; look its record_key up in customer_xref"
        )
    if len(set(found.values())) > 1:
        raise DecisionError(f"a person and an organization are never one customer: {_listed([(pair[0], pair[1])])}")


def load_pins(
    con: DuckDBPyConnection, source: str = "reference.golden_id_pins", output: str = "linkage.golden_id_pins"
) -> int:
    """Check the pins of golden IDs in `source` and write those in force to `output`; return how many.

    `source` has one row per pin: `record_key`, `golden_id` (that the customer who holds the record is to keep), `pinned_by`,
    `pinned_at`, `reason`. Of several pins of a record, or of a golden ID, the latest is in force. Raises DecisionError when
    a value is missing, or two pins of one record or golden ID differ at the same time.
    """
    present = {column for column, *_ in con.execute(f"describe select * from {source}").fetchall()}
    if missing := [column for column in PIN_COLUMNS if column not in present]:
        raise DecisionError(f"{source}: column missing: {', '.join(missing)}")
    empty = " or ".join(f"coalesce(trim({column}::varchar), '') = ''" for column in PIN_COLUMNS)
    faulty = con.execute(f"select record_key, golden_id from {source} where {empty} order by all limit 5").fetchall()
    if faulty:
        raise DecisionError(
            f"{source}: a value is missing; a pin needs record, golden ID, who, when and why: {_listed(faulty)}"
        )
    wrong = con.execute(
        f"select record_key, golden_id from {source} where try_cast(pinned_at as timestamp) is null order by all limit 5"
    ).fetchall()
    if wrong:
        raise DecisionError(f"{source}: pinned_at must be a date or a timestamp in UTC: {_listed(wrong)}")
    for same, other in (("record_key", "golden_id"), ("golden_id", "record_key")):
        tied = con.execute(
            f"""select {same}, min({other}) || ' or ' || max({other}) from {source}
            group by {same}, pinned_at::timestamp having count(distinct {other}) > 1 order by all limit 5"""
        ).fetchall()
        if tied:
            raise DecisionError(f"{source}: pinned to both at the same time; withdraw one of them: {_listed(tied)}")
    if "." in output:
        con.execute(f"create schema if not exists {output.rpartition('.')[0]}")
    con.execute(f"""
        create or replace table {output} as
        with latest as (
            select {", ".join(PIN_COLUMNS)} from {source}
            qualify row_number() over (partition by record_key order by pinned_at::timestamp desc, golden_id) = 1
        )
        from latest
        qualify row_number() over (partition by golden_id order by pinned_at::timestamp desc, record_key) = 1
        order by record_key
    """)
    return con.execute(f"select count(*) from {output}").fetchall()[0][0]


def load_decisions(
    con: DuckDBPyConnection,
    sources: str | Sequence[str],
    *,
    records: str = "standardized.std_customer_records",
    output: str = "linkage.decisions",
) -> DecisionSummary:
    """Check the decisions in `sources` and write those in force to `output`, ordered by key.

    Every source has one row per decision: `record_key_l`, `record_key_r` (in either order), `decision` (match | no_match),
    `decided_by`, `decided_at`, `reason`. `output` has the same columns, one row per pair, left key below
    right key; of several decisions on a pair, in whichever source, the latest is in force. `records` has `record_key`, one
    row per record.

    Raises DecisionError when a value is missing or unknown, a record is paired with itself, two decisions on a pair
    differ at the same time, or a pair is kept apart that `match` decisions tie together, directly or through others.
    """
    pairs, given = _find_decisions_in_force(con, [sources] if isinstance(sources, str) else sources)
    if "." in output:
        con.execute(f"create schema if not exists {output.rpartition('.')[0]}")
    con.execute(f"create or replace table {output} as from temp.decision_in_force order by record_key_l, record_key_r")
    con.execute("drop table temp.decision_in_force")
    waiting = con.execute(f"""
        select count(*) from {output}
        where record_key_l not in (select record_key from {records})
            or record_key_r not in (select record_key from {records})
    """).fetchone() or (0,)
    match = sum(decision == MATCH for _, _, decision in pairs)
    return DecisionSummary(match=match, no_match=len(pairs) - match, superseded=given - len(pairs), waiting=waiting[0])


def _find_decisions_in_force(con: DuckDBPyConnection, sources: Sequence[str]) -> tuple[list[tuple[str, str, str]], int]:
    """Create the temporary table `decision_in_force`; return its pairs with their decisions, and how many were given."""
    for one in sources:
        _check_columns(con, one)
    source = "decisions_given"
    every = " union all ".join(
        f"select record_key_l, record_key_r, decision, decided_by, decided_at::varchar as decided_at, reason from {one}"
        for one in sources
    )
    con.execute(f"create or replace temp table {source} as {every}")
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
    given = con.execute(f"select count(*) from {source}").fetchall()[0][0]
    con.execute(f"drop table {source}")
    return pairs, given


def _check_columns(con: DuckDBPyConnection, source: str) -> None:
    present = {column for column, *_ in con.execute(f"describe select * from {source}").fetchall()}
    if missing := [column for column in COLUMNS if column not in present]:
        raise DecisionError(f"{source}: column missing: {', '.join(missing)}")


def _check_rows(con: DuckDBPyConnection, source: str) -> None:
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
            raise DecisionError(f"steward decisions: {message}: {_listed(faulty)}")
    tied = con.execute(f"""
        select least(record_key_l, record_key_r), greatest(record_key_l, record_key_r)
        from {source}
        group by least(record_key_l, record_key_r), greatest(record_key_l, record_key_r), decided_at::timestamp
        having count(distinct decision) > 1
        order by all limit 5
    """).fetchall()
    if tied:
        raise DecisionError(f"steward decisions: decided both ways at the same time: {_listed(tied)}")


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
