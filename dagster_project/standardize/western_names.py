"""Names in Latin letters: titles, suffixes and nicknames beside the name, its order, its capitals.

Belongs here: pure functions over Western names. Does not belong here: pinyin (romanization), 汉字 (chinese_names).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from nameparser import Parser

_NICKNAMES = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codes" / "given_name_nicknames.csv"
PARTICLES = frozenset(
    "van von de den der del della degli di da dal la le du dos das do bin binti ibn al el ter ten te 't zu zum zur st af av".split()
)
TITLES = {
    "mr": "Mr", "mister": "Mr", "mrs": "Mrs", "ms": "Ms", "miss": "Miss", "mx": "Mx", "dr": "Dr", "doctor": "Dr",
    "prof": "Prof", "professor": "Prof", "sir": "Sir", "rev": "Rev", "reverend": "Rev", "hon": "Hon", "lady": "Lady",
    "dame": "Dame", "herr": "Herr", "frau": "Frau", "mme": "Mme", "mlle": "Mlle", "monsieur": "M", "madame": "Mme",
    "capt": "Capt", "captain": "Capt", "lt": "Lt", "col": "Col", "maj": "Maj", "gen": "Gen", "sgt": "Sgt", "sr.": "Sr",
    "sra": "Sra", "srta": "Srta", "señor": "Sr", "señora": "Sra", "ing": "Ing", "dipl": "Dipl", "fr": "Fr", "dhr": "Dhr",
    "mevr": "Mevr", "lord": "Lord", "baron": "Baron", "baroness": "Baroness", "countess": "Countess",
}  # fmt: skip
# Titles that are given names or surnames as well count only with a dot or before two more words.
_TITLES_AND_NAMES = frozenset("lady dame hon col gen fr ing maj lt dipl sr. captain".split())
SUFFIXES = {
    "jr": "Jr", "junior": "Jr", "sr": "Sr", "ii": "II", "2nd": "II", "iii": "III", "3rd": "III", "iv": "IV", "4th": "IV",
    "phd": "PhD", "md": "MD", "esq": "Esq", "mba": "MBA", "cpa": "CPA", "dds": "DDS", "dvm": "DVM", "jd": "JD", "llm": "LLM",
    "llb": "LLB", "rn": "RN", "cfa": "CFA", "obe": "OBE", "mbe": "MBE", "cbe": "CBE", "kbe": "KBE", "msc": "MSc", "bsc": "BSc",
    "dphil": "DPhil", "edd": "EdD", "dba": "DBA",
}  # fmt: skip
# Behind a comma these too are suffixes; elsewhere they are surnames (Jack Ma) or initials.
_SUFFIXES_BEHIND_COMMA = {
    "ma": "MA",
    "ba": "BA",
    "bs": "BS",
    "ms": "MS",
    "do": "DO",
    "v": "V",
    "pe": "PE",
    "qc": "QC",
    "kc": "KC",
}
# Scottish and Irish names that go on with a capital; in others Mac is no prefix (Macias, Mackey, Machado).
_MAC = frozenset(
    "adam alister allister alpine arthur askill aulay bain beath beth bride callum cormack corquodale diarmid donald donnell dougal"
    " dougall dowell duff eachern ewan ewen fadyen farlan farlane fie gillivray gregor innes innis intosh intyre iver kay"
    " kechnie kenna kenzie kinlay kinnon lachlan laren lauchlan laine lean lehose leish lellan lennan leod manus martin master"
    " millan murray nab namara naughton neil neill nicol phail phee pherson quarrie queen rae ritchie taggart tavish vicar".split()
)
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_NICKNAME = re.compile(r'"[^"]*"|\([^()]*\)|\[[^\[\]]*\]|(?<=\s)\'[^\']+\'(?=\s)')
_MAIDEN_IN_BRACKETS = re.compile(r"[(\[](?:née|nee|geb|formerly)\b[^()\[\]]*[)\]]", re.I)
_MAIDEN = re.compile(r" (?:née|nee|geb\.|formerly) [\w'-]+", re.I)
_DIGITS = re.compile(r"(?<![\w-])\d+(?![\w-])|(?<=[^\W\d_])\d+(?!\w)")
_WORDS = re.compile(r"[A-Za-z]{2,}(?:[ -][A-Za-z]{2,})*")
_MEANING_MORE = re.compile(r"\b(?:and|und|nee|formerly)\b", re.I)
_NOT_AVAILABLE = re.compile(r"^n\W?/\W?a\W?$", re.I)
_AND = re.compile(r"\s*(?:\s&\s|\s\+\s|/|\sand\s|\sund\s)\s*", re.I)
_INITIALS = re.compile(r"^[^\W\d_](?:[. ]+[^\W\d_])+\.?$")
_EDGES = ' .,;:-_/\\|*#+=<>!?~^"()[]{}'
_INITIAL = re.compile(r"^[^\W\d_]\.?$")
_ENDS_IN_INITIAL = re.compile(r"[ .][^\W\d_]\.$")
_STRAY_DOT = re.compile(r"(?<![lL])·|·(?![lL])")  # Catalan l·l alone has one
# Not those of 't Hooft and 's-Gravesande.
_STRAY_APOSTROPHE = re.compile(r"(?<![^\s·.-])[·.-]*'+(?!(?:t +|s-)[^\W\d_])", re.I)
_PLAIN = re.compile(r"^[A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f .,'-]+$")
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # kana, 汉字 beside them, Hangul
_CONJUNCTIONS = frozenset(("y", "and", "e", "und", "et"))


class WesternName(NamedTuple):
    """The parts of one name, each None where the text has none."""

    given: str | None
    family: str | None
    title: str | None
    suffix: str | None


def tidy_latin(text: str, rules: list[str]) -> str:
    """The name without nickname, maiden name, numbers and punctuation around it; `rules` gets the codes."""
    if text.isalpha() or (_WORDS.fullmatch(text) and not _MEANING_MORE.search(text)):
        return text
    if '"' in text or "(" in text or "[" in text or "'" in text:
        text = _unquote(text, rules)
        text = _apply(_MAIDEN_IN_BRACKETS, text, "maiden_name_removed", rules)
        text = _apply(_NICKNAME, text, "nickname_removed", rules)
    text = _apply(_DIGITS, text, "digits_removed", rules)
    if _NOT_AVAILABLE.match(text):
        rules.append("not_a_name")
        return ""
    text = _first_person(text, rules)
    plain = text if _PLAIN.match(text) else "".join(map(_name_character, text))
    plain = _STRAY_DOT.sub(" ", plain) if "·" in plain else plain
    plain = _STRAY_APOSTROPHE.sub("", plain) if "'" in plain else plain
    tidied = " ".join(filter(None, map(_tidy_word, plain.replace(",", ", ").split()))).strip(" .,")
    if tidied.strip(" .,;") != text.strip(" .,;") and "punctuation_removed" not in rules:
        rules.append("punctuation_removed")
    return _apply(_MAIDEN, tidied, "maiden_name_removed", rules)


def _name_character(character: str) -> str:
    """Letters, their marks, digits and what joins names; anything else parts words."""
    joins = character.isalnum() or character in " '.,-·" or unicodedata.category(character)[0] == "M"
    return character if joins else " "


def _tidy_word(word: str) -> str:
    """The word without punctuation around it: apostrophes of 't Hooft, dots of initials and commas stay."""
    word = word.lstrip("-·.").rstrip("-·'")
    return word if word == "," or any(map(str.isalpha, word)) else ""


def _first_person(text: str, rules: list[str]) -> str:
    """'John & Mary Smith', 'Mr and Mrs Smith' and 'John Smith / Mary Jones' -> John Smith, Mr Smith, John Smith."""
    if not (parts := _AND.search(text)):
        return text
    before, after = text[: parts.start()].split(), text[parts.end() :].split()
    if not before or not after or "," in text:
        return text
    rules.append("further_person_removed")
    return " ".join([*before, *after[1:]] if len(before) == 1 else before)


def _unquote(text: str, rules: list[str]) -> str:
    """Exports put the whole cell in quotes."""
    unquoted = text
    if text[:1] == text[-1:] and text[:1] in "\"'" and len(text) > 2:
        unquoted = text[1:-1]
    if unquoted != text:
        rules.append("punctuation_removed")
    return unquoted.strip()


def _apply(pattern: re.Pattern[str], text: str, rule: str, rules: list[str]) -> str:
    changed = pattern.sub(" ", text)
    if changed == text or not changed.strip(_EDGES):
        return text
    if rule not in rules:
        rules.append(rule)
    return " ".join(changed.split()).replace(" ,", ",")


# --- Titles and suffixes -------------------------------------------------------------------------------------------


def leading_title(words: list[str]) -> tuple[str | None, list[str]]:
    """The titles before a name, and the words that remain; at least one remains."""
    titles = []
    while len(words) > 1 and (title := _title(words[0], len(words) - 1)):
        titles.append(title)
        words = words[1:]
    return " ".join(dict.fromkeys(titles)) or None, words


def _title(word: str, following: int) -> str | None:
    key = word.lower()
    if key not in TITLES:
        key = key.rstrip(".")
    if key not in TITLES or (key in _TITLES_AND_NAMES and not word.endswith(".") and following < 2):
        return None
    return TITLES[key]


def trailing_suffix(words: list[str]) -> tuple[list[str], str | None]:
    """The words of a name without the suffixes behind it, and the suffixes."""
    suffixes: list[str] = []
    while len(words) > 1 and (suffix := SUFFIXES.get(words[-1].replace(".", "").strip(",").lower())):
        suffixes.insert(0, suffix)
        words = [*words[:-2], words[-2].rstrip(",")]
    return words, " ".join(suffixes) or None


def _suffixes_behind_comma(text: str) -> str | None:
    """The suffixes that stand in what follows a comma, None when it is a name."""
    words = [word.replace(".", "").lower() for word in re.split(r"[\s,]+", text) if word]
    found = [SUFFIXES.get(word) or _SUFFIXES_BEHIND_COMMA.get(word) for word in words]
    return " ".join(suffix for suffix in found if suffix) if found and all(found) else None


# --- Order ---------------------------------------------------------------------------------------------------------


def split_latin(name: str, rules: list[str]) -> WesternName:
    """Parts of a full name; '(Surname), (Given)', 'SURNAME Given', particles, titles and suffixes are understood."""
    suffix = None
    if "," in name:
        head, _, tail = (part.strip() for part in name.partition(","))
        tail = tail.strip(" ,")
        if behind := _suffixes_behind_comma(tail):  # John Smith, PhD
            name, suffix = head, behind
        elif tail and head:
            return _inverted(head, tail, rules)
        else:
            name = head or tail
    title, words = leading_title(name.split())
    words, more = trailing_suffix(words)
    parsed = _order(words, title, rules)
    titles = " ".join(part for part in (title, parsed.title) if part)
    suffixes = " ".join(dict.fromkeys(part for part in (parsed.suffix, more, suffix) if part))
    return WesternName(parsed.given, parsed.family, titles or None, suffixes or None)


def _inverted(head: str, tail: str, rules: list[str]) -> WesternName:
    """'Smith, John', 'Smith Jr., John', 'Smith, John, Jr.', 'Vega, Dr. Juan Q. de la'."""
    rules.append("inverted_order")
    suffixes = []
    while "," in tail and (behind := _suffixes_behind_comma(tail.rpartition(",")[2])):
        tail, suffixes = tail.rpartition(",")[0], [behind, *suffixes]
    if "," in tail and (behind := _suffixes_behind_comma(tail.partition(",")[0])):  # Griffey, Jr., Ken
        tail, suffixes = tail.partition(",")[2], [behind, *suffixes]
    title_before, family = leading_title(head.split())
    family, of_family = trailing_suffix(family)
    title, given = leading_title(tail.replace(",", " ").split())
    given, of_given = trailing_suffix(given)
    particles: list[str] = []
    while len(given) > 1 and given[-1].lower() in PARTICLES:  # Beethoven, Ludwig van
        particles.insert(0, given[-1])
        given = given[:-1]
    found = dict.fromkeys(part for part in (of_family, of_given, *suffixes) if part)
    titles = " ".join(part for part in (title_before, title) if part)
    return WesternName(" ".join(given) or None, " ".join(particles + family), titles or None, " ".join(found) or None)


def _order(words: list[str], title: str | None, rules: list[str]) -> WesternName:
    if _EAST_ASIAN.search(words[0]):
        return _parse_hard(words)
    if len(words) == 1:
        if title and title != "Sir":
            return WesternName(None, words[0], None, None)  # 'Mr Smith': a title alone goes before the family name
        return WesternName(words[0], None, None, None)
    if (shouted := _shouted(words)) and shouted < len(words):
        rules.append("inverted_order")
        return _name(words[shouted:], words[:shouted])
    lower = [word.lower() for word in words]
    if len(words) == 2 and lower[0] not in PARTICLES and lower[1] not in PARTICLES:
        return _name(words[:1], words[1:])
    if title and lower[0] in PARTICLES:  # Baron von Münchhausen
        return _name([], words)
    if lower[0] in PARTICLES or any(map(_is_hard, lower)):
        return _parse_hard(words)
    start = next((place for place in range(1, len(words) - 1) if lower[place] in PARTICLES), len(words) - 1)
    return _name(words[:start], words[start:])


def _name(given: list[str], family: list[str]) -> WesternName:
    return WesternName(" ".join(given) or None, " ".join(family) or None, None, None)


def _is_hard(word: str) -> bool:
    """Conjunctions (Velasquez y Garcia), abbreviated titles and posts (Lt. Gov.) and other alphabets are the library's."""
    return word in _CONJUNCTIONS or (word[-1] == "." and len(word) > 2 and word.count(".") == 1) or max(word) > "\u024f"


def _shouted(words: list[str]) -> int:
    """How many words at the start are a surname in capitals, as in 'SMITH John' or 'VAN DEN BERG Jan'; 0 when none."""
    count = 0
    while count < len(words) and words[count].isupper() and len(words[count]) > 2 and "." not in words[count]:
        count += 1
    rest = words[count:]
    return count if count and rest and not any(word.isupper() and len(word) > 1 for word in rest) else 0


def _is_of_other_script(character: str) -> bool:
    return character > "\u024f"


def _parse_hard(words: list[str]) -> WesternName:
    parsed = _name_parser().parse(" ".join(words))
    given = " ".join(part for part in (parsed.given, parsed.middle) if part)
    name = WesternName(
        given or None, parsed.family or None, parsed.title.replace(".", "") or None, parsed.suffix or None
    )
    if sorted("".join(words).replace(".", "")) != sorted("".join(filter(None, name)).replace(".", "").replace(" ", "")):
        return _name(words[:-1], words[-1:])  # rather plain than anything lost
    if (name.title or name.suffix) and any(map(_is_of_other_script, "".join(words))):
        return _name(words[:-1], words[-1:])  # honorifics of other scripts stay where they are
    return name


@cache
def _name_parser() -> Parser:
    from nameparser import Parser

    return Parser()


# --- Spelling ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=200_000)
def capitals(text: str, *, family: bool = False) -> str:
    """A name in capitals or small letters set in title case; McDonald, O'Brien, D'Angelo and van der Berg as they are written.

    Mixed case is believed, but for the capital behind Mc, which spreadsheets' PROPER() loses.
    """
    if len(text) == 1:
        return upper if len(upper := text.upper()) == 1 else text
    judged = " ".join(word for word in text.split() if len(word.rstrip(".")) > 1) if " " in text else text
    if judged.isupper() or judged.islower() or (judged[:1].islower() and judged[1:].isupper()):
        single = " " not in text
        text = _WORD.sub(lambda word: _capital_word(word[0].lower(), single=single), text)
        if family:
            text = re.sub(
                r"\bMac([a-z]+)", lambda name: "Mac" + name[1].capitalize() if name[1] in _MAC else name[0], text
            )
    return re.sub(r"\bMc([a-z])(?=[a-z]{2})", lambda name: "Mc" + name[1].upper(), text) if "Mc" in text else text


def _capital_word(word: str, *, single: bool) -> str:
    if word in PARTICLES and not single:
        return word
    head, apostrophe, rest = word.partition("'")
    if apostrophe and len(head) <= 2 and len(rest) > 1:  # O'Brien, D'Angelo, L'Oreal; not Mary's
        return f"{head.capitalize()}'{rest.capitalize()}"
    return word[:1].title() + word[1:]


def tidy_initials(given: str, rules: list[str]) -> str:
    """Initials in one form: 'J R R' and 'J. R. R.' -> 'J.R.R.', 'Juan Q' -> 'Juan Q.'; a lone initial bears no dot."""
    if "." not in given and " " not in given:
        return given
    if _INITIALS.match(given) and len(given.upper()) == len(given):
        tidied = "".join(f"{letter}." for letter in given.upper() if letter.isalpha())
    else:
        words = given.split()
        tidied = " ".join(f"{word[0].upper()}." if len(words) > 1 and _is_initial(word) else word for word in words)
        if not _ENDS_IN_INITIAL.search(tidied):
            tidied = tidied.rstrip(".")
    if tidied.rstrip(".").replace(" ", "") != given.rstrip(".").replace(" ", "") and "initials" not in rules:
        rules.append("initials")
    return tidied


def _is_initial(word: str) -> bool:
    return _INITIAL.match(word) is not None and len(word[0].upper()) == 1  # ß has no capital of one letter


def formal_given_name(given: str) -> str | None:
    """The one name that a nickname stands for (Jim: James); None for formal names and where several are meant (Alex)."""
    return _formal_names().get(given.lower())


@cache
def _formal_names() -> dict[str, str]:
    with _NICKNAMES.open(encoding="utf-8", newline="") as file:
        return {row["nickname"]: row["formal_name"] for row in csv.DictReader(file)}
