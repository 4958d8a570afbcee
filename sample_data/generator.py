"""The run: block by block, people, their records, their orders, the files and the truth.

The order of the steps belongs here and nothing else: each step's substance is in its own module.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from sample_data import exports
from sample_data.chance import Chance
from sample_data.files import Folder, spoil
from sample_data.orders import HISTORIES, OrderBook, Slot
from sample_data.people import Person, Population
from sample_data.rates import ErrorRates
from sample_data.records import ACCOUNTS, CONTACTS, CUSTOMERS, MEMBERS, REQUESTERS, Record, Recorder
from sample_data.reference import load
from sample_data.service import tickets_of
from sample_data.systems import Block, all_systems, buyers_of
from sample_data.truth import truth_table, values_table

DEFAULT_CUSTOMERS = HISTORIES
"""Every order history once."""
BLOCK = 5 * HISTORIES
"""Customers made at a time: bounds the memory."""
_OWN_FILES = (
    "zoho_crm/contacts_*.csv",
    "zoho_crm/accounts_*.csv",
    "web_shop/customers_*.parquet",
    "web_shop/orders_*.jsonl",
    "web_shop/order_lines_*.parquet",
    "pos/members_*.csv",
    "pos/tickets_*.csv",
    "pos/ticket_lines_*.csv",
    "service_desk/tickets_*.jsonl",
)

_IDENTIFIERS: dict[str, Callable[[int], str]] = {
    # One series in the CRM, as there: odd for contacts, even for accounts.
    CONTACTS: lambda number: f"zcrm_{5725767000000400001 + 2 * number}",
    ACCOUNTS: lambda number: f"zcrm_{5725767000000400000 + 2 * number}",
    CUSTOMERS: lambda number: f"C{number:08d}",
    MEMBERS: lambda number: f"M{number:08d}",
    REQUESTERS: lambda number: f"R{number:05d}",
}


@dataclass
class DemoSummary:
    """What was written.

    ``rows`` counts per "system.object" the rows that should be accepted: without exact duplicates and without those
    to be quarantined. ``line_total`` is the sum of all order lines, and of the orders that have only a header.
    ``amounts`` holds per "system.object" what evaluation has to know by name, such as ``quarantined_amount``: the part
    of ``line_total`` in rows that cannot be loaded.
    """

    customers: int
    prospects: int = 0
    organisations: int = 0
    records: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    duplicates: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    amounts: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    line_total: Decimal = Decimal("0.00")

    def describe(self) -> str:
        """A few lines for a person."""
        lines = [
            f"{self.customers} customers, {self.prospects} prospects, {self.organisations} companies",
            *(f"  {key}: {count} records" for key, count in sorted(self.records.items())),
            f"order lines: {self.line_total} GBP in all",
        ]
        return "\n".join(lines)

    def expected_quarantine(self) -> dict[str, dict[str, int | str]]:
        """Per "system.object": exact duplicates, quarantined rows, the order amount missing with them, other amounts."""
        return {
            key: {
                "rows_read": self.rows[key] + self.duplicates[key] + self.quarantined[key],
                "accepted": self.rows[key],
                "duplicates": self.duplicates[key],
                "quarantined": self.quarantined[key],
                "quarantined_amount": "0.00",
                **{name: f"{amount:.2f}" for name, amount in self.amounts.get(key, {}).items()},
            }
            for key in sorted(self.rows)
        }


def generate(
    landing: Path,
    truth: Path,
    customers: int = DEFAULT_CUSTOMERS,
    seed: int = 7,
    progress: Callable[[str], object] | None = None,
    rates: ErrorRates | None = None,
) -> DemoSummary:
    """Write the deliveries of all systems into ``landing`` and who is who into ``truth``.

    The same arguments give the same bytes. Earlier deliveries of this generator in ``landing`` are removed first;
    other files stay.

    Args:
        landing: Folder of the deliveries, one folder per system below it.
        truth: Folder of the truth, which only evaluation reads.
        customers: Customers with orders; prospects come on top.
        seed: Whole number.
        progress: Called with a line of text after each step.
        rates: How often what happens.

    Raises:
        ValueError: ``customers`` is below 1.
    """
    if customers < 1:
        raise ValueError(f"customers must be at least 1, not {customers}")
    for pattern in (*_OWN_FILES, *(pattern for system in all_systems() for pattern in system.FILES)):
        for path in landing.glob(pattern):
            path.unlink()
    truth.mkdir(parents=True, exist_ok=True)
    summary = DemoSummary(customers)
    with (
        tempfile.TemporaryDirectory(prefix="sample_data_") as scratch,
        Folder(landing) as deliveries,
        Folder(truth) as truths,
    ):
        run = _Run(rates or ErrorRates(), seed, OrderBook(customers, seed, Path(scratch)), deliveries, truths, summary)
        for first in range(0, customers, BLOCK):
            last = min(customers, first + BLOCK)
            run.block(first, last)
            if progress is not None:
                progress(f"sample data: {last} of {customers} customers written")
    expected = json.dumps(summary.expected_quarantine(), indent=2, ensure_ascii=False)
    (truth / "expected_quarantine.json").write_text(expected + "\n", encoding="utf-8")
    return summary


class _Run:
    """What the blocks share: open files, running numbers, the summary."""

    def __init__(
        self,
        rates: ErrorRates,
        seed: int,
        book: OrderBook,
        deliveries: Folder,
        truths: Folder,
        summary: DemoSummary,
    ) -> None:
        self.rates = rates
        self.seed = seed
        self.book = book
        self.deliveries = deliveries
        self.truths = truths
        self.summary = summary
        self.reference = load()
        self.day = f"{book.end:%Y%m%d}"
        self.next_entity = 1
        self.taken: set[str] = set()
        self.next_number: Counter[str] = Counter()

    def block(self, first: int, last: int) -> None:
        """Customers from number ``first`` up to before ``last``, with their share of prospects and companies."""
        buyers = [self.book.buyer(number) for number in range(first, last)]
        population = Population(
            self.reference, self.rates, Chance(self.seed, "people", first), self.book.end, self.next_entity, self.taken
        )
        persons = population.make(buyers, self.rates.chinese / self.book.share_of_british())
        organisations = [*population.organisations, *population.further_organisations()]
        strangers = population.strangers(round(self.rates.strangers * len(persons)))
        self.next_entity = population.next_entity
        recorder = Recorder(self.reference, self.rates, Chance(self.seed, "records", first), self.book.end)
        records = [record for person in persons for record in recorder.records_of(person)]
        records += [record for company in population.organisations for record in recorder.accounts_of(company)]
        for system in all_systems():
            # Each system draws by itself, so that one more changes nothing for the others.
            chance = Chance(self.seed, "records", system.__name__, first)
            own = Recorder(self.reference, self.rates, chance, self.book.end, strangers)
            records += system.sign_ups(persons, organisations, own)
        self._number(records)
        self.summary.prospects += sum(person.buyer is None for person in persons)
        self.summary.organisations += len(organisations)
        self.summary.records.update(record.object_key for record in records)

        slots = _slots(records, Chance(self.seed, "slots", first))
        business = _business_slots(slots, records, self.rates, Chance(self.seed, "business", first))
        self.book.fill(business, first, last, self.rates)
        self._write_customers(records, Chance(self.seed, "exports", first))
        self._write_orders(Chance(self.seed, "orders", first))
        self._write_service(records, Chance(self.seed, "service", first))
        block = Block(
            persons,
            organisations,
            records,
            self.book,
            self.reference,
            self.rates,
            self.seed,
            first,
            self.deliveries,
            self.truths,
            self.next_number,
            self._count,
            self._note_amount,
        )
        for system in all_systems():
            system.write(block)
        self.truths.append_parquet("customer_truth.parquet", truth_table(records))
        everyone = [*persons, *strangers]
        self.truths.append_parquet("true_values.parquet", values_table(everyone, organisations, self.reference))

    def _number(self, records: list[Record]) -> None:
        """Sort the records by creation and give each the next identifier of its system."""
        records.sort(key=lambda record: (record.created, record.object_key, record.owner.entity_id))
        identifiers = {**_IDENTIFIERS, **{k: v for system in all_systems() for k, v in system.IDENTIFIERS.items()}}
        for record in records:
            number = self.next_number[record.object_key] = self.next_number[record.object_key] + 1
            record.source_id = identifiers[record.object_key](number)

    def _count(self, key: str, rows: int, duplicates: int, quarantined: int) -> None:
        self.summary.rows[key] += rows
        self.summary.duplicates[key] += duplicates
        self.summary.quarantined[key] += quarantined

    def _note_amount(self, key: str, name: str, amount: Decimal) -> None:
        amounts = self.summary.amounts.setdefault(key, {})
        amounts[name] = amounts.get(name, Decimal(0)) + amount

    def _write_customers(self, records: list[Record], chance: Chance) -> None:
        """Contacts, accounts, shop customers and POS members."""
        numbers = _member_numbers(records, self.rates, chance)
        by_object: dict[str, list[Record]] = {key: [] for key in (CONTACTS, ACCOUNTS, CUSTOMERS, MEMBERS)}
        for record in records:
            if record.object_key in by_object:
                by_object[record.object_key].append(record)
        rows = [exports.contact_row(r, numbers.get(r.record_key, ""), chance) for r in by_object[CONTACTS]]
        self._write_csv("zoho_crm", "contacts", exports.CONTACT_TITLES, rows, "utf-8", "Modified Time", chance)
        rows = [exports.account_row(r, chance) for r in by_object[ACCOUNTS]]
        self._write_csv("zoho_crm", "accounts", exports.ACCOUNT_TITLES, rows, "utf-8", "Modified Time", chance)
        rows = [exports.member_row(r, chance) for r in by_object[MEMBERS]]
        self._write_csv("pos", "members", exports.MEMBER_TITLES, rows, "gb18030", "更新时间", chance)
        rows = [exports.customer_row(r, numbers.get(r.record_key, ""), chance) for r in by_object[CUSTOMERS]]
        spoiled, duplicates, broken = spoil(rows, [("customer_id", None)], self.rates, chance)
        table = pa.Table.from_pylist(spoiled, exports.CUSTOMER_SCHEMA)
        self.deliveries.append_parquet(f"web_shop/customers_{self.day}.parquet", table)
        self._count("web_shop.customers", len(rows), duplicates, broken)

    def _write_csv(
        self,
        system: str,
        name: str,
        titles: list[str],
        rows: list[dict],
        encoding: str,
        time_title: str,
        chance: Chance,
    ) -> None:
        """A customer object with its bad rows: some without key, some with a time that does not exist."""
        broken_values = [(titles[0], ""), (time_title, "2011-02-30 08:15:00"), (time_title, "昨天")]
        spoiled, duplicates, broken = spoil(rows, broken_values, self.rates, chance)
        values = [list(row.values()) for row in spoiled]
        self.deliveries.append_csv(f"{system}/{name}_{self.day}.csv", titles, values, encoding)
        self._count(f"{system}.{name}", len(rows), duplicates, broken)

    def _write_orders(self, chance: Chance) -> None:
        book, deliveries = self.book, self.deliveries
        rows = book.shop_orders()
        broken_values = [("created_at", "2011-13-45T10:00:00Z"), ("order_id", None), ("total_price", "N/A")]
        spoiled, duplicates, broken = spoil(rows, broken_values, self.rates, chance)
        deliveries.append_json_lines(f"web_shop/orders_{self.day}.jsonl", spoiled)
        self._count("web_shop.orders", len(rows), duplicates, broken)
        deliveries.append_parquet(f"web_shop/order_lines_{self.day}.parquet", book.shop_lines())
        broken_values = [("销售时间", "2011-02-30 10:00:00"), ("小票号", ""), ("金额", "——")]
        for month in book.months():
            rows = book.pos_tickets(month)
            spoiled, duplicates, broken = spoil(rows, broken_values, self.rates, chance)
            values = [list(row.values()) for row in spoiled]
            deliveries.append_csv(f"pos/tickets_{month}.csv", exports.TICKET_TITLES, values, "gb18030")
            self._count("pos.tickets", len(rows), duplicates, broken)
            deliveries.append_csv_file(
                f"pos/ticket_lines_{month}.csv", exports.TICKET_LINE_TITLES, book.write_pos_lines(month), "gb18030"
            )
        for place, rows_whole, duplicates, broken, amount in book.line_faults():
            key = {"shop": "web_shop.order_lines", "pos": "pos.ticket_lines"}[place]
            self._count(key, rows_whole, duplicates, broken)
            self._note_amount(key, "quarantined_amount", amount)
        self.summary.line_total += book.line_total()

    def _write_service(self, records: list[Record], chance: Chance) -> None:
        requesters = [record for record in records if record.object_key == REQUESTERS]
        buyers = {r.owner.buyer.number for r in requesters if isinstance(r.owner, Person) and r.owner.buyer}
        orders = self.book.orders_by_buyer(buyers)
        tickets: list[dict] = []
        for record in requesters:
            buyer = record.owner.buyer if isinstance(record.owner, Person) else None
            of_buyer = orders.get(buyer.number, []) if buyer else []
            tickets += tickets_of(record, of_buyer, self.reference, chance, self.book.end)
        tickets.sort(key=lambda ticket: (ticket["created_at"], ticket["requester_id"]))
        for ticket in tickets:
            number = self.next_number["tickets"] = self.next_number["tickets"] + 1
            ticket["ticket_id"] = f"T{number:06d}"
        broken_values = [("created_at", "2011-02-30T25:61:00Z"), ("ticket_id", None)]
        spoiled, duplicates, broken = spoil(tickets, broken_values, self.rates, chance)
        self.deliveries.append_json_lines(f"service_desk/tickets_{self.day}.jsonl", spoiled)
        self._count("service_desk.tickets", len(tickets), duplicates, broken)


def _slots(records: list[Record], chance: Chance) -> list[Slot]:
    """Per customer the shop and POS records their orders hang on, by customer number."""
    of_buyer: dict[int, dict[str, list[Record]]] = {}
    chinese: dict[int, bool] = {}
    for record in records:
        owner = record.owner
        if isinstance(owner, Person) and owner.buyer and record.object_key in (CUSTOMERS, MEMBERS):
            by_object = of_buyer.setdefault(owner.buyer.number, {CUSTOMERS: [], MEMBERS: []})
            by_object[record.object_key].append(record)
            chinese[owner.buyer.number] = owner.population == "chinese"
    slots = []
    for buyer, by_object in sorted(of_buyer.items()):
        shop, pos = by_object[CUSTOMERS], by_object[MEMBERS]
        slots.append(
            Slot(
                buyer=buyer,
                shop=shop[0].source_id if shop else None,
                shop_again=shop[1].source_id if len(shop) > 1 else None,
                shop_again_from=shop[1].created if len(shop) > 1 else None,
                pos=pos[0].source_id if pos else None,
                pos_again=pos[1].source_id if len(pos) > 1 else None,
                pos_again_from=pos[1].created if len(pos) > 1 else None,
                shop_share=0.15 + 0.7 * chance.uniform(),
                is_chinese=chinese[buyer],
            )
        )
    return slots


def _business_slots(slots: list[Slot], records: list[Record], rates: ErrorRates, chance: Chance) -> list[Slot]:
    """The slots, with the contact and the account under which a company's contact orders where there is a choice."""
    account_of = {contact: account for system in all_systems() for contact, account in buyers_of(system).items()}
    accounts: dict[tuple[str, str], Record] = {}
    contacts: dict[int, Record] = {}
    for record in records:
        if isinstance(record.owner, Person):
            if record.object_key in account_of and record.owner.buyer and record.owner.organisation:
                contacts.setdefault(record.owner.buyer.number, record)
        else:
            accounts.setdefault((record.object_key, record.owner.entity_id), record)
    result = []
    for slot in slots:
        contact = contacts.get(slot.buyer)
        if contact is None or not chance.happens(rates.business_orders):
            result.append(slot)
            continue
        assert isinstance(contact.owner, Person)
        assert contact.owner.organisation is not None
        account = accounts[account_of[contact.object_key], contact.owner.organisation.entity_id]
        share = 1.0 if chance.happens(rates.business_orders_only) else 0.4 + 0.4 * chance.uniform()
        result.append(
            replace(
                slot,
                business=contact.object_key.split(":")[0],
                business_contact=contact.source_id,
                business_account=account.source_id,
                business_share=share,
            )
        )
    return result


def _member_numbers(records: list[Record], rates: ErrorRates, chance: Chance) -> dict[str, str]:
    """Record key of a contact or shop customer -> the member number it carries, rarely that of a partner."""
    cards: dict[str, str] = {}
    for record in records:
        if record.object_key == MEMBERS:
            cards.setdefault(record.owner.entity_id, record.source_id)
    shares = {CONTACTS: rates.member_number_in_crm, CUSTOMERS: rates.member_number_in_shop}
    numbers: dict[str, str] = {}
    for record in records:
        owner = record.owner
        if record.object_key not in shares or not isinstance(owner, Person):
            continue
        if not chance.happens(shares[record.object_key]):
            continue
        partners = [m.entity_id for m in owner.household.members if m is not owner and m.entity_id in cards]
        if partners and chance.happens(rates.member_number_of_partner):
            record.changes.append("member_number_of_partner")
            numbers[record.record_key] = cards[partners[0]]
        elif owner.entity_id in cards:
            numbers[record.record_key] = cards[owner.entity_id]
    return numbers
