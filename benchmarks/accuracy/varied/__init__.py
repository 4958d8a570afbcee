"""Made-up sets with their truth, one family of sets per kind of data that a customer platform meets.

Belongs here: families of sets, each with its own traps. Does not belong here: real sets (``datasets``), and any setting
for the linker. No family was made by looking at what a linker makes of it, and none should be changed for that.

Names go through the project's own reading of names, which fills their columns (``shape.named``); addresses, phones and
mailboxes are as sources write them. The same seed and size give the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.accuracy.varied.arabic import arabic
from benchmarks.accuracy.varied.big_clusters import big_clusters
from benchmarks.accuracy.varied.china_thin import china_thin
from benchmarks.accuracy.varied.companies_world import companies_world
from benchmarks.accuracy.varied.east_asia import east_asia
from benchmarks.accuracy.varied.germany import germany
from benchmarks.accuracy.varied.historical import historical
from benchmarks.accuracy.varied.india import india
from benchmarks.accuracy.varied.many_fields import many_fields
from benchmarks.accuracy.varied.pairs import pairs
from benchmarks.accuracy.varied.russia import russia
from benchmarks.accuracy.varied.shape import Row
from benchmarks.accuracy.varied.spain_latin_america import spain_latin_america
from benchmarks.accuracy.varied.three_fields import three_fields, three_fields_no_birth


class Family(NamedTuple):
    """How to make the rows of a set from a seed, and about how many records it has."""

    make: Callable[[int, int], list[Row]]
    size: int


FAMILIES: dict[str, Family] = {
    "three_fields": Family(three_fields, 20_000),
    "three_fields_no_birth": Family(three_fields_no_birth, 20_000),
    "historical": Family(historical, 25_000),
    "pairs": Family(pairs, 20_000),
    "big_clusters": Family(big_clusters, 25_000),
    "germany": Family(germany, 12_000),
    "spain_latin_america": Family(spain_latin_america, 12_000),
    "russia": Family(russia, 12_000),
    "india": Family(india, 12_000),
    "east_asia": Family(east_asia, 12_000),
    "arabic": Family(arabic, 12_000),
    "china_thin": Family(china_thin, 15_000),
    "companies_world": Family(companies_world, 8_000),
    "many_fields": Family(many_fields, 20_000),
}


def make(family: str, seed: int, size: int | None = None) -> list[Row]:
    """The rows of a set, with about ``size`` records; None: the size of the family."""
    return FAMILIES[family].make(seed, size or FAMILIES[family].size)
