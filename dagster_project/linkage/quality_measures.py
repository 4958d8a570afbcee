"""Measures of a linkage run, one row per measure, kept for every run so that a trend can be seen.

Belongs here: which measures there are; counts, and signs of records joined or kept apart wrongly. Does not belong here:
accuracy against a truth (evaluation.py), as stewards' labels tell (labels.py) or as the model expects (estimates.py), and
whether a change blocks publication (quality_limits.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.linkage.estimates import estimated_accuracy
from dagster_project.linkage.evaluation import b_cubed_metrics, bootstrap_intervals, pairwise_metrics
from dagster_project.linkage.labels import held_out_accuracy, write_labels
from dagster_project.linkage.quality_limits import LIMITS_TABLE, WITHIN_LIMITS, judge_run
from dagster_project.warehouse import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUALITY_TABLE = "linkage.linkage_quality"
# Customers by number of records: the measure customers_with_<name>_records counts from the first to the last of each.
SIZES = (("1", 1, 1), ("2", 2, 2), ("3", 3, 3), ("4_to_5", 4, 5), ("6_to_10", 6, 10), ("11_to_20", 11, 20),
         ("21_to_50", 21, 50), ("51_or_more", 51, 2**31))  # fmt: skip
# More of these in one customer than any one person has: a sign that two were joined.
MOST_DISTINCT = {"given_names": 3, "family_names": 3, "postcodes": 5}


def record_measures(
    con: DuckDBPyConnection,
    run_id: str,
    truth: Path | None = None,
    output: str = QUALITY_TABLE,
    limits: str = LIMITS_TABLE,
) -> dict[str, float]:
    """Compute the measures of the current clusters and store them under `run_id`, replacing those of the same run.

    `truth` is a Parquet file with record_key, entity_id and optionally population; its measures are named
    `<population>_pairwise_f1` and so on, with `_low` and `_high` for their 95 % interval, and are left out when it shares
    no record with the input. `within_limits` is 1 where the run keeps all limits, else 0.
    """
    write_labels(con)
    measures = _counts(con) | _sizes(con) | _events(con, run_id) | _joined_wrongly(con) | _kept_apart_wrongly(con)
    customers = measures["golden_customers"]
    for name in ("customers_over_matched", "customers_under_matched", "customers_merged"):
        measures[f"{name}_share"] = measures[name] / customers if customers else 0.0
    measures |= estimated_accuracy(con) | held_out_accuracy(con)
    if truth is not None and truth.is_file():
        measures |= _accuracy(con, truth)
    con.execute(f"create table if not exists {output} (run_id varchar, measure varchar, value double)")
    con.execute("begin")
    con.execute(f"delete from {output} where run_id = ?", [run_id])
    con.executemany(
        f"insert into {output} values (?, ?, ?)", [[run_id, name, value] for name, value in measures.items()]
    )
    measures[WITHIN_LIMITS] = float(not judge_run(con, run_id, output, limits))
    con.execute(f"insert into {output} values (?, ?, ?)", [run_id, WITHIN_LIMITS, measures[WITHIN_LIMITS]])
    con.execute("commit")
    return measures


def _counts(con: DuckDBPyConnection) -> dict[str, float]:
    row = con.execute("""
        with sizes as (
            select golden_id, count(*) as size from linkage.golden_id_assignment group by golden_id
        )
        select
            (select count(*) from standardized.std_customer_records), count(*), count(*) filter (size = 1),
            coalesce(max(size), 0), (select count(*) from linkage.candidate_pairs),
            (select count(*) from linkage.candidate_pairs where match_weight > 0),
            (select count(*) from linkage.clusters where held),
            (select count(*) from linkage.clusters where attached),
            (select count(*) from linkage.review_candidates)
        from sizes
    """).fetchone()
    assert row is not None
    names = (
        "source_records", "golden_customers", "singletons", "largest_cluster", "candidate_pairs", "matching_pairs",
        "records_held_for_review", "records_attached", "review_candidates",
    )  # fmt: skip
    return dict(zip(names, map(float, row), strict=True))


def _sizes(con: DuckDBPyConnection) -> dict[str, float]:
    counted = ", ".join(f"count(*) filter (size between {first} and {last})" for _, first, last in SIZES)
    row = con.execute(
        f"select {counted} from (select count(*) as size from linkage.golden_id_assignment group by golden_id)"
    ).fetchone()
    assert row is not None
    return {f"customers_with_{name}_records": float(n) for (name, _, _), n in zip(SIZES, row, strict=True)}


def _events(con: DuckDBPyConnection, run_id: str) -> dict[str, float]:
    """What the run did to customers; the same whenever it is measured again."""
    row = con.execute(
        """select count(*) filter (event = 'created'), count(distinct golden_id) filter (event = 'merged'),
            count(distinct golden_id) filter (event = 'split'), count(*) filter (event = 'retired'),
            count(*) filter (event = 'moved')
        from linkage.golden_id_history where run_id = ?""",
        [run_id],
    ).fetchone()
    assert row is not None
    names = ("customers_created", "customers_merged", "customers_split", "customers_retired", "records_moved")
    return dict(zip(names, map(float, row), strict=True))


def _joined_wrongly(con: DuckDBPyConnection) -> dict[str, float]:
    """Customers with more distinct names or postcodes than one person has; case, accents and punctuation aside."""

    def plain(column: str) -> str:
        return f"nullif(regexp_replace(lower(strip_accents({column})), '[^\\p{{L}}\\p{{N}}]+', '', 'g'), '')"

    signs = {name: f"count(distinct {plain(name.removesuffix('s'))}) > {most}" for name, most in MOST_DISTINCT.items()}
    counted = ", ".join(f"count(*) filter ({name})" for name in signs)
    row = con.execute(f"""
        select {counted}, count(*) filter ({" or ".join(signs)})
        from (
            select {", ".join(f"{condition} as {name}" for name, condition in signs.items())}
            from linkage.golden_id_assignment join standardized.std_customer_records using (record_key)
            group by golden_id
        )
    """).fetchone()
    assert row is not None
    names = [f"customers_with_more_than_{most}_{name}" for name, most in MOST_DISTINCT.items()]
    return dict(zip([*names, "customers_over_matched"], map(float, row), strict=True))


def _kept_apart_wrongly(con: DuckDBPyConnection) -> dict[str, float]:
    """Values that two or more customers share with the same name: name and email, name and phone, name and address."""
    row = con.execute("""
        with record as (
            select golden_id,
                nullif(regexp_replace(
                    lower(strip_accents(case when party_type = 'organization' then company_name else full_name end)),
                    '[^\\p{L}\\p{N}]+', '', 'g'
                ), '') as name,
                lower(email) as email, phone,
                lower(street) || '/' || lower(coalesce(house_number, '')) || '/' || lower(coalesce(postcode, city)) as address
            from linkage.golden_id_assignment join standardized.std_customer_records using (record_key)
        ),
        used as (
            select kind, name, value, golden_id
            from (
                select 'email' as kind, name, email as value, golden_id from record
                union all select 'phone', name, phone, golden_id from record
                union all select 'address', name, address, golden_id from record
            )
            where name is not null and value is not null
            group by all
        ),
        shared as (select *, count(*) over (partition by kind, name, value) as customers from used)
        select
            count(distinct (name, value)) filter (kind = 'email'), count(distinct (name, value)) filter (kind = 'phone'),
            count(distinct (name, value)) filter (kind = 'address'), count(distinct golden_id)
        from shared where customers > 1
    """).fetchone()
    assert row is not None
    names = ("shared_name_and_email", "shared_name_and_phone", "shared_name_and_address", "customers_under_matched")
    return dict(zip(names, map(float, row), strict=True))


def _accuracy(con: DuckDBPyConnection, truth: Path) -> dict[str, float]:
    con.execute(
        f"create or replace temp view truth_of_records as select * from read_parquet({quote_literal(str(truth))})"
    )
    columns = {row[0] for row in con.execute("describe truth_of_records").fetchall()}
    populations: list[str | None] = [None]
    if "population" in columns:
        populations += [
            row[0]
            for row in con.execute(
                "select distinct population from truth_of_records where population is not null order by population"
            ).fetchall()
        ]
    measures: dict[str, float] = {}
    for population in populations:
        where = f"where population = {quote_literal(population)}" if population else ""
        con.execute(
            f"create or replace temp view truth_part as select record_key, entity_id from truth_of_records {where}"
        )
        shared = con.execute(
            "select count(*) from linkage.golden_id_assignment semi join truth_part using (record_key)"
        )
        if (shared.fetchone() or (0,))[0] == 0:
            continue
        prefix = f"{population}_" if population else ""
        compared = ("linkage.golden_id_assignment", "truth_part")
        pairs = pairwise_metrics(con, *compared, predicted_cluster="golden_id")
        records = b_cubed_metrics(con, *compared, predicted_cluster="golden_id")
        measures |= {
            f"{prefix}pairwise_precision": pairs.precision,
            f"{prefix}pairwise_recall": pairs.recall,
            f"{prefix}pairwise_f1": pairs.f1,
            f"{prefix}b_cubed_precision": records.precision,
            f"{prefix}b_cubed_recall": records.recall,
            f"{prefix}b_cubed_f1": records.f1,
        }
        for name, (low, high) in bootstrap_intervals(con, *compared, predicted_cluster="golden_id").items():
            measures |= {f"{prefix}{name}_low": low, f"{prefix}{name}_high": high}
    return measures
