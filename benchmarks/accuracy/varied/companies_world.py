"""Companies of several countries with legal forms, branches and groups, and the people who work there.

Belongs here: this set. Does not belong here: the smaller set of British and Chinese companies (``companies``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from benchmarks.accuracy.varied.damage import drop, misdialled, misspelled, without_marks
from benchmarks.accuracy.varied.lands import LANDS
from benchmarks.accuracy.varied.shape import Row, copies, finished, named
from benchmarks.accuracy.varied.western import family_names, given_names, nicknames
from sample_data.chance import Chance, Weighted

_CORES = (
    "Alpha Nova Orion Helios Titan Vertex Meridian Polar Aurora Atlas Delta Omega Sigma Quantum Pacific Nordic Baltic Iberia "
    "Phoenix Falcon Eagle Condor Lynx Cobalt Amber Onyx Quartz Granite Zenith Apex Summit Vista Terra Aqua Ignis Ventus Solar "
    "Lunar Stella Cosmos Global Euro Trans Inter Uni Omni Prima Optima Maxima Ultra Synergy Fusion Matrix Vector Logos Arca"
).split()


_CN_CORES = "华 安 恒 通 瑞 丰 德 信 宏 达 天 元 金 桥 东 升 嘉 和 百 盛 正 大 联 创 远 景 广 源 永 兴 海 纳 鼎 泰 中 科".split()
_JP_CORES = "山田 田中 東洋 大和 日本 三和 富士 中央 共栄 丸山 光 旭 東 西田 北斗 高橋 小松 大東 新星 平和".split()
_RU_CORES = "Альфа Вектор Гранит Дельта Заря Импульс Квант Лидер Мега Нева Орион Победа Рубин Север Темп Урал Феникс Эко Юг".split()
_HOME = Weighted(list(LANDS), [16, 10, 16, 18, 6, 18, 8, 8, 8])


@dataclass(frozen=True)
class _Company:
    land: str
    core: str
    trade: str
    form: str
    street: str
    house_number: str
    city: str
    postcode: str
    phone: str
    domain: str
    registration: str
    old_core: str  # what it was called before; empty if it never changed
    branches: tuple[tuple[str, str, str, str], ...]  # town, street, house number, phone


def companies_world(seed: int, size: int) -> list[Row]:
    """``size`` records of companies of nine countries, and a quarter as many of the people who work there.

    Realistic: GmbH, S.L., Ltd, Inc., Pty Ltd, 有限公司, 株式会社, ООО, B.V. in several spellings, in front or behind, or left
    out; typos and initials; half of the records without registration number; a branch is the same company at another
    address, and a renamed company keeps number, domain and phone. Trap: sister companies of a group have their own trade
    and number but share name, domain, phone and address; namesakes in other towns share the name alone; contacts carry the
    phone and the address of their company, and colleagues share both.
    """
    chance = Chance("companies_world", seed)
    rows: list[Row] = []
    contacts: list[Row] = []
    number = person_number = 0
    previous = _company(chance)
    while len(rows) < size:
        company = _company(chance)
        trap = chance.uniform()
        if trap < 0.08:  # of the same group
            other = _company(chance, previous.land)
            trade = chance.pick([trade for trade in LANDS[previous.land].trades if trade != previous.trade])
            company = replace(previous, trade=trade, registration=other.registration, branches=(), old_core="")
            if chance.happens(0.4):
                company = replace(company, phone=other.phone, street=other.street, house_number=other.house_number)
        elif trap < 0.11:  # a namesake
            town = chance.pick([town for town in LANDS[previous.land].towns if town != previous.city])
            company = replace(_company(chance, previous.land), core=previous.core, city=town, old_core="")
        previous = company
        rows += [{**_record(chance, company), "entity": f"company {number}"} for _ in range(copies(chance, 0.55, 6))]
        while chance.happens(0.28) and len(contacts) < size // 4:
            known = _contact(chance, company)
            count = copies(chance, 0.4, 4)
            contacts += [
                {**_written(chance, known, company), "entity": f"person {person_number}"} for _ in range(count)
            ]
            person_number += 1
        number += 1
    return finished(chance, rows + contacts)


def _company(chance: Chance, land: str = "") -> _Company:
    land = land or chance.weighted(_HOME)
    of = LANDS[land]
    phone = of.calling + chance.pick("2345") + chance.digits(8)
    core = _core(chance, land)
    latin = re.sub("[^a-z]", "", without_marks(core).lower()) or f"{land.lower()}{chance.digits(5)}"
    return _Company(
        land=land, core=core, trade=chance.pick(of.trades), form=chance.pick(list(of.forms)), street=chance.pick(of.streets),
        house_number=str(chance.between(1, 300)), city=chance.pick(of.towns), postcode=chance.digits(5), phone=phone,
        domain=f"{latin}{chance.pick(['', '-group', str(chance.between(1, 99))])}.{of.domain}",
        registration=re.sub("#", lambda _: chance.digits(1), of.number),
        old_core=_core(chance, land) if chance.happens(0.06) else "",
        branches=tuple(
            (chance.pick(of.towns), chance.pick(of.streets), str(chance.between(1, 300)), of.calling + "6" + chance.digits(8))
            for _ in range(chance.between(1, 3) if chance.happens(0.12) else 0)
        ),
    )  # fmt: skip


def _core(chance: Chance, land: str) -> str:
    if land == "CN":
        return "".join(chance.pick(_CN_CORES) for _ in range(chance.between(2, 3)))
    if land == "JP":
        return chance.pick(_JP_CORES) + (chance.pick(_JP_CORES) if chance.happens(0.5) else "")
    if land == "RU":
        return chance.pick(_RU_CORES) + (f"-{chance.pick(_RU_CORES)}" if chance.happens(0.6) else "")
    way = chance.uniform()
    if way < 0.45:
        return chance.weighted(family_names()) + (
            f" & {chance.weighted(family_names())}" if chance.happens(0.3) else ""
        )
    if way < 0.75:
        return f"{chance.pick(_CORES)} {chance.pick(_CORES)}"
    return chance.pick(_CORES) + chance.pick(["tec", "med", "log", "soft", "plan", "pro", "net", "com", "dyn", "gen"])


def _called(chance: Chance, company: _Company, town: str) -> str:
    """A way of writing the company's name; ``town`` of the branch, if it is one."""
    of, core, trade = LANDS[company.land], company.core, company.trade
    if company.old_core and chance.happens(0.4):
        core = company.old_core
    spellings = of.forms[company.form]
    form = company.form if chance.happens(0.6) else chance.pick(spellings)
    if chance.happens(0.06):
        core = misspelled(chance, core)
    if company.land == "CN":
        branch = f"{town}{of.branch}" if town else ""
        return f"{company.city if chance.happens(0.6) else ''}{core}{trade}{form}{branch}"
    branch = f" {of.branch} {town}" if town and chance.happens(0.7) else ""
    if company.land == "JP":
        return (f"{form}{core}{trade}" if chance.happens(0.6) else f"{core}{trade}{form}") + branch.replace(" ", "")
    if company.land == "RU":
        return (f"{form} «{core}{trade}»" if chance.happens(0.5) else f"{form} {core}{trade}").strip() + branch
    if chance.happens(0.06):
        trade = f"{trade[:3]}."
    elif chance.happens(0.08):
        trade = ""
    core = core.replace(" & ", chance.pick([" & ", " and ", " + "])) if chance.happens(0.2) else core
    name = " ".join(f"{core} {trade} {form}".split()) + branch
    if chance.happens(0.1):
        name = without_marks(name.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae"))
    return name.upper() if chance.happens(0.1) else name


def _record(chance: Chance, company: _Company) -> Row:
    town, street, house_number, phone = company.city, company.street, company.house_number, company.phone
    branch = bool(company.branches) and chance.happens(0.5)
    if branch:
        town, street, house_number, phone = chance.pick(company.branches)
    elif chance.happens(0.05):  # moved
        street, house_number = chance.pick(LANDS[company.land].streets), str(chance.between(1, 300))
    row: Row = {
        "party_type": "organization", "company_name": _called(chance, company, town if branch else ""), "city": town,
        "street": street, "house_number": house_number, "postcode": None if branch else company.postcode, "phone": phone,
        "country": company.land, "company_id": company.registration,
        "email": f"{chance.pick(['info', 'sales', 'office', 'contact', 'accounts'])}@{company.domain}",
        "source": chance.pick(["crm:accounts", "erp:debtors", "suppliers:vendors"]),
    }  # fmt: skip
    if chance.happens(0.03):
        row["phone"] = misdialled(chance, phone)
    before = dict(row)
    with_number = 0.8 if row["source"] == "erp:debtors" else 0.4
    drop(
        chance,
        row,
        {"street": 0.75, "city": 0.9, "postcode": 0.8, "phone": 0.7, "email": 0.6, "company_id": with_number},
    )
    if not row["street"]:
        row["house_number"] = row["postcode"] = None
    if (branch or company.old_core) and not row["company_id"]:  # nothing else ties these to their company
        row["email"] = before["email"]
    return row


@dataclass(frozen=True)
class _Contact:
    given: str
    family: str
    gender: str
    email: str
    mobile: str


def _contact(chance: Chance, company: _Company) -> _Contact:
    gender = chance.pick(["female", "male"])
    given, family = chance.weighted(given_names(gender)), chance.weighted(family_names())
    mailbox = re.sub("[^a-z.]", "", f"{given}.{family}".lower())
    mobile = f"{LANDS[company.land].calling}7{chance.digits(8)}"
    return _Contact(given, family, gender, f"{mailbox}@{company.domain}", mobile)


def _written(chance: Chance, known: _Contact, company: _Company) -> Row:
    given, family = known.given, known.family
    if chance.happens(0.1) and given in nicknames():
        given = chance.pick(nicknames()[given])
    elif chance.happens(0.05):
        given = given[0]
    if chance.happens(0.05):
        family = misspelled(chance, family)
    row: Row = {
        "party_type": "person", **named(given=given, family=family), "gender": known.gender, "email": known.email,
        "phone": company.phone if chance.happens(0.5) else known.mobile, "company_name": _called(chance, company, ""),
        "street": company.street, "house_number": company.house_number, "city": company.city, "country": company.land,
        "postcode": company.postcode, "source": chance.pick(["crm:contacts", "fair:visitors"]),
    }  # fmt: skip
    drop(chance, row, {"gender": 0.6, "email": 0.8, "phone": 0.85, "company_name": 0.85})
    if chance.happens(0.4):
        row |= dict.fromkeys(("street", "house_number", "postcode"))
    return row
