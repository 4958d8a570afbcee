"""Builds the published file and puts it in place; a reader sees yesterday's copy or today's, never half of one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Publication:
    """What was published: rows per table, and the business date the marts stand for."""

    as_of: str
    row_counts: dict[str, int]


def publish_marts(
    con: DuckDBPyConnection,
    tables: Sequence[str],
    target: Path,
    *,
    descriptions: dict[str, str] | None = None,
    progress: Callable[[str], None] = print,
) -> Publication:
    """Copy tables of schema marts into a new DuckDB file and replace `target` with it in one step.

    The file gets the tables in schema `marts`, each ordered by its key (its first column), their descriptions as
    comments, and `marts.manifest` (table_name, row_count, as_of). The same manifest is written beside it as JSON.
    Raises duckdb.CatalogException when a table is missing; the target is then as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    building = target.with_name(target.name + ".building")
    building.unlink(missing_ok=True)
    row = con.execute("select cast(as_of as varchar) from standardized.as_of").fetchone()
    assert row is not None
    as_of = str(row[0])
    counts: dict[str, int] = {}
    con.execute(f"attach {quote_literal(str(building))} as publication")
    try:
        con.execute("create schema publication.marts")
        for table in sorted(tables):
            name = quote_identifier(table)
            con.execute(f"create table publication.marts.{name} as select * from marts.{name} order by 1")
            if descriptions and table in descriptions:
                con.execute(f"comment on table publication.marts.{name} is {quote_literal(descriptions[table])}")
            counted = con.execute(f"select count(*) from publication.marts.{name}").fetchone()
            assert counted is not None
            counts[table] = counted[0]
            progress(f"{table}: {counted[0]:,} rows")
        con.execute("create table publication.marts.manifest (table_name varchar, row_count bigint, as_of date)")
        con.executemany(
            "insert into publication.marts.manifest values (?, ?, ?)", [[name, n, as_of] for name, n in counts.items()]
        )
    finally:
        con.execute("detach publication")
    manifest = target.with_name("manifest.json")
    draft = manifest.with_name(manifest.name + ".building")
    draft.write_text(json.dumps({"as_of": as_of, "row_counts": counts}, indent=2) + "\n", encoding="utf-8")
    os.replace(building, target)
    os.replace(draft, manifest)
    return Publication(as_of, counts)
