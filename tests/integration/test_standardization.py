"""Standardization on the demo: every change is on record, what is inferred stays away from linkage, scores are what they say."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.linkage.records import INPUT_COLUMNS
from tests.project import Project


def test_every_change_of_every_record_is_in_the_log(demo: tuple[Project, str]) -> None:
    """Told apart from the models: delivered and standard values differ by more than case and blanks where the log says so."""
    project, _ = demo
    with duckdb.connect(str(project.warehouse), read_only=True) as con:
        attributes = [
            row[0] for row in con.execute("select distinct attribute from standardized.correction_log").fetchall()
        ]
        assert {"full_name", "family_name", "phone", "email", "street", "city", "gender", "country"} <= set(attributes)
        for attribute in attributes:
            composed = "and delivered is not null" if attribute in ("full_name", "address_full") else ""
            wrong = con.execute(f"""
                with compared as (
                    select record_key, d.{attribute}::varchar as delivered, s.{attribute}::varchar as standard
                    from standardized.delivered_customer_records as d
                    join standardized.std_customer_records as s using (record_key)
                ),
                changed as (
                    select * from compared
                    where lower(regexp_replace(coalesce(delivered, ''), '\\s', '', 'g'))
                        <> lower(regexp_replace(coalesce(standard, ''), '\\s', '', 'g')) {composed}
                ),
                logged as (
                    select distinct record_key, raw_value as delivered, corrected_value as standard
                    from standardized.correction_log where attribute = '{attribute}'
                )
                (from changed except from logged) union all (from logged except from changed)
            """).fetchall()
            assert not wrong, (attribute, len(wrong))


def test_inferred_values_never_reach_the_linker(demo: tuple[Project, str]) -> None:
    project, _ = demo
    records = {
        row[0] for row in project.query("describe standardized.std_customer_records", database=project.warehouse)
    }
    details = {
        row[0] for row in project.query("describe standardized.std_customer_details", database=project.warehouse)
    }
    inferred = {column.removesuffix("_method") for column in details if column.endswith("_imputed_method")}
    assert {"birth_date_imputed", "gender_imputed", "region_imputed", "country_imputed"} <= inferred
    assert not inferred & (records | set(INPUT_COLUMNS))
    assert set(INPUT_COLUMNS) <= records
    for column in inferred:
        stated = column.removesuffix("_imputed")
        both = project.query(
            f"""select count(*) filter ({stated} is not null and {column} is not null),
                count(*) filter (({column} is null) <> ({column}_method is null)), count({column})
            from standardized.std_customer_records join standardized.std_customer_details using (record_key)""",
            database=project.warehouse,
        )[0]
        assert both[:2] == (0, 0), column
        assert both[2] or column in ("birth_date_imputed", "city_imputed"), f"nothing was inferred for {column}"


@pytest.mark.parametrize("attribute", ["email", "birth_date", "phone"])
def test_scores_are_shares_of_records(demo: tuple[Project, str], attribute: str) -> None:
    project, _ = demo
    party = "where party_type = 'person'" if attribute == "birth_date" else ""
    counted = project.query(
        f"select source_system, source_object, count(*), count({attribute})"
        f" from standardized.std_customer_records {party} group by all",
        database=project.warehouse,
    )
    scored = project.query(
        "select source_system, source_object, checked_count, passed_count from marts.dq_scorecard"
        f" where attribute = '{attribute}' and dimension = 'completeness'"
    )
    assert sorted(counted) == sorted(scored)
    dimensions = {row[0] for row in project.query("select distinct dimension from marts.dq_scorecard")}
    assert dimensions == {"completeness", "validity", "consistency", "uniqueness", "timeliness"}


def test_values_are_truer_than_they_came(demo: tuple[Project, str]) -> None:
    """Floors for what the layer is there for; benchmarks.standardization.truth prints all of it."""
    project, _ = demo
    truth = f"{project.root}/data/demo_truth"
    for attribute, least_gain in {
        "phone": 0.7,
        "gender": 0.4,
        "country": 0.4,
        "street": 0.5,
        "family_name": 0.03,
    }.items():
        before, after = project.query(
            f"""select avg((d.{attribute} = v.{attribute})::int), avg(coalesce(s.{attribute} = v.{attribute}, false)::int)
            from standardized.delivered_customer_records as d
            join standardized.std_customer_records as s using (record_key)
            join '{truth}/customer_truth.parquet' as t using (record_key)
            join '{truth}/true_values.parquet' as v using (entity_id)
            where d.{attribute} is not null and v.{attribute} is not null""",
            database=project.warehouse,
        )[0]
        assert after - before >= least_gain, attribute
