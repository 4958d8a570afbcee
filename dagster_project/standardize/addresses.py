"""Addresses, Chinese and Western: one shape, in which the same address is written the same way.

Belongs here: which cell of a record each part fills, what follows from the parts, and the record of rules. Does not
belong here: taking lines apart (chinese_addresses, western_addresses), placeholders (the seed skip_values, applied
before), whether an address exists.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from dagster_project.standardize import chinese_addresses as chinese
from dagster_project.standardize import western_addresses as western
from dagster_project.standardize.address_text import (
    HAN,
    OTHER_EAST_ASIAN,
    OUTER_SIGNS,
    are_clean,
    clean_cell,
    has_traditional,
    proper_case,
    simplified,
)
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
    means_a_city,
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


NO_ADDRESS = Address(
    None, None, None, None, None, None, None, None, None, None, None, None, None, None, ()
)  # fmt: skip


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
    cells = (address_full, street, house_number, district, city, region, postcode)
    present = [cell for cell in cells if cell is not None]
    if not present:
        return NO_ADDRESS._replace(country=country)
    rules: list[str] = []
    text = "\n".join(present)
    if text.count("\n") >= len(present) or not are_clean(text):
        cells = tuple([_cleaned(cell, rules) for cell in cells])
        text = "\n".join([cell for cell in cells if cell is not None])
        if not text:
            return NO_ADDRESS._replace(country=country, rules=tuple(dict.fromkeys(rules)))
    if (
        not text.isascii()
        and country not in OTHER_CHARACTER_COUNTRIES
        and HAN.search(text)
        and not OTHER_EAST_ASIAN.search(text)
    ):
        if has_traditional(text):
            cells = tuple(simplified(cell) if cell else cell for cell in cells)
            rules.append("traditional_to_simplified")
        return _parse_chinese(cells, country, rules)
    return _parse_western(cells, country, rules)


def _cleaned(cell: str | None, rules: list[str]) -> str | None:
    if cell is None:
        return None
    cleaned, cell_rules = clean_cell(cell)
    rules += cell_rules
    return cleaned


# --- Chinese --------------------------------------------------------------------------------------------------------


def _parse_chinese(cells: tuple[str | None, ...], country: str | None, rules: list[str]) -> Address:
    full, line, number, district, city, region, postcode = cells
    region, city, district, codes, cell_rules = _stated_divisions(region, city, district)
    rules += cell_rules
    text = full if line is None else line
    rest = None
    if text:
        rest, in_line, line_rules = chinese.tidy(text)
        rules += line_rules
        postcode = postcode or in_line
        has_place = city is not None or district is not None
        place = chinese.read_divisions(rest, codes=codes, whole=line is None or not codes, has_place=has_place)
        if place.rest != rest:
            rules.append("chinese_line_split")
            rules += place.rules
            region, city, district = region or place.region, city or place.city, district or place.district
            rest = place.rest
    if full and line is not None and not (city and district):
        place = chinese.read_divisions(
            chinese.tidy(full)[0], codes=codes, whole=True, has_place=city is not None or district is not None
        )
        found = place.city if place.city and short_name(place.city) != region else None  # 北京 is a region, too
        region, city, district = region or place.region, city or found, district or place.district
    settled = _settle(region, city, district, postcode, country, "traditional_to_simplified" not in rules)
    rules += settled.rules

    stated, unit = _house_number(number, rules)
    if rest and HAN.search(rest):
        street, house, unit_in_line, line_rules = chinese.read_line(rest, stated)
    elif rest:
        street, house, unit_in_line, line_rules = western.read_street(rest, stated, country)
    else:
        street, house, unit_in_line, line_rules = None, stated, None, ()
    rules += line_rules
    if full is None and rest:
        places = (settled.region, settled.city if settled.city != settled.region else None, settled.district)
        ending = f"{stated}号" if stated and stated not in rest else ""
        full = "".join([part for part in (*places, rest, ending) if part])
    return _address(proper_case(street), house, unit_in_line or unit, settled, country, full, rules)


@lru_cache(maxsize=200_000)
def _stated_divisions(
    region: str | None, city: str | None, district: str | None
) -> tuple[str | None, str | None, str | None, tuple[str, ...], tuple[str, ...]]:
    """Region, city and district from their cells, wherever among them they stand; their codes; rules."""
    rules: list[str] = []
    stated = [_without_groups(text) for text in (region, city, district)]
    if stated != [region, city, district]:
        rules.append("placeholder_division")
    cells = [_cell(text, level) if text else None for level, text in enumerate(stated)]
    for cell in cells:
        rules += cell.rules if cell else ()
    region = _first("region", cells[0], cells[1], cells[2])
    city = _first("city", cells[1], cells[2], cells[0])
    district = _first("district", cells[2], cells[1], cells[0])
    return region, city, district, _codes(region, city, district), tuple(rules)


def _without_groups(text: str | None) -> str | None:
    """The text without what only groups divisions, None where nothing is left."""
    if text and "市辖区" in text:
        text = " ".join(text.replace("市辖区", " ").split()).strip(OUTER_SIGNS)
    return text if text and short_name(text) not in NO_CITY else None


@lru_cache(maxsize=100_000)
def _cell(text: str, level: int) -> chinese.Place:
    """The divisions that a cell of one level states; what is no division stays whole, in that level."""
    place = chinese.read_divisions(text, whole=True)
    parts = [part for part in place[:3] if part]
    if place.rest or len(parts) < 2:
        # A former name in force elsewhere is replaced in the district's cell alone: 萧山市 was a city by name.
        successor = "division_successor" in place.rules and level == DISTRICT and not place.rest
        value = parts[0] if successor else text
        own = (
            value if level == PROVINCE else None,
            value if level == CITY else None,
            value if level == DISTRICT else None,
        )
        return chinese.Place(own[0], own[1], own[2], (), "", ("division_successor",) if successor else ())
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


# --- Both -----------------------------------------------------------------------------------------------------------


class Settled(NamedTuple):
    """The place of an address, without its street: as Address has it."""

    district: str | None
    city: str | None
    region: str | None
    postcode: str | None
    division_code: str | None
    is_postcode_valid: bool | None
    city_imputed: str | None
    region_imputed: str | None
    country_imputed: str | None
    rules: tuple[str, ...]


@lru_cache(maxsize=400_000)
def _settle(
    region: str | None,
    city: str | None,
    district: str | None,
    postcode: str | None,
    country: str | None,
    in_simplified_script: bool,
) -> Settled:
    """Write the place one way, find its division, and say what follows from it."""
    rules: list[str] = []
    imputed = None
    if country is None and postcode:
        imputed = western.country_of_postcode(postcode)
        if region and not imputed:
            imputed = western.country_of_state(region, postcode)
    if region and (code := western.state_code(region, country or imputed)):
        if code.lower() != region.lower():
            rules.append("state_code")
        region = code
    else:
        region = _without_word(region, rules)
    city = _without_word(city, rules)
    region, city, district = _translated(region, city, district, country, rules)
    if district and (city or region) and (whole := _completed(district, city, region)):
        district = whole
        rules.append("division_completed")
    division = city_imputed = region_imputed = None
    if in_simplified_script or country in CHINESE_COUNTRIES or "latin_division" in rules or _has_han(city, region):
        mainland = postcode if country in (None, "CN") else None
        division, city_imputed, region_imputed = _resolve(region, city, district, mainland)
    if country is None and division:
        imputed = SPECIAL_REGIONS.get(division.code[:2], "CN")
    elif country is None and in_simplified_script:
        imputed = "CN"
    valid = None
    if postcode:
        read_in = country or imputed
        if read_in == "CN" and len(postcode) == 5 and not _lost_zero(postcode, division):
            postcode, valid = postcode.upper(), False
        else:
            postcode, valid, code_rules = western.standard_postcode(postcode, read_in)
            rules += code_rules
    if region and not (len(region) <= 3 and western.state_code(region, country or imputed)):
        region = proper_case(region)
    return Settled(
        proper_case(district), proper_case(city), region, postcode, division.code if division else None, valid,
        city_imputed, region_imputed, imputed, tuple(rules),
    )  # fmt: skip


def _without_word(place: str | None, rules: list[str]) -> str | None:
    """A city without 市, a region without 省 or 自治区."""
    short = short_name(place) if place else None
    if short != place:
        rules.append("administrative_word")
    return short


def _has_han(*texts: str | None) -> bool:
    return any(text and HAN.search(text) for text in texts)


def _lost_zero(postcode: str, division: Division | None) -> bool:
    """Whether five digits are a Chinese postcode without its zero: only where the province begins with one."""
    province = province_of_postcode(f"0{postcode}")
    return province is not None and (division is None or division.code[:2] == province.code[:2])


def _address(
    street: str | None,
    house: str | None,
    unit: str | None,
    settled: Settled,
    country: str | None,
    full: str | None,
    rules: list[str],
) -> Address:
    # Parts that are put together may meet an accent that goes with a letter before it.
    if full and not unicodedata.is_normalized("NFKC", full):
        full = unicodedata.normalize("NFKC", full)
    return Address(
        street,
        house.lower() if house else None,
        unit,
        settled.district,
        settled.city,
        settled.region,
        settled.postcode,
        country,
        full,
        settled.division_code,
        settled.is_postcode_valid,
        settled.city_imputed,
        settled.region_imputed,
        settled.country_imputed,
        tuple(dict.fromkeys(rules)),
    )


# --- Western --------------------------------------------------------------------------------------------------------


def _parse_western(cells: tuple[str | None, ...], country: str | None, rules: list[str]) -> Address:
    full, line, number, district, city, region, postcode = cells
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
    settled = _settle(region, city, district, postcode, country, False)
    rules += settled.rules
    read_in = country or settled.country_imputed

    house, _ = _house_number(number, rules)
    street = None
    if line:
        street, house, unit_in_line, line_rules = western.read_street(line, house, read_in)
        rules += line_rules
        street = proper_case(street)
        unit = f"{unit}, {unit_in_line}" if unit and unit_in_line else unit or unit_in_line
    if full is None and line:
        first = (street, house) if read_in in western.NUMBER_BEHIND else (house, street)
        front = " ".join([part for part in first if part])
        places = (settled.district, settled.city, settled.region, settled.postcode)
        full = ", ".join([part for part in (unit, front, *places) if part])
    return _address(street, house, unit, settled, country, full, rules)


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
        if town is None and not means_a_city(city):
            county = look_up_latin(city, DISTRICT, within)
            town = county if county and county.name.endswith("市") else None
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
    if parts and (province := look_up_latin(parts[-1], PROVINCE)):
        parts.pop()
        within = province.prefix
        if province.code[:2] in MUNICIPALITIES or province.code[:2] in SPECIAL_REGIONS:
            city = short_name(province.name)
        else:
            region = short_name(province.name)
    if (
        parts
        and city is None
        and (town := look_up_latin(parts[-1], CITY, within) or look_up_latin(parts[-1], DISTRICT, within or "?"))
    ):
        parts.pop()
        within, city = town.prefix, short_name(town.name)
    if parts and within and (county := look_up_latin(parts[-1], DISTRICT, within)):
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
