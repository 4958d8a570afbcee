"""The demo company's deliveries: deterministic, complete, exact to the penny, and as wrong as documented."""

import csv
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest
from openpyxl import load_workbook
from stdnum.cn import ric, uscc
from stdnum.de import vat as german_vat
from stdnum.fr import tva as french_vat
from stdnum.gb import vat as british_vat

from sample_data import DemoSummary, ErrorRates, generate
from sample_data.exports import ACCOUNT_TITLES, CONTACT_TITLES, MEMBER_TITLES, TICKET_LINE_TITLES, TICKET_TITLES
from sample_data.orders import HISTORIES, STEP

ROOT = Path(__file__).parents[2]
SOURCE_TOTAL = Decimal("10655622.48")
SOURCE_LINES = 531_282


class Demo:
    """A generated demo company and the ways to read it back."""

    def __init__(self, folder: Path, customers: int = HISTORIES) -> None:
        self.landing, self.truth = folder / "landing", folder / "truth"
        self.summary: DemoSummary = generate(self.landing, self.truth, customers=customers)
        self.con = duckdb.connect()

    @cache  # noqa: B019 (a handful of instances, as long as the module's tests)
    def csv(self, pattern: str, encoding: str) -> list[dict[str, str]]:
        rows = []
        for path in sorted(self.landing.glob(pattern)):
            with path.open(encoding=encoding, newline="") as file:
                rows += list(csv.DictReader(file))
        return rows

    def json_lines(self, pattern: str) -> list[dict]:
        (path,) = self.landing.glob(pattern)
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    @cache  # noqa: B019
    def xlsx(self, name: str) -> list[dict[str, Any]]:
        """The rows of a workbook's only sheet."""
        book = load_workbook(self.landing / name, read_only=True)
        titles, *rows = book.worksheets[0].values
        return [dict(zip(map(str, titles), row, strict=True)) for row in rows]

    def erp(self, query: str) -> list[tuple]:
        with sqlite3.connect(f"file:{self.landing / 'erp/erp.sqlite'}?mode=ro", uri=True) as database:
            return database.execute(query).fetchall()

    def parquet(self, pattern: str, columns: str = "*") -> list[tuple]:
        return self.con.execute(f"select {columns} from read_parquet('{self.landing / pattern}')").fetchall()

    def truth_rows(self, query: str) -> list[tuple]:
        self.con.execute(
            f"create or replace view truth as from read_parquet('{self.truth}/customer_truth.parquet');"
            f"create or replace view true_values as from read_parquet('{self.truth}/true_values.parquet')"
        )
        return self.con.execute(query).fetchall()

    def pos_tickets(self) -> list[dict[str, str]]:
        return self.csv("pos/tickets_*.csv", "gb18030")

    def pos_lines(self) -> list[dict[str, str]]:
        return self.csv("pos/ticket_lines_*.csv", "gb18030")

    def shop_lines(self) -> list[tuple]:
        columns = "order_id, line_no, sku, quantity, unit_price, line_total"
        return self.parquet("web_shop/order_lines_*.parquet", columns)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("small"), customers=500)


def digests(*folders: Path) -> dict[str, str]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def is_whole_number(text: str) -> bool:
    return text.lstrip("-").isascii() and text.lstrip("-").isdigit()


# -- the same bytes --------------------------------------------------------------------------------------------


def test_same_arguments_same_bytes(small: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = digests(small.landing, small.truth)
    connect = duckdb.connect
    monkeypatch.setattr("sample_data.orders.duckdb.connect", lambda: connect(config={"threads": 1}))
    generate(tmp_path / "landing", tmp_path / "truth", customers=500)
    assert digests(tmp_path / "landing", tmp_path / "truth") == expected


def test_workbooks_do_not_say_when_they_were_written(small: Demo) -> None:
    with ZipFile(small.landing / "fxiaoke/accounts_20111209.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = archive.read("docProps/core.xml").decode()
    assert properties.count("2011-12-09T00:00:00Z") == 2


def test_command_line_gives_the_same_bytes_under_another_hash_seed(small: Demo, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sample_data", "--customers", "500"]
    command += ["--landing", str(tmp_path / "landing"), "--truth", str(tmp_path / "truth")]
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    assert "500 customers" in done.stdout
    assert "500 of 500 customers" in done.stderr
    assert digests(tmp_path / "landing", tmp_path / "truth") == digests(small.landing, small.truth)


def test_another_seed_gives_other_people(small: Demo, tmp_path: Path) -> None:
    generate(tmp_path / "landing", tmp_path / "truth", customers=500, seed=8)
    other, same = digests(tmp_path / "landing"), digests(small.landing)
    assert other["pos/members_20111209.csv"] != same["pos/members_20111209.csv"]


def test_a_second_run_replaces_the_first_and_spares_other_files(tmp_path: Path) -> None:
    landing = tmp_path / "landing"
    (landing / "pos").mkdir(parents=True)
    (landing / "pos" / "tickets_199901.csv").write_text("stale")
    (landing / "pos" / "notes.txt").write_text("not ours")
    generate(landing, tmp_path / "truth", customers=20)
    assert not (landing / "pos" / "tickets_199901.csv").exists()
    assert (landing / "pos" / "notes.txt").read_text() == "not ours"


def test_no_customers_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        generate(tmp_path / "landing", tmp_path / "truth", customers=0)


# -- shapes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "encoding", "titles"),
    [
        ("zoho_crm/contacts_20111209.csv", "utf-8", CONTACT_TITLES),
        ("zoho_crm/accounts_20111209.csv", "utf-8", ACCOUNT_TITLES),
        ("pos/members_20111209.csv", "gb18030", MEMBER_TITLES),
        ("pos/tickets_201101.csv", "gb18030", TICKET_TITLES),
        ("pos/ticket_lines_201101.csv", "gb18030", TICKET_LINE_TITLES),
    ],
)
def test_titles_and_encodings(demo: Demo, pattern: str, encoding: str, titles: list[str]) -> None:
    content = (demo.landing / pattern).read_bytes()
    rows = list(csv.reader(content.decode(encoding).splitlines()))
    assert rows[0] == titles
    assert {len(row) for row in rows} == {len(titles)}
    if encoding == "gb18030":
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")


def test_typed_files(demo: Demo) -> None:
    def types(pattern: str) -> dict[str, str]:
        rows = demo.con.execute(f"describe select * from read_parquet('{demo.landing / pattern}')").fetchall()
        return {name: kind for name, kind, *_ in rows}

    customers = types("web_shop/customers_20111209.parquet")
    assert (customers["birth_date"], customers["created_at"]) == ("DATE", "TIMESTAMP")
    assert (customers["accepts_marketing"], customers["accepts_sms"]) == ("BOOLEAN", "BOOLEAN")
    lines = types("web_shop/order_lines_20111209.parquet")
    assert (lines["line_total"], lines["quantity"], lines["line_no"]) == ("DECIMAL(18,2)", "INTEGER", "INTEGER")


def test_nothing_happens_after_the_newest_order(demo: Demo) -> None:
    newest = "2011-12-09 12:50:00"
    times = [row["Modified Time"] for row in demo.csv("zoho_crm/*.csv", "utf-8")]
    times += [row["更新时间"] for row in demo.csv("pos/members_*.csv", "gb18030")]
    times += [row["销售时间"] for row in demo.pos_tickets()]
    assert max(time for time in times if time != "昨天") <= newest
    for ticket in demo.json_lines("service_desk/tickets_*.jsonl"):
        assert ticket["updated_at"] <= "2011-12-09T12:50:00Z"


# -- orders ----------------------------------------------------------------------------------------------------


def line_sums(demo: Demo) -> tuple[Decimal, Decimal, int]:
    """(accepted amount, amount of broken rows, accepted lines) as a careful reader of the files finds them."""
    rows = demo.parquet(
        "web_shop/order_lines_*.parquet", "distinct order_id is null, order_id, line_no, sku, line_total"
    )
    good = sum((row[-1] for row in rows if not row[0]), Decimal(0))
    bad = sum((row[-1] for row in rows if row[0]), Decimal(0))
    count = sum(not row[0] for row in rows)
    for path in sorted(demo.landing.glob("pos/ticket_lines_*.csv")):
        with path.open(encoding="gb18030", newline="") as file:
            lines = {(row[0], row[1]): (row[4], row[6]) for row in csv.reader(file) if row[1] != "行号"}
        numbers = [round(100 * float(amount)) for quantity, amount in lines.values() if is_whole_number(quantity)]
        good, count = good + Decimal(sum(numbers)) / 100, count + len(numbers)
        bad += sum(
            (Decimal(amount) for quantity, amount in lines.values() if not is_whole_number(quantity)), Decimal(0)
        )
    return good, bad, count


def header_sums(demo: Demo) -> tuple[Decimal, Decimal, list[int]]:
    """(accepted amount, amount of rows that cannot be loaded, order numbers) of the orders that have only a header."""
    orders = {row["唯一性ID"]: row for row in demo.xlsx("fxiaoke/orders_20111209.xlsx") if is_readable_order(row)}
    good = sum((Decimal(str(row["销售订单金额"])) for row in orders.values()), Decimal(0))
    bad = Decimal(0)
    numbers = [int(row["销售订单编号"].split("-")[1]) for row in orders.values()]
    for number, due_on, amount in demo.erp("select invoice_no, due_on, net_amount from invoices"):
        numbers.append(int(number.removeprefix("INV")))
        if is_day(due_on):
            good += Decimal(str(amount))
        else:
            bad += Decimal(str(amount))
    return good, bad, numbers


def is_readable_order(row: dict[str, Any]) -> bool:
    return bool(row["唯一性ID"]) and isinstance(row["下单日期"], datetime) and row["销售订单金额"] != "待定"


def is_day(text: str) -> bool:
    """Whether it is a day as the ERP writes them; 00000000 says that there is none."""
    try:
        return text == "00000000" or (len(text) == 8 and bool(datetime.strptime(text, "%Y%m%d")))
    except ValueError:
        return False


def test_line_amounts_add_up_to_the_source(demo: Demo) -> None:
    good, bad, count = line_sums(demo)
    good_headers, bad_headers, headers = header_sums(demo)
    assert good + bad + good_headers + bad_headers == SOURCE_TOTAL == demo.summary.line_total
    assert min(good_headers, bad_headers) > 0
    quarantined = sum(row["quarantined"] for key, row in expected(demo).items() if key.endswith("lines"))
    histories = f"read_parquet('{ROOT}/sample_data/online_retail.parquet')"
    of_headers = demo.con.execute(f"select count(*) from {histories} where invoice_no in (select unnest(?))", [headers])
    assert count + quarantined + of_headers.fetchall()[0][0] == SOURCE_LINES
    assert bad + bad_headers == sum(Decimal(row["quarantined_amount"]) for row in expected(demo).values())


def test_line_amount_is_quantity_times_price(demo: Demo) -> None:
    wrong = [row for row in demo.shop_lines() if round(row[3] * row[4], 2) != row[5]]
    assert wrong == []
    for line in demo.pos_lines():
        if is_whole_number(line["数量"]):
            amount = (Decimal(line["数量"]) * Decimal(line["单价"])).quantize(Decimal("0.01"))
            assert amount == Decimal(line["金额"]), line["小票号"]


def test_order_totals_are_the_sums_of_their_lines(demo: Demo) -> None:
    sums: Counter[str] = Counter()
    for line in {tuple(line.values()) for line in demo.pos_lines()}:
        sums[line[0]] += round(100 * Decimal(line[6]))
    heads = {row["小票号"]: row["金额"] for row in demo.pos_tickets() if row["小票号"] and row["金额"] != "——"}
    assert set(heads) == set(sums)
    assert all(round(100 * Decimal(amount)) == sums[number] for number, amount in heads.items())


def buyer_of_invoice() -> dict[int, int | None]:
    """Invoice number of the source -> customer number of the source, None for anonymous ones."""
    histories = f"read_parquet('{ROOT}/sample_data/online_retail.parquet')"
    return dict(duckdb.execute(f"select distinct invoice_no, customer_id from {histories}").fetchall())


def placed_orders(demo: Demo) -> dict[int, tuple[str | None, str | None]]:
    """Order number -> record of the person who ordered, record of the company; None where none is named."""
    orders: dict[int, tuple[str | None, str | None]] = {}
    for order in demo.json_lines("web_shop/orders_*.jsonl"):
        if order["order_id"]:
            orders[int(order["order_id"][2:])] = f"web_shop:customers:{order['customer_id']}", None
    for ticket in demo.pos_tickets():
        if ticket["小票号"]:
            member = ticket["会员号"]
            orders[int(ticket["小票号"][1:])] = f"pos:members:{member}" if member else None, None
    for row in filter(is_readable_order, demo.xlsx("fxiaoke/orders_20111209.xlsx")):
        contact = row["收货人ID"]
        orders[int(row["销售订单编号"].split("-")[1])] = (
            f"fxiaoke:contacts:{contact}" if contact else None,
            f"fxiaoke:accounts:{row['客户ID']}",
        )
    for number, partner, contact in demo.erp("select invoice_no, partner_no, contact_no from invoices"):
        orders[int(number.removeprefix("INV"))] = (
            f"erp:business_partners:{contact}" if contact else None,
            f"erp:business_partners:{partner}",
        )
    return orders


def test_every_order_hangs_on_an_existing_record_of_one_person_or_their_company(demo: Demo) -> None:
    truth = {key: row for key, *row in demo.truth_rows("select record_key, entity_id, company_entity_id from truth")}
    buyer_of, orders = buyer_of_invoice(), placed_orders(demo)
    assert len(orders) == len(buyer_of)
    person_of: dict[int, str] = {}
    company_of: dict[int, str] = {}
    nameless = of_companies = 0
    for number, (person, company) in orders.items():
        buyer = buyer_of[number]
        assert (buyer is None) == (person is None and company is None)
        if buyer is None:
            continue
        if person is not None:
            entity, employer = truth[person]
            assert person_of.setdefault(buyer, entity) == entity
            assert company is None or truth[company][0] == employer
        if company is not None:
            assert company_of.setdefault(buyer, truth[company][0]) == truth[company][0]
            of_companies += 1
            nameless += person is None
    assert len(set(person_of.values())) == len(person_of)
    assert set(person_of) | set(company_of) == set(buyer_of.values()) - {None}
    assert of_companies > 600
    assert nameless / of_companies == pytest.approx(ErrorRates.order_without_contact, abs=0.04)


def test_payments_settle_what_is_paid(demo: Demo) -> None:
    """Cleared payments make up the gross amount of each paid invoice, and less of each open one."""
    for status, gross, cleared in demo.erp(
        """
        select invoices.status, round(100 * gross_amount), round(100 * coalesce(sum(amount), 0))
        from invoices left join payments using (invoice_no)
        where payments.status is null or payments.status = 'cleared' group by invoice_no
        """
    ):
        assert (cleared == gross) == (status != "open")
    ((tax, net),) = demo.erp("select sum(tax_amount), sum(net_amount) from invoices where tax_amount > 0")
    assert tax / net == pytest.approx(0.2, abs=0.001)


def test_service_tickets_name_orders_of_their_own_requester(demo: Demo) -> None:
    entities = dict(demo.truth_rows("select record_key, entity_id from truth"))
    owner = {
        order["order_id"]: entities[f"web_shop:customers:{order['customer_id']}"]
        for order in demo.json_lines("web_shop/orders_*.jsonl")
    } | {row["小票号"]: entities[f"pos:members:{row['会员号']}"] for row in demo.pos_tickets() if row["会员号"]}
    tickets = demo.json_lines("service_desk/tickets_*.jsonl")
    about_orders = [ticket for ticket in tickets if ticket["order_id"]]
    assert len(about_orders) > 300
    for ticket in about_orders:
        assert owner[ticket["order_id"]] == entities[f"service_desk:requesters:{ticket['requester_id']}"]


@pytest.mark.parametrize("customers", [500, 10_000])
def test_other_sizes(customers: int, small: Demo, tmp_path: Path) -> None:
    demo = small if customers == 500 else Demo(tmp_path, customers)
    buyer_of, orders = buyer_of_invoice(), placed_orders(demo)
    entities = dict(demo.truth_rows("select record_key, entity_id from truth"))
    of_buyer: dict[tuple[int, int | None], set[str]] = {}
    for number, (person, company) in orders.items():
        if person or company:
            persons = of_buyer.setdefault((number // STEP, buyer_of[number % STEP]), set())
            persons |= {entities[person]} if person else set()
    assert len(of_buyer) == customers
    assert max(map(len, of_buyer.values())) == 1
    anonymous = sum(person is None and company is None for person, company in orders.values())
    assert anonymous == pytest.approx(2189 * customers / HISTORIES, abs=2)
    good, bad, _ = line_sums(demo)
    good_headers, bad_headers, _ = header_sums(demo)
    assert good + bad + good_headers + bad_headers == demo.summary.line_total


# -- truth -----------------------------------------------------------------------------------------------------


def test_truth_covers_every_record_once(demo: Demo) -> None:
    delivered = {f"zoho_crm:contacts:{row['Record Id']}" for row in demo.csv("zoho_crm/contacts_*.csv", "utf-8")}
    delivered |= {f"zoho_crm:accounts:{row['Record Id']}" for row in demo.csv("zoho_crm/accounts_*.csv", "utf-8")}
    delivered |= {f"pos:members:{row['会员号']}" for row in demo.csv("pos/members_*.csv", "gb18030")}
    delivered |= {f"web_shop:customers:{key or ''}" for (key,) in demo.parquet("web_shop/cust*", "customer_id")}
    requesters = {ticket["requester_id"] for ticket in demo.json_lines("service_desk/*.jsonl")}
    delivered |= {f"service_desk:requesters:{key}" for key in requesters}
    delivered |= {f"zoho_crm:leads:{row['Record Id']}" for row in demo.csv("zoho_crm/leads_*.csv", "utf-8")}
    for name in ("accounts", "contacts", "leads"):
        rows = demo.xlsx(f"fxiaoke/{name}_20111209.xlsx")
        delivered |= {f"fxiaoke:{name}:{row['唯一性ID'] or ''}" for row in rows}
    partners = demo.erp("select partner_no, created_on from business_partners where not is_deleted")
    delivered |= {f"erp:business_partners:{number}" for number, created_on in partners if is_day(created_on)}
    without_key = {key for key in delivered if key.endswith(":")}
    truth = [key for (key,) in demo.truth_rows("select record_key from truth")]
    assert len(truth) == len(set(truth))
    # Further systems are held against the truth where their deliveries are tested.
    objects = {key.rsplit(":", 1)[0] for key in delivered}
    assert {key for key in truth if key.rsplit(":", 1)[0] in objects} == delivered - without_key
    assert without_key, "a few rows lack their key on purpose"


def test_truth_tables_agree(demo: Demo) -> None:
    assert demo.truth_rows("select count(*) from truth anti join true_values using (entity_id)") == [(0,)]
    assert demo.truth_rows("select count(*) from true_values anti join truth using (entity_id)") == [(0,)]
    assert demo.truth_rows("select count(*) - count(distinct entity_id) from true_values") == [(0,)]
    assert demo.truth_rows("select count(*) - count(distinct email) from true_values where email is not null") == [(0,)]


def expected(demo: Demo) -> dict[str, dict]:
    return json.loads((demo.truth / "expected_quarantine.json").read_text(encoding="utf-8"))


def test_expected_quarantine_is_what_the_files_hold(demo: Demo) -> None:
    def check(key: str, rows: list[tuple], is_broken: list[bool]) -> None:
        broken = {row for row, bad in zip(rows, is_broken, strict=True) if bad}
        wanted = expected(demo)[key]
        assert wanted["rows_read"] == len(rows), key
        assert wanted["duplicates"] == len(rows) - len(set(rows)), key
        assert wanted["quarantined"] == len(broken), key
        assert wanted["accepted"] == len(set(rows)) - len(broken), key

    def bad_time(time: str | None) -> bool:
        return time in ("昨天", None) or time.startswith(("2011-02-30", "2011-13-45"))

    for key, pattern, encoding, time in (
        ("zoho_crm.contacts", "zoho_crm/contacts_*.csv", "utf-8", "Modified Time"),
        ("zoho_crm.accounts", "zoho_crm/accounts_*.csv", "utf-8", "Modified Time"),
        ("pos.members", "pos/members_*.csv", "gb18030", "更新时间"),
    ):
        rows = demo.csv(pattern, encoding)
        check(key, [tuple(r.values()) for r in rows], [bad_time(r[time]) or not next(iter(r.values())) for r in rows])
    rows = demo.pos_tickets()
    broken = [bad_time(row["销售时间"]) or not row["小票号"] or row["金额"] == "——" for row in rows]
    check("pos.tickets", [tuple(row.values()) for row in rows], broken)
    rows = demo.pos_lines()
    check("pos.ticket_lines", [tuple(r.values()) for r in rows], [not is_whole_number(r["数量"]) for r in rows])
    rows = demo.json_lines("web_shop/orders_*.jsonl")
    broken = [bad_time(r["created_at"]) or not r["order_id"] or r["total_price"] == "N/A" for r in rows]
    check("web_shop.orders", [tuple(row.values()) for row in rows], broken)
    rows = demo.json_lines("service_desk/tickets_*.jsonl")
    check(
        "service_desk.tickets",
        [tuple(row.values()) for row in rows],
        [bad_time(row["created_at"]) or not row["ticket_id"] for row in rows],
    )
    for name, time in (("accounts", "最后修改时间"), ("contacts", "最后修改时间"), ("leads", "创建时间")):
        rows = demo.xlsx(f"fxiaoke/{name}_20111209.xlsx")
        broken = [not row["唯一性ID"] or row[time] in ("2011-02-30 08:15", "上周三") for row in rows]
        check(f"fxiaoke.{name}", [tuple(row.values()) for row in rows], broken)
    rows = demo.xlsx("fxiaoke/orders_20111209.xlsx")
    check("fxiaoke.orders", [tuple(row.values()) for row in rows], [not is_readable_order(row) for row in rows])
    rows = demo.xlsx("fxiaoke/owners_20111209.xlsx")
    check("fxiaoke.owners", [tuple(row.values()) for row in rows], [False] * len(rows))
    for name, day in (("business_partners", "created_on"), ("invoices", "due_on"), ("payments", "value_date")):
        rows = demo.erp(f"select {day}, * from {name}")
        check(f"erp.{name}", rows, [not is_day(row[0]) for row in rows])
    table = demo.parquet("web_shop/customers_*.parquet")
    check("web_shop.customers", table, [row[0] is None for row in table])
    table = demo.parquet("web_shop/order_lines_*.parquet")
    check("web_shop.order_lines", table, [row[0] is None for row in table])


def test_traps_are_what_their_names_say(demo: Demo) -> None:
    pairs = demo.truth_rows(
        """
        select a.trap, v.family_name = w.family_name, v.given_name = w.given_name, v.birth_date = w.birth_date,
            v.street = w.street and v.house_number = w.house_number
        from (select distinct entity_id, household_id, trap from truth) a
        join (select distinct entity_id, household_id, trap from truth) b using (household_id, trap)
        join true_values v on v.entity_id = a.entity_id join true_values w on w.entity_id = b.entity_id
        where a.entity_id < b.entity_id and trap in ('twin', 'father_son', 'sibling', 'spouse')
        """
    )
    seen = Counter(trap for trap, *_ in pairs)
    assert min(seen[trap] for trap in ("twin", "father_son", "sibling", "spouse")) >= 20
    for trap, same_family, same_given, same_birth, same_home in pairs:
        assert same_home, trap
        assert same_given == (trap == "father_son")
        assert same_family or trap == "spouse"
        assert same_birth == (trap == "twin") or trap == "spouse"


def test_check_digits(demo: Demo) -> None:
    residents = [number for (number,) in demo.truth_rows("select national_id from true_values where national_id > ''")]
    query = "select distinct company_id from true_values where company_id > '' and {}"
    companies = [number for (number,) in demo.truth_rows(query.format("population = 'chinese'"))]
    european = [number for (number,) in demo.truth_rows(query.format("population = 'western'"))]
    checks = {"GB": british_vat, "DE": german_vat, "FR": french_vat}
    assert len(european) > 100
    assert [number for number in european if not checks[number[:2]].is_valid(number)] == []
    assert len(residents) > 1_500
    assert len(companies) > 50
    assert [number for number in residents if not ric.is_valid(number)] == []
    assert [number for number in companies if not uscc.is_valid(number)] == []
    for number, birth_date, gender in demo.truth_rows(
        "select national_id, birth_date, gender from true_values where national_id > ''"
    ):
        assert number[6:14] == f"{birth_date:%Y%m%d}"
        assert (int(number[16]) % 2 == 1) == (gender == "male")


# -- rates -----------------------------------------------------------------------------------------------------


def test_who_there_is(demo: Demo) -> None:
    rates = ErrorRates()
    ((persons, chinese, at_home, contacts),) = demo.truth_rows(
        """
        select count(*), avg((population = 'chinese')::int), avg((members > 1)::int), avg((company is not null)::int)
        from (
            select entity_id, any_value(population) as population, any_value(company_entity_id) as company,
                count(*) over (partition by any_value(household_id)) as members
            from truth where party_type = 'person' group by entity_id
            having bool_or(record_key not like 'third_party:%')  -- the vendor alone knows strangers
        )
        """
    )
    assert persons == HISTORIES + round(HISTORIES * rates.prospects)
    assert chinese == pytest.approx(rates.chinese, abs=0.02)
    assert at_home == pytest.approx(rates.in_household, abs=0.03)
    assert contacts == pytest.approx(rates.company_contact, abs=0.015)


@pytest.mark.parametrize(
    ("change", "objects", "population", "share"),
    [
        ("pinyin", "contacts", "chinese", ErrorRates.pinyin),
        ("pinyin", "customers", "chinese", ErrorRates.pinyin * 1.5),
        ("english_name", "contacts", "chinese", ErrorRates.english_name),
        ("family_name_only", "members", "western", ErrorRates.family_name_only),
        ("phone_typo", "members", "western", ErrorRates.phone_typo * 0.95),
        ("placeholder_phone", "members", "western", ErrorRates.placeholder_phone * 0.95),
        ("email_typo", "customers", "western", ErrorRates.email_typo),
        ("initial_only", "contacts", "western", ErrorRates.initial_only),
    ],
)
def test_mistakes_come_at_their_rate(demo: Demo, change: str, objects: str, population: str, share: float) -> None:
    """Within four standard deviations of a binomial share."""
    ((records, found),) = demo.truth_rows(
        f"""
        select count(*), avg(coalesce(list_contains(string_split(changes, ','), '{change}'), false)::int)
        from truth where split_part(record_key, ':', 2) = '{objects}' and population = '{population}'
        """
    )
    assert found > 0
    assert abs(found - share) < 4 * (share * (1 - share) / records) ** 0.5 + 0.002


def test_records_of_a_person_mostly_share_a_contact(demo: Demo) -> None:
    """Neither trivial nor impossible: most further records repeat an email or a phone, and some do not."""
    entity = dict(demo.truth_rows("select record_key, entity_id from truth"))
    values: dict[str, set[str]] = {}

    def add(key: str, *contacts: str | None) -> None:
        if key in entity:
            digits = ["".join(c for c in contact or "" if c.isdecimal())[-9:] for contact in contacts]
            found = {number for number in digits if len(number) == 9 and len(set(number)) > 1}
            found |= {contact.strip().lower() for contact in contacts if contact and "@" in contact}
            values.setdefault(key, set()).update(found - {"na@na.com"})

    for row in demo.csv("zoho_crm/contacts_*.csv", "utf-8"):
        add(f"zoho_crm:contacts:{row['Record Id']}", row["Email"], row["Mobile"], row["Phone"])
    for row in demo.csv("pos/members_*.csv", "gb18030"):
        add(f"pos:members:{row['会员号']}", row["邮箱"], row["手机号"], row["固定电话"])
    for customer_id, email, phone in demo.parquet("web_shop/customers_*.parquet", "customer_id, email, phone"):
        add(f"web_shop:customers:{customer_id}", email, phone)
    for ticket in demo.json_lines("service_desk/tickets_*.jsonl"):
        add(f"service_desk:requesters:{ticket['requester_id']}", ticket["requester_email"], ticket["requester_phone"])
    of_entity: dict[str, list[set[str]]] = {}
    for key, contacts in values.items():
        of_entity.setdefault(entity[key], []).append(contacts)
    several = [records for records in of_entity.values() if len(records) > 1]
    shares = [
        any(record & other for at, other in enumerate(records) if at != position)
        for records in several
        for position, record in enumerate(records)
    ]
    assert 0.85 < sum(shares) / len(shares) < 0.97


def test_readme_lists_every_rate_with_its_value() -> None:
    readme = (ROOT / "sample_data" / "README.md").read_text(encoding="utf-8")
    for name, value in vars(ErrorRates()).items():
        shown = "1/3" if name == "chinese" else f"{value:g}"
        assert f"| `{name}` | {shown} |" in readme, name
