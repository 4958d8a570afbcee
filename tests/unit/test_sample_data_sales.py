"""The CRM's sales, the shop's refunds, carts and reviews, the loyalty points: consistent with records, orders and truth."""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sample_data import generate
from sample_data.exports import CONTACT_TITLES
from sample_data.systems.zoho_crm_sales import ACTIVITY_TITLES, DEAL_TITLES, LEAD_TITLES, OWNER_TITLES, OWNERS

CUSTOMERS = 1500
END = datetime(2011, 12, 9, 12, 50)
Row = dict[str, Any]
IMPOSSIBLE = ("2011-02-30", "昨天")


class Deliveries:
    """A generated demo company, read back the careful way: without repeated rows and without those that are broken."""

    def __init__(self, folder: Path) -> None:
        self.landing, self.truth = folder / "landing", folder / "truth"
        generate(self.landing, self.truth, customers=CUSTOMERS)
        self.con = duckdb.connect()
        self.expected = json.loads((self.truth / "expected_quarantine.json").read_text(encoding="utf-8"))
        self.found: dict[str, Counter[str]] = {}

    def csv(self, key: str, encoding: str = "utf-8") -> list[Row]:
        rows: list[Row] = []
        for path in sorted(self.landing.glob(f"{key.replace('.', '/')}_*.csv")):
            with path.open(encoding=encoding, newline="") as file:
                rows += list(csv.DictReader(file))
        return rows

    def good(self, key: str, rows: list[Row], is_broken: Callable[[Row], bool]) -> list[Row]:
        """The rows that can be loaded, once each; what was found of which kind is remembered for a test."""
        distinct = list({json.dumps(row, ensure_ascii=False): row for row in rows}.values())
        whole = [row for row in distinct if not is_broken(row)]
        self.found[key] = Counter(
            rows_read=len(rows),
            accepted=len(whole),
            duplicates=len(rows) - len(distinct),
            quarantined=len(distinct) - len(whole),
        )
        return whole

    def crm(self, name: str) -> list[Row]:
        def is_broken(row: Row) -> bool:
            return not row["Record Id"] or any(row[t].startswith(IMPOSSIBLE) for t in ("Created Time", "Modified Time"))

        return self.good(f"zoho_crm.{name}", self.csv(f"zoho_crm.{name}"), is_broken)

    def shop(self, name: str, key: str, moment: str, number: str) -> list[Row]:
        def is_broken(row: Row) -> bool:
            return not row[key] or row[moment].startswith(IMPOSSIBLE) or row[number] in ("N/A", "five")

        (path,) = self.landing.glob(f"web_shop/{name}_*.jsonl")
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        return self.good(f"web_shop.{name}", rows, is_broken)

    @cached_property
    def leads(self) -> list[Row]:
        return self.crm("leads")

    @cached_property
    def deals(self) -> list[Row]:
        return self.crm("deals")

    @cached_property
    def activities(self) -> list[Row]:
        return self.crm("activities")

    @cached_property
    def owners(self) -> list[Row]:
        return self.crm("owners")

    @cached_property
    def refunds(self) -> list[Row]:
        return self.shop("refunds", "refund_id", "refunded_at", "amount")

    @cached_property
    def carts(self) -> list[Row]:
        return self.shop("carts", "cart_id", "updated_at", "value")

    @cached_property
    def reviews(self) -> list[Row]:
        return self.shop("reviews", "review_id", "created_at", "rating")

    @cached_property
    def points(self) -> list[Row]:
        def is_broken(row: Row) -> bool:
            return (
                not row["流水号"]
                or row["发生时间"].startswith(IMPOSSIBLE)
                or row["变动积分"] == "一百"
                or row["余额"] == "#REF!"
            )

        return self.good("pos.points_ledger", self.csv("pos.points_ledger", "gb18030"), is_broken)

    @cached_property
    def truths(self) -> dict[str, Row]:
        """Record key -> entity_id, company_entity_id and population."""
        rows = self.con.execute(
            "select record_key, entity_id, company_entity_id, population"
            f" from read_parquet('{self.truth}/customer_truth.parquet')"
        ).fetchall()
        names = ("entity_id", "company_entity_id", "population")
        return {key: dict(zip(names, values, strict=True)) for key, *values in rows}

    @cached_property
    def orders(self) -> dict[str, Row]:
        """Shop orders by number."""
        (path,) = self.landing.glob("web_shop/orders_*.jsonl")
        rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {
            row["order_id"]: row
            for row in rows
            if row["order_id"] and "13-45" not in row["created_at"] and row["total_price"] != "N/A"
        }

    @cached_property
    def lines(self) -> dict[tuple[str, int], tuple[str, int, Decimal]]:
        """(order, line number) -> article, quantity, amount."""
        rows = self.con.execute(
            "select distinct order_id, line_no, sku, quantity, line_total"
            f" from read_parquet('{self.landing}/web_shop/order_lines_*.parquet') where order_id is not null"
        ).fetchall()
        return {(order_id, line_no): (sku, quantity, amount) for order_id, line_no, sku, quantity, amount in rows}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    return Deliveries(tmp_path_factory.mktemp("sales"))


OBJECTS = {
    "leads": ("zoho_crm.leads", "Record Id", 600),
    "deals": ("zoho_crm.deals", "Record Id", 400),
    "activities": ("zoho_crm.activities", "Record Id", 3000),
    "owners": ("zoho_crm.owners", "Record Id", 20),
    "refunds": ("web_shop.refunds", "refund_id", 300),
    "carts": ("web_shop.carts", "cart_id", 3000),
    "reviews": ("web_shop.reviews", "review_id", 2500),
    "points": ("pos.points_ledger", "流水号", 15000),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_bad_is_what_the_generator_says(demo: Deliveries, name: str) -> None:
    key, identifier, of_all = OBJECTS[name]
    rows = getattr(demo, name)
    assert len({row[identifier] for row in rows}) == len(rows)
    wanted = demo.expected[key]
    assert demo.found[key] == {kind: wanted[kind] for kind in demo.found[key]}
    if name != "owners":
        assert min(wanted["duplicates"], wanted["quarantined"]) > 0
        assert len(rows) == pytest.approx(of_all * CUSTOMERS / 4339, rel=0.4)


def test_titles_are_zohos(demo: Deliveries) -> None:
    for name, titles in (
        ("leads", LEAD_TITLES),
        ("deals", DEAL_TITLES),
        ("activities", ACTIVITY_TITLES),
        ("owners", OWNER_TITLES),
    ):
        assert list(getattr(demo, name)[0]) == titles


def test_what_happened_did_so_before_the_end(demo: Deliveries) -> None:
    times = [row[title] for name in ("leads", "deals", "owners") for row in getattr(demo, name) for title in _stamps()]
    times += [row[title] for row in demo.activities for title in (*_stamps(), "Closed Time")]
    times += [row["Call Start Time"] for row in demo.activities if row["Status"] == "Completed"]
    times += [row["发生时间"] for row in demo.points]
    assert max(times) <= str(END)
    times = [row["refunded_at"] for row in demo.refunds] + [row["created_at"] for row in demo.reviews]
    times += [row[title] for row in demo.carts for title in ("created_at", "updated_at")]
    assert max(times) <= f"{END:%Y-%m-%dT%H:%M:%SZ}"
    ahead = [row for row in demo.activities if max(row["Call Start Time"], row["From"]) > str(END)]
    assert ahead, "a few calls and meetings are planned"
    assert {row["Status"] for row in ahead} == {"Scheduled", ""}
    open_deals = [row for row in demo.deals if not row["Stage"].startswith("Closed")]
    assert any(row["Closing Date"] > str(END.date()) for row in open_deals)


def _stamps() -> tuple[str, str]:
    return "Created Time", "Modified Time"


def test_leads_have_their_truth(demo: Deliveries) -> None:
    of_leads = {key for key in demo.truths if key.startswith("zoho_crm:leads:")}
    assert of_leads == {f"zoho_crm:leads:{row['Record Id']}" for row in demo.leads}
    known = {truth["entity_id"] for key, truth in demo.truths.items() if not key.startswith("zoho_crm:leads:")}
    assert all(demo.truths[key]["entity_id"] in known for key in of_leads)
    with_company = [row for row in demo.leads if row["Company"] not in ("", "-", "无", "n/a")]
    assert len(with_company) > 0.2 * len(demo.leads)
    for row in with_company:
        assert demo.truths[f"zoho_crm:leads:{row['Record Id']}"]["company_entity_id"]


def test_deals_are_of_an_account_and_of_a_contact_of_that_company(demo: Deliveries) -> None:
    with_contact = 0
    for row in demo.deals:
        company = demo.truths[f"zoho_crm:accounts:{row['Account Name.id']}"]["entity_id"]
        if row["Contact Name.id"]:
            contact = demo.truths[f"zoho_crm:contacts:{row['Contact Name.id']}"]
            assert contact["company_entity_id"] == company
            with_contact += 1
        assert (row["Probability (%)"] == "100") == (row["Stage"] == "Closed Won")
    assert 0.3 * len(demo.deals) < with_contact < len(demo.deals)


def test_activities_are_with_a_contact_or_a_lead_that_exists(demo: Deliveries) -> None:
    created = {f"zoho_crm:leads:{row['Record Id']}": row["Created Time"] for row in demo.leads}
    created |= {f"zoho_crm:contacts:{row['Record Id']}": row["Created Time"] for row in demo.csv("zoho_crm.contacts")}
    kinds: Counter[tuple[str, str]] = Counter()
    for row in demo.activities:
        kind = "contacts" if row["Contact Name.id"] else row["Related To.module"].lower()
        key = f"zoho_crm:{kind}:{row['Contact Name.id'] or row['Related To.id']}"
        assert created[key] <= row["Created Time"]
        kinds[row["Activity Type"], kind] += 1
    assert set(kinds) == {(kind, party) for kind in ("Calls", "Meetings", "Tasks") for party in ("contacts", "leads")}


def test_owners_of_records_are_users_who_work_there_then(demo: Deliveries) -> None:
    users = {row["Record Id"]: row for row in demo.owners}
    assert len(users) == len(OWNERS)
    for name, title in (("leads", "Lead Owner"), ("deals", "Deal Owner"), ("activities", "Activity Owner")):
        for row in getattr(demo, name):
            user = users[row[f"{title}.id"]]
            assert user["Full Name"] == row[title]
            assert user["Created Time"] <= row["Modified Time"]
            assert user["Status"] == "Active" or row["Modified Time"] < user["Modified Time"]
    assert {row["Status"] for row in demo.owners} == {"Active", "Inactive"}
    assert CONTACT_TITLES[1] == "Contact Owner"
    assert {row["Contact Owner"] for row in demo.csv("zoho_crm.contacts")} <= {row["Full Name"] for row in demo.owners}


def test_refunds_give_back_no_more_than_was_paid(demo: Deliveries) -> None:
    quantity: Counter[tuple[str, int]] = Counter()
    amount: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    unknown = Decimal(0)
    for row in demo.refunds:
        assert row["quantity"] > 0
        assert Decimal(row["amount"]) > 0
        line = (row["order_id"], row["line_no"])
        if row["order_id"] not in demo.orders:
            unknown += Decimal(row["amount"])
            continue
        assert demo.lines[line][0] == row["sku"]
        assert row["refunded_at"] > demo.orders[row["order_id"]]["created_at"]
        quantity[line] += row["quantity"]
        amount[line] += Decimal(row["amount"])
    assert all(quantity[line] <= demo.lines[line][1] and amount[line] <= demo.lines[line][2] for line in amount)
    expected = demo.expected["web_shop.refunds"]
    assert f"{unknown:.2f}" == expected["refunded_amount_of_unknown_orders"]
    assert f"{sum(amount.values()):.2f}" == expected["refunded_amount"]
    of_order: dict[str, Decimal] = defaultdict(Decimal)
    for (order_id, _), refunded in amount.items():
        of_order[order_id] += refunded
    whole = [key for key, refunded in of_order.items() if refunded == Decimal(demo.orders[key]["total_price"])]
    assert 0 < len(whole) < len(of_order)
    assert any(amount[line] < demo.lines[line][2] for line in amount)


def test_carts_became_their_order_or_none(demo: Deliveries) -> None:
    statuses: Counter[tuple[str, bool]] = Counter()
    seen_by_analytics = {
        json.loads(line)["anonymous_id"]
        for path in demo.landing.glob("web_analytics/page_views_*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    known_devices = 0
    for row in demo.carts:
        assert row["created_at"] <= row["updated_at"]
        assert row["items"]
        statuses[row["status"], row["customer_id"] is not None] += 1
        known_devices += row["anonymous_id"] in seen_by_analytics
        if row["status"] == "abandoned":
            assert row["order_id"] is None
            continue
        order = demo.orders[row["order_id"]]
        assert (row["customer_id"], row["updated_at"]) == (order["customer_id"], order["created_at"])
        assert Decimal(row["value"]) <= Decimal(order["total_price"])
    assert set(statuses) == {("converted", True), ("abandoned", True), ("abandoned", False)}
    assert known_devices > 0.5 * sum(count for (_, is_customer), count in statuses.items() if is_customer)


def test_reviews_are_of_an_article_that_was_bought_in_the_language_of_their_writer(demo: Deliveries) -> None:
    bought: dict[str, set[str]] = defaultdict(set)
    for (order_id, _), (sku, _, _) in demo.lines.items():
        bought[order_id].add(sku)
    ratings: Counter[int] = Counter()
    languages: Counter[str] = Counter()
    for row in demo.reviews:
        order = demo.orders[row["order_id"]]
        assert row["sku"] in bought[row["order_id"]]
        assert row["customer_id"] == order["customer_id"]
        assert row["created_at"] > order["created_at"]
        ratings[row["rating"]] += 1
        languages[row["language"]] += 1
        is_chinese = demo.truths[f"web_shop:customers:{row['customer_id']}"]["population"] == "chinese"
        assert is_chinese or row["language"] == "en"
        if row["text"]:
            assert row["text"].isascii() == (row["language"] == "en")
    assert set(ratings) == {1, 2, 3, 4, 5}
    assert ratings[5] > ratings[1]
    assert min(languages["en"], languages["zh"]) > 0.15 * len(demo.reviews)


def test_the_balance_of_points_is_the_sum_of_their_changes(demo: Deliveries) -> None:
    tickets = {
        row["小票号"]: row for row in demo.csv("pos.tickets", "gb18030") if row["小票号"] and row["金额"] != "——"
    }
    created = {row["会员号"]: row["更新时间"] for row in demo.csv("pos.members", "gb18030")}
    balance: Counter[str] = Counter()
    types: Counter[str] = Counter()
    for row in sorted(demo.points, key=lambda row: row["流水号"]):
        member, points = row["会员号"], int(row["变动积分"])
        assert member in created
        balance[member] += points
        assert int(row["余额"]) == balance[member] >= 0
        assert (points > 0) == (row["变动类型"] == "获得")
        types[row["变动类型"]] += 1
        if row["小票号"]:
            ticket = tickets[row["小票号"]]
            assert ticket["会员号"] == member
            if points > 0:
                assert points == int(Decimal(ticket["金额"]))
    assert set(types) == {"获得", "兑换", "过期"}


def test_points_are_in_the_file_of_their_month(demo: Deliveries) -> None:
    for path in demo.landing.glob("pos/points_ledger_*.csv"):
        with path.open(encoding="gb18030", newline="") as file:
            months = {row["发生时间"][:7] for row in csv.DictReader(file)} - {"2011-02"}
        assert months <= {f"{path.stem[-6:-2]}-{path.stem[-2:]}"}
