"""Explanations of a small linked company: why, why not, through whom, and the table of all records."""

from datetime import date

import duckdb
import pytest

from dagster_project.linkage.cluster_paths import write_cluster_paths
from dagster_project.linkage.clustering import cluster, judge_together
from dagster_project.linkage.explain import (
    _prepare,
    comparisons_relation,
    explain_customer,
    explain_pair,
    nearest_of_record,
    pair_chart,
)
from dagster_project.linkage.explanations import NothingToExplain
from dagster_project.linkage.golden_ids import assign_golden_ids
from dagster_project.linkage.scoring import score_pairs
from dagster_project.linkage.training import train
from tests.unit.test_linkage_pipeline import load, people

# It says nothing of who it is, and all but its phone speaks against it: by evidence the model would not join it.
CALLER = {"record_key": "calls:person:1", "party_type": "person", "phone": "+49301111111", "email": "wally@example.com",
          "street": "far road", "house_number": "700", "city": "Hamburg", "postcode": "20095"}  # fmt: skip
EXTRA = [
    {"record_key": "crm:person:900", "party_type": "person", "given_name": "Anna", "family_name": "Example",
     "birth_date": "1980-02-03", "email": "anna.example@example.org", "phone": "+49301111111",
     "street": "near lane", "house_number": "3", "city": "Berlin", "postcode": "10001"},
    CALLER,
    # Two people with valid national IDs that differ, and all else alike.
    {"record_key": "crm:person:901", "party_type": "person", "given_name": "Bela", "family_name": "Twofold",
     "birth_date": "1981-03-04", "email": "bela@example.org", "national_id": "11010519491231002X"},
    {"record_key": "shop:person:901", "party_type": "person", "given_name": "Bela", "family_name": "Twofold",
     "birth_date": "1981-03-04", "email": "bela@example.org", "national_id": "440524188001010014"},
    {"record_key": "erp:company:1", "party_type": "organization", "company_name": "Example Trading Ltd"},
    {"record_key": "erp:company:2", "party_type": "organization", "company_name": "Example Trading Limited",
     "company_id": "91110000600037341L"},
]  # fmt: skip
# People 1, 3, 5 ... are in both sources; 2 and 4 in one only.
DECISIONS = [
    ("crm:person:1", "shop:person:1", "no_match"),
    ("crm:person:2", "crm:person:4", "match"),
]


@pytest.fixture(scope="module")
def company():
    with duckdb.connect(":memory:") as con:
        con.execute("set threads = 2")
        load(con, [*people(), *EXTRA])
        model = train(con, progress=lambda _: None)
        score_pairs(con, model, progress=lambda _: None)
        con.execute(
            "create table linkage.decisions (record_key_l varchar, record_key_r varchar, decision varchar,"
            " decided_by varchar, decided_at timestamp, reason varchar)"
        )
        con.executemany("insert into linkage.decisions values (?, ?, ?, 'lin', '2026-01-01', 'seen')", DECISIONS)
        cluster(con, model, decisions="linkage.decisions", progress=lambda _: None)
        assign_golden_ids(con, run_id="first", as_of=date(2026, 1, 1))
        write_cluster_paths(con, model)
        yield con, model


def linked(con):
    return con.execute(
        "select list(record_key order by record_key) from linkage.golden_id_assignment group by golden_id order by 1"
    ).fetchall()


def test_evidence_is_given_comparison_by_comparison_and_adds_up(company):
    con, model = company
    pair = explain_pair(con, model, "shop:person:3", "crm:person:3")
    assert pair.is_together
    assert pair.reason == "evidence"
    assert pair.record_key_l == "crm:person:3"
    assert pair.prior + sum(item.bits for item in pair.comparisons) == pytest.approx(pair.model_weight, abs=1e-6)
    stored = con.execute(
        "select match_weight, blocking_rule from linkage.candidate_pairs"
        " where record_key_l = 'crm:person:3' and record_key_r = 'shop:person:3'"
    ).fetchone()
    assert stored is not None
    assert pair.match_weight == pytest.approx(stored[0])
    assert pair.is_proposed
    assert next(rule.rule for rule in pair.blocking if rule.is_used) == stored[1]
    assert pair.merge is not None
    assert pair.merge.linkage > 0
    assert [(link.record_key_l, link.record_key_r) for link in pair.path] == [("crm:person:3", "shop:person:3")]
    assert pair.classes[0][1], "the most probable class is one of the match classes"
    rows = comparisons_relation(con, pair).fetchall()
    assert rows[0][0] == "prior"
    assert rows[-1][-1] == pytest.approx(pair.match_weight)


def test_values_of_both_records_stand_side_by_side(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:3", "shop:person:3")
    values = {item.comparison: (item.value_l, item.value_r, item.level) for item in pair.comparisons}
    expected = con.execute(
        "select strftime(birth_date, '%Y%m%d') from standardized.std_customer_records where record_key = 'crm:person:3'"
    ).fetchone()
    assert values["birth_date"] == (expected[0], expected[0], "equal")
    assert values["national_id"] == (None, None, "nothing to compare")


def test_strangers_were_never_proposed(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:3", "crm:person:900")
    assert not pair.is_together
    assert pair.reason in ("never proposed", "weight below")
    assert pair.match_weight is not None
    assert pair.linkage is not None
    assert max(pair.match_weight, pair.linkage) < 0
    assert pair.path == ()
    assert pair.reason == ("weight below" if pair.is_proposed else "never proposed")


def test_a_person_and_an_organisation_are_never_compared(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:900", "erp:company:1")
    assert (pair.is_together, pair.reason, pair.comparisons) == (False, "different kinds of party", ())


def test_decisions_are_named_in_both_directions(company):
    con, model = company
    apart = explain_pair(con, model, "crm:person:1", "shop:person:1")
    assert (apart.is_together, apart.reason) == (False, "steward decided no match")
    assert apart.decision == ("no_match", "lin", "2026-01-01 00:00:00", "seen")
    assert (apart.match_weight or 0) > 0
    tied = explain_pair(con, model, "crm:person:2", "crm:person:4")
    assert (tied.is_together, tied.reason) == (True, "steward decided match")
    assert [link.match_weight for link in tied.path] == [float("inf")]


def test_a_guard_is_named(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:901", "shop:person:901")
    assert (pair.is_together, pair.reason, pair.is_conflict) == (False, "conflicting identifiers", True)
    assert pair.review_reason == "conflicting identifiers"


def test_a_record_that_does_not_say_who_it_is_joined_by_its_contact(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:900", "calls:person:1")
    assert (pair.is_together, pair.reason) == (True, "only customer with its contact")
    assert pair.linkage is None


@pytest.mark.parametrize("keys", [("crm:person:3", "nobody"), ("crm:person:3", "crm:person:3")])
def test_what_cannot_be_explained_is_refused(company, keys):
    con, model = company
    with pytest.raises(NothingToExplain):
        explain_pair(con, model, *keys)


def test_a_customer_is_told_merge_by_merge(company):
    con, model = company
    golden_id, records = con.execute(
        "select golden_id, list(record_key order by record_key) from linkage.golden_id_assignment"
        " join linkage.clusters using (record_key) where not attached group by golden_id having count(*) > 1 order by 2"
    ).fetchall()[0]
    customer = explain_customer(con, model, golden_id)
    assert list(customer.records) == records
    assert len(customer.merges) == len(customer.links) == len(records) - 1
    assert sorted({*customer.merges[-1].records_l, *customer.merges[-1].records_r}) == records
    assert [event.event for event in customer.history] == ["created"]
    with pytest.raises(NothingToExplain):
        explain_customer(con, model, "no such ID")


def test_a_retired_id_leads_to_its_successor(company):
    con, model = company
    con.execute("begin")
    golden_id = con.execute(
        "select golden_id from linkage.golden_id_assignment where record_key = 'crm:person:3'"
    ).fetchone()[0]
    con.execute("insert into linkage.golden_ids values ('old', 'retired', 'zero', '2025-01-01', 0, ?)", [golden_id])
    customer = explain_customer(con, model, "old")
    con.execute("rollback")
    assert (customer.asked_for, customer.golden_id) == ("old", golden_id)
    assert "crm:person:3" in customer.records


def test_records_judged_alone_end_as_they_did_among_all(company):
    """What the explanation replays is what happened."""
    con, model = company
    party = model.party("person")
    _prepare(con, party, "standardized.std_customer_records")
    for (records,) in linked(con):
        bare = con.execute(
            "select count(*) from linkage.clusters where attached and list_contains(?, record_key)", [records]
        ).fetchone()[0]
        if len(records) < 2 or bare or records[0].startswith("erp:"):
            continue
        keys, judgement = judge_together(con, party, records)
        assert keys
        assert set(judgement.label[0].tolist()) == {0}


def test_the_nearest_candidates_of_a_record(company):
    con, _ = company
    rows = nearest_of_record(con, "crm:person:3").fetchall()
    assert rows[0][0] == "shop:person:3"
    assert rows[0][-1] is True
    assert [row[2] for row in rows] == sorted((row[2] for row in rows), reverse=True)


def test_the_chart_holds_the_bits_and_needs_no_network(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:3", "shop:person:3")
    page = pair_chart(pair)
    assert "Final score" in page
    assert "birth_date" in page
    assert str(pair.prior) in page
    assert 'src="http' not in page


def test_every_record_with_others_has_one_row_and_its_nearest_is_in_its_customer(company):
    con, _ = company
    rows = {row[0]: row[1:] for row in con.execute("from linkage.cluster_paths").fetchall()}
    customers = {key: records for (records,) in linked(con) for key in records}
    assert rows.keys() == {key for key, records in customers.items() if len(records) > 1}
    for key, (_, nearest, *_) in rows.items():
        assert nearest in customers[key]
        assert nearest != key
    best = con.execute(
        """select max(match_weight) from linkage.candidate_pairs
        where 'crm:person:3' in (record_key_l, record_key_r) and 'shop:person:3' in (record_key_l, record_key_r)"""
    ).fetchone()[0]
    assert rows["crm:person:3"][2] == best
    assert rows["crm:person:3"][4] in ("evidence", "rule")
    assert rows["crm:person:2"][1] == "crm:person:4"
    assert rows["crm:person:2"][4] == "decision"
    assert rows["calls:person:1"][1] == "crm:person:900"
    assert rows["calls:person:1"][4] == "contact"


def test_the_table_names_the_comparisons_with_most_bits(company):
    con, model = company
    pair = explain_pair(con, model, "crm:person:3", "shop:person:3")
    ranked = sorted((item for item in pair.comparisons if item.bits > 0), key=lambda item: -item.bits)
    row = con.execute(
        "select strongest_comparisons, opposing_comparisons from linkage.cluster_paths where record_key = 'crm:person:3'"
    ).fetchone()
    assert row[0] == ", ".join(item.comparison for item in ranked[:3])
    opposing = sorted((item for item in pair.comparisons if item.bits <= -1), key=lambda item: item.bits)
    assert row[1] == (", ".join(item.comparison for item in opposing) or None)
