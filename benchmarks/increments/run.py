"""What an increment costs beside a full run: 1% of generated people changed, with the saved model.

    python -m benchmarks.increments.run --people people.parquet [--share 0.01] [--memory 2GB] [--threads 2]

Trains a model, links the records as they were, then links them as they are now twice, from copies of one warehouse: as an
increment and in full. Prints CPU and wall seconds of every step of both and their ratio, and fails when any table of the two
differs. Half of the changes are added records, the others changed and deleted ones in equal parts. Steps are those of the
assets, each on a connection of its own. Belongs here: the changes, measuring, comparing. Does not belong here: linking.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.datasets import load_people
from dagster_project.linkage.incremental import link_clusters, link_explanations, link_golden_ids, link_pairs
from dagster_project.linkage.model import LinkageModel
from dagster_project.linkage.training import train
from dagster_project.warehouse import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RECORDS = "standardized.std_customer_records"
COMPARED = (
    "candidate_pairs", "clusters", "review_candidates", "golden_id_assignment", "golden_ids", "golden_id_history",
    "golden_id_membership", "cluster_paths",
)  # fmt: skip
Open = Callable[[Path], AbstractContextManager["DuckDBPyConnection"]]


@dataclass(frozen=True)
class Cost:
    """Seconds of a step: of all processors together, and of the clock."""

    cpu: float
    wall: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.wall + other.wall)


def load(con: DuckDBPyConnection, people: Path, share: float) -> None:
    """The records as they were, and in ``changed_records`` as they are now.

    By a hash of the key: half of the ``share`` is not there at first, a quarter is gone afterwards, and a quarter says
    something else: another person's phone and street, a mailbox or a birth date less.
    """
    load_people(con, people)
    con.execute("create or replace temp table drawn as select *, hash(record_key) / pow(2, 64) as draw from " + RECORDS)
    con.execute(f"create or replace table {RECORDS} as select * exclude (draw) from drawn where draw >= {share / 2}")
    con.execute(
        f"""create or replace table changed_records as
        with moved as (
            select *, lag(phone) over (order by draw) as other_phone, lag(street) over (order by draw) as other_street
            from drawn where draw >= {share / 2} and draw < {share * 3 / 4}
        )
        select * exclude (draw, other_phone, other_street) replace (
            case hash(record_key, 1) % 3 when 0 then other_phone else phone end as phone,
            case hash(record_key, 1) % 3 when 0 then other_street else street end as street,
            case hash(record_key, 1) % 3 when 1 then null else email end as email,
            case hash(record_key, 1) % 3 when 2 then null else birth_date end as birth_date
        ) from moved
        union all by name select * exclude (draw) from drawn where draw < {share / 2} or draw >= {share}"""
    )
    con.execute("drop table drawn")


def link(warehouse: Path, open_warehouse: Open, model: LinkageModel, day: date) -> dict[str, Cost]:
    """Link the records of the warehouse; the costs of the steps."""
    steps: dict[str, Callable[[DuckDBPyConnection], object]] = {
        "pairs": partial(link_pairs, model=model, progress=lambda _: None),
        "clusters": partial(link_clusters, model=model, progress=lambda _: None),
        "golden IDs": partial(link_golden_ids, run_id=str(day), as_of=day),
        "explanations": partial(link_explanations, model=model),
    }
    costs = {}
    for name, step in steps.items():
        cpu, wall = time.process_time(), time.monotonic()
        with open_warehouse(warehouse) as con:
            print(f"  {name}: {step(con)}", flush=True)
        costs[name] = Cost(time.process_time() - cpu, time.monotonic() - wall)
    return costs


def differences(increment: Path, full: Path, open_warehouse: Open) -> dict[str, int]:
    """Rows of each compared table that only one of the two warehouses has."""
    with open_warehouse(increment) as con:
        con.execute(f"attach '{full}' as whole (read_only)")
        return {
            table: con.execute(
                f"""select count(*) from (
                    (from linkage.{table} except all from whole.linkage.{table})
                    union all (from whole.linkage.{table} except all from linkage.{table})
                )"""
            ).fetchall()[0][0]
            for table in COMPARED
        }


def print_costs(increment: dict[str, Cost], full: dict[str, Cost]) -> None:
    """The table of both, with the share of the increment in the full run."""
    zero = Cost(0.0, 0.0)
    rows = [(name, increment[name], full[name]) for name in full]
    rows.append(("together", sum(increment.values(), zero), sum(full.values(), zero)))
    print(f"{'seconds':14} {'increment CPU':>14} {'wall':>7} {'full CPU':>10} {'wall':>7} {'ratio of CPU':>13}")
    for name, one, other in rows:
        print(
            f"{name:14} {one.cpu:14.1f} {one.wall:7.1f} {other.cpu:10.1f} {other.wall:7.1f} {one.cpu / other.cpu:13.3f}"
        )


def main() -> None:
    """Run both ways, print what they cost, and compare what they wrote."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=Path, required=True, help="parquet file of generated people")
    parser.add_argument("--share", type=float, default=0.01, help="share of the records that changes")
    parser.add_argument("--memory", default="2GB", help="DuckDB's memory limit")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    open_warehouse = partial(connect, memory_limit=arguments.memory, threads=arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        increment, full = Path(folder) / "increment.duckdb", Path(folder) / "full.duckdb"
        with open_warehouse(increment) as con:
            load(con, arguments.people, arguments.share)
            started = time.process_time()
            trained = train(con, progress=lambda _: None)
            training = time.process_time() - started
        trained.save(Path(folder) / "model")
        model = LinkageModel.load(Path(folder) / "model")
        print("records as they were", flush=True)
        link(increment, open_warehouse, model, date(2026, 1, 1))
        with open_warehouse(increment) as con:
            con.execute(f"drop table {RECORDS}")
            con.execute(f"create table {RECORDS} as from changed_records")
        shutil.copy(increment, full)
        with open_warehouse(full) as con:
            con.execute("delete from linkage.state")
        print("increment", flush=True)
        costs = link(increment, open_warehouse, model, date(2026, 1, 2))
        print("full run", flush=True)
        full_costs = link(full, open_warehouse, model, date(2026, 1, 2))
        different = differences(increment, full, open_warehouse)
    print_costs(costs, full_costs)
    print(f"training: {training:.1f} s of CPU")
    if any(different.values()):
        raise SystemExit(f"rows that differ: {different}")
    print(f"no row differs in {', '.join(COMPARED)}")


if __name__ == "__main__":
    main()
