"""The made-up sets keep their promises: same seed same rows, known columns, keys of their own, cluster sizes."""

from collections import Counter
from functools import cache
from pathlib import Path

import duckdb
import pytest
import yaml

from benchmarks.accuracy.datasets import load_varied
from benchmarks.accuracy.varied import FAMILIES, make
from benchmarks.accuracy.varied.shape import Row

CONTRACT = Path(__file__).parents[2] / "dbt_project/models/standardized/std_customer_records.yml"
SIZE = 2500


@cache
def rows(family: str) -> list[Row]:
    return make(family, 1, SIZE)


def cluster_sizes(family: str) -> Counter[int]:
    return Counter(Counter(row["entity"] for row in rows(family)).values())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_rows(family: str) -> None:
    assert make(family, 1, SIZE) == rows(family)
    assert make(family, 2, SIZE) != rows(family)


@pytest.mark.parametrize("family", FAMILIES)
def test_columns_are_those_of_the_contract(family: str) -> None:
    known = {column["name"] for column in yaml.safe_load(CONTRACT.read_text())["models"][0]["columns"]}
    names = list(rows(family)[0])
    assert set(names) <= known | {"entity"}
    assert all(list(row) == names for row in rows(family))
    assert {row["party_type"] for row in rows(family)} <= {"person", "organization"}
    assert {row.get("gender") for row in rows(family)} <= {"female", "male", None}


@pytest.mark.parametrize("family", FAMILIES)
def test_keys_are_unique_and_tell_nothing(family: str) -> None:
    keys = [str(row["record_key"]) for row in rows(family)]
    assert len(set(keys)) == len(keys)
    assert all(len(key.split(":")) == 3 for key in keys)
    assert sorted(int(key.rsplit(":", 1)[1]) for key in keys) == list(range(1, len(keys) + 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_set_has_about_the_size_asked_for_and_true_pairs(family: str) -> None:
    assert SIZE * 0.8 <= len(rows(family)) <= SIZE * 1.4
    sizes = cluster_sizes(family)
    assert sizes[1] and max(sizes) > 1


def test_two_fifths_of_three_fields_are_copies() -> None:
    assert len({row["entity"] for row in rows("three_fields")}) == SIZE * 6 // 10
    assert max(cluster_sizes("three_fields")) <= 5


def test_pairs_have_at_most_one_record_in_each_source() -> None:
    in_source = Counter((str(row["record_key"]).split(":")[0], row["entity"]) for row in rows("pairs"))
    assert set(in_source.values()) == {1}
    assert cluster_sizes("pairs") == {2: SIZE // 2 * 8 // 10, 1: 2 * (SIZE // 2 - SIZE // 2 * 8 // 10)}


def test_loyal_customers_have_40_to_60_records() -> None:
    sizes = cluster_sizes("big_clusters")
    assert sum(count for size, count in sizes.items() if 40 <= size <= 60) == SIZE * 300 // 25_000
    assert sizes[1] == SIZE * 10_000 // 25_000
    assert set(sizes) <= {1, *range(40, 61)}


def test_historical_clusters_reach_60() -> None:
    sizes = cluster_sizes("historical")
    assert max(sizes) == 60
    assert 6 < len(rows("historical")) / sizes.total() < 11


@pytest.mark.parametrize("family", FAMILIES)
def test_a_set_can_be_loaded(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, family, FAMILIES[family]._replace(size=SIZE))
    with duckdb.connect() as con:
        load_varied(con, Path(family, "1"))
        counted = con.execute("select count(*), count(entity) from truth").fetchall()
        assert counted == [(len(rows(family)), len(rows(family)))]
        types = dict(
            con.execute("select column_name, column_type from (describe standardized.std_customer_records)").fetchall()
        )
    assert types.get("birth_date", "DATE") == "DATE"
    assert {kind for name, kind in types.items() if name != "birth_date"} == {"VARCHAR"}


def test_companies_have_contacts_that_share_their_phone() -> None:
    found = rows("companies_world")
    companies = [row for row in found if row["party_type"] == "organization"]
    people = [row for row in found if row["party_type"] == "person"]
    assert len(companies) >= SIZE > 3 * len(people) > 0
    phones = {row["phone"] for row in companies if row["phone"]}
    assert sum(row["phone"] in phones for row in people) > len(people) / 4
    assert not {row["entity"] for row in companies} & {row["entity"] for row in people}


def test_many_fields_are_filled_and_some_values_are_shared_by_many() -> None:
    found = rows("many_fields")
    filled = [sum(value is not None for value in row.values()) / len(row) for row in found]
    assert sum(filled) / len(filled) > 0.75
    assert Counter(row["address_full"] for row in found).most_common(1)[0][1] > 100


def test_systems_write_the_same_people_in_different_scripts() -> None:
    for family in ("russia", "arabic", "east_asia", "china_thin"):
        scripts: dict[object, set[bool]] = {}
        for row in rows(family):
            scripts.setdefault(row["entity"], set()).add(str(row["full_name"]).isascii())
        assert sum(len(found) == 2 for found in scripts.values()) > len(scripts) / 20
