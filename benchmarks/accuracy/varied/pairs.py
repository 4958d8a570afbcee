"""Two sources without duplicates of their own, most records of one with exactly one partner in the other.

Belongs here: this set. Does not belong here: the people in it (``western``).
"""

from __future__ import annotations

from benchmarks.accuracy.varied.damage import drop, misdialled, misspelled
from benchmarks.accuracy.varied.shape import Row, finished, named
from benchmarks.accuracy.varied.western import Person, home, mobile, nicknames, people, shortened
from sample_data.chance import Chance


def pairs(seed: int, size: int) -> list[Row]:
    """``size`` / 2 records in either source: name, street, town, postcode, phone; 80% have one partner in the other.

    Realistic: a shop and a utility that compare their customers. Trap: the 20% without a partner often have their
    spouse, parent or twin in the other source, at the same address with the same landline. Nobody is twice in a source.
    """
    chance = Chance("pairs", seed)
    each = size // 2
    both = each * 8 // 10
    persons = people(chance, 2 * each - both)
    order = chance.shuffled(range(len(persons)))
    rows: list[Row] = []
    for place, number in enumerate(order):
        if place < each:
            rows.append(_in_shop(chance, persons[number], str(number)))
        if place < both or place >= each:
            rows.append(_in_utility(chance, persons[number], str(number)))
    return finished(chance, rows)


def _in_shop(chance: Chance, who: Person, entity: str) -> Row:
    given = who.given
    if chance.happens(0.05) and given in nicknames():
        given = chance.pick(nicknames()[given])
    row = _row(chance, who, entity, given, who.mobile if chance.happens(0.7) else who.home.phone)
    drop(chance, row, {"phone": 0.85})
    return {**row, "source": "shop:customers"}


def _in_utility(chance: Chance, who: Person, entity: str) -> Row:
    given = f"{who.given} {who.middle[0]}" if chance.happens(0.2) else who.given
    if chance.happens(0.05):
        given = f"{who.given[0]}"
    row = _row(chance, who, entity, given, who.home.phone if chance.happens(0.5) else who.mobile)
    if isinstance(street := row["street"], str) and chance.happens(0.5):
        row["street"] = shortened(street)
    drop(chance, row, {"phone": 0.6})
    return {**row, "source": "utility:accounts"}


def _row(chance: Chance, who: Person, entity: str, given: str, phone: str) -> Row:
    at = home(chance) if chance.happens(0.04) else who.home  # moved
    family = who.maiden if chance.happens(0.01) else who.family
    suffix = f" {who.suffix}" if who.suffix and chance.happens(0.6) else ""
    street, number = at.street, at.house_number
    way = chance.uniform()
    if way < 0.04:
        family = misspelled(chance, family)
    elif way < 0.07:
        given = misspelled(chance, given)
    elif way < 0.10:
        street = misspelled(chance, street)
    elif way < 0.12:
        phone = misdialled(chance, phone) if chance.happens(0.5) else mobile(chance, who.home)
    return {
        **named(given=given, family=family + suffix), "street": street, "house_number": number, "city": at.city,
        "postcode": at.postcode, "phone": phone, "entity": entity,
    }  # fmt: skip
