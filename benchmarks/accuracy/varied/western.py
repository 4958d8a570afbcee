"""Americans for the made-up sets: names by their frequency, households, homes, phones and mailboxes.

Belongs here: people who speak English, as they are. Does not belong here: records of them, damage.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from sample_data.chance import Chance, Weighted

REFERENCE = Path(__file__).parents[3] / "sample_data" / "reference"
_STREET_TYPES = {
    "Street": "St",
    "Avenue": "Ave",
    "Road": "Rd",
    "Drive": "Dr",
    "Lane": "Ln",
    "Court": "Ct",
    "Boulevard": "Blvd",
}
_TOWN_STARTS = (
    "Spring Green River Fair Oak Ash Cedar Clay Clin Frank Hunting Lake Maple Mil New Brook Pleasan Rich Rock Salem Wood Win "
    "Bloom Glen High Jackson Kings Lex Madison Marsh North Silver Stone Ever Har Arling"
).split()
_TOWN_ENDS = "field ville ton dale wood ford burg port view mont side ham land haven".split()
STATES = (
    "CA TX FL NY PA IL OH GA NC MI NJ VA WA AZ MA TN IN MO MD WI CO MN SC AL LA KY OR OK CT UT IA NV AR MS KS NM NE ID WV HI"
).split()
_MAIL = {
    "gmail.com": 45,
    "yahoo.com": 18,
    "hotmail.com": 12,
    "outlook.com": 9,
    "aol.com": 6,
    "icloud.com": 6,
    "comcast.net": 4,
}


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a file of the demo company's reference data."""
    with (REFERENCE / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ranked(values: Sequence[str], exponent: float = 1.0) -> Weighted[str]:
    """Values, the most frequent first, with the weights of Zipf's law."""
    return Weighted(values, [1 / (rank + 2) ** exponent for rank in range(len(values))])


@cache
def family_names() -> Weighted[str]:
    """12,000 family names by their share of the population."""
    rows = rows_of("western_family_names.csv")
    return Weighted([row["name"] for row in rows], [float(row["weight"]) for row in rows])


@cache
def given_names(gender: str) -> Weighted[str]:
    """Given names of ``gender`` by their share of the population."""
    rows = [row for row in rows_of("western_given_names.csv") if row["gender"] == gender]
    return Weighted([row["name"] for row in rows], [float(row["weight"]) for row in rows])


@cache
def nicknames() -> dict[str, list[str]]:
    """Nicknames of a given name."""
    result: dict[str, list[str]] = {}
    for row in rows_of("western_nicknames.csv"):
        result.setdefault(row["name"], []).append(row["nickname"])
    return result


@cache
def _towns() -> Weighted[tuple[str, str, str, str]]:
    """(town, state, first three digits of the ZIP code, area code), large ones first."""
    names = [start + end for end in _TOWN_ENDS for start in _TOWN_STARTS]
    order = Chance("towns").shuffled(range(len(names)))
    towns = [
        (names[i], STATES[i % len(STATES)], f"{100 + i * 7 % 899}", f"{2 + i % 8}{i * 3 % 9}{1 + i % 9}") for i in order
    ]
    return Weighted(towns, [1 / (rank + 8) for rank in range(len(towns))])


@dataclass(frozen=True)
class Home:
    """A place to live, with the phone that stands in it."""

    street: str
    house_number: str
    city: str
    region: str
    postcode: str
    phone: str


@dataclass(frozen=True)
class Person:
    """Somebody, as they are."""

    gender: str
    given: str
    middle: str
    family: str
    suffix: str
    birth_date: date
    home: Home
    mobile: str
    email: str
    maiden: str


def home(chance: Chance) -> Home:
    """A home somewhere."""
    town, state, zip_start, area = chance.weighted(_towns())
    return Home(
        street=street(chance),
        house_number=str(int(10 ** (1 + 2.6 * chance.uniform()))),
        city=town,
        region=state,
        postcode=zip_start + f"{chance.between(1, 40):02}",
        phone=f"+1{area}{chance.between(2, 9)}{chance.digits(6)}",
    )


def street(chance: Chance) -> str:
    """A street: numbered, or after a tree or a person."""
    if chance.happens(0.15):
        number = chance.between(2, 60)
        ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        return f"{number}{ending} {chance.pick(['Street', 'Avenue'])}"
    name = chance.weighted(_street_names()) if chance.happens(0.6) else chance.weighted(family_names())
    return f"{name} {chance.pick(list(_STREET_TYPES))}"


@cache
def _street_names() -> Weighted[str]:
    rows = [row for row in rows_of("western_streets.csv") if row["kind"] == "en_name"]
    return Weighted([row["name"] for row in rows], [float(row["weight"]) for row in rows])


def shortened(street_name: str) -> str:
    """'Oak Street' as 'Oak St'."""
    start, _, kind = street_name.rpartition(" ")
    return f"{start} {_STREET_TYPES.get(kind, kind)}"


def mobile(chance: Chance, near: Home) -> str:
    """A mobile number, mostly with the area code of the home."""
    area = near.phone[2:5] if chance.happens(0.8) else f"{chance.between(2, 9)}{chance.digits(2)}"
    return f"+1{area}{chance.between(2, 9)}{chance.digits(6)}"


def email(chance: Chance, given: str, family: str, born: date) -> str:
    """A mailbox as people choose them."""
    first, last = (("".join(c for c in part.lower() if c.isalnum())) for part in (given, family))
    name = chance.pick(
        [f"{first}.{last}", f"{first}{last}", f"{first[:1]}{last}", f"{first}_{last}", f"{last}.{first}"]
    )
    if chance.happens(0.6):
        name += chance.pick([str(born.year), str(born.year)[2:], str(chance.between(1, 999))])
    return f"{name}@{chance.weighted(Weighted(list(_MAIL), list(_MAIL.values())))}"


def birthday(chance: Chance, first: int, last: int) -> date:
    """A day in the years from ``first`` to ``last``."""
    start = date(first, 1, 1)
    return start + timedelta(days=chance.between(0, (date(last, 12, 31) - start).days))


def person(
    chance: Chance, at: Home, family: str | None = None, born: tuple[int, int] = (1935, 2004), gender: str = ""
) -> Person:
    """Somebody who lives ``at``."""
    gender = gender or chance.pick(["female", "male"])
    given, middle = (chance.weighted(given_names(gender)) for _ in range(2))
    family, day = family or chance.weighted(family_names()), birthday(chance, *born)
    return Person(
        gender, given, middle, family, "", day, at, mobile(chance, at), email(chance, given, family, day),
        chance.weighted(family_names()) if gender == "female" else family,
    )  # fmt: skip


def household(chance: Chance, twins: float = 0.05, namesakes: float = 0.04) -> list[Person]:
    """Who lives in one home: one person, a couple, or a family. Of the families, ``twins`` and ``namesakes`` are the shares
    with twins and with a father and a son of one name.
    """
    at = home(chance)
    kind = chance.uniform()
    if kind < 0.4:
        return [person(chance, at)]
    father = person(chance, at, born=(1940, 1980), gender="male")
    year = father.birth_date.year
    mother = person(
        chance, at, family=father.family if chance.happens(0.75) else None, born=(year - 5, year + 6), gender="female"
    )
    if kind < 0.65:
        return [father, mother]
    children = [
        person(chance, at, family=father.family, born=(year + 22, year + 34)) for _ in range(chance.between(1, 3))
    ]
    if chance.happens(namesakes):
        son = person(chance, at, family=father.family, born=(year + 22, year + 34), gender="male")
        father = replace(father, suffix="Sr")
        children[0] = replace(son, given=father.given, middle=father.middle, suffix="Jr")
    if chance.happens(twins):
        twin = person(chance, at, family=father.family)
        children.append(replace(twin, birth_date=children[0].birth_date))
    return [father, mother, *children]


def people(chance: Chance, count: int) -> list[Person]:
    """``count`` people, household by household."""
    result: list[Person] = []
    while len(result) < count:
        result += household(chance)
    return result[:count]
