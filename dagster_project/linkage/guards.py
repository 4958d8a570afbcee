"""Merge guards: what never links and what never becomes one customer, read from ``guards.yml``.

Belongs here: reading and checking the declarations. Does not belong here: applying them (``records`` clears values,
``splink_engine`` and ``agglomeration`` refuse merges).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

GUARDS_FILE = Path(__file__).with_name("guards.yml")
_PARTY_TYPES = ("person", "organization", "any")


@dataclass(frozen=True)
class SharedValue:
    """A value that stops linking when more than ``limit`` distinct names of any one ``counted`` column use it.

    ``counted``: columns of names per party type; ``cleared``: the columns that become NULL.
    """

    name: str
    description: str
    value: str
    limit: int
    counted: dict[str, tuple[str, ...]]
    cleared: tuple[str, ...]


@dataclass(frozen=True)
class ImpersonalValue:
    """A value that links nobody of a party type when it matches ``pattern`` as a whole; ``cleared`` becomes NULL."""

    name: str
    description: str
    party_type: str
    value: str
    pattern: str
    cleared: tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """Two records for which ``condition`` (SQL over ``column_l``, ``column_r``) holds are never one customer."""

    name: str
    description: str
    party_type: str
    condition: str


@dataclass(frozen=True)
class Guards:
    """All declared guards."""

    shared_values: tuple[SharedValue, ...]
    impersonal_values: tuple[ImpersonalValue, ...]
    conflicts: tuple[Conflict, ...]
    largest_cluster: int

    def conflict_sql(self, party_type: str) -> str:
        """One SQL condition: any of the party's conflicts."""
        own = [c.condition for c in self.conflicts if c.party_type in (party_type, "any")]
        return " or ".join(f"coalesce({' '.join(condition.split())}, false)" for condition in own)


@functools.cache
def read_guards(path: Path = GUARDS_FILE) -> Guards:
    """Read the declarations. Raises ValueError for a guard without description or with an unknown party type."""
    declared: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for kind in ("shared_values", "impersonal_values", "conflicts"):
        for guard in declared[kind]:
            if not guard.get("description"):
                raise ValueError(f"{path.name}: {guard.get('name')} has no description")
            if guard.get("party_type", "any") not in _PARTY_TYPES:
                raise ValueError(f"{path.name}: {guard['name']} has the unknown party type {guard['party_type']}")
    return Guards(
        shared_values=tuple(
            SharedValue(
                **{
                    **guard,
                    "counted": {party: tuple(columns) for party, columns in guard["counted"].items()},
                    "cleared": tuple(guard["cleared"]),
                }
            )
            for guard in declared["shared_values"]
        ),
        impersonal_values=tuple(
            ImpersonalValue(**{**guard, "cleared": tuple(guard["cleared"])}) for guard in declared["impersonal_values"]
        ),
        conflicts=tuple(Conflict(**guard) for guard in declared["conflicts"]),
        largest_cluster=int(declared["largest_cluster"]),
    )
