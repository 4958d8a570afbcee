"""Accuracy of a clustering against known customers: pairwise and B-cubed precision, recall and F1.

Belongs here: the measures, computed from the contingency table of two clusterings, so that a cluster of a million
records costs no more than one of two. Does not belong here: labelled data, thresholds, anything that tunes a model.

Both measures look only at records that have a label in both relations. A record alone in its cluster is a cluster.

Intervals come from a cluster bootstrap (Efron 1979; Field & Welsh 2007): what is drawn again is whole groups of records
that clusters and customers tie together, because pairs of one customer are right or wrong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.clustering import connected

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

REPLICATES = 1000
SEED = 20_240_101
CONFIDENCE = 0.95


@dataclass(frozen=True)
class PairwiseMetrics:
    """Counts of record pairs and their shares. A share of nothing is 1: who claims no pair claims no wrong one."""

    records: int
    true_positives: int
    false_positives: int
    false_negatives: int

    @property
    def precision(self) -> float:
        """Share of the predicted pairs that are true."""
        return _share(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float:
        """Share of the true pairs that are predicted."""
        return _share(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _share(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)


@dataclass(frozen=True)
class BCubedMetrics:
    """Means over records: how pure is the cluster a record is in, and how much of its customer is there."""

    records: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def pairwise_metrics(
    con: DuckDBPyConnection,
    predicted: str,
    truth: str,
    *,
    key: str = "record_key",
    predicted_cluster: str = "cluster_id",
    truth_cluster: str = "entity_id",
) -> PairwiseMetrics:
    """Compare all pairs of records implied by `predicted` with those implied by `truth`.

    Both are relations with one row per record: `key`, and a cluster label in `predicted_cluster` and `truth_cluster`.
    With n records in a cell of the contingency table, a row or a column, the pairs are n(n-1)/2 (Hubert & Arabie 1985).

    Raises ValueError when a relation has a key twice or no record has a label in both.
    """
    cells = _contingency(con, predicted, truth, key, predicted_cluster, truth_cluster)
    both = sum(n * _pairs(cell) for cell, _, _, n in cells)
    # A row's pairs are spread over its cells: each record of a cluster of size s accounts for (s - 1) / 2 of them.
    claimed = sum(n * cell * (size - 1) for cell, size, _, n in cells) // 2
    real = sum(n * cell * (size - 1) for cell, _, size, n in cells) // 2
    return PairwiseMetrics(
        records=sum(n * cell for cell, _, _, n in cells),
        true_positives=both,
        false_positives=claimed - both,
        false_negatives=real - both,
    )


def b_cubed_metrics(
    con: DuckDBPyConnection,
    predicted: str,
    truth: str,
    *,
    key: str = "record_key",
    predicted_cluster: str = "cluster_id",
    truth_cluster: str = "entity_id",
) -> BCubedMetrics:
    """B-cubed precision and recall (Bagga & Baldwin 1998): every record weighs the same, however large its cluster.

    Arguments and errors are those of `pairwise_metrics`.
    """
    cells = _contingency(con, predicted, truth, key, predicted_cluster, truth_cluster)
    records = sum(n * cell for cell, _, _, n in cells)
    return BCubedMetrics(
        records=records,
        precision=fsum(n * cell * cell / size for cell, size, _, n in cells) / records,
        recall=fsum(n * cell * cell / size for cell, _, size, n in cells) / records,
    )


def bootstrap_intervals(
    con: DuckDBPyConnection,
    predicted: str,
    truth: str,
    *,
    key: str = "record_key",
    predicted_cluster: str = "cluster_id",
    truth_cluster: str = "entity_id",
    replicates: int = REPLICATES,
    seed: int = SEED,
    confidence: float = CONFIDENCE,
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of all measures, by name: pairwise_precision, pairwise_recall, pairwise_f1 and b_cubed_*.

    Arguments and errors are those of `pairwise_metrics`; the same seed gives the same intervals. Every measure is a ratio
    of sums over the groups that are drawn, and groups with equal sums are counted, not listed: a replicate costs as much
    as there are different sums.
    """
    kinds, counts = _group_sums(con, predicted, truth, key, predicted_cluster, truth_cluster)
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(int(counts.sum()), counts / counts.sum(), size=replicates) @ kinds
    both, claimed, real, records, purity, completeness = drawn.T
    shares = {
        "pairwise_precision": _ratio(both, claimed),
        "pairwise_recall": _ratio(both, real),
        "pairwise_f1": _ratio(2 * both, claimed + real),
        "b_cubed_precision": purity / records,
        "b_cubed_recall": completeness / records,
        "b_cubed_f1": _ratio(2 * purity * completeness, records * (purity + completeness)),
    }
    tail = (1 - confidence) / 2
    return {name: (float(np.quantile(v, tail)), float(np.quantile(v, 1 - tail))) for name, v in shares.items()}


def wilson_interval(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Score interval of a share (Wilson 1927): holds for few trials and for shares near 0 and 1. (0, 1) of no trials."""
    from statistics import NormalDist

    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    reach = z / (1 + z * z / trials) * (share * (1 - share) / trials + z * z / (4 * trials * trials)) ** 0.5
    # At the ends the bound is the share itself, up to rounding.
    return max(0.0, min(middle - reach, share)), min(1.0, max(middle + reach, share))


def _group_sums(
    con: DuckDBPyConnection, predicted: str, truth: str, key: str, predicted_cluster: str, truth_cluster: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distinct sums (pairs both say, predicted, true; records; their purity and completeness) of the groups of records
    that clusters and customers connect, and how many groups have each."""
    _check_unique(con, (predicted, truth), key)
    cells = con.execute(f"""
        with cell as (
            select p.{predicted_cluster} as predicted_label, t.{truth_cluster} as true_label, count(*) as cell_size
            from {predicted} as p
            inner join {truth} as t on p.{key} = t.{key}
            where p.{predicted_cluster} is not null and t.{truth_cluster} is not null
            group by p.{predicted_cluster}, t.{truth_cluster}
        )
        select
            dense_rank() over (order by predicted_label) - 1 as predicted_number,
            dense_rank() over (order by true_label) - 1 as true_number,
            cell_size,
            sum(cell_size) over (partition by predicted_label)::bigint as predicted_size,
            sum(cell_size) over (partition by true_label)::bigint as true_size
        from cell
        order by 1, 2
    """).fetchnumpy()
    if not len(cells["cell_size"]):
        raise ValueError(f"no record has a label in both {predicted} and {truth}")
    left = np.asarray(cells["predicted_number"], dtype=np.int64)
    right = np.asarray(cells["true_number"], dtype=np.int64) + left.max() + 1
    group = connected(left, right, int(right.max()) + 1)[left]
    n, p, t = (np.asarray(cells[name], dtype=float) for name in ("cell_size", "predicted_size", "true_size"))
    sums = np.stack([n * (n - 1), n * (p - 1), n * (t - 1), n, n * n / p, n * n / t], axis=1) / [2, 2, 2, 1, 1, 1]
    per_group = np.stack([np.bincount(group, weights=column) for column in sums.T], axis=1)
    present = per_group[np.bincount(group) > 0].astype(np.float64)
    kinds, counts = np.unique(present.round(9), axis=0, return_counts=True)
    return kinds, counts.astype(np.float64)


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)


def _check_unique(con: DuckDBPyConnection, relations: tuple[str, ...], key: str) -> None:
    for relation in relations:
        repeated = con.execute(f"select count({key}) - count(distinct {key}) from {relation}").fetchone()
        if repeated != (0,):
            raise ValueError(f"{relation}: {key} is not unique")


def _contingency(
    con: DuckDBPyConnection, predicted: str, truth: str, key: str, predicted_cluster: str, truth_cluster: str
) -> list[tuple[int, int, int, int]]:
    """Return (records in the cell, in its predicted cluster, in its true cluster, number of such cells).

    Equal cells are counted, not listed, so the result is small whatever the number of records.
    """
    _check_unique(con, (predicted, truth), key)
    cells = con.execute(f"""
        with cell as (
            select p.{predicted_cluster} as predicted_label, t.{truth_cluster} as true_label, count(*) as cell_size
            from {predicted} as p
            inner join {truth} as t on p.{key} = t.{key}
            where p.{predicted_cluster} is not null and t.{truth_cluster} is not null
            group by p.{predicted_cluster}, t.{truth_cluster}
        ),

        sized as (
            select
                cell_size,
                sum(cell_size) over (partition by predicted_label)::bigint as predicted_size,
                sum(cell_size) over (partition by true_label)::bigint as true_size
            from cell
        )
        select cell_size, predicted_size, true_size, count(*) as cells
        from sized
        group by all
        order by all
    """).fetchall()
    if not cells:
        raise ValueError(f"no record has a label in both {predicted} and {truth}")
    return cells


def _pairs(size: int) -> int:
    return size * (size - 1) // 2


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0
