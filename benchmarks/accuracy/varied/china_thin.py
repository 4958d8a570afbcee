"""Chinese customers of whom systems know a name and one detail more.

Belongs here: this set. Does not belong here: Chinese addresses and companies (the demo company has them).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from benchmarks.accuracy.varied.damage import misdated, misdialled
from benchmarks.accuracy.varied.shape import Row, copies, finished, named
from benchmarks.accuracy.varied.western import birthday, rows_of
from sample_data.chance import Chance, Weighted

_COMMON = (
    "王伟 张伟 王芳 李伟 李娜 张敏 李静 王静 刘伟 王秀英 张丽 李秀英 王丽 张静 李强 张秀英 李敏 王敏 王磊 刘洋 "
    "王艳 王勇 李军 张勇"
).split()
_WITH_MOBILE = ("shop:orders", "app:members")
_WITH_BIRTH = ("clinic:patients", "school:pupils")


@dataclass(frozen=True)
class _Person:
    name: str
    gender: str
    birth_date: date
    mobile: str


@cache
def _families() -> Weighted[tuple[str, str]]:
    rows = rows_of("chinese_family_names.csv")
    return Weighted([(row["name"], row["pinyin"]) for row in rows], [float(row["weight"]) for row in rows])


@cache
def _characters(gender: str, position: str) -> Weighted[str]:
    rows = [row for row in rows_of("chinese_given_characters.csv") if row["position"] == position]
    rows = [row for row in rows if row["gender"] in (gender, "both", "")]
    return Weighted([row["character"] for row in rows], [float(row["weight"]) for row in rows])


@cache
def _pinyin() -> dict[str, str]:
    known = {row["character"]: row["pinyin"] for row in rows_of("chinese_given_characters.csv")}
    return known | {"英": "ying", "秀": "xiu"}


@cache
def _lookalikes() -> dict[str, str]:
    return {row["character"]: row["lookalike"] for row in rows_of("chinese_lookalikes.csv")}


def china_thin(seed: int, size: int) -> list[Row]:
    """Name and mobile in shops and apps, name and birth date in clinics and schools, all three in a membership.

    Realistic: the name in characters, or in pinyin with or without blank and in either order, a character of the same
    look or sound, a tenth of the people with one of two dozen names (王伟, 张伟). Trap: mobiles given to another person
    after years, a parent's mobile for a child, namesakes born on one day; pinyin of common names says next to nothing. Who
    has records of both kinds has one with all three that joins them.
    """
    chance = Chance("china_thin", seed)
    rows: list[Row] = []
    previous = _person(chance)
    number = 0
    while len(rows) < size:
        who = _person(chance)
        trap = chance.uniform()
        if trap < 0.03:  # the number of somebody else, given again
            who = _Person(who.name, who.gender, who.birth_date, previous.mobile)
        elif trap < 0.06:  # a child, with the parent's mobile
            child = birthday(chance, 1998, 2018)
            who = _Person(previous.name[0] + who.name[1:], who.gender, child, previous.mobile)
        previous = who
        kind = chance.uniform()
        sources = _WITH_MOBILE if kind < 0.45 else _WITH_BIRTH if kind < 0.75 else (*_WITH_MOBILE, *_WITH_BIRTH)
        used = [chance.pick(sources) for _ in range(copies(chance, 0.55))]
        if ({*used} & {*_WITH_MOBILE} and {*used} & {*_WITH_BIRTH}) or chance.happens(0.08):
            used.append("club:members")
        rows += [{**_record(chance, who, source), "source": source, "entity": str(number)} for source in used]
        number += 1
    return finished(chance, rows)


def _person(chance: Chance) -> _Person:
    gender = chance.pick(["female", "male"])
    name = chance.pick(_COMMON)
    if not chance.happens(0.1):
        name = chance.weighted(_families())[0] + "".join(
            chance.weighted(_characters(gender, place)) for place in (("1", "2") if chance.happens(0.75) else ("2",))
        )
    prefix = chance.pick("130 131 135 136 137 138 139 150 151 158 159 177 180 186 187 188 189".split())
    return _Person(name, gender, birthday(chance, 1945, 2010), f"+86{prefix}{chance.digits(8)}")


def _record(chance: Chance, who: _Person, source: str) -> Row:
    row: Row = {"birth_date": None, "phone": None}
    latin = chance.happens(0.35 if source == "app:members" else 0.06)
    row |= named(_in_pinyin(chance, who.name) if latin else _in_characters(chance, who.name))
    if source not in _WITH_BIRTH:
        row["phone"] = misdialled(chance, who.mobile) if chance.happens(0.03) else who.mobile
    if source not in _WITH_MOBILE:
        row["birth_date"] = misdated(chance, who.birth_date) if chance.happens(0.04) else who.birth_date
    return row


def _in_characters(chance: Chance, name: str) -> str:
    if chance.happens(0.05):
        alike = [(at, _lookalikes()[c]) for at, c in enumerate(name) if at and c in _lookalikes()]
        if alike:
            at, other = chance.pick(alike)
            return name[:at] + other + name[at + 1 :]
    return name


def _in_pinyin(chance: Chance, name: str) -> str:
    family = next((entry for entry in _families().values if name.startswith(entry[0])), (name[0], ""))
    given = [_pinyin().get(character, "") for character in name[len(family[0]) :]]
    if not family[1] or not all(given):
        return name
    first, last = "".join(given).title(), family[1].title()
    spaced = " ".join(given).title()
    options = [
        f"{last} {first}",
        f"{first} {last}",
        f"{last}{first}".lower(),
        f"{last} {spaced}",
        f"{last}{first}".upper(),
    ]
    return chance.pick(options)
