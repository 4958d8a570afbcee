"""Running one suite over one table of the warehouse.

Belongs here: bounded reading, validation, and a result a person can act on. Does not belong here: Dagster's checks.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dagster_project.quality.suites import Suite
from dagster_project.warehouse import quote_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Value rules on a larger table read a fixed sample of this many rows; the row count is always the table's own.
MOST_ROWS = 1_000_000
MOST_KEYS_SHOWN = 5


@dataclass(frozen=True)
class ExpectationOutcome:
    """One expectation: what was expected, what came, and the keys of the first rows that failed."""

    expectation: str
    passed: bool
    blocking: bool
    observed: str
    failing_keys: list[str]


@dataclass(frozen=True)
class SuiteOutcome:
    """All expectations of one suite; it passes unless one that is critical failed."""

    suite: str
    rows_read: int
    outcomes: list[ExpectationOutcome]

    @property
    def passed(self) -> bool:
        """No expectation failed."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def blocks(self) -> bool:
        """A critical expectation failed."""
        return any(not outcome.passed and outcome.blocking for outcome in self.outcomes)

    def failures(self) -> list[str]:
        """One line per failed expectation."""
        return [
            f"{self.suite}: {outcome.expectation}: {outcome.observed}"
            for outcome in self.outcomes
            if not outcome.passed
        ]

    def as_markdown(self) -> str:
        """A table for people, failures first."""
        lines = ["| | expectation | came | first failing rows |", "|---|---|---|---|"]
        for outcome in sorted(self.outcomes, key=lambda outcome: outcome.passed):
            mark = "passed" if outcome.passed else "**FAILED**" if outcome.blocking else "warning"
            keys = ", ".join(f"`{key}`" for key in outcome.failing_keys)
            lines.append(f"| {mark} | {outcome.expectation} | {outcome.observed} | {keys} |")
        return "\n".join(lines)


def validate_suite(con: DuckDBPyConnection, suite: Suite) -> SuiteOutcome:
    """Run a suite over its table, reading only the columns it names.

    Dates reach the expectations as ISO 8601 texts. Raises ValueError when an expectation cannot be evaluated, naming
    it, or the column it lacks: a check that did not run has not passed.
    """
    import logging

    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    relation = f"{quote_identifier(suite.schema)}.{quote_identifier(suite.table)}"
    types = {row[0]: row[1] for row in con.execute(f"describe {relation}").fetchall()}
    unknown = [column for column in suite.columns() if column not in types]
    if unknown:
        raise ValueError(f"{suite.name}.json names columns that the table does not have: {', '.join(unknown)}")
    # Dates as ISO 8601 texts, so that a suite can state their bounds in JSON.
    columns = ", ".join(
        f"cast({quote_identifier(column)} as varchar) as {quote_identifier(column)}"
        if types[column].startswith(("DATE", "TIMESTAMP"))
        else quote_identifier(column)
        for column in suite.columns()
    )
    counted = con.execute(f"select count(*) from {relation}").fetchone()
    assert counted is not None
    sample = f" using sample reservoir({MOST_ROWS} rows) repeatable (1)" if counted[0] > MOST_ROWS else ""
    frame = con.execute(f"select {columns} from {relation}{sample}").df()

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}  # pyright: ignore[reportAttributeAccessIssue]
    batch = (
        context.data_sources.add_pandas("warehouse")
        .add_dataframe_asset(suite.name)
        .add_batch_definition_whole_dataframe("whole")
        .get_batch({"dataframe": frame})
    )
    result = batch.validate(
        context.suites.add(gx.ExpectationSuite(name=suite.name, expectations=suite.content["expectations"])),
        result_format={
            "result_format": "COMPLETE",
            **({"unexpected_index_column_names": suite.key} if suite.key else {}),
        },
    )
    outcomes = [_outcome(suite, item) for item in result.results]
    return SuiteOutcome(suite.name, len(frame), outcomes)


def _outcome(suite: Suite, item: Any) -> ExpectationOutcome:  # noqa: ANN401 - a result of Great Expectations
    config = item.expectation_config
    raised = item.exception_info or {}
    if raised.get("raised_exception") or any(
        isinstance(value, dict) and value.get("raised_exception") for value in raised.values()
    ):
        raise ValueError(f"{suite.name}: {config.type} could not be evaluated; see its arguments.")
    kwargs = {name: value for name, value in config.kwargs.items() if name != "batch_id"}
    subject = kwargs.pop("column", None) or kwargs.pop("column_list", None) or "table"
    rule = config.type.removeprefix("expect_").replace("_", " ")
    details = ", ".join(f"{name} {value}" for name, value in kwargs.items())
    result = item.result
    if "unexpected_count" in result:
        observed = f"{result['unexpected_count']:,} of {result['element_count']:,} rows do not"
        rows = result.get("unexpected_index_list") or []
        keys = ["/".join(str(row.get(column)) for column in suite.key) for row in rows[:MOST_KEYS_SHOWN]]
    else:
        observed, keys = f"observed {result.get('observed_value')}", []
    return ExpectationOutcome(
        expectation=f"`{subject}` {rule}" + (f" ({details})" if details else ""),
        passed=bool(item.success),
        blocking=str(getattr(config.severity, "value", config.severity)).lower() == "critical",
        observed=observed,
        failing_keys=keys if suite.key else [],
    )
