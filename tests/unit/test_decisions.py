"""Steward decisions: which are refused, and which are in force."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.linkage.decisions import DecisionError, load_decisions

Row = tuple[str | None, str | None, str | None, str | None, str | None, str | None]


def decided(left: str | None, right: str | None, decision: str | None = "match", at: str | None = "2026-01-01") -> Row:
    return (left, right, decision, "li.na", at, "same person on the phone")


def warehouse(*rows: Row) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create table records as from (values ('a'), ('b'), ('c'), ('d')) t(record_key)")
    con.execute(
        "create table given (record_key_l varchar, record_key_r varchar, decision varchar, decided_by varchar, "
        "decided_at varchar, reason varchar)"
    )
    if rows:
        con.executemany("insert into given values (?, ?, ?, ?, ?, ?)", rows)
    return con


def load(con: duckdb.DuckDBPyConnection):
    return load_decisions(con, "given", records="records", output="linkage.decisions")


def test_pairs_are_ordered_and_the_latest_decision_is_in_force() -> None:
    con = warehouse(
        decided("b", "a", "match", "2026-01-02 08:00:00"),
        decided("a", "b", "no_match", "2026-01-03"),
        decided("d", "c"),
        decided("c", "not delivered yet", "no_match"),
    )
    summary = load(con)
    assert (summary.match, summary.no_match, summary.superseded, summary.waiting) == (1, 2, 1, 1)
    assert con.execute("select record_key_l, record_key_r, decision from linkage.decisions").fetchall() == [
        ("a", "b", "no_match"),
        ("c", "d", "match"),
        ("c", "not delivered yet", "no_match"),
    ]


def test_no_decision_is_fine() -> None:
    assert load(warehouse()).match == 0


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (decided("a", None), "value is missing"),
        (decided("a", " "), "value is missing"),
        (("a", "b", "match", "li.na", "2026-01-01", None), "value is missing"),
        (decided("a", "b", "perhaps"), "must be match or no_match"),
        (decided("a", "b", at="yesterday"), "must be a date"),
        (decided("a", "a"), "paired with itself"),
    ],
)
def test_faulty_rows_are_refused(row: Row, message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        load(warehouse(row))


def test_a_missing_column_is_named() -> None:
    con = warehouse()
    con.execute("alter table given drop column reason")
    with pytest.raises(DecisionError, match="column missing: reason"):
        load(con)


def test_a_decision_both_ways_at_once_is_refused() -> None:
    with pytest.raises(DecisionError, match="both ways at the same time: a and b"):
        load(warehouse(decided("a", "b"), decided("b", "a", "no_match")))


def test_a_pair_tied_together_through_others_cannot_be_kept_apart() -> None:
    with pytest.raises(DecisionError, match="withdraw one of them: a and d"):
        load(warehouse(decided("a", "b"), decided("c", "b"), decided("d", "c"), decided("d", "a", "no_match")))
