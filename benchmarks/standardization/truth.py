"""What standardization is worth on the demo company, whose truth is known.

    python -m benchmarks.standardization.truth [--warehouse data/warehouse.duckdb] [--truth data/demo_truth] [--no-linkage]

Prints, per attribute and source system, the share of delivered values that equal the person's true one as delivered and
as standardized; and the linkage accuracy on the values as delivered and as standardized. Values that were true when the
record was made (an address before a move) count as wrong in both. Does not belong here: asserting anything.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import duckdb

from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.evaluation import b_cubed_metrics, pairwise_metrics
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.training import train

# Attribute -> the true values that a record may hold: people have a private and a work address for mail.
ATTRIBUTES = {
    "full_name": ["full_name"],
    "given_name": ["given_name"],
    "family_name": ["family_name"],
    "birth_date": ["birth_date"],
    "gender": ["gender"],
    "email": ["email", "work_email"],
    "phone": ["phone"],
    "national_id": ["national_id"],
    "street": ["street"],
    "house_number": ["house_number"],
    "district": ["district"],
    "city": ["city"],
    "region": ["region"],
    "postcode": ["postcode"],
    "country": ["country"],
    "company_name": ["company_name"],
    "company_id": ["company_id"],
}
# A place is written without its last administrative word in the standard form, with it in the truth.
PLACES = {"city", "region"}


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--warehouse", type=Path, default=Path("data/warehouse.duckdb"))
    parser.add_argument("--truth", type=Path, default=Path("data/demo_truth"))
    parser.add_argument("--no-linkage", action="store_true", help="leave out the second table")
    options = parser.parse_args()
    with duckdb.connect() as con:
        con.execute("set memory_limit = '2GB'")
        con.execute(f"attach '{options.warehouse}' as demo (read_only)")
        con.execute(
            f"""create table truth as
            select t.record_key, t.entity_id, t.population, v.* exclude (entity_id, party_type, population)
            from '{options.truth}/customer_truth.parquet' as t join '{options.truth}/true_values.parquet' as v using (entity_id)"""
        )
        print_values(con)
        if not options.no_linkage:
            print_linkage(con)


def print_values(con: duckdb.DuckDBPyConnection) -> None:
    """Share of delivered values equal to the true one, per attribute and system, before and after."""
    print(f"{'attribute':14}{'system':18}{'values':>8}{'before':>9}{'after':>9}{'filled from other cells':>26}")
    for attribute, true in ATTRIBUTES.items():
        truths = ", ".join(plain(attribute, f"truth.{name}") for name in true)
        before = f"coalesce({plain(attribute, f'delivered.{attribute}')} in ({truths}), false)"
        after = f"coalesce({plain(attribute, f'standard.{attribute}')} in ({truths}), false)"
        rows = con.execute(
            f"""select coalesce(source_system, 'all') as system,
                count(*) filter (has_value) as n,
                avg(was_true::int) filter (has_value), avg(is_true::int) filter (has_value),
                count(*) filter (not has_value and is_true)
            from (
                select delivered.source_system, delivered.{attribute} is not null as has_value,
                    {before} as was_true, {after} as is_true
                from demo.standardized.delivered_customer_records as delivered
                join demo.standardized.std_customer_records as standard using (record_key)
                join truth using (record_key)
                where coalesce({", ".join(f"truth.{name}::varchar" for name in true)}) is not null
            )
            group by grouping sets ((source_system), ()) having n > 0 order by grouping(source_system) desc, 1"""
        ).fetchall()
        for system, values, was_true, is_true, filled in rows:
            print(f"{attribute:14}{system:18}{values:8,}{was_true:9.1%}{is_true:9.1%}{filled:26,}", flush=True)


def plain(attribute: str, value: str) -> str:
    """SQL for the value as text, without what the standard form leaves out by rule."""
    if attribute in PLACES:
        return f"regexp_replace({value}::varchar, '(维吾尔自治区|壮族自治区|回族自治区|特别行政区|自治区|省|市)$', '')"
    return f"{value}::varchar"


def print_linkage(con: duckdb.DuckDBPyConnection) -> None:
    """Pairwise and B-cubed F1 of the linker on the values as delivered and as standardized, by population."""
    con.execute("create schema linkage")
    con.execute("create schema standardized")
    inputs = {
        "as delivered": "select * from demo.standardized.delivered_customer_records",
        "standardized": "select * from demo.standardized.std_customer_records",
    }
    print(f"\n{'values':14}{'records':12}{'pairwise F1':>12}{'B-cubed F1':>12}")
    for label, select in inputs.items():
        con.execute(f"create or replace table standardized.std_customer_records as {select}")
        model = train(con, progress=quiet)
        score_pairs(con, model, progress=quiet)
        cluster(con, model, progress=quiet)
        for population in ("all", "chinese", "western"):
            con.execute(
                "create or replace temp table part as select record_key, entity_id from truth where ? in ('all', population)",
                [population],
            )
            pairs = pairwise_metrics(con, "linkage.clusters", "part")
            records = b_cubed_metrics(con, "linkage.clusters", "part")
            print(f"{label:14}{population:12}{pairs.f1:12.4f}{records.f1:12.4f}", flush=True)


def quiet(_: str) -> None:
    """Progress of the linker is of no interest here."""


if __name__ == "__main__":
    main()
