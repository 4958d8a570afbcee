"""The published copy is replaced whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.publish.published_copy import publish_marts
from dagster_project.warehouse import connect


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("create table standardized.as_of as select date '2024-01-31' as as_of")
        connection.execute("create table marts.numbers as select * from (values (2, 'b'), (1, 'a')) as t (key, value)")
        yield connection


def publish(con: duckdb.DuckDBPyConnection, target: Path, *tables: str) -> None:
    publish_marts(
        con, tables, target, descriptions={"numbers": "One row per number; it's a test."}, progress=lambda _: None
    )


def test_copy_has_rows_by_key_descriptions_and_manifest(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "published" / "customers.duckdb"
    publish(con, target, "numbers")
    with duckdb.connect(str(target), read_only=True) as copy:
        assert copy.execute("select * from marts.numbers").fetchall() == [(1, "a"), (2, "b")]
        assert copy.execute("select table_name, row_count, cast(as_of as varchar) from marts.manifest").fetchall() == [
            ("numbers", 2, "2024-01-31")
        ]
        assert copy.execute("select comment from duckdb_tables() where table_name = 'numbers'").fetchall() == [
            ("One row per number; it's a test.",)
        ]
    manifest = json.loads((target.parent / "manifest.json").read_text())
    assert manifest == {"as_of": "2024-01-31", "row_counts": {"numbers": 2}}


def test_failure_leaves_the_old_copy(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "customers.duckdb"
    publish(con, target, "numbers")
    before = target.read_bytes()
    with pytest.raises(duckdb.CatalogException):
        publish(con, target, "numbers", "no_such_mart")
    assert target.read_bytes() == before
    publish(con, target, "numbers")  # what the failed attempt left behind does not stand in the way


def test_reader_keeps_the_copy_it_opened(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = tmp_path / "customers.duckdb"
    publish(con, target, "numbers")
    with target.open("rb") as reader:
        con.execute("insert into marts.numbers values (3, 'c')")
        publish(con, target, "numbers")
        old = reader.read()
    assert old != target.read_bytes()
