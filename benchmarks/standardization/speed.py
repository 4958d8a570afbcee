"""How long standardization takes, attribute by attribute, and how long when nothing has changed.

    python -m benchmarks.standardization.speed [--rows 1000000] [--warehouse data/warehouse.duckdb] [--people people.parquet]

Makes so many delivered records from those of a finished run of the demo company (names, mailboxes, numbers and addresses
of different records are put together anew, so that the values are as many and as messy as those of as many people), or
takes a parquet file of generated people; standardizes them twice in a warehouse of its own and prints seconds per model,
the values each one parsed, and the peak of memory. Does not belong here: asserting anything; a benchmark is read by people.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from dagster_project.dedupe.models import build_models
from dagster_project.warehouse import connect

MODELS = [
    "delivered_customer_records", "parsed_names", "parsed_emails", "parsed_phones", "parsed_national_ids",
    "parsed_company_names", "parsed_company_ids", "parsed_addresses", "standardized_values", "std_customer_records",
    "std_customer_details", "correction_log", "consistency_issues",
]  # fmt: skip

KINDS = ("given", "family", "mailed", "called", "identified", "living")


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--warehouse", type=Path, default=Path("data/warehouse.duckdb"))
    parser.add_argument("--people", type=Path, help="a parquet file of generated people instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="golden-customer-benchmark-") as name:
        folder = Path(name)
        warehouse = folder / "speed.duckdb"
        with connect(warehouse, memory_limit="2GB", threads=2) as con:
            con.execute("create schema if not exists raw")
            rows = from_people(con, options.people) if options.people else from_demo(con, options)
        print(f"{rows:,} records", flush=True)
        build_models(warehouse, ["resource_type:seed"], target=folder / "target")
        first = measure(warehouse, folder)
        second = measure(warehouse, folder)
        counts = count(warehouse)
    print(f"{'model':30}{'rows':>12}{'first run, s':>14}{'second run, s':>15}")
    for model in MODELS:
        print(f"{model:30}{counts[model]:12,}{first[model]:14.1f}{second[model]:15.1f}")
    print(f"{'all models, by the clock':42}{first['clock']:14.1f}{second['clock']:15.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory of the largest process: {peak:,.0f} MB (DuckDB may use 2 GB)")


def from_people(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    """raw.list__customers from a file of generated people; returns the number of records."""
    con.execute(
        f"""create table raw.list__customers as select 'list' as source_system, 'customers' as source_object,
            record_id::varchar as source_id, 'person' as party_type, first_name as given_name, last_name as family_name,
            try_cast(dob as date) as birth_date, gender, email, phone, street, street_no as house_number, city, postcode
        from '{path}'"""
    )
    return con.execute("select count(*) from raw.list__customers").fetchall()[0][0]


def from_demo(con: duckdb.DuckDBPyConnection, options: argparse.Namespace) -> int:
    """raw.list__customers from the delivered records of the demo; returns the number of records.

    Cells that belong together stay together; digits of numbers and mailboxes are changed, so that few values repeat.
    """
    con.execute(f"attach '{options.warehouse}' as demo (read_only)")
    con.execute(
        """create temp table part as
        select *, regexp_matches(coalesce(full_name, family_name, given_name, company_name, ''), '[一-龥]') as is_han
        from demo.standardized.delivered_customer_records"""
    )
    for kind, cells, condition in (
        (
            "named",
            "party_type, is_han, full_name, company_name, company_id, birth_date, gender, occupation, default_country",
            "true",
        ),
        ("given", "given_name", "given_name is not null"),
        ("family", "family_name", "family_name is not null"),
        ("mailed", "email", "true"),
        ("called", "phone, phone_alt", "true"),
        ("identified", "national_id", "true"),
        ("living", "street, house_number, district, city, region, postcode, country, address_full", "true"),
    ):
        columns = ", ".join(dict.fromkeys(["is_han", *cells.split(", ")]))
        con.execute(
            f"""create temp table {kind} as select row_number() over (partition by is_han order by hash(record_key)) as n, {columns}
            from part where {condition}"""
        )
    digits = (
        "regexp_replace({cell}, '([0-9])([0-9])([0-9])([0-9]?)$', lpad((hash(i, '{cell}') % 10000)::varchar, 4, '0'))"
    )
    joins = "\n".join(
        f"left join {kind} on {kind}.is_han = numbered.is_han and {kind}.n = 1 + hash(numbered.i, '{kind}') % sizes.{kind}"
        for kind in KINDS
    )
    sizes = ", ".join(f"(select max(n) from {kind} where is_han = script.is_han) as {kind}" for kind in KINDS)
    con.execute(
        f"create temp table sizes as select is_han, {sizes} from (select unnest([true, false]) as is_han) as script"
    )
    con.execute(
        f"""create table raw.list__customers as
        with numbered as (
            select i, named.* from range({options.rows}) as t(i)
            join (select row_number() over () as k, * from named) as named on named.k = 1 + i % (select count(*) from named)
        )
        select 'list' as source_system, 'customers' as source_object, i::varchar as source_id, numbered.party_type,
            case when full_name is not null then full_name end as full_name,
            case when full_name is null then given.given_name end as given_name,
            case when full_name is null then family.family_name end as family_name,
            birth_date + (hash(i, 'birth') % 3650)::int as birth_date, gender, occupation, default_country,
            replace(mailed.email, '@', (hash(i, 'mail') % 1000)::varchar || '@') as email,
            {digits.format(cell="called.phone")} as phone, called.phone_alt as phone_alt, identified.national_id,
            company_name, company_id, living.street, living.house_number, living.district, living.city, living.region,
            living.postcode, living.country, living.address_full
        from numbered join sizes on sizes.is_han = numbered.is_han
        {joins}"""
    )
    con.execute(
        """update raw.list__customers set street = regexp_replace(street, '[0-9]+', (1 + hash(source_id) % 999)::varchar)
        where street is not null"""
    )
    con.execute("detach demo")
    return options.rows


def measure(warehouse: Path, folder: Path) -> dict[str, float]:
    """Seconds per model, and by the clock from the first model's start to the last one's end."""
    started = time.monotonic()
    build_models(warehouse, ["stg_list__customers", *MODELS], target=folder / "target")
    wall = time.monotonic() - started
    results = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results}
    stamps = [step[edge] for result in results for step in result["timing"] for edge in ("started_at", "completed_at")]
    clock = (
        duckdb.execute("select epoch(max(t) - min(t)) from (select unnest(?::timestamptz[]) as t)", [stamps])
    ).fetchall()
    return seconds | {"clock": float(clock[0][0]), "with dbt's start": wall}


def count(warehouse: Path) -> dict[str, int]:
    """Rows of each model."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {model: con.execute(f"select count(*) from standardized.{model}").fetchall()[0][0] for model in MODELS}


if __name__ == "__main__":
    main()
