"""Expectation suites: what passes, what warns, what blocks, and that a check which did not run has not passed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.quality.suites import Suite, read_suites
from dagster_project.quality.validate import validate_suite
from dagster_project.warehouse import connect


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(":memory:") as connection:
        connection.execute(
            "create table marts.people as select * from (values ('a', 1, date '1980-01-01'), ('b', null, date '2080-01-01'))"
            " as t (key, number, born)"
        )
        yield connection


def suite(*expectations: dict[str, Any]) -> Suite:
    return Suite(
        "marts", "people", {"name": "marts.people", "expectations": list(expectations), "meta": {"key": ["key"]}}
    )


def not_null(severity: str) -> dict[str, Any]:
    return {
        "type": "expect_column_values_to_not_be_null",
        "kwargs": {"column": "number"},
        "severity": severity,
        "meta": {},
    }


@pytest.mark.parametrize(("severity", "blocks"), [("critical", True), ("warning", False)])
def test_failure_names_the_row_and_blocks_by_severity(
    con: duckdb.DuckDBPyConnection, severity: str, blocks: bool
) -> None:
    outcome = validate_suite(con, suite(not_null(severity)))
    assert (outcome.passed, outcome.blocks) == (False, blocks)
    assert outcome.outcomes[0].failing_keys == ["b"]
    assert "`b`" in outcome.as_markdown()
    assert "`number`" in outcome.failures()[0]


def test_dates_are_compared_as_iso_texts(con: duckdb.DuckDBPyConnection) -> None:
    outcome = validate_suite(
        con,
        suite(
            {"type": "expect_column_values_to_match_regex", "kwargs": {"column": "born", "regex": "^(19|20)[0-9]{2}-"}}
        ),
    )
    assert outcome.passed


def test_unknown_column_is_an_error_not_a_pass(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="no_such_column"):
        validate_suite(
            con, suite({"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "no_such_column"}})
        )


def test_expectation_that_cannot_be_evaluated_is_an_error(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="could not be evaluated"):
        validate_suite(
            con, suite({"type": "expect_column_values_to_be_between", "kwargs": {"column": "key", "min_value": 3}})
        )


def test_misnamed_suite_is_refused(tmp_path: Path) -> None:
    (tmp_path / "marts.people.json").write_text(json.dumps({"name": "marts.other", "expectations": [not_null("info")]}))
    with pytest.raises(ValueError, match=r"marts\.people\.json"):
        read_suites(tmp_path)
