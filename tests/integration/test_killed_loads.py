"""Loads that are killed, as by kill -9, and started again: for every format, nothing is lost, half, or there twice."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.load import load_object
from dagster_project.warehouse import connect
from tests.killing import Place, everything_in, places, run, run_killed, run_killed_from_outside, spread

TITLES = ("member_no", "name", "balance", "points", "changed")
Row = tuple[str, ...]
WRITING = {"load.py", "duplicates.py", "snapshots.py"}
"""Modules of the ingestion that change the warehouse; the others read and judge."""


def member(number: int, changed: str = "2024-03-01 10:00:00", **values: str) -> Row:
    row = {
        "member_no": f"M-{number:05d}",
        "name": f"王小明 {number}",
        "balance": f"{number}.50",
        "points": str(number),
        "changed": changed,
    }
    return tuple((row | values).values())


def as_csv(rows: list[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([TITLES, *rows])
    return text.getvalue().encode()


def as_json_lines(rows: list[Row]) -> bytes:
    lines = [json.dumps(dict(zip(TITLES, row, strict=True)), ensure_ascii=False) + "\n" for row in rows]
    return "".join(lines).encode()


def as_parquet(rows: list[Row]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({title: [row[n] for row in rows] for n, title in enumerate(TITLES)}), sink)
    return sink.getvalue()


def as_workbook(rows: list[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [TITLES, *rows]:
        sheet.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@dataclass(frozen=True)
class Kind:
    """A kind of load: how its files are written, what is declared beside the columns, and how many rows a file has."""

    ending: str
    content: Callable[[list[Row]], bytes]
    declared: dict[str, Any]
    rows: int = 2_000


KINDS = {
    "csv": Kind("csv", as_csv, {"format": "csv"}),
    "csv in another encoding": Kind(
        "csv", lambda rows: as_csv(rows).decode().encode("gb18030"), {"format": "csv", "encoding": "gb18030"}
    ),
    "damaged csv": Kind("csv", lambda rows: as_csv(rows) + b'M-9,"x,\nM-8\nM-7,a,b,c,d,e,f\n', {"format": "csv"}, 300),
    "compressed csv": Kind("csv.gz", lambda rows: gzip.compress(as_csv(rows), mtime=0), {"format": "csv"}),
    "json lines": Kind("jsonl", as_json_lines, {"format": "jsonl"}),
    "parquet": Kind("parquet", as_parquet, {"format": "parquet"}),
    "workbook": Kind("xlsx", as_workbook, {"format": "xlsx"}, 300),
    "snapshot": Kind("csv", as_csv, {"format": "csv", "delivers": "snapshot"}),
    "without cursor": Kind("jsonl", as_json_lines, {"format": "jsonl", "cursor": None}),
}


def declaration_of(kind: Kind) -> SourceObject:
    settings: dict[str, Any] = {
        "system": "club",
        "name": "members",
        "files": f"club/members_*.{kind.ending.removesuffix('.gz')}",
        "key": ["member_no"],
        "cursor": "changed",
        "columns": {
            "member_no": "string",
            "name": {"type": "string", "personal": True},
            "balance": "decimal",
            "points": "integer",
            "changed": "timestamp",
        },
    }
    return SourceObject(**(settings | kind.declared))


@dataclass(frozen=True)
class Stage:
    """A warehouse with earlier deliveries, and a landing folder with newer ones."""

    landing: Path
    warehouse: Path
    declaration: SourceObject


def load(warehouse: Path, stage: Stage) -> None:
    """Load what lies there, at a time that depends on nothing."""
    with connect(warehouse) as con:
        loaded_at = datetime(2024, 4, 1 if warehouse == stage.warehouse else 2, 12)
        load_object(con, stage.declaration, stage.landing, loaded_at, progress=lambda _: None)


def deliver(stage: Stage, kind: Kind, name: str, rows: list[Row]) -> None:
    (stage.landing / "club").mkdir(parents=True, exist_ok=True)
    (stage.landing / "club" / f"members_{name}.{kind.ending}").write_bytes(kind.content(rows))


@pytest.fixture(params=KINDS)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Stage:
    """Two deliveries are loaded. Then the second is corrected, a third and a fourth come, and an empty one before all."""
    kind = KINDS[request.param]
    stage = Stage(tmp_path / "landing", tmp_path / "earlier.duckdb", declaration_of(kind))
    first = [member(number) for number in range(kind.rows)]
    later = [*(member(number) for number in range(kind.rows, kind.rows + 50)), member(1, "2024-03-05 10:00:00")]
    bad = [member(-1, balance="ten"), member(-2, points="1.5"), member(-3, changed="soon")]
    repeated = first if stage.declaration.delivers == "snapshot" else []
    deliver(stage, kind, "1", first)
    deliver(stage, kind, "2", [*repeated, *later, *bad, later[0]])
    run(load, stage.warehouse, stage)
    deliver(stage, kind, "2", [*repeated, *later[:-5], *bad[1:], member(-1, balance="10")])
    changed = [member(number, "2024-03-09 10:00:00", points="7") for number in range(0, kind.rows, 3)]
    deliver(stage, kind, "3", [*changed, *first[:-20], *repeated, *later[:9], *changed[:9], *bad])
    deliver(stage, kind, "4", [*first[:-30], *changed[-30:], member(kind.rows + 90)])
    (stage.landing / "club" / f"members_0.{kind.ending}").write_bytes(b"")
    return stage


def assert_no_file_is_there_by_half(warehouse: Path, context: object) -> None:
    """Every file is in the raw table and the quarantine as the load log says, and no row is there without a file."""
    with duckdb.connect(str(warehouse)) as con:
        wrong = con.execute(
            "select * from (select load_id, rows_accepted, rows_quarantined from raw.load_log"
            " where status in ('loaded', 'replaced')) as log"
            " full join (select _load_id as load_id, count(_row_number) as accepted from raw.club__members group by all)"
            " as raw using (load_id)"
            " full join (select load_id, count(*) as quarantined from raw.quarantine group by all) as quarantine"
            " using (load_id)"
            " where rows_accepted is distinct from coalesce(accepted, 0)"
            " or rows_quarantined is distinct from coalesce(quarantined, 0)"
        ).fetchall()
    assert wrong == [], context


def undisturbed(stage: Stage, folder: Path) -> tuple[list[Place], dict[str, list[tuple[Any, ...]]]]:
    """The places that a load of the newer deliveries passes, and all that is there afterwards."""
    warehouse = copied(stage, folder / "undisturbed.duckdb")
    passed = places(load, warehouse, stage)
    expected = everything_in(warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        log = con.execute("select status, records_deleted from raw.load_log").fetchall()
    assert {"loaded", "replaced", "refused", "superseded"} == {status for status, _ in log}
    assert any(deleted for _, deleted in log) == (stage.declaration.delivers == "snapshot")
    return passed, expected


def copied(stage: Stage, target: Path) -> Path:
    shutil.copy(stage.warehouse, target)
    return target


def is_writing(place: Place) -> bool:
    return Path(place.file).name in WRITING


def test_a_load_killed_anywhere_and_started_again_equals_an_undisturbed_one(stage: Stage, tmp_path: Path) -> None:
    passed, expected = undisturbed(stage, tmp_path)
    reading = [place for place in passed if not is_writing(place)]
    writing = [place for place in passed if is_writing(place)]
    for number, place in enumerate([*spread(reading, 4), *spread(writing, 6)]):
        warehouse = copied(stage, tmp_path / f"killed_{number}.duckdb")
        assert run_killed(place, load, warehouse, stage), place
        assert_no_file_is_there_by_half(warehouse, place)
        run(load, warehouse, stage)
        assert everything_in(warehouse) == expected, place


def test_a_load_killed_in_the_middle_of_a_statement(stage: Stage, tmp_path: Path) -> None:
    """Killed from outside, a little after the engine was called: while it reads the file, writes rows, or commits."""
    passed, expected = undisturbed(stage, tmp_path)
    calls = [place for place in passed if is_writing(place) and place.event == "c_call"]
    for number, place in enumerate(spread(calls, 4)):
        warehouse = copied(stage, tmp_path / f"killed_{number}.duckdb")
        run_killed_from_outside(place, load, warehouse, stage)
        assert_no_file_is_there_by_half(warehouse, place)
        run(load, warehouse, stage)
        assert everything_in(warehouse) == expected, place


def test_a_load_killed_again_and_again(stage: Stage, tmp_path: Path) -> None:
    passed, expected = undisturbed(stage, tmp_path)
    warehouse = copied(stage, tmp_path / "killed.duckdb")
    first_time = [replace(place, times=1) for place in spread(passed, 7)[1:-1]]
    killed = [run_killed(place, load, warehouse, stage) for place in first_time]
    assert killed.count(True) >= 3
    assert_no_file_is_there_by_half(warehouse, killed)
    run(load, warehouse, stage)
    assert everything_in(warehouse) == expected


def test_what_only_a_duplicate_still_says_is_there_wherever_the_load_was_killed(tmp_path: Path) -> None:
    """A corrected file no longer has rows that others repeated; these are loaded again, before and after it by name."""
    kind = KINDS["csv"]
    stage = Stage(tmp_path / "landing", tmp_path / "earlier.duckdb", declaration_of(kind))
    rows = [member(number) for number in range(60)]
    deliver(stage, kind, "2", rows)
    run(load, stage.warehouse, stage)
    deliver(stage, kind, "1", rows[:20])
    deliver(stage, kind, "3", rows[10:40])
    run(load, stage.warehouse, stage)
    deliver(stage, kind, "2", rows[45:])
    warehouse = copied(stage, tmp_path / "undisturbed.duckdb")
    passed = places(load, warehouse, stage)
    expected = everything_in(warehouse)
    assert {row[6] for row in expected["club__members"]} == {row[0] for row in [*rows[:40], *rows[45:]]}
    for number, place in enumerate(spread(passed, 12)):
        warehouse = copied(stage, tmp_path / f"killed_{number}.duckdb")
        assert run_killed(place, load, warehouse, stage)
        run(load, warehouse, stage)
        assert everything_in(warehouse) == expected, place
