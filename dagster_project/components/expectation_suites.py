"""Every suite in the expectations folder becomes one blocking asset check on its table.

Does not belong here: expectations (expectations/*.json) and how they are evaluated (dagster_project/quality).
"""

import dagster as dg

from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.quality.suites import Suite, read_suites
from dagster_project.settings import PROJECT_ROOT, Settings


class ExpectationSuites(dg.Component, dg.Model, dg.Resolvable):
    """Turns a folder of Great Expectations suites, one per table, into asset checks."""

    folder: str = "expectations"

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """One check per suite. Raises ValueError naming a malformed file."""
        del context
        return dg.Definitions(asset_checks=[_check(suite) for suite in read_suites(PROJECT_ROOT / self.folder)])


def _check(suite: Suite) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        name="expectations",
        asset=dg.AssetKey([suite.schema, suite.table]),
        blocking=True,
        pool=WAREHOUSE_POOL,
        description=f"{suite.description} ({len(suite.content['expectations'])} expectations)".strip(),
    )
    def expectations(
        context: dg.AssetCheckExecutionContext, settings: dg.ResourceParam[Settings]
    ) -> dg.AssetCheckResult:
        from dagster_project.quality.validate import validate_suite
        from dagster_project.warehouse import connect

        with connect(settings.warehouse, memory_limit=settings.memory_limit, threads=settings.threads) as con:
            outcome = validate_suite(con, suite)
        for failure in outcome.failures():
            context.log.warning(failure)
        return dg.AssetCheckResult(
            passed=outcome.passed,
            severity=dg.AssetCheckSeverity.ERROR if outcome.blocks else dg.AssetCheckSeverity.WARN,
            description="; ".join(outcome.failures()) or None,
            metadata={"rows_read": outcome.rows_read, "expectations": dg.MetadataValue.md(outcome.as_markdown())},
        )

    return expectations
