"""Numbers that the state gives: of people (identity card, social security) and of companies (USCC, VAT, register).

Belongs here: pure functions over one number: its kind, whether its check digit holds, and what it says by itself. Does not
belong here: which numbers are placeholders (the seed skip_values), and what a shared number means (linkage).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule


class NationalId(NamedTuple):
    """A person's number, all None where the cell holds none.

    `is_national_id_valid` is None where no check is known for it. A number that fails its check stays, for it is evidence,
    but says nothing of birth, gender or division. `national_id_division` is the GB/T 2260 code of first registration.
    """

    national_id: str | None
    national_id_type: str | None
    is_national_id_valid: bool | None
    national_id_birth_date: date | None
    national_id_gender: str | None
    national_id_division: str | None
    rules: tuple[str, ...]


class CompanyId(NamedTuple):
    """A company's number, all None where the cell holds none.

    `company_id_type`: uscc, vat, registration or unknown. `is_company_id_valid` is None where no check is known for it.
    `company_id_division` is the GB/T 2260 code of the registering office, `company_id_country` the country (ISO 3166-1
    alpha-2) whose number it is.
    """

    company_id: str | None
    company_id_type: str | None
    is_company_id_valid: bool | None
    company_id_division: str | None
    company_id_country: str | None
    rules: tuple[str, ...]


NO_NATIONAL_ID = NationalId(None, None, None, None, None, None, ())
NO_COMPANY_ID = CompanyId(None, None, None, None, None, ())

SEPARATORS = re.compile(r"[\s.\-·_/]+")
MASKED = re.compile(r"[*•●＊✱]|X{3,}")
WRAPPING = re.compile(r"^['\"`´‘’“”=,;:。\s.\-·_/]+|['\"`´‘’“”=,;:。\s.\-·_/]+$")
EXPONENT = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,2}")
DECIMAL = re.compile(r"(\d{6,20})\.0")
AS_DIGITS = str.maketrans("OQIL", "0011")
CROSSES = str.maketrans({"×": "X", "Х": "X", "Χ": "X", "╳": "X", "✕": "X"})

# GB/T 2260: the provinces; 81, 82 and 83 stand in the residence permits of people from Hong Kong, Macau and Taiwan.
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
RESIDENT_ID = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
OLD_RESIDENT_ID = re.compile(r"[1-9]\d{14}", re.ASCII)
HONG_KONG_ID = re.compile(r"([A-Z]{1,2}\d{6})(\()?([\dA])\)?", re.ASCII)
MACAU_ID = re.compile(r"([157]\d{6})\(?(\d)\)?", re.ASCII)
TAIWAN_ID = re.compile(r"[A-Z][1289]\d{8}", re.ASCII)
HOME_RETURN_PERMIT = re.compile(r"[HM](?:\d{8}|\d{10})", re.ASCII)
PERMANENT_RESIDENT = re.compile(r"[A-Z]{3}\d{12}|9[1-9A-Z]\d{6}\d{8}\d[\dX]", re.ASCII)
CHINESE_PASSPORT = re.compile(r"[DEGPS]\d{8}|E[A-HJ-NP-Z]\d{7}|1[45]\d{7}", re.ASCII)
# gov.uk, National Insurance Manual NIM39110: letters and pairs that are never given.
NINO = re.compile(r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]?", re.ASCII)

# Modules of python-stdnum for the numbers of people, by country.
PERSONAL_MODULES = {
    "AR": ("dni",), "AT": ("vnr",), "AU": ("tfn",), "BE": ("nn", "bis"), "BG": ("egn", "pnf"), "BR": ("cpf",),
    "CA": ("sin",), "CH": ("ssn",), "CL": ("rut",), "CR": ("cpf",), "CU": ("ni",), "CZ": ("rc",), "DE": ("idnr",),
    "DK": ("cpr",), "DO": ("cedula",), "EC": ("ci",), "EE": ("ik",), "ES": ("dni", "nie"), "FI": ("hetu",),
    "FR": ("nir", "nif"), "GB": ("nhs",), "GR": ("amka",), "HR": ("oib",), "ID": ("nik",), "IE": ("pps",),
    "IL": ("idnr",), "IN": ("aadhaar", "pan"), "IS": ("kennitala",), "IT": ("codicefiscale",), "KR": ("rrn",),
    "LT": ("asmens",), "LV": ("pvn",), "MU": ("nid",), "MX": ("curp",), "MY": ("nric",), "NL": ("bsn",),
    "NO": ("fodselsnummer",), "NZ": ("ird",), "PE": ("cui",), "PK": ("cnic",), "PL": ("pesel",), "PT": ("cc",),
    "RO": ("cnp",), "SE": ("personnummer",), "SI": ("emso",), "SK": ("rc",), "TH": ("pin",), "TR": ("tckimlik",),
    "UA": ("rntrc",), "US": ("ssn", "itin"), "ZA": ("idnr",),
}  # fmt: skip
# And for numbers of companies that are no VAT numbers.
REGISTER_MODULES = {
    "AT": ("businessid",), "AU": ("abn", "acn"), "BR": ("cnpj",), "CA": ("bn",), "CH": ("uid",),
    "DE": ("handelsregisternummer",), "EE": ("registrikood",), "FI": ("ytunnus",), "FR": ("siren", "siret"),
    "IL": ("hp",), "IN": ("pan",), "JP": ("cn",), "KR": ("brn",), "MX": ("rfc",), "NO": ("orgnr",), "PL": ("regon",),
    "RO": ("onrc",), "RU": ("ogrn", "inn"), "SE": ("orgnr",), "SG": ("uen",), "SI": ("maticna",), "TW": ("ubn",),
    "US": ("ein",),
}  # fmt: skip
# Companies House: eight digits, or two letters of the register and six digits.
COMPANIES_HOUSE = re.compile(
    r"(?:\d{8}|(?:SC|NI|OC|SO|NC|FC|SF|LP|SL|CE|RC|IP|IC|SI|NP|RS|NO|GE|AC|SA|NA|NL|R0)\d{6})", re.ASCII
)


# --- People --------------------------------------------------------------------------------------------------------


def parse_national_id(raw: str | None, country: str | None) -> NationalId:
    """Read a person's number. `country` (ISO 3166-1 alpha-2) names the modules of python-stdnum that are asked for it;
    a Chinese resident ID (GB 11643) is recognised by itself."""
    if raw is None or not raw.strip():
        return NO_NATIONAL_ID
    if RESIDENT_ID.fullmatch(raw):
        return _resident_id(raw, ())
    found = _read_national_id(raw, country)
    return found._replace(rules=found.rules or _form_rules(raw, found.national_id))


def _read_national_id(raw: str, country: str | None) -> NationalId:
    written, rules = _clean(raw)
    number = _without_separators(written)
    if removed := _removed(written, number):
        return NO_NATIONAL_ID._replace(rules=(*rules, removed))
    if decimal := DECIMAL.fullmatch(written):
        number, written = decimal[1], decimal[1]
        rules += ("excel_decimal",)
    if RESIDENT_ID.fullmatch(number):
        return _resident_id(number, rules)
    country = country.upper() if country else None
    is_chinese = country in ("CN", "HK", "MO", "TW", None)
    if len(number) == 18 and RESIDENT_ID.fullmatch(number.translate(AS_DIGITS)):
        found = _resident_id(number.translate(AS_DIGITS), (*rules, "misread_letter"))
        if found.is_national_id_valid:
            return found
    if is_chinese and OLD_RESIDENT_ID.fullmatch(number) and (upgraded := _upgraded(number)):
        return _resident_id(upgraded, (*rules, "old_number_converted"))
    # Nobody else writes the check digit in brackets.
    found = _greater_china(number, country) if is_chinese or "(" in number else None
    if found is None and country and country != "CN":
        found = _foreign(written, number, country)
    if found is None:
        found = NO_NATIONAL_ID._replace(national_id=number, national_id_type="unknown")
    return found._replace(rules=rules)


def _clean(raw: str) -> tuple[str, tuple[str, ...]]:
    """The text in half-width capitals without marks that have no width, and the rules that did more than that."""
    rules: tuple[str, ...] = ()
    if raw.isascii() and raw.isprintable() and raw[-1:].isalnum() and raw[:1].isalnum():
        return raw.upper(), rules
    text = unicodedata.normalize("NFKC", raw)
    if re.sub(r"\s", "", text) != re.sub(r"\s", "", raw):
        rules += ("full_width",)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()).strip().upper()
    bare = WRAPPING.sub("", text)
    if bare != text:
        rules += ("quotes_removed",)
    crossed = bare.translate(CROSSES)
    if crossed != bare:
        rules += ("letter_x_repaired",)
    return crossed, rules


def _form_rules(raw: str, number: str | None) -> tuple[str, ...]:
    """Why a number looks otherwise than it was delivered, where no repair says so: its separators, or its register's form."""
    if number is None or "".join(raw.split()).lower() == "".join(number.split()).lower():
        return ()
    signs = "".join(c for c in raw.lower() if c.isalnum())
    return ("separators_removed",) if signs == "".join(c for c in number.lower() if c.isalnum()) else ("register_form",)


def _without_separators(written: str) -> str:
    # Normalized again, for what only a blank kept apart.
    return unicodedata.normalize("NFKC", SEPARATORS.sub("", written)).upper()


def _removed(written: str, number: str) -> str | None:
    """The rule by which a text is no number at all."""
    if MASKED.search(number):
        return "masked"
    if EXPONENT.fullmatch(written) or EXPONENT.fullmatch(number):
        return "excel_exponent"  # 18 digits do not survive a number cell
    return None if any("0" <= c <= "9" for c in number) else "invalid_identifier"


def resident_check_digit(first_17: str) -> str:
    """Check digit of GB 11643 (ISO 7064 MOD 11-2); the first 17 digits read to base 13 give the weighted sum."""
    check = (1 - 2 * int(first_17, 13)) % 11
    return "X" if check == 10 else str(check)


def _resident_id(number: str, rules: tuple[str, ...]) -> NationalId:
    birth_date = _date(number[6:14])
    is_placed = number[:2] in PROVINCES and birth_date is not None
    if is_placed and resident_check_digit(number[:17]) == number[17]:
        gender = "male" if number[16] in "13579" else "female"
        kind = "cn_residence_permit" if number[0] == "8" else "cn_resident_id"
        return NationalId(number, kind, True, birth_date, gender, number[:6], rules)
    if PERMANENT_RESIDENT.fullmatch(number) and birth_date:
        gender = "male" if number[16] in "13579" else "female"
        is_valid = resident_check_digit(number[:17]) == number[17]
        return NationalId(number, "cn_permanent_resident", is_valid, birth_date, gender, None, rules)
    if is_placed and number.endswith("000"):
        # A spreadsheet keeps fifteen digits of a number: division and date of birth stand, sequence and check digit are lost.
        return NationalId(
            number, "cn_resident_id", False, birth_date, None, number[:6], (*rules, "excel_precision_lost")
        )
    return NationalId(number, "cn_resident_id", False, None, None, None, rules)


def _date(digits: str) -> date | None:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    if not (1800 <= year <= 2199 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _upgraded(old: str) -> str | None:
    """A number of 15 digits in 18 (GB 11643-1999). Sequences from 996 were given to people born before 1900."""
    century = "18" if old[12:] in ("996", "997", "998", "999") else "19"
    first_17 = old[:6] + century + old[6:]
    if old[:2] not in PROVINCES or _date(first_17[6:14]) is None:
        return None
    return first_17 + resident_check_digit(first_17)


def _greater_china(number: str, country: str | None) -> NationalId | None:
    hong_kong = HONG_KONG_ID.fullmatch(number)
    if hong_kong:
        is_valid = hong_kong_check_digit(hong_kong[1]) == hong_kong[3]
        if is_valid or hong_kong[2] or country == "HK":
            return _named(hong_kong[1] + hong_kong[3], "hk_id", is_valid)
    if TAIWAN_ID.fullmatch(number):
        gender = "male" if number[1] in "18" else "female"
        is_valid = is_taiwan_id(number)
        return _named(number, "tw_id", is_valid)._replace(national_id_gender=gender if is_valid else None)
    macau = MACAU_ID.fullmatch(number) if country == "MO" else None
    if macau:
        return _named(macau[1] + macau[2], "mo_id", None)  # its check digit is not published
    if HOME_RETURN_PERMIT.fullmatch(number):
        return _named(number, "home_return_permit", None)
    if country == "TW" and re.fullmatch(r"\d{8}|\d{10}", number, re.ASCII):
        return _named(number, "taiwan_compatriot_permit", None)
    if country in ("CN", None) and PERMANENT_RESIDENT.fullmatch(number):
        return _named(number, "cn_permanent_resident", None)
    if country in ("CN", None) and CHINESE_PASSPORT.fullmatch(number):
        return _named(number, "passport", None)
    if country == "CN" and re.fullmatch(r"\d{15}|\d{17,19}", number, re.ASCII):
        return _named(number, "cn_resident_id", False)
    return None


def _named(number: str, kind: str, is_valid: bool | None) -> NationalId:
    return NO_NATIONAL_ID._replace(national_id=number, national_id_type=kind, is_national_id_valid=is_valid)


def hong_kong_check_digit(number: str) -> str:
    """Check digit of a Hong Kong identity card: letters count from A = 10, an absent first letter counts as 36."""
    values = [36] * (8 - len(number)) + [int(c, 36) for c in number]
    check = -sum(map(mul, values, range(9, 1, -1))) % 11
    return "A" if check == 10 else str(check)


def is_taiwan_id(number: str) -> bool:
    """Whether the weighted sum of a Taiwan ID holds (weights 1 9 8 7 6 5 4 3 2 1 1; the letter is a two-digit number)."""
    letter = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0])
    digits = [letter // 10, letter % 10, *map(int, number[1:])]
    return sum(map(mul, digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1))) % 10 == 0


def _foreign(written: str, number: str, country: str) -> NationalId | None:
    if country == "GB" and NINO.fullmatch(number):
        return _named(number, "gb_nino", True)
    for name in PERSONAL_MODULES.get(country, ()):
        checked = _check(country, name, written)
        if checked is None:
            continue
        compact, is_valid = checked
        found = _named(compact, f"{country.lower()}_{name}", is_valid)
        return found._replace(**_of_person(_module(country, name), compact)) if is_valid else found
    return None


def _of_person(module: NumberValidationModule | None, number: str) -> dict[str, object]:
    """What the number says of its owner, by the functions that its module has."""
    from stdnum.exceptions import ValidationError

    said: dict[str, object] = {}
    for field, function in (("national_id_birth_date", "get_birth_date"), ("national_id_gender", "get_gender")):
        if hasattr(module, function):
            try:
                value = getattr(module, function)(number)
            except (ValidationError, ValueError):
                value = None
            if field == "national_id_gender":
                value = {"M": "male", "F": "female"}.get(value or "")
            said[field] = value if value is None or isinstance(value, (date, str)) else None
    return said


@cache
def _module(country: str, name: str) -> NumberValidationModule | None:
    from stdnum.util import get_cc_module

    return get_cc_module(country, name)


def _check(country: str, name: str, written: str) -> tuple[str, bool] | None:
    """The number in the library's compact form and whether it is valid; None when it has another form."""
    from stdnum.exceptions import InvalidFormat, ValidationError

    module = _module(country, name)
    if module is None or not written.isascii():
        return None
    try:
        return module.validate(written), True
    except InvalidFormat:
        return None
    except ValidationError:
        return module.compact(written), False
    except (ValueError, IndexError, KeyError, TypeError):
        return None  # a form that the module did not foresee


# --- Companies -----------------------------------------------------------------------------------------------------

USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]\w\d{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
USCC_SHAPE = re.compile(r"[0-9A-Z]{2}[0-9IOSZ]{6}[0-9A-Z]{10}", re.ASCII)
USCC_VALUES = {letter: value for value, letter in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
USCC_WEIGHTS = [pow(3, place, 31) for place in range(17)]
USCC_MISREAD = str.maketrans("IOSZ", "1052")
ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}[0-9X]", re.ASCII)
OLD_REGISTRATION = re.compile(r"\d{15}", re.ASCII)
OLD_TAX_NUMBER = re.compile(r"\d{6}[0-9A-Z]{8}[0-9X]", re.ASCII)


def parse_company_id(raw: str | None, country: str | None) -> CompanyId:
    """Read a company's number. A unified social credit code (GB 32100) is recognised by itself, a VAT number by its prefix
    or by `country` (ISO 3166-1 alpha-2)."""
    if raw is None or not raw.strip():
        return NO_COMPANY_ID
    if USCC.fullmatch(raw) and uscc_check_digit(raw) == raw[17]:
        return CompanyId(raw, "uscc", True, raw[2:8], "CN", ())
    found = _read_company_id(raw, country)
    return found._replace(rules=found.rules or _form_rules(raw, found.company_id))


def _read_company_id(raw: str, country: str | None) -> CompanyId:
    written, rules = _clean(raw)
    if removed := _removed(written, _without_separators(written)):
        return NO_COMPANY_ID._replace(rules=(*rules, removed))
    if decimal := DECIMAL.fullmatch(written):
        written = decimal[1]
        rules += ("excel_decimal",)
    country = country.upper() if country else None
    number = _without_separators(written)
    found = _uscc(number) if USCC_SHAPE.fullmatch(number) else None
    if found and not found.is_company_id_valid and country not in ("CN", None):
        found = None
    if found is None or not found.is_company_id_valid:
        by_prefix = _vat_with_prefix(written, country)
        found = by_prefix if by_prefix and (found is None or by_prefix.is_company_id_valid) else found
    if found is None and country in ("CN", None):
        found = _old_chinese(number, country)
    if found is None and country and country != "CN":
        found = _of_country(written, number, country)
    if found is None:
        found = CompanyId(number, "unknown", None, None, country, ())
    return found._replace(rules=rules + found.rules)


def uscc_check_digit(number: str) -> str:
    """Check digit of GB 32100 over the first 17 characters: weights 3^i mod 31 over an alphabet of 31."""
    total = sum(map(mul, USCC_WEIGHTS, map(USCC_VALUES.__getitem__, number[:17])))
    return "0123456789ABCDEFGHJKLMNPQRTUWXY"[-total % 31]


def _uscc(number: str) -> CompanyId:
    is_valid = bool(USCC.fullmatch(number)) and uscc_check_digit(number) == number[17]
    if is_valid:
        return CompanyId(number, "uscc", True, number[2:8], "CN", ())
    repaired = number.translate(USCC_MISREAD)
    if repaired != number and USCC.fullmatch(repaired) and uscc_check_digit(repaired) == repaired[17]:
        return CompanyId(repaired, "uscc", True, repaired[2:8], "CN", ("uscc_misread_letter",))
    if number.isdigit() and number.endswith("000"):
        return CompanyId(number, "uscc", False, number[2:8], "CN", ("excel_precision_lost",))
    return CompanyId(number, "uscc", False, None, "CN", ())


def organisation_check_digit(first_8: str) -> str:
    """Check digit of an organisation code (GB 11714): weights 3 7 9 10 5 8 4 2, letters count from A = 10."""
    check = 11 - sum(map(mul, (3, 7, 9, 10, 5, 8, 4, 2), (int(c, 36) for c in first_8))) % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def _old_chinese(number: str, country: str | None) -> CompanyId | None:
    """Numbers that companies had before 2015: of the register (15 digits), the tax office or the organisation code."""
    from stdnum.iso7064 import mod_11_10

    is_known = country == "CN"
    if len(number) == 15:
        is_register = bool(OLD_REGISTRATION.fullmatch(number)) and mod_11_10.is_valid(number)
        is_tax = bool(OLD_TAX_NUMBER.fullmatch(number)) and organisation_check_digit(number[6:14]) == number[14]
        if is_register or is_tax or (is_known and OLD_REGISTRATION.fullmatch(number)):
            is_valid = is_register or is_tax
            return CompanyId(number, "registration", is_valid, number[:6] if is_valid else None, "CN", ())
    if ORGANISATION_CODE.fullmatch(number) and len(number) == 9 and is_known:
        is_valid = organisation_check_digit(number[:8]) == number[8]
        return CompanyId(number, "registration", is_valid, None, "CN", ())
    return None


def _vat_with_prefix(written: str, country: str | None) -> CompanyId | None:
    """A VAT number that begins with the letters of its country. Greece writes EL, Northern Ireland XI."""
    prefix = written[:2]
    if not (prefix.isascii() and prefix.isalpha()):
        return None
    if prefix == "CH" and written.startswith("CHE"):
        registered = None if re.search(r"(?:MWST|TVA|IVA|TPV)$", written) else _check("CH", "uid", written)
        if registered:
            return CompanyId(registered[0], "registration", registered[1], None, "CH", ())
    issuer = {"EL": "GR", "XI": "GB"}.get(prefix, prefix)
    if issuer == "CN" or (country and issuer != country and issuer not in _vat_countries()):
        return None
    checked = _check(issuer, "vat", written)
    if checked is None:  # some modules expect the number without the letters
        checked = _check(issuer, "vat", written[2:].strip())
    if checked is None:
        return None
    compact, is_valid = checked
    if not is_valid and COMPANIES_HOUSE.fullmatch(SEPARATORS.sub("", written)):
        return None
    number = compact if compact.startswith(prefix) else prefix + compact
    return CompanyId(number, "vat", is_valid, None, issuer, ())


@cache
def _vat_countries() -> frozenset[str]:
    from stdnum.eu.vat import MEMBER_STATES

    return frozenset(state.upper() for state in MEMBER_STATES) | {"GB", "CH", "NO", "GR"}


def _of_country(written: str, number: str, country: str) -> CompanyId | None:
    """A number without the letters of its country: of its register, else for VAT."""
    if country == "GB" and COMPANIES_HOUSE.fullmatch(number):
        return CompanyId(number, "registration", None, None, "GB", ())
    failed = None
    for name in REGISTER_MODULES.get(country, ()):
        checked = _check(country, name, written)
        if checked and checked[1]:
            return CompanyId(checked[0], "registration", True, None, country, ())
        failed = failed or (CompanyId(checked[0], "registration", False, None, country, ()) if checked else None)
    checked = _check(country, "vat", written)
    if checked and (checked[1] or failed is None):
        prefix = "EL" if country == "GR" else country
        has_prefix = checked[0].startswith(prefix) or country not in _vat_countries()
        rules = () if has_prefix else ("country_prefix_added",)
        return CompanyId(checked[0] if has_prefix else prefix + checked[0], "vat", checked[1], None, country, rules)
    return failed
