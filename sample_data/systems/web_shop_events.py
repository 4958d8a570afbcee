"""What the web shop delivers beside customers and orders: refunds, carts and reviews, as JSON lines.

Belongs here: those three dumps. Does not belong here: the orders they are about, which are in ``orders``.
"""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

import pyarrow as pa

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import CUSTOMERS, Record, Recorder
from sample_data.reference import FOLDER
from sample_data.service import iso
from sample_data.systems import Block
from sample_data.systems.web_analytics import device_ids

FILES = ("web_shop/refunds_*.jsonl", "web_shop/carts_*.jsonl", "web_shop/reviews_*.jsonl")
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {}

_REFUNDED = 0.022
"""Of the orders; a third of the small ones (up to ``_SMALL`` lines) is refunded whole."""
_REFUNDED_WHOLE, _SMALL = 0.35, 8
_BEFORE_THE_DATA = (("SO000481207", 12, "22423", "12.75"), ("SO000502214", 3, "85123A", "2.55"))
"""Refunds of orders that were never delivered: (order_id, line_no, sku, amount)."""
_REASONS = Weighted(("damaged", "wrong_item", "not_as_described", "late", "changed_mind"), (35, 20, 15, 10, 20))

_CONVERTED = 0.13
"""Of the orders, those whose cart is in the dump."""
_ABANDONED_BY_CUSTOMER, _ABANDONED_BY_VISITOR = 0.33, 0.25
"""Carts per shop account; those of visitors who never logged in have no customer."""
_FIRST_VISIT = datetime(2010, 12, 1, 8)

_REVIEWED = 0.18
"""Of the orders; one to three of their articles."""
_RATINGS = Weighted((5, 4, 3, 2, 1), (46, 27, 12, 7, 8))
_MOODS = {5: ("good",), 4: ("good", "good", "mixed"), 3: ("mixed",), 2: ("mixed", "bad"), 1: ("bad",)}
_WITHOUT_TEXT = 0.15


@dataclass(frozen=True)
class Order:
    """An order of the shop, as far as the three dumps need it."""

    order_id: str
    customer_id: str
    ordered_at: datetime
    is_chinese: bool


@dataclass(frozen=True)
class Line:
    """A line of an order; amounts in pounds."""

    line_no: int
    sku: str
    quantity: int
    unit_price: Decimal
    amount: Decimal


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """None: the customers are those of the shop."""
    del persons, organisations, recorder
    return []


def write(block: Block) -> None:
    """Append the block's refunds, carts and reviews."""
    orders = [
        Order(*row)
        for row in block.book.connection.execute(
            """
            select order_id, customer, ordered_at, is_chinese from orders where place = 'shop' order by order_no
            """
        ).fetchall()
    ]
    _write_refunds(block, orders)
    _write_carts(block, orders)
    _write_reviews(block, orders)


# -- refunds -------------------------------------------------------------------------------------------------------


def _write_refunds(block: Block, orders: Sequence[Order]) -> None:
    chance = block.chance("web_shop.refunds")
    refunded = [order for order in orders if chance.happens(_REFUNDED)]
    lines = _lines(block, refunded)
    rows: list[dict[str, Any]] = []
    for order in refunded:
        refunded_at = order.ordered_at + timedelta(days=chance.between(2, 35), minutes=chance.between(0, 500))
        if refunded_at <= block.end and order.order_id in lines:
            rows += _refunds(order, lines[order.order_id], refunded_at, chance)
    _note_refunded(block, "refunded_amount", rows)
    if block.first == 0:
        unknown = [
            _refund(order_id, line_no, sku, 1, Decimal(amount), _FIRST_VISIT + timedelta(days=line_no), chance)
            for order_id, line_no, sku, amount in _BEFORE_THE_DATA
        ]
        _note_refunded(block, "refunded_amount_of_unknown_orders", unknown)
        rows += unknown
    rows.sort(key=lambda row: (row["refunded_at"], row["order_id"], row["line_no"]))
    broken_values = [("refunded_at", "2011-02-30T10:00:00Z"), ("refund_id", None), ("amount", "N/A")]
    _write(block, "refunds", rows, "refund_id", "RF", broken_values)


def _refunds(order: Order, lines: Sequence[Line], refunded_at: datetime, chance: Chance) -> list[dict[str, Any]]:
    """All lines of an order whole, or one or two of them: whole, some of the pieces, or part of the price."""
    if len(lines) <= _SMALL and chance.happens(_REFUNDED_WHOLE):
        reason = chance.weighted(_REASONS)
        return [
            _refund(order.order_id, line.line_no, line.sku, line.quantity, line.amount, refunded_at, chance, reason)
            for line in lines
        ]
    rows = []
    for line in chance.shuffled(lines)[: chance.pick((1, 1, 2))]:
        quantity, amount, draw = line.quantity, line.amount, chance.uniform()
        if draw < 0.25 and quantity > 1:
            quantity = chance.between(1, quantity - 1)
            amount = _rounded(line.amount * quantity / line.quantity)
        elif draw < 0.4:
            amount = _rounded(line.amount * chance.between(2, 8) / 10)
        if amount > 0:
            rows.append(_refund(order.order_id, line.line_no, line.sku, quantity, amount, refunded_at, chance))
    return rows


def _refund(
    order_id: str,
    line_no: int,
    sku: str,
    quantity: int,
    amount: Decimal,
    refunded_at: datetime,
    chance: Chance,
    reason: str | None = None,
) -> dict[str, Any]:
    return {
        "refund_id": "",
        "order_id": order_id,
        "line_no": line_no,
        "sku": sku,
        "quantity": quantity,
        "amount": str(amount),
        "reason": reason or chance.weighted(_REASONS),
        "refunded_at": iso(refunded_at),
    }


def _note_refunded(block: Block, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    block.note_amount("web_shop.refunds", name, sum((Decimal(row["amount"]) for row in rows), Decimal(0)))


# -- carts ---------------------------------------------------------------------------------------------------------


def _write_carts(block: Block, orders: Sequence[Order]) -> None:
    chance = block.chance("web_shop.carts")
    ordered = [order for order in orders if chance.happens(_CONVERTED)]
    lines = _lines(block, ordered)
    devices = device_ids(block)
    rows = [
        _converted_cart(order, lines[order.order_id], devices[order.customer_id], chance)
        for order in ordered
        if order.order_id in lines
    ]
    articles = _articles(block)
    for record in block.of(CUSTOMERS):
        if chance.happens(_ABANDONED_BY_CUSTOMER):
            created = chance.moment(max(record.created, _FIRST_VISIT), block.end)
            device = devices[record.source_id]
            rows.append(_abandoned_cart(record.source_id, device, created, articles, chance, block.end))
        if chance.happens(_ABANDONED_BY_VISITOR):
            created, device = chance.moment(_FIRST_VISIT, block.end), f"{chance.digits(13)}-{chance.digits(4)}"
            rows.append(_abandoned_cart(None, device, created, articles, chance, block.end))
    rows.sort(key=lambda row: (row["created_at"], row["anonymous_id"]))
    broken_values = [("updated_at", "2011-02-30T10:00:00Z"), ("cart_id", None), ("value", "N/A")]
    _write(block, "carts", rows, "cart_id", "CT", broken_values)


def _converted_cart(order: Order, lines: Sequence[Line], device: str, chance: Chance) -> dict[str, Any]:
    created = order.ordered_at - timedelta(minutes=chance.between(2, 120))
    items = [(line.sku, line.quantity, line.unit_price) for line in lines]
    value = sum((line.amount for line in lines), Decimal(0))
    return _cart(order.customer_id, device, created, order.ordered_at, items, value, order.order_id)


def _abandoned_cart(
    customer_id: str | None,
    device: str,
    created: datetime,
    articles: Sequence[tuple[str, Decimal]],
    chance: Chance,
    end: datetime,
) -> dict[str, Any]:
    """One to eight different articles, mostly few."""
    chosen = {chance.pick(articles) for _ in range(1 + int(8 * chance.uniform() ** 2))}
    items = [(sku, chance.pick((1, 1, 2, 3, 6, 12)), price) for sku, price in sorted(chosen)]
    value = sum((_rounded(quantity * price) for _, quantity, price in items), Decimal(0))
    updated = min(created + timedelta(seconds=chance.between(20, 5400)), end)
    return _cart(customer_id, device, created, updated, items, value)


def _cart(
    customer_id: str | None,
    device: str,
    created: datetime,
    updated: datetime,
    items: Sequence[tuple[str, int, Decimal]],
    value: Decimal,
    order_id: str | None = None,
) -> dict[str, Any]:
    return {
        "cart_id": "",
        "customer_id": customer_id,
        "anonymous_id": device,
        "created_at": iso(created),
        "updated_at": iso(updated),
        "status": "converted" if order_id else "abandoned",
        "order_id": order_id,
        "currency": "GBP",
        "value": str(value),
        "items": [
            {"sku": sku, "quantity": quantity, "unit_price": str(unit_price)} for sku, quantity, unit_price in items
        ],
    }


def _articles(block: Block) -> list[tuple[str, Decimal]]:
    """(sku, usual price) of every article that costs something."""
    return block.book.connection.execute(
        """
        select sku, quantile_disc(unit_price, 0.5)::decimal(18, 2) as price from order_lines
        group by sku having price > 0 order by sku
        """
    ).fetchall()


# -- reviews -------------------------------------------------------------------------------------------------------


def _write_reviews(block: Block, orders: Sequence[Order]) -> None:
    chance = block.chance("web_shop.reviews")
    reviewed = [order for order in orders if chance.happens(_REVIEWED)]
    lines = _lines(block, reviewed)
    rows: list[dict[str, Any]] = []
    for order in reviewed:
        skus = sorted({line.sku for line in lines.get(order.order_id, [])})
        for sku in chance.shuffled(skus)[: chance.pick((1, 1, 2, 3))]:
            created = order.ordered_at + timedelta(days=chance.between(3, 40), minutes=chance.between(0, 700))
            if created <= block.end:
                rows.append(_review(order, sku, created, chance))
    rows.sort(key=lambda row: (row["created_at"], row["order_id"], row["sku"]))
    broken_values = [("created_at", "2011-02-30T10:00:00Z"), ("review_id", None), ("rating", "five")]
    _write(block, "reviews", rows, "review_id", "RV", broken_values)


def _review(order: Order, sku: str, created: datetime, chance: Chance) -> dict[str, Any]:
    rating = chance.weighted(_RATINGS)
    language = "zh" if order.is_chinese and chance.happens(0.85) else "en"
    title = text = None
    if not chance.happens(_WITHOUT_TEXT):
        mood = chance.pick(_MOODS[rating])
        title = chance.pick(_texts()[language, "title", mood])
        sentences = chance.shuffled(_texts()[language, "sentence", mood])[: chance.between(1, 3)]
        text = ("" if language == "zh" else " ").join(sentences)
    return {
        "review_id": "",
        "order_id": order.order_id,
        "customer_id": order.customer_id,
        "sku": sku,
        "rating": rating,
        "title": title,
        "text": text,
        "language": language,
        "created_at": iso(created),
    }


@cache
def _texts() -> dict[tuple[str, str, str], list[str]]:
    """Texts by language, part (title or sentence) and mood (good, mixed or bad)."""
    texts: dict[tuple[str, str, str], list[str]] = {}
    with (FOLDER / "review_texts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            texts.setdefault((row["language"], row["part"], row["mood"]), []).append(row["text"])
    return texts


# -- all -----------------------------------------------------------------------------------------------------------


def _lines(block: Block, orders: Iterable[Order]) -> dict[str, list[Line]]:
    """The lines of some orders that are delivered whole and cost something, by order."""
    wanted = pa.table({"order_id": pa.array([order.order_id for order in orders], pa.string())})
    connection = block.book.connection
    connection.register("wanted", wanted)
    rows = connection.execute(
        """
        select order_id, line_no, sku, quantity, unit_price, line_total from order_lines join wanted using (order_id)
        where fault is distinct from 'broken' and quantity > 0 and line_total > 0
        order by order_no, line_no
        """
    ).fetchall()
    connection.unregister("wanted")
    found: dict[str, list[Line]] = {}
    for order_id, *values in rows:
        found.setdefault(order_id, []).append(Line(*values))
    return found


def _write(
    block: Block,
    name: str,
    rows: Sequence[dict[str, Any]],
    key: str,
    prefix: str,
    broken_values: Sequence[tuple[str, object]],
) -> None:
    """Number the rows and append them, bad ones included; without rows there is no file."""
    if not rows:
        return
    for row in rows:
        row[key] = f"{prefix}{block.number(f'web_shop.{name}'):07d}"
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, block.chance("web_shop", name, "spoil"))
    block.deliveries.append_json_lines(f"web_shop/{name}_{block.day}.jsonl", spoiled)
    block.count(f"web_shop.{name}", len(rows), duplicates, broken)


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
