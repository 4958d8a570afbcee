"""Blocking checks of what linkage has decided: nothing is built on customers that break a promise or on a fall in quality.

Does not belong here: what a guard or a limit is (dagster_project/linkage).
"""

import dagster as dg

from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.defs.linkage.assets import ASSIGNMENT, DECISIONS, LIMITS, QUALITY
from dagster_project.settings import Settings

_MOST_NAMED = 5


@dg.asset_check(
    name="guards_hold",
    asset=ASSIGNMENT,
    additional_deps=[DECISIONS],
    blocking=True,
    pool=WAREHOUSE_POOL,
    description=(
        "No customer has two different valid identifiers, more than 50 records without being held, two records that a"
        " declared conflict names (father and son), or records that a steward's decision keeps apart, directly or through"
        " others."
    ),
)
def guards_hold(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Look at the finished assignment, without the code that made it."""
    from dagster_project.linkage.guard_check import broken_guards
    from dagster_project.warehouse import connect

    with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
        broken = broken_guards(con)
    return dg.AssetCheckResult(
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR,
        description=(
            f"{len(broken):,} customers break a guard: {'; '.join(str(guard) for guard in broken[:_MOST_NAMED])}."
            " This is a fault of the linker: `golden-customer explain` shows how such a customer came about."
        )
        if broken
        else None,
        metadata={"broken_guards": len(broken)},
    )


@dg.asset_check(
    name="within_limits",
    asset=QUALITY,
    additional_deps=[LIMITS],
    blocking=True,
    pool=WAREHOUSE_POOL,
    description=(
        "No measure of linkage quality is beyond its limit, or has changed more than allowed since the last run that was"
        " within the limits (seed linkage_quality_limits)."
    ),
)
def within_limits(settings: dg.ResourceParam[Settings]) -> dg.AssetCheckResult:
    """Judge the measures of the last run."""
    from dagster_project.linkage.quality_limits import judge_run, latest_run
    from dagster_project.linkage.quality_measures import QUALITY_TABLE
    from dagster_project.warehouse import connect

    with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
        run_id = latest_run(con, QUALITY_TABLE)
        broken = judge_run(con, run_id, QUALITY_TABLE) if run_id else []
    advice = (
        " If the change is meant, change the limit in dbt_project/seeds/rules/linkage_quality_limits.csv and run again;"
        " docs/linkage.md says what each measure means."
    )
    return dg.AssetCheckResult(
        passed=not broken,
        severity=dg.AssetCheckSeverity.ERROR,
        description=" ".join(str(limit) for limit in broken) + advice if broken else None,
        metadata={"broken_limits": len(broken)},
    )
