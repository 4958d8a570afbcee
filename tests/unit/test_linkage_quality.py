"""Measures of a linkage run, their intervals, their limits, and the guards: each against examples worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.estimates import estimated_accuracy
from dagster_project.linkage.evaluation import (
    b_cubed_metrics,
    bootstrap_intervals,
    pairwise_metrics,
    wilson_interval,
)
from dagster_project.linkage.guard_check import broken_guards
from dagster_project.linkage.labels import held_out_accuracy, write_labels
from dagster_project.linkage.quality_limits import Limit, broken_limits, judge_run, latest_run
from dagster_project.linkage.quality_measures import record_measures
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.state import PAIRS, create_state, done_in_full, state_records
from tests.project import ROOT

VALID_IDS = ("11010519491231002X", "440524188001010014")
INVALID_ID = "110105194912310021"
VALID_COMPANIES = ("91110000600037341L", "91350100M000100Y43")

Con = duckdb.DuckDBPyConnection


@pytest.fixture
def con() -> Iterator[Con]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set threads = 1")
        for schema in ("standardized", "linkage", "reference"):
            connection.execute(f"create schema {schema}")
        columns = ", ".join(
            f"{name} varchar"
            for name in (
                "record_key", "party_type", "full_name", "given_name", "family_name", "email", "phone", "street",
                "house_number", "postcode", "city", "company_name", "national_id", "company_id",
            )
        )  # fmt: skip
        connection.execute(f"create table standardized.std_customer_records ({columns})")
        connection.execute("create table linkage.golden_id_assignment (record_key varchar, golden_id varchar)")
        connection.execute("create table linkage.clusters (record_key varchar, held boolean, attached boolean)")
        connection.execute(
            "create table linkage.candidate_pairs (record_key_l varchar, record_key_r varchar, match_weight double)"
        )
        connection.execute("create table linkage.review_candidates (record_key_l varchar)")
        connection.execute(
            "create table linkage.golden_id_history (run_id varchar, golden_id varchar, event varchar, record_key varchar)"
        )
        connection.execute(
            "create table linkage.decisions (record_key_l varchar, record_key_r varchar, decision varchar)"
        )
        yield connection


def record(con: Con, key: str, golden_id: str, *, held: bool = False, attached: bool = False, **values: str) -> None:
    values = {"record_key": key, "party_type": "person", **values}
    con.execute(
        f"insert into standardized.std_customer_records ({', '.join(values)}) values ({', '.join('?' * len(values))})",
        list(values.values()),
    )
    con.execute("insert into linkage.golden_id_assignment values (?, ?)", [key, golden_id])
    con.execute("insert into linkage.clusters values (?, ?, ?)", [key, held, attached])


def pair(con: Con, left: str, right: str, weight: float) -> None:
    con.execute("insert into linkage.candidate_pairs values (?, ?, ?)", [left, right, weight])


def decide(con: Con, left: str, right: str, decision: str) -> None:
    con.execute("insert into linkage.decisions values (?, ?, ?)", [min(left, right), max(left, right), decision])


# Estimates


def test_even_odds_are_half_right(con: Con) -> None:
    record(con, "a", "g")
    record(con, "b", "g")
    pair(con, "a", "b", 0.0)
    found = estimated_accuracy(con)
    assert found["estimated_pairwise_precision"] == pytest.approx(0.5)
    assert found["estimated_pairwise_recall"] == 1
    assert found["estimated_b_cubed_precision"] == pytest.approx(0.75)


def test_a_chain_is_as_sure_as_all_its_links(con: Con) -> None:
    for key in "abc":
        record(con, key, "g")
    pair(con, "a", "b", 1.0)
    pair(con, "b", "c", 2.0)
    pair(con, "a", "c", -8.0)
    one, two = 2 / 3, 4 / 5
    found = estimated_accuracy(con)
    assert found["estimated_pairwise_precision"] == pytest.approx((one + two + one * two) / 3)
    purity = ((1 + one + one * two) + (1 + one + two) + (1 + two + one * two)) / 9
    assert found["estimated_b_cubed_precision"] == pytest.approx(purity)


def test_customers_apart_cost_recall_by_the_mean_weight_between_them(con: Con) -> None:
    record(con, "a", "g")
    record(con, "b", "g")
    record(con, "c", "h")
    pair(con, "a", "b", 1000.0)
    pair(con, "a", "c", 6.0)  # b and c were not kept: -10, so the mean is -2
    missed = 2 / (1 + 2**2)
    found = estimated_accuracy(con)
    assert found["estimated_pairwise_precision"] == pytest.approx(1)
    assert found["estimated_pairwise_recall"] == pytest.approx(1 / (1 + missed))
    per_record = [2 / (2 + missed / 2)] * 2 + [1 / (1 + missed)]
    assert found["estimated_b_cubed_recall"] == pytest.approx(np.mean(per_record))


def test_decisions_are_certain_and_attached_records_say_nothing(con: Con) -> None:
    for key, golden_id in (("a", "g"), ("b", "g"), ("c", "h")):
        record(con, key, golden_id)
    record(con, "d", "g", attached=True)
    pair(con, "a", "b", -3.0)
    pair(con, "a", "c", 5.0)
    pair(con, "a", "d", -9.0)
    decide(con, "a", "b", "match")
    decide(con, "a", "c", "no_match")
    found = estimated_accuracy(con)
    assert found["estimated_pairwise_precision"] == found["estimated_pairwise_recall"] == 1


def test_no_records_give_no_estimate(con: Con) -> None:
    assert estimated_accuracy(con) == {}


# Intervals


def labelled(con: Con, groups: int, seed: int) -> None:
    """Groups of two records each: one customer that was found, missed, or two people that were joined."""
    con.execute("create or replace table predicted (record_key varchar, cluster_id varchar)")
    con.execute("create or replace table truth (record_key varchar, entity_id varchar)")
    for number, kind in enumerate(np.random.default_rng(seed).choice(3, size=groups, p=[0.8, 0.1, 0.1])):
        predicted = ("x", "y") if kind == 1 else ("x", "x")
        true = ("x", "y") if kind == 2 else ("x", "x")
        for side in (0, 1):
            con.execute("insert into predicted values (?, ?)", [f"{number}{'ab'[side]}", f"{number}{predicted[side]}"])
            con.execute("insert into truth values (?, ?)", [f"{number}{'ab'[side]}", f"{number}{true[side]}"])


def test_intervals_hold_the_measure_are_the_same_again_and_narrow_with_data(con: Con) -> None:
    widths = []
    for groups in (50, 800):
        labelled(con, groups, seed=3)
        found = bootstrap_intervals(con, "predicted", "truth")
        assert found == bootstrap_intervals(con, "predicted", "truth")
        pairs, records = pairwise_metrics(con, "predicted", "truth"), b_cubed_metrics(con, "predicted", "truth")
        for prefix, metrics in (("pairwise", pairs), ("b_cubed", records)):
            for name in ("precision", "recall", "f1"):
                low, high = found[f"{prefix}_{name}"]
                assert 0 <= low <= getattr(metrics, name) <= high <= 1
        widths.append(found["pairwise_recall"][1] - found["pairwise_recall"][0])
    assert widths[1] < widths[0] / 2


def test_independent_pairs_have_the_interval_of_a_share(con: Con) -> None:
    labelled(con, 800, seed=5)
    metrics = pairwise_metrics(con, "predicted", "truth")
    low, high = bootstrap_intervals(con, "predicted", "truth")["pairwise_precision"]
    expected = wilson_interval(metrics.true_positives, metrics.true_positives + metrics.false_positives)
    assert (low, high) == pytest.approx(expected, abs=0.006)


def test_wrong_pairs_of_one_cluster_are_one_mistake(con: Con) -> None:
    """Ten wrong pairs in one cluster say less than ten clusters with a wrong pair each: the interval is wider."""
    con.execute(
        "create table predicted as select i::varchar as record_key, (i // 2)::varchar as cluster_id from range(400) t(i)"
    )
    con.execute(
        "create table truth as select i::varchar as record_key, (i // 2)::varchar as entity_id from range(400) t(i)"
    )
    con.execute("update predicted set cluster_id = 'joined' where record_key::int < 10")
    together = bootstrap_intervals(con, "predicted", "truth")["pairwise_precision"]
    con.execute(
        "update predicted set cluster_id = (record_key::int // 4)::varchar || 'four' where record_key::int < 40"
    )
    spread = bootstrap_intervals(con, "predicted", "truth")["pairwise_precision"]
    assert together[1] - together[0] > spread[1] - spread[0]


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    # Newcombe (1998), table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_as_published(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)
    assert wilson_interval(trials - successes, trials) == pytest.approx((1 - high, 1 - low), abs=5e-5)
    assert wilson_interval(0, 0) == (0, 1)


# Labels


def test_a_pair_keeps_its_part_whatever_else_is_decided(con: Con) -> None:
    for number in range(40):
        record(con, f"r{number:02}", f"g{number}")
    for number in range(0, 40, 2):
        decide(con, f"r{number:02}", f"r{number + 1:02}", "match")
    decide(con, "r00", "gone", "match")
    assert write_labels(con) == 20
    before = dict(con.execute("select record_key_l, part from linkage.labels").fetchall())
    assert set(before.values()) == {"training", "held_out"}
    con.execute("delete from linkage.decisions where record_key_l < 'r20'")
    con.execute("update linkage.decisions set decision = 'no_match'")
    write_labels(con)
    after = dict(con.execute("select record_key_l, part from linkage.labels").fetchall())
    assert after == {key: part for key, part in before.items() if key >= "r20"}


def test_held_out_accuracy_is_of_the_models_own_verdict(con: Con) -> None:
    con.execute("create table labels (record_key_l varchar, record_key_r varchar, is_match boolean, part varchar)")
    rows = [
        ("a", "b", True, 3.0),
        ("c", "d", True, -1.0),
        ("e", "f", False, 2.0),
        ("g", "h", True, None),
        ("i", "j", True, 9.0),
    ]
    for left, right, is_match, weight in rows:
        con.execute("insert into labels values (?, ?, ?, 'held_out')", [left, right, is_match])
        if weight is not None:
            pair(con, left, right, weight)
    con.execute("insert into labels values ('k', 'l', false, 'training')")
    pair(con, "k", "l", 9.0)
    found = held_out_accuracy(con, labels="labels")
    assert found["held_out_pairs"] == 5
    assert found["held_out_precision"] == pytest.approx(2 / 3)
    assert found["held_out_recall"] == pytest.approx(2 / 4)
    assert found["held_out_f1"] == pytest.approx(4 / 7)
    assert (found["held_out_recall_low"], found["held_out_recall_high"]) == wilson_interval(2, 4)


def test_without_labels_nothing_is_claimed(con: Con) -> None:
    write_labels(con)
    assert held_out_accuracy(con) == {"held_out_pairs": 0}


# Limits


@pytest.mark.parametrize(
    ("kind", "value", "before", "now", "is_broken"),
    [
        ("lowest", 0.8, None, 0.79, True),
        ("lowest", 0.8, None, 0.8, False),
        ("highest", 50, None, 51, True),
        ("highest", 50, None, 50, False),
        ("fall", 0.25, 1.0, 0.7, True),
        ("fall", 0.25, 1.0, 0.75, False),
        ("fall", 0.25, 0.5, 0.9, False),
        ("fall", 0.25, None, 0.1, False),
        ("rise", 0.25, 0.5, 0.8, True),
        ("rise", 0.25, 0.5, 0.1, False),
        ("relative_fall", 0.5, 100, 49, True),
        ("relative_fall", 0.5, 100, 50, False),
        ("relative_rise", 0.5, 100, 151, True),
        ("relative_rise", 0.5, 100, 150, False),
    ],
)
def test_limits_mean_what_they_say(kind: str, value: float, before: float | None, now: float, is_broken: bool) -> None:
    limit = Limit("measured", kind, value, "Look at it.")
    found = broken_limits([limit], {"measured": now}, {} if before is None else {"measured": before})
    assert bool(found) == is_broken
    for broken in found:
        text = str(broken)
        assert "measured" in text
        assert f"{now:.4g}" in text
        assert text.endswith("Look at it.")
        if before is not None:
            assert f"from {before:.4g} to {now:.4g}" in text


def test_a_measure_that_a_run_lacks_breaks_nothing_and_an_unknown_kind_is_an_error() -> None:
    assert broken_limits([Limit("absent", "lowest", 1, "")], {}, {}) == []
    with pytest.raises(ValueError, match="unknown limit kind"):
        broken_limits([Limit("measured", "lowset", 1, "")], {"measured": 0}, {})


def store_limits(con: Con, *rows: tuple[str, str, float]) -> None:
    con.execute(
        "create table reference.linkage_quality_limits"
        " (measure varchar, limit_kind varchar, value double, description varchar)"
    )
    con.executemany(
        "insert into reference.linkage_quality_limits values (?, ?, ?, 'Act.')", [list(row) for row in rows]
    )


def test_a_bad_run_does_not_become_the_measure_of_the_next(con: Con) -> None:
    store_limits(con, ("golden_customers", "fall", 1))
    for number in range(6):
        record(con, f"r{number}", f"g{number}")
    assert record_measures(con, "first")["within_limits"] == 1
    con.execute("update linkage.golden_id_assignment set golden_id = 'g0' where golden_id in ('g1', 'g2')")
    assert record_measures(con, "bad")["within_limits"] == 0
    assert latest_run(con, "linkage.linkage_quality") == "bad"
    assert [str(limit) for limit in judge_run(con, "bad", "linkage.linkage_quality")] == [
        "golden_customers fell from 6 to 4; at most 1 is allowed. Act."
    ]
    # Nothing has changed but the run's name: it is still compared with the good one.
    assert record_measures(con, "as bad")["within_limits"] == 0
    con.execute("update linkage.golden_id_assignment set golden_id = 'g1' where record_key = 'r1'")
    assert record_measures(con, "better")["within_limits"] == 1
    assert judge_run(con, "better", "linkage.linkage_quality") == []


def test_the_same_run_again_is_the_same(con: Con) -> None:
    store_limits(con, ("golden_customers", "fall", 0))
    record(con, "a", "g")
    first = record_measures(con, "run")
    assert record_measures(con, "run") == first
    stored = con.execute("select measure, value from linkage.linkage_quality where run_id = 'run'").fetchall()
    assert dict(stored) == first
    assert len(stored) == len(first)


def test_the_limits_that_are_shipped_name_measures_there_are(con: Con) -> None:
    record(con, "a", "g")
    record(con, "b", "h")
    truth = ROOT / "dbt_project/seeds/rules/linkage_quality_limits.csv"
    known = set(record_measures(con, "run"))
    known |= {f"{kind}_{name}" for kind in ("pairwise", "b_cubed") for name in ("precision", "recall", "f1")}
    known |= {f"held_out_{name}_high" for name in ("precision", "recall")}
    limits = con.execute(f"select measure, limit_kind, value, description from read_csv('{truth}')").fetchall()
    assert limits
    assert {row[0] for row in limits} <= known
    assert broken_limits([Limit(*row) for row in limits], {"estimated_pairwise_precision": 0.5}, {})


# Measures


def test_signs_of_wrong_merges_and_wrong_separations(con: Con) -> None:
    for number, given in enumerate(("Ann", "ann", "Án-n", "Bea", "Cleo", "Dora")):
        record(con, f"many{number}", "g1", given_name=given, family_name="Smith", postcode=str(number))
    for number, given in enumerate(("Ann", "ANN", "Bea", "Cleo")):
        record(con, f"few{number}", "g2", given_name=given, family_name=f"{given}son")
    record(con, "x", "g3", full_name="Eva Lang", email="eva@example.org", phone="1", street="High St", city="York")
    record(con, "y", "g4", full_name="eva lang", email="EVA@example.org", phone="2", street="high st", city="york")
    record(con, "z", "g5", full_name="Other Name", email="eva@example.org", phone="1")
    found = record_measures(con, "run")
    assert found["customers_with_more_than_3_given_names"] == 1
    assert found["customers_with_more_than_3_family_names"] == 0
    assert found["customers_with_more_than_5_postcodes"] == 1
    assert found["customers_over_matched"] == 1
    assert found["shared_name_and_email"] == 1
    assert found["shared_name_and_phone"] == 0
    assert found["shared_name_and_address"] == 1
    assert found["customers_under_matched"] == 2
    assert found["customers_under_matched_share"] == pytest.approx(2 / 5)
    assert found["customers_with_1_records"] == 3
    assert found["customers_with_4_to_5_records"] == 1
    assert found["customers_with_6_to_10_records"] == 1


def test_what_a_run_did_is_counted_by_customer(con: Con) -> None:
    record(con, "a", "g")
    rows = [
        ("run", "g", "created"),
        ("run", "h", "merged"),
        ("run", "i", "merged"),
        ("run", "i", "merged"),
        ("old", "j", "merged"),
        ("run", "g", "split"),
    ]
    con.executemany("insert into linkage.golden_id_history values (?, ?, ?, null)", [list(row) for row in rows])
    found = record_measures(con, "run")
    assert (found["customers_created"], found["customers_merged"], found["customers_split"]) == (1, 2, 1)


def test_measured_accuracy_has_its_interval(con: Con, tmp_path: Path) -> None:
    for key, golden_id in (("a", "g"), ("b", "g"), ("c", "h")):
        record(con, key, golden_id)
    truth = tmp_path / "truth.parquet"
    con.execute(f"copy (select * from (values ('a', 1), ('b', 1), ('c', 1)) t(record_key, entity_id)) to '{truth}'")
    found = record_measures(con, "run", truth)
    assert found["pairwise_recall"] == pytest.approx(1 / 3)
    assert found["pairwise_recall_low"] == found["pairwise_recall_high"] == pytest.approx(1 / 3)  # one group only


# Guards


def test_two_valid_identifiers_in_one_customer_are_found(con: Con) -> None:
    record(con, "a", "g", national_id=VALID_IDS[0].lower())
    record(con, "b", "g", national_id=VALID_IDS[1])
    record(con, "c", "h", national_id=VALID_IDS[0])
    record(con, "d", "h", national_id=INVALID_ID)
    record(con, "e", "h", national_id=" ".join((VALID_IDS[0][:6], VALID_IDS[0][6:])))
    record(con, "f", "i", party_type="organization", company_id=VALID_COMPANIES[0])
    record(con, "h", "i", party_type="organization", company_id=VALID_COMPANIES[1])
    record(con, "i", "j", party_type="organization", company_id=VALID_COMPANIES[0])
    record(con, "j", "j", party_type="organization", company_id="HRB 1234 B")
    found = broken_guards(con)
    assert [(guard.golden_id, guard.guard, guard.record_keys) for guard in found] == [
        ("g", "two different valid identifiers", ("a", "b")),
        ("i", "two different valid identifiers", ("f", "h")),
    ]
    assert not any(value in str(guard) for guard in found for value in (*VALID_IDS, *VALID_COMPANIES))


def test_a_decision_may_tie_two_identifiers_but_only_those(con: Con) -> None:
    record(con, "a", "g", national_id=VALID_IDS[0])
    record(con, "b", "g", national_id=VALID_IDS[1])
    record(con, "middle", "g")
    decide(con, "a", "middle", "match")
    decide(con, "middle", "b", "match")
    assert broken_guards(con) == []
    record(con, "c", "g", national_id=VALID_IDS[0])
    assert [guard.record_keys for guard in broken_guards(con)] == [("b", "c")]


def test_more_than_fifty_records_are_found_unless_held(con: Con) -> None:
    for number in range(51):
        record(con, f"a{number:02}", "held", held=True)
        record(con, f"b{number:02}", "loose")
        if number < 50:
            record(con, f"c{number:02}", "fifty")
    assert [(guard.golden_id, guard.guard) for guard in broken_guards(con)] == [("loose", "more than 50 records")]


def test_records_kept_apart_are_found_through_others(con: Con) -> None:
    for key, golden_id in (("a", "g"), ("b", "h"), ("c", "g"), ("d", "i"), ("e", "i")):
        record(con, key, golden_id)
    decide(con, "a", "b", "match")  # a and b are one by decision, whatever was published
    decide(con, "b", "c", "no_match")
    decide(con, "d", "e", "no_match")
    found = broken_guards(con)
    assert [(guard.golden_id, guard.record_keys) for guard in found] == [("g", ("a", "c")), ("i", ("d", "e"))]


def test_father_and_son_in_one_customer_are_found(con: Con) -> None:
    people = {
        "father": ("1950-03-04", "1"),
        "son": ("1981-11-20", "1"),
        "namesake": ("1981-11-20", "2"),
        "bare": (None, "1"),
    }
    for key in people:
        record(con, key, "g")
    con.execute(
        "create table prepared (record_key varchar, party_type varchar, given_name varchar, family_name varchar, "
        "birth_date date, phone varchar)"
    )
    rows = [[key, "person", "John", "Smith", born, f"+1202555000{phone}"] for key, (born, phone) in people.items()]
    con.executemany("insert into prepared values (?, ?, ?, ?, ?, ?)", rows)
    create_state(con)
    for party in PARTIES:
        prepare_records(con, party, "prepared")
        con.execute(f"create or replace table {state_records(party.party_type)} as from linkage_records")
    assert broken_guards(con) == []  # prepared by no run
    done_in_full(con, PAIRS, "a model")
    assert [(guard.guard, guard.record_keys) for guard in broken_guards(con)] == [("father and son", ("father", "son"))]
    decide(con, "father", "son", "match")
    assert broken_guards(con) == []


def test_decisions_without_effect_break_nothing(con: Con) -> None:
    record(con, "a", "g")
    record(con, "b", "g")
    record(con, "company", "h", party_type="organization")
    decide(con, "a", "gone", "match")
    decide(con, "gone", "b", "no_match")
    decide(con, "b", "company", "match")
    decide(con, "a", "company", "no_match")
    assert broken_guards(con) == []


def test_both_checks_block() -> None:
    from dagster_project.defs.linkage.checks import guards_hold, within_limits

    assert all(spec.blocking for check in (guards_hold, within_limits) for spec in check.check_specs)
