"""How rows of the made-up sets are finished: columns of ``std_customer_records``, keys that tell nothing, order by chance.

Belongs here: what every set needs to be loaded. Does not belong here: what a set says about whom.
"""

from __future__ import annotations

from datetime import date

from dagster_project.standardize.names import parse_person_name
from sample_data.chance import Chance

Row = dict[str, str | date | None]


def named(full: str | None = None, given: str | None = None, family: str | None = None) -> Row:
    """The name columns for a name as a source delivers it, in full or in parts, read as standardization reads it."""
    name = parse_person_name(full, given, family)
    parts = ("full_name", "given_name", "family_name", "name_pinyin", "name_suffix")
    return {part: getattr(name, part) for part in parts}


def finished(chance: Chance, rows: list[Row]) -> list[Row]:
    """The rows in an order by chance, with a ``record_key`` each; ``source`` ('crm:contacts') becomes part of it.

    All rows get the same columns; a column without any value is left out.
    """
    columns = list(dict.fromkeys(c for row in rows for c, value in row.items() if value is not None and c != "source"))
    result: list[Row] = []
    for number, row in enumerate(chance.shuffled(rows), 1):
        key: Row = {"record_key": f"{row['source']}:{number}", "party_type": row.get("party_type") or "person"}
        result.append({**key, **{c: row.get(c) for c in columns if c != "party_type"}})
    return result


def copies(chance: Chance, more: float = 0.5, most: int = 5) -> int:
    """How many records somebody has: one, and one more with probability ``more``, and so on."""
    count = 1
    while count < most and chance.happens(more):
        count += 1
    return count
