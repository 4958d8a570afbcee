"""Pairwise and B-cubed metrics against worked examples and against enumeration of all pairs."""

from __future__ import annotations

from itertools import combinations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.linkage.evaluation import b_cubed_metrics, pairwise_metrics

Labels = dict[str, str | None]


def warehouse(predicted: Labels, truth: Labels) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": 1})
    for table, column, labels in (("predicted", "cluster_id", predicted), ("truth", "entity_id", truth)):
        con.execute(f"create table {table} (record_key varchar, {column} varchar)")
        if labels:
            con.executemany(f"insert into {table} values (?, ?)", list(labels.items()))
    return con


# Manning, Raghavan & Schuetze, Introduction to Information Retrieval, figure 16.4: three clusters of x, o and d.
FIGURE = {"1": "xxxxxo", "2": "xooood", "3": "xxddd"}
FIGURE_PREDICTED: Labels = {f"{c}{i}": c for c, members in FIGURE.items() for i in range(len(members))}
FIGURE_TRUTH: Labels = {f"{c}{i}": truth for c, members in FIGURE.items() for i, truth in enumerate(members)}


def test_pairwise_on_the_textbook_example() -> None:
    metrics = pairwise_metrics(warehouse(FIGURE_PREDICTED, FIGURE_TRUTH), "predicted", "truth")
    assert (metrics.records, metrics.true_positives, metrics.false_positives, metrics.false_negatives) == (
        17,
        20,
        20,
        24,
    )
    assert metrics.precision == 0.5
    assert metrics.recall == pytest.approx(20 / 44)
    assert metrics.f1 == pytest.approx(2 * 0.5 * (20 / 44) / (0.5 + 20 / 44))


def test_b_cubed_on_the_textbook_example() -> None:
    metrics = b_cubed_metrics(warehouse(FIGURE_PREDICTED, FIGURE_TRUTH), "predicted", "truth")
    precision = ((25 + 1) / 6 + (1 + 16 + 1) / 6 + (4 + 9) / 5) / 17
    recall = ((25 + 1 + 4) / 8 + (1 + 16) / 5 + (1 + 9) / 4) / 17
    assert metrics.precision == pytest.approx(precision)
    assert metrics.recall == pytest.approx(recall)
    assert metrics.f1 == pytest.approx(2 * precision * recall / (precision + recall))


def test_a_perfect_clustering_scores_one_whatever_its_labels() -> None:
    con = warehouse({"a": "7", "b": "7", "c": "8"}, {"a": "x", "b": "x", "c": "y"})
    assert pairwise_metrics(con, "predicted", "truth").f1 == b_cubed_metrics(con, "predicted", "truth").f1 == 1


def test_nothing_linked_is_precise_and_finds_nothing() -> None:
    con = warehouse({"a": "1", "b": "2"}, {"a": "x", "b": "x"})
    metrics = pairwise_metrics(con, "predicted", "truth")
    assert (metrics.precision, metrics.recall, metrics.f1) == (1, 0, 0)


def test_records_without_a_label_on_both_sides_do_not_count() -> None:
    con = warehouse(
        {"a": "1", "b": "1", "only predicted": "1", "c": None}, {"a": "x", "b": "x", "only true": "x", "c": "x"}
    )
    metrics = pairwise_metrics(con, "predicted", "truth")
    assert (metrics.records, metrics.true_positives, metrics.false_positives, metrics.false_negatives) == (2, 1, 0, 0)
    assert b_cubed_metrics(con, "predicted", "truth").records == 2


def test_columns_are_given_by_name() -> None:
    con = duckdb.connect()
    con.execute("create table both_sides as from (values (1, 1, 5), (2, 1, 6)) t(id, found, person)")
    names = {"key": "id", "predicted_cluster": "found", "truth_cluster": "person"}
    assert pairwise_metrics(con, "both_sides", "both_sides", **names).false_positives == 1
    assert b_cubed_metrics(con, "both_sides", "both_sides", **names).precision == 0.5


def test_a_large_cluster_is_not_enumerated() -> None:
    con = duckdb.connect()
    con.execute("create table t as select i as record_key, 0 as cluster_id, 0 as entity_id from range(1000000) t(i)")
    assert pairwise_metrics(con, "t", "t").true_positives == 1_000_000 * 999_999 // 2


@pytest.mark.parametrize("measure", [pairwise_metrics, b_cubed_metrics])
def test_unusable_input_is_refused(measure) -> None:
    con = warehouse({"a": "1"}, {"b": "1"})
    with pytest.raises(ValueError, match="no record has a label in both"):
        measure(con, "predicted", "truth")
    con.execute("insert into truth values ('a', '1'), ('a', '2')")
    with pytest.raises(ValueError, match="truth: record_key is not unique"):
        measure(con, "predicted", "truth")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_against_enumeration(labels: list[tuple[int, int]]) -> None:
    predicted: Labels = {str(i): str(p) for i, (p, _) in enumerate(labels)}
    truth: Labels = {str(i): str(t) for i, (_, t) in enumerate(labels)}
    con = warehouse(predicted, truth)

    claimed = {pair for pair in combinations(predicted, 2) if predicted[pair[0]] == predicted[pair[1]]}
    real = {pair for pair in combinations(truth, 2) if truth[pair[0]] == truth[pair[1]]}
    metrics = pairwise_metrics(con, "predicted", "truth")
    assert metrics.true_positives == len(claimed & real)
    assert metrics.false_positives == len(claimed - real)
    assert metrics.false_negatives == len(real - claimed)

    together = {key: {other for other in predicted if predicted[other] == predicted[key]} for key in predicted}
    same = {key: {other for other in truth if truth[other] == truth[key]} for key in truth}
    b_cubed = b_cubed_metrics(con, "predicted", "truth")
    assert b_cubed.precision == pytest.approx(
        sum(len(together[k] & same[k]) / len(together[k]) for k in truth) / len(truth)
    )
    assert b_cubed.recall == pytest.approx(sum(len(together[k] & same[k]) / len(same[k]) for k in truth) / len(truth))
