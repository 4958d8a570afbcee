"""The load log and quarantine as one asset behind all source objects, with the reconciliation as its blocking check."""

from pathlib import Path

import dagster as dg

from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.ingest.declaration import read_source_objects
from dagster_project.settings import Settings

LOAD_LOG = dg.AssetKey(["raw", "load_log"])
QUARANTINE = dg.AssetKey(["raw", "quarantine"])
RAW_TABLES = [dg.AssetKey(["raw", item.table]) for item in read_source_objects(Path(__file__).parent)]


@dg.multi_asset(
    name="load_log",
    specs=[
        dg.AssetSpec(
            LOAD_LOG,
            deps=RAW_TABLES,
            group_name="raw",
            kinds={"duckdb"},
            description="One row per delivered file with what became of its rows (装载日志).",
        ),
        dg.AssetSpec(
            QUARANTINE,
            deps=RAW_TABLES,
            group_name="raw",
            kinds={"duckdb"},
            description="One row per delivered row that could not be loaded (隔离区), whole, with rule and message.",
        ),
    ],
    check_specs=[
        dg.AssetCheckSpec(
            "reconciled",
            asset=LOAD_LOG,
            blocking=True,
            description="For every load, rows read = rows accepted + exact duplicates + rows quarantined; and raw agrees.",
        )
    ],
    pool=WAREHOUSE_POOL,
)
def load_log(settings: dg.ResourceParam[Settings]):  # noqa: ANN201
    """Sum up the loads and check that no row is missing."""
    from dagster_project.ingest.reconciliation import reconcile
    from dagster_project.warehouse import connect

    objects = read_source_objects(Path(__file__).parent)
    with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
        totals, problems = reconcile(con, objects)
    table = "\n".join(
        f"| {t.source} | {t.files} | {t.rows_read:,} | {t.rows_accepted:,} | {t.rows_duplicate:,} | {t.rows_quarantined:,} |"
        for t in totals
    )
    header = "| source object | files | read | accepted | duplicate | quarantined |\n|---|---|---|---|---|---|\n"
    yield dg.MaterializeResult(asset_key=LOAD_LOG, metadata={"reconciliation": dg.MetadataValue.md(header + table)})
    yield dg.MaterializeResult(
        asset_key=QUARANTINE, metadata={"dagster/row_count": sum(total.rows_quarantined for total in totals)}
    )
    yield dg.AssetCheckResult(
        asset_key=LOAD_LOG,
        check_name="reconciled",
        passed=not problems,
        description="; ".join(problems) or None,
    )
