"""Repair of text that was damaged on its way: wrong encodings, HTML, full-width letters, traditional characters.

Belongs here: pure functions over one text that hold for names of persons and of companies alike, with the codes of the
rules they applied. Does not belong here: what is particular to one attribute (names, companies).
"""

from __future__ import annotations

import html
import re
import unicodedata
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

# UTF-8 read as Windows-1252 or Latin-1: every letter beyond ASCII stands as two or three of these.
_UTF8_AS_LATIN = re.compile(
    "[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]{2,}"
)
# GB 2312's characters of the first level, read as Latin-1: pairs of letters with accents, and no plain letter beside.
_GBK_AS_LATIN = re.compile("(?:[\u00b0-\u00d7][\u00a1-\u00fe]){2,}")
_PURE_HAN = re.compile(r"[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PUNCTUATION = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "“": '"', "”": '"', "‐": "-", "‑": "-"}
    | dict.fromkeys("–—−", "-")
)
# Table of General Standard Chinese Characters (通用规范汉字表, 2013), annex 1: these keep their form in names of persons,
# where a converter of running text would simplify them (OpenCC issue 602: 徐乾學 must not become 徐干学).
_KEPT_IN_NAMES = "乾昇陞甯甦祕汎徵旂絜"
_KEPT = re.compile(f"([{_KEPT_IN_NAMES}])")


def repair_text(raw: str) -> tuple[str, list[str]]:
    """The text as it was meant, blanks made single, and the codes of the rules that changed it beyond blanks.

    Repairs are repeated until none applies, because exports damage a text more than once.
    """
    if raw.isascii() and "&" not in raw and raw.isprintable() and "`" not in raw:
        return (" ".join(raw.split()), []) if "  " in raw or raw[:1] == " " or raw[-1:] == " " else (raw, [])
    if _PURE_HAN.fullmatch(raw) and _undo_mojibake(raw) == raw:
        return raw, []
    rules: list[str] = []
    text, before = raw, None
    while text != before:
        before = text
        for rule, repair in _REPAIRS:
            repaired = repair(text)
            if repaired != text:
                if rule not in rules and repaired.split() != text.split():
                    rules.append(rule)
                text = repaired
    return " ".join(text.split()), rules


def to_simplified(text: str, *, person: bool = False) -> str:
    """Traditional characters as simplified ones; in names of persons the characters that names keep are left alone."""
    if not person or not _KEPT.search(text):
        return _converter().convert(text)
    pieces = _KEPT.split(text)
    return "".join(piece if piece in _KEPT_IN_NAMES else _converter().convert(piece) for piece in pieces)


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


def _undo_mojibake(text: str) -> str:
    """Text read in a wrong encoding, read again in the right one where that is certain; else unchanged.

    UTF-8 is so strict that letters which decode are UTF-8. GBK is not: what it yields has to be 汉字 of the first
    level and nothing else.
    """
    if text.isascii():
        return text
    text = _UTF8_AS_LATIN.sub(_utf8_characters, text)
    if _GBK_AS_LATIN.search(text):
        with suppress(UnicodeError):
            return _GBK_AS_LATIN.sub(_gbk_characters, text)
    if _HAN.match(text):
        try:
            read = text.encode("gbk").decode("utf-8")
            read.encode("gb2312")
        except UnicodeError:
            return text
        return read if _HAN.match(read) else text
    return text


def _utf8_characters(run: re.Match[str]) -> str:
    try:
        return b"".join(map(_western_byte, run[0])).decode("utf-8")
    except UnicodeError:
        return run[0]


def _gbk_characters(run: re.Match[str]) -> str:
    return run[0] if run[0].istitle() else run[0].encode("latin-1").decode("gb2312")


def _western_byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _without_invisible(text: str) -> str:
    """Zero-width and unassigned characters vanish, other control characters become blanks."""
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Cf", "Cn", "Cs", "Co"):
        return ""
    return " " if category in ("Cc", "Zl", "Zp") else character


def _normalise(text: str) -> str:
    return text if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text)


# Spacing accents typed for apostrophes have to go before NFKC, which takes them apart.
_REPAIRS = (
    ("mojibake", _undo_mojibake),
    ("html_entities", lambda text: html.unescape(text) if "&" in text else text),
    ("punctuation_unified", lambda text: text.translate(_PUNCTUATION)),
    ("full_width", _normalise),
    ("invisible_characters", _without_invisible),
)
