"""Profiles bought from a data vendor: cheap, incomplete, and wrong more often than anything a customer says.

Some are of people whom no system of the company knows. What the vendor says of a person's city, occupation, income,
interests and industry is that of somebody else at the rate ``bought_value_wrong``; the vendor's confidence hints at it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sample_data.chance import Chance
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import Form, Record, Recorder
from sample_data.reference import Reference
from sample_data.systems import Block
from sample_data.tastes import INCOME_BANDS, INTERESTS, label, tastes_of

PROFILES = "third_party:profiles"
FILES = ("third_party/profiles_*.csv",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {PROFILES: lambda number: f"DV-{700000 + number}"}
TITLES = [
    "vendor_id",
    "full_name",
    "phone",
    "email",
    "city",
    "income_band",
    "occupation",
    "interests",
    "industry",
    "confidence",
    "as_of",
]

_FIRST = datetime(2009, 3, 1)
"""Nothing the vendor has is older."""
_KNOWN_BY_PHONE = 0.6
"""Share of the profiles with a phone; the others have an email."""
_KNOWN = {"city": 0.8, "income_band": 0.85, "occupation": 0.6, "interests": 0.75, "industry": 0.4}
"""Share of the profiles in which the vendor states it at all."""


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """Profiles of some of the people, and of strangers."""
    del organisations
    chance, rates = recorder.chance, recorder.rates
    bought = [person for person in persons if chance.happens(rates.in_third_party)]
    return [_profile(person, recorder) for person in (*bought, *recorder.strangers)]


def write(block: Block) -> None:
    """One row per profile."""
    chance = block.chance("third_party")
    rows = [_row(record, chance) for record in block.of(PROFILES)]
    broken_values = [("as_of", "2011-02-30"), ("vendor_id", ""), ("confidence", "high")]
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
    values = [list(row.values()) for row in spoiled]
    block.deliveries.append_csv(f"third_party/profiles_{block.day}.csv", TITLES, values, "utf-8")
    block.count("third_party.profiles", len(rows), duplicates, broken)


def _profile(person: Person, recorder: Recorder) -> Record:
    chance = recorder.chance
    has_phone = chance.happens(_KNOWN_BY_PHONE)
    form = Form(name=0.96, mobile=float(has_phone), email=float(not has_phone))
    record = recorder.person_record(PROFILES, person, chance.moment(_FIRST, recorder.end), form)
    stated = _truth(person, recorder.reference, chance)
    for name in _KNOWN:
        if not chance.happens(_KNOWN[name]):
            stated[name] = ""
        elif chance.happens(recorder.rates.bought_value_wrong):
            stated[name] = _another(name, stated[name], person, recorder.reference, chance)
            record.changes.append(f"wrong_{name}")
    record.values |= stated
    return record


def _truth(person: Person, reference: Reference, chance: Chance) -> dict[str, str]:
    tastes = tastes_of(person)
    trade = chance.pick(reference.company_words["trade" if person.population == "chinese" else "west_trade"])
    return {
        "city": person.address.now.city,
        "income_band": label(INCOME_BANDS, tastes.income_band, person),
        "occupation": person.occupation[person.population == "western"],
        "interests": ";".join(label(INTERESTS, code, person) for code in tastes.interests),
        "industry": person.organisation.industry if person.organisation else trade,
    }


def _another(name: str, value: str, person: Person, reference: Reference, chance: Chance) -> str:
    """What holds for somebody else: never the value given."""
    is_chinese = person.population == "chinese"
    while True:
        if name == "city" and is_chinese:
            other = chance.weighted(reference.chinese_places).city
        elif name == "city":
            other = chance.weighted(reference.western_places["GB"]).town
        elif name == "income_band":
            other = label(INCOME_BANDS, chance.pick(list(INCOME_BANDS)), person)
        elif name == "occupation":
            other = chance.weighted(reference.occupations)[not is_chinese]
        elif name == "interests":
            other = ";".join(label(INTERESTS, code, person) for code in chance.shuffled(list(INTERESTS))[:2])
        else:
            other = chance.pick(reference.company_words["trade" if is_chinese else "west_trade"])
        if other != value:
            return other


def _row(record: Record, chance: Chance) -> dict[str, object]:
    values = record.values
    wrong = sum(change.startswith("wrong_") for change in record.changes)
    confidence = max(5, chance.between(60, 98) - 12 * wrong)
    row = (
        record.source_id,
        values["full_name"],
        values["mobile"],
        values["email"],
        values["city"],
        values["income_band"],
        values["occupation"],
        values["interests"],
        values["industry"],
        f"{confidence / 100:.2f}",
        str(record.updated.date()),
    )
    return dict(zip(TITLES, row, strict=True))
