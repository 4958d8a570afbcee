"""The systems beyond the first four, one module each; a new module takes part without being listed anywhere.

A module has

- ``FILES``: patterns of its deliveries inside the landing folder, so that a new run can remove the old ones;
- ``IDENTIFIERS``: object key ("system:object") of each kind of ``Record`` it makes -> identifier for a running number;
- ``sign_ups(persons, organisations, recorder)``: its records of this block's people and companies, without identifier;
- ``write(block)``: appends this block's deliveries, spoiled rows counted by ``block.count``;
- where companies order through it, ``BUYERS``: object key of the contacts who order -> object key of their accounts. A
  contact's company then has an account. The orders are ``block.book.business_orders(system)``.

Belongs here: what a system knows and how it writes it. Does not belong here: people, orders, kinds of mistakes.
"""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Protocol, cast

from sample_data.chance import Chance
from sample_data.files import Folder
from sample_data.orders import OrderBook
from sample_data.people import Organisation, Person
from sample_data.rates import ErrorRates
from sample_data.records import Record, Recorder
from sample_data.reference import Reference


@dataclass
class Block:
    """One block of customers, ready to be written: its people, their numbered records of all systems, their orders."""

    persons: list[Person]
    organisations: list[Organisation]
    records: list[Record]
    book: OrderBook
    reference: Reference
    rates: ErrorRates
    seed: int
    first: int
    deliveries: Folder
    truths: Folder
    next_number: Counter[str]
    count: Callable[[str, int, int, int], None]
    """Called with "system.object", whole rows, exact duplicates, rows to be quarantined."""
    note_amount: Callable[[str, str, Decimal], None]
    """Called with "system.object", what the amount is, and the amount: it adds up in ``expected_quarantine.json``."""

    @property
    def end(self) -> datetime:
        """Nothing happens later."""
        return self.book.end

    @property
    def day(self) -> str:
        """The date in the files' names."""
        return f"{self.end:%Y%m%d}"

    def chance(self, *key: object) -> Chance:
        """Draws of this block for one purpose, independent of all others."""
        return Chance(self.seed, *key, self.first)

    def of(self, object_key: str) -> list[Record]:
        """The block's records of one kind, in the order of their identifiers."""
        return [record for record in self.records if record.object_key == object_key]

    def number(self, name: str) -> int:
        """The next number of a series that goes on over all blocks."""
        self.next_number[name] += 1
        return self.next_number[name]


class System(Protocol):
    """What a module of this package has."""

    __name__: str
    FILES: tuple[str, ...]
    IDENTIFIERS: Mapping[str, Callable[[int], str]]

    def sign_ups(self, persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
        """The system's records of these people and companies."""
        ...

    def write(self, block: Block) -> None:
        """Append the block's deliveries."""
        ...


@cache
def all_systems() -> tuple[System, ...]:
    """Every module of this package, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(cast(System, importlib.import_module(f"{__name__}.{name}")) for name in names)


def buyers_of(system: System) -> Mapping[str, str]:
    """Object key of the contacts who order for a company through this system -> object key of its accounts."""
    return getattr(system, "BUYERS", {})
