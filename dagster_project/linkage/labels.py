"""Labels that stewards' decisions give: pairs known to be one customer or two, and what they say of the model.

Belongs here: the division of the labels into those for training and those held out, and the accuracy on the latter. Does
not belong here: decisions and their checks (decisions.py), clusters, which obey decisions and would always agree.

A pair is held out or not by a hash of its two keys: for good, wherever and whenever it is decided, so that no label on
which accuracy is reported was ever trained on. Labels come mostly from the review queue, the pairs in doubt: their
accuracy is that of the hard pairs, far below the accuracy of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.linkage.agglomeration import THRESHOLD
from dagster_project.linkage.evaluation import wilson_interval
from dagster_project.warehouse import table_exists

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HELD_OUT_SHARE = 0.5


def write_labels(
    con: DuckDBPyConnection,
    *,
    decisions: str = "linkage.decisions",
    records: str = "standardized.std_customer_records",
    output: str = "linkage.labels",
) -> int:
    """Create ``output``, one row per decided pair whose records are both in the input; return the number of rows.

    Columns: record_key_l < record_key_r, is_match, part ('training' | 'held_out'). ``decisions``: those in force, one row
    per pair.
    """
    con.execute(
        f"create or replace table {output} (record_key_l varchar, record_key_r varchar, is_match boolean, part varchar)"
    )
    schema, _, table = decisions.rpartition(".")
    if not table_exists(con, schema, table):
        return 0
    con.execute(
        f"""insert into {output}
        select record_key_l, record_key_r, decision = 'match',
            case when ('0x' || left(md5(record_key_l || '|' || record_key_r), 8))::bigint < {HELD_OUT_SHARE} * 4294967296
            then 'held_out' else 'training' end
        from {decisions}
        where record_key_l in (select record_key from {records}) and record_key_r in (select record_key from {records})
        order by record_key_l, record_key_r"""
    )
    return con.execute(f"select count(*) from {output}").fetchall()[0][0]


def held_out_accuracy(
    con: DuckDBPyConnection, *, labels: str = "linkage.labels", pairs: str = "linkage.candidate_pairs"
) -> dict[str, float]:
    """Accuracy of the model's verdict on single pairs, before any decision is applied, on the labels held out.

    A pair with a weight above the threshold is claimed; one that nothing proposed is not. Measures: held_out_pairs,
    held_out_precision and held_out_recall with their 95 % intervals (``*_low``, ``*_high``; Wilson 1927), held_out_f1. A
    share of no pairs is left out.
    """
    right, claimed, real, total = con.execute(
        f"""select count(*) filter (is_match and is_claimed), count(*) filter (is_claimed), count(*) filter (is_match),
            count(*)
        from (
            select is_match, coalesce(match_weight > {THRESHOLD}, false) as is_claimed
            from {labels} left join {pairs} using (record_key_l, record_key_r)
            where part = 'held_out'
        )"""
    ).fetchall()[0]
    measures = {"held_out_pairs": float(total)}
    for name, whole in (("precision", claimed), ("recall", real)):
        if whole:
            low, high = wilson_interval(right, whole)
            measures |= {
                f"held_out_{name}": right / whole,
                f"held_out_{name}_low": low,
                f"held_out_{name}_high": high,
            }
    if claimed and real:
        measures["held_out_f1"] = 2 * right / (claimed + real)
    return measures
