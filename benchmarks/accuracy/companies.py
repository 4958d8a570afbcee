"""Made-up companies with their truth: the same company under several names, and companies that are not the same.

Belongs here: names, damage and traps (groups whose members share a mail domain, neighbours in one building, namesakes in
two towns). Does not belong here: people, or any setting for the linker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

COMPANIES = 4000
_WORDS = (
    "Alder Amber Anchor Apex Arrow Aston Atlas Aurora Beacon Bishop Blue Brook Cedar Clear Coast Copper Crown Delta Eagle Ember "
    "Falcon Fern Forge Garnet Glen Granite Harbor Hazel Heath Iron Juniper Kestrel Lake Lark Linden Lunar Maple Meridian Mill "
    "Noble North Oak Orchid Osprey Pearl Pine Pioneer Quarry Raven River Rowan Sable Silver Slate Spruce Stone Summit Swift "
    "Thorn Tidal Union Vale Vector Vista Wharf Willow Zenith"
).split()
_TRADES = (
    "Bakery Builders Cleaning Consulting Dental Design Electrical Engineering Events Farms Finance Foods Freight Furniture "
    "Garden Glass Haulage Hotels Imports Insurance Joinery Logistics Marketing Media Motors Optics Packaging Paints Plumbing "
    "Printing Properties Recruitment Security Software Solar Steel Supplies Systems Textiles Tools Toys Travel Wines"
).split()
_FORMS = {
    "Ltd": "Limited",
    "PLC": "Public Limited Company",
    "LLP": "L.L.P.",
    "GmbH": "Gesellschaft mbH",
    "Inc": "Incorporated",
}
_TOWNS = {
    "Ashford": "TN", "Bolton": "BL", "Cheltenham": "GL", "Derby": "DE", "Exeter": "EX", "Falkirk": "FK", "Guildford": "GU",
    "Halifax": "HX", "Ipswich": "IP", "Kendal": "LA", "Lincoln": "LN", "Norwich": "NR",
}  # fmt: skip
_CN_TOWNS = {
    "上海": "200",
    "北京": "100",
    "深圳": "518",
    "成都": "610",
    "杭州": "310",
    "武汉": "430",
    "苏州": "215",
    "厦门": "361",
}
_CN_WORDS = "华安恒通瑞丰德信宏达天元金桥东升嘉和百盛正大联创远景立新广源永兴海纳中科万里鼎盛"
_CN_TRADES = "贸易 电子 物流 食品 建材 服饰 机械 软件科技 广告 医疗器械 包装 化工 家具 照明 文化传播 环保设备".split()
_CN_FORMS = ("有限公司", "有限责任公司", "股份有限公司")


def make_companies(seed: int, companies: int = COMPANIES) -> list[dict[str, str | None]]:
    """Records of ``companies`` companies, a third of them Chinese, in the shape of ``std_customer_records`` plus ``entity``.

    Every company has one record, 45% have one to four more, each damaged by itself. The same seed gives the same rows.
    """
    random = np.random.default_rng(seed)
    rows: list[dict[str, str | None]] = []
    previous: dict[str, str] = {}
    for number in range(companies):
        company = _chinese(random) if random.random() < 1 / 3 else _western(random)
        trap = random.random()
        if previous and trap < 0.06 and previous["chinese"] == company["chinese"]:
            # Same group: another trade under the same name, with the group's domain and often its building.
            company["word"], company["domain"] = previous["word"], previous["domain"]
            if random.random() < 0.5:
                for part in ("street", "house_number", "city", "postcode", "phone"):
                    company[part] = previous[part]
        elif previous and trap < 0.10 and previous["chinese"] == company["chinese"]:
            for part in ("street", "house_number", "city", "postcode"):
                company[part] = previous[part]
        elif previous and trap < 0.12 and previous["chinese"] == company["chinese"]:
            company["word"], company["trade"] = previous["word"], previous["trade"]
        previous = company
        copies = 1 + (int(random.integers(1, 5)) if random.random() < 0.45 else 0)
        for copy in range(copies):
            source = str(random.choice(["crm", "erp", "shop"]))
            row = _record(random, company)
            rows.append({**row, "record_key": f"{source}:accounts:{number}-{copy}", "entity": str(number)})
    order = random.permutation(len(rows))
    return [rows[i] for i in order]


def _pick(random: Generator, values: object) -> str:
    options = list(values)  # type: ignore[call-overload]
    return str(options[int(random.integers(len(options)))])


def _digits(random: Generator, count: int) -> str:
    return "".join(str(int(d)) for d in random.integers(0, 10, count))


def _western(random: Generator) -> dict[str, str]:
    word, town = _pick(random, _WORDS), _pick(random, _TOWNS)
    if random.random() < 0.6:
        word += f" {_pick(random, ['&', 'and', ''])} {_pick(random, _WORDS)}".replace("  ", " ")
    trade = _pick(random, _TRADES)
    return {
        "chinese": "", "word": word, "trade": trade, "form": _pick(random, _FORMS),
        "domain": f"{word.split()[0].lower()}{trade.lower()}{_digits(random, 2)}.example",
        "street": f"{_pick(random, _WORDS)} {_pick(random, ['Street', 'Road', 'Lane', 'Park'])}",
        "house_number": str(random.integers(1, 250)), "city": town,
        "postcode": f"{_TOWNS[town]}{random.integers(1, 20)} {random.integers(1, 9)}{_pick(random, 'ABDE')}{_pick(random, 'FGHJ')}",
        "phone": f"+44{_digits(random, 10)}", "company_id": _digits(random, 8),
    }  # fmt: skip


def _chinese(random: Generator) -> dict[str, str]:
    town = _pick(random, _CN_TOWNS)
    start = 2 * int(random.integers(len(_CN_WORDS) // 2))
    word = _CN_WORDS[start : start + 2] + (_pick(random, _CN_WORDS) if random.random() < 0.7 else "")
    body = "".join(_pick(random, "0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(9))
    return {
        "chinese": "yes", "word": word, "trade": _pick(random, _CN_TRADES), "form": _pick(random, _CN_FORMS),
        "domain": f"{_digits(random, 5)}.example", "street": f"{_pick(random, '中南北东西')}{_pick(random, '山京海湖江')}路",
        "house_number": str(random.integers(1, 900)), "city": town, "postcode": _CN_TOWNS[town] + _digits(random, 3),
        "phone": f"+86{_digits(random, 10)}", "company_id": f"9133{_digits(random, 4)}{body}{_digits(random, 1)}",
    }  # fmt: skip


def _record(random: Generator, company: dict[str, str]) -> dict[str, str | None]:
    """One record of a company: a spelling of its name, and what the system happens to know."""
    chance = random.random
    row: dict[str, str | None] = {"party_type": "organization", "company_name": _spelled(random, company)}
    known = {"street": 0.7, "city": 0.85, "phone": 0.7, "company_id": 0.5}
    for part, share in known.items():
        row[part] = company[part] if chance() < share else None
    row["house_number"] = company["house_number"] if row["street"] else None
    row["postcode"] = company["postcode"] if row["street"] and chance() < 0.8 else None
    row["email"] = (
        f"{_pick(random, ['info', 'sales', 'office', 'contact'])}@{company['domain']}" if chance() < 0.5 else None
    )
    if row["street"] and chance() < 0.08:  # moved
        row |= {
            "street": f"{_pick(random, _WORDS)} Street",
            "house_number": str(random.integers(1, 250)),
            "postcode": None,
        }
    if row["phone"] and chance() < 0.1:
        row["phone"] = row["phone"][:3] + _digits(random, 10)
    if row["company_id"] and chance() < 0.02:
        row["company_id"] = _typo(random, row["company_id"])
    return row


def _spelled(random: Generator, company: dict[str, str]) -> str:
    chance, word, trade, form = random.random, company["word"], company["trade"], company["form"]
    if chance() < 0.06:
        word = _typo(random, word)
    if company["chinese"]:
        town = company["city"] if chance() < 0.6 else ""
        if chance() < 0.2:
            form = _pick(random, ["公司", "", *_CN_FORMS])
        return f"{word}（{town}）{trade}{form}" if town and chance() < 0.15 else f"{town}{word}{trade}{form}"
    if chance() < 0.25:
        word = word.replace("&", "and") if "&" in word else word.replace(" and ", " & ")
    if chance() < 0.06:
        trade = _typo(random, trade)
    if chance() < 0.35:
        form = _pick(random, [_FORMS[form], "", f"{form}."])
    name = f"{word} {trade} {form}".strip()
    return name.upper() if chance() < 0.08 else name


def _typo(random: Generator, text: str) -> str:
    at = int(random.integers(0, max(1, len(text) - 1)))
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
