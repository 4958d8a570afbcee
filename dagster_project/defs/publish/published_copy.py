"""The published copy of the marts: made only when every blocking check upstream has passed."""

import dagster as dg

from dagster_project.components.dbt_warehouse import DbtWarehouse
from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.settings import Settings


@dg.definitions
def published(context: dg.ComponentLoadContext) -> dg.Definitions:
    """One asset that depends on every mart of the dbt project."""
    dbt = context.component_tree.load_component("transform", expected_type=DbtWarehouse)
    descriptions = dbt.models_in_schema("marts")

    @dg.asset(
        key=["published", "customers"],
        group_name="published",
        deps=[dg.AssetKey(["marts", name]) for name in descriptions],
        kinds={"duckdb"},
        pool=WAREHOUSE_POOL,
        description="The read-only copy of the marts for BI tools (发布副本), replaced in one step.",
    )
    def customers(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]) -> dg.MaterializeResult:
        from dagster_project.publish.published_copy import publish_marts
        from dagster_project.warehouse import connect

        with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            publication = publish_marts(
                con, list(descriptions), settings.published, descriptions=descriptions, progress=context.log.info
            )
        rows = "\n".join(f"| {table} | {count:,} |" for table, count in publication.row_counts.items())
        return dg.MaterializeResult(
            metadata={
                "as_of": publication.as_of,
                "dagster/row_count": sum(publication.row_counts.values()),
                "tables": dg.MetadataValue.md(f"| table | rows |\n|---|---|\n{rows}"),
            }
        )

    return dg.Definitions(assets=[customers])
