"""A few customers with very many records among many customers with one.

Belongs here: this set. Does not belong here: the people in it (``western``).
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.accuracy.varied.damage import drop, misdialled, misspelled
from benchmarks.accuracy.varied.shape import Row, finished, named
from benchmarks.accuracy.varied.western import Home, Person, email, home, household, mobile, nicknames, shortened
from sample_data.chance import Chance


@dataclass(frozen=True)
class _Habits:
    """What one customer types over the years: a few ways of writing the name, addresses, phones, mailboxes."""

    names: list[tuple[str, str]]
    homes: list[Home]
    phones: list[str]
    emails: list[str]


def big_clusters(seed: int, size: int) -> list[Row]:
    """Of ``size`` = 25,000 records, 300 customers have 40 to 60 each and 10,000 have one.

    Realistic: loyal customers order as guests, every order a new record, over years in which they move and change phone
    and mailbox. Trap: whatever limits the size of a customer cuts them; among those with one record are their spouses and
    children (same home, same landline, sometimes their mailbox) and neighbours, who must not be drawn in.
    """
    chance = Chance("big_clusters", seed)
    loyal, single = size * 300 // 25_000, size * 10_000 // 25_000
    rows: list[Row] = []
    alone: list[Person] = []
    for number in range(loyal):
        together = household(chance)
        who = together[0]
        habits = _habits(chance, who)
        rows += [_order(chance, who, habits, f"loyal {number}") for _ in range(chance.between(40, 60))]
        alone += together[1:]
    while len(alone) < single:
        alone += household(chance)
    for number, who in enumerate(alone[:single]):
        habits = _Habits([(who.given, who.family)], [who.home], [who.mobile, who.home.phone], [who.email])
        rows.append(_order(chance, who, habits, f"single {number}"))
    return finished(chance, rows)


def _habits(chance: Chance, who: Person) -> _Habits:
    names = [(who.given, who.family)] * 3 + [(who.given[0], who.family), (f"{who.given} {who.middle[0]}", who.family)]
    names += [(nick, who.family) for nick in nicknames().get(who.given, [])[:2]]
    if who.gender == "female" and chance.happens(0.3):
        names += [(who.given, who.maiden)] * 2
    emails = [who.email, email(chance, who.given, who.family, who.birth_date)][: chance.between(1, 2)]
    return _Habits(
        names=names,
        homes=[who.home, *(home(chance) for _ in range(chance.between(0, 2)))],
        phones=[who.mobile, who.home.phone, *(mobile(chance, who.home) for _ in range(chance.between(0, 1)))],
        emails=emails,
    )


def _order(chance: Chance, who: Person, habits: _Habits, entity: str) -> Row:
    given, family = chance.pick(habits.names)
    if chance.happens(0.04):
        given = misspelled(chance, given)
    if chance.happens(0.05):
        family = misspelled(chance, family)
    suffix = f" {who.suffix}" if who.suffix and chance.happens(0.6) else ""
    at, phone = chance.pick(habits.homes), chance.pick(habits.phones)
    row: Row = {
        **named(given=given, family=family + suffix),
        "email": chance.pick(habits.emails),
        "phone": misdialled(chance, phone) if chance.happens(0.02) else phone,
        "street": shortened(at.street) if chance.happens(0.4) else at.street,
        "house_number": at.house_number, "city": at.city, "region": at.region, "postcode": at.postcode, "country": "US",
        "source": chance.pick(["shop:guests", "shop:guests", "market:orders", "crm:contacts"]), "entity": entity,
    }  # fmt: skip
    address = 0.95 if row["source"] != "crm:contacts" else 0.5
    drop(chance, row, {"email": 0.4 if row["source"] == "market:orders" else 0.92, "phone": 0.65})
    if not chance.happens(address):
        row |= dict.fromkeys(("street", "house_number", "city", "region", "postcode"))
        row["email"] = row["email"] or chance.pick(habits.emails)
    return row
