"""Names in other alphabets than Latin, written in Latin letters, so that both ways of writing a name meet.

Belongs here: which letters are neither Latin nor 汉字, the Latin form of names written in them, and what a father's name in
a name tells about its parts. Does not belong here:
Chinese names (romanization), and how alike two Latin forms of one name sound (linkage.name_sounds).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# A name from the father's, behind the given name: ...ovich, ...evna; it tells where the given name ends.
_PATRONYMIC = re.compile(r"\w{2,}(?:ович|евич|ьич|овна|евна|ична|івна|ovich|evich|ovna|evna|ivna)", re.IGNORECASE)

# 'Son of', 'daughter of': the father's name follows, then the family's.
_SON_OF = frozenset(("bin", "ibn", "bint", "binti", "بن", "ابن", "بنت"))
_ARTICLES = frozenset(("al", "el", "ال"))
# Arabic writes few vowels; these letters stand for one, and are not to be lost.
_ARABIC_VOWELS = str.maketrans("عاأآىةإ", "aaaaaai")


def in_other_alphabet(text: str) -> bool:
    """Whether a letter of the text is neither Latin nor Chinese (кириллица, ελληνικά, عربي, 한글, かな ...)."""
    return not text.isascii() and any(_is_other(character) for character in text)


@lru_cache(maxsize=2_000)
def _is_other(character: str) -> bool:
    return character.isalpha() and not unicodedata.name(character, "").startswith(("LATIN", "CJK"))


def in_latin_letters(text: str) -> str:
    """'Юлия' -> 'yuliya', '현정' -> 'hyeonjeong': small Latin letters and digits only, in one word."""
    return re.sub(r"[^a-z0-9]", "", anyascii(text.translate(_ARABIC_VOWELS)).lower())


def split_at_patronymic(words: list[str]) -> tuple[str, str] | None:
    """(given name with patronymic, surname) of 'Тихонова Яна Алексеевна' and 'Яна Алексеевна Тихонова', None without one."""
    if len(words) != 3:
        return None
    if _PATRONYMIC.fullmatch(words[2]) and not _PATRONYMIC.fullmatch(words[1]):
        return f"{words[1]} {words[2]}", words[0]
    if _PATRONYMIC.fullmatch(words[1]) and not _PATRONYMIC.fullmatch(words[0]):
        return f"{words[0]} {words[1]}", words[2]
    return None


def split_son_of(given: str, family: str) -> tuple[str, str] | None:
    """('Husain bin Khalid', 'Almutairi') of 'Husain' and 'bin Khalid Almutairi'; None where the father is not named so."""
    words = family.split()
    last = 2 if len(words) > 1 and words[-2].lower() in _ARTICLES else 1
    if len(words) <= last + 1 or words[0].lower() not in _SON_OF:
        return None
    return " ".join([given, *words[:-last]]), " ".join(words[-last:])
