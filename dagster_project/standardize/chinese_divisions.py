"""China's administrative divisions (GB/T 2260): names in both scripts to codes.

Belongs here: looking divisions up by name and place, from the seed chinese_divisions. Does not belong here: streets
and numbers (chinese_addresses).
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from typing import NamedTuple

from dagster_project.standardize.address_text import OUTER_SIGNS, SEEDS

PROVINCE, CITY, DISTRICT = 0, 1, 2
LEVELS = {"province": PROVINCE, "city": CITY, "district": DISTRICT}
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
SPECIAL_REGIONS = {"71": "TW", "81": "HK", "82": "MO"}

SUFFIX = re.compile(r"(维吾尔自治区|壮族自治区|回族自治区|特别行政区|自治区|省|市)$")
# The peoples whose names stand in those of autonomous divisions: 巴音郭楞蒙古自治州 is called 巴音郭楞.
PEOPLES = (
    "蒙古族 蒙古 回族 藏族 维吾尔 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 哈萨克 傣族 "
    "黎族 傈僳族 佤族 畲族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜 土族 达斡尔族 达斡尔 仫佬族 羌族 布朗族 撒拉族 "
    "毛南族 仡佬族 锡伯 塔吉克 怒族 鄂温克族 保安族 裕固族 独龙族 普米族 各族"
).split()
AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:{'|'.join(PEOPLES)})+自治(州|县|旗)$")
LATIN_WORDS = re.compile(
    r"\b(autonomous|region|prefecture|province|municipality|city|district|county|new area|special administrative|sar|"
    r"sheng|shi|qu|xian|prov)\b\.?"
)
# Names that are not spelled as pinyin reads them.
LATIN_NAMES = {
    "110000": "peking", "150000": "innermongolia", "540000": "tibet", "610000": "shaanxi", "710000": "taiwan",
    "810000": "hongkong", "820000": "macau macao", "230100": "harbin", "150100": "hohhot huhhot", "650100": "urumqi",
    "540100": "lhasa", "440100": "canton", "350200": "amoy", "650000": "xinjianguygur xinjianguyghur",
    "450000": "guangxizhuang", "640000": "ningxiahui", "150200": "baotou", "230200": "qiqihar", "141100": "luliang",
}  # fmt: skip


class Division(NamedTuple):
    """A division, in force unless nothing single took its place; `name` is the one looked up, perhaps a former one."""

    code: str
    name: str
    level: int
    official_name: str

    @property
    def prefix(self) -> str:
        """The digits that all codes below it begin with."""
        return self.code[: (2, 4, 6)[self.level]]


def short_name(name: str) -> str:
    """Without the last administrative word: 浙江省 -> 浙江, 杭州市 -> 杭州. Districts are not for this function."""
    while len(name) > 2 and (stem := SUFFIX.sub("", name).strip(OUTER_SIGNS)) and stem != name:
        name = stem
    return name


@cache
def _rows() -> list[dict[str, str]]:
    with (SEEDS / "chinese_divisions.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def characters_of_names() -> frozenset[str]:
    """Every character in the name of a division."""
    return frozenset("".join(row["name"] for row in _rows()))


@cache
def _current() -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in _rows() if not row["successor_code"]}


@cache
def by_code() -> dict[str, Division]:
    """Divisions by their code, without those that a successor took the place of."""
    return {code: Division(code, row["name"], LEVELS[row["level"]], row["name"]) for code, row in _current().items()}


@cache
def _names() -> dict[str, tuple[tuple[Division, bool], ...]]:
    """Every name -> the divisions it may mean, and whether it stands there without its administrative word."""
    found: dict[str, list[tuple[Division, bool]]] = {}
    for row in _rows():
        name, code = row["name"], row["successor_code"] or row["code"]
        current = by_code()[code]
        division = current._replace(name=name)
        found.setdefault(name, []).append((division, False))
        if row["successor_code"] and current.level != PROVINCE and row["level"] == "district":
            continue  # the short name of a former county is that of its successor, or is no longer in use
        for short in _short_forms(name, current.level):
            found.setdefault(short, []).append((division, True))
    return {name: tuple(sorted(meant, key=lambda pair: pair[0].level)) for name, meant in found.items()}


def _short_forms(name: str, level: int) -> set[str]:
    forms: set[str] = set()
    autonomous = AUTONOMOUS.match(name)
    if level in (PROVINCE, CITY) or name.endswith("市"):
        forms.add(short_name(name))
    if autonomous:
        stem, word = autonomous.groups()
        forms |= {stem + word, *([stem] if level == CITY else [])}
    if level == CITY and name.endswith("地区"):
        forms |= {name[:-2], f"{name[:-2]}市"}
    if level == CITY and name.endswith("盟"):
        forms.add(name[:-1])
    return {form for form in forms if len(form) > 1 and form != name}


@cache
def name_lengths() -> dict[str, tuple[int, ...]]:
    """First two characters -> the lengths of the names that begin with them, the longest first."""
    found: dict[str, set[int]] = {}
    for name in _names():
        found.setdefault(name[:2], set()).add(len(name))
    return {front: tuple(sorted(lengths, reverse=True)) for front, lengths in found.items()}


def meanings(name: str) -> tuple[tuple[Division, bool], ...]:
    """The divisions of this name, whole or short, the highest level first."""
    return _names().get(name, ())


@lru_cache(maxsize=100_000)
def look_up(name: str, level: int, within: str = "") -> Division | None:
    """The only division of this name at this level whose code begins with `within`, else None."""
    fitting = {
        division.code: division
        for division, _ in meanings(name)
        if division.level == level and division.code.startswith(within)
    }
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def province_of(division: Division) -> Division:
    """The province that a division lies in, or is."""
    return by_code()[division.code[:2] + "0000"]


def city_of(division: Division) -> Division | None:
    """The prefecture-level city, or municipality, that a division lies in; None where there is none."""
    if division.code[:2] in MUNICIPALITIES:
        return province_of(division)
    return by_code().get(division.code[:4] + "00") if division.level != PROVINCE else None


# --- Pinyin and English ---------------------------------------------------------------------------------------------


@cache
def _latin_names() -> dict[str, tuple[Division, ...]]:
    from pypinyin import Style, lazy_pinyin

    found: dict[str, list[Division]] = {}
    for code, division in by_code().items():
        autonomous = AUTONOMOUS.match(division.name)
        stem = autonomous[1] if autonomous else short_name(division.name)
        if division.level == DISTRICT and not autonomous and len(division.name) > 2:
            stem = re.sub(r"(新区|区|县|市|旗)$", "", division.name) or division.name
        reading = "".join(lazy_pinyin(stem, style=Style.NORMAL)).replace("ü", "v")
        spellings = {reading, *LATIN_NAMES.get(code, "").split()}
        spellings |= {spelling.replace("v", "u") for spelling in spellings}
        if code == "610000":
            spellings = {"shaanxi"}  # shanxi is 山西
        for spelling in spellings:
            found.setdefault(spelling, []).append(division)
    return {name: tuple(divisions) for name, divisions in found.items()}


@lru_cache(maxsize=100_000)
def look_up_latin(name: str, level: int, within: str = "") -> Division | None:
    """As look_up, for a name in pinyin or English: 'Hangzhou', 'Zhejiang Province', 'Haidian District'."""
    fitting = [
        division
        for division in _latin_names().get(_latin_key(name), ())
        if division.level == level and division.code.startswith(within)
    ]
    return fitting[0] if len(fitting) == 1 else None


def means_a_city(name: str) -> bool:
    """Whether one or more cities of the prefecture level are spelled so: Suzhou is 苏州 and 宿州."""
    return any(division.level == CITY for division in _latin_names().get(_latin_key(name), ()))


def _latin_key(name: str) -> str:
    return re.sub(r"[\s'’`.\-]+", "", LATIN_WORDS.sub(" ", name.lower()))


# --- Postcodes ------------------------------------------------------------------------------------------------------


# First two digits of a postcode -> province; the lists of China Post, where every province has its own.
POSTCODE_PROVINCES = {
    prefix: code
    for code, prefixes in {
        "11": "10", "12": "30", "13": "05 06 07", "14": "03 04", "15": "01 02", "21": "11 12", "22": "13", "23": "15 16",
        "31": "20", "32": "21 22", "33": "31 32", "34": "23 24", "35": "35 36", "36": "33 34", "37": "25 26 27",
        "41": "45 46 47", "42": "43 44", "43": "41 42", "44": "51 52", "45": "53 54", "46": "57", "50": "40",
        "51": "61 62 63 64", "52": "55 56", "53": "65 66 67", "54": "85 86", "61": "71 72", "62": "73 74", "63": "81",
        "64": "75", "65": "83 84",
    }.items()
    for prefix in prefixes.split()
}  # fmt: skip


def province_of_postcode(postcode: str | None) -> Division | None:
    """The province that a mainland postcode belongs to, None for what is no such postcode."""
    if not postcode or len(postcode) != 6 or not (postcode.isascii() and postcode.isdigit()):
        return None
    code = POSTCODE_PROVINCES.get(postcode[:2])
    return by_code()[code + "0000"] if code else None
