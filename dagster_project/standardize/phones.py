"""Phone numbers to E.164.

Belongs here: pure functions over one number. Does not belong here: which numbers are placeholders (the seed
skip_values) or shared too widely (linkage guards).
"""

from __future__ import annotations

import re
import unicodedata

# A mainland mobile number is recognised by itself, whatever country the record names: 11 digits, 13x to 19x.
CHINESE_MOBILE = re.compile(r"^(?:\+?86|0086)?(1[3-9]\d{9})$")
SEPARATORS = re.compile(r"[\s\-().·/]+")


def standard_phone(raw: str | None, region: str | None) -> str | None:
    """A number in E.164, or None when it is not a possible number.

    `region` (ISO 3166-1 alpha-2) decides how a number without country code is read; without a region only numbers with
    a country code and Chinese mobiles can be read, others keep their digits so that equal numbers stay equal.
    """
    import phonenumbers

    if raw is None:
        return None
    text = unicodedata.normalize("NFKC", raw).strip()
    compact = SEPARATORS.sub("", text)
    chinese = CHINESE_MOBILE.match(compact)
    if chinese:
        return f"+86{chinese[1]}"
    if compact.startswith("00"):
        text = "+" + compact[2:]
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        digits = re.sub(r"\D", "", compact)
        return digits if region is None and 6 <= len(digits) <= 15 else None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
