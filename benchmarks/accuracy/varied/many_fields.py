"""People of whom nearly everything is known, among values that many share.

Belongs here: this set. Does not belong here: the people in it (``western``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.accuracy.varied.damage import drop, misdated, misdialled, misspelled
from benchmarks.accuracy.varied.shape import Row, copies, finished, named
from benchmarks.accuracy.varied.western import (
    Home,
    Person,
    family_names,
    home,
    household,
    mobile,
    nicknames,
    person,
    rows_of,
    shortened,
)
from sample_data.chance import Chance, Weighted

_COLLEAGUES = 30
_STUDENTS = 500
_KNOWN = {
    "birth_date": 0.93, "gender": 0.95, "email": 0.95, "phone": 0.96, "phone_alt": 0.7, "national_id": 0.85, "occupation": 0.9,
    "company_name": 0.85, "external_id": 0.8, "region": 0.95, "postcode": 0.95,
}  # fmt: skip


@dataclass(frozen=True)
class _Office:
    company: str
    phone: str


@dataclass(frozen=True)
class _Known:
    who: Person
    office: _Office | None
    occupation: str
    national_id: str
    member: str


def many_fields(seed: int, size: int) -> list[Row]:
    """Records with nearly every column filled and little damage: a tenth of them with one error.

    Realistic: a bank's customers after years of care. Trap: values that look telling and are not: the mailbox of a family,
    the office phone of 30 colleagues as second phone, one dormitory address for 500 students who share ages and many
    names, twins, father and son of one name and mailbox.
    """
    chance = Chance("many_fields", seed)
    occupations = rows_of("occupations.csv")
    jobs = Weighted([row["english"] for row in occupations], [float(row["weight"]) for row in occupations])
    office, dormitory = _office(chance), replace(home(chance), street="University Avenue", house_number="1")
    students = min(_STUDENTS, size // 20)
    rows: list[Row] = []
    waiting: list[Person] = [person(chance, dormitory, born=(2001, 2006)) for _ in range(students)]
    number = 0
    while len(rows) < size:
        if not waiting:
            waiting = _one_mailbox(chance, household(chance))
        if number % _COLLEAGUES == 0:
            office = _office(chance)
        who = waiting.pop()
        student = number < students
        known = _Known(
            who=who,
            office=office if chance.happens(0.9) and not student else None,
            occupation="Student" if student else chance.weighted(jobs),
            national_id=f"{chance.between(1, 665):03}{chance.between(1, 99):02}{chance.between(1, 9999):04}",
            member=f"M{chance.digits(8)}",
        )
        rows += [{**_record(chance, known), "entity": str(number)} for _ in range(copies(chance))]
        number += 1
    return finished(chance, rows)


def _office(chance: Chance) -> _Office:
    name = f"{chance.weighted(family_names())} {chance.pick(['& Sons', 'Group', 'Industries', 'Partners', 'Logistics', 'Medical'])}"
    return _Office(f"{name} {chance.pick(['Inc', 'LLC', 'Corp'])}", home(chance).phone)


def _one_mailbox(chance: Chance, together: list[Person]) -> list[Person]:
    """A fifth of the families share one mailbox."""
    if len(together) > 1 and chance.happens(0.2):
        mailbox = f"{together[0].family.lower()}.family{chance.between(1, 99)}@gmail.com"
        return [replace(who, email=mailbox) for who in together]
    return together


def _record(chance: Chance, known: _Known) -> Row:
    who = known.who
    at: Home = home(chance) if chance.happens(0.04) else who.home
    given = chance.pick([who.given, who.given, f"{who.given} {who.middle}", f"{who.given} {who.middle[0]}"])
    if chance.happens(0.04) and who.given in nicknames():
        given = chance.pick(nicknames()[who.given])
    family = who.maiden if chance.happens(0.01) else who.family
    suffix = f" {who.suffix}" if who.suffix and chance.happens(0.8) else ""
    second = known.office.phone if known.office and chance.happens(0.7) else who.home.phone
    row: Row = {
        **named(given=given, family=family + suffix),
        "birth_date": who.birth_date, "gender": who.gender, "email": who.email, "phone": who.mobile, "phone_alt": second,
        "national_id": known.national_id, "street": shortened(at.street) if chance.happens(0.2) else at.street,
        "house_number": at.house_number, "city": at.city, "region": at.region, "postcode": at.postcode, "country": "US",
        "address_full": f"{at.house_number} {at.street}, {at.city}, {at.region} {at.postcode}",
        "company_name": known.office.company if known.office else None, "occupation": known.occupation,
        "external_id": known.member, "source": chance.pick(["core:customers", "cards:holders", "loans:borrowers"]),
    }  # fmt: skip
    if chance.happens(0.1):
        _err(chance, row, known)
    drop(chance, row, _KNOWN)
    return row


def _err(chance: Chance, row: Row, known: _Known) -> None:
    way = chance.uniform()
    if way < 0.2:
        row["birth_date"] = misdated(chance, known.who.birth_date)
    elif way < 0.35:
        row["phone"] = mobile(chance, known.who.home) if chance.happens(0.6) else misdialled(chance, known.who.mobile)
    elif way < 0.5:
        row["national_id"] = misdialled(chance, known.national_id)
    elif way < 0.7:
        row |= named(given=misspelled(chance, known.who.given), family=known.who.family)
    elif way < 0.9:
        row |= named(given=known.who.given, family=misspelled(chance, known.who.family))
    else:
        row |= named(given=known.who.family, family=known.who.given)
