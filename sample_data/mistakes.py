"""Mistakes of typing on single values. Whether one happens, and on which record, is decided elsewhere."""

from sample_data.chance import Chance

_KEY_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEIGHBOURS = {key: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in _KEY_ROWS for at, key in enumerate(row)}
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


def typo(text: str, chance: Chance) -> str:
    """One slip of the keyboard: two letters transposed, one dropped, one doubled, or a neighbour hit instead.

    Texts under two characters come back as they are. A digit is replaced by another digit.
    """
    if len(text) < 2:
        return text
    at = chance.between(0, len(text) - 2)
    first, second = text[at], text[at + 1]
    kind = chance.uniform()
    if kind < 0.30 and first != second:
        swapped = second + first
        # Typing on a capital position keeps the capital: 'Smith' becomes 'Msith', not 'mSith'.
        if first.isupper() and second.islower():
            swapped = second.upper() + first.lower()
        return text[:at] + swapped + text[at + 2 :]
    if kind < 0.55:
        return text[: at + 1] + text[at + 2 :]
    if kind < 0.75:
        return text[: at + 1] + first.lower() + text[at + 1 :]
    if second.isdigit():
        return text[: at + 1] + str((int(second) + chance.between(1, 9)) % 10) + text[at + 2 :]
    neighbours = _NEIGHBOURS.get(second.lower())
    if neighbours is None:
        return text[: at + 1] + text[at + 2 :]
    wrong = chance.pick(neighbours)
    return text[: at + 1] + (wrong.upper() if second.isupper() else wrong) + text[at + 2 :]


def digit_typo(digits: str, chance: Chance) -> str:
    """A wrong or two transposed digits among the last eight; the length stays, as input masks enforce it."""
    at = len(digits) - chance.between(2, min(8, len(digits)))
    if chance.happens(0.4) and digits[at] != digits[at + 1]:
        return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
    return digits[:at] + str((int(digits[at]) + chance.between(1, 9)) % 10) + digits[at + 1 :]


def confuse_character(text: str, confusions: dict[str, list[str]], chance: Chance) -> str:
    """One 汉字 replaced by a homophone or look-alike; unchanged when none of its characters has one."""
    places = [at for at, character in enumerate(text) if character in confusions]
    if not places:
        return text
    at = chance.pick(places)
    return text[:at] + chance.pick(confusions[text[at]]) + text[at + 1 :]


def full_width(text: str) -> str:
    """ASCII characters as full-width forms (１３８…), as Chinese input methods leave them."""
    return text.translate(_FULL_WIDTH)
