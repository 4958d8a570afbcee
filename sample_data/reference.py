"""Reference tables of the demo company, read from ``reference/*.csv``: names, places, words.

Reading and shaping the tables belongs here; drawing from them does not. Sources are listed in ``README.md``.
"""

import csv
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from sample_data.chance import Weighted

FOLDER = Path(__file__).parent / "reference"
Row = dict[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Country:
    """How people of an invoice country are called and telephoned."""

    code: str
    language: str
    calling_code: str
    mobile_start: str
    mobile_digits: int
    trunk_prefix: str


@dataclass(frozen=True)
class ChinesePlace:
    """A district with its administrative code."""

    province: str
    city: str
    district: str
    adcode: str
    postcode: str
    area_code: str
    subscriber_digits: str
    city_pinyin: str


@dataclass(frozen=True)
class WesternPlace:
    """A town; ``districts``, the number of postcode districts, and ``area_code`` only in the United Kingdom."""

    country_code: str
    town: str
    region: str
    postcode_areas: tuple[str, ...]
    districts: int
    area_code: str


@dataclass(frozen=True)
class Reference:
    """All tables, ready to draw from."""

    given: dict[str, Weighted[str]]
    family: Weighted[str]
    european: dict[tuple[str, str], Weighted[str]]
    nicknames: dict[str, list[str]]
    chinese_family: Weighted[str]
    chinese_given: dict[tuple[str, int], Weighted[str]]
    pinyin: dict[str, str]
    confusions: dict[str, list[str]]
    english_names: dict[str, list[str]]
    chinese_places: Weighted[ChinesePlace]
    chinese_places_by_city: dict[str, Weighted[ChinesePlace]]
    birth_places: Weighted[str]
    birth_places_by_province: dict[str, Weighted[str]]
    chinese_streets: dict[str, Weighted[str]]
    company_words: dict[str, list[str]]
    occupations: Weighted[tuple[str, str]]
    western_places: dict[str, Weighted[WesternPlace]]
    british_area_codes: dict[str, str]
    western_streets: dict[str, Weighted[str]]
    countries: dict[str, Country]
    mobile_prefixes: Weighted[str]
    email_domains: dict[str, Weighted[str]]
    subjects: dict[tuple[str, str], list[str]]


def _rows(name: str) -> list[Row]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _weighted(rows: list[Row], value: Callable[[Row], T]) -> Weighted[T]:
    return Weighted([value(row) for row in rows], [float(row["weight"]) for row in rows])


def _groups(rows: list[Row], key: Callable[[Row], object]) -> dict:
    groups: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return dict(groups)


def _confusions(pinyin: dict[str, str], lookalikes: list[Row]) -> dict[str, list[str]]:
    """For each character of a name those it is mistaken for: homophones among name characters, then look-alikes."""
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character, sound in pinyin.items():
        if len(character) == 1:
            by_sound[sound].append(character)
    result: dict[str, list[str]] = {
        character: [other for other in by_sound[sound] if other != character]
        for character, sound in pinyin.items()
        if len(character) == 1
    }
    for row in lookalikes:
        result.setdefault(row["character"], []).append(row["lookalike"])
    return {character: others for character, others in result.items() if others}


def _chinese_place(row: Row) -> ChinesePlace:
    return ChinesePlace(**{name: row[name] for name in ChinesePlace.__dataclass_fields__})


def _western_place(row: Row) -> WesternPlace:
    areas = tuple(row["postcode_area"].split(","))
    return WesternPlace(
        row["country_code"], row["town"], row["region"], areas, int(row["districts"] or 0), row["area_code"]
    )


@cache
def load() -> Reference:
    """Read every table once per process."""
    chinese_family = _rows("chinese_family_names")
    characters = _rows("chinese_given_characters")
    pinyin = {row["character"]: row["pinyin"] for row in characters} | {
        row["name"]: row["pinyin"] for row in chinese_family
    }
    places = _rows("chinese_places")
    birth_places = _rows("chinese_birth_places")
    return Reference(
        given={
            gender: _weighted(rows, lambda row: row["name"])
            for gender, rows in _groups(_rows("western_given_names"), lambda row: row["gender"]).items()
        },
        family=_weighted(_rows("western_family_names"), lambda row: row["name"]),
        european={
            key: _weighted(rows, lambda row: row["name"])
            for key, rows in _groups(_rows("european_names"), lambda row: (row["language"], row["kind"])).items()
        },
        nicknames={
            name: [row["nickname"] for row in rows]
            for name, rows in _groups(_rows("western_nicknames"), lambda row: row["name"]).items()
        },
        chinese_family=_weighted(chinese_family, lambda row: row["name"]),
        chinese_given={
            key: _weighted(rows, lambda row: row["character"])
            for key, rows in _groups(characters, lambda row: (row["gender"], int(row["position"]))).items()
        },
        pinyin=pinyin,
        confusions=_confusions(pinyin, _rows("chinese_lookalikes")),
        english_names={
            gender: [row["name"] for row in rows]
            for gender, rows in _groups(_rows("chinese_english_names"), lambda row: row["gender"]).items()
        },
        chinese_places=_weighted(places, _chinese_place),
        chinese_places_by_city={
            city: _weighted(rows, _chinese_place) for city, rows in _groups(places, lambda row: row["city"]).items()
        },
        birth_places=_weighted(birth_places, lambda row: row["adcode"]),
        birth_places_by_province={
            province: _weighted(rows, lambda row: row["adcode"])
            for province, rows in _groups(birth_places, lambda row: row["province"]).items()
        },
        chinese_streets={
            kind: _weighted(rows, lambda row: row["name"])
            for kind, rows in _groups(_rows("chinese_streets"), lambda row: row["kind"]).items()
        },
        company_words={
            kind: [row["word"] for row in rows]
            for kind, rows in _groups(_rows("company_words"), lambda row: row["kind"]).items()
        },
        occupations=_weighted(_rows("occupations"), lambda row: (row["chinese"], row["english"])),
        western_places={
            code: _weighted(rows, _western_place)
            for code, rows in _groups(_rows("western_places"), lambda row: row["country_code"]).items()
        },
        british_area_codes={row["town"]: row["area_code"] for row in _rows("western_places") if row["area_code"]},
        western_streets={
            kind: _weighted(rows, lambda row: row["name"])
            for kind, rows in _groups(_rows("western_streets"), lambda row: row["kind"]).items()
        },
        countries={
            row["invoice_country"]: Country(
                row["country_code"],
                row["language"],
                row["calling_code"],
                row["mobile_start"],
                int(row["mobile_digits"]),
                row["trunk_prefix"],
            )
            for row in _rows("countries")
        },
        mobile_prefixes=_weighted(_rows("chinese_mobile_prefixes"), lambda row: row["prefix"]),
        email_domains={
            code: _weighted(rows, lambda row: row["domain"])
            for code, rows in _groups(_rows("email_domains"), lambda row: row["country_code"]).items()
        },
        subjects={
            key: [row["subject"] for row in rows]
            for key, rows in _groups(_rows("ticket_subjects"), lambda row: (row["language"], row["category"])).items()
        },
    )
