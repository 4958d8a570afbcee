"""Sets with three columns only: a name with a birth date, and a name with a town and a phone.

Belongs here: these two sets. Does not belong here: the people in them (``western``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from benchmarks.accuracy.varied.damage import drop, misdated, misdialled, misspelled
from benchmarks.accuracy.varied.shape import Row, finished, named
from benchmarks.accuracy.varied.western import Person, family_names, home, mobile, nicknames, people
from sample_data.chance import Chance


def three_fields(seed: int, size: int) -> list[Row]:
    """Given name, family name, birth date; 40% of the records are copies, 25% of these damaged in one field, 6% in two.

    Realistic: a members' list typed in over years. Trap: there is nothing else to decide by. Twins share family name and
    birth date, father and son the name, sisters and brothers the family name, and namesakes are as frequent as in life.
    """
    chance = Chance("three_fields", seed)
    rows: list[Row] = []
    for entity, count, who in _with_copies(chance, size):
        for copy in range(count):
            row: Row = {"given_name": who.given, "family_name": who.family, "birth_date": who.birth_date}
            way = chance.uniform() if copy else 1.0
            if way < 0.06:
                for column in chance.shuffled(list(row))[:2]:
                    _damage_lightly(chance, row, column)
            elif way < 0.31:
                _damage(chance, row, who)
            rows.append({**row, "source": chance.pick(["club:members", "shop:accounts"]), "entity": str(entity)})
    return finished(chance, rows)


def _with_copies(chance: Chance, size: int) -> list[tuple[int, int, Person]]:
    """(entity, records, person), with 40% of ``size`` records being copies, at most four of a person."""
    persons = people(chance, size - size * 4 // 10)
    counts = [1] * len(persons)
    left = size - len(persons)
    while left:
        at = chance.between(0, len(persons) - 1)
        more = min(left, 5 - counts[at], 1 if chance.happens(0.7) else 2)
        counts[at] += more
        left -= more
    return [(n, counts[n], who) for n, who in enumerate(persons)]


def _damage_lightly(chance: Chance, row: Row, column: str) -> None:
    value = row[column]
    if isinstance(value, date):
        row[column] = misdated(chance, value)
    elif value:
        row[column] = misspelled(chance, value)


def _damage(chance: Chance, row: Row, who: Person) -> None:
    way = chance.uniform()
    if way < 0.15 and who.given in nicknames():
        row["given_name"] = chance.pick(nicknames()[who.given])
    elif way < 0.25:
        row["given_name"] = who.given[0]
    elif way < 0.29:
        row["given_name"] = f"{who.given} {who.middle}"
    elif way < 0.32:
        row["given_name"] = None
    elif way < 0.40 and who.gender == "female":
        row["family_name"] = chance.pick([who.maiden, f"{who.maiden}-{who.family}"])
    elif way < 0.43:
        row["given_name"], row["family_name"] = who.family, who.given
    elif way < 0.49:
        row["birth_date"] = None
    elif way < 0.52:
        row["birth_date"] = who.birth_date.replace(month=1, day=1)
    else:
        _damage_lightly(chance, row, chance.pick(list(row)))


def three_fields_no_birth(seed: int, size: int) -> list[Row]:
    """Name, town and phone, nothing more; a quarter of the records lack the phone or the town, by source.

    Realistic: callers and orders of a delivery service. Trap: the landline belongs to the household, so relatives share
    family name, town and phone; numbers change and people move, and then only a rare name can tell.
    """
    chance = Chance("three_fields_no_birth", seed)
    rows: list[Row] = []
    for entity, count, who in _with_copies(chance, size):
        uses_landline = chance.happens(0.35)
        for _ in range(count):
            now = replace(who, mobile=mobile(chance, who.home)) if chance.happens(0.06) else who
            city = home(chance).city if chance.happens(0.04) else who.home.city
            phone = who.home.phone if chance.happens(0.8 if uses_landline else 0.1) else now.mobile
            source = chance.pick(["phone:calls", "app:orders", "counter:orders"])
            row: Row = {**named(_called(chance, who, source)), "city": city, "phone": phone}
            if chance.happens(0.03):
                row["phone"] = misdialled(chance, phone)
            drop(chance, row, {"phone": 0.75 if source == "counter:orders" else 0.96,
                               "city": 0.7 if source == "phone:calls" else 0.97})  # fmt: skip
            rows.append({**row, "source": source, "entity": str(entity)})
    return finished(chance, rows)


def _called(chance: Chance, who: Person, source: str) -> str:
    given, family = who.given, who.family
    if chance.happens(0.12) and given in nicknames():
        given = chance.pick(nicknames()[given])
    elif source == "counter:orders" and chance.happens(0.08):
        given = given[0]
    elif chance.happens(0.06):
        given = misspelled(chance, given)
    if chance.happens(0.08):
        family = misspelled(chance, family)
    elif who.gender == "female" and chance.happens(0.03):
        family = chance.pick([who.maiden, chance.weighted(family_names())])
    middle = f" {who.middle[0]}." if source == "app:orders" and chance.happens(0.15) else ""
    suffix = f" {who.suffix}" if who.suffix and chance.happens(0.7) else ""
    return f"{given}{middle} {family}{suffix}"
