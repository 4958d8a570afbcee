"""The ways of linking that are compared: this project's, plain Splink's, and simpler ones.

Belongs here: from ``standardized.std_customer_records`` to a table of clusters, one function per way. Does not belong
here: reading sets (``datasets``), measuring and printing (``run``, ``methods``).

Every function takes a connection with a loaded set and returns the name of a table (record_key, cluster_id) that has
every record. Nothing is set per data set; which columns a set has is not a setting.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dagster_project.linkage.blocking import propose_pairs
from dagster_project.linkage.clustering import cluster, connected
from dagster_project.linkage.comparisons import PARTIES, letters
from dagster_project.linkage.golden_ids import assign_golden_ids
from dagster_project.linkage.model import LinkageModel
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.splink_engine import comparison_vectors_sql
from dagster_project.linkage.training import train

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDS = "standardized.std_customer_records"
Seconds = dict[str, float]


def _quiet(_: str) -> None:
    return None


def link(
    con: DuckDBPyConnection,
    seconds: Seconds | None = None,
    *,
    load: Path | None = None,
    save: Path | None = None,
    progress: Callable[[str], None] = _quiet,
) -> str:
    """This project's linker, golden IDs included. ``load``: use the model saved there; ``save``: keep the trained one.

    ``seconds`` receives the seconds of each step.
    """
    steps = seconds if seconds is not None else {}
    started = time.monotonic()

    def step(name: str) -> None:
        nonlocal started
        steps[name], started = time.monotonic() - started, time.monotonic()

    model = LinkageModel.load(load) if load else train(con, RECORDS, progress=progress)
    if save:
        model.save(save)
    step("train")
    score_pairs(con, model, RECORDS, progress=progress)
    step("score")
    cluster(con, model, RECORDS, progress=progress, largest_cluster=None)  # as for a list
    step("cluster")
    assign_golden_ids(con, run_id="benchmark", as_of=date(2026, 1, 1))
    step("golden IDs")
    return "linkage.clusters"


def link_by_exact_key(con: DuckDBPyConnection) -> str:
    """Records are one customer when a key is equal: the name with the birth date, the email, or the phone."""
    columns = _filled_columns(con, "true")
    name = letters("coalesce(company_name, '')" if "given_name" not in columns else "given_name || family_name")
    people = f"party_type = 'person' and {name} is not null" if "given_name" in columns else "false"
    keys = [f"case when {people} then {name} || birth_date::varchar end"] if "birth_date" in columns else []
    if "company_name" in columns:
        keys.append(f"case when party_type = 'organization' then {letters('company_name')} end")
    keys += [f"lower({column})" for column in ("email", "phone", "company_id") if column in columns]
    con.execute(f"create or replace temp table numbered as select row_number() over () - 1 as i, * from {RECORDS}")
    edges = " union all ".join(
        f"select min(i) over (partition by party_type, {key}) as l, i as r from numbered where {key} is not null"
        for key in keys
    )
    return _connect(con, edges or "select 0 as l, 0 as r where false", "numbered")


def link_by_rules(con: DuckDBPyConnection) -> str:
    """The project's deterministic rules alone (``match_rules`` of a party), over its candidate pairs."""
    con.execute("create or replace temp table ruled (record_key varchar, cluster_id varchar)")
    for party in PARTIES:
        count = prepare_records(con, party, RECORDS)
        if not count:
            continue
        propose_pairs(con, party.party_type)
        vectors = comparison_vectors_sql(party, "linkage_records", "linkage_blocked", judged=True)
        edges = f"select l, r from ({vectors}) where match_rule is not null and not conflict"
        table = _connect(con, edges, "linkage_records", label=party.party_type)
        con.execute(f"insert into ruled from {table}")
    return "ruled"


def _connect(con: DuckDBPyConnection, edges: str, records: str, label: str = "record") -> str:
    """Clusters of ``records`` (i, record_key) connected by ``edges`` (l, r)."""
    import pyarrow as pa

    found = con.execute(edges).fetchnumpy()
    left, right = np.asarray(found["l"], dtype=np.int64), np.asarray(found["r"], dtype=np.int64)
    count = con.execute(f"select count(*) from {records}").fetchall()[0][0]
    component = connected(left, right, count)
    con.register("component_arrow", pa.table({"i": np.arange(count), "component": component}))
    table = f"connected_{label}"
    con.execute(
        f"""create or replace temp table {table} as
        select record_key, '{label}-' || component as cluster_id from {records} join component_arrow using (i)"""
    )
    con.unregister("component_arrow")
    return table


def link_with_plain_splink(con: DuckDBPyConnection, seconds: Seconds | None = None) -> str:
    """Splink's model of two classes, trained, predicting and clustering as Splink's demos do; links at probability 0.95.

    People and organizations apart. Where Splink cannot train (too few records agree), its records stay alone.
    """
    started = time.monotonic()
    con.execute(f"create or replace temp table splinked as select record_key, record_key as cluster_id from {RECORDS}")
    for party_type in ("person", "organization"):
        where = f"coalesce(party_type, 'person') = '{party_type}'"
        if con.execute(f"select count(*) from {RECORDS} where {where}").fetchall()[0][0] < 2:
            continue
        con.execute(f"create or replace temp table plain_input as select * from {RECORDS} where {where}")
        clusters = _plain_splink(con, party_type, _filled_columns(con, where))
        con.execute(
            f"""update splinked set cluster_id = '{party_type}-' || found.cluster_id
            from {clusters} as found where found.record_key = splinked.record_key"""
        )
    if seconds is not None:
        seconds["all"] = time.monotonic() - started
    return "splinked"


def _filled_columns(con: DuckDBPyConnection, where: str) -> set[str]:
    columns = [row[0] for row in con.execute(f"describe {RECORDS}").fetchall()]
    counts = ", ".join(f"count({column})" for column in columns)
    filled = con.execute(f"select {counts} from {RECORDS} where {where}").fetchall()[0]
    return {column for column, count in zip(columns, filled, strict=True) if count}


def _plain_splink(con: DuckDBPyConnection, party_type: str, columns: set[str]) -> str:
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals.exceptions import SplinkException

    logging.getLogger("splink").setLevel(logging.ERROR)
    comparisons, rules, strict, training = (
        _plain_people(columns) if party_type == "person" else _plain_organizations(columns)
    )
    linker = Linker(
        DuckDBAPI(connection=con).register(con.table("plain_input"), table_name=f"plain_{party_type}"),
        SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="record_key",
            comparisons=comparisons,
            blocking_rules_to_generate_predictions=rules,
            retain_matching_columns=False,
        ),
        log_level=None,
    )
    if any(_pairs_of(con, key) for key in strict):  # else Splink would set the share of matches to none at all
        rules_of_matches: list[Any] = [block_on(*key) for key in strict]
        linker.training.estimate_probability_two_random_records_match(rules_of_matches, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in training:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        except (SplinkException, ValueError) as error:
            # Under one rule a set may have no pair to learn from, or a level nobody reaches; Splink keeps what it knew.
            print(f"plain Splink, {party_type}, training on {rule}: {type(error).__name__}", flush=True)
    predictions = linker.inference.predict(threshold_match_probability=0.5)
    return linker.clustering.cluster_pairwise_predictions_at_threshold(
        predictions, threshold_match_probability=0.95
    ).physical_name


def _pairs_of(con: DuckDBPyConnection, key: tuple[str, ...]) -> int:
    known = " and ".join(f"{column} is not null" for column in key)
    sql = (
        f"select count(*) from (select 1 from plain_input where {known} group by {', '.join(key)} having count(*) > 1)"
    )
    return con.execute(sql).fetchall()[0][0]


Plain = tuple[list[Any], list[Any], list[tuple[str, ...]], list[tuple[str, ...]]]


def _plain_people(columns: set[str]) -> Plain:
    """Comparisons, blocking rules, deterministic rules and training rules, as in Splink's demos of people."""
    import splink.comparison_library as cl
    from splink import block_on

    comparisons: list[Any] = [
        cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        cl.NameComparison("family_name").configure(term_frequency_adjustments=True),
    ]
    if "birth_date" in columns:
        comparisons.append(cl.DateOfBirthComparison("birth_date", input_is_string=False))
    if "email" in columns:
        comparisons.append(cl.EmailComparison("email"))
    edited = [name for name in ("postcode", "national_id", "phone") if name in columns]
    comparisons.extend(cl.LevenshteinAtThresholds(name, [1, 2]) for name in edited)
    if "city" in columns:
        comparisons.append(cl.ExactMatch("city").configure(term_frequency_adjustments=True))
    if "street" in columns:
        comparisons.append(cl.JaroWinklerAtThresholds("street", [0.9, 0.8]))
    keys = [("given_name", "family_name"), ("family_name", "birth_date"), ("given_name", "birth_date")]
    keys += [
        ("email",),
        ("phone",),
        ("national_id",),
        ("postcode", "given_name"),
        ("street", "postcode", "substr(given_name, 1, 1)"),
    ]
    known = [key for key in keys if {*key[:2]} <= columns]
    strict = [key for key in [("given_name", "family_name", "birth_date"), ("email",)] if set(key) <= columns]
    training = [key for key in [("given_name", "family_name"), ("birth_date",)] if set(key) <= columns]
    return comparisons, [block_on(*key) for key in known], strict, training


def _plain_organizations(columns: set[str]) -> Plain:
    import splink.comparison_library as cl
    from splink import block_on

    comparisons: list[Any] = [cl.JaroWinklerAtThresholds("company_name", [0.95, 0.88])]
    edited = [name for name in ("company_id", "phone", "postcode") if name in columns]
    comparisons.extend(cl.LevenshteinAtThresholds(name, [1, 2]) for name in edited)
    if "email" in columns:
        comparisons.append(cl.EmailComparison("email"))
    if "city" in columns:
        comparisons.append(cl.ExactMatch("city").configure(term_frequency_adjustments=True))
    if "street" in columns:
        comparisons.append(cl.JaroWinklerAtThresholds("street", [0.9, 0.8]))
    keys = [("company_name",), ("company_id",), ("email",), ("phone",), ("street", "postcode")]
    known = [key for key in keys if set(key) <= columns] + [("substr(company_name, 1, 6)",)]
    strict = [key for key in [("company_name",), ("company_id",)] if set(key) <= columns]
    training = [key for key in [("company_name",), ("phone",), ("city",)] if set(key) <= columns]
    return comparisons, [block_on(*key) for key in known], strict, training
