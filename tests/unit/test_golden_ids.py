"""Golden IDs over sequences of runs: what is kept, issued, retired, revived, redirected and logged."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.linkage.golden_ids import NAMESPACE, GoldenIdSummary, assign_golden_ids
from dagster_project.linkage.membership import golden_id_on

FIRST_DAY = date(2026, 1, 1)
Partition = list[set[str]]


class Company:
    """A warehouse in memory, and one call per run."""

    def __init__(self, threads: int = 1, days_apart: int = 1) -> None:
        self.con = duckdb.connect(config={"threads": threads})
        self.runs = 0
        self.days_apart = days_apart  # 0: the business date stands still
        self.run([])

    def run(
        self,
        clusters: Partition,
        *,
        labels: str = "c",
        reverse: bool = False,
        pins: dict[str, str] | None = None,
    ) -> GoldenIdSummary:
        self.con.execute("create schema if not exists linkage")
        rows = [(key, f"{labels}{number}") for number, members in enumerate(clusters) for key in sorted(members)]
        self._table("clusters", ("record_key", "cluster_id"), rows[::-1] if reverse else rows)
        self._table("pins", ("record_key", "golden_id"), list((pins or {}).items()))
        self.runs += 1
        return assign_golden_ids(
            self.con,
            run_id=f"run {self.runs}",
            as_of=FIRST_DAY + timedelta(days=self.runs * self.days_apart),
            pins="linkage.pins" if pins else None,
        )

    def _table(self, name: str, columns: tuple[str, str], rows: list[tuple[str, str]]) -> None:
        self.con.execute(f"create or replace table linkage.{name} ({columns[0]} varchar, {columns[1]} varchar)")
        if rows:
            self.con.executemany(f"insert into linkage.{name} values (?, ?)", rows)

    def ids(self) -> dict[str, str]:
        return dict(self.con.execute("select record_key, golden_id from linkage.golden_id_assignment").fetchall())

    def redirect(self, golden_id: str) -> str | None:
        row = self.con.execute(
            "select current_golden_id from linkage.golden_id_redirects where golden_id = ?", [golden_id]
        ).fetchone()
        assert row
        return row[0]

    def events(self) -> list[tuple[str, str, str | None, str | None]]:
        """(event, golden_id, other_golden_id, record_key) of the newest run."""
        return self.con.execute(
            "select event, golden_id, other_golden_id, record_key from linkage.golden_id_history "
            "where run_id = ? order by event_seq",
            [f"run {self.runs}"],
        ).fetchall()

    def dump(self) -> list[list[tuple]]:
        orders = {
            "golden_id_assignment": "record_key",
            "golden_ids": "golden_id",
            "golden_id_history": "event_seq",
            "golden_id_membership": "record_key, period",
        }
        return [self.con.execute(f"select * from linkage.{t} order by {k}").fetchall() for t, k in orders.items()]


@pytest.fixture
def company() -> Company:
    return Company()


def test_a_new_id_is_the_name_based_uuid_of_the_smallest_record_key(company: Company) -> None:
    company.run([{"crm:contacts:2", "crm:contacts:10", "网店:客户:1"}])
    assert set(company.ids().values()) == {str(uuid.uuid5(uuid.UUID(NAMESPACE), "1:crm:contacts:10"))}


def test_the_larger_customer_survives_a_merge_and_the_other_redirects(company: Company) -> None:
    company.run([{"a"}, {"b", "c"}])
    before = company.ids()
    summary = company.run([{"a", "b", "c"}])
    assert set(company.ids().values()) == {before["b"]}
    assert company.redirect(before["a"]) == before["b"]
    assert company.events() == [
        ("merged", before["a"], before["b"], None),
        ("retired", before["a"], before["b"], None),
        ("moved", before["a"], before["b"], "a"),
    ]
    assert (summary.merged, summary.retired, summary.moved, summary.created) == (1, 1, 1, 0)


def test_of_two_equally_large_customers_the_older_survives_though_its_keys_are_greater(company: Company) -> None:
    company.run([{"z"}])
    company.run([{"z"}, {"a"}])
    before = company.ids()
    company.run([{"a", "z"}])
    assert set(company.ids().values()) == {before["z"]}


def test_of_two_equally_large_and_old_customers_the_smallest_key_decides(company: Company) -> None:
    company.run([{"b"}, {"a"}])
    before = company.ids()
    company.run([{"a", "b"}])
    assert set(company.ids().values()) == {before["a"]}


def test_a_split_leaves_the_id_with_the_larger_part(company: Company) -> None:
    company.run([{"a", "b", "c"}])
    before = company.ids()["a"]
    company.run([{"a"}, {"b", "c"}])
    after = company.ids()
    assert after["b"] == after["c"] == before
    assert after["a"] != before
    assert company.events() == [
        ("created", after["a"], None, None),
        ("split", before, after["a"], None),
        ("moved", before, after["a"], "a"),
    ]


def test_a_record_that_moves_keeps_both_customers(company: Company) -> None:
    company.run([{"a", "b", "c"}, {"d", "e"}])
    before = company.ids()
    company.run([{"a", "b"}, {"c", "d", "e"}])
    after = company.ids()
    assert (after["a"], after["c"], after["d"]) == (before["a"], before["d"], before["d"])
    assert company.events() == [("moved", before["a"], before["d"], "c")]


def test_an_unmerge_revives_the_retired_id(company: Company) -> None:
    company.run([{"a", "b", "c"}, {"d", "e"}])
    before = company.ids()
    company.run([{"a", "b", "c", "d", "e"}])
    assert company.redirect(before["d"]) == before["a"]
    company.run([{"a", "b", "c"}, {"d", "e"}])
    assert company.ids() == before
    assert company.redirect(before["d"]) == before["d"]
    assert company.events()[:2] == [
        ("revived", before["d"], before["a"], None),
        ("split", before["a"], before["d"], None),
    ]


def test_an_unmerge_of_equally_large_customers_gives_each_its_own_id_back(company: Company) -> None:
    company.run([{"z"}])
    company.run([{"z"}, {"a"}])
    before = company.ids()
    company.run([{"a", "z"}])  # the older one, with the greater key, survives
    company.run([{"a"}, {"z"}])
    assert company.ids() == before


@pytest.mark.parametrize("days_apart", [0, 1])
@pytest.mark.parametrize("newcomers", [{"n"}, {"n", "o", "p", "q"}])
def test_an_unmerge_revives_the_retired_id_though_the_merged_customer_has_grown(
    newcomers: set[str], days_apart: int
) -> None:
    company = Company(days_apart=days_apart)
    company.run([{"a", "b", "c"}, {"d", "e"}])
    before = company.ids()
    company.run([{"a", "b", "c", "d", "e"}])
    company.run([{"a", "b", "c", "d", "e"} | newcomers])
    company.run([{"a", "b", "c"}, {"d", "e"} | newcomers])
    assert company.ids() == before | dict.fromkeys(newcomers, before["d"])


@pytest.mark.parametrize("days_apart", [0, 1])
@pytest.mark.parametrize(
    ("clusters", "between"),
    [
        ([{"a", "b", "c", "d", "e"}, {"y", "z"}], [{"a", "b", "c", "y", "z"}, {"d", "e"}]),  # a merge and a split
        ([{"a", "b", "c", "d"}, {"old"}], [{"a", "b"}, {"c", "d", "old"}]),  # half goes to an older customer
    ],
)
def test_undoing_a_run_gives_the_ids_back_whatever_it_did(
    clusters: Partition, between: Partition, days_apart: int
) -> None:
    company = Company(days_apart=days_apart)
    company.run([{"old"}])
    company.run(clusters)
    before = company.ids()
    company.run(between)
    company.run(clusters)
    assert before.items() <= company.ids().items()


@pytest.mark.parametrize("days_apart", [0, 1])
def test_an_unmerge_gives_the_ids_back_though_both_parts_have_grown(days_apart: int) -> None:
    company = Company(days_apart=days_apart)
    company.run([{"a", "b", "c"}, {"d", "e"}])
    before = company.ids()
    company.run([{"a", "b", "c", "d", "e"}])
    company.run([{"a", "b", "c", "d", "e", "m", "n", "o", "p", "q"}])
    company.run([{"a", "b", "c", "m"}, {"d", "e", "n", "o", "p", "q"}])
    assert before.items() <= company.ids().items()


def test_of_two_retired_ids_with_the_same_last_records_the_newer_holder_comes_back(company: Company) -> None:
    company.run([{"a"}])
    company.run([{"a"}, {"b", "c"}])
    older = company.ids()["a"]
    company.run([{"a", "b", "c"}])
    company.run([{"b", "c"}])
    company.run([{"b", "c"}, {"a"}], pins={"a": company.ids()["b"]})  # the older one's record, under another ID
    before = company.ids()
    company.run([{"a"}, {"b", "c", "x", "y"}])
    company.run([{"a", "b", "c", "x", "y"}])
    company.run([{"a"}, {"b", "c", "x", "y"}])
    assert company.ids()["a"] == before["a"] != older


def test_an_assignment_without_event_numbers_is_carried_on(company: Company) -> None:
    company.run([{"a", "b", "c"}, {"d", "e"}])
    before = company.ids()
    company.run([{"a", "b", "c", "d", "e"}])
    company.con.execute("alter table linkage.golden_id_assignment drop column linked_seq")
    company.run([{"a", "b", "c"}, {"d", "e"}])
    assert company.ids() == before


def test_merges_of_merges_come_apart_into_the_ids_of_old(company: Company) -> None:
    company.run([{"a"}, {"b", "c"}, {"d", "e", "f"}])
    before = company.ids()
    company.run([{"a", "b", "c"}, {"d", "e", "f"}])
    company.run([{"a", "b", "c", "d", "e", "f"}])
    company.run([{"a"}, {"b", "c"}, {"d", "e", "f"}])
    assert company.ids() == before


def test_a_customer_that_never_absorbed_another_splits_by_size(company: Company) -> None:
    company.run([{"a", "b"}])
    first = company.ids()["a"]
    company.run([{"a", "b", "c", "d", "e"}])
    company.run([{"a", "b"}, {"c", "d", "e"}])
    assert company.ids()["c"] == first


def test_a_revival_needs_the_last_records_not_any_former_one(company: Company) -> None:
    company.run([{"a", "b", "c"}])
    first = company.ids()["a"]
    company.run([{"a"}, {"b", "c"}])  # a leaves the first customer, which keeps b and c
    lost = company.ids()["a"]
    company.run([{"a", "x", "y", "z"}, {"b", "c"}])
    company.run([{"a", "x", "y", "z", "b", "c"}])  # the first customer retires with b and c as its last records
    assert company.redirect(first) == lost
    company.run([{"a"}, {"x", "y", "z", "b", "c"}])
    assert company.ids()["a"] not in (first, lost)


def test_redirects_are_followed_to_the_end(company: Company) -> None:
    company.run([{"a"}, {"b", "c"}, {"d", "e", "f", "g"}])
    before = company.ids()
    company.run([{"a", "b", "c"}, {"d", "e", "f", "g"}])
    company.run([{"a", "b", "c", "d", "e", "f", "g"}])
    assert company.redirect(before["a"]) == company.redirect(before["b"]) == before["d"]


def test_a_customer_without_records_retires_and_comes_back_with_them(company: Company) -> None:
    company.run([{"a"}, {"b"}])
    before = company.ids()
    summary = company.run([{"b"}])
    assert company.ids() == {"b": before["b"]}
    assert company.redirect(before["a"]) is None
    assert company.events() == [("retired", before["a"], None, None), ("moved", before["a"], None, "a")]
    assert summary.records == summary.golden_ids == 1
    company.run([{"a"}, {"b"}])
    assert company.ids() == before
    assert company.events() == [("revived", before["a"], None, None)]


def test_an_id_is_never_issued_again_for_other_records(company: Company) -> None:
    company.run([{"a", "b", "c"}])
    company.run([{"a"}, {"b", "c"}])  # a, smallest key once more, gets generation 2
    generations = company.con.execute("select generation from linkage.golden_ids order by generation").fetchall()
    assert generations == [(1,), (2,)]


def test_linked_since_is_the_date_of_the_last_change(company: Company) -> None:
    company.run([{"a", "b"}, {"c"}])
    company.run([{"a", "b", "c"}])
    since = company.con.execute(
        "select record_key, linked_since::date from linkage.golden_id_assignment order by record_key"
    ).fetchall()
    assert since == [("a", date(2026, 1, 3)), ("b", date(2026, 1, 3)), ("c", date(2026, 1, 4))]


def test_a_steward_pin_outranks_the_number_of_shared_records(company: Company) -> None:
    company.run([{"a"}, {"b", "c"}])
    before = company.ids()
    summary = company.run([{"a", "b", "c"}], pins={"a": before["a"], "elsewhere": before["a"], "b": "never issued"})
    assert set(company.ids().values()) == {before["a"]}
    assert summary.pins_ignored == 2


def test_a_steward_pin_brings_back_a_retired_id(company: Company) -> None:
    company.run([{"a"}, {"b", "c"}])
    before = company.ids()
    company.run([{"a", "b", "c"}])
    company.run([{"a", "b", "c"}], pins={"a": before["a"]})
    assert set(company.ids().values()) == {before["a"]}
    assert company.redirect(before["b"]) == before["a"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("('a', 'x'), ('a', 'y')", "1 repeated"),
        ("('a', 'x'), (null, 'y')", "1 rows without"),
        ("('a', 'x'), ('b', null)", "1 rows without"),
    ],
)
def test_faulty_clusters_are_refused_and_nothing_changes(company: Company, rows: str, message: str) -> None:
    company.run([{"a"}, {"b"}])
    before = company.dump()
    company.con.execute(f"create or replace table linkage.clusters as from (values {rows}) t(record_key, cluster_id)")
    with pytest.raises(ValueError, match=message):
        assign_golden_ids(company.con, run_id="faulty", as_of=FIRST_DAY)
    assert company.dump() == before


def test_a_failure_on_the_way_leaves_everything_as_it_was(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.run([{"a"}, {"b"}])
    before = company.dump()

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("dagster_project.linkage.golden_ids._update_assignment", fail)
        company.run([{"a", "b"}, {"c"}])
    assert company.dump() == before
    company.run([{"a", "b"}, {"c"}])
    assert len(set(company.ids().values())) == 2


KEYS = [f"{system}:{number}" for system in ("crm", "shop") for number in range(5)]


def partitions() -> st.SearchStrategy[Partition]:
    """Random clusters of a random part of ten records."""

    def build(groups: list[int | None]) -> Partition:
        chosen: dict[int, set[str]] = {}
        for key, group in zip(KEYS, groups, strict=True):
            if group is not None:
                chosen.setdefault(group, set()).add(key)
        return list(chosen.values())

    group = st.one_of(st.none(), *[st.integers(0, 4)] * 4)
    return st.lists(group, min_size=len(KEYS), max_size=len(KEYS)).map(build)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 1), st.lists(partitions(), min_size=1, max_size=6))
def test_whatever_the_sequence_of_runs(days_apart: int, sequence: list[Partition]) -> None:
    company, other = Company(days_apart=days_apart), Company(threads=3, days_apart=days_apart)
    issued: set[str] = set()
    for clusters in sequence:
        company.run(clusters)
        other.run(clusters[::-1], labels="another label ", reverse=True)
        ids = company.ids()

        assert set(ids) == set().union(*clusters, set()), "every record has exactly one ID, and nothing else has one"
        assert all(len({ids[key] for key in members}) == 1 for members in clusters), "one ID per cluster"
        assert len(set(ids.values())) == len(clusters), "no ID for two clusters"
        assert company.dump() == other.dump(), "labels, row order and threads change nothing"

        created = [golden_id for event, golden_id, *_ in company.events() if event == "created"]
        assert issued.isdisjoint(created), "an ID is never issued twice"
        issued.update(created)

        active = company.con.execute("select golden_id from linkage.golden_ids where status = 'active'").fetchall()
        assert {golden_id for (golden_id,) in active} == set(ids.values()), "active IDs are those that hold records"
        redirects = company.con.execute("from linkage.golden_id_redirects").fetchall()
        assert {golden_id for golden_id, _ in redirects} == issued, "one redirect per ID; the recursion ends"
        assert {current for _, current in redirects} - {None} <= set(ids.values()), "redirects end at an active ID"

        before = company.dump()
        assert company.run(clusters, labels="rerun").moved == 0
        assert company.dump() == before, "a rerun changes and logs nothing"
        other.runs = company.runs


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(0, 1),
    st.lists(partitions(), min_size=1, max_size=3),
    st.one_of(partitions(), st.sets(st.integers(0, 4))),
)
def test_undoing_a_run_after_any_history_gives_the_ids_back(
    days_apart: int, past: list[Partition], change: Partition | set[int]
) -> None:
    company = Company(days_apart=days_apart)
    for clusters in past:
        company.run(clusters)
    before, clusters = company.ids(), past[-1]
    if isinstance(change, set):  # a mere merge of some customers
        merged = set().union(*(members for number, members in enumerate(clusters) if number in change))
        rest = [members for number, members in enumerate(clusters) if number not in change]
        company.run([merged, *rest] if merged else rest)
    else:
        company.run(change)
    company.run(clusters)
    assert company.ids() == before


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(0, 1), partitions(), st.data())
def test_an_unmerge_restores_what_a_merge_took(days_apart: int, clusters: Partition, data: st.DataObject) -> None:
    if len(clusters) < 2:
        return
    company = Company(days_apart=days_apart)
    company.run(clusters)
    before = company.ids()
    first, second, *others = [clusters[number] for number in data.draw(st.permutations(range(len(clusters))))]
    newcomers = data.draw(st.sets(st.sampled_from(["new:1", "new:2", "new:3", "new:4"])))
    others_new = data.draw(st.sets(st.sampled_from(["new:5", "new:6"])))
    if data.draw(st.booleans()):
        company.run([*others, first | second])
    company.run([*others, first | second | newcomers | others_new])
    company.run([*others, first | others_new, second | newcomers])
    assert before.items() <= company.ids().items()


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(partitions(), min_size=1, max_size=5))
def test_the_history_alone_tells_where_every_record_went(sequence: list[Partition]) -> None:
    company = Company()
    for clusters in sequence:
        before = company.ids()
        company.run(clusters)
        after = company.ids()
        moved = {key: (old, new) for event, old, new, key in company.events() if event == "moved"}
        assert moved == {key: (old, after.get(key)) for key, old in before.items() if old != after.get(key)}


def test_the_golden_id_of_a_record_on_a_day(company: Company) -> None:
    company.run([{"a", "b", "c"}, {"d"}])  # the second day
    first = company.ids()
    company.run([{"a", "b", "c", "d"}])
    company.run([{"a", "b", "c"}])
    company.run([{"a", "b", "c"}, {"d"}])

    def on(day: int) -> str | None:
        return golden_id_on(company.con, "d", date(2026, 1, day))

    assert [on(day) for day in range(2, 8)] == [None, first["d"], first["a"], None, first["d"], first["d"]]
    assert company.redirect(first["a"]) == first["a"]


def test_several_runs_of_one_day_leave_the_last_in_force() -> None:
    company = Company(days_apart=0)
    company.run([{"a", "b"}, {"c"}])
    company.run([{"a", "b", "c"}])
    assert golden_id_on(company.con, "c", FIRST_DAY) == company.ids()["c"]
    assert company.con.execute(
        "select count(*) from linkage.golden_id_membership where record_key = 'c'"
    ).fetchone() == (2,)


def test_a_warehouse_without_memberships_begins_them_where_its_assignments_do(company: Company) -> None:
    company.run([{"a"}, {"b"}])
    company.run([{"a", "b"}])
    ids = company.ids()
    company.con.execute("drop table linkage.golden_id_membership")
    company.run([{"a", "b"}])
    assert golden_id_on(company.con, "a", date(2026, 1, 3)) == ids["a"]
    assert golden_id_on(company.con, "b", date(2026, 1, 3)) is None
    assert golden_id_on(company.con, "b", date(2026, 1, 4)) == ids["b"]


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.integers(0, 1), st.lists(partitions(), min_size=1, max_size=5))
def test_every_day_can_be_looked_back_at(days_apart: int, sequence: list[Partition]) -> None:
    company = Company(days_apart=days_apart)
    seen = {}
    for clusters in sequence:
        company.run(clusters)
        day = FIRST_DAY + timedelta(days=company.runs * days_apart)
        seen[day] = company.ids()
    for day, ids in seen.items():
        assert {key: golden_id_on(company.con, key, day) for key in KEYS} == dict.fromkeys(KEYS) | ids
    faults = """
        from linkage.golden_id_membership as later
        left join linkage.golden_id_membership as earlier
            on later.record_key = earlier.record_key and later.period = earlier.period + 1
        where later.valid_to < later.valid_from or later.valid_from < earlier.valid_to
            or (later.period > 1 and earlier.valid_to is null)"""
    assert company.con.execute(f"select count(*) {faults}").fetchone() == (0,)
