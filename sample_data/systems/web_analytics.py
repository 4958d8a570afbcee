"""Web analytics: every page view of the shop, by device, and by account from the log-in on.

A visitor is a device at first. The account appears in the middle of a visit, when somebody logs in or signs up; later
visits may stay anonymous again. A few devices are used by two people of one household.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.marketing import SHOP, targets
from sample_data.people import Organisation, Person
from sample_data.records import CUSTOMERS, Record, Recorder
from sample_data.systems import Block
from sample_data.truth import visits_table

FILES = ("web_analytics/page_views_*.jsonl",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {}

_ORDERS_TRACKED = 0.35
"""Share of the shop's orders whose visit is in the data: elsewhere tracking was refused."""
_SIGN_UPS_TRACKED = 0.6
_STRANGERS = 0.5
"""Devices on which nobody ever logs in, as a share of the shop's accounts."""
_REMEMBERED = 0.35
"""Share of the visits in which the account is known from the first page on."""
_LOGS_IN = 0.25
_BROWSES_AGAIN = 0.52
_MOST_VISITS = 8
_TRACKING_SINCE = datetime(2010, 12, 1)

_DEVICES = Weighted(("desktop", "mobile", "tablet"), (70, 22, 8))
_CATEGORIES = ("christmas", "home", "kitchen", "garden", "toys", "bags", "stationery", "candles", "sale", "new")
_REFERRERS = {
    "CN": Weighted((None, "https://www.baidu.com/", "https://weibo.com/", "https://www.hao123.com/"), (45, 38, 12, 5)),
    "": Weighted(
        (None, "https://www.google.com/", "https://www.facebook.com/", "https://www.bing.com/"), (45, 38, 10, 7)
    ),
}
_OFFSETS = {"CN": 8, "DE": 1, "FR": 1, "BE": 1, "NL": 1, "ES": 1, "IT": 1, "CH": 1}
"""Hours by which the clocks of a country are ahead; devices tell their own time. All others tell UTC."""
_MEAN_DWELL = 45

Page = tuple[str, str]
_HOME: Page = ("home", "/")
_LOGIN: Page = ("login", "/login")
_ACCOUNT: Page = ("account", "/account")


@dataclass(frozen=True)
class _Device:
    anonymous_id: str
    kind: str
    country: str


@dataclass
class _Visit:
    """One session: its pages, of which the page number ``anchor`` is opened at ``at``."""

    device: _Device
    pages: list[Page]
    anchor: int
    at: datetime
    visitor: Person | None
    """Who it really is; None for a stranger. Only the truth says so."""
    account: Record | None = None
    known_from: int = 0
    """Number of the first page that knows the account."""
    campaign: str | None = None


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """None: who logs in is a customer of the shop."""
    del persons, organisations, recorder
    return []


def write(block: Block) -> None:
    """Append the block's page views, a file per month, oldest first."""
    chance = block.chance("web_analytics")
    views: list[tuple[datetime, dict[str, Any], Person | None]] = []
    for visit in sorted(_visits(block, chance), key=lambda visit: (visit.at, visit.device.anonymous_id)):
        session_id = f"S{block.number('web_analytics:sessions'):08d}"
        views += [(moment, row, visit.visitor) for moment, row in _views(visit, session_id, chance, block.end)]
    views.sort(key=lambda view: view[0])
    broken_values = [("event_id", None), ("occurred_at", "2011-02-30T25:61:00Z"), ("dwell_seconds", "NaN")]
    for month, of_month in groupby(views, key=lambda view: f"{view[0]:%Y%m}"):
        numbered = [(f"PV{block.number('web_analytics:page_views'):010d}", *view) for view in of_month]
        rows = [{"event_id": event_id, **row} for event_id, _, row, _ in numbered]
        spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
        block.deliveries.append_json_lines(f"web_analytics/page_views_{month}.jsonl", spoiled)
        block.count("web_analytics.page_views", len(rows), duplicates, broken)
        visitors = [(f"web_analytics:page_views:{event_id}", visitor) for event_id, _, _, visitor in numbered]
        block.truths.append_parquet("visit_truth.parquet", visits_table(visitors))


def device_ids(block: Block) -> dict[str, str]:
    """The ``anonymous_id`` of every account's device, by account: the shop knows devices by the same names."""
    return {account: device.anonymous_id for account, device in _devices(block).items()}


# -- who visits ------------------------------------------------------------------------------------------------


def _visits(block: Block, chance: Chance) -> Iterator[_Visit]:
    accounts = block.of(CUSTOMERS)
    devices = _devices(block)
    bought = _tracked_orders(block)
    skus = [sku for (sku,) in block.book.connection.execute("select sku from product order by sku").fetchall()]
    for account in accounts:
        device = devices[account.source_id]
        for ordered_at, of_order in bought.get(account.source_id, []):
            if chance.happens(_ORDERS_TRACKED):
                yield _order_visit(account, device, ordered_at, of_order, chance)
        if account.created >= _TRACKING_SINCE and chance.happens(_SIGN_UPS_TRACKED):
            pages = [_HOME, *_browsing(skus, chance), ("sign_up", "/account/new"), _ACCOUNT]
            known_from = len(pages) - 1
            yield _Visit(device, pages, len(pages) - 1, account.created, _owner(account), account, known_from)
        for _ in range(_number_of_visits(chance)):
            at = chance.moment(_TRACKING_SINCE, block.end)
            known = account if account.created <= at else None
            yield _browsing_visit(_owner(account), known, device, at, skus, chance)
    for _ in range(round(_STRANGERS * len(accounts))):
        device = _device(chance.pick(("CN", "GB", "GB", "DE", "FR")), chance)
        for _ in range(min(3, 1 + _number_of_visits(chance) // 2)):
            yield _browsing_visit(None, None, device, chance.moment(_TRACKING_SINCE, block.end), skus, chance)
    yield from _campaign_visits(block, devices, skus, chance)


def _devices(block: Block) -> dict[str, _Device]:
    """The device of every account; a person has one, and some households have one for all. Each call gives the same."""
    chance = block.chance("web_analytics", "devices")
    of_person: dict[str, _Device] = {}
    of_household: dict[str, _Device | None] = {}
    devices = {}
    for account in block.of(CUSTOMERS):
        person = _owner(account)
        home = person.household.household_id
        if person.entity_id not in of_person:
            if home not in of_household and len(person.household.members) > 1:
                of_household[home] = (
                    _device(person.country.code, chance) if chance.happens(block.rates.shared_device) else None
                )
            of_person[person.entity_id] = of_household.get(home) or _device(person.country.code, chance)
        devices[account.source_id] = of_person[person.entity_id]
    return devices


def _owner(record: Record) -> Person:
    assert isinstance(record.owner, Person)
    return record.owner


def _device(country: str, chance: Chance) -> _Device:
    number = int(chance.uniform() * 2**52)
    return _Device(f"{number:013x}-{chance.between(0, 0xFFFF):04x}", chance.weighted(_DEVICES), country)


def _tracked_orders(block: Block) -> dict[str, list[tuple[datetime, list[str]]]]:
    """Account -> (time, first articles) of its orders."""
    found: dict[str, list[tuple[datetime, list[str]]]] = {}
    rows = block.book.connection.execute(
        """
        select customer, ordered_at, list(sku order by line_no)[1:2]
        from orders join order_lines using (order_id)
        where order_id like 'SO%' group by order_id, customer, ordered_at order by customer, ordered_at, order_id
        """
    )
    while batch := rows.fetchmany(10_000):
        for account, ordered_at, skus in batch:
            found.setdefault(account, []).append((ordered_at, skus))
    return found


# -- what they do ----------------------------------------------------------------------------------------------


def _number_of_visits(chance: Chance) -> int:
    count = 0
    while count < _MOST_VISITS and chance.happens(_BROWSES_AGAIN):
        count += 1
    return count


def _browsing(skus: list[str], chance: Chance) -> list[Page]:
    pages: list[Page] = []
    for _ in range(chance.between(0, 2)):
        draw = chance.uniform()
        if draw < 0.55:
            pages.append(("product", f"/p/{chance.pick(skus)}"))
        elif draw < 0.9:
            pages.append(("category", f"/c/{chance.pick(_CATEGORIES)}"))
        else:
            pages.append(("search", "/search"))
    return pages


def _order_visit(account: Record, device: _Device, ordered_at: datetime, skus: list[str], chance: Chance) -> _Visit:
    """To the shop, to the first articles of the order, to the till: at the latest there they log in."""
    pages = [_HOME, *(("product", f"/p/{sku}") for sku in skus), ("cart", "/cart")]
    known_from = 0
    if not chance.happens(_REMEMBERED):
        pages.append(_LOGIN)
        known_from = len(pages)
    pages += [("checkout", "/checkout"), ("confirmation", "/checkout/thank-you")]
    return _Visit(device, pages, len(pages) - 1, ordered_at, _owner(account), account, known_from)


def _browsing_visit(
    visitor: Person | None,
    account: Record | None,
    device: _Device,
    at: datetime,
    skus: list[str],
    chance: Chance,
    landing: Page = _HOME,
) -> _Visit:
    """Some pages, known from the start, after a log-in, or anonymous to the end."""
    pages = [landing, *_browsing(skus, chance)]
    draw = chance.uniform()
    if account is None or draw >= _REMEMBERED + _LOGS_IN:
        return _Visit(device, pages, 0, at, visitor)
    if draw < _REMEMBERED:
        return _Visit(device, pages, 0, at, visitor, account)
    pages += [_LOGIN, _ACCOUNT]
    return _Visit(device, pages, 0, at, visitor, account, known_from=len(pages) - 1)


def _campaign_visits(block: Block, devices: dict[str, _Device], skus: list[str], chance: Chance) -> Iterator[_Visit]:
    """The visits of those who followed the link of a campaign's message, on the device of their account if they have one."""
    accounts: dict[str, Record] = {}
    for account in block.of(CUSTOMERS):
        accounts.setdefault(account.owner.entity_id, account)
    for target in targets(block):
        if target.visited_at is None:
            continue
        owner = _owner(target.record)
        account = accounts.get(owner.entity_id)
        device = devices[account.source_id] if account else _device(owner.country.code, chance)
        known = account if account and account.created <= target.visited_at else None
        landing = ("category", target.campaign.page)
        visit = _browsing_visit(owner, known, device, target.visited_at, skus, chance, landing)
        visit.campaign = target.campaign.campaign_id
        yield visit


def _views(visit: _Visit, session_id: str, chance: Chance, end: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """(time in UTC, row) of a visit's page views; nobody knows how long the last page was looked at."""
    device, account = visit.device, visit.account
    dwells = [2 + int(-math.log(1 - chance.uniform()) * _MEAN_DWELL) for _ in visit.pages]
    moment = visit.at - timedelta(seconds=sum(dwells[: visit.anchor]))
    ahead = _OFFSETS.get(device.country, 0)
    offset = f"+{ahead:02d}:00" if ahead else "Z"
    referrer = None if visit.campaign else chance.weighted(_REFERRERS["CN" if device.country == "CN" else ""])
    query = f"?utm_campaign={visit.campaign}" if visit.campaign else ""
    views = []
    for number, ((page_type, path), dwell) in enumerate(zip(visit.pages, dwells, strict=True)):
        is_known = account is not None and number >= visit.known_from and moment >= account.created
        if moment <= end:
            row = {
                "anonymous_id": device.anonymous_id,
                "user_id": account.source_id if account is not None and is_known else None,
                "session_id": session_id,
                "occurred_at": f"{(moment + timedelta(hours=ahead)).isoformat()}{offset}",
                "url": f"{SHOP}{path}{query}",
                "path": path,
                "page_type": page_type,
                "referrer": referrer,
                "campaign": visit.campaign,
                "device_type": device.kind,
                "dwell_seconds": dwell if number < len(visit.pages) - 1 else None,
            }
            views.append((moment, row))
        moment += timedelta(seconds=dwell)
        referrer, query = f"{SHOP}{path}", ""
    return views
