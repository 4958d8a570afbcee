"""Accuracy where nobody knows the truth: precision and recall expected from the model's own match probabilities.

Belongs here: the estimates and their formulas. Does not belong here: measuring against known customers (evaluation.py).

With the probability ``p`` of every pair, the expected share of wrong pairs among those claimed is the mean of ``1 - p``
over them, and the expected share of pairs missed is the sum of ``p`` over those not claimed, of the sum over all
(Enamorado, Fifield & Imai 2019, after Fellegi & Sunter 1969). Being one customer is transitive, so a pair's own
probability is not all that is known of it:

- Two records of a customer are one with at least the probability that every pair on a chain between them is right: ``p``
  is the largest product of probabilities along any chain of candidate pairs (a pair decided by a steward has 1).
- Two customers are one with the probability of the mean weight of all pairs between them, pairs that were not kept
  counting with the least weight kept; ``p`` of each of their pairs is that. Decided apart, it is 0.

Attached records are left out: they joined because nobody else uses their contact, of which the model knows nothing.
An estimate is as good as the model's probabilities, and knows no pair that nothing proposed: its recall is an upper bound.
It is for comparing one run with the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dagster_project.linkage.scoring import LEAST_WEIGHT
from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_BATCH_VALUES = 4_000_000


def estimated_accuracy(con: DuckDBPyConnection) -> dict[str, float]:
    """Estimates of the current golden customers: estimated_pairwise_precision, _recall, _f1 and estimated_b_cubed_*.

    B-cubed: per record, (1 + expected true pairs in its customer) / records in its customer, and of its expected true
    pairs, itself included, the share in its customer; means over records. No record at all gives no estimate.
    """
    decisions = "linkage.decisions" if table_exists(con, "linkage", "decisions") else None
    _prepare(con, decisions)
    records = con.execute("select count(*) from linkage_estimated").fetchall()[0][0]
    if not records:
        return {}
    claimed, inside = _inside(con, records)
    outside = _outside(con, records)
    con.execute("drop table linkage_estimated")
    true_claimed, all_claimed, missed = inside.sum(), claimed.sum(), outside.sum()
    precision, recall = _share(true_claimed, all_claimed), _share(true_claimed, true_claimed + missed)
    purity = float(((1 + inside) / (1 + claimed)).mean())
    completeness = float(((1 + inside) / (1 + inside + outside)).mean())
    return {
        "estimated_pairwise_precision": precision,
        "estimated_pairwise_recall": recall,
        "estimated_pairwise_f1": _f1(precision, recall),
        "estimated_b_cubed_precision": purity,
        "estimated_b_cubed_recall": completeness,
        "estimated_b_cubed_f1": _f1(purity, completeness),
    }


def _prepare(con: DuckDBPyConnection, decisions: str | None) -> None:
    """Records to estimate, numbered, with their customer's size, position in it; and the pairs between them."""
    con.execute(
        """create or replace temp table linkage_estimated as
        select record_key, golden_id, row_number() over (order by golden_id, record_key) - 1 as number,
            row_number() over (partition by golden_id order by record_key) - 1 as position,
            count(*) over (partition by golden_id) as size
        from linkage.golden_id_assignment join linkage.clusters using (record_key)
        where not attached"""
    )
    decided = (
        f"""union all
        select record_key_l, record_key_r, case decision when 'match' then 'inf'::double else '-inf'::double end
        from {decisions}"""
        if decisions
        else ""
    )
    con.execute(
        f"""create or replace temp view linkage_estimated_pairs as
        select l.number as number_l, r.number as number_r, l.golden_id as golden_id_l, r.golden_id as golden_id_r,
            l.position as position_l, r.position as position_r, l.size as size_l, r.size as size_r,
            arg_max(p.match_weight, abs(p.match_weight)) as match_weight
        from (select record_key_l, record_key_r, match_weight from linkage.candidate_pairs {decided}) as p
        join linkage_estimated as l on l.record_key = p.record_key_l
        join linkage_estimated as r on r.record_key = p.record_key_r
        group by all"""
    )


def _inside(con: DuckDBPyConnection, records: int) -> tuple[Floats, Floats]:
    """Per record: other records of its customer, and how many of them are expected to be the same."""
    members = con.execute("select size from linkage_estimated order by number").fetchnumpy()
    sizes = np.asarray(members["size"], dtype=np.int64)
    pairs = con.execute(
        """select size_l as size, number_l - position_l as first, position_l, position_r, match_weight
        from linkage_estimated_pairs where golden_id_l = golden_id_r order by size, first, position_l, position_r"""
    ).fetchnumpy()
    expected = np.zeros(records)
    for size in np.unique(sizes[sizes > 1]):
        firsts = np.flatnonzero(sizes == size)[::size]
        chosen = pairs["size"] == size
        first, a, b = (
            np.asarray(pairs[name][chosen], dtype=np.int64) for name in ("first", "position_l", "position_r")
        )
        probability = _probability(np.asarray(pairs["match_weight"][chosen], dtype=float))
        row = np.searchsorted(firsts, first)
        step = max(1, _BATCH_VALUES // int(size * size))
        for start in range(0, len(firsts), step):
            batch = (row >= start) & (row < start + step)
            count = min(step, len(firsts) - start)
            chain = np.zeros((count, size, size))
            chain[row[batch] - start, a[batch], b[batch]] = probability[batch]
            chain[row[batch] - start, b[batch], a[batch]] = probability[batch]
            for through in range(size):
                chain = np.maximum(chain, chain[:, :, through, None] * chain[:, None, through, :])
            diagonal = np.arange(size)
            chain[:, diagonal, diagonal] = 0.0
            expected[firsts[start : start + count, None] + diagonal] = chain.sum(axis=2)
    return (sizes - 1).astype(float), expected


def _outside(con: DuckDBPyConnection, records: int) -> Floats:
    """Per record: expected records of other customers that are the same."""
    found = con.execute(
        f"""with between_customers as (
            select least(golden_id_l, golden_id_r) as a, greatest(golden_id_l, golden_id_r) as b,
                any_value(size_l)::double * any_value(size_r) as pairs, count(*) as kept,
                sum(match_weight) as weight, bool_or(match_weight = '-inf'::double) as decided_apart
            from linkage_estimated_pairs where golden_id_l <> golden_id_r group by all
        ),
        one_way as (
            select unnest([a, b]) as own, unnest([b, a]) as other,
                1 / (1 + pow(2, -(weight + (pairs - kept) * {LEAST_WEIGHT}) / pairs)) as probability
            from between_customers where not decided_apart
        ),
        expected as (
            select own, sum(size * probability) as records
            from one_way join (select golden_id, count(*) as size from linkage_estimated group by 1) on golden_id = other
            group by own
        )
        select number, records from linkage_estimated join expected on own = golden_id"""
    ).fetchnumpy()
    expected = np.zeros(records)
    expected[np.asarray(found["number"], dtype=np.int64)] = np.asarray(found["records"], dtype=float)
    return expected


def _probability(weight: Floats) -> Floats:
    return 1 / (1 + np.exp2(-np.clip(weight, -1000, 1000)))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return _share(2 * precision * recall, precision + recall)
