"""Writing of addresses that both scripts share: widths, signs, capitals.

Belongs here: pure rules over one cell of an address. Does not belong here: what a part of an address means.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codes"
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")
# Kana and hangul: what has them is no Chinese address, though it may have characters too.
OTHER_EAST_ASIAN = re.compile(r"[\u3041-\u30ff\uac00-\ud7a3]")
FULL_WIDTH = re.compile(r"[\uff01-\uff5e\u3000]")
LINE_BREAKS = re.compile(r"\s*[\r\n\v\f\u2028\u2029]+\s*")
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
OUTER_SIGNS = " \t,;:|/\\，；、。·"


# Most cells need no cleaning, and a look at all of an address at once is cheaper than the cleaning.
_CLEAN = r"[0-9A-Za-z\u4e00-\u9fa5](?:[!-~\u4e00-\u9fa5 ]*[0-9A-Za-z.)'\u4e00-\u9fa5])?"
CLEAN_CELLS = re.compile(rf"{_CLEAN}(?:\n{_CLEAN})*")


def are_clean(cells: str) -> bool:
    """Whether the cells of an address, one a line, are plain text that clean_cell would leave alone."""
    return bool(CLEAN_CELLS.fullmatch(cells)) and "  " not in cells


def clean_cell(text: str) -> tuple[str | None, tuple[str, ...]]:
    """One cell in one width, with single blanks and without signs around it, and the rules that did more than that."""
    rules: list[str] = []
    broken = LINE_BREAKS.sub(", ", text.strip()) if not text.isprintable() else text
    if not broken.isascii():
        if FULL_WIDTH.search(broken):
            rules.append("full_width")
        broken = unicodedata.normalize("NFKC", broken)
    if not broken.isprintable():
        broken = UNSEEN.sub(" ", broken)
    cleaned = " ".join(broken.split())
    stripped = cleaned.strip(OUTER_SIGNS)
    if stripped != cleaned:
        rules.append("outer_signs")
    return stripped or None, tuple(rules)


def proper_case(text: str | None) -> str | None:
    """A text written all in capitals or all in small letters, with capital initials; mixed case stays."""
    if not text:
        return text
    upper, lower = text.upper(), text.lower()
    if upper == lower or text not in (upper, lower):
        return text
    text = " ".join(_capital_initial(word) for word in lower.split(" "))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _capital_initial(word: str) -> str:
    initial = word[:1].upper()
    return initial + word[1:] if len(initial) == 1 else word  # ß has no single capital


@cache
def _simplifier() -> Callable[[str], str]:
    from opencc import OpenCC

    return OpenCC("t2s").convert


@cache
def _traditional() -> re.Pattern[str]:
    """Characters that simplifying changes, without those of today's official place names (乾县, 於)."""
    from dagster_project.standardize.chinese_divisions import characters_of_names

    han = [chr(code) for code in range(0x4E00, 0x9FA6)]
    simple = _simplifier()("\n".join(han)).split("\n")
    kept = characters_of_names()
    changed = [old for old, new in zip(han, simple, strict=True) if old != new and old not in kept]
    return re.compile(f"[{''.join(changed)}]")


def has_traditional(text: str) -> bool:
    """Whether simplifying would change the text."""
    return _traditional().search(text) is not None


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; text without any comes back as it is."""
    return _simplifier()(text) if has_traditional(text) else text
