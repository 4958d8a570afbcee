"""The declared guards: each has a case it holds in and one it leaves alone; what is declared wrongly is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dagster_project.linkage.comparisons import ORGANIZATION, PERSON, Party
from dagster_project.linkage.guards import GUARDS_FILE, read_guards
from dagster_project.linkage.records import prepare_records
from dagster_project.linkage.splink_engine import comparison_vectors_sql

NATIONAL_IDS = ("11010519491231002X", "440308199901101512")


def prepared(con: duckdb.DuckDBPyConnection, party: Party, rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    types = {name: "date" if name == "birth_date" else "varchar" for name in names}
    con.execute(f"create table records ({', '.join(f'{name} {kind}' for name, kind in types.items())})")
    con.executemany(
        f"insert into records values ({', '.join('?' * len(names))})", [[r.get(n) for n in names] for r in rows]
    )
    prepare_records(con, party, "records")


def conflict(party: Party, left: dict[str, Any], right: dict[str, Any]) -> bool:
    rows = [{"record_key": f"r{n}", "party_type": party.party_type, **row} for n, row in enumerate((left, right))]
    with duckdb.connect() as con:
        prepared(con, party, rows)
        con.execute("create table pairs as select 0 as l, 1 as r")
        sql = comparison_vectors_sql(party, "linkage_records", "pairs", judged=True)
        return con.execute(f"select conflict from ({sql})").fetchall()[0][0]


JOHN = {"given_name": "John", "family_name": "Smith", "phone": "+447700900123"}


@pytest.mark.parametrize(
    ("left", "right", "refused"),
    [
        ({"national_id": NATIONAL_IDS[0]}, {"national_id": NATIONAL_IDS[1]}, True),
        # Without a check digit that holds, a number is evidence like any other.
        ({"national_id": NATIONAL_IDS[0]}, {"national_id": "440308199901101513"}, False),
        (JOHN | {"birth_date": "1950-03-04"}, JOHN | {"birth_date": "1981-11-29"}, True),
        (JOHN | {"birth_date": "1950-03-04"}, JOHN | {"birth_date": "1960-03-04"}, False),
        (JOHN | {"family_name": "Smith Jr"}, JOHN | {"family_name": "Smith Senior"}, True),
        (JOHN | {"given_name": "John II"}, JOHN | {"given_name": "John III"}, True),
        (JOHN | {"family_name": "Smith Jr."}, JOHN | {"family_name": "Smith junior"}, False),
        (JOHN | {"name_suffix": "Jr."}, JOHN | {"name_suffix": "Sr."}, True),
        (JOHN | {"family_name": "Smith Jr"}, JOHN, False),
    ],
)
def test_conflicts_of_people(left: dict[str, Any], right: dict[str, Any], refused: bool) -> None:
    assert conflict(PERSON, left, right) is refused
    assert conflict(PERSON, right, left) is refused


def test_two_verified_birth_dates_conflict() -> None:
    rule = next(c for c in read_guards().conflicts if c.name == "two verified birth dates")
    with duckdb.connect() as con:
        rows = [{"record_key": f"r{n}", "party_type": "person", "national_id": v} for n, v in enumerate(NATIONAL_IDS)]
        prepared(con, PERSON, rows)
        found = con.execute("select verified_birth from linkage_records order by 1").fetchall()
        assert found == [("19491231",), ("19990110",)]
        sql = f"select {rule.condition} from linkage_records as l, linkage_records as r where l.i < r.i"
        sql = sql.replace("verified_birth_l", "l.verified_birth").replace("verified_birth_r", "r.verified_birth")
        assert con.execute(sql).fetchall() == [(True,)]


def test_conflicts_of_companies() -> None:
    one, other = {"company_id": "91110000600037341L"}, {"company_id": "91350100M000100Y43"}
    assert conflict(ORGANIZATION, one, other)
    assert not conflict(ORGANIZATION, one, {"company_id": "91110000600037341A"})


def test_impersonal_values_link_no_person() -> None:
    rows = [
        {"record_key": "role", "email": "Info@acme.example", "phone": "+4420 7946 0000"},
        {"record_key": "own", "email": "information.desk@acme.example", "phone": "+8613912345678"},
        {"record_key": "relay", "email": "ann@acme.example", "phone": "+8695013123456789"},
        {"record_key": "service", "email": "bob@acme.example", "phone": "4001234567"},
    ]
    with duckdb.connect() as con:
        prepared(con, PERSON, [{"party_type": "person", **row} for row in rows])
        kept = con.execute("select record_key, email_text is not null, phone_main is not null from linkage_records")
        found = {key: (email, phone) for key, email, phone in kept.fetchall()}
    assert found == {"role": (False, True), "own": (True, True), "relay": (True, False), "service": (True, False)}
    with duckdb.connect() as con:
        prepared(con, ORGANIZATION, [{"record_key": "c", "party_type": "organization", "email": "info@acme.example"}])
        assert con.execute("select email_text from linkage_records").fetchall() == [("info@acme.example",)]


@pytest.mark.parametrize("part", ["given_name", "family_name"])
def test_an_email_of_many_given_or_family_names_links_nobody(part: str) -> None:
    rows = [
        {
            "record_key": f"r{n}",
            "party_type": "person",
            "given_name": "Ann",
            "family_name": "Lee",
            "email": "x@y.example",
        }
        for n in range(30)
    ]
    with duckdb.connect() as con:
        prepared(con, PERSON, rows)
        assert con.execute("select count(email_text) from linkage_records").fetchall() == [(30,)]
    with duckdb.connect() as con:
        prepared(con, PERSON, [row | {part: f"name{n}"} for n, row in enumerate(rows)])
        assert con.execute("select count(email_text), count(email_user) from linkage_records").fetchall() == [(0, 0)]


def test_every_guard_says_why(tmp_path: Path) -> None:
    declared = yaml.safe_load(GUARDS_FILE.read_text(encoding="utf-8"))
    del declared["conflicts"][0]["description"]
    path = tmp_path / "guards.yml"
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(ValueError, match="no description"):
        read_guards(path)
    declared["conflicts"][0] |= {"description": "why", "party_type": "robot"}
    path.write_text(yaml.safe_dump(declared), encoding="utf-8")
    with pytest.raises(ValueError, match="unknown party type"):
        read_guards(path)
