"""Expectation suites as files: expectations/<schema>.<table>.json, in Great Expectations' own format.

`meta.key` of a suite names the columns that identify a failing row. Belongs here: finding and reading suites.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Suite:
    """A suite of one table: `content` is the file as it is, `key` names the rows of the table."""

    schema: str
    table: str
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """schema.table."""
        return f"{self.schema}.{self.table}"

    @property
    def key(self) -> list[str]:
        """Columns that identify a row in messages; never personal data."""
        return list(self.content.get("meta", {}).get("key", []))

    @property
    def description(self) -> str:
        """What the suite guards, in the words of its file."""
        return str(self.content.get("meta", {}).get("description", ""))

    def columns(self) -> list[str]:
        """The columns the suite reads, keys included, so that only they are loaded."""
        named = list(self.key)
        for expectation in self.content["expectations"]:
            kwargs = expectation["kwargs"]
            found = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
            for column in found + list(kwargs.get("column_list", [])):
                if column not in named:
                    named.append(column)
        return named


def read_suites(folder: Path) -> list[Suite]:
    """All suites of a folder, by name. Raises ValueError naming the file when one is malformed."""
    suites: list[Suite] = []
    for path in sorted(folder.glob("*.json")):
        schema, _, table = path.stem.partition(".")
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path.name} is not valid JSON: {error}") from error
        if not table or content.get("name") != path.stem or not content.get("expectations"):
            raise ValueError(
                f"{path.name} must be named <schema>.<table>.json, carry the same name inside, and hold expectations"
            )
        suites.append(Suite(schema, table, content))
    return suites
