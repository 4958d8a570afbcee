"""The truth as tables: which record is whose, and what a person's values really are.

Only evaluation reads these; the pipeline never does.
"""

import pyarrow as pa

from sample_data.people import Organisation, Person
from sample_data.records import Record, work_email
from sample_data.reference import Reference

TRUTH_SCHEMA = pa.schema(
    [
        (name, pa.string())
        for name in (
            "record_key",
            "entity_id",
            "party_type",
            "population",
            "household_id",
            "company_entity_id",
            "trap",
            "changes",
        )
    ]
)
VISIT_SCHEMA = pa.schema([("interaction_key", pa.string()), ("entity_id", pa.string())])
VALUES_SCHEMA = pa.schema(
    [
        ("entity_id", pa.string()),
        ("party_type", pa.string()),
        ("population", pa.string()),
        ("full_name", pa.string()),
        ("given_name", pa.string()),
        ("family_name", pa.string()),
        ("name_pinyin", pa.string()),
        ("birth_date", pa.date32()),
        ("gender", pa.string()),
        ("phone", pa.string()),
        ("email", pa.string()),
        ("work_email", pa.string()),
        ("street", pa.string()),
        ("house_number", pa.string()),
        ("unit", pa.string()),
        ("district", pa.string()),
        ("city", pa.string()),
        ("region", pa.string()),
        ("postcode", pa.string()),
        ("country", pa.string()),
        ("national_id", pa.string()),
        ("occupation", pa.string()),
        ("company_name", pa.string()),
        ("company_id", pa.string()),
    ]
)

# What happened to a record that makes it hard to find again, where the person as such is no trap.
_RECORD_TRAPS = {
    "former_family_name": "married_name",
    "moved": "moved",
    "entered_twice": "entered_twice",
}


def truth_table(records: list[Record]) -> pa.Table:
    """One row per source record: the entity it belongs to, and the trap it sets."""
    rows = []
    for record in sorted(records, key=lambda record: record.record_key):
        owner = record.owner
        is_person = isinstance(owner, Person)
        trap = owner.trap if is_person else None
        if trap is None:
            trap = next((name for change, name in _RECORD_TRAPS.items() if change in record.changes), None)
        rows.append(
            {
                "record_key": record.record_key,
                "entity_id": owner.entity_id,
                "party_type": "person" if is_person else "organization",
                "population": owner.population,
                "household_id": owner.household.household_id if is_person else None,
                "company_entity_id": owner.organisation.entity_id if is_person and owner.organisation else None,
                "trap": trap,
                "changes": ",".join(sorted(set(record.changes))) or None,
            }
        )
    return pa.Table.from_pylist(rows, TRUTH_SCHEMA)


def visits_table(visitors: list[tuple[str, Person | None]]) -> pa.Table:
    """One row per page view, given by its ``interaction_key``: the entity who made it, or nobody whom a system knows."""
    rows = [{"interaction_key": key, "entity_id": person.entity_id if person else None} for key, person in visitors]
    return pa.Table.from_pylist(rows, VISIT_SCHEMA)


def values_table(persons: list[Person], organisations: list[Organisation], reference: Reference) -> pa.Table:
    """One row per entity with its values as they are at the end of the data; phones in E.164."""
    rows = [_person(person, reference) for person in persons] + [_organisation(company) for company in organisations]
    return pa.Table.from_pylist(sorted(rows, key=lambda row: row["entity_id"]), VALUES_SCHEMA)


def _person(person: Person, reference: Reference) -> dict:
    chinese = person.population == "chinese"
    family, address = person.family.now, person.address.now
    pinyin = f"{reference.pinyin[family]} {''.join(person.given_pinyin(reference.pinyin))}" if chinese else None
    return {
        "entity_id": person.entity_id,
        "party_type": "person",
        "population": person.population,
        "full_name": family + person.given if chinese else f"{person.given} {family}",
        "given_name": person.given,
        "family_name": family,
        "name_pinyin": pinyin,
        "birth_date": person.birth_date,
        "gender": person.gender,
        "phone": person.mobile.now.e164,
        "email": person.email.now,
        "work_email": work_email(person, reference) if person.organisation else None,
        "street": address.street,
        "house_number": address.house_number,
        "unit": address.unit or None,
        "district": address.district or None,
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": address.country_code,
        "national_id": person.national_id or None,
        "occupation": person.occupation[0] if chinese else person.occupation[1],
        "company_name": person.organisation.name if person.organisation else None,
        "company_id": _company_id(person.organisation) if person.organisation else None,
    }


def _organisation(company: Organisation) -> dict:
    address = company.address
    return {
        "entity_id": company.entity_id,
        "party_type": "organization",
        "population": company.population,
        "phone": company.phone.e164,
        "street": address.street,
        "house_number": address.house_number,
        "unit": address.unit or None,
        "district": address.district or None,
        "city": address.city,
        "region": address.region,
        "postcode": address.postcode,
        "country": address.country_code,
        "company_name": company.name,
        "company_id": _company_id(company),
    }


def _company_id(company: Organisation) -> str | None:
    return company.credit_code or company.vat_number or None
