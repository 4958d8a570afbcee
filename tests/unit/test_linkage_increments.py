"""Increments of candidate pairs, clusters and golden IDs: whatever the changes, the result of a full run."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dagster_project.linkage import increment_clusters
from dagster_project.linkage.comparisons import PARTIES
from dagster_project.linkage.guards import read_guards
from dagster_project.linkage.incremental import link_clusters, link_explanations, link_golden_ids, link_pairs
from dagster_project.linkage.model import LinkageModel
from dagster_project.linkage.records import most_names
from dagster_project.linkage.training import train
from tests.unit.test_linkage_pipeline import GIVEN, SYLLABLES, load

FIRST_DAY = date(2026, 1, 1)
RECORDS = "standardized.std_customer_records"
COLUMNS = (
    "record_key", "party_type", "given_name", "family_name", "birth_date", "email", "phone", "national_id", "street",
    "house_number", "city", "postcode", "company_name", "gender",
)  # fmt: skip
Rows = dict[int, int]
Decisions = dict[tuple[int, int], str]

PEOPLE, PER_PERSON, VARIANTS = 14, 3, 14
NUMBERS = range(PEOPLE * PER_PERSON)


def key(number: int) -> str:
    return f"{('crm', 'shop', 'app')[number % PER_PERSON]}:person:{number // PER_PERSON}"


def record(number: int, variant: int) -> dict[str, str | None]:
    """One of the ways in which a person's record is delivered. Records of one person share a remainder of nothing."""
    person = number // PER_PERSON
    row: dict[str, str | None] = dict.fromkeys(COLUMNS)
    household = person // 2
    row |= {
        "record_key": key(number),
        "party_type": "person",
        "given_name": GIVEN[person],
        "family_name": SYLLABLES[household].capitalize() + SYLLABLES[-household - 1],
        "birth_date": f"{1950 + 3 * person}-{person % 12 + 1:02d}-{2 * person % 28 + 1:02d}",
        "email": f"{GIVEN[person]}{person}@example.org".lower(),
        "phone": f"+49301000{household:03d}",
        "street": f"{SYLLABLES[household % 5]} street",
        "house_number": str(household % 4 + 1),
        "city": "Berlin",
        "postcode": str(10000 + household % 3),
    }
    bare = dict.fromkeys(COLUMNS) | {"record_key": key(number), "party_type": "person"}
    changes: list[dict[str, str | None]] = [
        {},
        {"email": "everyone@example.org"},
        {"given_name": GIVEN[person][:1]},
        {"street": "elsewhere road", "city": "Hamburg", "postcode": "20000", "phone": None},
        {"birth_date": None, "email": None},
        {"phone": "+49309999999", "email": None},
        {"national_id": "11010519491231002X"},
        {"national_id": "440524188001010014"},
        bare | {"email": row["email"]},
        bare | {"phone": row["phone"]},
        bare | {"phone": row["phone"], "family_name": row["family_name"]},
        {"party_type": "organization", "company_name": f"{GIVEN[household]} Trading"},
        # Two halves that nothing but a whole record holds together.
        bare | {"given_name": row["given_name"], "email": row["email"]},
        bare | {"family_name": row["family_name"], "birth_date": row["birth_date"], "phone": row["phone"]},
    ]
    return row | changes[variant]


class Warehouse:
    """A company's records with everything that linking keeps; ``state`` or not, a run at a time."""

    def __init__(self, model: LinkageModel) -> None:
        self.con = duckdb.connect(config={"threads": 1})
        self.model = model
        self.days = 0

    def deliver(self, rows: Rows, decisions: Decisions) -> None:
        load(self.con, [dict.fromkeys(COLUMNS), *(record(*row) for row in rows.items())])
        self.con.execute(f"delete from {RECORDS} where record_key is null")
        self.con.execute(
            "create or replace table linkage.decisions (record_key_l varchar, record_key_r varchar, decision varchar)"
        )
        for (left, right), decision in decisions.items():
            self.con.execute("insert into linkage.decisions values (?, ?, ?)", [key(left), key(right), decision])

    def pairs(self) -> str:
        return link_pairs(self.con, self.model, progress=lambda _: None, largest_changed_share=2.0).mode

    def clusters(self) -> str:
        return link_clusters(self.con, self.model, decisions="linkage.decisions", progress=lambda _: None).mode

    def assign(self) -> None:
        self.days += 1
        day = FIRST_DAY + timedelta(days=self.days)
        link_golden_ids(self.con, run_id=f"run {self.days}", as_of=day)
        link_explanations(self.con, self.model)

    def forget_state(self) -> None:
        self.con.execute("delete from linkage.state")

    def dump(self, *, ids: bool = False) -> dict[str, list[tuple]]:
        tables = ["candidate_pairs", "clusters", "review_candidates"]
        tables += (
            ["golden_id_assignment", "golden_ids", "golden_id_history", "golden_id_membership", "cluster_paths"]
            if ids
            else []
        )
        return {t: self.con.execute(f"select * from linkage.{t} order by all").fetchall() for t in tables}


@functools.cache
def model() -> LinkageModel:
    """Learned from all variants, with limits so low that blocks and shared values tip over all the time."""
    with duckdb.connect() as con:
        load(con, [record(number, number % VARIANTS) for number in NUMBERS])
        learned = train(con, progress=lambda _: None)
    parties = []
    for party in learned.parties:
        limits = {name: 2 + n % 5 for n, name in enumerate(party.reference.largest_blocks)}
        parties.append(replace(party, reference=replace(party.reference, largest_blocks=limits, one_weak_rule=False)))
    return LinkageModel(tuple(parties))


START: Rows = {number: (number % PER_PERSON == 1) * 1 for number in NUMBERS if number % 7}

change = st.tuples(st.sampled_from(NUMBERS), st.one_of(st.none(), *[st.integers(0, VARIANTS - 1)] * 3))
decision = st.tuples(
    st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)).filter(lambda pair: pair[0] != pair[1]),
    st.sampled_from(["match", "no_match", None]),
)
batch = st.tuples(st.lists(change, max_size=8), st.lists(decision, max_size=2))


def apply(rows: Rows, decisions: Decisions, changes: list, decided: list) -> None:
    for number, variant in changes:
        rows.pop(number, None)
        if variant is not None:
            rows[number] = variant
    for (left, right), what in decided:
        decisions.pop((left, right), None)
        decisions.pop((right, left), None)
        if what is not None:
            decisions[left, right] = what


@settings(max_examples=12, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(st.lists(batch, min_size=1, max_size=4))
def test_any_sequence_of_increments_ends_where_full_runs_end(batches: list[tuple[list, list]]) -> None:
    rows, decisions = dict(START), {}
    stepwise, whole = Warehouse(model()), Warehouse(model())
    for number, (changes, decided) in enumerate([([], []), *batches]):
        apply(rows, decisions, changes, decided)
        for warehouse in (stepwise, whole):
            warehouse.deliver(rows, decisions)
            modes = warehouse.pairs(), warehouse.clusters()
            assert modes == (("increment",) * 2 if number and warehouse is stepwise else ("full",) * 2)
            warehouse.assign()
        assert stepwise.dump(ids=True) == whole.dump(ids=True)
        cluster_of = dict(row[:2] for row in stepwise.dump()["clusters"])
        for (left, right), what in decisions.items():
            if what == "no_match" and key(left) in cluster_of and key(right) in cluster_of:
                assert cluster_of[key(left)] != cluster_of[key(right)]
        whole.forget_state()


def test_values_and_blocks_that_tip_over_are_found() -> None:
    """The random batches are worth something only if limits are crossed in them; here they are, up and down."""
    limit = most_names(read_guards().shared_values[0], model().parties[0].reference.records)
    shop = {number: 1 for number in NUMBERS[::PER_PERSON] if number // PER_PERSON < limit}
    warehouse = Warehouse(model())

    def cleared() -> int:
        return warehouse.con.execute(
            "select count(*) from linkage.state_person_records where shared_0 is not null and email_text is null"
        ).fetchall()[0][0]

    def run(rows: Rows) -> None:
        warehouse.deliver(rows, {})
        warehouse.pairs()
        warehouse.clusters()

    run(shop)
    assert cleared() == 0
    large = warehouse.con.execute("from linkage.state_large_blocks order by all").fetchall()
    run({**shop, limit * PER_PERSON: 1})
    assert cleared() == limit + 1
    assert warehouse.con.execute("from linkage.state_large_blocks order by all").fetchall() != large
    run(shop)
    assert cleared() == 0
    assert warehouse.con.execute("from linkage.state_large_blocks order by all").fetchall() == large


def full_run(rows: Rows, decisions: Decisions) -> dict[str, list[tuple]]:
    warehouse = Warehouse(model())
    warehouse.deliver(rows, decisions)
    warehouse.pairs()
    warehouse.clusters()
    return warehouse.dump()


def test_a_run_killed_between_pairs_and_clusters_is_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = Warehouse(model())
    warehouse.deliver(START, {})
    warehouse.pairs()
    warehouse.clusters()
    first, second = dict(START) | {4: 2, 8: 9}, dict(START) | {4: 0, 30: 3}
    warehouse.deliver(first, {})
    warehouse.pairs()

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(increment_clusters, "_replace_rows", killed)
        warehouse.clusters()
    warehouse.deliver(second, {(4, 9): "match"})
    assert (warehouse.pairs(), warehouse.clusters()) == ("increment", "increment")
    assert warehouse.dump() == full_run(second, {(4, 9): "match"})


def test_records_that_one_record_held_together_come_apart_without_it() -> None:
    halves = {3 * person + 1: 12 for person in range(0, PEOPLE, 2)} | {
        3 * person + 2: 13 for person in range(0, PEOPLE, 2)
    }
    whole = {3 * person: 0 for person in range(0, PEOPLE, 2)}
    warehouse = Warehouse(model())
    warehouse.deliver(halves | whole, {})
    warehouse.pairs()
    warehouse.clusters()
    together = len({row[1] for row in warehouse.dump()["clusters"]})
    warehouse.deliver(halves, {})
    assert (warehouse.pairs(), warehouse.clusters()) == ("increment", "increment")
    assert warehouse.dump() == full_run(halves, {})
    assert len({row[1] for row in warehouse.dump()["clusters"]}) > together


def test_a_no_match_takes_a_wrong_merge_back_and_gives_both_customers_their_ids() -> None:
    warehouse = Warehouse(model())
    ids = []
    for decisions in ({}, {(0, 30): "match"}, {(0, 30): "no_match"}):
        warehouse.deliver({0: 0, 30: 0}, decisions)
        warehouse.pairs()
        warehouse.clusters()
        warehouse.assign()
        ids.append(
            dict(warehouse.con.execute("select record_key, golden_id from linkage.golden_id_assignment").fetchall())
        )
    apart, merged, again = ids
    assert len(set(apart.values())) == 2
    assert len(set(merged.values())) == 1
    assert again == apart
    events = warehouse.con.execute("select event, golden_id from linkage.golden_id_history where event = 'revived'")
    assert events.fetchall() == [("revived", apart[key(30)])]


def test_another_model_or_no_state_means_a_full_run() -> None:
    warehouse = Warehouse(model())
    warehouse.deliver(START, {})
    assert (warehouse.pairs(), warehouse.clusters()) == ("full", "full")
    assert (warehouse.pairs(), warehouse.clusters()) == ("increment", "increment")
    person = model().parties[0]
    other = LinkageModel((replace(person, match_share=person.match_share / 2), *model().parties[1:]))
    warehouse.model = other
    assert warehouse.clusters() == "full", "clusters of another model than the pairs"
    assert (warehouse.pairs(), warehouse.clusters()) == ("full", "full")
    assert (warehouse.pairs(), warehouse.clusters()) == ("increment", "increment")


def test_many_changes_mean_a_full_run() -> None:
    warehouse = Warehouse(model())
    warehouse.deliver(START, {})
    warehouse.pairs()
    warehouse.deliver(dict.fromkeys(START, 2), {})
    step = link_pairs(warehouse.con, model(), progress=lambda _: None)
    assert step.mode == "full"
    assert "records have changed" in step.reason


def test_a_party_type_the_model_does_not_know_means_a_full_run() -> None:
    people = LinkageModel(tuple(p for p in model().parties if p.party_type == PARTIES[0].party_type))
    warehouse = Warehouse(people)
    warehouse.deliver(START, {})
    warehouse.pairs()
    assert warehouse.pairs() == "increment"
    warehouse.deliver({**START, 3: 11}, {})
    assert (warehouse.pairs(), warehouse.clusters()) == ("full", "full")
    assert (warehouse.pairs(), warehouse.clusters()) == ("full", "full")


def with_blocks(largest: dict[str, int]) -> LinkageModel:
    """The model with these blocks only."""
    parties = []
    for party in model().parties:
        limits = dict.fromkeys(party.reference.largest_blocks, 1) | largest
        parties.append(replace(party, reference=replace(party.reference, largest_blocks=limits)))
    return LinkageModel(tuple(parties))


@pytest.mark.parametrize(("rule", "together"), [("email", [True, False, True]), ("surname", [False] * 3)])
def test_records_whose_block_tips_over_part_and_meet_again(rule: str, together: list[bool]) -> None:
    """One block is all that proposes two equal records; somebody comes into it and goes again. One weak rule is not enough."""
    twins = {0: 0, 1: 0}
    third = {2: 8} if rule == "email" else {2: 13}
    stepwise = Warehouse(with_blocks({rule: 2}))
    for rows, one in zip((twins, twins | third, twins), together, strict=True):
        whole = Warehouse(stepwise.model)
        for warehouse in (stepwise, whole):
            warehouse.deliver(rows, {})
            warehouse.pairs()
            warehouse.clusters()
        assert stepwise.dump() == whole.dump()
        cluster_of = dict(row[:2] for row in stepwise.dump()["clusters"])
        assert (cluster_of[key(0)] == cluster_of[key(1)]) is one


@pytest.mark.parametrize("changed", [0, 1])
def test_a_bare_record_stays_with_its_customer_whichever_of_its_records_changes(changed: int) -> None:
    """A cluster has the name of its first record; with that record changed, the bare one belongs to another name."""
    rows = {0: 0, 1: 0, 2: 8}
    warehouse = Warehouse(model())
    for each in (rows, rows | {changed: 2}, rows):
        warehouse.deliver(each, {})
        warehouse.pairs()
        warehouse.clusters()
        assert warehouse.dump() == full_run(each, {})
    assert [row[-1] for row in warehouse.dump()["clusters"]].count(True) == 1


@pytest.mark.parametrize("decided", ["match", "no_match"])
def test_a_decision_waits_for_its_record_and_goes_with_it(decided: str) -> None:
    alone, both = {0: 0, 1: 0}, {0: 0, 1: 0, 30: 0}
    decisions = {(0, 30): decided, (1, 30): "match"} if decided == "no_match" else {(0, 30): decided}
    warehouse = Warehouse(model())
    for rows in (alone, both, alone):
        warehouse.deliver(rows, decisions)
        warehouse.pairs()
        warehouse.clusters()
        assert warehouse.dump() == full_run(rows, decisions)


def test_a_bare_record_that_no_pair_ties_to_its_customer_follows_the_values() -> None:
    stepwise = Warehouse(with_blocks({}))
    for variant, attached in ((0, 1), (2, 1), (1, 0), (0, 1)):
        whole = Warehouse(stepwise.model)
        for warehouse in (stepwise, whole):
            warehouse.deliver({0: variant, 2: 8}, {})
            warehouse.pairs()
            warehouse.clusters()
        assert stepwise.dump() == whole.dump()
        assert [row[-1] for row in stepwise.dump()["clusters"]].count(True) == attached
