"""Registers the parsers of this package as SQL functions of the dbt connection (dbt_project/profiles.yml names it).

The models call them over distinct values only, and keep the result: see models/standardized/parsed_*.sql.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import pyarrow as pa  # at run time too: DuckDB evaluates the annotations of the functions it registers
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection
from duckdb.func import FunctionNullHandling, PythonUDFType

from dagster_project.standardize.vectors import SharedWork, parsers, struct_type
from dagster_project.standardize.version import standardization_version

_SQL_TYPES = {pa.string(): "varchar", pa.bool_(): "boolean", pa.date32(): "date", pa.list_(pa.string()): "varchar[]"}


class Plugin(BasePlugin):
    """dbt-duckdb looks for this name."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Register every parser and standardization_version()."""
        register_functions(conn)


def register_functions(con: DuckDBPyConnection) -> None:
    """Make the parsers callable from SQL; each takes and returns whole Arrow vectors."""
    text = con.type("varchar")
    work = SharedWork()
    for name, parser in parsers().items():
        result = con.struct_type({part.name: _SQL_TYPES[part.type] for part in struct_type(parser.result)})
        cells: list[Any] = [text] * parser.cells
        con.create_function(
            name,
            _over_columns(work, name, parser.cells),
            cells,
            result,
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
        )
    con.create_function("standardization_version", standardization_version, [], text)


def _over_columns(work: SharedWork, name: str, cells: int) -> Callable[..., pa.Array]:
    def parse(*columns: pa.ChunkedArray) -> pa.Array:
        return work.parse(name, columns)

    # DuckDB counts the parameters that a function names.
    named = [Parameter(f"cell_{number}", Parameter.POSITIONAL_ONLY) for number in range(cells)]
    parse.__signature__ = Signature(named)  # type: ignore[attr-defined]
    return parse
