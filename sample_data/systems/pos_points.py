"""The points ledger of the loyalty programme at the POS (积分流水): what members earned, redeemed and let expire.

Belongs here: the programme's rules and its export. Does not belong here: members and till receipts.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from sample_data.chance import Chance
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import MEMBERS, Record, Recorder
from sample_data.systems import Block

FILES = ("pos/points_ledger_*.csv",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {}
TITLES = ["流水号", "会员号", "变动类型", "变动积分", "余额", "发生时间", "小票号", "备注"]

_START = datetime(2010, 12, 1)
"""The programme began; cards are older."""
_WELCOME = 100
"""Points for a new card; they expire when the member redeems nothing for so many days."""
_WELCOME_LASTS = timedelta(days=180)
_REDEEMS_AT_TICKET = 0.2
"""Chance at each ticket, given enough points."""
_REDEEMS_FROM, _REDEEMS_STEP, _REDEEMS_MOST = 300, 100, 2000

Ticket = tuple[str, datetime, Decimal]


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """None: the members are those of the POS."""
    del persons, organisations, recorder
    return []


def write(block: Block) -> None:
    """Append the block's entries, a file per month."""
    chance = block.chance("pos.points_ledger")
    tickets = _tickets(block)
    rows = []
    for member in block.of(MEMBERS):
        rows += _ledger(member, tickets.get(member.source_id, []), chance, block.end)
    rows.sort(key=lambda row: (row["发生时间"], row["会员号"]))  # the order of one member's entries stays
    for row in rows:
        row["流水号"] = f"JF{block.number('pos.points_ledger'):09d}"
    broken_values = [("发生时间", "2011-02-30 10:00:00"), ("流水号", ""), ("变动积分", "一百"), ("余额", "#REF!")]
    for month, of_month in groupby(rows, key=lambda row: row["发生时间"][:7].replace("-", "")):
        whole = list(of_month)
        spoiled, duplicates, broken = spoil(whole, broken_values, block.rates, chance)
        values = [list(row.values()) for row in spoiled]
        block.deliveries.append_csv(f"pos/points_ledger_{month}.csv", TITLES, values, "gb18030")
        block.count("pos.points_ledger", len(whole), duplicates, broken)


def _tickets(block: Block) -> dict[str, list[Ticket]]:
    """(小票号, time, amount) of each member's tickets, oldest first."""
    found: dict[str, list[Ticket]] = {}
    rows = block.book.connection.execute(
        """
        select customer, order_id, ordered_at, amount from orders
        where place = 'pos' and customer is not null and ordered_at >= ?
        order by ordered_at, order_no
        """,
        [_START],
    )
    while batch := rows.fetchmany(10_000):
        for customer, order_id, ordered_at, amount in batch:
            found.setdefault(customer, []).append((order_id, ordered_at, amount))
    return found


def _ledger(member: Record, tickets: list[Ticket], chance: Chance, end: datetime) -> list[dict[str, Any]]:
    """A member's entries, oldest first, without their numbers; a point for every whole pound of a ticket."""
    rows: list[dict[str, Any]] = []
    balance = 0

    def book(kind: str, points: int, moment: datetime, ticket: str = "", note: str = "") -> None:
        nonlocal balance
        balance += points
        row = ("", member.source_id, kind, str(points), str(balance), str(moment), ticket, note)
        rows.append(dict(zip(TITLES, row, strict=True)))

    expires = None
    if member.created >= _START:
        book("获得", _WELCOME, member.created, note="开卡赠送")
        expires = (member.created + _WELCOME_LASTS).replace(hour=0, minute=0, second=0)
    for number, moment, amount in tickets:
        if expires is not None and expires <= moment:
            book("过期", -_WELCOME, expires, note="开卡积分到期")
            expires = None
        if balance >= _REDEEMS_FROM and chance.happens(_REDEEMS_AT_TICKET):
            most = min(balance, _REDEEMS_MOST) // _REDEEMS_STEP
            book("兑换", -_REDEEMS_STEP * chance.between(1, most), moment, number, "积分抵现")
            expires = None
        if amount >= 1:
            book("获得", int(amount), moment, number)
    if expires is not None and expires <= end:
        book("过期", -_WELCOME, expires, note="开卡积分到期")
    return rows
