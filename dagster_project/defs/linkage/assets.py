"""Linkage as separate assets, each visible and re-runnable: model, candidate pairs, clusters, golden IDs, quality.

Does not belong here: how any of them is computed (dagster_project/linkage).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg

from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.model import LinkageModel

RECORDS = dg.AssetKey(["standardized", "std_customer_records"])
AS_OF = dg.AssetKey(["standardized", "as_of"])
DECISIONS = dg.AssetKey(["reference", "steward_decisions"])
MODEL = dg.AssetKey(["linkage", "model"])
PAIRS = dg.AssetKey(["linkage", "candidate_pairs"])
CLUSTERS = dg.AssetKey(["linkage", "clusters"])
ASSIGNMENT = dg.AssetKey(["linkage", "golden_id_assignment"])
REGISTRY = dg.AssetKey(["linkage", "golden_ids"])
HISTORY = dg.AssetKey(["linkage", "golden_id_history"])
REDIRECTS = dg.AssetKey(["linkage", "golden_id_redirects"])
QUALITY = dg.AssetKey(["linkage", "linkage_quality"])
LIMITS = dg.AssetKey(["reference", "linkage_quality_limits"])
REVIEW = dg.AssetKey(["linkage", "review_candidates"])
PATHS = dg.AssetKey(["linkage", "cluster_paths"])


@contextmanager
def _warehouse(settings: Settings) -> Iterator["DuckDBPyConnection"]:
    from dagster_project.warehouse import connect

    with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
        yield con


def _current_model(settings: Settings) -> "LinkageModel":
    from dagster_project.linkage.model import LinkageModel

    folder = settings.models / "current"
    if not folder.exists():
        raise dg.Failure(
            "There is no trained linkage model yet. Run the job `everything` or `retrain` once; after that `refresh` works."
        )
    return LinkageModel.load(folder)


@dg.asset(
    key=MODEL,
    deps=[RECORDS],
    group_name="linkage",
    kinds={"splink"},
    pool=WAREHOUSE_POOL,
    description=(
        "The trained linkage model (归并模型): how much each comparison of two records speaks for or against the same"
        " customer. Saved under its version; the metadata holds its charts."
    ),
)
def model(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
    """Train on the standardized records and save the model, with its charts."""
    from dagster_project.linkage.training import train

    with _warehouse(settings) as con:
        trained = train(con, progress=context.log.info)
    folder = settings.models / trained.version
    trained.save(folder)
    trained.save(settings.models / "current")
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    links: dict[str, dg.MetadataValue] = {}
    for name, html in trained.charts().items():
        path = charts / f"{name}.html"
        path.write_text(html, encoding="utf-8")
        links[f"chart_{name}"] = dg.MetadataValue.path(str(path.relative_to(settings.models.parent)))
    return dg.MaterializeResult(
        metadata={"version": trained.version, "match_weights": dg.MetadataValue.md(_weight_table(trained)), **links}
    )


def _weight_table(trained: "LinkageModel") -> str:
    """The match weights chart as a table: bits that each level of agreement adds to or takes from a pair."""
    from math import log2

    lines = ["| records | comparison | level | bits |", "|---|---|---|---|"]
    for party, settings in trained.splink_settings().items():
        for comparison in settings["comparisons"]:
            for level in comparison["comparison_levels"]:
                m, u = level.get("m_probability"), level.get("u_probability")
                if m and u:
                    name, label = comparison["output_column_name"], level["label_for_charts"].replace("|", "/")
                    lines.append(f"| {party} | {name} | {label} | {log2(m / u):+.2f} |")
    return "\n".join(lines)


@dg.asset(
    key=PAIRS,
    deps=[RECORDS, MODEL],
    group_name="linkage",
    kinds={"splink", "duckdb"},
    pool=WAREHOUSE_POOL,
    description="One row per candidate pair of source records with its match weight in bits (候选对).",
)
def candidate_pairs(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
    """Score the pairs that the blocking rules bring together."""
    from dagster_project.linkage.scoring import score_pairs
    from dagster_project.warehouse import count_rows

    current = _current_model(settings)
    with _warehouse(settings) as con:
        score_pairs(con, current, progress=context.log.info)
        rows = count_rows(con, "linkage.candidate_pairs")
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, "model_version": current.version})


@dg.multi_asset(
    name="clusters",
    specs=[
        dg.AssetSpec(
            key, deps=[RECORDS, PAIRS, DECISIONS], group_name="linkage", kinds={"duckdb"}, description=description
        )
        for key, description in {
            CLUSTERS: (
                "One row per source record with its cluster (聚类): all pairs of a component weighed together, merge"
                " guards and steward decisions applied."
            ),
            REVIEW: "One row per pair of records that is in doubt and that nobody has decided (待审核记录对).",
        }.items()
    ],
    pool=WAREHOUSE_POOL,
)
def clusters(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> Iterator[dg.MaterializeResult]:
    """Divide the records into clusters of one customer each, and say which pairs are in doubt."""
    from dagster_project.linkage.clustering import cluster
    from dagster_project.linkage.decisions import load_decisions
    from dagster_project.warehouse import count_rows

    current = _current_model(settings)
    with _warehouse(settings) as con:
        decisions = load_decisions(con, "reference.steward_decisions")
        cluster(con, current, decisions="linkage.decisions", progress=context.log.info)
        counted = con.execute("select count(distinct cluster_id), max(cluster_size) from linkage.clusters").fetchone()
        assert counted is not None
        review = count_rows(con, "linkage.review_candidates")
    yield dg.MaterializeResult(
        asset_key=CLUSTERS,
        metadata={
            "clusters": counted[0],
            "largest_cluster": counted[1] or 0,
            "decisions_in_force": decisions.match + decisions.no_match,
        },
    )
    yield dg.MaterializeResult(asset_key=REVIEW, metadata={"dagster/row_count": review})


@dg.multi_asset(
    name="golden_ids",
    specs=[
        dg.AssetSpec(
            key,
            deps=[
                CLUSTERS,
                AS_OF,
                *([LIMITS] if key == QUALITY else []),
                *([PAIRS] if key in (QUALITY, PATHS) else []),
            ],
            group_name="linkage",
            kinds={"duckdb"},
            description=description,
        )
        for key, description in {
            ASSIGNMENT: "One row per source record with its golden ID (黄金客户号).",
            REGISTRY: "One row per golden ID ever given, active or retired with its successor.",
            HISTORY: "One row per event in the life of a golden ID: created, merged, split, moved, retired, revived.",
            REDIRECTS: "One row per golden ID ever given, with the one that is in force for it now.",
            QUALITY: (
                "One row per linkage run and measure (归并质量): counts, signs of wrong merges, accuracy as the model"
                " expects it and, where labels or a truth are known, as it was measured."
            ),
            PATHS: (
                "One row per record whose customer has others: the nearest of them, and what speaks for the pair"
                " (归并解释)."
            ),
        }.items()
    ],
    pool=WAREHOUSE_POOL,
)
def golden_ids(
    context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]
) -> Iterator[dg.MaterializeResult]:
    """Carry the golden IDs over to this run's clusters, explain and measure them; the same input again changes nothing.

    One step, so that all of golden and marts can follow in one step of dbt.
    """
    from dataclasses import asdict

    from dagster_project.linkage.cluster_paths import write_cluster_paths
    from dagster_project.linkage.golden_ids import assign_golden_ids
    from dagster_project.linkage.quality_measures import record_measures
    from dagster_project.linkage.run_identity import linkage_run_id

    with _warehouse(settings) as con:
        row = con.execute("select as_of from standardized.as_of").fetchone()
        assert row is not None
        current = _current_model(settings)
        run_id = linkage_run_id(con, current.version, as_of=str(row[0]))
        summary = assign_golden_ids(con, run_id=run_id, as_of=row[0])
        measures = record_measures(con, run_id, settings.demo_truth / "customer_truth.parquet")
        explained = write_cluster_paths(con, current)
    context.log.info(f"{summary.records:,} records, {summary.golden_ids:,} golden customers")
    for key in (ASSIGNMENT, REGISTRY, HISTORY, REDIRECTS):
        yield dg.MaterializeResult(asset_key=key, metadata={"linkage_run_id": run_id, **asdict(summary)})
    yield dg.MaterializeResult(asset_key=QUALITY, metadata={"linkage_run_id": run_id, **measures})
    yield dg.MaterializeResult(asset_key=PATHS, metadata={"dagster/row_count": explained})
