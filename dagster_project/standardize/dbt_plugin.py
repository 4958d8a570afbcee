"""Registers the parsers of this package as SQL functions of the dbt connection (dbt_project/profiles.yml names it).

The models call them over distinct values only, and keep the result: see models/standardized/parsed_*.sql.
"""

from __future__ import annotations

import pyarrow as pa  # at run time too: DuckDB evaluates the annotations of the functions it registers
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import FunctionNullHandling, PythonUDFType

from dagster_project.standardize.addresses import Address, parse_address
from dagster_project.standardize.names import PersonName, parse_person_name
from dagster_project.standardize.phones import standard_phone

# Fields of an address that are no text: their types in DuckDB and Arrow.
ADDRESS_TYPES = {"is_postcode_valid": ("boolean", pa.bool_()), "rules": ("varchar[]", pa.list_(pa.string()))}


class Plugin(BasePlugin):
    """dbt-duckdb looks for this name."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register standard_phone, parse_person_name and parse_address."""
        register_functions(conn)


def register_functions(con: DuckDBPyConnection) -> None:
    """Make the parsers callable from SQL; each takes and returns whole Arrow vectors."""
    name_type = con.struct_type(
        {"full_name": "varchar", "given_name": "varchar", "family_name": "varchar", "name_pinyin": "varchar"}
    )
    text = con.type("varchar")
    as_vectors = {"type": PythonUDFType.ARROW, "null_handling": FunctionNullHandling.SPECIAL}
    con.create_function("standard_phone", _standard_phones, [text, text], text, **as_vectors)
    con.create_function("parse_person_name", _parse_names, [text, text, text], name_type, **as_vectors)
    address_type = con.struct_type({field: ADDRESS_TYPES.get(field, ("varchar", None))[0] for field in Address._fields})
    con.create_function(
        "parse_address", _parse_addresses, [text, text, text, text, text, text, text, text], address_type, **as_vectors
    )


def _standard_phones(raw: pa.ChunkedArray, region: pa.ChunkedArray) -> pa.Array:
    return pa.array(map(standard_phone, raw.to_pylist(), region.to_pylist()), pa.string())


def _parse_names(full: pa.ChunkedArray, given: pa.ChunkedArray, family: pa.ChunkedArray) -> pa.Array:
    cells = zip(full.to_pylist(), given.to_pylist(), family.to_pylist(), strict=True)
    parsed = [parse_person_name(*parts) for parts in cells]
    return pa.StructArray.from_arrays(
        [pa.array([getattr(name, field) for name in parsed], pa.string()) for field in PersonName._fields],
        names=list(PersonName._fields),
    )


def _parse_addresses(  # DuckDB counts the parameters
    address_full: pa.ChunkedArray,
    street: pa.ChunkedArray,
    house_number: pa.ChunkedArray,
    district: pa.ChunkedArray,
    city: pa.ChunkedArray,
    region: pa.ChunkedArray,
    postcode: pa.ChunkedArray,
    country: pa.ChunkedArray,
) -> pa.Array:
    cells = (address_full, street, house_number, district, city, region, postcode, country)
    parsed = [parse_address(*parts) for parts in zip(*(cell.to_pylist() for cell in cells), strict=True)]
    return pa.StructArray.from_arrays(
        [
            pa.array([getattr(address, field) for address in parsed], ADDRESS_TYPES.get(field, (None, pa.string()))[1])
            for field in Address._fields
        ],
        names=list(Address._fields),
    )
