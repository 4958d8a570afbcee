"""Guards looked at from the outside: whether the customers that would be published keep what clustering promises.

Belongs here: the promises, checked on the finished assignment without the code that makes it, so that a fault there is
found. Does not belong here: refusing merges (agglomeration.py, attachment.py).

- No customer has two different valid identifiers (national ID of a person, registration number of an organisation),
  except among records that stewards' decisions tie together.
- No customer has more than 50 records, except held ones.
- No customer has records that a decision keeps apart, directly or through records tied to them by other decisions.
- No customer has two records that a declared conflict of guards.yml names (father and son of one name, Jr and Sr), except
  among records that decisions tie together or that were attached as bare ones. Prepared records, as the run has left them
  for the next, are judged by the declared condition.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dagster_project.linkage.agglomeration import LARGEST_CLUSTER
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.guards import read_guards
from dagster_project.linkage.state import PAIRS, done_with, state_records
from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class BrokenGuard:
    """A customer that should not be: which guard it breaks, and two of its records that show it."""

    guard: str
    golden_id: str
    record_keys: tuple[str, ...]

    def __str__(self) -> str:
        """Golden ID and record keys, no values."""
        return f"{self.golden_id}: {self.guard} ({', '.join(self.record_keys)})"


def broken_guards(
    con: DuckDBPyConnection,
    *,
    records: str = "standardized.std_customer_records",
    assignment: str = "linkage.golden_id_assignment",
    clusters: str = "linkage.clusters",
    decisions: str = "linkage.decisions",
) -> list[BrokenGuard]:
    """Every customer and guard it breaks, ordered by golden ID; empty when all is as promised.

    ``decisions``: those in force, from the seed and from the table alike, one row per pair.
    """
    ties, apart = _decisions(con, records, decisions)
    golden = _golden_ids_of(con, assignment, [*ties, *(key for pair in apart for key in pair)])
    broken = [
        *_two_identifiers(con, records, assignment, ties),
        *_too_large(con, assignment, clusters),
        *_kept_apart(ties, apart, golden),
        *_conflicts(con, assignment, clusters, ties),
    ]
    return sorted(broken, key=lambda found: (found.golden_id, found.guard, found.record_keys))


def _decisions(con: DuckDBPyConnection, records: str, decisions: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Group of each record that match decisions tie together (by its smallest key), and the pairs kept apart.

    Only decisions about two records of one kind of party that are both in the input have an effect.
    """
    schema, _, table = decisions.rpartition(".")
    if not table_exists(con, schema, table):
        return {}, []
    rows = con.execute(
        f"""select d.record_key_l, d.record_key_r, d.decision
        from {decisions} as d
        join {records} as l on l.record_key = d.record_key_l
        join {records} as r on r.record_key = d.record_key_r
        where coalesce(l.party_type = 'organization', false) = coalesce(r.party_type = 'organization', false)
        order by 1, 2"""
    ).fetchall()
    group: dict[str, str] = {}

    def root(key: str) -> str:
        while (up := group.setdefault(key, key)) != key:
            group[key] = key = group[up]
        return key

    for left, right, decision in rows:
        if decision == "match":
            first, second = sorted((root(left), root(right)))
            group[second] = first
    return {key: root(key) for key in list(group)}, [(left, right) for left, right, kind in rows if kind == "no_match"]


def _golden_ids_of(con: DuckDBPyConnection, assignment: str, keys: list[str]) -> dict[str, str]:
    rows = con.execute(
        f"select record_key, golden_id from {assignment} where list_contains(?, record_key)", [sorted(set(keys))]
    ).fetchall()
    return dict(rows)


def _two_identifiers(con: DuckDBPyConnection, records: str, assignment: str, ties: dict[str, str]) -> list[BrokenGuard]:
    found = con.execute(
        f"""with record as (
            select golden_id, record_key, coalesce(party_type = 'organization', false) as is_organization,
                upper(regexp_replace(
                    case when party_type = 'organization' then company_id else national_id end, '[^A-Za-z0-9]', '', 'g'
                )) as identifier
            from {assignment} join {records} using (record_key)
        ),
        several as (select golden_id from record group by golden_id having count(distinct identifier) > 1)
        select golden_id, record_key, is_organization, identifier from record semi join several using (golden_id)
        where identifier <> '' order by golden_id, record_key"""
    ).fetchall()
    valid: dict[str, list[tuple[str, str]]] = {}
    for golden_id, key, is_organization, identifier in found:
        if _is_valid(identifier, is_organization):
            valid.setdefault(golden_id, []).append((key, identifier))
    broken = []
    for golden_id, holders in valid.items():
        for (left, first), (right, second) in combinations(holders, 2):
            if first != second and ties.get(left, left) != ties.get(right, right):
                broken.append(BrokenGuard("two different valid identifiers", golden_id, (left, right)))
                break
    return broken


def _is_valid(identifier: str, is_organization: bool) -> bool:
    """Whether the check digit of a Chinese national ID or registration number holds: those are what the guard knows."""
    from dagster_project.standardize.identifiers import parse_company_id, parse_national_id

    if is_organization:
        company = parse_company_id(identifier, "CN")
        return company.company_id_type == "uscc" and company.is_company_id_valid is True
    person = parse_national_id(identifier, "CN")
    is_chinese = person.national_id_type in ("cn_resident_id", "cn_residence_permit")
    return is_chinese and person.is_national_id_valid is True


def _too_large(con: DuckDBPyConnection, assignment: str, clusters: str) -> list[BrokenGuard]:
    rows = con.execute(
        f"""select golden_id, min(record_key), max(record_key)
        from {assignment} join {clusters} using (record_key)
        group by golden_id having count(*) > {LARGEST_CLUSTER} and not bool_and(held)
        order by golden_id"""
    ).fetchall()
    return [BrokenGuard(f"more than {LARGEST_CLUSTER} records", golden_id, (a, b)) for golden_id, a, b in rows]


def _kept_apart(ties: dict[str, str], apart: list[tuple[str, str]], golden: dict[str, str]) -> list[BrokenGuard]:
    members: dict[str, list[str]] = {}
    for key, group in sorted(ties.items()):
        members.setdefault(group, []).append(key)
    return [
        BrokenGuard("records that a decision keeps apart", golden[a], (a, b))
        for left, right in apart
        for a in members.get(ties.get(left, left), [left])
        for b in members.get(ties.get(right, right), [right])
        if a in golden and golden[a] == golden.get(b)
    ]


def _conflicts(con: DuckDBPyConnection, assignment: str, clusters: str, ties: dict[str, str]) -> list[BrokenGuard]:
    if not table_exists(con, "linkage", "state") or done_with(con, PAIRS) is None:
        return []  # without prepared records of this run there is nothing to judge
    broken: dict[tuple[str, str], BrokenGuard] = {}
    for party in PARTIES:
        if not table_exists(con, *state_records(party.party_type).split(".")):
            continue  # the model knows none
        for conflict in read_guards().conflicts:
            if conflict.party_type not in (party.party_type, "any"):
                continue
            found = con.execute(
                f"""with record as (
                    select a.golden_id, r.*
                    from {state_records(party.party_type)} as r join {assignment} as a using (record_key)
                    join {clusters} as c using (record_key) where not c.attached
                ),
                l as (select columns('(.*)') as '\\1_l' from record),
                r as (select columns('(.*)') as '\\1_r' from record)
                select golden_id_l, record_key_l, record_key_r
                from l join r on golden_id_l = golden_id_r and record_key_l < record_key_r
                where {conflict.condition}
                order by all"""
            ).fetchall()
            for golden_id, left, right in found:
                if ties.get(left, left) != ties.get(right, right):
                    broken.setdefault((golden_id, conflict.name), BrokenGuard(conflict.name, golden_id, (left, right)))
    return list(broken.values())
