"""Personal names, Chinese and Western: parts, spelling and a pinyin form in which both scripts can be compared.

Belongs here: pure functions over one name. Does not belong here: nicknames and similarity (linkage), SQL (dbt).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from dagster_project.standardize.chinese_surnames import COMPOUND_SURNAMES, SINGLE_SURNAMES, SURNAME_READINGS
from dagster_project.standardize.pinyin_syllables import SYLLABLES

if TYPE_CHECKING:
    from nameparser import Parser

HAN = re.compile(r"^[\u3400-\u9fff\U00020000-\U0003134f·•]+$")
# Salutations that exports write into the name cell; nameparser knows the Western ones.
CHINESE_TITLES = re.compile(r"(先生|女士|小姐|太太|老师|同学|经理|总)$")
LEADING_TITLE = re.compile(
    r"^(mr|mrs|ms|miss|mx|dr|prof|professor|sir|herr|frau|mme|mlle|monsieur|madame)\b\.?\s+", re.I
)
PARTICLES = frozenset("van von de der den del della di da la le du dos bin al el ter zu st".split())


class PersonName(NamedTuple):
    """A name and its parts, each None where unknown. `name_pinyin` is 'family given' in lower case without tones."""

    full_name: str | None
    given_name: str | None
    family_name: str | None
    name_pinyin: str | None


NO_NAME = PersonName(None, None, None, None)


def parse_person_name(full: str | None, given: str | None, family: str | None) -> PersonName:
    """Bring a name into one shape, from its parts where the source has them, else from the full name.

    Han names are split into surname (compound ones too) and given name, also when the source has the parts swapped or
    the whole name in one of them. Latin names lose titles, and names written all in capitals or all in small letters
    are set in title case. A Latin name that is pinyin of a Chinese name gets the same `name_pinyin` as its Han form.
    """
    full, given, family = _clean(full), _clean(given), _clean(family)
    parts = [part for part in (family, given) if part]
    whole = full or "".join(parts)
    if whole and HAN.match(whole.replace(" ", "")):
        return _parse_han(full, given, family)
    if parts:
        given, family = _title_case(_without_title(given)), _title_case(family)
    elif full:
        given, family = _split_latin(full)
    else:
        return NO_NAME
    given, family, pinyin = _read_as_pinyin(given, family)
    return PersonName(" ".join(part for part in (given, family) if part) or None, given, family, pinyin)


def _clean(text: str | None) -> str | None:
    if text is None:
        return None
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("`", "'")
    text = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text).split())
    return text.strip(" .,;") or None


# --- Han ---------------------------------------------------------------------------------------------------------


def _parse_han(full: str | None, given: str | None, family: str | None) -> PersonName:
    given = given.replace(" ", "") if given else None
    family = family.replace(" ", "") if family else None
    if given and family:
        if given.startswith(family) and len(given) > len(family) and family in SINGLE_SURNAMES | COMPOUND_SURNAMES:
            given = given[len(family) :]  # the whole name stands in the given name's cell
        elif not _is_surname(family) and _is_surname(given):
            given, family = family, given
    else:
        family, given = _split_han((full or given or family or "").replace(" ", ""))
    given = CHINESE_TITLES.sub("", given) or None if given else None
    full_name = (family or "") + (given or "")
    return PersonName(full_name or None, given, family, _han_pinyin(family, given))


def _is_surname(text: str) -> bool:
    return text in COMPOUND_SURNAMES or text in SINGLE_SURNAMES


def _split_han(name: str) -> tuple[str | None, str | None]:
    name = CHINESE_TITLES.sub("", name) if len(name) > 2 else name
    if "·" in name or "•" in name:  # a transcribed foreign name: given·family
        given, _, family = name.replace("•", "·").partition("·")
        return family or None, given or None
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2], name[2:]
    if len(name) > 1 and name[0] in SINGLE_SURNAMES:
        return name[:1], name[1:]
    return (None, name) if len(name) > 1 else (name or None, None)


@lru_cache(maxsize=200_000)
def _han_pinyin(family: str | None, given: str | None) -> str | None:
    from pypinyin import Style, lazy_pinyin

    def read(text: str) -> str:
        return "".join(lazy_pinyin(text, style=Style.NORMAL)).replace("ü", "v").replace("·", "")

    surname = SURNAME_READINGS.get(family) or read(family) if family else ""
    return f"{surname} {read(given) if given else ''}".strip() or None


# --- Latin -------------------------------------------------------------------------------------------------------


def _without_title(name: str | None) -> str | None:
    return LEADING_TITLE.sub("", name) or None if name else None


def _split_latin(name: str) -> tuple[str | None, str | None]:
    """Given and family name of a full name; '(Surname), (Given)' and particles are understood."""
    tokens = _without_title(name) or name
    words = tokens.split()
    if len(words) == 1 and tokens != name and not name.lower().startswith("sir"):
        return None, _title_case(words[0])  # 'Mr Smith': a title alone goes before the family name
    if len(words) == 1:
        return _split_joined_pinyin(words[0])
    if len(words) == 2 and "," not in tokens and not PARTICLES & {word.lower() for word in words}:
        return _title_case(words[0]), _title_case(words[1])
    parsed = _name_parser().parse(tokens)
    given = " ".join(part for part in (parsed.given, parsed.middle) if part)
    return _title_case(given or None), _title_case(parsed.family or None)


@cache
def _name_parser() -> Parser:
    from nameparser import Parser

    return Parser()


def _title_case(text: str | None) -> str | None:
    if not text or not (text.isupper() or text.islower()) or len(text) == 1:
        return text.upper() if text and len(text) == 1 else text
    return re.sub(
        r"[^\W\d_]+",
        lambda word: word[0].lower() if word[0].lower() in PARTICLES else word[0][:1].upper() + word[0][1:].lower(),
        text,
    )


# --- Pinyin written in Latin letters -------------------------------------------------------------------------------


@cache
def _surname_readings() -> frozenset[str]:
    return frozenset(reading for name in SINGLE_SURNAMES | COMPOUND_SURNAMES if (reading := _han_pinyin(name, None)))


@lru_cache(maxsize=200_000)
def _count_syllables(text: str) -> int:
    """Fewest pinyin syllables that spell the text exactly, 0 when it is not pinyin."""
    best = [0] + [99] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(max(0, end - 6), end):
            if best[start] < 99 and text[start:end] in SYLLABLES:
                best[end] = min(best[end], best[start] + 1)
    return best[-1] if best[-1] < 99 else 0


def _pinyin_token(text: str | None, most_syllables: int = 3) -> str | None:
    if not text:
        return None
    token = re.sub(r"[\s'\-]", "", text.lower()).replace("ü", "v")
    return token if token.isascii() and token.isalpha() and 0 < _count_syllables(token) <= most_syllables else None


def _read_as_pinyin(given: str | None, family: str | None) -> tuple[str | None, str | None, str | None]:
    """Order the parts of a pinyin name: the part that can only be the surname is the family name."""
    first, last = _pinyin_token(given), _pinyin_token(family)
    if not first or not last:
        return given, family, None
    surnames = _surname_readings()
    if last in surnames and not (first in surnames and _count_syllables(first) == 1 < _count_syllables(last)):
        return given, family, f"{last} {first}"
    if first in surnames:
        return family, given, f"{first} {last}"
    return given, family, None


def _split_joined_pinyin(word: str) -> tuple[str | None, str | None]:
    """'wangxiaoming' -> Xiaoming, Wang; any other single word is a given name."""
    token = _pinyin_token(word, most_syllables=4)
    if token and _count_syllables(token) >= 2 and len(token) >= 7:
        for length in range(min(10, len(token) - 2), 1, -1):  # compound surnames first
            head, tail = token[:length], token[length:]
            if head in _surname_readings() and 1 <= _count_syllables(tail) <= 2:
                return tail.capitalize(), head.capitalize()
    return _title_case(word), None
