"""The date format of one column: decided over all its values, because 03/04/1980 alone does not tell day from month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.warehouse import quote_identifier, quote_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

UNAMBIGUOUS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y年%m月%d日", "%d %b %Y",
    "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
)  # fmt: skip
DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y")
MONTH_FIRST = ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y")


def date_expression(con: DuckDBPyConnection, relation: str, title: str) -> str:
    """SQL that reads a text column as dates; values that are none become NULL.

    Day or month first is whichever reads more values; day first where both read all.
    """
    column = f"trim({quote_identifier(title)})"

    def read(formats: tuple[str, ...]) -> str:
        return f"try_strptime({column}, [{', '.join(map(quote_literal, formats))}])"

    counts = con.execute(f"select count({read(DAY_FIRST)}), count({read(MONTH_FIRST)}) from {relation}").fetchone()
    assert counts is not None
    slashed = DAY_FIRST if counts[0] >= counts[1] else MONTH_FIRST
    return f"cast({read(UNAMBIGUOUS + slashed)} as date)"
