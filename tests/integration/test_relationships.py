"""Relationships and attributed visits of the demo company, against its truth: floors below what a run reaches."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from benchmarks.relationships.measures import household_pairs, open_run, people_of_organisations, visits
from tests.project import Project


@pytest.fixture(scope="module")
def con(demo: tuple[Project, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    project, _ = demo
    with open_run(project.warehouse, project.root / "data" / "demo_truth") as con:
        yield con


def rows_of(con: duckdb.DuckDBPyConnection, query: str) -> int:
    return con.execute(f"select count(*) from ({query})").fetchall()[0][0]


def test_households_are_found_and_mostly_right(con: duckdb.DuckDBPyConnection) -> None:
    found = household_pairs(con)
    assert found.stated > 300
    assert found.precision >= 0.85
    # A customer of whom linkage made two lives with himself; hardly anybody with a stranger.
    assert (found.right + found.of_one_entity) / found.stated >= 0.96
    assert found.recall >= 0.65
    assert household_pairs(con, with_address=True).recall >= 0.85


def test_people_belong_to_their_organisations(con: duckdb.DuckDBPyConnection) -> None:
    employees = people_of_organisations(con)
    assert employees.stated > 300
    assert employees.precision >= 0.97
    assert employees.recall >= 0.93
    contacts = people_of_organisations(con, "contact_of")
    assert contacts.precision >= 0.97
    assert contacts.recall >= 0.85


def test_people_and_organisations_are_never_one_customer(con: duckdb.DuckDBPyConnection) -> None:
    both = """
        select golden_id from golden.golden_xref join standardized.std_customer_records using (record_key)
        group by golden_id having count(distinct party_type) > 1
    """
    assert rows_of(con, both) == 0
    assert rows_of(con, "from marts.dim_customer where party_type = 'organization'") > 100


def test_colleagues_are_related_through_their_company_only(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody is colleague or household of another for a common employer, though they share its address and telephone."""
    colleagues = """
        from marts.customer_relationships as employee
        join marts.customer_relationships as colleague using (related_golden_id)
        where employee.relationship = 'employee_of' and colleague.relationship = 'employee_of'
            and employee.golden_id < colleague.golden_id
    """
    assert rows_of(con, colleagues) > 50
    at_home = f"""
        with pair as (select employee.golden_id, colleague.golden_id as related_golden_id {colleagues})
        from pair semi join (
            from marts.customer_relationships where relationship = 'household' and evidence not like '%surname%'
        ) using (golden_id, related_golden_id)
    """
    assert rows_of(con, at_home) == 0


def test_a_household_has_all_its_pairs_and_no_other_people(con: duckdb.DuckDBPyConnection) -> None:
    split = """
        select pair.golden_id from marts.customer_relationships as pair
        join marts.customer_households as one on pair.golden_id = one.golden_id
        join marts.customer_households as other on pair.related_golden_id = other.golden_id
        where pair.relationship = 'household' and one.household_id <> other.household_id
    """
    assert rows_of(con, split) == 0
    wrong = """
        select household_id from marts.customer_households group by household_id
        having count(*) <> any_value(household_size) or household_id <> 'household:' || min(golden_id)
    """
    assert rows_of(con, wrong) == 0
    assert rows_of(con, "from marts.customer_households") > 600


def test_most_anonymous_page_views_find_their_customer_and_the_right_one(con: duckdb.DuckDBPyConnection) -> None:
    found = visits(con)
    assert set(found.attributed) == {"login_in_session", "email_click", "device_window"}
    assert found.share >= 0.6
    assert sum(found.attributed.values()) / found.by_customers >= 0.75
    assert found.precision >= 0.98
    for way, attributed in found.attributed.items():
        assert attributed > 300, way
        assert found.right[way] / attributed >= 0.97, way


def test_strangers_stay_anonymous(con: duckdb.DuckDBPyConnection) -> None:
    stranger = """
        from marts.fct_interactions join visit_truth using (interaction_key)
        where entity_id is null
    """
    assert rows_of(con, stranger) > 2000
    assert rows_of(con, f"{stranger} and golden_id is not null") == 0


def test_devices_of_several_customers_never_mix_them(con: duckdb.DuckDBPyConnection) -> None:
    shared = """
        from golden.visitor_identifications group by anonymous_id having count(distinct visitor) > 1
    """
    assert rows_of(con, f"select anonymous_id {shared}") > 20
    assert visits(con).by_device_on_shared_ones == 0
    of_two = """
        select session_id from marts.fct_interactions
        where session_id is not null and golden_id is not null
        group by anonymous_id, session_id having count(distinct golden_id) > 1
    """
    given = """
        from marts.fct_interactions semi join golden.visitor_attributions using (interaction_key)
    """
    assert rows_of(con, f"{given} where session_id in ({of_two})") == 0
    # What these devices saw in visits in which nobody was identified is nobody's.
    unidentified = f"""
        from marts.fct_interactions as touch
        where touch.anonymous_id in (select anonymous_id {shared})
            and not exists (
                from golden.visitor_identifications as own
                where own.anonymous_id = touch.anonymous_id and own.session_id = touch.session_id
            )
            and touch.session_id is not null
    """
    assert rows_of(con, unidentified) > 100
    assert rows_of(con, f"{unidentified} and touch.golden_id is not null") == 0


def test_every_interaction_hangs_on_a_record_of_its_customer(con: duckdb.DuckDBPyConnection) -> None:
    """So that a merge or its undoing carries what a visitor did along with the record that was identified."""
    stray = """
        from marts.fct_interactions as touch left join golden.golden_xref as xref
        on touch.customer_record_key = xref.record_key
        where touch.golden_id is distinct from xref.golden_id
    """
    assert rows_of(con, stray) == 0
