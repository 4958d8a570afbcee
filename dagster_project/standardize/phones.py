"""Phone numbers to E.164, with extension, type and what was done to them.

Belongs here: how people, forms and spreadsheets write numbers, as pure functions over one cell. Does not belong here: which
numbers are placeholders (the seed skip_values) or shared too widely (linkage guards), and numbering plans (phone_plans).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from dagster_project.standardize.phone_plans import UNASSIGNED, phone_type, plan_of, read_plain


class Phone(NamedTuple):
    """The number of a cell, all None where it holds none.

    `phone` is E.164, or the bare digits where nothing says in which country or area they are dialled. `phone_type`: mobile,
    fixed_line, fixed_line_or_mobile, toll_free, shared_cost, premium_rate, voip, virtual or unknown. `is_virtual`: numbers
    of relays that a platform lends for one delivery (type virtual), and of virtual operators (type mobile). `second_phone`
    is the next number of a cell with several, `rules` the codes of what changed the value (seed correction_rules).
    """

    phone: str | None
    phone_extension: str | None
    phone_type: str | None
    is_virtual: bool | None
    second_phone: str | None
    rules: tuple[str, ...]


class _Number(NamedTuple):
    phone: str
    kind: str
    extension: str | None
    rules: tuple[str, ...]


NO_PHONE = Phone(None, None, None, None, None, ())

SEPARATORS_REMOVED = ("separators_removed",)
PLAIN = re.compile(r"\+?[\d ().\-]+", re.ASCII)
NOT_DIGITS = re.compile(r"[^0-9]+")
# A mainland mobile number is recognised by itself: 11 digits, 13x to 19x. The country code is at times written twice, and a
# trunk zero stands before it where it was dialled from another city.
CHINESE_MOBILE = re.compile(r"((?:(?:00)?86){0,2})(0?)(1[3-9]\d{9})", re.ASCII)
# Ranges given to operators without a network of their own (ChinaMobilePhoneNumberRegex: "MVNO number").
VIRTUAL_OPERATOR = re.compile(r"\+861(?:7[01]|6[257])\d{8}", re.ASCII)
# Access codes 950xx, longer than a service line's number: platforms lend them. (951 to 955 are area codes of Ningxia.)
RELAY = re.compile(r"\+86950\d{7,10}", re.ASCII)
CHINESE_WITH_EXTENSION = re.compile(
    r"((?:\+|00)?(?:86)?[ -]?(?:\(?0\d{2,3}\)?[ -]?\d{7,8}|\(?0\d{2,3}\)?[ -]?\d{3,4}[ -]\d{4}|1[3-9]\d{9}"
    r"|[48]00[ -]?\d{3}[ -]?\d{4}|[48]00[ -]?\d{4}[ -]?\d{3}))[ ]*-[ ]*(\d{1,6})",
    re.ASCII,
)

MASKED = re.compile(r"[*•●＊✱]|\d\s*[xX×]{2,}|[xX×]{3,}\s*\d|\?{2,}|某")
EXPONENT = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.ASCII | re.IGNORECASE)
DECIMAL = re.compile(r"(\+?\d{6,15})[.,]0", re.ASCII)
MISREAD = re.compile(r"[\d+().\s\-OolI|]*[OolI|][\d+().\s\-OolI|]*", re.ASCII)
LETTER_WITHIN = re.compile(r"\d[OolI|]|[OolI|]\d")
AS_DIGITS = str.maketrans("OolI|", "00111")
VANITY = re.compile(r"[+(]?\d[\d().\s\-]*(?:[A-Za-z][\s\-]?){3,}[\dA-Za-z\s\-]*", re.ASCII)
LABEL_WORD = re.compile(r"home|work|mobile|mob|office|cell|tel|fax|phone|ext", re.IGNORECASE)
FAX = re.compile(r"(?:\b(?:tele)?fax|传真|傳真)(?:号码|號碼)?[.:\s]*[+()\d\s.\-]+", re.IGNORECASE)
EXTENSION = re.compile(
    r"(?<=[\d)\s,;.\-#])[\s,;.(\-]*(?:转接?|轉接?|接|分机号?|分機號?|内线|內線|总机转|extension|ext(?:n|en)?|durchwahl|anexo|доб|int|poste|x(?=[\s.:#]*\d)|#|;ext=)"
    r"(?:[\s.:=#]|分机号?|分機號?)*(\d{1,9})(?:\s*(?:分机|分機)|#)?\)?",
    re.IGNORECASE,
)
EXTENSION_AFTERWARDS = re.compile(r"-\s*(\d{1,9})\s*(?:分机|分機|#)")
STAR_EXTENSION = re.compile(r"(?<=\d{8})\s*\*\s*(?=\d{2,5}$)", re.ASCII)
DIALLED_AFTER_PAUSE = re.compile(r"(?<=\d{7})\s*[,_]\s*(\d{1,6})(?![\d\-])", re.ASCII)
HAN_DIGITS = str.maketrans("〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖", "0012345678912123456789")
WRITTEN_IN_HAN = re.compile(r"[〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖\s\-]{7,}")
MARK = "\x01"
NO_PART_OF_A_NUMBER = re.compile(rf"[^\d+()\s.\-/{MARK}]+", re.ASCII)
COUNTRY_PREFIX = re.compile(r"^\s*(?:00|\+)\d{2}")
TWO_CHINESE_MOBILES = re.compile(r"(1[3-9]\d{9})(1[3-9]\d{9})", re.ASCII)
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣ー～~", "-"))


def parse_phone(raw: str | None, region: str | None) -> Phone:
    """Read the number or numbers of one cell; the first mobile of several is the phone.

    `region` (ISO 3166-1 alpha-2) decides how a number without country code is read; without a region only numbers with
    a country code and Chinese mobiles can be read, others keep their digits so that equal numbers stay equal.
    """
    if raw is None or not (text := raw.strip()):
        return NO_PHONE
    region = _known_region(region)
    if PLAIN.fullmatch(text) and not text.endswith(".0") and not _may_have_extension(text, region):
        plain = _read(text, region)
        if plain:
            is_rewritten = not plain.rules and "".join(text.split()) != plain.phone
            return _as_phone(plain, rules=SEPARATORS_REMOVED if is_rewritten else ())
    found = _parse_written(text, region)
    is_rewritten = not found.rules and "".join(text.split()) != found.phone
    return found._replace(rules=SEPARATORS_REMOVED) if is_rewritten else found


@cache
def _known_region(region: str | None) -> str | None:
    return region.upper() if region and plan_of(region.upper()) else None


def _may_have_extension(text: str, region: str | None) -> bool:
    return "-" in text and region in ("CN", None) and CHINESE_WITH_EXTENSION.fullmatch(text) is not None


def _as_phone(number: _Number, second: str | None = None, rules: tuple[str, ...] = ()) -> Phone:
    kind = number.kind
    is_chinese_mobile = kind == "mobile" and number.phone.startswith("+861")
    if RELAY.fullmatch(number.phone) or (is_chinese_mobile and number.extension):
        kind = "virtual"  # nobody's own mobile has an extension
    is_virtual = kind == "virtual" or VIRTUAL_OPERATOR.fullmatch(number.phone) is not None
    kind = "unknown" if kind == UNASSIGNED else kind
    return Phone(number.phone, number.extension, kind, is_virtual, second, rules + number.rules)


# --- One number ----------------------------------------------------------------------------------------------------


def _read(text: str, region: str | None, extension: str | None = None) -> _Number | None:
    """Read one number of digits, blanks, brackets, dots and dashes; None when it is no possible number."""
    digits = NOT_DIGITS.sub("", text)
    is_international = text.startswith(("+", "(+"))
    rules: tuple[str, ...] = () if is_international else ("country_code_added",)
    chinese = CHINESE_MOBILE.fullmatch(digits)
    if chinese and (chinese[1] or not is_international):
        own = None
        if not chinese[1] and region not in ("CN", None):
            # The country's own plan goes first where it knows such a mobile: 1 310 555 0123 in the US, 0151 in Germany.
            own = read_plain(digits, region, is_international=False)
            if own is None or own[1] not in ("mobile", "fixed_line_or_mobile"):
                own = _with_own_country_code(digits, region)
        if own:
            return _Number(*own, extension, rules)
        if chinese[1] or region == "CN" or not chinese[2]:
            china = plan_of("CN")
            is_assigned = china is not None and china.mobile is not None and china.mobile.fullmatch(chinese[3])
            if chinese[1] and not is_international:
                rules = ("international_prefix",) if digits.startswith("00") else ("plus_added",)
            return _Number("+86" + chinese[3], "mobile" if is_assigned else UNASSIGNED, extension, rules)
    if digits.startswith("00") and not is_international:
        digits, is_international, rules = digits[2:], True, ("international_prefix",)
    found = read_plain(digits, region, is_international=is_international)
    if found and (found[1] != UNASSIGNED or region != "CN"):
        return _Number(*found, extension, rules)
    return _read_by_library(digits, region, is_international, rules, extension)


def _with_own_country_code(digits: str, region: str | None) -> tuple[str, str] | None:
    plan = plan_of(region) if region else None
    if plan is None or not digits.startswith(plan.country_code):
        return None
    found = read_plain(digits, region, is_international=True)
    return found if found and found[1] != UNASSIGNED else None


def _read_by_library(
    digits: str, region: str | None, is_international: bool, rules: tuple[str, ...], extension: str | None
) -> _Number | None:
    import phonenumbers
    from phonenumbers import PhoneNumberFormat, ValidationResult

    relay = "+" + digits if is_international else "+86" + digits
    if (is_international or region == "CN") and RELAY.fullmatch(relay):
        return _Number(relay, "virtual", extension, rules)
    if not is_international and region is None:
        return _Number(digits, "unknown", extension, ("region_unknown",)) if 6 <= len(digits) <= 15 else None
    if region == "CN" and not is_international and len(digits) in (7, 8) and digits[0] in "2345678":
        return _Number(digits, "unknown", extension, ("area_code_missing",))
    possible = None
    try:
        number = phonenumbers.parse("+" + digits if is_international else digits, region)
    except phonenumbers.NumberParseException:
        number = None
    if number:
        possible = phonenumbers.is_possible_number_with_reason(number)
    if number and possible == ValidationResult.IS_POSSIBLE:
        national = phonenumbers.national_significant_number(number)
        kind = phone_type(str(number.country_code), national) or "unknown"
        phone = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if kind == UNASSIGNED and not is_international:
            return _repaired(digits, region, extension) or _Number(phone, kind, extension, rules)
        return _Number(phone, kind, extension, rules)
    if not is_international:
        if repaired := _repaired(digits, region, extension):
            return repaired
        if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY and len(digits) >= 6:
            return _Number(digits, "unknown", extension, ("area_code_missing",))
    return None


def _repaired(digits: str, region: str | None, extension: str | None) -> _Number | None:
    """A number that is valid only with what a spreadsheet took from it: a leading zero, or the plus."""
    restored = read_plain("0" + digits, region, is_international=False) if not digits.startswith("0") else None
    if restored and restored[1] != UNASSIGNED:
        return _Number(*restored, extension, ("country_code_added", "leading_zero_restored"))
    abroad = read_plain(digits, region, is_international=True) if len(digits) >= 11 else None
    if abroad and abroad[1] == "mobile":
        return _Number(*abroad, extension, ("plus_added",))
    return None


# --- What people and spreadsheets write ----------------------------------------------------------------------------


def _parse_written(raw: str, region: str | None) -> Phone:
    rules: list[str] = []
    text = unicodedata.normalize("NFKC", raw)
    if NOT_DIGITS.sub("", text) != NOT_DIGITS.sub("", raw):
        rules.append("full_width")
    # Marks without width come with numbers copied from address books.
    text = "".join(
        " " if c.isspace() else c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()
    )
    text = text.translate(DASHES).strip()
    unquoted = text.strip("'\"`´‘’“”= ")
    if unquoted != text:
        rules.append("quotes_removed")
    text = unquoted
    if "phone-context=" in text or not text:
        return _read_uri(text, region, rules)
    if WRITTEN_IN_HAN.fullmatch(text):
        text = text.translate(HAN_DIGITS)
        rules.append("han_digits")
    text = STAR_EXTENSION.sub(" x", text)
    if MASKED.search(text):
        return _no_phone(rules, "masked")
    if exponent := EXPONENT.fullmatch(text):
        mantissa, places = exponent[1] + (exponent[2] or ""), int(exponent[3])
        if len(mantissa) - 1 != places:
            return _no_phone(rules, "excel_exponent")  # digits are lost
        text = mantissa
        rules.append("excel_exponent_repaired")
    elif decimal := DECIMAL.fullmatch(text):
        text = decimal[1]
        rules.append("excel_decimal")
    for rule, reading in (("letters_read_as_digits", _misread), ("vanity_number", _vanity)):
        number = reading(text, region)
        if number:
            return _as_phone(number, rules=(*rules, rule))
    if MISREAD.fullmatch(text) and LETTER_WITHIN.search(text):
        return _no_phone(rules, "invalid_phone")  # what stands beside the letter is no whole number
    without_fax = FAX.sub(" ; ", text)
    if without_fax != text and len(NOT_DIGITS.sub("", without_fax)) >= 7:
        text = without_fax
        rules.append("fax_left_out")
    return _choose(_numbers_in(text, region, rules), rules)


def _no_phone(rules: list[str], rule: str) -> Phone:
    return NO_PHONE._replace(rules=(*rules, rule))


def _misread(text: str, region: str | None) -> _Number | None:
    """Letters that look like digits, when the number is valid only so."""
    if not MISREAD.fullmatch(text) or len(NOT_DIGITS.sub("", text)) < 6:
        return None
    number = _read(text.translate(AS_DIGITS), region)
    return number if number and number.kind not in (UNASSIGNED, "unknown") else None


def _vanity(text: str, region: str | None) -> _Number | None:
    """Words spelt on the keypad: 1-800-FLOWERS."""
    import phonenumbers

    if not VANITY.fullmatch(text) or LABEL_WORD.search(text):
        return None
    spelt = phonenumbers.convert_alpha_characters_in_number(text)
    number = _read(spelt, region)
    return number if number and number.kind not in (UNASSIGNED, "unknown") else None


def _read_uri(text: str, region: str | None, rules: list[str]) -> Phone:
    """A telephone URI that names its context (RFC 3966)."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return _no_phone(rules, "invalid_phone")
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    read = _read(phone, region, number.extension)
    return _as_phone(read, rules=(*rules, "country_code_added")) if read else _no_phone(rules, "invalid_phone")


def _numbers_in(text: str, region: str | None, rules: list[str]) -> list[_Number]:
    """Every number of a cell in its order: extensions are marked first, all that is no part of a number separates."""
    marked = EXTENSION.sub(rf"{MARK}\1", text)
    marked = EXTENSION_AFTERWARDS.sub(rf"{MARK}\1", marked)
    marked = DIALLED_AFTER_PAUSE.sub(rf"{MARK}\1", marked)
    found: list[_Number] = []
    for fragment in NO_PART_OF_A_NUMBER.split(marked):
        for piece in _pieces(fragment):
            body, _, extension = piece.partition(MARK)
            body, extension = body.strip(" .-/"), NOT_DIGITS.split(extension.strip(), maxsplit=1)[0]
            if not extension and _may_have_extension(body, "CN" if region is None else region):
                body, extension = CHINESE_WITH_EXTENSION.fullmatch(body).groups()  # pyright: ignore[reportOptionalMemberAccess]
            numbers = _read_piece(body, region, extension or None)
            if (
                not numbers
                and found
                and not found[-1].extension
                and (ending := NOT_DIGITS.sub("", body))
                and len(ending) <= 4
                and "/" in fragment
            ):
                numbers = _read_piece(found[-1].phone[: -len(ending)] + ending, region, None)
                rules.append("alternative_ending")
            found += numbers
    return found


def _pieces(fragment: str) -> list[str]:
    """A slash parts two numbers (138.../139...), but not an area code from its number (030/123456)."""
    pieces: list[str] = []
    for part in re.split(r"/|(?<=\d)\s*(?=\+)", fragment):
        before = NOT_DIGITS.sub("", COUNTRY_PREFIX.sub("", pieces[-1])) if pieces else ""
        if pieces and MARK not in pieces[-1] and len(before) < 7:
            pieces[-1] += " " + part
        else:
            pieces.append(part)
    return pieces


def _read_piece(body: str, region: str | None, extension: str | None) -> list[_Number]:
    digits = NOT_DIGITS.sub("", body)
    if len(digits) < 5:
        return []
    number = _read(body, region, extension) if len(digits) <= 17 else None
    if number:
        return [number]
    if two := TWO_CHINESE_MOBILES.fullmatch(digits):
        parts: list[str] = list(two.groups())
    else:
        parts = body.split()
        if len(parts) < 2 or any(len(NOT_DIGITS.sub("", part)) < 7 for part in parts):
            return []
    read = [_read(part, region, extension if part is parts[-1] else None) for part in parts]
    return [number for number in read if number]


def _choose(numbers: list[_Number], rules: list[str]) -> Phone:
    distinct = list({number.phone: number for number in reversed(numbers)}.values())[::-1]
    if not distinct:
        return _no_phone(rules, "invalid_phone")
    first = next((number for number in distinct if number.kind == "mobile"), distinct[0])
    second = next((number.phone for number in distinct if number is not first), None)
    if second:
        rules.append("several_phones")
    if first.extension:
        rules.append("extension_split")
    return _as_phone(first, second, tuple(rules))
