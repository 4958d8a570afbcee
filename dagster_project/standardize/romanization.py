"""Chinese names written in Latin letters: pinyin in its spellings, and Wade-Giles.

Belongs here: what tells pinyin from other words, and brings its spellings into one. Does not belong here: reading 汉字
(chinese_names), Western names (western_names).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from dagster_project.standardize.chinese_names import read_surname
from dagster_project.standardize.chinese_surnames import (
    CANTONESE_SURNAMES,
    COMMON_COMPOUND_SURNAMES,
    COMMON_SURNAMES,
    COMPOUND_SURNAMES,
    SINGLE_SURNAMES,
    WADE_GILES_SURNAMES,
)
from dagster_project.standardize.pinyin_syllables import SYLLABLES

_TONE_MARKS = re.compile("[\u0304\u0301\u030c\u0300]")
_INITIAL = re.compile(r"^\w\b.|\W\w$|\W\w\W")
_PINYIN = re.compile(f"(?:{'|'.join(sorted(SYLLABLES, key=len, reverse=True))})+")
_ONE_SYLLABLE = re.compile(r"[b-df-hj-np-tv-z]*[aeiou]{1,2}(?:i|n|ng|m|k|t|p|w|r|h)?", re.I)
_LONGEST_SYLLABLE = 6
# GB/T 28039-2011, clause 6: where ü cannot be written it is YU (LYU, NYU); keyboards write v.
_SPELLINGS_OF_U_UMLAUT = (("lyu", "lv"), ("nyu", "nv"), ("lue", "lve"), ("nue", "nve"))


@cache
def surname_ranks() -> dict[str, int]:
    """Every surname's pinyin, with the rank of the most common surname read so; others come last.

    Common compound surnames come first: hardly a given name is read like one.
    """
    ranks = {read_surname(name): len(COMMON_SURNAMES) for name in SINGLE_SURNAMES | COMPOUND_SURNAMES}
    for rank, name in reversed(list(enumerate(COMMON_SURNAMES))):
        ranks[read_surname(name)] = rank
    return ranks | dict.fromkeys(map(read_surname, COMMON_COMPOUND_SURNAMES), -1)


@lru_cache(maxsize=200_000)
def count_syllables(text: str) -> int:
    """Fewest pinyin syllables that spell the text exactly, 0 when it is not pinyin."""
    if not _PINYIN.fullmatch(text):
        return 0
    best = [0] + [99] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            if best[start] < 99 and text[start:end] in SYLLABLES:
                best[end] = min(best[end], best[start] + 1)
    return best[-1]


def without_tones(text: str) -> str:
    """'Xiǎomíng' -> 'Xiaoming', 'Lǚ' -> 'Lü'; other accents stay."""
    return unicodedata.normalize("NFC", _TONE_MARKS.sub("", unicodedata.normalize("NFD", text)))


@lru_cache(maxsize=200_000)
def pinyin_token(text: str | None, most_syllables: int = 3) -> str | None:
    """The text as pinyin in one word of small letters, ü written v; None when it is not pinyin. Lone letters are initials."""
    if not text or (not text.isalpha() and _INITIAL.search(text)):
        return None
    token = re.sub(r"[\s'\-]", "", text.lower())
    if not token.isascii():
        token = without_tones(token).replace("ü", "v")
    if not (token.isascii() and token.isalpha()):
        return None
    if 0 < count_syllables(token) <= most_syllables and not token.endswith(("lue", "nue")):
        return token
    for spelling, usual in _SPELLINGS_OF_U_UMLAUT:
        token = token.replace(spelling, usual)
    return token if 0 < count_syllables(token) <= most_syllables else None


def order_parts(first: str, last: str) -> bool | None:
    """Whether the last of two pinyin tokens is the surname (True), the first one is (False), or neither (None).

    For parts that came as given and family name: those are believed unless only the given name can be a surname.
    """
    surnames = surname_ranks()
    if last in surnames and not (first in surnames and count_syllables(first) == 1 < count_syllables(last)):
        return True
    return False if first in surnames else None


def split_words(words: list[str]) -> tuple[str, str] | None:
    """Given and family name of a full name in pinyin words of either order; None when it is none.

    GB/T 28039-2011 writes the surname first; who writes for Westerners writes it last. The end which can be a surname
    is it; when both can, the longer part is the given name, and else the more common surname of the two decides.
    """
    if len(words) == 3 and (parts := _split_cantonese(words)):
        return parts
    if not 2 <= len(words) <= 4 or not pinyin_token(words[0]):
        return None
    tokens = [pinyin_token(word) for word in words]
    if None in tokens or sum(map(count_syllables, filter(None, tokens))) > 4:
        return None
    surnames = surname_ranks()
    options: list[tuple[bool, bool, int, int, tuple[str, str]]] = []
    for length in (1, 2):  # compound surnames may be written apart: Ou Yang Nana
        if length >= len(words):
            break
        for place, (surname, given) in enumerate(
            ((words[:length], words[length:]), (words[-length:], words[:-length]))
        ):
            read = "".join(pinyin_token(word) or "" for word in surname)
            if read in surnames and 1 <= (count := sum(count_syllables(pinyin_token(w) or "") for w in given)) <= 3:
                one_word_of_two = len(given) == 1 and count == 2
                parts = " ".join(given), " ".join(surname)
                options.append((surnames[read] >= 0, not one_word_of_two, surnames[read], place, parts))
    return min(options)[-1] if options else None


def _split_cantonese(words: list[str]) -> tuple[str, str] | None:
    """'Chan Tai Man', 'Tai Man Chan' -> Tai Man, Chan: a surname of Hong Kong and two syllables."""
    for surname, given in ((words[0], words[1:]), (words[-1], words[:-1])):
        if surname.lower() in CANTONESE_SURNAMES and all(map(_ONE_SYLLABLE.fullmatch, given)):
            return " ".join(given), surname
    return None


def split_joined(word: str) -> tuple[str, str] | None:
    """'wangxiaoming' -> Xiaoming, Wang; None for any word that is no surname with a given name."""
    token = pinyin_token(word, most_syllables=4)
    if token and count_syllables(token) >= 2 and len(token) >= 7:
        for length in range(min(10, len(token) - 2), 1, -1):  # compound surnames first
            head, tail = token[:length], token[length:]
            if head in surname_ranks() and 1 <= count_syllables(tail) <= 2:
                return tail.capitalize(), head.capitalize()
    return None


# --- Wade-Giles ----------------------------------------------------------------------------------------------------

_INITIALS = {
    "zh": "ch", "ch": "ch'", "sh": "sh", "z": "ts", "c": "ts'", "s": "s", "b": "p", "p": "p'", "m": "m", "f": "f",
    "d": "t", "t": "t'", "n": "n", "l": "l", "g": "k", "k": "k'", "h": "h", "j": "ch", "q": "ch'", "x": "hs", "r": "j",
    "y": "y", "w": "w",
}  # fmt: skip
_FINALS = {
    "ian": "ien", "ie": "ieh", "ong": "ung", "iong": "iung", "uo": "o", "ue": "üeh", "ve": "üeh", "v": "ü", "er": "erh",
    "ui": "ui", "you": "yu", "yan": "yen", "ye": "yeh", "yong": "yung", "yue": "yüeh", "yu": "yü", "yuan": "yüan",
    "yun": "yün", "yi": "i",
}  # fmt: skip


@cache
def wade_giles_syllables() -> dict[str, str]:
    """Wade-Giles spelling of every syllable, with its apostrophes, to pinyin (table in: Library of Congress, 1997)."""
    spellings = {}
    for syllable in SYLLABLES:
        spellings[_to_wade_giles(syllable)] = syllable
    return spellings


def _to_wade_giles(syllable: str) -> str:
    if syllable in _FINALS and syllable[0] in "ye":
        return _FINALS[syllable]
    initial = next((i for i in (syllable[:2], syllable[:1]) if i in _INITIALS), "")
    final = syllable[len(initial) :]
    if initial in ("z", "c", "s") and final == "i":
        return {"z": "tzu", "c": "tz'u", "s": "ssu"}[initial]
    if initial in ("zh", "ch", "sh", "r") and final == "i":
        return _INITIALS[initial] + "ih"
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "ü" + final[1:] + ("h" if final == "ue" else "")
        return _INITIALS[initial] + final
    if final == "e" and initial in ("g", "k", "h"):
        return _INITIALS[initial] + "o"
    if final == "ui" and initial in ("g", "k"):
        return _INITIALS[initial] + "uei"
    if final == "uo" and initial in ("g", "k", "h", "sh"):
        return _INITIALS[initial] + "uo"
    return _INITIALS.get(initial, "") + _FINALS.get(final, final)


_ASPIRABLE = re.compile(r"\b(?:p|t(?!s|z)|k|ch|ts|tz)(?!')")
_MARK = re.compile(r"\b(?:hs[iuü]|ts['aeou]|tz'?u|ssu|szu|(?:ch|[ptk])')", re.I)


def is_marked_wade_giles(name: str) -> bool:
    """Whether a spelling bears a mark of Wade-Giles that pinyin has not: hs, ts, tz or an apostrophe."""
    return _MARK.search(name) is not None


def read_wade_giles(surname: str, given: str) -> str | None:
    """'surname given' in pinyin of a marked name in Wade-Giles ("Wang", "Hsiao-ming"), None where it is not certain.

    Passports leave the apostrophes out: then only common surnames are read, whose bearers are known, and given names
    in which no consonant could have had one.
    """
    surname, given = surname.lower(), given.lower()
    bare = "'" not in surname + given
    if bare and _ASPIRABLE.search(given.replace("-", " ")):
        return None
    first = WADE_GILES_SURNAMES.get(surname) if bare else _read_syllables(surname)
    second = _read_syllables(given)
    return f"{first} {second}" if first in surname_ranks() and second else None


def _read_syllables(text: str) -> str | None:
    table = wade_giles_syllables()
    read = [table.get(s) or table.get(s.replace("u", "ü")) for s in re.split(r"[\s-]+", text)]
    return "".join(part for part in read if part) if all(read) else None
