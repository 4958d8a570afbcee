"""One way of linking on one set, in a process of its own: accuracy, seconds, peak memory.

Belongs here: starting the process and what it reports. Does not belong here: the ways (``linkers``) and the sets
(``datasets``).
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy import linkers
from dagster_project.linkage.blocking import RULES
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.evaluation import b_cubed_metrics, pairwise_metrics
from dagster_project.linkage.records import forget_records, prepare_records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Loader = Callable[["DuckDBPyConnection", Path], None]

WAYS = {
    "this project": linkers.link,
    "saved model": linkers.link,
    "plain Splink": linkers.link_with_plain_splink,
    "exact key": linkers.link_by_exact_key,
    "field rules": linkers.link_by_rules,
}


@dataclass(frozen=True)
class Accuracy:
    """Shares from 0 to 1 over the records of one slice (``name`` empty: of the whole set)."""

    name: str
    precision: float
    recall: float
    f1: float
    b_cubed_f1: float


@dataclass(frozen=True)
class Measured:
    """What a run reports: accuracy per slice, seconds of wall clock (loading left out), peak MB of the process.

    ``ceiling``: share of the true pairs among the candidates of this project; None for other ways. ``wider``: the same
    rules without a budget, where asked for. ``wrong``: printed
    wrong pairs, where they were asked for.
    """

    accuracy: list[Accuracy]
    seconds: float
    megabytes: float
    steps: dict[str, float] = field(default_factory=dict)
    ceiling: float | None = None
    wider: float | None = None
    wrong: list[str] = field(default_factory=list)


def measure(
    way: str,
    load: Loader,
    path: Path,
    *,
    memory: str = "2GB",
    model: Path | None = None,
    wrong: bool = False,
    wider: bool = False,
) -> Measured:
    """Run ``way`` on the set that ``load`` reads from ``path``, in a fresh process.

    ``model``: folder where 'this project' leaves its model and from where 'saved model' takes it.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_measured, way, load, path, memory, model, wrong, wider).result()


def _measured(
    way: str, load: Loader, path: Path, memory: str, model: Path | None, wrong: bool, wider: bool
) -> Measured:
    import duckdb

    with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/benchmark.duckdb") as con:
        con.execute(f"set memory_limit = '{memory}'")
        con.execute("set enable_progress_bar = false")
        load(con, path)
        steps: dict[str, float] = {}
        started = time.monotonic()
        if way == "this project":
            clusters = linkers.link(con, steps, save=model)
        elif way == "saved model":
            clusters = linkers.link(con, steps, load=model)
        else:
            clusters = WAYS[way](con)
        seconds = time.monotonic() - started
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        megabytes = kilobytes / (1024 * 1024 if sys.platform == "darwin" else 1024)
        mine = clusters == "linkage.clusters"
        return Measured(
            [_accuracy(con, clusters, name) for name in _slices(con)],
            seconds,
            megabytes,
            steps,
            ceiling(con) if mine else None,
            ceiling_without_budgets(con) if mine and wider else None,
            wrong_pairs(con, clusters) if wrong else [],
        )


def _slices(con: DuckDBPyConnection) -> list[str]:
    named = con.execute("select distinct slice from truth where slice is not null order by slice").fetchall()
    return ["", *[row[0] for row in named]]


def _accuracy(con: DuckDBPyConnection, clusters: str, name: str) -> Accuracy:
    truth = f"(select * from truth where slice = '{name}')" if name else "truth"
    pairs = pairwise_metrics(con, clusters, truth, truth_cluster="entity")
    records = b_cubed_metrics(con, clusters, truth, truth_cluster="entity")
    return Accuracy(name, pairs.precision, pairs.recall, pairs.f1, records.f1)


def ceiling(con: DuckDBPyConnection, pairs: str = "linkage.candidate_pairs") -> float:
    """Share of the true pairs that are in ``pairs``."""
    found, actual = con.execute(
        f"""select
            (select count(*) from {pairs} as p join truth as a on a.record_key = p.record_key_l
             join truth as b on b.record_key = p.record_key_r where a.entity = b.entity),
            (select sum(n * (n - 1) / 2) from (select count(*) as n from truth group by entity))"""
    ).fetchall()[0]
    return found / max(actual, 1)


def ceiling_without_budgets(con: DuckDBPyConnection) -> float:
    """Share of the true pairs that agree on the keys of at least one blocking rule, however large its blocks are."""
    found = 0
    for party in PARTIES:
        prepare_records(con, party, linkers.RECORDS)
        hashes = [f"case when {' and '.join(f'({k}) is not null' for k in r.keys)} then hash({', '.join(r.keys)}) end as k{n}"
                  for n, r in enumerate(RULES[party.party_type])]  # fmt: skip
        agrees = " or ".join(f"a.k{n} = b.k{n}" for n in range(len(hashes)))
        found += con.execute(
            f"""with keyed as (
                select record_key, entity, {", ".join(hashes)} from linkage_records join truth using (record_key)
            )
            select count(*) from keyed as a join keyed as b on a.entity = b.entity and a.record_key < b.record_key
            where {agrees}"""
        ).fetchall()[0][0]
        forget_records(con, party.party_type)
    actual = con.execute(
        "select sum(n * (n - 1) / 2) from (select count(*) as n from truth group by entity)"
    ).fetchall()
    return found / max(actual[0][0], 1)


def wrong_pairs(con: DuckDBPyConnection, clusters: str) -> list[str]:
    """Every pair put together wrongly or missed, with what both records say; for small sets."""
    columns = [row[0] for row in con.execute(f"describe {linkers.RECORDS}").fetchall()]
    shown = [c for c in columns if c not in ("record_key", "party_type", "full_name", "name_pinyin")]
    values = "concat_ws(' | ', " + ", ".join(f"{c}::varchar" for c in shown) + ")"
    rows = con.execute(
        f"""with known as (
            select t.record_key, t.entity, c.cluster_id, {values} as said
            from truth as t join {clusters} as c using (record_key) join {linkers.RECORDS} as r using (record_key)
        )
        select a.entity <> b.entity as merged, a.record_key, a.said, b.record_key, b.said
        from known as a join known as b on a.record_key < b.record_key
        where (a.entity = b.entity) <> (a.cluster_id = b.cluster_id)
        order by merged desc, a.record_key, b.record_key"""
    ).fetchall()
    return [
        f"{'merged' if merged else 'missed'}\n    {left}: {said_l}\n    {right}: {said_r}"
        for merged, left, said_l, right, said_r in rows
    ]
