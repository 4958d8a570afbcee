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

    from dagster_project.linkage.decisions import DecisionSummary
    from dagster_project.linkage.incremental import LinkageStep
    from dagster_project.linkage.model import LinkageModel

RECORDS = dg.AssetKey(["standardized", "std_customer_records"])
AS_OF = dg.AssetKey(["standardized", "as_of"])
DECISIONS = dg.AssetKey(["reference", "steward_decisions"])
PINS = dg.AssetKey(["reference", "golden_id_pins"])
SETTINGS = dg.AssetKey(["reference", "linkage_settings"])
MODEL = dg.AssetKey(["linkage", "model"])
PAIRS = dg.AssetKey(["linkage", "candidate_pairs"])
CLUSTERS = dg.AssetKey(["linkage", "clusters"])
ASSIGNMENT = dg.AssetKey(["linkage", "golden_id_assignment"])
REGISTRY = dg.AssetKey(["linkage", "golden_ids"])
HISTORY = dg.AssetKey(["linkage", "golden_id_history"])
REDIRECTS = dg.AssetKey(["linkage", "golden_id_redirects"])
MODELS = dg.AssetKey(["linkage", "model_history"])
MEMBERSHIP = dg.AssetKey(["linkage", "golden_id_membership"])
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


def _setting(con: "DuckDBPyConnection", name: str) -> float:
    row = con.execute("select value from reference.linkage_settings where setting = ?", [name]).fetchone()
    if row is None:
        raise dg.Failure(f"The seed linkage_settings has no row {name}. Add it, with a value between 0 and 1.")
    return row[0]


def _load_decisions(con: "DuckDBPyConnection") -> "DecisionSummary":
    """The decisions in force, of the seed and of the review page, into linkage.decisions."""
    from dagster_project.linkage.decisions import SEED, STEWARD_DECISIONS, create_steward_decisions, load_decisions

    create_steward_decisions(con)
    return load_decisions(con, (SEED, STEWARD_DECISIONS))


@dg.asset(
    key=MODEL,
    deps=[RECORDS, AS_OF, DECISIONS, SETTINGS],
    group_name="linkage",
    kinds={"splink"},
    pool=WAREHOUSE_POOL,
    description=(
        "The trained linkage model (归并模型): how much each comparison of two records speaks for or against the same"
        " customer. Saved under its version; the metadata holds its charts. A model that would change too many customers is"
        " held until somebody approves it; linkage.model_history tells."
    ),
)
def model(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
    """Train on the standardized records, save the model with its charts, and put it in force or hold it."""
    from dagster_project.linkage.training import train

    with _warehouse(settings) as con:
        trained = train(con, progress=context.log.info)
        folder = settings.models / trained.version
        trained.save(folder)
        life = _put_in_force_or_hold(con, context, settings, trained)
    charts = folder / "charts"
    charts.mkdir(exist_ok=True)
    links: dict[str, dg.MetadataValue] = {}
    for name, html in trained.charts().items():
        path = charts / f"{name}.html"
        path.write_text(html, encoding="utf-8")
        links[f"chart_{name}"] = dg.MetadataValue.path(str(path.relative_to(settings.models.parent)))
    return dg.MaterializeResult(
        metadata={
            "version": trained.version,
            **life,
            "match_weights": dg.MetadataValue.md(_weight_table(trained)),
            **links,
        }
    )


def _put_in_force_or_hold(
    con: "DuckDBPyConnection", context: dg.AssetExecutionContext, settings: Settings, trained: "LinkageModel"
) -> dict[str, str | float]:
    """Compare the model with the one in force, on the same records; return the metadata that say what came of it."""
    from dagster_project.linkage.incremental import link_clusters, link_pairs
    from dagster_project.linkage.model_life import HELD, data_profile, is_in_force, keep_model, load_in_force, try_model

    current = load_in_force(settings.models)
    if current is not None and is_in_force(con, current.version) and current.version == trained.version:
        return {"status": "in force"}
    _load_decisions(con)
    if current is not None:
        link_pairs(con, current, progress=context.log.info, largest_changed_share=_setting(con, "largest_increment"))
        link_clusters(con, current, decisions="linkage.decisions", progress=context.log.info)
    trial = try_model(
        con,
        trained,
        decisions="linkage.decisions",
        before="linkage.clusters" if current is not None else None,
        known=current,
        truth=settings.demo_truth / "customer_truth.parquet",
    )
    row = con.execute("select as_of from standardized.as_of").fetchone()
    assert row is not None
    status = keep_model(
        con,
        settings.models,
        trained.version,
        trial,
        data_profile(con),
        trained_at=row[0],
        largest_change=_setting(con, "largest_model_change"),
    )
    if status == HELD:
        context.log.warning(
            f"The new model {trained.version} would change the customer of {trial.comparison.changed_share:.2%} of the records."
            " It is held, and the model in force stays. See marts.linkage_models; to put it in force: make approve-model."
        )
    return {"status": status, "changed_share": trial.comparison.changed_share, **trial.accuracy}


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
    deps=[RECORDS, MODEL, SETTINGS],
    group_name="linkage",
    kinds={"splink", "duckdb"},
    pool=WAREHOUSE_POOL,
    description="One row per candidate pair of source records with its match weight in bits (候选对).",
)
def candidate_pairs(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
    """Score the pairs that the blocking rules bring together; of records that have not changed they are kept."""
    from dagster_project.linkage.incremental import link_pairs

    current = _current_model(settings)
    with _warehouse(settings) as con:
        largest = _setting(con, "largest_increment")
        step = link_pairs(con, current, progress=context.log.info, largest_changed_share=largest)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": step.rows, "model_version": current.version, **_step_metadata(step)}
    )


def _step_metadata(step: "LinkageStep") -> dict[str, str | int]:
    """Whether the step was an increment or a full run, and why; how many records it was about."""
    return {"mode": step.mode, "why_full": step.reason, "records_touched": step.changed}


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
    from dagster_project.linkage.incremental import link_clusters
    from dagster_project.warehouse import count_rows

    current = _current_model(settings)
    with _warehouse(settings) as con:
        decisions = _load_decisions(con)
        step = link_clusters(con, current, decisions="linkage.decisions", progress=context.log.info)
        counted = con.execute("select count(distinct cluster_id), max(cluster_size) from linkage.clusters").fetchone()
        assert counted is not None
        review = count_rows(con, "linkage.review_candidates")
    yield dg.MaterializeResult(
        asset_key=CLUSTERS,
        metadata={
            "clusters": counted[0],
            "largest_cluster": counted[1] or 0,
            "decisions_in_force": decisions.match + decisions.no_match,
            **_step_metadata(step),
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
                PINS,
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
            MEMBERSHIP: "One row per source record and period in which it had one golden ID (对照历史).",
            MODELS: "One row per linkage model that was trained, and whether it is in force (归并模型履历).",
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

    from dagster_project.linkage.decisions import load_pins
    from dagster_project.linkage.incremental import link_explanations, link_golden_ids
    from dagster_project.linkage.model_life import create_model_history
    from dagster_project.linkage.quality_measures import record_measures
    from dagster_project.linkage.run_identity import linkage_run_id

    pins = "linkage.golden_id_pins"
    with _warehouse(settings) as con:
        row = con.execute("select as_of from standardized.as_of").fetchone()
        assert row is not None
        load_pins(con, output=pins)
        create_model_history(con)
        current = _current_model(settings)
        run_id = linkage_run_id(con, current.version, pins=pins, as_of=str(row[0]))
        summary = link_golden_ids(con, run_id=run_id, as_of=row[0], pins=pins)
        measures = record_measures(con, run_id, settings.demo_truth / "customer_truth.parquet")
        explained = link_explanations(con, current)
    context.log.info(f"{summary.records:,} records, {summary.golden_ids:,} golden customers")
    for key in (ASSIGNMENT, REGISTRY, HISTORY, REDIRECTS, MEMBERSHIP):
        yield dg.MaterializeResult(asset_key=key, metadata={"linkage_run_id": run_id, **asdict(summary)})
    yield dg.MaterializeResult(asset_key=MODELS, metadata={"model_in_force": current.version})
    yield dg.MaterializeResult(asset_key=QUALITY, metadata={"linkage_run_id": run_id, **measures})
    yield dg.MaterializeResult(asset_key=PATHS, metadata={"dagster/row_count": explained})
