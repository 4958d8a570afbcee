"""Every case goes through the whole layer, as a list of customers does, and comes out as its rule says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.dedupe.models import build_models
from dagster_project.warehouse import connect, quote_identifier
from tests.standardization.cases import Case, coverage, read_cases

CASES = read_cases()
LISTED = {"currency", "language", "boolean"}
CELLS = sorted({column for case in CASES for column in case.given})


@pytest.fixture(scope="module")
def standardized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which the cases are the records, each under its name."""
    folder = tmp_path_factory.mktemp("cases")
    warehouse = folder / "cases.duckdb"
    with connect(warehouse, memory_limit="1GB", threads=2) as con:
        con.execute("create schema if not exists raw")
        columns = ", ".join(f"{quote_identifier(cell)} varchar" for cell in CELLS)
        con.execute(f"create table given (source_id varchar, is_company boolean, {columns})")
        con.executemany(
            f"insert into given values ({', '.join('?' * (len(CELLS) + 2))})",
            [[case.name, is_company(case), *(text(case.given.get(cell)) for cell in CELLS)] for case in CASES],
        )
        dated = "cast(birth_date as date) as birth_date" if "birth_date" in CELLS else "null::date as birth_date"
        con.execute(f"""
            create table raw.list__customers as select 'list' as source_system, 'customers' as source_object,
                case when is_company then 'organization' else 'person' end as party_type, {dated},
                * exclude (is_company{", birth_date" if "birth_date" in CELLS else ""})
            from given
        """)
        con.execute("drop table given")
    build_models(
        warehouse,
        ["resource_type:seed", "+std_customer_records", "std_customer_details", "correction_log", "consistency_issues"],
        target=folder / "target",
    )
    return warehouse


def is_company(case: Case) -> bool:
    """A company states nothing of a person."""
    person = {"full_name", "given_name", "family_name", "birth_date", "gender", "national_id"}
    return not person & set(case.given) and bool({"company_name", "company_id", "industry_code"} & set(case.given))


def text(value: Any) -> str | None:
    return None if value is None else str(value)


@pytest.fixture(scope="module")
def values(standardized: Path) -> dict[str, dict[str, Any]]:
    """Column -> value of every case by its name: records, details and what the code lists say."""
    with duckdb.connect(str(standardized), read_only=True) as con:
        result = con.execute("""
            select records.*, details.* exclude (record_key)
            from standardized.std_customer_records as records
            join standardized.std_customer_details as details using (record_key)
        """)
        names = [column[0] for column in result.description]
        found = {row["source_id"]: row for row in (dict(zip(names, row, strict=True)) for row in result.fetchall())}
        for column in LISTED & set(CELLS):
            for name, code in con.execute(listed_codes(column)).fetchall():
                found[name][column] = code
    return found


def listed_codes(column: str) -> str:
    """The code of every case for a value that no customer record has; orders, consents and attributes have them."""
    cleaned = f"lower(trim(translate({column}, '￥＄', '¥$')))"
    if column == "currency":
        return f"""select source_id, coalesce(own.currency_code, general.currency_code)
            from raw.list__customers as given
            left join reference.currency_codes as own on {cleaned} = own.currency_name and given.country = own.country_code
            left join reference.currency_codes as general on {cleaned} = general.currency_name and general.country_code is null"""
    return f"""select source_id, standard_value from raw.list__customers
        left join reference.code_values on code_list = '{column}' and {cleaned} = source_value"""


def as_expected(case: Case, values: dict[str, Any]) -> bool:
    return all(text(values[column]) == text(expected) for column, expected in case.expected.items())


@pytest.mark.parametrize("case", [case for case in CASES if not case.not_handled], ids=lambda case: case.name)
def test_case(case: Case, values: dict[str, dict[str, Any]]) -> None:
    found = values[case.name]
    assert {column: text(found[column]) for column in case.expected} == {
        column: text(expected) for column, expected in case.expected.items()
    }, f"{case.given}: {case.source}"


@pytest.mark.parametrize("case", [case for case in CASES if case.not_handled], ids=lambda case: case.name)
def test_known_gap_is_one(case: Case, values: dict[str, dict[str, Any]]) -> None:
    """When this fails, the gap was closed: take `not_handled` away."""
    assert not as_expected(case, values[case.name]), f"{case.given} is handled now"


def test_there_are_enough_cases_and_half_of_them_are_chinese() -> None:
    assert len(CASES) >= 300
    assert sum(case.is_chinese for case in CASES) * 2 >= len(CASES)
    assert coverage(CASES).count("\n") > 5


def test_every_change_is_in_the_log(standardized: Path) -> None:
    """Told apart from the models: raw and standard value differ by more than case and blanks exactly where the log says so."""
    with duckdb.connect(str(standardized), read_only=True) as con:
        attributes = [
            row[0]
            for row in con.execute("select distinct attribute from standardized.correction_log order by 1").fetchall()
        ]
        assert len(attributes) >= 12
        for attribute in attributes:
            delivered, standard = (
                con.execute(f"select record_key, {attribute}::varchar from standardized.{table}").fetchall()
                for table in ("delivered_customer_records", "std_customer_records")
            )
            now = dict(standard)
            changed = {key for key, value in delivered if squeezed(value) != squeezed(now[key])}
            if attribute in ("full_name", "address_full"):
                changed &= {key for key, value in delivered if value is not None}
            logged = con.execute(
                "select record_key, raw_value, corrected_value from standardized.correction_log where attribute = ?",
                [attribute],
            ).fetchall()
            assert {key for key, _, _ in logged} == changed, attribute
            raw = dict(delivered)
            assert all(raw[key] == before and now[key] == after for key, before, after in logged), attribute
        unexplained = con.execute(
            "select record_key, attribute from standardized.correction_log where rule = 'unexplained'"
        ).fetchall()
    assert not unexplained


def squeezed(value: str | None) -> str:
    return "".join((value or "").lower().split())
