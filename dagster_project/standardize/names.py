"""Personal names, Chinese and Western: parts, spelling and a pinyin form in which both scripts can be compared.

Belongs here: which way of reading a name fits its script, and what they have in common. Does not belong here: the
reading itself (chinese_names, western_names, romanization), similarity of names (linkage), SQL (dbt).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from dagster_project.standardize import chinese_names, romanization, transliteration, western_names
from dagster_project.standardize.chinese_names import HAN, has_han, is_surname
from dagster_project.standardize.text_repair import repair_text, to_simplified

_OTHER_LETTERS = re.compile(rf"[^\W\d_{HAN}]")
_HAN_ONLY = re.compile(f"^[{HAN} ]+$")
_HAN_SEGMENT = re.compile(rf"[{HAN}·]+(?:\s+[{HAN}·]+)*")
_OTHER_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")


class PersonName(NamedTuple):
    """A name and its parts, each None where unknown.

    `name_pinyin` is 'family given' in small Latin letters: pinyin without tones, and names in other alphabets than Latin
    (кириллица, عربي, 한글) transliterated, the family name in one word; None for Western names. `name_title` and
    `name_suffix` stood beside the name;
    `formal_given_name` is the one name that a nickname stands for; `rules` are the codes of what changed the name.
    """

    full_name: str | None
    given_name: str | None
    family_name: str | None
    name_pinyin: str | None
    name_title: str | None = None
    name_suffix: str | None = None
    formal_given_name: str | None = None
    rules: tuple[str, ...] = ()


NO_NAME = PersonName(None, None, None, None)


def parse_person_name(full: str | None, given: str | None, family: str | None) -> PersonName:
    """Bring a name into one shape, from its parts where the source has them, else from the full name.

    Han names are simplified and split into surname (compound ones too) and given name, also when the source has the
    parts swapped or the whole name in one of them. Latin names lose titles, suffixes and nicknames, and names written
    all in capitals or all in small letters are set in title case. A Latin name that is pinyin of a Chinese name gets
    the same `name_pinyin` as its Han form. The rules' codes are described in seeds/rules/correction_rules.csv.
    """
    rules: list[str] = []
    delivered = (full, given, family)
    given, family = given and _clean(given, rules), family and _clean(family, rules)
    if full:
        full = _clean(full, [] if given and family else rules)  # beside both parts it tells nothing
        full, given, family = _which_cells(full, given, family)
    whole = full if full and not given else _joined(family, given)
    if not whole:
        return NO_NAME._replace(rules=tuple(rules))
    if whole.isascii() or not has_han(whole) or _OTHER_EAST_ASIAN.search(whole):
        name = _parse_latin(full, given, family, rules)
    elif _OTHER_LETTERS.search(whole):
        name = _parse_mixed(full, given, family, rules)
    else:
        name = _parse_han(full, given, family, rules)
    if name.name_title:
        rules.append("title_separated")
    if name.name_suffix:
        rules.append("suffix_separated")
    if not rules and (silent := _silent_change(delivered, name)):
        rules.append(silent)
    return name._replace(rules=tuple(dict.fromkeys(rules))) if rules else name


def _silent_change(delivered: tuple[str | None, ...], name: PersonName) -> str | None:
    """The rule of a change that no step on the way has named: letters in another order, or signs between them."""
    for cell, standard in zip(delivered, name[:3], strict=True):
        if not cell or not standard or _signs(cell) == _signs(standard):
            continue
        before, after = _letters(cell), _letters(standard)
        if before == after:  # 'J.'
            return "punctuation_removed"
        if sorted(before) == sorted(after):  # pinyin with the family name in front, also in one word
            return "inverted_order"
    return None


def _signs(text: str) -> str:
    return "".join(text.lower().split())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _which_cells(full: str | None, given: str | None, family: str | None) -> tuple[str | None, str | None, str | None]:
    """The cells to read: both parts, or one part that is the whole name, or the full name.

    One part beside a full name without it completes the full name.
    """
    part = given or family
    if not full or not part or (given and family) or full == part:
        return full, given, family
    if part in full:
        return full, None, None
    return None, given or full, family or full


def _clean(raw: str, rules: list[str]) -> str | None:
    """The cell as it was meant; None when it is blank, or when it cannot be a name, which a rule then tells."""
    if raw.isascii() and raw.isalpha():
        return raw
    text, applied = repair_text(raw)
    rules.extend(applied)
    text = text.strip(" .,;")
    if not text:
        if raw.strip():
            rules.append("not_a_name")
        return None
    if text.isalpha():
        return text
    if "@" in text or not _LETTER.search(text):
        rules.append("not_a_name")
        return None
    return text


# --- Han -----------------------------------------------------------------------------------------------------------


def _parse_han(full: str | None, given: str | None, family: str | None, rules: list[str]) -> PersonName:
    full, given, family = (_tidy_han(cell, rules) for cell in (full, given, family))
    dotted = any(cell and chinese_names.MIDDLE_DOT in cell for cell in (full, given, family))
    title = None
    if given and family:
        given, title = chinese_names.without_title(given, part=True)
        family, of_family = chinese_names.without_title(family, part=True)
        title = title or of_family
        whole_in_given = given.startswith(family) and len(given) > len(family) and is_surname(family)
        if whole_in_given and full != family + given and not dotted:
            given = given[len(family) :]  # the whole name stands in the given name's cell
            rules.append("name_in_one_cell")
        elif not dotted and not is_surname(family) and is_surname(given):
            given, family = family, given
            rules.append("parts_swapped")
    else:
        whole = full or given or family
        if not whole:
            rules.append("not_a_name")
            return NO_NAME
        if not full and len(whole) > 1:
            rules.append("name_in_one_cell")
        family, given, title = chinese_names.split_han(whole)
    full = chinese_names.join_han(family, given, dotted=dotted)
    return PersonName(full, given, family, chinese_names.read_name(family, given), title)


def _tidy_han(text: str | None, rules: list[str]) -> str | None:
    if not text:
        return None
    simplified = to_simplified(chinese_names.tidy_han(text, rules), person=True)
    if simplified != text and "traditional_to_simplified" not in rules and to_simplified(text, person=True) != text:
        rules.append("traditional_to_simplified")
    return simplified or None


# --- Han and Latin letters together --------------------------------------------------------------------------------


def _parse_mixed(full: str | None, given: str | None, family: str | None, rules: list[str]) -> PersonName:
    if given and family and _HAN_ONLY.match(given) and not has_han(family):
        if han := _tidy_han(given, rules):
            return _of_two_scripts(han, western_names.tidy_latin(family, rules))
        return _parse_latin(None, None, family, rules)
    if given and family and _HAN_ONLY.match(family) and not has_han(given):
        if han := _tidy_han(family, rules):
            return _of_two_scripts(western_names.tidy_initials(western_names.tidy_latin(given, rules), rules), han)
        return _parse_latin(None, given, None, rules)
    text = (full if not given or not family else None) or _joined(given, family) or ""
    text = chinese_names.unmask(text, rules)
    if not _OTHER_LETTERS.search(text):
        return _parse_han(text, None, None, rules)
    han = " ".join(_HAN_SEGMENT.findall(text))
    latin = western_names.tidy_latin(_HAN_SEGMENT.sub(" ", text).replace("()", " "), [])
    han = _tidy_han(han, rules) or ""
    if han in chinese_names.TITLES:  # 'David先生'
        name = _parse_latin(latin, None, None, rules) if " " in latin else _parse_latin(None, None, latin, rules)
        return name._replace(name_title=han)
    latin_title, words = western_names.leading_title([*latin.split(), han])
    latin = " ".join(words[:-1])
    name = _parse_han(han, None, None, rules)
    if not latin:
        return name._replace(name_title=name.name_title or latin_title)
    if name.family_name and not name.given_name and not name.name_title:  # 'David 王'
        return _of_two_scripts(western_names.tidy_initials(latin, rules), name.family_name)
    in_pinyin = "".join(filter(None, (romanization.pinyin_token(word, 4) for word in latin.split())))
    family, given = (name.name_pinyin or " ").partition(" ")[::2]
    rules.append("pinyin_removed" if in_pinyin in (family + given, given + family) else "other_name_removed")
    return name._replace(name_title=name.name_title or latin_title)


def _of_two_scripts(given: str | None, family: str | None) -> PersonName:
    given, family = (part and western_names.capitals(part) for part in (given, family))
    read_given = chinese_names.read_han(given) if given and has_han(given) else romanization.pinyin_token(given)
    read_family = (
        chinese_names.read_surname(family) if family and has_han(family) else romanization.pinyin_token(family)
    )
    pinyin = f"{read_family} {read_given}" if read_family and read_given else None
    return PersonName(_joined(given, family), given, family, pinyin)


# --- Latin ---------------------------------------------------------------------------------------------------------


def _parse_latin(full: str | None, given: str | None, family: str | None, rules: list[str]) -> PersonName:
    given = western_names.tidy_latin(given, rules) or None if given else None
    family = western_names.tidy_latin(family, rules) or None if family else None
    title = suffix = None
    split = None
    if not given and not family:
        full = western_names.tidy_latin(full, rules) if full else None
        if not full:
            return NO_NAME
        words = full.replace(",", " ").split()
        split = romanization.split_joined(full) if len(words) == 1 else romanization.split_words(words)
        if split:
            given, family = split
        elif patronymic := transliteration.split_at_patronymic(words):
            given, family = patronymic
        else:
            given, family, title, suffix = western_names.split_latin(full, rules)
    if given and family and " " in family and (of_father := transliteration.split_son_of(given, family)):
        given, family = of_father
        rules.append("father_in_given_name")
    if (given and not given.isalpha()) or (family and not family.isalpha()):
        given, family, more_titles, more_suffixes = _tidy_parts(given, family)
        title, suffix = _joined(title, more_titles), _joined(suffix, more_suffixes)
    given = western_names.capitals(western_names.tidy_initials(given, rules)) if given else None
    family = western_names.capitals(family.rstrip("."), family=True) if family else None
    pinyin = None
    if given and family:
        given, family, pinyin = _read_as_pinyin(given, family, rules, in_order=split is not None)
    formal = western_names.formal_given_name(given.split()[0]) if given and not pinyin else None
    if given and family and transliteration.in_other_alphabet(given + family):
        pinyin = transliteration.in_latin_letters(family) + "".join(
            f" {transliteration.in_latin_letters(word)}" for word in given.split()
        )
    return PersonName(_display(given, family), given, family, pinyin, title, suffix, formal)


def _display(given: str | None, family: str | None) -> str | None:
    """The full name: given name first, but Japanese and Korean names with the family name first."""
    if given and family and not (given + family).isascii() and _OTHER_EAST_ASIAN.search(given + family):
        return f"{family}{given}" if _HANGUL.search(given + family) else f"{family} {given}"
    return _joined(given, family)


def _tidy_parts(given: str | None, family: str | None) -> western_names.WesternName:
    title, given_words = western_names.leading_title((given or "").replace(",", " ").split())
    given_words, of_given = western_names.trailing_suffix(given_words)
    more, family_words = western_names.leading_title((family or "").replace(",", " ").split())
    family_words, of_family = western_names.trailing_suffix(family_words)
    return western_names.WesternName(
        _joined(*given_words), _joined(*family_words), _joined(title, more), _joined(of_given, of_family)
    )


def _joined(*parts: str | None) -> str | None:
    if len(parts) == 2 and parts[0] and parts[1]:
        return f"{parts[0]} {parts[1]}"
    return " ".join(part for part in parts if part) or None


def _read_as_pinyin(given: str, family: str, rules: list[str], *, in_order: bool) -> tuple[str, str, str | None]:
    """Order the parts of a pinyin name and read it: the part that can only be the surname is the family name."""
    first, last = romanization.pinyin_token(given), romanization.pinyin_token(family)
    if not first or not last:
        if not romanization.is_marked_wade_giles(f"{family} {given}"):
            return given, family, None
        if pinyin := romanization.read_wade_giles(family, given):
            return given, family, pinyin
        if pinyin := romanization.read_wade_giles(given, family):
            rules.append("parts_swapped")
            return family, given, pinyin
        return given, family, None
    order = (in_order and last in romanization.surname_ranks()) or romanization.order_parts(first, last)
    if order is None:
        return given, family, None
    if not order:
        given, family, first, last = family, given, last, first
        rules.append("parts_swapped")
    if not (given + family).isascii():
        plain = romanization.without_tones(given), romanization.without_tones(family)
        if plain != (given, family):
            rules.append("tone_marks_removed")
        given, family = plain
    return given, family, f"{last} {first}"
