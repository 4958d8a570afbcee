"""Registers the parsers of this package as SQL functions of the dbt connection (dbt_project/profiles.yml names it).

The models call them over distinct values only, and keep the result: see models/standardized/parsed_*.sql.
"""

from __future__ import annotations

import pyarrow as pa  # at run time too: DuckDB evaluates the annotations of the functions it registers
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import FunctionNullHandling, PythonUDFType

from dagster_project.standardize.names import PersonName, parse_person_name
from dagster_project.standardize.phones import parse_phone


class Plugin(BasePlugin):
    """dbt-duckdb looks for this name."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register standard_phone(raw, region) and parse_person_name(full, given, family)."""
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


def _standard_phones(raw: pa.ChunkedArray, region: pa.ChunkedArray) -> pa.Array:
    cells = zip(raw.to_pylist(), region.to_pylist(), strict=True)
    return pa.array([parse_phone(*cell).phone for cell in cells], pa.string())


def _parse_names(full: pa.ChunkedArray, given: pa.ChunkedArray, family: pa.ChunkedArray) -> pa.Array:
    cells = zip(full.to_pylist(), given.to_pylist(), family.to_pylist(), strict=True)
    parsed = [parse_person_name(*parts) for parts in cells]
    return pa.StructArray.from_arrays(
        [pa.array([getattr(name, field) for name in parsed], pa.string()) for field in PersonName._fields],
        names=list(PersonName._fields),
    )
