"""Measures of a linkage run, one row per measure, kept for every run so that a trend can be seen.

Belongs here: counting clusters and comparing them with a truth where there is one. Does not belong here: the
comparison itself (evaluation.py) or whether a drop blocks publication (expectations/linkage.*.json).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.linkage.evaluation import b_cubed_metrics, pairwise_metrics
from dagster_project.warehouse import quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

QUALITY_TABLE = "linkage.linkage_quality"


def record_measures(
    con: DuckDBPyConnection, run_id: str, truth: Path | None = None, output: str = QUALITY_TABLE
) -> dict[str, float]:
    """Compute the measures of the current clusters and store them under `run_id`, replacing those of the same run.

    `truth` is a Parquet file with record_key, entity_id and optionally population; its measures are named
    `<population>_pairwise_f1` and so on, and are left out when it shares no record with the input.
    """
    measures = _counts(con)
    if truth is not None and truth.is_file():
        measures |= _accuracy(con, truth)
    con.execute(f"create table if not exists {output} (run_id varchar, measure varchar, value double)")
    con.execute("begin")
    con.execute(f"delete from {output} where run_id = ?", [run_id])
    con.executemany(
        f"insert into {output} values (?, ?, ?)", [[run_id, name, value] for name, value in measures.items()]
    )
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
            (select count(*) from linkage.review_candidates)
        from sizes
    """).fetchone()
    assert row is not None
    names = (
        "source_records", "golden_customers", "singletons", "largest_cluster", "candidate_pairs", "matching_pairs",
        "records_held_for_review", "review_candidates",
    )  # fmt: skip
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
        pairs = pairwise_metrics(con, "linkage.golden_id_assignment", "truth_part", predicted_cluster="golden_id")
        records = b_cubed_metrics(con, "linkage.golden_id_assignment", "truth_part", predicted_cluster="golden_id")
        measures |= {
            f"{prefix}pairwise_precision": pairs.precision,
            f"{prefix}pairwise_recall": pairs.recall,
            f"{prefix}pairwise_f1": pairs.f1,
            f"{prefix}b_cubed_precision": records.precision,
            f"{prefix}b_cubed_recall": records.recall,
            f"{prefix}b_cubed_f1": records.f1,
        }
    return measures
