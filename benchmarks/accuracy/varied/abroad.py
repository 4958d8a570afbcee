"""The frame of the sets by country: households with details beside the name, and records of them in several systems.

Belongs here: what does not depend on the language of a name. Does not belong here: names and how systems write them (one
module per language).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from benchmarks.accuracy.varied.damage import drop, misdated, misdialled, misspelled, without_marks
from benchmarks.accuracy.varied.shape import Row, copies, finished
from benchmarks.accuracy.varied.western import birthday
from sample_data.chance import Chance, Weighted

N = TypeVar("N")
Towns = Weighted[tuple[str, str, str]]


@dataclass(frozen=True)
class Country:
    """How one lives and dials in a country; ``towns``: town, region, start of the postcode."""

    code: str
    calling: str
    mobiles: Sequence[str]
    mobile_digits: int
    towns: Towns
    postcode_length: int
    street: Callable[[Chance], tuple[str, str]]
    mails: Sequence[str] = ("gmail.com", "hotmail.com", "yahoo.com", "outlook.com")


@dataclass(frozen=True)
class Home:
    """A place to live with its phone."""

    country: Country
    street: str
    house_number: str
    city: str
    region: str
    postcode: str
    phone: str


@dataclass(frozen=True)
class Who(Generic[N]):
    """Somebody: a name in the shape of their language, and what else is known about them."""

    name: N
    gender: str
    birth_date: date
    home: Home
    mobile: str
    email: str


def towns(text: str, exponent: float = 0.9) -> Towns:
    """'town/region/start of the postcode' separated by semicolons, the largest first."""
    rows = [tuple(part.strip().split("/")) for part in text.split(";")]
    return Weighted([(town, region, start) for town, region, start in rows],
                    [1 / (rank + 2) ** exponent for rank in range(len(rows))])  # fmt: skip


def home(chance: Chance, country: Country) -> Home:
    """A home somewhere in ``country``."""
    town, region, start = chance.weighted(country.towns)
    street, number = country.street(chance)
    postcode = start + chance.digits(max(0, country.postcode_length - len(start))) if country.postcode_length else ""
    return Home(
        country, street, number, town, region, postcode, country.calling + chance.pick("2345") + chance.digits(8)
    )


def mobile(chance: Chance, country: Country) -> str:
    """A mobile number."""
    return country.calling + chance.pick(country.mobiles) + chance.digits(country.mobile_digits)


def email(chance: Chance, given: str, family: str, born: date, country: Country) -> str:
    """A mailbox from the names in Latin letters."""
    first, last = (re.sub("[^a-z]", "", without_marks(part).lower()) for part in (given, family))
    name = chance.pick(
        [f"{first}.{last}", f"{first}{last}", f"{first[:1]}{last}", f"{last}.{first}", f"{first}_{last}"]
    )
    if chance.happens(0.65):
        name += chance.pick([str(born.year), str(born.year)[2:], str(chance.between(1, 999))])
    return f"{name.strip('._')}@{chance.pick(country.mails)}"


def somebody(chance: Chance, name: N, latin: tuple[str, str], gender: str, at: Home, born: tuple[int, int]) -> Who[N]:
    """Somebody of this name who lives ``at``; ``latin``: given and family name for the mailbox. Customers are of age."""
    day = birthday(chance, min(born[0], 2000), min(born[1], 2007))
    return Who(name, gender, day, at, mobile(chance, at.country), email(chance, *latin, day, at.country))


def sharing(chance: Chance, together: list[Who[N]]) -> list[Who[N]]:
    """A household in which some use the phone or the mailbox of the first, and of which the last two may be twins."""
    first = together[0]
    if len(together) > 3 and chance.happens(0.08):
        together = [*together[:-1], replace(together[-1], birth_date=together[-2].birth_date)]
    result = [first]
    for who in together[1:]:
        if chance.happens(0.1):
            who = replace(who, mobile=first.mobile)
        if chance.happens(0.1):
            who = replace(who, email=first.email)
        result.append(who)
    return result


def records(
    chance: Chance,
    size: int,
    household: Callable[[Chance], list[Who[N]]],
    spell: Callable[[Chance, Who[N], str, Row], Row],
    sources: Mapping[str, Mapping[str, float]],
) -> list[Row]:
    """About ``size`` records: of every member of a ``household`` one to five, each in one of the ``sources``.

    ``spell`` writes the name, and whatever of the other columns it gets a system writes in its own way; ``sources``: the
    share of values by column, 'address' for all parts of an address together.
    """
    rows: list[Row] = []
    number = 0
    while len(rows) < size:
        for who in sharing(chance, household(chance)):
            for _ in range(copies(chance)):
                source = chance.pick(list(sources))
                row = _details(chance, who)
                row |= {**spell(chance, who, source, row), "source": source, "entity": str(number)}
                _forget(chance, row, sources[source])
                rows.append(row)
            number += 1
    return finished(chance, rows)


def _details(chance: Chance, who: Who) -> Row:
    """What is known beside the name: as it is, as it was before, or with an error."""
    at = home(chance, who.home.country) if chance.happens(0.06) else who.home
    phone = who.mobile if chance.happens(0.85) else who.home.phone
    if chance.happens(0.06):
        phone = mobile(chance, who.home.country)
    elif chance.happens(0.03):
        phone = misdialled(chance, phone)
    mailbox, _, provider = who.email.partition("@")
    way = chance.uniform()
    if way < 0.03:
        mailbox = misspelled(chance, mailbox)
    elif way < 0.10:
        provider = chance.pick(who.home.country.mails)
    return {
        "gender": who.gender,
        "birth_date": misdated(chance, who.birth_date) if chance.happens(0.04) else who.birth_date,
        "email": f"{mailbox}@{provider}",
        "phone": phone,
        "street": misspelled(chance, at.street) if chance.happens(0.04) else at.street,
        "house_number": at.house_number or None,
        "city": at.city,
        "region": at.region,
        "postcode": at.postcode or None,
        "country": at.country.code,
    }


_TELLING = ("phone", "email", "birth_date", "street")


def _forget(chance: Chance, row: Row, shares: Mapping[str, float]) -> None:
    """Drop values by the ``shares`` of the source, but leave at least two by which somebody can be recognised."""
    before = dict(row)
    if not chance.happens(shares.get("address", 1.0)):
        row |= dict.fromkeys(("street", "house_number", "district", "city", "region", "postcode", "address_full"))
    drop(chance, row, {column: share for column, share in shares.items() if column != "address"})
    known = [column for column in _TELLING if row.get(column)]
    for column in chance.shuffled([c for c in _TELLING[:3] if not row.get(c)])[: max(0, 2 - len(known))]:
        row[column] = before[column]
