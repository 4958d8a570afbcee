"""What a sales team keeps in Zoho CRM beside contacts and accounts: leads, deals, activities, and the CRM's own users.

Belongs here: those four exports. Does not belong here: contacts and accounts, which are written in ``exports``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import ACCOUNTS, CONTACTS, OPENED, Form, Record, Recorder
from sample_data.systems import Block

FILES = (
    "zoho_crm/leads_*.csv",
    "zoho_crm/deals_*.csv",
    "zoho_crm/activities_*.csv",
    "zoho_crm/owners_*.csv",
)
LEADS = "zoho_crm:leads"
# Identifiers are unique in the whole CRM; each kind of record has a range of its own here.
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {LEADS: lambda number: f"zcrm_{5725767000100000000 + number}"}

LEAD_TITLES = [
    "Record Id",
    "Lead Owner.id",
    "Lead Owner",
    "Salutation",
    "First Name",
    "Last Name",
    "Company",
    "Title",
    "Email",
    "Phone",
    "Mobile",
    "Lead Source",
    "Lead Status",
    "Email Opt Out",
    "Street",
    "City",
    "State",
    "Zip Code",
    "Country",
    "Created Time",
    "Modified Time",
]
DEAL_TITLES = [
    "Record Id",
    "Deal Owner.id",
    "Deal Owner",
    "Deal Name",
    "Account Name.id",
    "Account Name",
    "Contact Name.id",
    "Contact Name",
    "Stage",
    "Probability (%)",
    "Amount",
    "Currency",
    "Closing Date",
    "Type",
    "Lead Source",
    "Reason For Loss",
    "Created Time",
    "Modified Time",
]
ACTIVITY_TITLES = [
    "Record Id",
    "Activity Type",
    "Activity Owner.id",
    "Activity Owner",
    "Subject",
    "Contact Name.id",
    "Contact Name",
    "Related To.module",
    "Related To.id",
    "Related To",
    "Status",
    "Call Type",
    "Call Purpose",
    "Call Result",
    "Call Start Time",
    "Call Duration (in seconds)",
    "From",
    "To",
    "Due Date",
    "Closed Time",
    "Created Time",
    "Modified Time",
]
OWNER_TITLES = [
    "Record Id",
    "Full Name",
    "First Name",
    "Last Name",
    "Email",
    "Role",
    "Profile",
    "Status",
    "Created Time",
    "Modified Time",
]

# Who is a lead: shares of persons.
_LEADS_OF_PROSPECTS = 0.45
_LEADS_OF_COMPANY_CONTACTS = 0.40
_LEADS_OF_OTHERS = 0.05
_LEAD_FORM = Form(
    two_name_fields=True,
    email=0.9,
    mobile=0.7,
    phone=0.2,
    gender=0.5,
    occupation=0.4,
    address=0.5,
    company=0.95,
    work_email=0.5,
)
_NO_COMPANY = {"chinese": ("无", "", "", "-"), "western": ("n/a", "", "", "-")}
"""What stands in the field Company of a private person."""
_LEAD_STATUSES = (
    "Not Contacted",
    "Attempted to Contact",
    "Contacted",
    "Contact in Future",
    "Pre-Qualified",
    "Lost Lead",
)
_LEAD_SOURCES = ("Web Form", "Trade Show", "Store", "Referral", "Cold Call", "Advertisement", "")

_FIRST_DEAL = datetime(2010, 1, 4, 9)
_DEALS_OF_ACCOUNT = Weighted((0, 1, 2, 3, 4), (26, 35, 22, 12, 5))
_OPEN_STAGES = {
    "Qualification": 10,
    "Needs Analysis": 20,
    "Value Proposition": 40,
    "Identify Decision Makers": 60,
    "Proposal/Price Quote": 75,
    "Negotiation/Review": 90,
}
_LOSS_REASONS = ("Price", "Competition", "No budget", "No answer", "")
_DEAL_SUBJECTS = {
    "chinese": ("年度采购", "节日礼品", "员工福利礼品", "门店陈列", "样品试单"),
    "western": ("Christmas gifts", "Annual supply", "Staff presents", "Shop display", "Sample order"),
}

_ACTIVITIES_OF_CONTACT, _ACTIVITIES_OF_LEAD = 0.22, 0.42
"""Shares of contacts and leads with any activity; one more follows with a chance of ``_ONE_MORE``."""
_ONE_MORE = 0.68
_PLANNED = 0.06
"""Of the activities, those that lie ahead."""
_KINDS = Weighted(("Calls", "Meetings", "Tasks"), (50, 20, 30))
_CALL_RESULTS = Weighted(
    ("Interested", "Not interested", "No response/Busy", "Requested more info", "Requested call back"),
    (28, 12, 25, 20, 15),
)
_SUBJECTS = {
    ("chinese", "Calls"): ("回访电话", "新品介绍", "报价确认", "订单跟进", "节日问候"),
    ("chinese", "Meetings"): ("到访门店", "样品展示", "合同洽谈", "年度回顾"),
    ("chinese", "Tasks"): ("发送报价单", "寄送样品", "更新客户资料", "准备合同"),
    ("western", "Calls"): (
        "Follow-up call",
        "New range",
        "Quote confirmation",
        "Order follow-up",
        "Season's greetings",
    ),
    ("western", "Meetings"): ("Store visit", "Product demonstration", "Contract talk", "Annual review"),
    ("western", "Tasks"): ("Send quote", "Send samples", "Update contact details", "Prepare contract"),
}


@dataclass(frozen=True)
class Owner:
    """A user of the CRM; those who left keep their records until somebody hands them over."""

    number: int
    first: str
    last: str
    email: str
    role: str
    profile: str
    joined: datetime
    left: datetime | None = None

    @property
    def source_id(self) -> str:
        """The identifier in the CRM."""
        return f"zcrm_{5725767000000013000 + self.number}"

    @property
    def name(self) -> str:
        """As the other exports show it."""
        return f"{self.first} {self.last}" if self.last.isascii() else f"{self.last}{self.first}"


_HELEN = Owner(1, "Helen", "Carter", "helen.carter@giftshop.example", "Sales Manager", "Administrator", OPENED)
_TOM = Owner(3, "Tom", "Bradley", "tom.bradley@giftshop.example", "Sales Rep", "Standard", datetime(2008, 3, 3, 9))
_LI = Owner(5, "娟", "李", "li.juan@giftshop.example", "Sales Rep", "Standard", OPENED)
_CHEN = Owner(7, "志强", "陈", "chen.zhiqiang@giftshop.example", "Sales Rep", "Standard", datetime(2010, 3, 1, 9))
_SARAH = Owner(
    9, "Sarah", "Ng", "sarah.ng@giftshop.example", "Key Account Manager", "Standard", datetime(2010, 9, 6, 9)
)
_GRACE = Owner(11, "Grace", "Mills", "grace.mills@giftshop.example", "CEO", "Administrator", OPENED)
_PETER = Owner(
    13,
    "Peter",
    "Novak",
    "peter.novak@giftshop.example",
    "Sales Rep",
    "Standard",
    datetime(2008, 3, 3, 9),
    datetime(2011, 6, 30, 17),
)
OWNERS = (_HELEN, _TOM, _LI, _CHEN, _SARAH, _GRACE, _PETER)
_SELLERS = {"chinese": (_LI, _CHEN, _SARAH), "western": (_HELEN, _TOM, _SARAH, _PETER)}


# -- leads ---------------------------------------------------------------------------------------------------------


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """The leads: people the sales team heard of, many of them known as contacts or customers already."""
    del organisations
    chance, records = recorder.chance, []
    for person in persons:
        share = _LEADS_OF_OTHERS
        if person.buyer is None:
            share = _LEADS_OF_PROSPECTS
        elif person.organisation is not None:
            share = _LEADS_OF_COMPANY_CONTACTS
        if not chance.happens(share):
            continue
        earliest = max(OPENED, (person.buyer.first_order if person.buyer else recorder.end) - timedelta(days=400))
        record = _lead(person, chance.moment(earliest, recorder.end), recorder)
        records.append(record)
        if chance.happens(recorder.rates.entered_twice):
            again = _lead(person, chance.moment(record.created + timedelta(minutes=5), recorder.end), recorder)
            again.changes.append("entered_twice")
            records.append(again)
    return records


def _lead(person: Person, created: datetime, recorder: Recorder) -> Record:
    record = recorder.person_record(LEADS, person, created, _LEAD_FORM)
    if not record.values["company"]:
        record.values["company"] = recorder.chance.pick(_NO_COMPANY[person.population])
    return record


def _lead_row(record: Record, chance: Chance) -> dict[str, Any]:
    values, person = record.values, _person(record)
    owner = _seller(person.population, record.updated, chance)
    salutation = {"female": "Ms.", "male": "Mr.", "": ""}[values["gender"]]
    district, street = values["district"], values["street"]
    row = (
        record.source_id,
        owner.source_id,
        owner.name,
        salutation,
        values["given_name"],
        values["family_name"],
        values["company"],
        values["occupation"],
        values["email"],
        values["phone"],
        values["mobile"],
        chance.pick(_LEAD_SOURCES),
        chance.pick(_LEAD_STATUSES),
        "true" if chance.happens(0.1) else "false",
        street if district in street else district + street,
        values["city"],
        values["region"],
        values["postcode"],
        values["country"],
        str(record.created),
        str(record.updated),
    )
    return dict(zip(LEAD_TITLES, row, strict=True))


# -- deals ---------------------------------------------------------------------------------------------------------


def _deals(block: Block) -> list[dict[str, Any]]:
    """Deals of the companies' accounts, most with one of the company's contacts, oldest first."""
    chance = block.chance("zoho_crm.deals")
    contacts: dict[str, list[Record]] = {}
    for record in block.of(CONTACTS):
        person = _person(record)
        if person.organisation is not None:
            contacts.setdefault(person.organisation.entity_id, []).append(record)
    rows = []
    for account in block.of(ACCOUNTS):
        company = account.owner
        assert isinstance(company, Organisation)
        known = contacts.get(company.entity_id, [])
        count = chance.weighted(_DEALS_OF_ACCOUNT)
        rows += [_deal_row(account, company, known, chance, block.end) for _ in range(count)]
    return _numbered(rows, "deals", 5725767000200000000, block)


def _deal_row(
    account: Record, company: Organisation, contacts: list[Record], chance: Chance, end: datetime
) -> dict[str, Any]:
    earliest = min(max(account.created, _FIRST_DEAL), end - timedelta(days=1))
    created = _in_office_hours(chance.moment(earliest, end), chance, earliest, end)
    contact = chance.pick(contacts) if contacts and chance.happens(0.9) else None
    decided = created + timedelta(days=chance.between(5, 120))
    reason = ""
    if decided <= end:
        won = chance.happens(0.55)
        stage, probability = ("Closed Won", 100) if won else ("Closed Lost", 0)
        modified, closing = decided, decided
        reason = "" if won else chance.pick(_LOSS_REASONS)
    else:
        stage = chance.pick(list(_OPEN_STAGES))
        probability = _OPEN_STAGES[stage]
        # The date is a plan: some are overdue, most lie ahead.
        modified, closing = chance.moment(created, end), end + timedelta(days=chance.between(-10, 90))
    owner = _seller(company.population, modified, chance)
    row = (
        "",
        owner.source_id,
        owner.name,
        f"{company.name} - {chance.pick(_DEAL_SUBJECTS[company.population])} {created.year}",
        account.source_id,
        account.values["company"],
        contact.source_id if contact else "",
        _name(contact) if contact else "",
        stage,
        str(probability),
        f"{chance.between(4, 400) * 50}.00",
        "GBP",
        str(closing.date()),
        chance.pick(("New Business", "Existing Business", "Existing Business", "")),
        chance.pick(_LEAD_SOURCES),
        reason,
        str(created),
        str(modified),
    )
    return dict(zip(DEAL_TITLES, row, strict=True))


# -- activities ----------------------------------------------------------------------------------------------------


def _activities(block: Block) -> list[dict[str, Any]]:
    """Calls, meetings and tasks with contacts and leads, oldest first; a few lie ahead."""
    chance = block.chance("zoho_crm.activities")
    rows = []
    for object_key, share in ((CONTACTS, _ACTIVITIES_OF_CONTACT), (LEADS, _ACTIVITIES_OF_LEAD)):
        for record in block.of(object_key):
            more = chance.happens(share)
            while more:
                rows.append(_activity_row(record, chance, block.end))
                more = chance.happens(_ONE_MORE)
    return _numbered(rows, "activities", 5725767000300000000, block)


def _activity_row(record: Record, chance: Chance, end: datetime) -> dict[str, Any]:
    kind = chance.weighted(_KINDS)
    population = _person(record).population
    is_planned = chance.happens(_PLANNED)
    if is_planned:
        created = chance.moment(max(record.created, end - timedelta(days=14)), end)
        start = end + timedelta(days=chance.between(1, 30), minutes=chance.between(0, 500))
        modified = created
    else:
        start = chance.moment(record.created, end - timedelta(hours=4))
        start = _in_office_hours(start, chance, record.created, end - timedelta(hours=4))
        created = max(record.created, start - timedelta(hours=chance.between(0, 72)))
        modified = start + timedelta(minutes=chance.between(5, 200))
    owner = _seller(population, modified, chance)
    row = dict.fromkeys(ACTIVITY_TITLES, "") | {
        "Activity Type": kind,
        "Activity Owner.id": owner.source_id,
        "Activity Owner": owner.name,
        "Subject": chance.pick(_SUBJECTS[population, kind]),
        "Created Time": str(created),
        "Modified Time": str(modified),
    }
    if record.object_key == LEADS:
        row |= {"Related To.module": "Leads", "Related To.id": record.source_id, "Related To": _name(record)}
    else:
        row |= {"Contact Name.id": record.source_id, "Contact Name": _name(record)}
    return row | _DETAILS[kind](start, is_planned, chance)


def _call(start: datetime, is_planned: bool, chance: Chance) -> dict[str, str]:
    details = {
        "Call Type": "Outbound",
        "Call Purpose": chance.pick(("Prospecting", "Administrative", "Negotiation", "Demo", "")),
        "Call Start Time": str(start),
        "Status": "Scheduled",
    }
    if is_planned:
        return details
    if chance.happens(0.25):
        details["Call Type"] = "Inbound"
    result = chance.weighted(_CALL_RESULTS)
    seconds = 0 if result == "No response/Busy" else chance.between(20, 1500)
    return details | {"Status": "Completed", "Call Result": result, "Call Duration (in seconds)": str(seconds)}


def _meeting(start: datetime, is_planned: bool, chance: Chance) -> dict[str, str]:
    del is_planned  # a meeting has no status: it is ahead or it is over
    return {"From": str(start), "To": str(start + timedelta(minutes=15 * chance.between(2, 8)))}


def _task(start: datetime, is_planned: bool, chance: Chance) -> dict[str, str]:
    if is_planned:
        return {"Status": chance.pick(("Not Started", "In Progress", "Deferred")), "Due Date": str(start.date())}
    return {
        "Status": "Completed",
        "Due Date": str(start.date() + timedelta(days=chance.between(-3, 7))),
        "Closed Time": str(start),
    }


_DETAILS: dict[str, Callable[[datetime, bool, Chance], dict[str, str]]] = {
    "Calls": _call,
    "Meetings": _meeting,
    "Tasks": _task,
}


# -- all -----------------------------------------------------------------------------------------------------------


def write(block: Block) -> None:
    """Append leads, deals and activities; the users once, because they are a snapshot of the whole company."""
    chance = block.chance("zoho_crm.leads")
    _write(block, "leads", LEAD_TITLES, [_lead_row(record, chance) for record in block.of(LEADS)])
    _write(block, "deals", DEAL_TITLES, _deals(block))
    _write(block, "activities", ACTIVITY_TITLES, _activities(block))
    if block.first == 0:
        _write(block, "owners", OWNER_TITLES, [_owner_row(owner) for owner in OWNERS])


def _write(block: Block, name: str, titles: list[str], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    broken_values = [("Record Id", ""), ("Modified Time", "2011-02-30 08:15:00"), ("Created Time", "昨天")]
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, block.chance("zoho_crm", name, "spoil"))
    values = [[row[title] for title in titles] for row in spoiled]
    block.deliveries.append_csv(f"zoho_crm/{name}_{block.day}.csv", titles, values, "utf-8")
    block.count(f"zoho_crm.{name}", len(rows), duplicates, broken)


def _owner_row(owner: Owner) -> dict[str, Any]:
    row = (
        owner.source_id,
        owner.name,
        owner.first,
        owner.last,
        owner.email,
        owner.role,
        owner.profile,
        "Inactive" if owner.left else "Active",
        str(owner.joined),
        str(owner.left or owner.joined),
    )
    return dict(zip(OWNER_TITLES, row, strict=True))


def _numbered(rows: list[dict[str, Any]], series: str, base: int, block: Block) -> list[dict[str, Any]]:
    """The rows by the time they were made, with the next identifiers of their series."""
    rows.sort(key=lambda row: row["Created Time"])
    for row in rows:
        row["Record Id"] = f"zcrm_{base + block.number(f'zoho_crm.{series}')}"
    return rows


def _seller(population: str, moment: datetime, chance: Chance) -> Owner:
    """Who looks after a customer of this population at that time."""
    return chance.pick([o for o in _SELLERS[population] if o.joined <= moment and (o.left is None or moment < o.left)])


def _in_office_hours(moment: datetime, chance: Chance, earliest: datetime, latest: datetime) -> datetime:
    """The same day between nine and six, unless that lies outside the bounds."""
    return min(max(moment.replace(hour=chance.between(9, 17)), earliest), latest)


def _name(record: Record) -> str:
    return f"{record.values['given_name']} {record.values['family_name']}".strip()


def _person(record: Record) -> Person:
    assert isinstance(record.owner, Person)
    return record.owner
