"""Tickets of the service desk: what a requester wrote about, when it was answered, how satisfied they were."""

from datetime import datetime, timedelta
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.people import Person
from sample_data.records import Record
from sample_data.reference import Reference

_CATEGORIES = Weighted(("question", "complaint", "return", "suggestion"), (45, 25, 20, 10))
_CHANNELS = Weighted(("email", "phone", "chat", "web"), (45, 25, 20, 10))
_SATISFACTION = {
    "complaint": Weighted((1, 2, 3, 4, 5), (25, 25, 22, 18, 10)),
    "return": Weighted((1, 2, 3, 4, 5), (10, 15, 25, 30, 20)),
    "question": Weighted((1, 2, 3, 4, 5), (3, 5, 17, 40, 35)),
    "suggestion": Weighted((1, 2, 3, 4, 5), (2, 4, 19, 40, 35)),
}
_LANGUAGES = {"zh", "de", "fr"}


def tickets_of(
    record: Record,
    orders: list[tuple[str, datetime]],
    reference: Reference,
    chance: Chance,
    end: datetime,
) -> list[dict[str, Any]]:
    """One to five tickets of a requester, oldest first, still without ``ticket_id``.

    The newest carries all the record's contact values; an older one may lack the phone or the mailbox.

    Args:
        record: The requester's sign-up.
        orders: (order_id, time) of the person's orders, which a ticket may be about.
        reference: Subjects by language and category.
        chance: Source of randomness.
        end: Nothing happens later.
    """
    person = record.owner
    assert isinstance(person, Person)
    count = 1
    while count < 5 and chance.happens(0.35):
        count += 1
    earlier = (chance.moment(record.created, record.updated) for _ in range(count - 1))
    moments = [*sorted(earlier), record.updated]
    tickets = []
    for number, created in enumerate(moments):
        email, phone = record.values["email"], record.values["phone"]
        if number < count - 1 and email and phone and chance.happens(0.3):
            email, phone = chance.pick((("", phone), (email, "")))
        tickets.append(_ticket(record, person, email, phone, created, orders, reference, chance, end))
    return tickets


def _ticket(
    record: Record,
    person: Person,
    email: str,
    phone: str,
    created: datetime,
    orders: list[tuple[str, datetime]],
    reference: Reference,
    chance: Chance,
    end: datetime,
) -> dict[str, Any]:
    category = chance.weighted(_CATEGORIES)
    language = person.country.language if person.country.language in _LANGUAGES else "en"
    earlier = [order_id for order_id, ordered_at in orders if ordered_at <= created]
    about_order = bool(earlier) and category != "suggestion" and chance.happens(0.6)
    replied = created + timedelta(minutes=chance.between(5, 1800))
    resolved = replied + timedelta(minutes=chance.between(0, 8000))
    is_resolved = resolved < end and chance.happens(0.93)
    is_replied = replied < end
    satisfaction = chance.weighted(_SATISFACTION[category]) if is_resolved and chance.happens(0.5) else None
    return {
        "ticket_id": "",
        "requester_id": record.source_id,
        "requester_name": record.values["full_name"] or None,
        "requester_email": email or None,
        "requester_phone": phone or None,
        "requester_company": record.values["company"] or None,
        "language": language,
        "channel": chance.weighted(_CHANNELS),
        "category": category,
        "subject": chance.pick(reference.subjects[language, category]),
        "priority": "high" if category == "complaint" and chance.happens(0.5) else chance.pick(("normal", "low")),
        "status": chance.pick(("solved", "closed")) if is_resolved else "pending" if is_replied else "open",
        "created_at": iso(created),
        "first_reply_at": iso(replied) if is_replied else None,
        "resolved_at": iso(resolved) if is_resolved else None,
        "updated_at": iso(resolved if is_resolved else replied if is_replied else created),
        "satisfaction": satisfaction,
        "order_id": earlier[-1] if about_order else None,
    }


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, to the second."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
