"""Recognising the columns of a list by their titles.

Does not belong here: what a value looks like; titles alone decide, and the mapping is shown to the user.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml

KEY_TITLES = ("source_id", "id", "row_id", "record_id", "unique_id")
SYNONYMS = Path(__file__).with_name("column_synonyms.yaml")


@cache
def _synonyms() -> dict[str, list[str]]:
    return yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))


def _plain(title: str) -> str:
    return re.sub(r"[\s_\-.:]+", "", title).lower()


def recognise_columns(titles: list[str], reserved: set[str]) -> dict[str, str]:
    """Platform column -> title of the list, each title used once; `reserved` titles (key, truth) are left alone."""
    plain = {_plain(title): title for title in reversed(titles) if title not in reserved}
    mapping: dict[str, str] = {}
    for column, synonyms in _synonyms().items():
        for synonym in synonyms:
            title = plain.get(_plain(synonym))
            if title is not None and title not in mapping.values():
                mapping[column] = title
                break
    return mapping


def key_column(titles: list[str]) -> str | None:
    """The list's own key column: the first of the known titles, or None."""
    by_plain = {title.lower(): title for title in titles}
    return next((by_plain[title] for title in KEY_TITLES if title in by_plain), None)
