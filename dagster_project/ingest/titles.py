"""Titles of delivered columns: which declared column each one is, and whether all of them are there.

Belongs here: names of columns, in any format. Does not belong here: their values.
"""

from __future__ import annotations

import re
from collections import Counter

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.files import DeliveredFile

_AROUND = re.compile(
    r"^[\s\u00ad\u061c\u180e\u200b-\u200f\u2060-\u206f\ufeff]+|[\s\u00ad\u061c\u180e\u200b-\u200f\u2060-\u206f\ufeff]+$"
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
MAX_COLUMNS = 5_000
"""Beyond, names of columns are data."""


def match_titles(delivered: list[str], declaration: SourceObject) -> list[str]:
    """The declared title of each delivered column; columns nobody declared keep their own, made distinct.

    Blanks around a title and the case of its letters do not matter, unless the very title is there as well.
    """
    titles = [_CONTROLS.sub("\ufffd", _AROUND.sub("", title)) for title in delivered]
    absent: dict[str, list[str]] = {}
    for declared in declaration.columns:
        if declared not in titles:
            absent.setdefault(declared.casefold(), []).append(declared)
    candidates = Counter(title.casefold() for title in titles)
    matched: list[str] = []
    seen: Counter[str] = Counter()
    for position, title in enumerate(titles, start=1):
        likely = absent.get(title.casefold(), [])
        if title not in declaration.columns and len(likely) == 1 and candidates[title.casefold()] == 1:
            matched.append(likely[0])
        elif title in declaration.columns:
            matched.append(title)
        else:
            own = title or nameless(position)
            seen[own] += 1
            matched.append(own if seen[own] == 1 else f"{own} ({seen[own]})")
    return matched


def nameless(position: int) -> str:
    """What a column without a title is called; `position` counts from 1."""
    return f"column {position}"


def missing_titles(titles: list[str], declaration: SourceObject) -> list[str]:
    """Declared columns that must be there and are not."""
    return [title for title, column in declaration.columns.items() if title not in titles and not column.optional]


def check_titles(file: DeliveredFile, declaration: SourceObject, titles: list[str], hint: str = "") -> None:
    """Every declared column must be there, once; `hint` says what else may be wrong. Raises DeliveryRefused."""
    if len(titles) > MAX_COLUMNS:
        raise DeliveryRefused(
            file.name,
            f"has {len(titles):,} different columns; more than {MAX_COLUMNS:,} are taken for data in place of names",
            "Deliver such data as values: one row per name, or one column with all of them as JSON.",
        )
    missing = missing_titles(titles, declaration)
    if missing:
        # Titles nobody declared are only counted: without its header, a file's first row is a person's data.
        found = ", ".join(repr(title) for title in titles if title in declaration.columns)
        raise DeliveryRefused(
            file.name,
            f"column {', '.join(map(repr, missing))} is missing (of its {len(titles)} columns, declared ones are:"
            f" {found or 'none'}{hint or ('' if found else '; is the header row there, and the encoding right?')})",
            "Ask the source for the column, mark it `optional`, or correct its title or the encoding in the declaration.",
        )
    repeated = sorted({title for title in titles if titles.count(title) > 1})
    if repeated:
        raise DeliveryRefused(
            file.name,
            f"column {', '.join(map(repr, repeated))} stands there more than once",
            "Deliver each column once.",
        )
