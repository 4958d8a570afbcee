"""How long loading takes beside the least that could be done: DuckDB's own read_csv into a table, in the same run.

    python -m benchmarks.loading.run [--rows 10000000] [--rounds 3] [--encoding utf-8]

Writes till receipt lines in the shape of the POS system's export, then loads them in turns: bare (`create table ... as
select * from read_csv`, types found by DuckDB) and whole (`load_object` with the real declaration: fingerprint, encoding,
types, quarantine, duplicates, load log, one transaction). Prints seconds, ratio and peak memory of each; processes of
their own, so that nothing is warm. For an encoding that read_csv does not read, the bare way reads the same rows in UTF-8.
Does not belong here: asserting anything; a benchmark is read by people.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.ingest.declaration import SourceObject, read_source_objects
from dagster_project.ingest.load import load_object
from dagster_project.warehouse import connect

SOURCES = Path(__file__).parents[2] / "dagster_project" / "defs" / "sources"
MEMORY_LIMIT = "2GB"
THREADS = 2


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--encoding", default="utf-8", help="of the delivered file, such as gb18030")
    parser.add_argument("--only", choices=["bare", "whole"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(_measure(options.only, options.folder, options.encoding)))
        return
    with tempfile.TemporaryDirectory(prefix="golden-customer-benchmark-") as name:
        folder = Path(name)
        print(f"writing {options.rows:,} receipt lines ...", flush=True)
        _write_lines(folder, options.rows, options.encoding)
        seconds: dict[str, list[float]] = {"bare": [], "whole": []}
        for number in range(options.rounds):
            for way in seconds:
                found = _in_own_process(way, folder, options.encoding)
                seconds[way].append(found["seconds"])
                print(f"round {number + 1} {way:5}  {found['seconds']:6.2f} s  {found['peak_mb']:6,.0f} MB", flush=True)
        ratios = [whole / bare for whole, bare in zip(seconds["whole"], seconds["bare"], strict=True)]
        print(
            f"median: bare {statistics.median(seconds['bare']):.2f} s, whole {statistics.median(seconds['whole']):.2f} s,"
            f" ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


def _declaration(encoding: str) -> SourceObject:
    (found,) = (item for item in read_source_objects(SOURCES) if item.qualified_name == "pos.ticket_lines")
    return found.model_copy(update={"encoding": encoding})


def _write_lines(folder: Path, rows: int, encoding: str) -> None:
    target = folder / "bare.csv"
    duckdb.execute(
        f"""copy (
            select 'S' || lpad((i // 5)::varchar, 9, '0') as 小票号, (i % 5 + 1)::int as 行号,
                'P' || ((i * 7919) % 20000)::varchar as 商品编码,
                ['手工蜡烛', '圣诞礼盒', '陶瓷茶杯', '复古台灯', '野餐篮', 'WHITE HANGING HEART T-LIGHT HOLDER',
                    'JUMBO BAG RED RETROSPOT'][(i * 31) % 7 + 1] as 商品名称,
                (i % 9 + 1)::int as 数量, ((i * 37) % 5000 / 100 + 0.5)::decimal(10, 2) as 单价,
                (((i * 37) % 5000 / 100 + 0.5) * (i % 9 + 1))::decimal(12, 2) as 金额
            from range({rows}) as t(i)
        ) to '{target}' (header)"""
    )
    delivered = folder / "landing" / "pos" / "ticket_lines_1.csv"
    delivered.parent.mkdir(parents=True)
    if encoding == "utf-8":
        delivered.hardlink_to(target)
        return
    with (
        target.open(encoding="utf-8", newline="") as source,
        delivered.open("w", encoding=encoding, newline="") as sink,
    ):
        while chunk := source.read(1 << 22):
            sink.write(chunk)


def _in_own_process(way: str, folder: Path, encoding: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, "--only", way, "--folder", str(folder), "--encoding", encoding],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])


def _measure(way: str, folder: Path, encoding: str) -> dict[str, float]:
    warehouse = folder / f"{way}.duckdb"
    warehouse.unlink(missing_ok=True)
    start = time.perf_counter()
    with connect(warehouse, memory_limit=MEMORY_LIMIT, threads=THREADS) as con:
        if way == "bare":
            con.execute(f"create table lines as select * from read_csv('{folder / 'bare.csv'}')")
        else:
            now = datetime.now(UTC).replace(tzinfo=None)
            load_object(con, _declaration(encoding), folder / "landing", now, progress=lambda _: None)
    seconds = time.perf_counter() - start
    warehouse.unlink()
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


if __name__ == "__main__":
    main()
