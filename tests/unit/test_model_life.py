"""Models: what a new one would change, when it is held, approving it and going back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.linkage.model import LinkageModel
from dagster_project.linkage.model_life import (
    ModelComparison,
    ModelError,
    Trial,
    approve_model,
    compare_clusters,
    data_profile,
    go_back,
    is_in_force,
    keep_model,
    list_models,
    load_in_force,
    try_model,
)
from tests.unit.test_linkage_increments import model
from tests.unit.test_linkage_pipeline import load, people

DAY, NOW = date(2026, 1, 1), datetime(2026, 2, 1, 9)
PROFILE = {"records": 10}


def clusters(con: duckdb.DuckDBPyConnection, name: str, groups: list[str]) -> str:
    con.execute(f"create table {name} (record_key varchar, cluster_id varchar)")
    rows = [(record, group[0]) for group in groups for record in group]
    con.executemany(f"insert into {name} values (?, ?)", rows)
    return name


def test_every_customer_is_counted_once() -> None:
    con = duckdb.connect()
    before = clusters(con, "before", ["ab", "c", "d", "efg", "hij", "kl", "x"])
    after = clusters(con, "after", ["ab", "cd", "e", "fg", "hi", "jkl", "y"])
    assert compare_clusters(con, before, after) == ModelComparison(
        customers=6,
        customers_after=6,
        customers_kept=1,
        customers_merged=3,
        customers_split=1,
        customers_moved=1,
        records=12,
        records_changed=10,
    )


def test_nothing_compared_is_nothing_changed() -> None:
    con = duckdb.connect()
    compared = compare_clusters(con, clusters(con, "before", ["x"]), clusters(con, "after", ["y"]))
    assert (compared.records, compared.changed_share) == (0, 0.0)


def test_the_profile_counts_sources_fills_and_values() -> None:
    con = duckdb.connect()
    load(con, people(4))
    profile = data_profile(con)
    assert profile["records"] == 6
    assert profile["records_by_source"] == {"crm": 4, "shop": 2}
    assert profile["columns"]["city"] == {"fill_share": 1.0, "distinct_values": 1}
    assert "occupation" not in profile["columns"]


class House:
    """A folder of models and the history of a warehouse."""

    def __init__(self, folder: Path) -> None:
        self.con, self.folder = duckdb.connect(), folder

    def train(self, share: float, number: int, largest: float = 0.02) -> tuple[str, str]:
        """Enter a model that would change this share of 1,000 records; return its version and status."""
        person, *others = model().parties
        trained = LinkageModel((replace(person, match_share=0.001 * (number + 1)), *others))
        trained.save(self.folder / trained.version)
        trial = Trial(ModelComparison(9, 9, 9, 0, 0, 0, 1000, round(1000 * share)), {"estimated_precision": 0.9})
        status = keep_model(
            self.con, self.folder, trained.version, trial, PROFILE, trained_at=DAY, largest_change=largest
        )
        return trained.version, status

    def in_force(self) -> str:
        loaded = load_in_force(self.folder)
        assert loaded is not None
        listed = [row["model_version"] for row in list_models(self.con) if row["status"] == "in force"]
        assert listed == [loaded.version], "folder and history say the same"
        return loaded.version


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_the_first_model_is_in_force_whatever_it_does(house: House) -> None:
    first, status = house.train(1.0, 1)
    assert (status, house.in_force()) == ("in force", first)
    assert json.loads((house.folder / first / "data_profile.json").read_text()) == PROFILE


def test_a_model_that_changes_little_takes_over_and_one_that_changes_much_is_held(house: House) -> None:
    first, _ = house.train(0, 1)
    second, status = house.train(0.02, 2)
    assert (status, house.in_force()) == ("in force", second)
    third, status = house.train(0.021, 3)
    assert (status, house.in_force()) == ("held", second)
    rows = {row["model_version"]: row for row in list_models(house.con)}
    assert {version: rows[version]["status"] for version in (first, second, third)} == {
        first: "replaced",
        second: "in force",
        third: "held",
    }
    assert rows[third]["compared_with"] == second
    assert rows[third]["reason"] == "2.10% of the records would change their customer, more than 2.00%"


def test_training_the_same_model_again_changes_nothing(house: House) -> None:
    first, _ = house.train(0, 1)
    before = list_models(house.con)
    assert house.train(1.0, 1) == (first, "in force")
    assert list_models(house.con) == before
    assert is_in_force(house.con, first)


def test_a_held_model_is_approved_and_gone_back_from(house: House) -> None:
    first, _ = house.train(0, 1)
    held, _ = house.train(0.5, 2)
    assert approve_model(house.con, house.folder, None, decided_by="li.na", now=NOW) == held == house.in_force()
    row = next(row for row in list_models(house.con) if row["model_version"] == held)
    assert (row["decided_by"], row["decided_at"], row["reason"]) == ("li.na", NOW, "approved")
    assert go_back(house.con, house.folder, decided_by="li.na", now=NOW) == first == house.in_force()
    assert go_back(house.con, house.folder, decided_by="li.na", now=NOW) == held == house.in_force()


def test_what_cannot_be_done_is_said_and_changes_nothing(house: House) -> None:
    with pytest.raises(ModelError, match="no model is held"):
        approve_model(house.con, house.folder, None, decided_by="li.na", now=NOW)
    with pytest.raises(ModelError, match="no model was in force before"):
        go_back(house.con, house.folder, decided_by="li.na", now=NOW)
    first, _ = house.train(0, 1)
    held, _ = house.train(0.5, 2)
    with pytest.raises(ModelError, match="no model nonsense is held"):
        approve_model(house.con, house.folder, "nonsense", decided_by="li.na", now=NOW)
    (house.folder / held / "linkage_model.json").unlink()
    with pytest.raises(ModelError, match=f"the model {held} cannot be used"):
        approve_model(house.con, house.folder, held, decided_by="li.na", now=NOW)
    assert house.in_force() == first


def test_a_trial_compares_and_leaves_no_table_behind(tmp_path: Path) -> None:
    con = duckdb.connect()
    load(con, people(40))
    truth = tmp_path / "truth.parquet"
    con.execute(
        f"copy (select record_key, split_part(record_key, ':', 3) as entity_id from standardized.std_customer_records) to '{truth}'"
    )
    con.execute(
        "create table linkage.clusters as select record_key, record_key as cluster_id from standardized.std_customer_records"
    )
    trial = try_model(con, model(), truth=truth)
    merged = trial.comparison.customers_merged
    assert merged > 0
    assert trial.comparison.customers == 60 == trial.comparison.customers_kept + merged
    assert trial.comparison.changed_share == merged / 60
    assert 0 < trial.accuracy["measured_recall"] <= 1
    assert 0 < trial.accuracy["estimated_precision"] <= 1
    tables = con.execute("select table_name from duckdb_tables() where schema_name = 'linkage'").fetchall()
    assert tables == [("clusters",)]
