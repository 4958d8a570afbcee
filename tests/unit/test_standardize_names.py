"""Names of persons and of companies: the table of cases, and what holds for any text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nicknames import NickNamer

from dagster_project.standardize import romanization
from dagster_project.standardize.chinese_names import read_surname
from dagster_project.standardize.chinese_surnames import (
    CANTONESE_SURNAMES,
    COMMON_COMPOUND_SURNAMES,
    COMMON_SURNAMES,
    COMPOUND_SURNAMES,
    SINGLE_SURNAMES,
    WADE_GILES_SURNAMES,
)
from dagster_project.standardize.companies import CompanyName, parse_company_name
from dagster_project.standardize.names import PersonName, parse_person_name
from dagster_project.standardize.text_repair import repair_text

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "standardization" / "cases"
SEEDS = ROOT / "dbt_project" / "seeds"


def cases(attribute: str) -> list[dict]:
    return yaml.safe_load((CASES / f"{attribute}.yaml").read_text(encoding="utf-8"))


def check(case: dict, result: PersonName | CompanyName) -> None:
    """A case holds, or it is on record as one that does not: the list of what is not handled stays true."""
    reached = {column: getattr(result, column) for column in case["expected"]}
    if "not_handled" in case:
        assert reached != case["expected"], "handled by now: take not_handled off"
    else:
        assert reached == case["expected"]


@pytest.mark.parametrize("case", cases("names"), ids=lambda case: str(case["given"]))
def test_names_of_persons(case: dict) -> None:
    cells = case["given"]
    check(case, parse_person_name(cells.get("full_name"), cells.get("given_name"), cells.get("family_name")))


@pytest.mark.parametrize("case", cases("companies"), ids=lambda case: str(case["given"]))
def test_names_of_companies(case: dict) -> None:
    check(case, parse_company_name(case["given"]["company_name"]))


def test_most_cases_are_chinese() -> None:
    for attribute in ("names", "companies"):
        given_texts = ["".join(map(str, case["given"].values())) for case in cases(attribute)]
        assert sum(any("\u3400" <= c <= "\u9fff" for c in text) for text in given_texts) >= len(given_texts) / 2


# --- For any text ----------------------------------------------------------------------------------------------------

_NAME_PIECES = (
    "王 小明 欧阳 歐陽 先生 Dr Mr. van der O'Brien SMITH John Wang Xiaoming xiao · , ( ) \" ' . - 1 * 某 Jr. III PhD é & y née J. "
    "McDonald macdonald 约翰 史密斯 / 、 Hsiao-ming 李 David 总 ß Lǚ 女士 [ 王* ４"
).split()
_COMPANY_PIECES = (
    "上海 某某 有限公司 分公司 北京 (集团) 股份有限公司 Ltd Co., & GmbH Branch ( ) . , - : 客户: t/a (已注销) 【 】 株式会社 oy The"
    " Ａ é &amp; 1 * 有限合伙 行 厂 支行 AG London"
).split()


def texts(pieces: Sequence[str]) -> st.SearchStrategy[str]:
    piece = st.one_of(st.text(max_size=4), st.sampled_from(pieces), st.just(" "))
    return st.one_of(st.lists(piece, max_size=6).map("".join), st.lists(piece, max_size=5).map(" ".join))


_ANY = settings(max_examples=1500, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
_cell = st.none() | texts(_NAME_PIECES)


@_ANY
@given(_cell, _cell, _cell)
def test_a_standard_name_stays_as_it_is(full: str | None, given_name: str | None, family: str | None) -> None:
    name = parse_person_name(full, given_name, family)
    again = parse_person_name(*name[:3])
    assert again[:4] == name[:4]
    assert again.formal_given_name == name.formal_given_name
    assert again.rules == ()
    delivered = (full or "") + (given_name or "") + (family or "")
    assert name.full_name or name.rules or not delivered.strip(), "a name went without a trace"


@_ANY
@given(texts(_COMPANY_PIECES))
def test_a_standard_company_name_stays_as_it_is(raw: str) -> None:
    name = parse_company_name(raw)
    again = parse_company_name(name.company_name)
    assert again[:5] == name[:5] or name.company_name is None
    assert again.rules == ()
    assert name.company_name or name.rules or not raw.strip(), "a name went without a trace"


@_ANY
@given(st.text())
def test_repaired_text_is_whole(raw: str) -> None:
    text, _ = repair_text(raw)
    assert repair_text(text) == (text, [])
    assert text == " ".join(text.split())


# --- Rules and reference data ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "rules"),
    [
        (("王小明", None, None), ()),
        (("歐陽娜娜　", None, None), ("traditional_to_simplified",)),
        (
            ("Ｄr. JosÃ© GarcÃ\u00ada, PhD", None, None),
            ("mojibake", "full_width", "title_separated", "suffix_separated"),
        ),
        ((None, "王", "小明"), ("parts_swapped",)),
        (("SMITH, JOHN", None, None), ("inverted_order",)),
        (("-", None, None), ("not_a_name",)),
        (("  ", None, None), ()),
    ],
)
def test_what_changed_a_name_is_on_record(cells: tuple[str | None, ...], rules: tuple[str, ...]) -> None:
    assert parse_person_name(*cells).rules == rules


def test_every_rule_is_described() -> None:
    with (SEEDS / "rules" / "correction_rules.csv").open(encoding="utf-8", newline="") as file:
        attributes = {row["rule"]: row["attributes"].split(";") for row in csv.DictReader(file)}
    applied = set()
    for case in cases("names"):
        columns = case["given"]
        name = parse_person_name(columns.get("full_name"), columns.get("given_name"), columns.get("family_name"))
        applied |= {("family_name", rule) for rule in name.rules}
    for case in cases("companies"):
        applied |= {("company_name", rule) for rule in parse_company_name(case["given"]["company_name"]).rules}
    assert not [(name, rule) for name, rule in applied if not {"any", name} & set(attributes.get(rule, []))]


def test_nicknames_are_those_of_the_library() -> None:
    namer = NickNamer()
    with (SEEDS / "codes" / "given_name_nicknames.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["formal_name"].lower() in namer.canonicals_of(row["nickname"])


def test_legal_forms_with_codes_are_legal_forms() -> None:
    with (SEEDS / "codes" / "company_legal_forms.csv").open(encoding="utf-8", newline="") as file:
        forms = {row["legal_form"] for row in csv.DictReader(file)}
    with (SEEDS / "codes" / "company_legal_form_elf_codes.csv").open(encoding="utf-8", newline="") as file:
        assert {row["legal_form"] for row in csv.DictReader(file)} <= forms


def test_lists_of_surnames_agree() -> None:
    assert set(COMMON_SURNAMES) <= SINGLE_SURNAMES
    assert COMMON_COMPOUND_SURNAMES <= COMPOUND_SURNAMES
    readings = {read_surname(name) for name in SINGLE_SURNAMES | COMPOUND_SURNAMES}
    assert set(WADE_GILES_SURNAMES.values()) <= readings
    assert not CANTONESE_SURNAMES & readings


@pytest.mark.parametrize(
    ("wade_giles", "pinyin"),
    [
        ("ch'ien", "qian"), ("chiang", "jiang"), ("hsü", "xu"), ("hsiung", "xiong"), ("jung", "rong"), ("k'uei", "kui"),
        ("kuo", "guo"), ("lüeh", "lve"), ("shih", "shi"), ("ssu", "si"), ("ts'ao", "cao"), ("tzu", "zi"), ("yüan", "yuan"),
        ("erh", "er"), ("i", "yi"), ("yen", "yan"), ("yeh", "ye"), ("chüan", "juan"), ("ko", "ge"), ("to", "duo"),
    ],
)  # fmt: skip
def test_wade_giles(wade_giles: str, pinyin: str) -> None:
    """Syllables of the conversion table of the Library of Congress."""
    assert romanization.wade_giles_syllables()[wade_giles] == pinyin
