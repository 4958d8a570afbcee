"""Names of companies: one way of writing, the name without its legal form, and the parent of a branch.

Belongs here: pure functions over one company name. Does not belong here: repairs that hold for any text (text_repair),
similarity of companies (linkage), SQL (dbt).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from dagster_project.standardize.text_repair import repair_text, to_simplified

_SEED = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "codes" / "company_legal_forms.csv"
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_BLANK_BESIDE_HAN = re.compile(r"(?<=[\u3400-\u9fff()])\s+(?=[\u3400-\u9fff()])")
_BLANK_IN_BRACKETS = re.compile(r"(?<=\()\s+|\s+(?=\))")
_BRACKETS = str.maketrans("【】[]〔〕{}〖〗", "()" * 5)
_EDGES = " ,;:、。-_*|/\\'\""
_LETTER = re.compile(r"[^\W_]")
# What people write before or behind the name: '客户:某某公司', '某某公司(已注销)'.
_LABEL = re.compile(
    r"^(?:公司名称|单位名称|客户名称|企业名称|公司|单位|客户|抬头|发票抬头|company name|company)\s*:\s*", re.I
)
_REMARK = re.compile(
    r"\s*\((?:已?注销|吊销|停用|作废|重复|勿用|测试|曾用名[^()]*|原[^()]*|do not use|duplicate|inactive|closed|test)\)$",
    re.I,
)
_TRADING_AS = re.compile(r"\s+(?:t/a|trading as|d/b/a|dba)\s+(?=\S).*$", re.I)
# Registration of Enterprise Names (企业名称登记管理规定), article 13: a branch bears its enterprise's name and says what it is.
_BRANCH_WORDS = (
    "分公司|支公司|办事处|代表处|联络处|分厂|分店|分行|支行|分理处|分部|分社|分所|分中心|营业部|经营部|门市部|项目部"
)
_BRANCH_ZH = (
    re.compile(rf"^(.+(?:公司|集团|合伙企业|\(有限合伙\)|银行|信用社|合作社))[^()]{{0,20}}?(?:{_BRANCH_WORDS})$"),
    re.compile(rf"^(.+(?:公司|集团))\([^()]*(?:{_BRANCH_WORDS})\)$"),
    re.compile(rf"^(.+(?:厂|店|社|中心|所|行))[^()]{{2,12}}?(?:{_BRANCH_WORDS})$"),
)
_BRANCH_WORD_ZH = re.compile(rf"(?:{_BRANCH_WORDS})\)?$")
_BRANCH_WORD = (
    r"(?:branch(?: office)?|representative office|niederlassung|zweigniederlassung|filiale|succursale|sucursal)"
)
_BRANCH_BEHIND = re.compile(
    rf"^(.+?)\s*(?:\([^()]*\b{_BRANCH_WORD}\b[^()]*\)|[,-]\s+[^,()]*\b{_BRANCH_WORD}\b[^,()]*)$", re.I
)
_ENDS_IN_BRANCH = re.compile(rf"\b{_BRANCH_WORD}$", re.I)
_LONGEST_NAME_OF_PLACE = 3
_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w.'-]|,? (?=\w)| & (?=\w))*[A-Za-z0-9]")
_PLAIN_WORDS = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")
_TOKEN = re.compile(r"&|[^\s,;&()]+")
_MOST_TOKENS = 6
# Forms that stand before the name as well as behind it.
_LEADING_FORMS = frozenset((
    "oy", "ab", "pt", "ооо", "оао", "зао", "пао", "ooo", "oao", "zao", "общество с ограниченной ответственностью",
    "публичное акционерное общество", "закрытое акционерное общество",
    "открытое акционерное общество",
))  # fmt: skip


class CompanyName(NamedTuple):
    """A company's name as it is shown and as it is compared, each None where unknown.

    `company_core_name` has no legal form, article or punctuation, in lower case; `company_legal_form` is a code of
    seeds/codes/company_legal_forms.csv; `is_branch` tells 分公司 and the like, whose company is `parent_company_name`;
    `rules` are the codes of what changed the name.
    """

    company_name: str | None
    company_core_name: str | None
    company_legal_form: str | None
    is_branch: bool | None
    parent_company_name: str | None
    rules: tuple[str, ...] = ()


NO_COMPANY = CompanyName(None, None, None, None, None)


@lru_cache(maxsize=100_000)
def parse_company_name(raw: str | None) -> CompanyName:
    """Bring a company's name into one shape, and take its legal form and its branch off it.

    Nothing is translated and no capital changed: what is shown stays the name that the company uses. The rules' codes
    are described in seeds/rules/correction_rules.csv.
    """
    if not raw or not raw.strip():
        return NO_COMPANY
    name, rules = _tidy(raw)
    if not name or not _LETTER.search(name):
        return NO_COMPANY._replace(rules=tuple(dict.fromkeys([*rules, "not_a_name"])))
    if _HAN.search(name):
        core, form, parent, is_branch = _read_chinese(name)
    else:
        core, form, parent, is_branch = _read_latin(name)
    return CompanyName(name, core, form, is_branch, parent, tuple(dict.fromkeys(rules)))


def _tidy(raw: str) -> tuple[str, list[str]]:
    if raw.isascii() and _PLAIN.fullmatch(raw) and not _TRADING_AS.search(raw):
        return raw, []
    text, rules, before = raw, [], None
    while text != before:
        before = text
        text, applied = repair_text(text)
        rules.extend(applied)
        for rule, tidy in _TIDIERS:
            changed = tidy(text)
            if changed != text:
                text = changed
                if rule:
                    rules.append(rule)
    return text, rules


def _unify_brackets(text: str) -> str:
    return text.translate(_BRACKETS)


def _tighten(text: str) -> str:
    """No blanks between 汉字 nor inside brackets, one before a bracket in Latin letters."""
    if _HAN.search(text):
        text = _BLANK_BESIDE_HAN.sub("", text)
    if "(" in text:
        text = _BLANK_IN_BRACKETS.sub("", text)
    if "(" in text and not _HAN.search(text):
        text = re.sub(r"(?<=[^\s(])\((?=[^()]*\))", " (", text)
    return text


def _strip(text: str) -> str:
    """The name without quotes and punctuation around it; the dot of 'Ltd.' stays."""
    text = text.strip(_EDGES)
    return text.rstrip(". ") if text.endswith("..") or _HAN.match(text[-2:-1]) else text


def _simplify(text: str) -> str:
    """Chinese names in simplified characters; kana tell that a name is Japanese."""
    return to_simplified(text) if _HAN.search(text) and not _KANA.search(text) else text


_TIDIERS = (
    ("brackets_unified", _unify_brackets),
    (None, _tighten),
    ("punctuation_removed", _strip),
    ("label_removed", lambda text: _LABEL.sub("", text) if ":" in text else text),
    ("remark_removed", lambda text: _REMARK.sub("", text) if text.endswith(")") else text),
    ("trading_name_removed", lambda text: _TRADING_AS.sub("", text)),
    ("traditional_to_simplified", _simplify),
)


# --- Chinese -------------------------------------------------------------------------------------------------------


def _read_chinese(name: str) -> tuple[str | None, str | None, str | None, bool]:
    parent = next((found[1] for pattern in _BRANCH_ZH if (found := pattern.match(name))), None)
    is_branch = parent is not None or _BRANCH_WORD_ZH.search(name) is not None
    if is_branch and not parent:  # '北京分公司': nothing tells whose
        return _core(name), None, None, True
    head, form = _without_form_zh(parent or name)
    core = _core(head + name[len(parent) :] if parent else head)
    return core or _core(name), form, parent, is_branch


def _without_form_zh(name: str) -> tuple[str, str | None]:
    form, pattern = None, _forms_zh()
    while (found := pattern.search(name)) and len(name) > len(found[0]):
        name = name[: found.start()] + name[found.end() :]
        form = form or _forms()[found[0].strip("() ").lower()]
    return name, form


@cache
def _forms_zh() -> re.Pattern[str]:
    spellings = "|".join(sorted(filter(_HAN.search, _forms()), key=len, reverse=True))
    return re.compile(
        rf"\s*(?:\((?:{spellings})\)|(?:{spellings}))$|^(?:株式会社|有限会社|合同会社|\((?:株|有|合)\))\s*"
    )


# --- Latin letters -------------------------------------------------------------------------------------------------


def _read_latin(name: str) -> tuple[str | None, str | None, str | None, bool]:
    parent = found[1].rstrip(" ,-") if (found := _BRANCH_BEHIND.match(name)) else None
    if not parent and _ENDS_IN_BRANCH.search(name):
        parent = _up_to_form(name)
    of = parent or name
    start, end, form = _span_without_form(of)
    core = _core(of[start:end] + (name[len(of) :] if parent else ""))
    return core or _core(name), form, parent, parent is not None


def _span_without_form(name: str) -> tuple[int, int, str | None]:
    """Where the name without its legal forms begins and ends, and the code of the form; at least one word remains."""
    tokens = list(_TOKEN.finditer(name))
    keys = [_key(token[0]) for token in tokens]
    first, last, form = 0, len(tokens), None
    while taken := _form_at_end(keys[first:last]):
        form = form or _forms()[" ".join(keys[last - taken : last])]
        last -= taken
    while taken := _form_at_start(keys[first:last]):
        form = form or _forms().get(" ".join(keys[first : first + taken]))
        first += taken
    if last - first > 1 and keys[first] == "the":
        first += 1
    while last - first > 1 and keys[last - 1] == "&":
        last -= 1
    return (tokens[first].start(), tokens[last - 1].end(), form) if tokens else (0, len(name), None)


def _form_at_end(keys: list[str]) -> int:
    """How many words at the end are a legal form; 0 when none is, or nothing else would remain."""
    for count in range(min(_MOST_TOKENS, len(keys) - 1), 0, -1):
        if keys[-1] in _last_words() and " ".join(keys[-count:]) in _forms():
            return count
    return 0


def _form_at_start(keys: list[str]) -> int:
    """How many words at the start are a legal form; 0 when none is, or nothing else would remain."""
    return next((n for n in range(min(4, len(keys) - 1), 0, -1) if " ".join(keys[:n]) in _LEADING_FORMS), 0)


def _key(word: str) -> str:
    return word.lower().replace(".", "").strip("'-")


def _up_to_form(name: str) -> str | None:
    """'Deutsche Bank AG' of 'Deutsche Bank AG London Branch': without a legal form the parent's name has no certain end."""
    tokens = list(_TOKEN.finditer(name))
    keys = [_key(token[0]) for token in tokens]
    for last in range(len(tokens) - 1, max(1, len(tokens) - 3 - _LONGEST_NAME_OF_PLACE), -1):
        if _form_at_end(keys[:last]):
            return name[: tokens[last - 1].end()]
    return None


# --- Both ----------------------------------------------------------------------------------------------------------


def _core(text: str) -> str | None:
    """Letters and digits in lower case; '&' reads 'and', and what punctuation parts stays parted in Latin letters."""
    text = text.lower()
    if text.isalnum() or _PLAIN_WORDS.fullmatch(text):
        return text
    if not text.isascii() and _HAN.search(text):
        return "".join(c for c in text if c.isalnum() or unicodedata.category(c)[0] == "M") or None
    text = text.replace("'", "").replace("&", " and ").replace("+", " and ")
    if "." in text:
        text = re.sub(r"(?<=\b\w)\.(?=\w\b|\s|$)", "", text)  # A.B.C. -> abc
    words = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in text).split()
    return " ".join(words) or None


@cache
def _forms() -> dict[str, str]:
    with _SEED.open(encoding="utf-8", newline="") as file:
        return {row["spelling"]: row["legal_form"] for row in csv.DictReader(file)}


@cache
def _last_words() -> frozenset[str]:
    return frozenset(spelling.split()[-1] for spelling in _forms())
