"""Orders and their lines: the real histories of Online Retail, handed out to the made-up people.

Histories are read, multiplied and split over the places of sale in DuckDB, a block at a time, so memory stays bounded:
the shop, the POS, and the systems through which companies order. Who a customer is, is not known here; only which
records of each system their orders may hang on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from sample_data.chance import Chance
from sample_data.people import Buyer
from sample_data.rates import ErrorRates

FOLDER = Path(__file__).parent
HISTORIES = 4339
"""Customers in the data whose number is known."""
STEP = 1_000_000
"""Order numbers of one copy of the histories; invoice numbers are below."""
_SHIFT_WEEKS = 8
"""Copies go back in time by 0 to 7 weeks: whole weeks keep weekdays and opening hours real."""


@dataclass(frozen=True)
class Slot:
    """The records on which one customer's orders hang; the second ones only from the moment they exist."""

    buyer: int
    shop: str | None
    shop_again: str | None
    shop_again_from: datetime | None
    pos: str | None
    pos_again: str | None
    pos_again_from: datetime | None
    shop_share: float
    is_chinese: bool
    business: str | None = None
    """The system through which a contact orders for a company."""
    business_contact: str | None = None
    business_account: str | None = None
    business_share: float = 0.0
    """Of the contact's orders, those that go through it."""


_SLOT_SCHEMA = pa.schema(
    [
        ("buyer", pa.int32()),
        ("customer_id", pa.int16()),
        ("shop", pa.string()),
        ("shop_again", pa.string()),
        ("shop_again_from", pa.timestamp("s")),
        ("pos", pa.string()),
        ("pos_again", pa.string()),
        ("pos_again_from", pa.timestamp("s")),
        ("shop_share", pa.float64()),
        ("is_chinese", pa.bool_()),
        ("business", pa.string()),
        ("business_contact", pa.string()),
        ("business_account", pa.string()),
        ("business_share", pa.float64()),
    ]
)

# A fixed scramble of the order number to 0..999: the same on every engine and version, unlike hash().
_SCRAMBLE = "((order_no * 2654435761 + {salt}) % 4294967296) * 1000 // 4294967296"


class OrderBook:
    """The order histories of a demo company of a given size."""

    def __init__(self, customers: int, seed: int, scratch: Path) -> None:
        """Load the histories and choose whose is whose.

        Args:
            customers: Customers with orders; beyond ``HISTORIES`` each history is used again, some weeks earlier.
            seed: Decides which customer gets which history.
            scratch: Folder for temporary files.
        """
        self.customers = customers
        self.scratch = scratch
        self.connection = con = duckdb.connect()
        con.execute("set memory_limit = '2GB'")
        con.execute("set enable_progress_bar = false")
        con.execute(f"set temp_directory = '{scratch / 'spill'}'")
        con.execute(
            f"""
            create table line as
            select invoice_no, line_no, product_id, quantity, unit_price,
                round(quantity * unit_price, 2)::decimal(18, 2) as line_total
            from read_parquet('{FOLDER / "online_retail.parquet"}');
            create table product as from read_parquet('{FOLDER / "online_retail_products.parquet"}');
            create table invoice as
            select invoice_no, any_value(customer_id) as customer_id, any_value(invoiced_at) as invoiced_at,
                any_value(country) as country
            from read_parquet('{FOLDER / "online_retail.parquet"}')
            group by invoice_no;
            """
        )
        self.end: datetime = con.execute("select max(invoiced_at) from invoice").fetchall()[0][0]
        histories = con.execute(
            """
            select customer_id, any_value(country), min(invoiced_at), max(invoiced_at)
            from invoice where customer_id is not null group by customer_id order by customer_id
            """
        ).fetchall()
        self._histories = Chance(seed, "histories").shuffled(histories)
        anonymous = con.execute(
            "select invoice_no from invoice where customer_id is null order by invoice_no"
        ).fetchall()
        self._anonymous = [number for (number,) in Chance(seed, "anonymous").shuffled(anonymous)]

    def buyer(self, number: int) -> Buyer:
        """The history of the customer of this number, 0 up to ``customers``."""
        copy, at = divmod(number, HISTORIES)
        _, country, first, last = self._histories[at]
        shift = timedelta(weeks=copy % _SHIFT_WEEKS)
        return Buyer(number, country, first - shift, last - shift)

    def share_of_british(self) -> float:
        """Share of the histories with British invoices."""
        return sum(history[1] == "United Kingdom" for history in self._histories) / HISTORIES

    def fill(self, slots: list[Slot], first: int, last: int, rates: ErrorRates) -> None:
        """Make the tables ``orders`` and ``order_lines`` of the customers from ``first`` up to before ``last``.

        Anonymous tickets are added in proportion. ``first`` is a multiple of ``HISTORIES``. Column ``place`` says where an
        order was made: 'shop', 'pos', or the system of a company's order, of which only the header is delivered: such
        orders have no rows in ``order_lines``. There, the column ``fault`` marks the rows to deliver broken ('broken') or
        twice ('twice').
        """
        con = self.connection
        rows = [
            (slot.buyer, self._histories[slot.buyer % HISTORIES][0], *list(slot.__dict__.values())[1:])
            for slot in slots
        ]
        columns = list(zip(*rows, strict=True))
        slot_table = pa.table([pa.array(c, f.type) for c, f in zip(columns, _SLOT_SCHEMA, strict=True)], _SLOT_SCHEMA)
        anonymous: list[tuple[int, int]] = []
        for copy in range(first // HISTORIES, (last - 1) // HISTORIES + 1):
            share = min(1.0, (self.customers - copy * HISTORIES) / HISTORIES)
            anonymous += [(copy, number) for number in self._anonymous[: round(share * len(self._anonymous))]]
        anonymous_table = pa.table(
            {
                "copy": pa.array([copy for copy, _ in anonymous], pa.int32()),
                "invoice_no": pa.array([number for _, number in anonymous], pa.int32()),
            }
        )
        con.register("slot", slot_table)
        con.register("anonymous", anonymous_table)
        con.execute(
            f"""
            create or replace temp table orders as
            with placed as (
                select slot.* exclude (customer_id), buyer // {HISTORIES} as copy, invoice_no, invoiced_at
                from slot join invoice using (customer_id)
                union all by name
                select copy, invoice_no, invoiced_at, 0.0::double as shop_share, false as is_chinese,
                    0.0::double as business_share
                from anonymous join invoice using (invoice_no)
            ), numbered as (
                select *, copy::bigint * {STEP} + invoice_no as order_no,
                    invoiced_at::timestamp - to_days((7 * (copy % {_SHIFT_WEEKS}))::integer) as ordered_at
                from placed
            ), drawn as (
                select *, {_SCRAMBLE.format(salt=12345)} as draw, {_SCRAMBLE.format(salt=987654321)} as other_draw,
                    case
                        when {_SCRAMBLE.format(salt=24681357)} < 1000 * business_share then business
                        when shop is null then 'pos'
                        when pos is null then 'shop'
                        when {_SCRAMBLE.format(salt=12345)} < 1000 * shop_share then 'shop'
                        else 'pos'
                    end as place
                from numbered
            ), amounts as (
                select invoice_no, sum(line_total)::decimal(18, 2) as amount from line group by invoice_no
            )
            select order_no, invoice_no, buyer, place, is_chinese, ordered_at, amount, other_draw,
                strftime(ordered_at, '%Y%m') as month,
                case place when 'shop' then 'SO' when 'pos' then 'T' end
                    || lpad(order_no::varchar, 9, '0') as order_id,
                case
                    when place = 'shop' and shop_again_from <= ordered_at and other_draw < 500 then shop_again
                    when place = 'shop' then shop
                    when place = 'pos' and pos_again_from <= ordered_at and other_draw < 500 then pos_again
                    when place = 'pos' then pos
                    when other_draw >= 1000 * {rates.order_without_contact} then business_contact
                end as customer,
                case when place not in ('shop', 'pos') then business_account end as account
            from drawn join amounts using (invoice_no)
            order by order_no;

            create or replace temp table order_lines as
            with joined as (
                select order_id, order_no, place, month, line_no, sku, title, quantity, unit_price, line_total,
                    row_number() over (partition by place order by order_no, line_no) as position,
                    count(*) over (partition by place) as total
                from orders join line using (invoice_no) join product using (product_id)
                where place in ('shop', 'pos')
            ), paced as (
                select *, greatest(1, round({rates.broken_line_rows} * total))::bigint as broken,
                    greatest(1, round({rates.duplicate_rows} * total))::bigint as twice
                from joined
            )
            select * exclude (position, total, broken, twice),
                case
                    when (position - 1) % (total // broken) = total // broken // 2
                        and (position - 1) // (total // broken) < broken then 'broken'
                    when (position - 1) % (total // twice) = total // twice // 3
                        and (position - 1) // (total // twice) < twice then 'twice'
                end as fault
            from paced
            order by order_no, line_no;
            """
        )
        con.unregister("slot")
        con.unregister("anonymous")

    def orders_by_buyer(self, buyers: set[int]) -> dict[int, list[tuple[str, datetime]]]:
        """(order_id, time) of some customers' orders in shop and stores, in order of time."""
        result: dict[int, list[tuple[str, datetime]]] = {}
        rows = self.connection.execute(
            """
            select buyer, order_id, ordered_at from orders where buyer is not null and place in ('shop', 'pos')
            order by buyer, ordered_at, order_id
            """
        )
        while batch := rows.fetchmany(10_000):
            for buyer, order_id, ordered_at in batch:
                if buyer in buyers:
                    result.setdefault(buyer, []).append((order_id, ordered_at))
        return result

    def shop_orders(self) -> list[dict[str, Any]]:
        """Rows of the shop's order export. An order of free articles only was voided."""
        return self._dicts(
            """
            select order_id, customer as customer_id, strftime(ordered_at, '%Y-%m-%dT%H:%M:%SZ') as created_at,
                'GBP' as currency, case when amount = 0 then 'voided' else 'paid' end as financial_status,
                case when other_draw % 3 = 0 then 'app' else 'web' end as channel, amount::varchar as total_price
            from orders where place = 'shop' order by order_no
            """
        )

    def months(self) -> list[str]:
        """Months (yyyymm) with POS tickets."""
        rows = self.connection.execute(
            "select distinct month from orders where place = 'pos' order by month"
        ).fetchall()
        return [month for (month,) in rows]

    def pos_tickets(self, month: str) -> list[dict[str, Any]]:
        """Rows of the POS ticket export of a month."""
        return self._dicts(
            f"""
            select order_id as "小票号",
                case when is_chinese then ['上海淮海路店', '北京王府井店', '广州天河店'][1 + other_draw % 3]
                    else ['伦敦卡纳比街店', '曼彻斯特店', '利兹店'][1 + other_draw % 3] end as "门店",
                coalesce(customer, '') as "会员号", strftime(ordered_at, '%Y-%m-%d %H:%M:%S') as "销售时间",
                'GBP' as "币种", ['银行卡', '现金', '储值卡', '银行卡'][1 + other_draw % 4] as "支付方式",
                amount::varchar as "金额"
            from orders where place = 'pos' and month = '{month}' order by order_no
            """
        )

    def business_orders(self, system: str) -> list[dict[str, Any]]:
        """The orders that companies made through a system, one row per order, in order of their number.

        ``customer`` is the contact who ordered, None where nobody is named, ``account`` the company; ``draw`` is a
        whole number from 0 to 999 for what depends on the order alone.
        """
        return self._dicts(
            f"""
            select order_no, customer, account, ordered_at, amount, other_draw as draw
            from orders where place = '{system}' order by order_no
            """
        )

    def shop_lines(self) -> pa.Table:
        """Rows of the shop's line export, bad ones included: a broken row has lost its order."""
        return self.connection.execute(
            """
            select case when fault = 'broken' then null else order_id end as order_id, line_no::integer as line_no, sku,
                title, quantity, unit_price::decimal(18, 3) as unit_price, line_total
            from order_lines, unnest([1, 2]) as delivery(turn)
            where place = 'shop' and (turn = 1 or fault = 'twice')
            order by order_no, order_lines.line_no, turn
            """
        ).to_arrow_table()

    def write_pos_lines(self, month: str) -> Path:
        """A UTF-8 CSV file without header of a month's ticket lines; a broken row's quantity is no number."""
        path = self.scratch / "ticket_lines.csv"
        self.connection.execute(
            f"""
            copy (
                select order_id, line_no, sku, title,
                    case when fault = 'broken' then ['#VALUE!', '1O', '两件'][1 + order_no % 3]
                        else quantity::varchar end,
                    case when unit_price = unit_price::decimal(18, 2) then unit_price::decimal(18, 2)::varchar
                        else unit_price::varchar end,
                    line_total
                from order_lines, unnest([1, 2]) as delivery(turn)
                where place = 'pos' and month = '{month}' and (turn = 1 or fault = 'twice')
                order by order_no, line_no, turn
            ) to '{path}' (format csv, header false)
            """
        )
        return path

    def line_faults(self) -> list[tuple[str, int, int, int, Decimal]]:
        """(place, rows without bad ones, duplicates, broken rows, amount of the broken rows)."""
        return self.connection.execute(
            """
            select place, count(*) filter (fault is distinct from 'broken'), count(*) filter (fault = 'twice'),
                count(*) filter (fault = 'broken'),
                coalesce(sum(line_total) filter (fault = 'broken'), 0)::decimal(18, 2)
            from order_lines group by place order by place
            """
        ).fetchall()

    def line_total(self) -> Decimal:
        """Sum of all amounts of the block, broken rows included and duplicates not: of lines, and of companies' orders."""
        return self.connection.execute(
            """
            select coalesce(sum(amount), 0) from (
                select line_total as amount from order_lines
                union all
                select amount from orders where place not in ('shop', 'pos')
            )
            """
        ).fetchall()[0][0]

    def _dicts(self, query: str) -> list[dict[str, Any]]:
        result = self.connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
