"""A source system: one YAML declaration makes one raw asset with its freshness policy and checks per source object.

Does not belong here: how objects are pulled, files read and rows judged (dagster_project/ingest).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import dagster as dg

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.pull import Pulled
from dagster_project.ingest.pull_log import endpoint
from dagster_project.settings import Settings

WAREHOUSE_POOL = "warehouse"


def _resolve_objects(context: dg.ResolutionContext, objects: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The objects as they are written: as a template, the text "00000000" would become the number 0."""
    del context
    return objects


class SourceSystem(dg.Component, dg.Model, dg.Resolvable):
    """Declares one source system and the objects it delivers as files in the landing folder, or from which they are pulled."""

    system: str
    description: str
    objects: Annotated[list[dict[str, Any]], dg.Resolver(_resolve_objects, model_field_type=list[dict[str, Any]])]

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """One asset and its checks per source object. Raises ValueError for an invalid declaration."""
        del context
        declarations = [SourceObject(system=self.system, **item) for item in self.objects]
        return dg.Definitions(assets=[_raw_asset(declaration, self.description) for declaration in declarations])


def _raw_asset(declaration: SourceObject, system_description: str) -> dg.AssetsDefinition:
    key = dg.AssetKey(["raw", declaration.table])
    check = dg.AssetCheckSpec(
        name="deliveries_accepted",
        asset=key,
        description=(
            "No delivery was refused, and in none of the new ones more than"
            f" {declaration.quarantine_limit:.0%} of the rows went to quarantine."
        ),
    )
    in_time = dg.AssetCheckSpec(
        name="pulled_in_time",
        asset=key,
        description=(
            "The source answered a pull within the last"
            f" {declaration.fresh_within_hours} hours; without credentials for it nothing is pulled, and this passes."
        ),
    )
    is_timed = declaration.pull is not None and declaration.fresh_within_hours is not None
    spec = dg.AssetSpec(
        key,
        group_name=f"raw_{declaration.system}",
        description=f"{declaration.description}\n\n{system_description}".strip(),
        kinds={"duckdb", declaration.format},
        metadata={
            "files": declaration.files,
            "key": ", ".join(declaration.key),
            "cursor": declaration.cursor or "none",
            "encoding": declaration.encoding,
            **({"pulled_from": endpoint(declaration)} if declaration.pull else {}),
            "dagster/column_schema": dg.TableSchema(
                [dg.TableColumn(title, column.sql_type) for title, column in declaration.columns.items()]
            ),
        },
        freshness_policy=(
            dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=declaration.fresh_within_hours))
            if declaration.fresh_within_hours
            else None
        ),
    )

    @dg.multi_asset(
        name=f"load_{declaration.table}",
        specs=[spec],
        check_specs=[check, in_time] if is_timed else [check],
        pool=WAREHOUSE_POOL,
        # A file still being written or a busy disk heals by itself; a bad delivery is not retried, it is refused.
        retry_policy=dg.RetryPolicy(max_retries=2, delay=5, backoff=dg.Backoff.EXPONENTIAL),
    )
    def load(context: dg.AssetExecutionContext, settings: dg.ResourceParam[Settings]):  # noqa: ANN202
        from dagster_project.ingest.load import load_object
        from dagster_project.ingest.pull_log import last_answer, log_pull
        from dagster_project.warehouse import connect, count_rows

        began = datetime.now(UTC)
        pulled = _pull(declaration, settings, began, context.log.info)
        with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            outcomes = load_object(
                con, declaration, settings.landing, datetime.now(UTC).replace(tzinfo=None), progress=context.log.info
            )
            if pulled is not None:
                log_pull(con, declaration, pulled, began.replace(tzinfo=None))
            answered = last_answer(con, declaration) if is_timed else None
            total = count_rows(con, f'raw."{declaration.table}"')
        problems = [str(pulled)] if isinstance(pulled, DeliveryRefused) else []
        problems += [outcome.message for outcome in outcomes if outcome.status == "refused"]
        problems += [
            f"{outcome.file}: {outcome.rows_quarantined:,} of {outcome.rows_read:,} rows are in quarantine; raw.quarantine"
            " has each with its reason. Ask the source, or correct the declaration."
            for outcome in outcomes
            if outcome.rows_quarantined > declaration.quarantine_limit * outcome.rows_read
        ]
        yield dg.MaterializeResult(
            asset_key=key,
            metadata={
                "dagster/row_count": total,
                **({"pull": _told(pulled)} if declaration.pull else {}),
                "files_found": len(outcomes),
                "files_new": sum(outcome.status in ("loaded", "replaced") for outcome in outcomes),
                "rows_read": sum(outcome.rows_read for outcome in outcomes),
                "rows_accepted": sum(outcome.rows_accepted for outcome in outcomes),
                "rows_duplicate": sum(outcome.rows_duplicate for outcome in outcomes),
                "rows_quarantined": sum(outcome.rows_quarantined for outcome in outcomes),
            },
        )
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check.name,
            passed=not problems,
            description=" ".join(problems) or None,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"problems": dg.MetadataValue.md("\n".join(f"- {message}" for message in problems) or "none")},
        )
        if is_timed:
            limit = timedelta(hours=declaration.fresh_within_hours or 0)
            is_late = pulled is not None and (answered is None or began.replace(tzinfo=None) - answered > limit)
            yield dg.AssetCheckResult(
                asset_key=key,
                check_name=in_time.name,
                passed=not is_late,
                description=f"Last answer: {f'{answered:%Y-%m-%d %H:%M} UTC' if answered else 'never'}."
                if pulled is not None
                else "Not connected: delivered as files only.",
                severity=dg.AssetCheckSeverity.ERROR,
            )

    return load


def _pull(
    declaration: SourceObject, settings: Settings, began: datetime, progress: Callable[[str], None]
) -> Pulled | DeliveryRefused | None:
    """Land what is new in the source: what it brought, or why it was refused; None where nothing is connected."""
    from dagster_project.ingest.connectors import make_connector
    from dagster_project.ingest.pull import pull_object

    try:
        connector = make_connector(declaration, settings.landing)
        return pull_object(connector, declaration, settings.landing, began, progress) if connector else None
    except DeliveryRefused as refusal:
        progress(f"{declaration.qualified_name}: REFUSED {refusal}")
        return refusal


def _told(pulled: Pulled | DeliveryRefused | None) -> str:
    if pulled is None:
        return "not connected"
    if isinstance(pulled, DeliveryRefused):
        return "refused"
    return f"{pulled.rows:,} rows landed, {pulled.known:,} known before"
