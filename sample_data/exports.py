"""The exports' shapes: column titles and how a ``Record`` becomes a row of its system's file.

No decision about a person's data belongs here, only spelling: titles, codes, encodings, types.
"""

from datetime import date
from typing import Any

import pyarrow as pa

from sample_data.chance import Chance
from sample_data.people import Person
from sample_data.records import Record

CONTACT_TITLES = [
    "Record Id",
    "Contact Owner",
    "Lead Source",
    "Salutation",
    "First Name",
    "Last Name",
    "Account Name",
    "Email",
    "Secondary Email",
    "Phone",
    "Mobile",
    "Date of Birth",
    "Title",
    "Email Opt Out",
    "Mailing Street",
    "Mailing City",
    "Mailing State",
    "Mailing Zip",
    "Mailing Country",
    "Member No",
    "Created Time",
    "Modified Time",
]
ACCOUNT_TITLES = [
    "Record Id",
    "Account Owner",
    "Account Name",
    "Phone",
    "Website",
    "Industry",
    "Account Type",
    "USCC",
    "Billing Street",
    "Billing City",
    "Billing State",
    "Billing Code",
    "Billing Country",
    "Created Time",
    "Modified Time",
]
MEMBER_TITLES = [
    "会员号",
    "姓名",
    "性别",
    "生日",
    "手机号",
    "固定电话",
    "邮箱",
    "证件号码",
    "职业",
    "省",
    "市",
    "区",
    "详细地址",
    "邮编",
    "国家",
    "同意短信",
    "开卡日期",
    "更新时间",
]
TICKET_TITLES = ["小票号", "门店", "会员号", "销售时间", "币种", "支付方式", "金额"]
TICKET_LINE_TITLES = ["小票号", "行号", "商品编码", "商品名称", "数量", "单价", "金额"]
CUSTOMER_SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("email", pa.string()),
        ("first_name", pa.string()),
        ("last_name", pa.string()),
        ("phone", pa.string()),
        ("birth_date", pa.date32()),
        ("gender", pa.string()),
        ("company", pa.string()),
        ("address1", pa.string()),
        ("district", pa.string()),
        ("city", pa.string()),
        ("province", pa.string()),
        ("zip", pa.string()),
        ("country_code", pa.string()),
        ("accepts_marketing", pa.bool_()),
        ("accepts_sms", pa.bool_()),
        ("member_no", pa.string()),
        ("created_at", pa.timestamp("us")),
        ("updated_at", pa.timestamp("us")),
    ]
)

_OWNERS = ("Helen Carter", "Tom Bradley", "李娟", "陈志强", "Sarah Ng")
_LEAD_SOURCES = ("Web Form", "Trade Show", "Store", "Referral", "Cold Call", "Online Store", "Advertisement", "")
_ACCOUNT_TYPES = ("Customer", "Customer", "Prospect", "Reseller", "")
_ENGLISH_COUNTRIES = {
    "CN": ("China", "中国", "CN", "China"),
    "GB": ("United Kingdom", "UK", "United Kingdom", "GB"),
    "DE": ("Germany", "Deutschland"),
    "FR": ("France",),
    "IE": ("Ireland",),
    "ES": ("Spain",),
    "BE": ("Belgium",),
    "CH": ("Switzerland",),
    "PT": ("Portugal",),
    "IT": ("Italy",),
    "US": ("USA", "United States"),
}
_CHINESE_COUNTRIES = {
    "CN": "中国",
    "GB": "英国",
    "DE": "德国",
    "FR": "法国",
    "IE": "爱尔兰",
    "ES": "西班牙",
    "BE": "比利时",
    "CH": "瑞士",
    "PT": "葡萄牙",
    "IT": "意大利",
    "US": "美国",
}


def contact_row(record: Record, member_number: str, chance: Chance) -> dict[str, Any]:
    """A row of Zoho's contacts export."""
    values = record.values
    assert isinstance(record.owner, Person)
    row = (
        record.source_id,
        chance.pick(_OWNERS),
        chance.pick(_LEAD_SOURCES),
        _salutation(values["gender"], record.owner.population, chance),
        values["given_name"],
        values["family_name"],
        values.get("company", ""),
        values["email"],
        values["second_email"],
        values["phone"],
        values["mobile"],
        values["birth_date"],
        values["occupation"],
        "true" if chance.happens(0.12) else "false",
        _street(values),
        values["city"],
        values["region"],
        values["postcode"],
        _country(values["country"], chance),
        member_number,
        str(record.created),
        str(record.updated),
    )
    return dict(zip(CONTACT_TITLES, row, strict=True))


def account_row(record: Record, chance: Chance) -> dict[str, Any]:
    """A row of Zoho's accounts export."""
    values = record.values
    row = (
        record.source_id,
        chance.pick(_OWNERS),
        values["company"],
        values["phone"],
        values["website"],
        values["industry"],
        chance.pick(_ACCOUNT_TYPES),
        values["credit_code"],
        _street(values),
        values["city"],
        values["region"],
        values["postcode"],
        _country(values["country"], chance),
        str(record.created),
        str(record.updated),
    )
    return dict(zip(ACCOUNT_TITLES, row, strict=True))


def customer_row(record: Record, member_number: str, chance: Chance) -> dict[str, Any]:
    """A row of the web shop's customer table, typed as in ``CUSTOMER_SCHEMA``; unknown is null."""
    values = record.values
    row = (
        record.source_id,
        values["email"] or None,
        values["given_name"] or None,
        values["family_name"] or None,
        values["phone"] or None,
        date.fromisoformat(values["birth_date"]) if values["birth_date"] else None,
        values["gender"] or None,
        values.get("company") or None,
        values["street"] or None,
        values["district"] or None,
        values["city"] or None,
        values["region"] or None,
        values["postcode"] or None,
        values["country"] or None,
        chance.happens(0.55),
        chance.happens(0.3) if values["phone"] else False,
        member_number or None,
        record.created,
        record.updated,
    )
    return dict(zip(CUSTOMER_SCHEMA.names, row, strict=True))


def member_row(record: Record, chance: Chance) -> dict[str, Any]:
    """A row of the POS system's member list."""
    values = record.values
    row = (
        record.source_id,
        values["full_name"],
        {"male": "男", "female": "女"}.get(values["gender"]) or chance.pick(("", "未知")),
        values["birth_date"],
        values["phone"],
        values["landline"],
        values["email"],
        values["national_id"],
        values["occupation"],
        values["region"],
        values["city"],
        values["district"],
        values["street"],
        values["postcode"],
        _CHINESE_COUNTRIES.get(values["country"], values["country"]),
        chance.pick(("是", "是", "否", "")),
        str(record.created.date()),
        str(record.updated),
    )
    return dict(zip(MEMBER_TITLES, row, strict=True))


def _salutation(gender: str, population: str, chance: Chance) -> str:
    if not gender:
        return ""
    if population == "chinese" and chance.happens(0.5):
        return "先生" if gender == "male" else "女士"
    return "Mr." if gender == "male" else chance.pick(("Ms.", "Mrs."))


def _country(code: str, chance: Chance) -> str:
    return chance.pick(_ENGLISH_COUNTRIES[code]) if code in _ENGLISH_COUNTRIES else code


def _street(values: dict[str, str]) -> str:
    """Zoho has no field for the district, so it goes before the street, unless it is there already."""
    district, street = values["district"], values["street"]
    return street if district in street else district + street
