"""Labelled sets in the shape of ``std_customer_records``.

Belongs here: reading a set from a path given by the caller and renaming its columns, plus the light cleaning any
standardization would do (phones to digits, placeholders to NULL). Does not belong here: any setting for the linker.

Every function creates ``standardized.std_customer_records`` and ``truth`` (record_key, entity, slice). A set with slices
is linked as a whole and measured slice by slice; the others have NULL there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _create(con: DuckDBPyConnection, select: str) -> None:
    con.execute("create schema if not exists standardized")
    con.execute("create schema if not exists linkage")
    con.execute(f"create or replace temp table mapped as {select}")
    con.execute("create or replace table standardized.std_customer_records as select * exclude (entity) from mapped")
    con.execute(
        "create or replace table truth as select record_key, entity::varchar as entity, null::varchar as slice from mapped"
    )
    con.execute("drop table mapped")


def _febrl(relation: str) -> str:
    return f"""select distinct on (record_key) 'febrl:person:' || rec_id as record_key, 'person' as party_type,
        given_name, surname as family_name, address_1 as street, street_number as house_number, address_2 as district,
        suburb as city, postcode, state as region, try_strptime(date_of_birth, '%Y%m%d')::date as birth_date,
        soc_sec_id as national_id, cluster as entity
    from {relation}"""


def load_febrl3(con: DuckDBPyConnection, path: Path) -> None:
    """FEBRL 3: 5,000 damaged Australian records of 2,000 people."""
    _create(con, _febrl(f"'{path}/febrl3.parquet'"))


def load_febrl4(con: DuckDBPyConnection, path: Path) -> None:
    """FEBRL 4: two files of 5,000, one match each, linked here as one table."""
    _create(
        con,
        _febrl(f"(from '{path}/febrl4a.parquet' union all by name from '{path}/febrl4b.parquet')"),
    )


def load_fake_1000(con: DuckDBPyConnection, path: Path) -> None:
    """Splink's fake_1000: 1,000 records of 251 people, few fields, much damage."""
    _create(
        con,
        f"""select 'fake:person:' || unique_id as record_key, 'person' as party_type, first_name as given_name,
            surname as family_name, dob::date as birth_date, city, email, cluster as entity
        from '{path}/fake_1000.parquet'""",
    )


def load_people(con: DuckDBPyConnection, path: Path) -> None:
    """Generated people with households, twins, father and son of one name, moves; a parquet file of gen_people.py."""
    digits = "regexp_replace(phone, '[^0-9]', '', 'g')"
    _create(
        con,
        f"""select source || ':people:' || record_id as record_key, 'person' as party_type, first_name as given_name,
            last_name as family_name, case gender when 'F' then 'female' when 'M' then 'male' end as gender,
            case when dob <> '1900-01-01' then try_cast(dob as date) end as birth_date,
            case when email <> 'noemail@example.com' then lower(email) end as email,
            case when phone <> '0000000000' then '+1' || right({digits}, 10) end as phone,
            street_no as house_number, street, city, postcode, entity_id as entity
        from '{path}'""",
    )


def load_names_only(con: DuckDBPyConnection, path: Path) -> None:
    """FEBRL 3 with nothing but names and birth date: how the linker fares on thin data."""
    load_febrl3(con, path)
    con.execute(
        """create or replace table standardized.std_customer_records as
        select record_key, party_type, given_name, family_name, birth_date from standardized.std_customer_records"""
    )


def load_senzing(con: DuckDBPyConnection, path: Path) -> None:
    """Senzing's truth set: 159 hand-made cases, people and companies, in three sources."""
    import pyarrow as pa

    folder = path / "senzing_truthset"
    with (folder / "actual_truthset_key.csv").open(encoding="utf-8") as file:
        entity = {(row["DATA_SOURCE"], row["RECORD_ID"]): row["CLUSTER_ID"] for row in csv.DictReader(file)}
    rows = []
    for name in ("customers", "reference", "watchlist"):
        for line in (folder / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            key = (record["DATA_SOURCE"], record["RECORD_ID"])
            if key in entity:
                rows.append({**_senzing_record(record), "entity": entity[key]})
    names = list(dict.fromkeys(name for row in rows for name in row))
    table = pa.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
    con.register("senzing_rows", table)
    _create(con, "from senzing_rows")
    con.unregister("senzing_rows")


_SENZING_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d-%b-%y", "%b %d %Y", "%d/%m/%Y")


def _senzing_record(record: dict) -> dict[str, str | date | None]:
    """One record of the truth set, its features brought into the shape of ``std_customer_records``."""
    from dagster_project.standardize.names import parse_person_name
    from dagster_project.standardize.phones import parse_phone

    values: dict[str, str] = {}
    for feature in record["FEATURES"]:
        for name, value in feature.items():
            values.setdefault(name, value.strip())  # a second name or address is left out
    is_person = values["RECORD_TYPE"] == "PERSON"
    result: dict[str, str | date | None] = {
        "record_key": f"{record['DATA_SOURCE'].lower()}:record:{record['RECORD_ID']}",
        "party_type": "person" if is_person else "organization",
        "company_name": values.get("EMPLOYER") if is_person else values.get("NAME_ORG"),
        "company_id": None if is_person else values.get("TAX_ID_NUMBER") or values.get("NATIONAL_ID_NUMBER"),
        "national_id": (values.get("SSN_NUMBER") or values.get("NATIONAL_ID_NUMBER")) if is_person else None,
        "external_id": values.get("PASSPORT_NUMBER") or values.get("DRIVERS_LICENSE_NUMBER"),
        "birth_date": _senzing_date(values.get("DATE_OF_BIRTH")),
        "gender": {"M": "male", "F": "female"}.get(values.get("GENDER", "")[:1]),
        "email": values.get("EMAIL_ADDRESS"),
        "phone": parse_phone(values.get("PHONE_NUMBER"), "US").phone,
        "street": values.get("ADDR_LINE1"),
        "address_full": values.get("ADDR_FULL"),
        "city": values.get("ADDR_CITY"),
        "region": values.get("ADDR_STATE"),
        "postcode": values.get("ADDR_POSTAL_CODE"),
    }
    if is_person:
        name = parse_person_name(values.get("NAME_FULL"), values.get("NAME_FIRST"), values.get("NAME_LAST"))
        result |= {
            part: getattr(name, part)
            for part in ("full_name", "given_name", "family_name", "name_pinyin", "name_suffix")
        }
    return result


def _senzing_date(text: str | None) -> date | None:
    if text is None:
        return None
    for pattern in _SENZING_DATES:
        try:
            found = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        # Two-digit years: nobody is born in the future.
        return found.replace(year=found.year - 100) if found.year > 2025 else found
    return None


def load_demo(con: DuckDBPyConnection, path: Path) -> None:
    """The demo company: standardized records of a warehouse that ``run`` has filled, and the generator's truth.

    ``path``: the data folder, with warehouse.duckdb and demo_truth/customer_truth.parquet. Slices: people and companies of
    each population.
    """
    con.execute("create schema if not exists standardized")
    con.execute("create schema if not exists linkage")
    con.execute(f"attach '{path}/warehouse.duckdb' as demo (read_only)")
    con.execute(
        "create or replace table standardized.std_customer_records as from demo.standardized.std_customer_records"
    )
    con.execute("detach demo")
    con.execute(
        f"""create or replace table truth as
        select record_key, entity_id as entity,
            population || case party_type when 'person' then ' people' else ' companies' end as slice
        from '{path}/demo_truth/customer_truth.parquet' semi join standardized.std_customer_records using (record_key)"""
    )


def _standard_companies(rows: list[dict]) -> list[dict]:
    """The rows with the names of companies as standardization reads them, and without their legal forms beside."""
    from dagster_project.standardize.companies import parse_company_name

    if not any(row.get("company_name") for row in rows):
        return rows
    names = [parse_company_name(row.get("company_name")) for row in rows]
    return [
        {**row, "company_name": name.company_name, "company_core_name": name.company_core_name}
        for row, name in zip(rows, names, strict=True)
    ]


def load_companies(con: DuckDBPyConnection, path: Path) -> None:
    """Companies made by ``companies.make_companies`` from the seed that the name of ``path`` ends with."""
    import pyarrow as pa

    from benchmarks.accuracy.companies import make_companies

    con.register("company_rows", pa.Table.from_pylist(_standard_companies(make_companies(int(path.name)))))
    _create(con, "from company_rows")
    con.unregister("company_rows")


def load_varied(con: DuckDBPyConnection, path: Path) -> None:
    """A made-up set of the family and the seed that ``path`` ends with: 'germany/1'."""
    import pyarrow as pa

    from benchmarks.accuracy.varied import make

    con.register("varied_rows", pa.Table.from_pylist(_standard_companies(make(path.parent.name, int(path.name)))))
    _create(con, "from varied_rows")
    con.unregister("varied_rows")


SETS: dict[str, Callable[[DuckDBPyConnection, Path], None]] = {
    "febrl3": load_febrl3,
    "febrl4": load_febrl4,
    "fake_1000": load_fake_1000,
    "febrl3_names_only": load_names_only,
    "senzing": load_senzing,
}
