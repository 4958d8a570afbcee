"""The warehouse connection: the only module that knows which engine is below.

Belongs here: opening and configuring the engine, and the few catalog questions every package asks.
Does not belong here: any SQL about customers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LAYERS = ("raw", "staging", "standardized", "linkage", "golden", "marts")


@contextmanager
def connect(
    path: Path | str, *, memory_limit: str = "2GB", threads: int = 2, read_only: bool = False
) -> Iterator[DuckDBPyConnection]:
    """Open the warehouse file and close it again.

    One writer at a time: while it is open no other process can open the file. Extensions are neither fetched nor
    loaded by themselves, so that a run behaves the same with and without a network (dbt_project/profiles.yml says
    the same: DuckDB refuses two configurations of one file). Raises duckdb.IOException when another process holds it.
    """
    import duckdb

    if str(path) != ":memory:" and not read_only:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        str(path),
        read_only=read_only,
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"},
    )
    try:
        connection.execute(f"set memory_limit = '{memory_limit}'")
        connection.execute(f"set threads = {threads}")
        connection.execute("set timezone = 'UTC'")
        connection.execute("set enable_progress_bar = false")
        if not read_only:
            for layer in LAYERS:
                connection.execute(f"create schema if not exists {layer}")
        yield connection
    finally:
        connection.close()


@contextmanager
def any_row_order(connection: DuckDBPyConnection) -> Iterator[None]:
    """Within it, rows may be stored in another order than they were read; large inserts are then written once only."""
    connection.execute("set preserve_insertion_order = false")
    try:
        yield
    finally:
        connection.execute("reset preserve_insertion_order")


def table_exists(connection: DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether a table or view of that name exists."""
    row = connection.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchone()
    return row is not None


def count_rows(connection: DuckDBPyConnection, relation: str) -> int:
    """Number of rows of a schema-qualified table."""
    row = connection.execute(f"select count(*) from {relation}").fetchone()
    assert row is not None
    return int(row[0])


def quote_identifier(name: str) -> str:
    """A column or table name, quoted so that any title a source uses is a valid identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str) -> str:
    """A text, quoted as a SQL literal."""
    return "'" + value.replace("'", "''") + "'"
