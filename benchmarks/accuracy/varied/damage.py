"""What goes wrong when people write down names, dates and numbers.

Belongs here: typing errors by keyboard, scanner and ear, wrong dates, wrong digits. Does not belong here: how often a set
suffers from them, and spellings that belong to one language.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta

from sample_data.chance import Chance

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SCANNER = (("rn", "m"), ("m", "rn"), ("cl", "d"), ("d", "cl"), ("li", "h"), ("vv", "w"), ("l", "i"), ("i", "l"), ("e", "c"),
            ("u", "n"), ("n", "u"), ("h", "b"), ("o", "a"), ("g", "q"))  # fmt: skip
_EAR = (("ph", "f"), ("f", "ph"), ("ck", "k"), ("k", "ck"), ("c", "k"), ("k", "c"), ("y", "i"), ("ie", "y"), ("ee", "ea"),
        ("ea", "ee"), ("ai", "ay"), ("s", "z"), ("z", "s"), ("th", "t"), ("ll", "l"), ("l", "ll"), ("nn", "n"), ("n", "nn"),
        ("tt", "t"), ("t", "tt"), ("ey", "y"), ("er", "ar"), ("sh", "sch"), ("w", "v"))  # fmt: skip


def misspelled(chance: Chance, text: str) -> str:
    """``text`` with one typing error; its first letter is mostly right. One letter stays as it is."""
    if len(text) < 2:
        return text
    way = chance.uniform()
    if way < 0.2 and (found := _swapped_for(chance, text, _EAR)):
        return found
    if way < 0.35 and (found := _swapped_for(chance, text, _SCANNER)):
        return found
    at = chance.between(0 if chance.happens(0.1) else 1, len(text) - 1)
    if way < 0.5:  # a letter too few
        return text[:at] + text[at + 1 :]
    if way < 0.62:  # a letter twice
        return text[:at] + text[at - 1 : at].lower() + text[at:]
    if way < 0.8 and len(text) > 3:  # two letters in the wrong order
        at = chance.between(1, len(text) - 2)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + _beside(chance, text[at]) + text[at + 1 :]


def _swapped_for(chance: Chance, text: str, table: tuple[tuple[str, str], ...]) -> str | None:
    possible = [(right, wrong, at) for right, wrong in table if (at := text.find(right, 1)) > 0]
    if not possible:
        return None
    right, wrong, at = chance.pick(possible)
    return text[:at] + wrong + text[at + len(right) :]


def _beside(chance: Chance, letter: str) -> str:
    """A key beside ``letter``; letters of other scripts get lost."""
    for row in _KEYBOARD:
        if (at := row.find(letter.lower())) >= 0:
            key = chance.pick([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)])
            return key.upper() if letter.isupper() else key
    return ""


def misdated(chance: Chance, day: date) -> date:
    """Another date that comes from writing ``day`` wrongly."""
    way = chance.uniform()
    if way < 0.3 and day.day <= 12 and day.day != day.month:  # day and month the other way round
        return day.replace(month=day.day, day=day.month)
    if way < 0.55:  # one digit of the day
        return day.replace(day=1) + timedelta(days=(day.day + chance.pick([-10, -1, 0, 8, 9]) - 1) % 28)
    if way < 0.75:  # the month
        return day.replace(day=min(day.day, 28), month=day.month % 12 + 1)
    years = chance.pick([-10, -1, 1, 10, 3, -3])
    return day.replace(day=min(day.day, 28), year=day.year + years)


def misdialled(chance: Chance, number: str) -> str:
    """``number`` with a wrong digit or two digits in the wrong order among the last six."""
    at = len(number) - chance.between(2, 6)
    if chance.happens(0.4) and number[at] != number[at + 1]:
        return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    return number[:at] + str((int(number[at]) + chance.between(1, 9)) % 10) + number[at + 1 :]


def without_marks(text: str) -> str:
    """``text`` without accents: 'José' as 'Jose', 'Nguyễn' as 'Nguyen'."""
    plain = text.translate(str.maketrans("đĐłŁøØ", "dDlLoO"))
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


def drop(chance: Chance, row: dict, shares: Mapping[str, float]) -> None:
    """Take values away: a column stays in the row with its share."""
    for column, share in shares.items():
        if not chance.happens(share):
            row[column] = None
