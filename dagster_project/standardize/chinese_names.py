"""Names written in 汉字: title, surname and given name, and the pinyin they are read in.

Belongs here: pure functions over text of Chinese characters. Does not belong here: names in Latin letters
(western_names), pinyin that was delivered as such (romanization), the surnames themselves (chinese_surnames).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from dagster_project.standardize.chinese_surnames import COMPOUND_SURNAMES, SINGLE_SURNAMES, SURNAME_READINGS

MIDDLE_DOT = "·"
# Chinese characters, as the inside of a character class.
HAN = "\u3005\u3007\u3400-\u9fff\U00020000-\U0003134f"
_HAN = re.compile(f"[{HAN}]")
# Name in cells of forms: '联系人:王小明'.
LABEL = re.compile(r"^(?:姓名|名字|联系人|收件人|收货人|经办人|客户|会员|顾客)\s*:\s*")
# Salutations, posts and words of letters that people write behind a name.
TITLES = (
    "董事长 副总经理 总经理 副总裁 总裁 副总监 总监 副经理 经理 副主任 主任 主管 店长 老板 副教授 教授 博士 老师 师傅 同学 同志"
    " 先生 女士 小姐 太太 夫人 阿姨 大姐 大哥 医生 大夫 医师 护士 律师 会计师 会计 工程师 秘书 书记 副局长 局长 副处长 处长 科长"
    " 院长 校长 厂长 部长 队长 站长 村长 法官 警官 台启 敬启 收"
).split()
_TITLE = re.compile(r"(?:(?:先生|女士|小姐)[/或](?:先生|女士|小姐)|" + "|".join(TITLES) + r"|总)$")
_TITLE_IN_BRACKETS = re.compile(r"\(\s*(" + "|".join(TITLES) + r")\s*\)$")
# After a surname alone these are posts or terms of address, in a longer name they belong to it (王总, but 刘建工).
_SHORT_TITLES = frozenset("总工董哥姐姨叔嫂")
_LEADING_TITLE = re.compile(r"^(先生|女士|小姐|尊敬的|亲爱的)")
# A mask hides what stands there: '王*明', '张**', '王XX', '李某'.
_MASK = re.compile(r"[*×某]+|(?<![A-Za-z])[xX]+(?![A-Za-z])")
_DIGITS = re.compile(r"\d+")
_DOTS = re.compile(r"[•‧・.。∙⋅]")
_REMARK = re.compile(r"[(\[【<《{〔].*?(?:[)\]】>》}〕]|$)")
_FURTHER_PERSON = re.compile(rf"\s*[、,/&+;]\s*(?=[{HAN}]{{2,4}}(?:$|[、,/&+;]))")
_OTHER = re.compile(f"[^{HAN}·]")


class ChineseName(NamedTuple):
    """Surname, given name and title of one name, each None where the text has none."""

    family: str | None
    given: str | None
    title: str | None


def has_han(text: str) -> bool:
    """Whether a Chinese character stands in the text."""
    return _HAN.search(text) is not None


def is_surname(text: str) -> bool:
    """Whether the text is a surname, single or compound."""
    return text in SINGLE_SURNAMES or text in COMPOUND_SURNAMES


def tidy_han(text: str, rules: list[str]) -> str:
    """The name without labels, remarks in brackets, further persons, masks, digits and blanks; `rules` gets the codes."""
    if text.isalpha() and "某" not in text:
        return text
    text = _apply(LABEL, "", text, "label_removed", rules)
    text = _TITLE_IN_BRACKETS.sub(r"\1", text)
    text = _apply(_REMARK, "", text, "remark_removed", rules)
    text = _DOTS.sub(MIDDLE_DOT, text.strip(" .。"))
    if (parts := _FURTHER_PERSON.search(text)) and parts.start() > 1 and not is_surname(text[: parts.start()]):
        text = text[: parts.start()]
        rules.append("further_person_removed")
    text = unmask(text, rules)
    text = _apply(_DIGITS, "", text, "digits_removed", rules)
    text = text.replace(" ", "")
    text = _apply(_OTHER, "", text, "punctuation_removed", rules)
    return re.sub("·+", MIDDLE_DOT, text).strip(MIDDLE_DOT)


def unmask(text: str, rules: list[str]) -> str:
    """The text without what hides letters."""
    return _apply(_MASK, "", text, "masked", rules)


def _apply(pattern: re.Pattern[str], replacement: str, text: str, rule: str, rules: list[str]) -> str:
    changed = pattern.sub(replacement, text)
    if changed != text and rule not in rules:
        rules.append(rule)
    return changed


def split_han(name: str) -> ChineseName:
    """Surname, given name and title of a full name; a name whose first character is no surname is a given name."""
    name, title = without_title(name)
    family, given = _split(name)
    return ChineseName(family, given, title)


def without_title(name: str, *, part: bool = False) -> tuple[str, str | None]:
    """The name and the title it carried. 王总 is a Mr Wang, 刘建工 somebody's name; a `part` carries long titles only."""
    title = None
    while len(name) > 2 and (found := _TITLE.search(name)) and found.start():
        name, title = name[: found.start()].rstrip(MIDDLE_DOT), found[0] + (title or "")
    if title or part:
        return name, title
    if (
        name[-1:] in _SHORT_TITLES
        and is_surname(name[:-1])
        and len(name) == (3 if name[:2] in COMPOUND_SURNAMES else 2)
    ):
        return name[:-1], name[-1]
    return name, None


def _split(name: str) -> tuple[str | None, str | None]:
    if MIDDLE_DOT in name:  # a transcribed or minority name: given·family
        given, _, family = name.rpartition(MIDDLE_DOT)
        return (given, family) if given in COMPOUND_SURNAMES else (family, given)
    for length in (4, 3, 2):
        if name[:length] in COMPOUND_SURNAMES:
            return name[:length], name[length:] or None
    if len(name) > 1 and name[0] in SINGLE_SURNAMES:
        return name[0], name[1:]
    return (None, name) if len(name) > 1 else (name or None, None)


def join_han(family: str | None, given: str | None, *, dotted: bool) -> str | None:
    """The full name: 王小明, but 约翰·史密斯, whose family name stands last, where the name is a transcribed one."""
    if dotted and given and family in COMPOUND_SURNAMES:  # 爱新觉罗·溥仪
        return f"{family}{MIDDLE_DOT}{given}"
    if family and given and (dotted or MIDDLE_DOT in given or (len(family) > 2 and family not in COMPOUND_SURNAMES)):
        return f"{given}{MIDDLE_DOT}{family}"
    return (family or "") + (given or "") or None


@lru_cache(maxsize=200_000)
def read_han(text: str) -> str:
    """The text in pinyin, in lower case without tones and blanks, ü written v."""
    if len(text) == 1 or (len(text) == 2 and text not in _phrases()):
        return "".join(map(_read_character, text))  # what the library does too, without its search for words
    return _read(text)


@lru_cache(maxsize=30_000)
def _read_character(character: str) -> str:
    return _read(character)


def _read(text: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(text, style=Style.NORMAL)).replace("ü", "v").replace(MIDDLE_DOT, "")


@cache
def _phrases() -> Mapping[str, object]:
    from pypinyin.constants import PHRASES_DICT

    return PHRASES_DICT


@lru_cache(maxsize=200_000)
def read_surname(text: str) -> str:
    """The surname in pinyin; many characters are read differently as surnames (单 shan, 仇 qiu, 万俟 moqi)."""
    return SURNAME_READINGS.get(text) or read_han(text)


def read_name(family: str | None, given: str | None) -> str | None:
    """'surname given' in pinyin."""
    return f"{read_surname(family) if family else ''} {read_han(given) if given else ''}".strip() or None
