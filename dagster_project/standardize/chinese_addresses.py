"""Chinese address lines: divisions in front, then road, number, and what stands behind the number.

Belongs here: taking a line in characters apart, and writing its numbers and words one way. Does not belong here: which
cell of a record a part fills (addresses), the table of divisions (chinese_divisions).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dagster_project.standardize.address_text import OUTER_SIGNS
from dagster_project.standardize.chinese_divisions import (
    CITY,
    DISTRICT,
    MUNICIPALITIES,
    PROVINCE,
    Division,
    meanings,
    name_lengths,
)

COUNTRY = re.compile(r"^(?:中华人民共和国|中国大陆|中国)[\s,，、:·-]*(?=[\u3400-\u9fff])")
# 新疆生产建设兵团第八师石河子市: the corps is in 新疆, and its divisions are not those of the state.
CORPS = re.compile(
    r"^(?:新疆(?:维吾尔自治区)?)?(?:生产建设)?兵团(?:第?[一二三四五六七八九十0-9]+师)?(?=[\u3400-\u9fff]{2,}?[市县区])"
)
POSTCODE_IN_FRONT = re.compile(r"^[(（]?(?:邮政编码|邮编)?[:： ]*([0-9]{6})[)）]?[\s,]*(?=[\u3400-\u9fff])")
POSTCODE_BEHIND = re.compile(r"(?:[\s,(]+|[\s,(]*(?:邮政编码|邮编)[:： ]*)([0-9]{6})\)?$")
BLANKS = re.compile(r"(?<=[\u3400-\u9fff])[\s,]+|[\s,]+(?=[\u3400-\u9fff])")

# A road, an estate or a house that only begins with the name of a place: 南京路, 北京东路, 杭州大厦, 中山一路.
NAMED_AFTER_PLACE = re.compile(
    r"^(?:[东西南北中上下前后新老大内外左右支]|[一二三四五六七八九十]|[0-9])*"
    r"(?:路|街|道|巷|弄|里|胡同|大厦|广场|花园|小区|村|饭店|宾馆|酒店|城(?=$|[0-9A-Za-z东西南北一二三四五])|国际|山庄|苑|府|园|号|栋|幢|座|楼|桥|门|站|湾)"
)
ROAD_OR_TOWN = re.compile(r"^[\u3400-\u9fff0-9]{2,}?(?:路|街|大道|巷|胡同|弄|镇|乡|村|街道)")
# What a line has where the table knows no division: the shape alone.
ANY_REGION = re.compile(r"^([\u4e00-\u9fa5]{2,7}?(?:省|自治区))")
ANY_CITY = re.compile(r"^((?:(?![路街道巷县区旗])[\u4e00-\u9fa5]){2,6}?市)(?![场区]|大?街|路)")
ANY_DISTRICT = re.compile(r"^(?!市辖区)([\u4e00-\u9fa5]{1,5}?[^小社园厂街路业校库景](?:区|县|旗))")

SUBDISTRICT = re.compile(r"^[\u3400-\u9fff]{1,8}?(?:街道办事处|街道办|街道|办事处)")
ROAD = re.compile(
    r"^((?:[^0-9]|[0-9]{1,2}(?=[路街巷道号])(?:号(?=[路街大]))?)*?(?:大道|大街|路|街(?!道)|道|巷|弄|胡同))"
)
NUMBER = re.compile(r"([甲乙丙丁]?[0-9]+(?:[-之][0-9]+)?) ?(?:号(?![楼线])|弄)")
NUMBER_OF_BUILDING = re.compile(r"([0-9]+(?:[-之][0-9]+)?) ?号")
BARE_NUMBER = re.compile(r"^[\s,-]*([0-9]+(?:-[0-9]+)?)(?=$|[\s,]|[^0-9栋幢座单元室楼层组米公里年号弄期区段小大\s,-])")
# Villages count their houses by groups, so the group is part of the street: 光明村3组12号.
GROUP_OF_VILLAGE = re.compile(r"(?<![0-9])[0-9]+(?![0-9]*[组社队屯]).*$")
UNIT = re.compile(
    r"(?:[A-Za-z0-9]+(?:[-#][0-9A-Za-z]+)*(?:号楼|[栋幢座楼层室房户]|单元|号院|#)|[A-Za-z][栋幢座区]|[0-9]+-[0-9]+(?:-[0-9]+)*$).*$"
)

DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
NUMERALS = re.compile(r"([零〇一二两三四五六七八九十百千]+)(?=号(?![线])|弄|号?楼|栋|幢|单元|层|室|组)")
BUILDING_WORDS = ((re.compile(r"(?<=[0-9A-Za-z])[幢]"), "栋"), (re.compile(r"(?<=[0-9])#(?:楼|(?![0-9]))"), "号楼"),
                  (re.compile(r"(?<=[0-9])房$"), "室"))  # fmt: skip


class Place(NamedTuple):
    """The divisions that a text begins with, as it writes them or as their successors are called, and the rest."""

    region: str | None
    city: str | None
    district: str | None
    divisions: tuple[Division, ...]
    rest: str
    rules: tuple[str, ...]


class Line(NamedTuple):
    """Road, number and what stands behind it, from a line without divisions."""

    street: str | None
    house_number: str | None
    unit: str | None
    rules: tuple[str, ...]


def tidy(line: str) -> tuple[str, str | None, tuple[str, ...]]:
    """A line without country, postcode and blanks between characters, with numbers in digits; the postcode; rules."""
    rules: list[str] = []
    postcode = None
    line = COUNTRY.sub("", line)
    if "0" <= line[:1] <= "9" or line[:1] in "(（邮":
        found = POSTCODE_IN_FRONT.match(line)
        if found:
            postcode, line = found[1], line[found.end() :]
    if line[-1:].isdigit() or line[-1:] == ")":
        found = POSTCODE_BEHIND.search(line)
        if found:
            postcode, line = found[1], line[: found.start()]
    if postcode:
        rules.append("postcode_from_line")
    if "兵团" in line[:12] and (found := CORPS.match(line)):
        line = "新疆" + line[found.end() :]
        rules.append("corps_left_out")
    if "市辖区" in line:  # 北京市市辖区朝阳区: it groups districts, and is no place
        line = " ".join(line.replace("市辖区", " ").split()).strip(OUTER_SIGNS)
        rules.append("placeholder_division")
    if " " in line or "," in line:
        line = BLANKS.sub("", line)
    numbered = NUMERALS.sub(_in_digits, line)
    if numbered != line:
        rules.append("chinese_numerals")
    worded = numbered
    if "幢" in numbered or "#" in numbered or numbered.endswith("房"):
        for pattern, word in BUILDING_WORDS:
            worded = pattern.sub(word, worded)
    if worded != numbered:
        rules.append("chinese_building_word")
    return worded, postcode, tuple(rules)


def _in_digits(found: re.Match[str]) -> str:
    text = found[1]
    if not any(sign in TENS for sign in text):
        return "".join(str(DIGITS[sign]) for sign in text)
    total, digit = 0, None
    for sign in text:
        if sign in TENS:
            total += (1 if digit is None else digit) * TENS[sign]
            digit = None
        else:
            digit = DIGITS[sign]
    return str(total + (digit or 0))


def read_divisions(text: str, *, codes: tuple[str, ...] = (), whole: bool = False, has_place: bool = False) -> Place:
    """Take the divisions off the front of a text, the longest names first.

    `codes` are the codes of divisions that the record states elsewhere: they decide between divisions of one name, and
    allow short names. `whole` says that the text is a whole address, so that a short name in front is a place;
    `has_place` that the record states city or district, so that what only looks like a city is none.
    """
    position, within, level = 0, "", -1
    found: list[tuple[Division, int]] = []  # with the level at which the text uses it
    rules: list[str] = []
    region = city = district = None
    province = ""
    while position < len(text):
        step = _division_at(text, position, within, level, codes, whole)
        if step is None and province and text.startswith(province, position):
            position += len(province)  # 浙江浙江杭州市; but the second 吉林 of 吉林吉林市 is a city
            continue
        if step is None:
            break
        name, fitting = step
        division = fitting[0] if len(fitting) == 1 else None
        stands_for = fitting[0]
        position += len(name)
        while position < len(text) and text[position] in " ,/|-·>":
            position += 1
        written = name
        if division and division.name != division.official_name and name == division.name:
            written = division.official_name
            rules.append("division_successor")
        if stands_for.level == PROVINCE and stands_for.code[:2] not in MUNICIPALITIES:
            region, province = written, name
        elif stands_for.level == PROVINCE:
            region = city  # 北京市北京市: the second one is the city, so the first one was the province
            city = written
        elif stands_for.level == CITY or (
            stands_for.official_name.endswith("市") and city is None and not _states_other(codes, stands_for)
        ):
            city = written
        else:
            district = written
        if division is None:
            level = max(level, stands_for.level)
            if stands_for.level != DISTRICT:
                break
            within, level = within or "?", DISTRICT
        else:
            found.append((division, division.level))
            within, level = division.prefix, division.level
        if stands_for.level == DISTRICT:
            break
    rest = text[position:]
    if region is None and not found and (shape := ANY_REGION.match(rest)):
        region, rest = shape[1], rest[shape.end() :]
    if city is None and level < CITY and not has_place and (shape := ANY_CITY.match(rest)):
        city, rest = _without_province(shape[1]), rest[shape.end() :]
    if district is None and level < DISTRICT and (shape := ANY_DISTRICT.match(rest)):
        district, rest = _without_province(shape[1]), rest[shape.end() :]
    return Place(region, city, district, tuple(division for division, _ in found), rest, tuple(rules))


def _without_province(name: str) -> str:
    """What only looks like a city or district, without a province in front, which is another than the record's or said twice."""
    while (step := _division_at(name, 0, "", -1, (), True)) and step[1][0].level == PROVINCE and step[0] != name:
        name = name.removeprefix(step[0])
    return name


def _states_other(codes: tuple[str, ...], division: Division) -> bool:
    """Whether the record names the city that a county-level city belongs to."""
    return any(code[4:] == "00" and code[2:] != "0000" and code[:4] == division.code[:4] for code in codes)


def _division_at(
    text: str, position: int, within: str, level: int, codes: tuple[str, ...], whole: bool
) -> tuple[str, list[Division]] | None:
    for length in name_lengths().get(text[position : position + 2], ()):
        name = text[position : position + length]
        known = meanings(name)
        if not known:
            continue
        fitting = [
            (division, short)
            for division, short in known
            if (division.level > level and division.code.startswith(within))
            or (division.level == level == PROVINCE and division.code[:2] == within and within in MUNICIPALITIES)
        ]
        if not fitting:
            continue
        rest = text[position + length :]
        short = all(is_short for _, is_short in fitting)
        if short and not _may_be_short(fitting, rest, within, codes, whole):
            continue
        if not within:
            fitting = [pair for pair in fitting if _agrees(pair[0], codes)] or fitting
        highest = fitting[0][0].level
        divisions = {pair[0].code: pair[0] for pair in fitting if pair[0].level == highest}
        if len(divisions) > 1 and (next_fitting := _decided_by_rest(divisions, rest)):
            divisions = next_fitting
        return name, list(divisions.values())
    return None


def _agrees(division: Division, codes: tuple[str, ...]) -> bool:
    return any(division.code.startswith(prefix) or code.startswith(division.prefix) for code in codes
               if (prefix := _prefix(code)))  # fmt: skip


def _prefix(code: str) -> str:
    return code[:2] if code[2:] == "0000" else code[:4] if code[4:] == "00" else code


def _decided_by_rest(divisions: dict[str, Division], rest: str) -> dict[str, Division]:
    """Of several divisions of one name, those that hold what follows: 朝阳市 is followed by its own counties."""
    lengths = name_lengths().get(rest[:2], ())
    following = next((known for length in lengths if (known := meanings(rest[:length]))), ())
    return {
        code: division
        for code, division in divisions.items()
        if any(inner.level > division.level and inner.code.startswith(division.prefix) for inner, _ in following)
    }


def _may_be_short(
    fitting: list[tuple[Division, bool]], rest: str, within: str, codes: tuple[str, ...], whole: bool
) -> bool:
    if NAMED_AFTER_PLACE.match(rest):
        return False
    divisions = {division.code: division for division, _ in fitting}
    if not rest or _decided_by_rest(divisions, rest):
        return True
    if codes and not within:
        return any(_agrees(division, codes) for division in divisions.values())
    if all(division.level == DISTRICT for division in divisions.values()) and not within:
        return False
    return whole or bool(ROAD_OR_TOWN.match(rest))


def read_line(line: str, house_number: str | None) -> Line:
    """Road, number and rest of a Chinese line whose divisions are taken off; a number the record states goes first."""
    rules: list[str] = []
    if not line:
        return Line(None, house_number, None, ())
    named = line
    subdistrict = SUBDISTRICT.match(line)
    if subdistrict and ROAD.match(line[subdistrict.end() :]):
        named = line[subdistrict.end() :]
        rules.append("subdistrict_left_out")
    road = None if subdistrict and named is line else ROAD.match(named)
    number = NUMBER.search(named, road.end() if road else 0) or NUMBER.search(named)
    if number and road and number.start() < road.end():
        number = NUMBER.search(named, road.end())
    number = number or NUMBER_OF_BUILDING.search(named, road.end() if road else 0)
    behind_road = named[road.end() :] if road else ""
    bare = BARE_NUMBER.match(behind_road) if road and not number else None
    if road:
        street = road[1]
    elif subdistrict and named is line:
        street = subdistrict[0]
    else:
        in_front = named[: number.start()] if number else named
        street = GROUP_OF_VILLAGE.sub("", in_front) or None
    found = number[1] if number else bare[1] if bare else None
    if number:
        unit = named[number.end() :]
        unit = unit[1:] if unit[:1] == "院" else unit
    elif bare:
        unit = behind_road[bare.end() :]
    else:
        behind = UNIT.search(named, len(street or ""))
        unit = behind[0] if behind else None
    unit = unit.strip(" ,-") if unit else None
    if found and house_number is None:
        rules.append("number_from_street")
    if unit:
        rules.append("unit_from_street")
    unit = re.sub(r"[a-z]+", lambda letters: letters[0].upper(), unit) if unit else None
    return Line((street or "").strip(OUTER_SIGNS) or None, house_number or found, unit or None, tuple(rules))
