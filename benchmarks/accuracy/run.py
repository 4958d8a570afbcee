"""Accuracy on labelled sets, beside plain Splink with its demo settings.

    python -m benchmarks.accuracy.run --data FOLDER [--people people.parquet ...] [--sets febrl3 fake_1000] [--plain]

Prints a table: pairwise precision, recall and F1 after clustering, the share of true pairs among the candidates, seconds.
Nothing is set per data set: what is printed is what a user gets. Belongs here: running and printing. Does not belong
here: reading the sets (``datasets``).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.accuracy.datasets import SETS, load_people
from dagster_project.linkage.clustering import cluster
from dagster_project.linkage.evaluation import pairwise_metrics
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.training import train

RECORDS = "standardized.std_customer_records"


@dataclass(frozen=True)
class Result:
    """One line of the table: shares from 0 to 1, seconds of wall clock."""

    precision: float
    recall: float
    f1: float
    seconds: float
    ceiling: float | None = None


def pairwise(con: duckdb.DuckDBPyConnection, clusters: str) -> tuple[float, float, float]:
    """Pairwise precision, recall and F1 of ``clusters`` (record_key, cluster_id) against ``truth``."""
    metrics = pairwise_metrics(con, clusters, "truth", truth_cluster="entity")
    return metrics.precision, metrics.recall, metrics.f1


def run_linker(con: duckdb.DuckDBPyConnection, progress: Callable[[str], None]) -> Result:
    """Train, score and cluster the loaded set with this project's linker."""
    started = time.monotonic()
    model = train(con, RECORDS, progress=progress)
    score_pairs(con, model, RECORDS, progress=progress)
    cluster(con, model, RECORDS, progress=progress)
    seconds = time.monotonic() - started
    found, actual = con.execute(
        """select
            (select count(*) from linkage.candidate_pairs as p join truth as a on a.record_key = p.record_key_l
             join truth as b on b.record_key = p.record_key_r where a.entity = b.entity),
            (select sum(n * (n - 1) / 2) from (select count(*) as n from truth group by entity))"""
    ).fetchall()[0]
    return Result(*pairwise(con, "linkage.clusters"), seconds, found / max(actual, 1))


def run_plain_splink(con: duckdb.DuckDBPyConnection) -> Result:
    """Train, predict and cluster the loaded set with Splink as its demos do; links at probability 0.95."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    columns = {row[0] for row in con.execute(f"describe {RECORDS}").fetchall()}
    started = time.monotonic()
    con.execute(f"create or replace temp table plain_input as select * from {RECORDS}")
    comparisons: list[Any] = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
        cl.DateOfBirthComparison("birth_date", input_is_string=False),
    ]
    # Splink's demos compare names, birth date, place, email and identifiers; which of them a set has is not a setting.
    if "email" in columns:
        comparisons.append(cl.EmailComparison("email"))
    edited = [name for name in ("postcode", "national_id", "phone") if name in columns]
    comparisons.extend(cl.LevenshteinAtThresholds(name, [1, 2]) for name in edited)
    if "city" in columns:
        comparisons.append(cl.ExactMatch("city").configure(term_frequency_adjustments=True))
    if "street" in columns:
        comparisons.append(cl.JaroWinklerAtThresholds("street", [0.9, 0.8]))
    rules: list[Any] = [
        block_on("given_name", "family_name"),
        block_on("family_name", "birth_date"),
        block_on("given_name", "birth_date"),
        *[block_on(name) for name in ("email", "phone", "national_id") if name in columns],
        *([block_on("postcode", "given_name")] if "postcode" in columns else []),
        *([block_on("street", "postcode")] if {"street", "postcode"} <= columns else []),
    ]
    api = DuckDBAPI(connection=con)
    linker = Linker(
        api.register(con.table("plain_input"), table_name="plain"),
        SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_key",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=rules,
            retain_matching_columns=False,
        ),
        log_level=None,
    )
    strict: list[Any] = [block_on("given_name", "family_name", "birth_date"), *rules[3:4]]
    linker.training.estimate_probability_two_random_records_match(strict, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("given_name", "family_name"), block_on("birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
        predictions, threshold_match_probability=0.95
    )
    seconds = time.monotonic() - started
    return Result(*pairwise(con, clusters.physical_name), seconds)


def main() -> None:
    """Run the sets asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, help="folder with febrl3.parquet, febrl4a.parquet, febrl4b.parquet, fake_1000.parquet"
    )
    parser.add_argument("--sets", nargs="*", choices=sorted(SETS), default=sorted(SETS))
    parser.add_argument("--people", nargs="*", type=Path, default=[], help="parquet files of generated people")
    parser.add_argument("--plain", action="store_true", help="run plain Splink beside")
    parser.add_argument("--memory", default="2GB", help="DuckDB's memory limit")
    arguments = parser.parse_args()
    jobs = [(name, SETS[name], arguments.data) for name in arguments.sets] if arguments.data else []
    jobs += [(path.stem, load_people, path) for path in arguments.people]
    if not jobs:
        parser.error("nothing to do: give --data or --people")
    _print(f"{'set':24} {'linker':14} {'precision':>9} {'recall':>9} {'F1':>9} {'ceiling':>9} {'seconds':>8}")
    for name, load, path in jobs:
        runs: list[tuple[str, Callable[[duckdb.DuckDBPyConnection], Result]]] = [
            ("this project", lambda con: run_linker(con, lambda message: print(message, file=sys.stderr)))
        ]
        if arguments.plain:
            runs.append(("plain Splink", run_plain_splink))
        for label, run in runs:
            with duckdb.connect(":memory:") as con:
                con.execute(f"set memory_limit = '{arguments.memory}'")
                con.execute("set enable_progress_bar = false")
                load(con, path)
                result = run(con)
            ceiling = "" if result.ceiling is None else f"{result.ceiling:.4f}"
            _print(
                f"{name:24} {label:14} {result.precision:9.5f} {result.recall:9.5f} {result.f1:9.5f} {ceiling:>9} "
                f"{result.seconds:8.1f}"
            )


def _print(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
