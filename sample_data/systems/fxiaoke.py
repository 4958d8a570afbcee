"""纷享销客 (Fxiaoke), the CRM of the Chinese sales team: accounts, contacts, leads, orders and the team itself, as Excel.

Only Chinese companies and their contacts are kept here. Times are texts in Beijing time to the minute, days are real
dates of the workbook. An order names its account, and mostly the contact who receives it (收货人).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person
from sample_data.records import OPENED, Form, Record, Recorder
from sample_data.systems import Block

FILES = ("fxiaoke/*_*.xlsx",)
ACCOUNTS, CONTACTS, LEADS = "fxiaoke:accounts", "fxiaoke:contacts", "fxiaoke:leads"
# Identifiers are 24 hexadecimal digits, as there.
IDENTIFIERS = {
    ACCOUNTS: lambda number: f"4d2f1a7be4b0a1{number:010x}",
    CONTACTS: lambda number: f"4d2f1a7be4b0c2{number:010x}",
    LEADS: lambda number: f"4d2f1a7be4b0d3{number:010x}",
}
BUYERS = {CONTACTS: ACCOUNTS}

ACCOUNT_TITLES = (
    "唯一性ID 客户编号 客户名称 统一社会信用代码 客户类型 客户级别 来源 一级行业 电话 网址 国家 省 市 区 详细地址 负责人 成交状态"
    " 生命状态 创建时间 最后修改时间"
).split()
CONTACT_TITLES = (
    "唯一性ID 姓名 客户ID 客户名称 部门 职务 手机1 电话1 邮件 性别 生日 地址 负责人 生命状态 创建时间 最后修改时间"
).split()
LEAD_TITLES = "唯一性ID 姓名 公司 职务 手机 电话 邮件 来源 状态 负责人 创建时间 最后修改时间".split()
ORDER_TITLES = (
    "唯一性ID 销售订单编号 客户ID 客户名称 收货人ID 收货人 下单日期 币种 销售订单金额 已回款金额 负责人 生命状态"
    " 创建时间 最后修改时间"
).split()
OWNER_TITLES = "员工ID 员工编号 姓名 手机 邮箱 主属部门 职位 状态 入职日期 最后修改时间".split()

_OWNERS = (
    ("李娟", "华东大区", "销售经理"),
    ("陈志强", "华南大区", "销售经理"),
    ("王海燕", "华北大区", "销售经理"),
    ("赵敏", "华东大区", "客户经理"),
    ("孙磊", "华南大区", "客户经理"),
    ("周婷", "华北大区", "客户经理"),
    ("何俊杰", "西南大区", "客户经理"),
    ("郭丽", "西南大区", "客户经理"),
)
"""Name, department and position of the sales team; the last two have left."""
_CONTACT = Form(
    name=0.995,
    email=0.55,
    mobile=0.9,
    phone=0.3,
    birth_date=0.2,
    gender=0.6,
    occupation=0.7,
    address=0.25,
    work_email=0.7,
    pinyin=0.2,
)
_LEAD = Form(name=0.98, email=0.45, mobile=0.92, phone=0.1, occupation=0.4, company=0.9, work_email=0.5, pinyin=0.4)
_SOURCES = ("展会", "官网", "老客户介绍", "电话拓展", "线上推广", "")
_LEVELS = Weighted(("重点客户", "普通客户", "小客户", ""), (15, 45, 25, 15))
_LEAD_STATES = Weighted(("待处理", "跟进中", "无效"), (30, 50, 20))
_BEIJING = timedelta(hours=8)


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """Accounts of Chinese companies, their contacts, and leads: some prospects, and contacts as they were first noted."""
    happens, rates = recorder.chance.happens, recorder.rates
    contacts_of: dict[str, list[Person]] = {}
    for person in persons:
        if person.organisation is not None:
            contacts_of.setdefault(person.organisation.entity_id, []).append(person)
    records: list[Record] = []
    for company in organisations:
        contacts = contacts_of.get(company.entity_id, [])
        if company.population != "chinese" or (contacts and not happens(rates.chinese_company_in_fxiaoke)):
            continue
        account = _account(company, contacts, recorder)
        records.append(account)
        if happens(rates.account_entered_twice):
            later = recorder.chance.moment(account.created, recorder.end)
            records.append(recorder.company_record(ACCOUNTS, company, later, is_variant=True))
            records[-1].changes.append("entered_twice")
        for person in contacts:
            if happens(rates.contact_in_fxiaoke):
                records += _contact(person, account, recorder)
    for person in persons:
        if person.population == "chinese" and person.buyer is None and happens(rates.prospect_in_fxiaoke):
            moment = recorder.chance.moment(datetime(2010, 6, 1), recorder.end)
            records.append(recorder.person_record(LEADS, person, moment, _LEAD))
    return records


def _account(company: Organisation, contacts: list[Person], recorder: Recorder) -> Record:
    """The first account of a company: older than the first order of its contacts."""
    chance = recorder.chance
    orders = [person.buyer.first_order for person in contacts if person.buyer]
    created = chance.moment(OPENED, min(orders) - timedelta(hours=2)) if orders else None
    is_variant = chance.happens(recorder.rates.company_name_variant)
    account = recorder.company_record(ACCOUNTS, company, created, is_variant=is_variant, credit_code=0.85)
    account.changes += ["company_name_variant"] * is_variant
    return account


def _contact(person: Person, account: Record, recorder: Recorder) -> list[Record]:
    """The contact of an account, sometimes a second one, sometimes the lead that was converted."""
    chance, rates = recorder.chance, recorder.rates
    latest = person.buyer.first_order - timedelta(hours=1) if person.buyer else recorder.end
    created = chance.moment(account.created, latest)
    records = [recorder.person_record(CONTACTS, person, created, _CONTACT)]
    if chance.happens(rates.entered_twice):
        records.append(recorder.person_record(CONTACTS, person, chance.moment(created, recorder.end), _CONTACT))
        records[-1].changes.append("entered_twice")
    for record in records:
        record.values["company"] = account.values["company"]
    if chance.happens(rates.converted_lead):
        before = created - timedelta(days=chance.between(1, 90))
        records.append(recorder.person_record(LEADS, person, before, _LEAD))
        records[-1].values["state"] = "已转换"
    return records


def write(block: Block) -> None:
    """The five workbooks of the export."""
    chance = block.chance("fxiaoke")
    accounts = block.of(ACCOUNTS)
    # The first account of a company is the one its contacts hang on; the companies' owners keep them.
    account_of: dict[str, Record] = {}
    for account in accounts:
        account_of.setdefault(account.owner.entity_id, account)
    owner_of = {entity_id: chance.pick(_OWNERS)[0] for entity_id in sorted(account_of)}
    orders = block.book.business_orders("fxiaoke")
    customers = {order["account"] for order in orders}
    names = {record.source_id: record for object_key in (ACCOUNTS, CONTACTS) for record in block.of(object_key)}

    rows = [_account_row(record, owner_of, customers, chance) for record in accounts]
    _write(block, "accounts", "客户", ACCOUNT_TITLES, rows, chance, no_time="最后修改时间")
    rows = [_contact_row(record, account_of, owner_of) for record in block.of(CONTACTS)]
    _write(block, "contacts", "联系人", CONTACT_TITLES, rows, chance, no_time="最后修改时间")
    rows = [_lead_row(record, chance) for record in block.of(LEADS)]
    _write(block, "leads", "销售线索", LEAD_TITLES, rows, chance, no_time="创建时间")
    rows = [_order_row(order, names, owner_of, block.end) for order in orders]
    _write(block, "orders", "销售订单", ORDER_TITLES, rows, chance, no_time="下单日期", no_amount="销售订单金额")
    if block.first == 0:
        rows = [_owner_row(number, owner, chance) for number, owner in enumerate(_OWNERS, start=1)]
        block.deliveries.append_xlsx(_file(block, "owners"), "员工", OWNER_TITLES, [list(row.values()) for row in rows])
        block.count("fxiaoke.owners", len(rows), 0, 0)


def _file(block: Block, name: str) -> str:
    return f"fxiaoke/{name}_{block.day}.xlsx"


def _write(
    block: Block,
    name: str,
    sheet: str,
    titles: Sequence[str],
    rows: list[dict[str, Any]],
    chance: Chance,
    *,
    no_time: str,
    no_amount: str | None = None,
) -> None:
    """A sheet with its bad rows: without key, with a time that does not exist, with a text as amount."""
    broken_values: list[tuple[str, object]] = [(titles[0], None), (no_time, "2011-02-30 08:15"), (no_time, "上周三")]
    broken_values += [(no_amount, "待定")] if no_amount else []
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
    block.deliveries.append_xlsx(_file(block, name), sheet, titles, [list(row.values()) for row in spoiled])
    block.count(f"fxiaoke.{name}", len(rows), duplicates, broken)


def _account_row(record: Record, owner_of: dict[str, str], customers: set[str], chance: Chance) -> dict[str, Any]:
    values = record.values
    row = (
        record.source_id,
        f"KH{int(record.source_id[14:], 16):06d}",
        values["company"],
        values["credit_code"],
        chance.pick(("直销客户", "直销客户", "渠道客户", "")),
        chance.weighted(_LEVELS),
        chance.pick(_SOURCES),
        values["industry"],
        values["phone"],
        values["website"],
        "中国" if values["country"] else "",
        values["region"],
        values["city"],
        values["district"],
        values["street"],
        owner_of[record.owner.entity_id],
        "已成交" if record.source_id in customers else "未成交",
        "正常",
        _beijing(record.created),
        _beijing(record.updated),
    )
    return _row(ACCOUNT_TITLES, row)


def _contact_row(record: Record, account_of: dict[str, Record], owner_of: dict[str, str]) -> dict[str, Any]:
    assert isinstance(record.owner, Person)
    assert record.owner.organisation is not None
    account, values = account_of[record.owner.organisation.entity_id], record.values
    row = (
        record.source_id,
        values["full_name"],
        account.source_id,
        values["company"],
        "",
        values["occupation"],
        values["mobile"],
        values["phone"],
        values["email"],
        {"male": "男", "female": "女"}.get(values["gender"], ""),
        date.fromisoformat(values["birth_date"]) if values["birth_date"] else None,
        _address(values),
        owner_of[account.owner.entity_id],
        "正常",
        _beijing(record.created),
        _beijing(record.updated),
    )
    return _row(CONTACT_TITLES, row)


def _lead_row(record: Record, chance: Chance) -> dict[str, Any]:
    values = record.values
    row = (
        record.source_id,
        values["full_name"],
        values["company"],
        values["occupation"],
        values["mobile"],
        values["phone"],
        values["email"],
        chance.pick(_SOURCES),
        values.get("state") or chance.weighted(_LEAD_STATES),
        chance.pick(_OWNERS)[0],
        _beijing(record.created),
        _beijing(record.updated),
    )
    return _row(LEAD_TITLES, row)


def _order_row(
    order: dict[str, Any], names: dict[str, Record], owner_of: dict[str, str], end: datetime
) -> dict[str, Any]:
    """An order; one of free articles only was voided, the newest are not all paid yet."""
    account, amount = names[order["account"]], order["amount"]
    contact = names.get(order["customer"] or "")
    is_open = order["ordered_at"] > end - timedelta(days=14) and order["draw"] % 3 == 0
    ordered_at = order["ordered_at"]
    row = (
        f"4d2f1a7be4b0e5{order['order_no']:010x}",
        f"{ordered_at + _BEIJING:%Y%m%d}-{order['order_no']:09d}",
        account.source_id,
        account.values["company"],
        contact.source_id if contact else "",
        contact.values["full_name"] if contact else "",
        (ordered_at + _BEIJING).date(),
        "GBP",
        amount,
        0 if is_open else amount,
        owner_of[account.owner.entity_id],
        "正常" if amount else "作废",
        _beijing(ordered_at),
        _beijing(min(end, ordered_at if is_open else ordered_at + timedelta(days=order["draw"] % 14))),
    )
    return _row(ORDER_TITLES, row)


def _owner_row(number: int, owner: tuple[str, str, str], chance: Chance) -> dict[str, Any]:
    name, department, position = owner
    row = (
        str(1000 + number),
        f"E{number:04d}",
        name,
        f"1390000{number:04d}",
        f"sales{number:02d}@giftshop.example",
        department,
        position,
        "停用" if number > len(_OWNERS) - 2 else "启用",
        date(2008, 1, 7) + timedelta(days=chance.between(0, 900)),
        _beijing(datetime(2011, 1, 4, 1) + timedelta(days=number)),
    )
    return _row(OWNER_TITLES, row)


def _address(values: dict[str, str]) -> str:
    """The parts in one line, biggest first, without those that the street repeats."""
    parts = [values["region"], values["city"], values["district"]]
    line = "".join(dict.fromkeys(part for part in parts if part not in values["street"]))
    return line + values["street"] if values["street"] else ""


def _beijing(moment: datetime) -> str:
    return f"{moment + _BEIJING:%Y-%m-%d %H:%M}"


def _row(titles: Sequence[str], values: tuple[object, ...]) -> dict[str, Any]:
    return dict(zip(titles, (None if value == "" else value for value in values), strict=True))
