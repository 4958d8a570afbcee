"""Identifiers with check digits: Chinese resident IDs, unified social credit codes, European VAT numbers.

Only how a number is built belongs here; which person has one is decided in ``people``.
"""

from datetime import date

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def resident_id(adcode: str, birth_date: date, sequence: int) -> str:
    """Resident ID of 18 characters (GB 11643); an odd ``sequence`` (0 to 999) is a man, an even one a woman."""
    body = f"{adcode}{birth_date:%Y%m%d}{sequence:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(_RESIDENT_WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


def social_credit_code(adcode: str, organisation_code: str) -> str:
    """统一社会信用代码 of a company (GB 32100): 91, six digits of place, nine characters of organisation, check."""
    body = f"91{adcode}{organisation_code}"
    total = sum(pow(3, position, 31) * _CREDIT_ALPHABET.index(char) for position, char in enumerate(body))
    return body + _CREDIT_ALPHABET[(31 - total % 31) % 31]


def organisation_code(number: int) -> str:
    """Nine characters of the credit code's alphabet for a number: eight of them and a check (GB 11714)."""
    body = ""
    for _ in range(8):
        number, digit = divmod(number, 10)
        body = str(digit) + body
    total = sum(weight * int(digit) for weight, digit in zip((3, 7, 9, 10, 5, 8, 4, 2), body, strict=True))
    check = (11 - total % 11) % 11
    # The standalone code writes 10 as X, which the credit code's alphabet has too.
    return body + ("X" if check == 10 else str(check))


def vat_number(country_code: str, number: int) -> str:
    """VAT number of a British, German or French company for a number of eight digits; '' for other countries."""
    digits = [int(digit) for digit in f"{number:08d}"]
    if country_code == "GB":
        # 9755: seven digits and two with which the weighted sum is divisible by 97, after 55 is added.
        total = sum(weight * digit for weight, digit in zip(range(8, 1, -1), digits, strict=False))
        return f"GB{number // 10:07d}{97 - (total + 55) % 97:02d}"
    if country_code == "DE":
        # ISO 7064, mod 11, 10.
        product = 10
        for digit in digits:
            product = ((digit + product) % 10 or 10) * 2 % 11
        return f"DE{number:08d}{(11 - product) % 10}"
    if country_code == "FR":
        # The company's SIREN, whose last digit follows from the others (Luhn), behind a key of two digits.
        doubled = [sum(divmod(digit * (1 + at % 2), 10)) for at, digit in enumerate(digits)]
        siren = number * 10 + -sum(doubled) % 10
        return f"FR{(12 + 3 * (siren % 97)) % 97:02d}{siren:09d}"
    return ""
