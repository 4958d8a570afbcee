"""Steward decisions: which are refused, and which are in force."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from dagster_project.linkage.decisions import DecisionError, load_decisions, load_pins, record_decision

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


def decide(con: duckdb.DuckDBPyConnection, left: str, right: str, decision: str, **more: Any) -> None:
    who: dict[str, Any] = {"decided_by": "li.na", "reason": "same person on the phone"} | more
    record_decision(con, left, right, decision, records="records", sources=SOURCES, **who)


SOURCES = ("given", "linkage.steward_decisions")


def in_force(con: duckdb.DuckDBPyConnection) -> list[tuple]:
    load_decisions(con, SOURCES, records="records", output="linkage.decisions")
    return con.execute("select record_key_l, record_key_r, decision from linkage.decisions").fetchall()


def test_a_recorded_decision_stands_beside_the_seed_and_the_later_one_wins() -> None:
    con = warehouse(decided("a", "b", "match"), decided("c", "d", "no_match", "2999-01-01"))
    decide(con, "b", "a", "no_match")
    decide(con, "c", "d", "match")
    assert in_force(con) == [("a", "b", "no_match"), ("c", "d", "no_match")]
    kept = con.execute(
        "select record_key_l, record_key_r, decision, decided_by from linkage.steward_decisions"
    ).fetchall()
    assert kept == [("a", "b", "no_match", "li.na"), ("c", "d", "match", "li.na")]


@pytest.mark.parametrize(
    ("pair", "decision", "more", "message"),
    [
        (("a", "nobody"), "match", {}, "no such record in the input: nobody"),
        (("a", "a"), "match", {}, "paired with itself"),
        (("a", "b"), "perhaps", {}, "must be match or no_match"),
        (("a", "b"), "match", {"reason": " "}, "who, when and why"),
        (("a", "c"), "no_match", {}, "withdraw one of them: a and c"),
        (("a", "o"), "match", {}, "a person and an organization"),
    ],
)
def test_a_decision_that_cannot_hold_is_not_recorded(
    pair: tuple[str, str], decision: str, more: dict[str, str], message: str
) -> None:
    con = warehouse(decided("a", "b"), decided("b", "c"))
    con.execute("alter table records add column party_type varchar default 'person'")
    con.execute("insert into records values ('o', 'organization')")
    with pytest.raises(DecisionError, match=message):
        decide(con, *pair, decision, **more)
    decide(con, "a", "d", "no_match")
    assert con.execute("select count(*) from linkage.steward_decisions").fetchone() == (1,)


def pins(*rows: tuple[str | None, ...]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(
        "create table pins (record_key varchar, golden_id varchar, pinned_by varchar, pinned_at varchar, reason varchar)"
    )
    if rows:
        con.executemany("insert into pins values (?, ?, ?, ?, ?)", rows)
    return con


def pinned(record: str | None, golden_id: str, at: str = "2026-01-01") -> tuple[str | None, ...]:
    return (record, golden_id, "li.na", at, "printed on the card")


def test_of_several_pins_the_latest_is_in_force() -> None:
    con = pins(pinned("a", "1"), pinned("a", "2", "2026-01-02"), pinned("b", "3"), pinned("c", "3", "2026-01-03"))
    assert load_pins(con, "pins", "linkage.pins") == 2
    assert con.execute("select record_key, golden_id from linkage.pins").fetchall() == [("a", "2"), ("c", "3")]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([pinned(None, "1")], "value is missing"),
        ([pinned("a", "1", "soon")], "must be a date"),
        ([pinned("a", "1"), pinned("a", "2")], "pinned to both at the same time; withdraw one of them: a and 1 or 2"),
        ([pinned("a", "1"), pinned("b", "1")], "pinned to both at the same time; withdraw one of them: 1 and a or b"),
    ],
)
def test_faulty_pins_are_refused(rows: list, message: str) -> None:
    with pytest.raises(DecisionError, match=message):
        load_pins(pins(*rows), "pins", "linkage.pins")
