"""Public labelled sets in the shape of ``std_customer_records``.

Belongs here: reading a set from a path given by the caller and renaming its columns, plus the light cleaning any
standardization would do (phones to digits, placeholders to NULL). Does not belong here: any setting for the linker.

Every function creates ``standardized.std_customer_records`` and ``truth`` (record_key, entity).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def _create(con: DuckDBPyConnection, select: str) -> None:
    con.execute("create schema if not exists standardized")
    con.execute("create schema if not exists linkage")
    con.execute(f"create or replace temp table mapped as {select}")
    con.execute("create or replace table standardized.std_customer_records as select * exclude (entity) from mapped")
    con.execute("create or replace table truth as select record_key, entity::varchar as entity from mapped")
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


SETS: dict[str, Callable[[DuckDBPyConnection, Path], None]] = {
    "febrl3": load_febrl3,
    "febrl4": load_febrl4,
    "fake_1000": load_fake_1000,
    "febrl3_names_only": load_names_only,
}
