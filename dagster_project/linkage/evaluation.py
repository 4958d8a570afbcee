"""Accuracy of a clustering against known customers: pairwise and B-cubed precision, recall and F1.

Belongs here: the measures, computed from the contingency table of two clusterings, so that a cluster of a million
records costs no more than one of two. Does not belong here: labelled data, thresholds, anything that tunes a model.

Both measures look only at records that have a label in both relations. A record alone in its cluster is a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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


def _contingency(
    con: DuckDBPyConnection, predicted: str, truth: str, key: str, predicted_cluster: str, truth_cluster: str
) -> list[tuple[int, int, int, int]]:
    """Return (records in the cell, in its predicted cluster, in its true cluster, number of such cells).

    Equal cells are counted, not listed, so the result is small whatever the number of records.
    """
    for relation in (predicted, truth):
        repeated = con.execute(f"select count({key}) - count(distinct {key}) from {relation}").fetchone()
        if repeated != (0,):
            raise ValueError(f"{relation}: {key} is not unique")
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
