"""Addresses, Chinese and Western: one shape, in which the same address is written the same way.

Belongs here: which cell of a record each part fills, what follows from the parts, and the record of rules. Does not
belong here: taking lines apart (chinese_addresses, western_addresses), placeholders (the seed skip_values, applied
before), whether an address exists.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from dagster_project.standardize import chinese_addresses as chinese
from dagster_project.standardize import western_addresses as western
from dagster_project.standardize.address_text import HAN, OTHER_EAST_ASIAN, clean_cell, proper_case, simplified
from dagster_project.standardize.chinese_divisions import (
    CITY,
    DISTRICT,
    MUNICIPALITIES,
    PROVINCE,
    SPECIAL_REGIONS,
    Division,
    by_code,
    city_of,
    look_up,
    look_up_latin,
    meanings,
    province_of,
    province_of_postcode,
    short_name,
)

CHINESE_COUNTRIES = frozenset({"CN", "HK", "MO", "TW"})
# Their addresses have characters too, but are put together otherwise.
OTHER_CHARACTER_COUNTRIES = frozenset({"JP", "KR", "KP"})
# What exports write into the city's cell of districts that no city governs, or of municipalities.
NO_CITY = frozenset({"市辖区", "县", "省直辖县级行政区划", "省直辖县级行政单位", "自治区直辖县级行政区划", "直辖县级"})
CHINA = re.compile(r"(?i)[\s,]*\b(?:P\.? ?R\.? ?(?:of )?China|PRC|China)\b\.?\s*$")
HOUSE_NUMBER = re.compile(r"^([甲乙丙丁]?[0-9]+(?:[-之][0-9]+)?) ?号(?![楼线])院?(.*)$")
NUMBER_WORD = re.compile(r"(?i)^(?:no|nr|number|nº|n°|num|hausnr|hnr|#)\.? *(?=[0-9])")


class Address(NamedTuple):
    """An address in parts, each None where the record does not state it.

    Cities are without 市 and regions without 省 or 自治区; districts keep their word. `division_code` is the GB/T 2260
    code of the most specific division. What only follows from other parts stands in the *_imputed fields alone.
    `is_postcode_valid` is None without a postcode or where the country's format is unknown.
    """

    street: str | None
    house_number: str | None
    unit: str | None
    district: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None
    address_full: str | None
    division_code: str | None
    is_postcode_valid: bool | None
    city_imputed: str | None
    region_imputed: str | None
    country_imputed: str | None
    rules: tuple[str, ...]


NO_ADDRESS = Address(*([None] * 14), ())


def parse_address(
    address_full: str | None,
    street: str | None,
    house_number: str | None,
    district: str | None,
    city: str | None,
    region: str | None,
    postcode: str | None,
    country: str | None,
) -> Address:
    """Bring the cells of one address into one shape; `country` is ISO 3166-1 alpha-2.

    A line (the street's cell, else the whole address) is taken apart: what stands in it besides the street fills the
    parts that the record leaves empty. A part that the record states is never replaced by one from a line.
    """
    rules: list[str] = []
    cells: list[str | None] = []
    for cell in (address_full, street, house_number, district, city, region, postcode):
        if cell is None:
            cells.append(None)
            continue
        cleaned, cell_rules = clean_cell(cell)
        cells.append(cleaned)
        if cell_rules:
            rules += cell_rules
    full, line, number, district, city, region, postcode = cells
    if not any(cells):
        return NO_ADDRESS._replace(country=country, rules=tuple(dict.fromkeys(rules)))
    is_chinese = country not in OTHER_CHARACTER_COUNTRIES and any(
        text is not None and not text.isascii() and HAN.search(text) and not OTHER_EAST_ASIAN.search(text)
        for text in (full, line, number, district, city, region)
    )
    parse = _parse_chinese if is_chinese else _parse_western
    return parse(full, line, number, district, city, region, postcode, country, rules)


# --- Chinese ------------------------------------------------------------------------------------------------------------


def _parse_chinese(
    full: str | None,
    line: str | None,
    number: str | None,
    district: str | None,
    city: str | None,
    region: str | None,
    postcode: str | None,
    country: str | None,
    rules: list[str],
) -> Address:
    full, line, number, district, city, region = (
        _simplified(text, rules) for text in (full, line, number, district, city, region)
    )
    if city in NO_CITY:
        city = None
        rules.append("placeholder_division")
    if district in NO_CITY:
        district = None
        rules.append("placeholder_division")
    region_cell, city_cell, district_cell = (
        _cell(text, level) if text else None for text, level in ((region, 0), (city, 1), (district, 2))
    )
    for cell in (region_cell, city_cell, district_cell):
        if cell:
            rules += cell.rules
    region = _first("region", region_cell, city_cell, district_cell)
    city = _first("city", city_cell, district_cell, region_cell)
    district = _first("district", district_cell, city_cell, region_cell)
    if district and (city or region) and (whole := _completed(district, city, region)):
        district = whole
        rules.append("division_completed")

    from_full = line is None
    text = line if line is not None else full
    rest: str | None = None
    codes = _codes(region, city, district)
    if text:
        tidied, in_line, line_rules = chinese.tidy(text)
        rules += line_rules
        postcode = postcode or in_line
        place = chinese.read_divisions(tidied, codes=codes, whole=from_full or not codes)
        rest = place.rest or None
        if rest != tidied:
            rules.append("chinese_line_split")
            rules += place.rules
        region, city, district = region or place.region, city or place.city, district or place.district
    if full and not from_full and not (city and district):
        place = chinese.read_divisions(chinese.tidy(full)[0], codes=codes, whole=True)
        region, city, district = region or place.region, city or place.city, district or place.district

    stated, unit_of_number = _house_number(number, rules)
    if rest and HAN.search(rest):
        street, house, unit, line_rules = chinese.read_line(rest, stated)
    elif rest:
        street, house, unit, line_rules = western.read_street(rest, stated, country)
    else:
        street, house, unit, line_rules = None, stated, None, ()
    rules += line_rules
    unit = unit or unit_of_number

    region, city = _short(region), _short(city)
    region, city, district = _translated(region, city, district, country, rules)
    street, district = proper_case(street), proper_case(district)
    city, region = proper_case(city), proper_case(region)
    division, city_imputed, region_imputed = _resolve(region, city, district, postcode if country in (None, "CN") else None)
    country_imputed = None
    if country is None:
        if division:
            country_imputed = SPECIAL_REGIONS.get(division.code[:2], "CN")
        elif "traditional_to_simplified" not in rules:
            country_imputed = "CN"
    postcode, valid = _postcode(postcode, country or country_imputed, division, rules)
    if full is None and rest:
        ending = f"{house}号" if stated and stated not in rest else ""
        full = "".join(part for part in (region, city if city != region else None, district, rest, ending) if part)
    return Address(
        street, house.lower() if house else None, unit, district, city, region, postcode, country, full,
        division.code if division else None, valid, city_imputed, region_imputed, country_imputed,
        tuple(dict.fromkeys(rules)),
    )  # fmt: skip


def _simplified(text: str | None, rules: list[str]) -> str | None:
    if text is None or text.isascii():
        return text
    simple = simplified(text)
    if simple != text:
        rules.append("traditional_to_simplified")
    return simple


@lru_cache(maxsize=100_000)
def _cell(text: str, level: int) -> chinese.Place:
    """The divisions that a cell of one level states; what is no division stays whole, in that level."""
    place = chinese.read_divisions(text, whole=True)
    parts = [part for part in place[:3] if part]
    own: list[str | None] = [None, None, None]
    if place.rest or len(parts) < 2:
        # A former name in force elsewhere is replaced in the district's cell alone: 萧山市 was a city by name.
        successor = "division_successor" in place.rules and level == DISTRICT and not place.rest
        own[level] = parts[0] if successor else text
        return chinese.Place(*own, (), "", ("division_successor",) if successor else ())
    return place._replace(rules=(*place.rules, "chinese_line_split"))


def _first(slot: str, *places: chinese.Place | None) -> str | None:
    return next((value for place in places if place and (value := getattr(place, slot))), None)


@lru_cache(maxsize=100_000)
def _completed(district: str, city: str | None, region: str | None) -> str | None:
    """'西湖' of 杭州 -> '西湖区'; None for what has its word, or is not the name of one district there."""
    if len(district) < 2 or not HAN.search(district) or re.search(r"[区县旗市]$", district):
        return None
    codes = _codes(region, city, None)
    within = max((_prefix(code) for code in codes), key=len, default="?")
    found = [whole for word in "区县市旗" if (whole := district + word) and look_up(whole, DISTRICT, within)]
    return found[0] if len(found) == 1 else None


def _prefix(code: str) -> str:
    return by_code()[code].prefix


@lru_cache(maxsize=100_000)
def _codes(region: str | None, city: str | None, district: str | None) -> tuple[str, ...]:
    """Codes of the divisions that these names mean by themselves."""
    found: list[str] = []
    for name, levels in ((region, (PROVINCE,)), (city, (CITY, PROVINCE, DISTRICT)), (district, (DISTRICT,))):
        for level in levels if name else ():
            meant = {division.code for division, _ in meanings(name or "") if division.level == level}
            if len(meant) == 1:
                found += meant
                break
    return tuple(found)


@lru_cache(maxsize=100_000)
def _short(name: str | None) -> str | None:
    return short_name(name) if name else None


@lru_cache(maxsize=200_000)
def _resolve(
    region: str | None, city: str | None, district: str | None, postcode: str | None
) -> tuple[Division | None, str | None, str | None]:
    """The most specific division that the parts agree on, and the city and region that follow from it."""
    province = _meant(region, (PROVINCE,), "") if region else None
    of_postcode = province_of_postcode(postcode)
    within = province.prefix if province else ""
    town = _meant(city, (CITY, PROVINCE, DISTRICT), within) if city else None
    if town and town.level == PROVINCE and town.code[:2] not in MUNICIPALITIES and town.code[:2] not in SPECIAL_REGIONS:
        town = None
    if province and city and town is None and _meant(city, (CITY,), ""):
        return None, None, None  # a city of another province: one of the two is wrong
    within = town.prefix if town else within
    county = None
    if district:
        county = look_up(district, DISTRICT, within)
        if county is None and not within and of_postcode:
            county = look_up(district, DISTRICT, of_postcode.prefix)
    division = county or town or province
    region_imputed = city_imputed = None
    if region is None and (holder := province_of(division) if division else of_postcode):
        region_imputed = short_name(holder.name)
    if city is None and division and (holder := city_of(division)):
        city_imputed = short_name(holder.name) if division.level == DISTRICT or holder.level == PROVINCE else None
    return division, city_imputed, region_imputed


def _meant(name: str, levels: tuple[int, ...], within: str) -> Division | None:
    for level in levels:
        if found := look_up(name, level, within):
            return found
    return None


def _house_number(number: str | None, rules: list[str]) -> tuple[str | None, str | None]:
    """The number of a house number's cell, and what stands behind it: '12号3栋' -> 12, 3栋."""
    if number is None:
        return None, None
    found = HOUSE_NUMBER.match(number)
    if found:
        rules.append("number_word")
        return found[1], found[2].strip(" ,-") or None
    bare = NUMBER_WORD.sub("", number)
    if bare != number:
        rules.append("number_word")
    return bare.replace(" ", "").lower(), None


def _postcode(
    postcode: str | None, country: str | None, division: Division | None, rules: list[str]
) -> tuple[str | None, bool | None]:
    if postcode is None:
        return None, None
    if country == "CN" and len(postcode) == 5:
        # A lost zero shows only where the province begins with one.
        province = province_of_postcode(f"0{postcode}")
        if province is None or (division and division.code[:2] != province.code[:2]):
            return postcode.upper(), False
    code, valid, code_rules = western.standard_postcode(postcode, country)
    rules += code_rules
    return code, valid


# --- Western ------------------------------------------------------------------------------------------------------------


def _parse_western(
    full: str | None,
    line: str | None,
    number: str | None,
    district: str | None,
    city: str | None,
    region: str | None,
    postcode: str | None,
    country: str | None,
    rules: list[str],
) -> Address:
    stated, _ = _house_number(number, rules)
    unit = None
    whole = full if line is None else line if "," in line and not (city or postcode) else None
    if whole:
        if (country in CHINESE_COUNTRIES or country is None) and (parts := _split_latin_chinese(whole, country)):
            rules += ["line_split", "latin_division"]
        elif parts := western.split_whole(whole, country):
            rules.append("line_split")
        if parts:
            line, unit = parts.street, parts.unit
            district, city, region = district or parts.district, city or parts.city, region or parts.region
            postcode, country = postcode or parts.postcode, country or parts.country
        elif line is None:
            line = whole
    elif line and "," in line:
        line = _without_repeated_cells(line, (district, city, region, postcode), rules)
    country_imputed = None
    if country is None:
        country_imputed = western.country_of_postcode(postcode) if postcode else None
        if region and not country_imputed:
            country_imputed = western.country_of_state(region, postcode)
    read_in = country or country_imputed

    street = house = None
    if line:
        street, house, unit_in_line, line_rules = western.read_street(line, stated, read_in)
        rules += line_rules
        unit = ", ".join(part for part in (unit, unit_in_line) if part) or None
    house = house or stated

    if region and (code := western.state_code(region, read_in)):
        if code.lower() != region.lower():
            rules.append("state_code")
        region = code
    elif region and read_in in ("US", "CA", "AU") and region.isupper() and len(region) <= 3:
        pass
    else:
        region = proper_case(_short(region))
    region, city, district = _translated(region, _short(city), district, country, rules)
    street, district, city = proper_case(street), proper_case(district), proper_case(city)
    division = city_imputed = region_imputed = None
    if country in CHINESE_COUNTRIES or "latin_division" in rules:
        division, city_imputed, region_imputed = _resolve(region, city, district, postcode if country in (None, "CN") else None)
        if country is None and division:
            country_imputed = SPECIAL_REGIONS.get(division.code[:2], "CN")
    postcode, valid = _postcode(postcode, country or country_imputed, division, rules)
    if full is None and line:
        parts_of_line = (street, house) if read_in in western.NUMBER_BEHIND else (house, street)
        first = " ".join(part for part in parts_of_line if part)
        full = ", ".join(part for part in (unit, first, district, city, region, postcode) if part)
    return Address(
        street, house, unit, district, city, region, postcode, country, full,
        division.code if division else None, valid, city_imputed, region_imputed, country_imputed,
        tuple(dict.fromkeys(rules)),
    )  # fmt: skip


def _without_repeated_cells(line: str, cells: tuple[str | None, ...], rules: list[str]) -> str:
    """The line without parts at its end that the record states in cells of their own."""
    known = {re.sub(r"\W+", "", cell).lower() for cell in cells if cell}
    head, comma, tail = line.rpartition(",")
    while comma and known and re.sub(r"\W+", "", tail).lower() in known:
        rules.append("repeated_parts")
        line = head.strip(" ,")
        head, comma, tail = line.rpartition(",")
    return line


def _translated(
    region: str | None, city: str | None, district: str | None, country: str | None, rules: list[str]
) -> tuple[str | None, str | None, str | None]:
    """Chinese divisions that are written in pinyin or English, in characters: Hangzhou -> 杭州.

    Without a stated country the city has to lie in the stated region, because names in Latin letters mean many places.
    """
    if not any(text and text.isascii() for text in (region, city, district)):
        return region, city, district
    if country not in CHINESE_COUNTRIES and not (country is None and region and city):
        return region, city, district
    names = _characters_of(region, city, district, country)
    if names != (region, city, district):
        rules.append("latin_division")
    return names


@lru_cache(maxsize=100_000)
def _characters_of(
    region: str | None, city: str | None, district: str | None, country: str | None
) -> tuple[str | None, str | None, str | None]:
    province = (_meant(region, (PROVINCE,), "") or look_up_latin(region, PROVINCE)) if region else None
    within = province.prefix if province else ""
    town = None
    if city:
        town = _meant(city, (CITY, PROVINCE), within) or look_up_latin(city, CITY, within)
        municipality = look_up_latin(city, PROVINCE, within)
        if town is None and municipality and municipality.code[:2] in {*MUNICIPALITIES, *SPECIAL_REGIONS}:
            town = municipality
        town = town or look_up_latin(city, DISTRICT, within)
    if country is None and not (province and town):
        return region, city, district
    within = town.prefix if town else within
    county = look_up_latin(district, DISTRICT, within) if district and within and district.isascii() else None
    return (
        short_name(province.name) if province and region and region.isascii() else region,
        short_name(town.name) if town and city and city.isascii() else city,
        county.name if county else district,
    )


def _split_latin_chinese(text: str, country: str | None) -> western.WholeAddress | None:
    """A Chinese address in pinyin or English, from its end; None where it does not end with Chinese divisions."""
    says_china = CHINA.search(text)
    if country is None and not says_china:
        return None
    body = CHINA.sub("", text)
    postcode = None
    if found := re.search(r"[\s,]*\b([0-9]{6})\b[\s,]*$", body):
        postcode, body = found[1], body[: found.start()]
    parts = [part for part in (piece.strip() for piece in body.split(",")) if part]
    if postcode is None and parts and (found := re.search(r"\s([0-9]{6})$", parts[-1])):
        postcode, parts[-1] = found[1], parts[-1][: found.start()]
    region = city = district = None
    within = ""
    if len(parts) > 1 and (province := look_up_latin(parts[-1], PROVINCE)):
        parts.pop()
        within = province.prefix
        if province.code[:2] in MUNICIPALITIES or province.code[:2] in SPECIAL_REGIONS:
            city = short_name(province.name)
        else:
            region = short_name(province.name)
    if len(parts) > 1 and city is None and (town := look_up_latin(parts[-1], CITY, within) or look_up_latin(parts[-1], DISTRICT, within or "?")):
        parts.pop()
        within, city = town.prefix, short_name(town.name)
    if len(parts) > 1 and within and (county := look_up_latin(parts[-1], DISTRICT, within)):
        parts.pop()
        district = county.name
    if not within:
        return None
    units = [unit for part in parts if (unit := western.unit_alone(part))]
    parts = [part for part in parts if not western.unit_alone(part)]
    numbered = next((index for index, part in enumerate(parts) if re.search(r"[0-9]", part)), 0)
    street = parts.pop(numbered) if parts else None
    if street and re.fullmatch(r"(?i)(?:no\.? ?)?[0-9]+", street) and numbered < len(parts):
        street = f"{street} {parts.pop(numbered)}"
    return western.WholeAddress(
        street, ", ".join((*units, *parts)) or None, district, city, region, postcode, "CN" if says_china else None
    )
