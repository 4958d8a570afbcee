"""The self-service form: what customers state about themselves, and what they agree to.

Who submits again states more than the first time; the newest submission holds. Each change of a consent is a row of
its own.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import Form, Record, Recorder
from sample_data.service import iso
from sample_data.systems import Block
from sample_data.tastes import tastes_of

PROFILES = "self_service:profiles"
FILES = ("self_service/profiles_*.jsonl", "self_service/consents_*.jsonl")
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {PROFILES: lambda number: f"SP{number:07d}"}

_OPENED = datetime(2010, 9, 1, 9)
"""The form went online."""
_FORM = Form(email=0.85, mobile=0.8, birth_date=0.7, gender=0.75, address=0.65, work_email=0.1)
_SUBMITS_AGAIN = 0.35
"""Of those who changed their record since they made it."""
_NO_PREFERENCES = 0.15
_LANGUAGES = {"zh": "zh-CN", "de": "de-DE", "fr": "fr-FR"}
_STORES = {
    "chinese": ("上海淮海路店", "北京王府井店", "广州天河店"),
    "western": ("伦敦卡纳比街店", "曼彻斯特店", "利兹店"),
}
_NEWSLETTER = Weighted(("weekly", "monthly", "never"), (30, 45, 25))
_TIMES = ("morning", "afternoon", "evening")

_ASKED = {"marketing": 0.6, "analytics": 0.4, "profiling": 0.35, "third_party": 0.25}
"""Share of the customers who answer the question for a purpose; of marketing by each channel."""
_GRANTED = {"marketing": 0.62, "analytics": 0.7, "profiling": 0.5, "third_party": 0.15}
_CHANGES_MIND = 0.15
"""Share of the consents that are given or taken back later; of those once more."""
_NEW_WORDING = datetime(2011, 6, 1)


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """One profile per person; an email or a phone is asked for."""
    del organisations
    chance, records = recorder.chance, []
    for person in persons:
        if chance.happens(recorder.rates.in_self_service):
            record = recorder.person_record(PROFILES, person, chance.moment(_OPENED, recorder.end), _FORM)
            record.values["channel"] = _contact_channel(record, person, chance)
            records.append(record)
    return records


def write(block: Block) -> None:
    """Submissions and consents, oldest first."""
    chance = block.chance("self_service")
    profiles = block.of(PROFILES)
    submissions = [row for record in profiles for row in _submissions(record, chance)]
    submissions.sort(key=lambda row: (row["submitted_at"], row["profile_id"]))
    broken_values = [("submitted_at", "2011-02-30T10:00:00Z"), ("profile_id", None), ("birth_date", "1985-13-01")]
    spoiled, duplicates, broken = spoil(submissions, broken_values, block.rates, chance)
    block.deliveries.append_json_lines(f"self_service/profiles_{block.day}.jsonl", spoiled)
    block.count("self_service.profiles", len(submissions), duplicates, broken)

    first = {}
    for row in submissions:
        first.setdefault(row["profile_id"], row["submitted_at"])
    consents = [
        row for record in profiles for row in _consents(record, _moment(first[record.source_id]), block.end, chance)
    ]
    consents.sort(key=lambda row: (row["given_at"], row["profile_id"], row["purpose"], row["channel"]))
    broken_values = [("granted", "maybe"), ("given_at", "2011-02-30T10:00:00Z"), ("profile_id", None)]
    spoiled, duplicates, broken = spoil(consents, broken_values, block.rates, chance)
    block.deliveries.append_json_lines(f"self_service/consents_{block.day}.jsonl", spoiled)
    block.count("self_service.consents", len(consents), duplicates, broken)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def _contact_channel(record: Record, person: Person, chance: Chance) -> str:
    values = record.values
    known = ["email"] * bool(values["email"]) + ["sms", "phone"] * bool(values["mobile"])
    return chance.pick([*known, "wechat", "wechat"] if person.population == "chinese" else known or ["post"])


def _submissions(record: Record, chance: Chance) -> list[dict[str, Any]]:
    """The newest submission, after an earlier one with less in it where the customer came back."""
    assert isinstance(record.owner, Person)
    newest = _submission(record, record.owner, record.updated, chance)
    if record.updated == record.created or not chance.happens(_SUBMITS_AGAIN):
        return [newest]
    earlier = newest | {"submitted_at": iso(record.created), "preferences": None}
    for name in ("birth_date", "gender", "street", "phone"):
        # Something to be reached by stays.
        if chance.happens(0.4) and (name != "phone" or earlier["email"]):
            earlier[name] = None
    return [earlier, newest]


def _submission(record: Record, person: Person, submitted_at: datetime, chance: Chance) -> dict[str, Any]:
    values = record.values
    preferences = {
        "topics": list(tastes_of(person).interests),
        "contact": {"channel": values["channel"], "time": chance.pick(_TIMES)},
        "newsletter": chance.weighted(_NEWSLETTER),
        "store": chance.pick(_STORES[person.population]),
    }
    return {
        "profile_id": record.source_id,
        "name": values["full_name"] or None,
        "phone": values["mobile"] or None,
        "email": values["email"] or None,
        "birth_date": values["birth_date"] or None,
        "gender": values["gender"] or None,
        "street": values["street"] or None,
        "district": values["district"] or None,
        "city": values["city"] or None,
        "region": values["region"] or None,
        "postcode": values["postcode"] or None,
        "country": values["country"] or None,
        "language": _LANGUAGES.get(person.country.language, "en-GB"),
        "preferences": None if chance.happens(_NO_PREFERENCES) else preferences,
        "submitted_at": iso(submitted_at),
    }


def _consents(record: Record, asked_at: datetime, end: datetime, chance: Chance) -> list[dict[str, Any]]:
    """What a customer said when first asked, and the changes of mind since."""
    values = record.values
    reachable = {
        "email": bool(values["email"]),
        "sms": bool(values["mobile"]),
        "phone": bool(values["mobile"]),
        "wechat": values["channel"] == "wechat",
        "post": bool(values["street"]),
    }
    rows = []
    for purpose, share in _ASKED.items():
        channels = (
            [name for name, known in reachable.items() if known] if purpose == "marketing" else [values["channel"]]
        )
        for channel in channels:
            if not chance.happens(share):
                continue
            granted, given_at = chance.happens(_GRANTED[purpose]), asked_at
            while given_at <= end:
                rows.append(
                    {
                        "profile_id": record.source_id,
                        "purpose": purpose,
                        "channel": channel,
                        "granted": granted,
                        "given_at": iso(given_at),
                        "wording_version": "2011-06" if given_at >= _NEW_WORDING else "2010-09",
                    }
                )
                if not chance.happens(_CHANGES_MIND):
                    break
                granted, given_at = not granted, given_at + timedelta(seconds=chance.between(3_600, 180 * 86_400))
    return rows
