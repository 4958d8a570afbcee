"""Every declared source object is documented as it is declared, staged, and guarded by a suite."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dagster_project.ingest.declaration import Column, Pull, SourceObject, read_source_objects
from dagster_project.quality.suites import read_suites

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
STAGING = ROOT / "dbt_project" / "models" / "staging"
OBJECTS = read_source_objects(ROOT / "dagster_project" / "defs" / "sources")
FORMATS = {"csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet", "xlsx": "Excel"}
WITHOUT_SUITE: dict[str, str] = {}
"""Objects that no suite guards, each with the reason why not."""


def table_of(title: str) -> list[list[str]]:
    """The cells of the first table of a section, without its header."""
    section = re.split(rf"^## {re.escape(title)}$", DOCUMENT, flags=re.M)[1].split("\n## ")[0]
    rows = re.findall(r"^\|(.*)\|$", section.split("\n\n|", 1)[1].split("\n\n")[0], re.M)
    return [[cell.strip() for cell in row.split(" | ")] for row in rows[1:]]


def documented_objects() -> dict[str, list[str]]:
    return {cells[0].strip("`"): cells for cells in table_of("Objects")}


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_objects_has_those_that_are_declared_and_no_other() -> None:
    listed = [cells[0].strip("`") for cells in table_of("Objects")]
    assert sorted(listed) == [item.qualified_name for item in sorted(OBJECTS, key=lambda item: item.qualified_name)]


@pytest.mark.parametrize("item", OBJECTS, ids=lambda item: item.qualified_name)
def test_an_object_is_documented_as_it_is_declared(item: SourceObject) -> None:
    _, files, layout, grain, key, cursor, stale = documented_objects()[item.qualified_name]
    assert quoted(files)[-1] == item.files
    assert ("database" in layout) == (item.pull is not None and item.pull.connector == "database")
    if item.pull is not None and item.pull.connector == "database":
        assert quoted(files)[0] == item.pull.source
    assert FORMATS[item.format] in layout
    if item.format in ("csv", "jsonl"):
        assert item.encoding.upper() in layout
    assert ("Shanghai time" in layout) == (item.time_zone == "Asia/Shanghai")
    assert item.time_zone in ("UTC", "Asia/Shanghai"), "the document knows no other time zone yet"
    assert ("snapshot" in layout) == (item.delivers == "snapshot")
    assert grain
    assert quoted(key) == list(item.key)
    assert (quoted(cursor) or ["none"]) == [item.cursor or "none"]
    assert stale == f"{item.fresh_within_hours} h"


@pytest.mark.parametrize("item", OBJECTS, ids=lambda item: item.qualified_name)
def test_an_object_is_staged(item: SourceObject) -> None:
    reads = re.compile(rf"source\('{item.system}', '{item.name}'\)")
    models = [path for path in sorted((STAGING / item.system).glob("*.sql")) if reads.search(path.read_text("utf-8"))]
    assert models
    entries = (STAGING / item.system / "_sources.yml").read_text(encoding="utf-8")
    assert f"identifier: {item.table}\n" in entries
    assert f"asset_key: [raw, {item.table}]" in entries


def test_every_staging_model_is_read() -> None:
    """In a list of dbt_project.yml or by another model: what nobody reads would arrive and be lost without a word."""
    lists = (ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8")
    read = set(re.findall(r"^ +- (stg_\w+)$", lists, re.M))
    for path in (ROOT / "dbt_project" / "models").rglob("*.sql"):
        read |= set(re.findall(r"ref\('(stg_\w+)'\)", path.read_text(encoding="utf-8"))) - {path.stem}
    delivered = {path.stem for path in STAGING.glob("*/*.sql") if path.parent.name != "list"}  # make dedupe's own
    assert sorted(delivered - read) == []


def test_every_object_has_a_suite_or_a_reason_why_not() -> None:
    guarded = {suite.table for suite in read_suites(ROOT / "expectations") if suite.schema == "raw"}
    declared = {item.table for item in OBJECTS}
    assert guarded <= declared, "a suite of a table that nobody declares"
    assert declared - guarded == set(WITHOUT_SUITE)
    assert all(WITHOUT_SUITE.values())


def test_every_system_says_how_the_real_one_is_connected() -> None:
    def is_of(system: str, title: str) -> bool:
        return title.lower().replace("-", " ").startswith(system.replace("_", " "))

    titles = [cells[0] for cells in table_of("Connecting the real systems")]
    systems = sorted({item.system for item in OBJECTS})
    assert len(titles) == len(systems)
    for system in systems:
        assert [title for title in titles if is_of(system, title)], f"no row for {system}"


def test_every_key_of_a_declaration_is_explained() -> None:
    section = re.split(r"^## Declaring an object$", DOCUMENT, flags=re.M)[1].split("\n## ")[0]
    explained = {word for words in quoted(section) for word in re.findall(r"\w+", words)}
    keys = {name for model in (SourceObject, Column, Pull) for name in model.model_fields}
    assert sorted(keys - explained) == []
