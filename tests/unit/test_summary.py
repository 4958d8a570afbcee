"""The summary at the end of a run: what it says about marts that lack something."""

from __future__ import annotations

import csv
import io

import duckdb
import pytest
from rich.console import Console

from dagster_project.commands.summary import _readiness
from tests.project import ROOT

SEEDS = ROOT / "dbt_project" / "seeds" / "rules"


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    """The seeds as they are, and a mart_readiness in which every need is met."""
    con = duckdb.connect()
    con.execute("create schema reference")
    con.execute("create schema marts")
    for seed in ("data_needs", "mart_needs"):
        con.execute(f"create table reference.{seed} as from read_csv('{SEEDS / f'{seed}.csv'}', header = true)")
    con.execute(
        "create table marts.mart_readiness as select mart, need, is_essential, true as is_met from reference.mart_needs"
    )
    return con


def told(con: duckdb.DuckDBPyConnection) -> list[str]:
    console = Console(file=io.StringIO(), width=400)
    _readiness(console, con)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def lack(con: duckdb.DuckDBPyConnection, *needs: str) -> None:
    con.execute("update marts.mart_readiness set is_met = false where list_contains(?, need)", [list(needs)])


def test_nothing_is_said_when_all_needs_are_met(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert told(warehouse) == []


def test_a_mart_without_its_need_has_one_line(warehouse: duckdb.DuckDBPyConnection) -> None:
    lack(warehouse, "campaigns")
    heading, *lines = told(warehouse)
    assert "缺少数据的集市" in heading
    assert lines == ["  dim_campaign: no campaigns were delivered, so it is empty"]


def test_every_mart_has_one_line_and_needs_with_one_consequence_one_clause(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    lack(warehouse, "customer_orders", "order_lines", "satisfaction")
    lines = dict(line.strip().split(": ", 1) for line in told(warehouse)[1:])
    with (SEEDS / "mart_needs.csv").open(encoding="utf-8") as stream:
        expected = {
            row["mart"]
            for row in csv.DictReader(stream)
            if row["need"] in ("customer_orders", "order_lines", "satisfaction")
        }
    assert set(lines) == expected
    assert len(told(warehouse)) == 1 + len(expected)
    assert lines["customer_rfm"] == "no orders of known customers and no order lines were delivered, so it is empty"
    assert lines["customer_360"] == (
        "no orders of known customers and no order lines were delivered, so everyone is a prospect without revenue and"
        " segments; no satisfaction answers (CSAT) of known customers were delivered, so nobody has a mean satisfaction"
    )


def test_an_empty_mart_lacks_nothing_else(warehouse: duckdb.DuckDBPyConnection) -> None:
    lack(warehouse, "satisfaction")
    assert [line for line in told(warehouse) if "customer_loyalty" in line] == [
        "  customer_loyalty: no satisfaction answers (CSAT) of known customers were delivered, so orders alone decide on"
        " loyalty"
    ]
    lack(warehouse, "order_lines")
    assert [line for line in told(warehouse) if "customer_loyalty" in line] == [
        "  customer_loyalty: no order lines were delivered, so it is empty"
    ]
