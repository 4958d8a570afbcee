"""The call centre in Shanghai: calls in and out, with the caller as the telephone shows and the agent notes them.

The number is the telephone's and has no slips; the name is what the agent caught, mostly no more than a family name.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person, Phone
from sample_data.records import Form, Record, Recorder
from sample_data.systems import Block

CALLERS = "call_centre:callers"
FILES = ("call_centre/calls_*.csv",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {CALLERS: lambda number: f"K{number:06d}"}

_CALLS_AGAIN = 0.71
_MOST_CALLS = 9
_OUTGOING = 0.22
_LOCAL_TIME = timedelta(hours=8)
_REASONS: Weighted[str] = Weighted(
    ("order status", "complaint", "return", "product question", "change of address", "投诉", "查询订单"),
    (26, 15, 14, 20, 7, 6, 12),
)
_OUTGOING_REASONS: Weighted[str] = Weighted(
    ("callback", "delivery appointment", "satisfaction call", "回访"), (40, 25, 20, 15)
)
_OUTCOMES: Weighted[str] = Weighted(("resolved", "callback promised", "passed on", "hung up"), (68, 14, 12, 6))
_OUTGOING_OUTCOMES: Weighted[str] = Weighted(("reached", "no answer", "voicemail"), (62, 26, 12))
_ABOUT_ORDERS = ("order status", "complaint", "return", "投诉", "查询订单", "delivery appointment")
_TITLES = (
    "call_id",
    "direction",
    "caller_id",
    "caller_name",
    "phone_number",
    "agent",
    "started_at",
    "duration_seconds",
    "reason",
    "outcome",
    "order_reference",
)


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """The callers, with a number and often a name."""
    del organisations
    chance, rates = recorder.chance, recorder.rates
    as_noted = replace(rates, family_name_only=rates.caller_family_name_only)
    noted = Recorder(recorder.reference, as_noted, chance, recorder.end)
    records = []
    for person in persons:
        if not chance.happens(rates.in_call_centre):
            continue
        start = person.buyer.first_order if person.buyer else datetime(2010, 12, 1)
        created = _in_opening_hours(chance.moment(start, recorder.end), chance, recorder.end)
        is_withheld = chance.happens(rates.caller_withheld)
        form = Form(name=1.0 if is_withheld else rates.caller_named)
        record = noted.person_record(CALLERS, person, created, form)
        record.updated = max(record.created, _in_opening_hours(record.updated, chance, recorder.end))
        record.values["phone"] = "" if is_withheld else _shown_number(record, person, recorder)
        records.append(record)
    return records


def _shown_number(record: Record, person: Person, recorder: Recorder) -> str:
    """The number that the exchange shows: a Chinese one as dialled at home, any other with 00."""
    chance = recorder.chance
    if chance.happens(recorder.rates.caller_landline):
        return _dialled(person.landline)
    phone = person.mobile.at(record.updated)
    if phone != person.mobile.now:
        record.changes.append("former_phone")
    others = [member for member in person.household.members if member is not person]
    if others and chance.happens(recorder.rates.shared_phone):
        record.changes.append("shared_phone")
        phone = chance.pick(others).mobile.now
    return _dialled(phone)


def _dialled(phone: Phone) -> str:
    if phone.calling_code != "86":
        return f"00{phone.calling_code}{phone.national}"
    return f"0{phone.national}" if phone.subscriber_digits else phone.national


def _in_opening_hours(moment: datetime, chance: Chance, end: datetime) -> datetime:
    """A time of the same day, or of the one before the end, from 9 to 20 o'clock in Shanghai; in UTC."""
    day = min(moment, end - timedelta(days=1)).replace(hour=1, minute=0, second=0, microsecond=0)
    return day + timedelta(seconds=chance.between(0, 11 * 3600 - 1))


def write(block: Block) -> None:
    """One row per call, oldest first."""
    chance = block.chance("call_centre")
    callers = block.of(CALLERS)
    owners = [caller.owner for caller in callers if isinstance(caller.owner, Person)]
    buyers = {owner.buyer.number for owner in owners if owner.buyer}
    orders = block.book.orders_by_buyer(buyers)
    calls: list[tuple[datetime, dict[str, object]]] = []
    for caller in callers:
        buyer = caller.owner.buyer if isinstance(caller.owner, Person) else None
        calls += _calls_of(caller, orders.get(buyer.number, []) if buyer else [], chance, block.end)
    calls.sort(key=lambda call: (call[0], str(call[1]["caller_id"])))
    rows = [
        {
            **dict.fromkeys(_TITLES, ""),
            **row,
            "call_id": f"CALL{block.number('call_centre:calls'):07d}",
            "started_at": f"{started_at + _LOCAL_TIME:%Y-%m-%d %H:%M:%S}",
        }
        for started_at, row in calls
    ]
    broken_values = [("call_id", ""), ("started_at", "2011-02-30 10:00:00"), ("duration_seconds", "二分钟")]
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
    # The byte order mark is what the call centre's export writes for spreadsheets.
    values = [list(row.values()) for row in spoiled]
    block.deliveries.append_csv(f"call_centre/calls_{block.day}.csv", _TITLES, values, "utf-8-sig")
    block.count("call_centre.calls", len(rows), duplicates, broken)


def _calls_of(
    caller: Record, orders: list[tuple[str, datetime]], chance: Chance, end: datetime
) -> list[tuple[datetime, dict[str, object]]]:
    """The calls of one caller, oldest first; the newest has all that the record knows, an older one may lack the name."""
    count = 1
    while count < _MOST_CALLS and caller.updated > caller.created and chance.happens(_CALLS_AGAIN):
        count += 1
    moments = sorted(
        _in_opening_hours(chance.moment(caller.created, caller.updated), chance, end) for _ in range(count - 1)
    )
    moments = [min(max(moment, caller.created), caller.updated) for moment in moments]
    calls = []
    for number, started_at in enumerate([*moments, caller.updated]):
        is_newest = number == count - 1
        is_outgoing = bool(caller.values["phone"]) and chance.happens(_OUTGOING)
        reason = chance.weighted(_OUTGOING_REASONS if is_outgoing else _REASONS)
        outcome = chance.weighted(_OUTGOING_OUTCOMES if is_outgoing else _OUTCOMES)
        earlier = [order_id for order_id, ordered_at in orders if ordered_at <= started_at]
        about_order = bool(earlier) and reason in _ABOUT_ORDERS and chance.happens(0.7)
        name_is_known = is_newest or not caller.values["phone"] or chance.happens(0.7)
        row = {
            "direction": "out" if is_outgoing else "in",
            "caller_id": caller.source_id,
            "caller_name": caller.values["full_name"] if name_is_known else "",
            "phone_number": caller.values["phone"],
            "agent": f"A{chance.between(1, 14):02d}",
            "duration_seconds": 0 if outcome == "no answer" else 15 + int(chance.uniform() ** 2 * 900),
            "reason": reason,
            "outcome": outcome,
            "order_reference": earlier[-1] if about_order else "",
        }
        calls.append((started_at, row))
    return calls
