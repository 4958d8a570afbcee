"""The ERP: business partners, the invoices of western companies and their payments, as tables of one SQLite file.

A partner is a company or a contact person of one. An invoice names the company that pays and mostly the person who
ordered; only its header is known. Days are texts as ERP systems keep them ('20110131', '00000000' for none), times are
UTC. A key stands in a table once, so there are no duplicates; rows that cannot be loaded have a day that does not exist.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.people import Organisation, Person
from sample_data.records import OPENED, Form, Record, Recorder
from sample_data.systems import Block

DATABASE = "erp/erp.sqlite"
FILES = (DATABASE, "erp/pulled/*")
"""Pulled files hold an earlier database."""
PARTNERS = "erp:business_partners"
IDENTIFIERS = {PARTNERS: lambda number: f"BP{number:06d}"}
BUYERS = {PARTNERS: PARTNERS}

PARTNER_COLUMNS = {
    "partner_no": "TEXT PRIMARY KEY",
    "partner_type": "TEXT NOT NULL",
    "name": "TEXT",
    "parent_no": "TEXT",
    "uscc": "TEXT",
    "vat_number": "TEXT",
    "street": "TEXT",
    "postal_code": "TEXT",
    "district": "TEXT",
    "city": "TEXT",
    "region": "TEXT",
    "country": "TEXT",
    "phone": "TEXT",
    "mobile": "TEXT",
    "email": "TEXT",
    "payment_days": "INTEGER",
    "created_on": "TEXT NOT NULL",
    "is_deleted": "INTEGER NOT NULL",
    "updated_at": "TIMESTAMP NOT NULL",
}
INVOICE_COLUMNS = {
    "invoice_no": "TEXT PRIMARY KEY",
    "partner_no": "TEXT NOT NULL",
    "contact_no": "TEXT",
    "invoiced_at": "TIMESTAMP NOT NULL",
    "due_on": "TEXT NOT NULL",
    "net_amount": "DECIMAL(18, 2) NOT NULL",
    "tax_amount": "DECIMAL(18, 2) NOT NULL",
    "gross_amount": "DECIMAL(18, 2) NOT NULL",
    "currency": "TEXT NOT NULL",
    "status": "TEXT NOT NULL",
    "updated_at": "TIMESTAMP NOT NULL",
}
PAYMENT_COLUMNS = {
    "payment_no": "TEXT PRIMARY KEY",
    "invoice_no": "TEXT NOT NULL",
    "partner_no": "TEXT NOT NULL",
    "paid_at": "TIMESTAMP NOT NULL",
    "value_date": "TEXT NOT NULL",
    "amount": "DECIMAL(18, 2) NOT NULL",
    "currency": "TEXT NOT NULL",
    "method": "TEXT NOT NULL",
    "status": "TEXT NOT NULL",
    "updated_at": "TIMESTAMP NOT NULL",
}

_CONTACT = Form(email=0.7, mobile=0.35, phone=0.8, address=0.5, work_email=0.85)
_NO_DAYS = ("20110230", "20111301", "2011043")
_METHODS = Weighted(("bank transfer", "direct debit", "card", "cheque"), (55, 25, 12, 8))
_VAT = {"GB": Decimal("0.20")}
"""Sold at home; goods that leave the country carry none."""
_PENNY = Decimal("0.01")


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """Companies of all countries, and the contacts of the western ones."""
    happens, rates = recorder.chance.happens, recorder.rates
    contacts_of: dict[str, list[Person]] = {}
    for person in persons:
        if person.organisation is not None:
            contacts_of.setdefault(person.organisation.entity_id, []).append(person)
    records: list[Record] = []
    for company in organisations:
        contacts = contacts_of.get(company.entity_id, [])
        is_western = company.population == "western"
        is_known = happens(rates.company_in_erp if is_western else rates.chinese_company_in_erp)
        # Companies without a contact are in one system of those that know only companies: Chinese ones in Fxiaoke.
        if not is_known and (contacts or not is_western):
            continue
        account = _company(company, contacts, recorder)
        records.append(account)
        if is_western:
            records += [_contact(person, account, recorder) for person in contacts if happens(rates.contact_in_erp)]
    return records


def _company(company: Organisation, contacts: list[Person], recorder: Recorder) -> Record:
    """The partner of a company: older than the first order of its contacts."""
    chance = recorder.chance
    orders = [person.buyer.first_order for person in contacts if person.buyer]
    created = chance.moment(OPENED, min(orders) - timedelta(hours=2)) if orders else None
    is_variant = chance.happens(recorder.rates.company_name_variant)
    record = recorder.company_record(PARTNERS, company, created, is_variant=is_variant, credit_code=0.95)
    record.changes += ["company_name_variant"] * is_variant
    record.values["vat_number"] = company.vat_number if chance.happens(0.9) else ""
    record.values["email"] = f"{chance.pick(('accounts', 'info', 'office'))}@{company.domain}"
    record.values["email"] *= chance.happens(0.6)
    return record


def _contact(person: Person, account: Record, recorder: Recorder) -> Record:
    latest = person.buyer.first_order - timedelta(hours=1) if person.buyer else recorder.end
    return recorder.person_record(PARTNERS, person, recorder.chance.moment(account.created, latest), _CONTACT)


def write(block: Block) -> None:
    """The three tables."""
    chance = block.chance("erp")
    partners = block.of(PARTNERS)
    companies: dict[str, Record] = {}
    for record in partners:
        if isinstance(record.owner, Organisation):
            companies.setdefault(record.owner.entity_id, record)
    rows = [_partner_row(record, companies) for record in partners]
    deleted, broken = _further_partners(rows, block, chance)
    _append(block, "business_partners", PARTNER_COLUMNS, [*rows, *deleted, *broken])
    block.count("erp.business_partners", len(rows) + len(deleted), 0, len(broken))

    lands = {record.source_id: record.owner for record in partners if isinstance(record.owner, Organisation)}
    invoices, payments = [], []
    for order in block.book.business_orders("erp"):
        invoice = _invoice_row(order, lands[order["account"]])
        paid = _payment_rows(invoice, block, chance)
        is_paid = sum(row["amount"] for row in paid if row["status"] == "cleared") == invoice["gross_amount"]
        invoice["status"] = "cancelled" if not order["amount"] else "paid" if is_paid else "open"
        invoice["updated_at"] = max([invoice["invoiced_at"], *(row["paid_at"] for row in paid)])
        invoices.append(invoice)
        payments += paid
    lost = _break(invoices, "due_on", block, chance)
    block.note_amount("erp.invoices", "quarantined_amount", sum((row["net_amount"] for row in lost), Decimal(0)))
    _append(block, "invoices", INVOICE_COLUMNS, invoices)
    block.count("erp.invoices", len(invoices) - len(lost), 0, len(lost))
    payments.sort(key=lambda row: (row["paid_at"], row["invoice_no"]))
    for row in payments:
        row["payment_no"] = f"PAY{block.number('erp payments'):07d}"
    lost = _break(payments, "value_date", block, chance)
    _append(block, "payments", PAYMENT_COLUMNS, payments)
    block.count("erp.payments", len(payments) - len(lost), 0, len(lost))


def _append(block: Block, table: str, columns: dict[str, str], rows: Sequence[dict[str, Any]]) -> None:
    cells = [[_cell(row[column]) for column in columns] for row in rows]
    block.deliveries.append_sqlite(DATABASE, table, columns, cells)


def _cell(value: object) -> object:
    """What SQLite's driver takes: a time and an amount as texts, '' as no value."""
    return None if value is None or value == "" else value if isinstance(value, int) else str(value)


def _partner_row(record: Record, companies: dict[str, Record]) -> dict[str, Any]:
    values, owner = record.values, record.owner
    is_person = isinstance(owner, Person)
    parent = companies.get(owner.organisation.entity_id) if is_person and owner.organisation else None
    return {
        "partner_no": record.source_id,
        "partner_type": "PERSON" if is_person else "COMPANY",
        "name": values["full_name"] if is_person else values["company"],
        "parent_no": parent.source_id if parent else None,
        "uscc": values.get("credit_code"),
        "vat_number": values.get("vat_number"),
        "street": values["street"],
        "postal_code": values["postcode"],
        "district": values["district"],
        "city": values["city"],
        "region": values["region"],
        "country": values["country"],
        "phone": values["phone"],
        "mobile": values.get("mobile"),
        "email": values["email"],
        "payment_days": None if is_person else 30,
        "created_on": f"{record.created:%Y%m%d}",
        "is_deleted": 0,
        "updated_at": record.updated,
    }


def _further_partners(
    rows: list[dict[str, Any]], block: Block, chance: Chance
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Companies entered by mistake and deleted; and rows moved from an older system with a day that does not exist,
    which were entered properly under another number: nothing is lost with them.
    """
    companies = [row for row in rows if row["partner_type"] == "COMPANY"]
    mistaken = [row for row in companies if chance.happens(block.rates.deleted_partner)]
    unreadable = chance.shuffled(companies)[: _broken_rows(companies, block)]
    deleted = [{**row, "is_deleted": 1} for row in mistaken]
    broken = [{**row, "created_on": chance.pick(_NO_DAYS)} for row in unreadable]
    for row in (*deleted, *broken):
        row["partner_no"] = IDENTIFIERS[PARTNERS](block.number(PARTNERS))
    return deleted, broken


def _invoice_row(order: dict[str, Any], company: Organisation | Person) -> dict[str, Any]:
    """An order as an invoice, still without state; what it costs is the net amount."""
    assert isinstance(company, Organisation)
    net = order["amount"]
    tax = (net * _VAT.get(company.address.country_code, Decimal(0))).quantize(_PENNY, ROUND_HALF_UP)
    return {
        "invoice_no": f"INV{order['order_no']:09d}",
        "partner_no": order["account"],
        "contact_no": order["customer"],
        "invoiced_at": order["ordered_at"],
        "due_on": f"{order['ordered_at'] + timedelta(days=30):%Y%m%d}" if net else "00000000",
        "net_amount": net,
        "tax_amount": tax,
        "gross_amount": net + tax,
        "currency": "GBP",
    }


def _payment_rows(invoice: dict[str, Any], block: Block, chance: Chance) -> list[dict[str, Any]]:
    """The payments of an invoice so far, still without number: mostly one within two weeks, in time or a little late."""
    gross, rates = invoice["gross_amount"], block.rates
    method = chance.weighted(_METHODS)
    days = 0 if method == "card" else chance.between(1, 14) if chance.happens(0.7) else chance.between(15, 45)
    first = gross if not chance.happens(rates.payment_in_two_parts) else (gross / 2).quantize(_PENNY, ROUND_HALF_UP)
    rows: list[dict[str, Any]] = []

    def pay(amount: Decimal, after: int, status: str = "cleared") -> None:
        paid_at: datetime = invoice["invoiced_at"] + timedelta(days=after, minutes=chance.between(1, 90))
        if amount and paid_at < block.end:
            rows.append(
                {
                    "invoice_no": invoice["invoice_no"],
                    "partner_no": invoice["partner_no"],
                    "paid_at": paid_at,
                    "value_date": f"{paid_at:%Y%m%d}" if status == "cleared" else "00000000",
                    "amount": amount,
                    "currency": "GBP",
                    "method": method,
                    "status": status,
                    "updated_at": paid_at,
                }
            )

    if chance.happens(rates.returned_payment):
        pay(first, days, "returned")
        days += 5
    pay(first, days)
    pay(gross - first, days + chance.between(3, 20))
    return rows


def _broken_rows(rows: Sequence[object], block: Block) -> int:
    """How many rows cannot be loaded: at least one, but none of only a few."""
    return max(1, round(block.rates.broken_rows * len(rows))) if len(rows) >= 20 else 0


def _break(rows: list[dict[str, Any]], day: str, block: Block, chance: Chance) -> list[dict[str, Any]]:
    """Give some rows a day that does not exist; these rows."""
    broken = chance.shuffled(rows)[: _broken_rows(rows, block)]
    for row in broken:
        row[day] = chance.pick(_NO_DAYS)
    return broken
