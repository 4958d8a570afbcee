"""How right relationships and attributed visits are, against the truth of the demo company.

A golden customer stands for the entity to which most of its records belong. What is stated of golden customers is then
compared with what is true of their entities, so mistakes of linkage count here as well. Belongs here: the measures. Does
not belong here: printing them (``run``), and how relationships are found (the dbt models).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True)
class Pairs:
    """Pairs of entities: how many are stated, how many of these are right, how many are true, how many of these are found."""

    stated: int
    right: int
    of_one_entity: int
    """Of the stated ones that are wrong: both sides are one entity that linkage has not merged."""
    true: int
    found: int

    @property
    def precision(self) -> float:
        """Share of the stated pairs that are right, 1 where none is stated."""
        return self.right / self.stated if self.stated else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that are found, 1 where none is true."""
        return self.found / self.true if self.true else 1.0


@dataclass(frozen=True)
class Visits:
    """Page views that name no customer of their own."""

    anonymous: int
    by_customers: int
    """Of these, those of somebody whom a source system knows; the others are of strangers."""
    attributed: dict[str, int]
    """By way of identification."""
    right: dict[str, int]
    """Of the attributed ones, those of the customer who really made them."""
    by_device_on_shared_ones: int
    """Attributed by the device alone where several customers were identified on it within the time in which none may."""

    @property
    def share(self) -> float:
        """Share of the anonymous page views that were attributed to a customer."""
        return sum(self.attributed.values()) / self.anonymous if self.anonymous else 0.0

    @property
    def precision(self) -> float:
        """Share of the attributed page views that were attributed to the right customer."""
        return sum(self.right.values()) / sum(self.attributed.values()) if self.attributed else 1.0


def open_run(warehouse: Path, truth: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads a finished run's warehouse beside the truth (folder), never writing to either."""
    con = duckdb.connect(str(warehouse), read_only=True)
    con.execute(f"create temp table truth as from read_parquet('{truth / 'customer_truth.parquet'}')")
    con.execute(f"create temp table visit_truth as from read_parquet('{truth / 'visit_truth.parquet'}')")
    con.execute(
        """
        create temp table entity as
        select entity_id, any_value(party_type) as party_type, any_value(household_id) as household_id,
            any_value(company_entity_id) as company_entity_id
        from truth group by entity_id
        """
    )
    con.execute(
        """
        create temp table customer as
        select golden_id, entity_id from golden.golden_xref join truth using (record_key)
        group by golden_id, entity_id
        qualify row_number() over (partition by golden_id order by count(*) desc, entity_id) = 1
        """
    )
    return con


def household_pairs(con: duckdb.DuckDBPyConnection, *, with_address: bool = False) -> Pairs:
    """Pairs of persons of one home; true are all that have records, or only those whose records both say an address."""
    member = "entity"
    if with_address:
        addressed = "select record_key from standardized.std_customer_records where street is not null"
        member = f"(from entity semi join (from truth semi join ({addressed}) using (record_key)) using (entity_id))"
    true = f"""
        select a.entity_id as one, b.entity_id as other from {member} as a
        join {member} as b on a.household_id = b.household_id and a.entity_id < b.entity_id
    """
    return _pairs(con, "household", true, "least(a.entity_id, b.entity_id)", "greatest(a.entity_id, b.entity_id)")


def people_of_organisations(con: duckdb.DuckDBPyConnection, relationship: str = "employee_of") -> Pairs:
    """Pairs of a person and the organisation; true are all of which both have records."""
    true = """
        select person.entity_id as one, person.company_entity_id as other from entity as person
        join entity as organisation on person.company_entity_id = organisation.entity_id
    """
    return _pairs(con, relationship, true, "a.entity_id", "b.entity_id")


def _pairs(con: duckdb.DuckDBPyConnection, relationship: str, true: str, one: str, other: str) -> Pairs:
    row = con.execute(
        f"""
        with true_pair as ({true}), stated as (
            select {one} as one, {other} as other from marts.customer_relationships as stated
            join customer as a on stated.golden_id = a.golden_id
            join customer as b on stated.related_golden_id = b.golden_id
            where stated.relationship = $relationship
        )
        select
            (select count(*) from stated),
            (select count(*) from stated semi join true_pair using (one, other)),
            (select count(*) from stated where one = other),
            (select count(*) from true_pair),
            (select count(*) from true_pair semi join stated using (one, other))
        """,
        {"relationship": relationship},
    ).fetchall()[0]
    return Pairs(*row)


def visits(con: duckdb.DuckDBPyConnection, exclusive_days: int = 365) -> Visits:
    """Page views before, without and after a log-in: who got them, and who made them.

    Args:
        con: Made by ``open_run``.
        exclusive_days: The run's variable ``visitor_exclusive_days``.
    """
    con.execute(
        """
        create or replace temp table anonymous_view as
        select touch.*, visitor.entity_id as made_by, customer.entity_id as given_to
        from marts.fct_interactions as touch
        join visit_truth as visitor using (interaction_key)
        left join customer using (golden_id)
        where touch.identified_by is distinct from 'record'
        """
    )
    anonymous, by_customers = con.execute("select count(*), count(made_by) from anonymous_view").fetchall()[0]
    ways = con.execute(
        """
        select identified_by, count(*), count(*) filter (given_to = made_by) from anonymous_view
        where identified_by is not null group by all order by all
        """
    ).fetchall()
    shared = con.execute(
        f"""
        select count(*) from anonymous_view as view
        where view.identified_by = 'device_window' and 1 < (
            select count(distinct other.visitor) from golden.visitor_identifications as other
            where other.anonymous_id = view.anonymous_id
                and abs(date_diff('second', other.occurred_at, view.occurred_at)) <= 86400 * {exclusive_days}
        )
        """
    ).fetchall()[0][0]
    return Visits(
        anonymous,
        by_customers,
        {way: attributed for way, attributed, _ in ways},
        {way: right for way, _, right in ways},
        shared,
    )
