"""Recognising the columns of a list, and the order of day and month in its dates."""

from __future__ import annotations

import duckdb
import pytest

from dagster_project.dedupe.birth_dates import date_expression
from dagster_project.dedupe.columns import key_column, recognise_columns


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["First Name", "SURNAME", "dob"], {"given_name": "First Name", "family_name": "SURNAME", "birth_date": "dob"}),
        (["姓名", "手机", "邮箱"], {"full_name": "姓名", "phone": "手机", "email": "邮箱"}),
        (["mobile", "home_phone"], {"phone": "mobile", "phone_alt": "home_phone"}),
        (["address_1", "address_2", "suburb", "state"],
         {"street": "address_1", "district": "address_2", "city": "suburb", "region": "state"}),
        (["favourite colour"], {}),
    ],
)  # fmt: skip
def test_titles(titles: list[str], expected: dict[str, str]) -> None:
    assert recognise_columns(titles, set()) == expected


def test_reserved_titles_are_left_alone() -> None:
    assert recognise_columns(["name", "email"], {"email"}) == {"full_name": "name"}


def test_key_column() -> None:
    assert key_column(["name", "Record_ID", "id"]) == "id"
    assert key_column(["name"]) is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["03/04/1980", "25/12/1990"], ["1980-04-03", "1990-12-25"]),
        (["03/04/1980", "12/25/1990"], ["1980-03-04", "1990-12-25"]),
        (["19800403", "1980-04-03 00:00:00"], ["1980-04-03", "1980-04-03"]),
        (["1980年4月3日", "nonsense"], ["1980-04-03", None]),
    ],
)
def test_dates(values: list[str], expected: list[str | None]) -> None:
    with duckdb.connect() as con:
        con.execute("create table given (n int, d varchar)")
        con.executemany("insert into given values (?, ?)", list(enumerate(values)))
        expression = date_expression(con, "given", "d")
        found = con.execute(f"select cast({expression} as varchar) from given order by n").fetchall()
    assert [row[0] for row in found] == expected
