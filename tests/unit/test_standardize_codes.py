"""The code lists, looked up as the models join them: by the cleaned value in lower case."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from pathlib import Path

import pytest
import yaml

from dagster_project.standardize.address_text import SEEDS

CASES = Path(__file__).resolve().parents[1] / "standardization" / "cases" / "codes.yaml"


@cache
def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def listed(name: str, *keys: str) -> dict[tuple[str, ...], dict[str, str]]:
    return {tuple(row[key] for key in keys): row for row in seed(name)}


def clean(value: str) -> str:
    """As the macro clean_text: full-width signs as half-width ones, single blanks."""
    half = "".join(unicodedata.normalize("NFKC", sign) if "！" <= sign <= "～" else sign for sign in value)
    return " ".join(half.split()).lower()


def look_up(given: dict[str, str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for column, value in given.items():
        text = clean(value)
        if column == "country":
            found[column] = listed("country_names", "country_name").get((text,), {}).get("country_code")
        elif column == "currency":
            codes = listed("currency_codes", "currency_name", "country_code")
            row = codes.get((text, given.get("country", ""))) or codes.get((text, "")) or {}
            found[column] = row.get("currency_code")
        elif column == "industry_code":
            code = listed("industry_names", "industry_name").get((text,), {}).get("industry_code")
            found["industry_gbt_4754"] = code
            found["industry_naics"] = listed("gbt_4754_industries", "code").get((code or "",), {}).get("naics_2022")
        else:
            found[column] = (
                listed("code_values", "code_list", "source_value").get((column, text), {}).get("standard_value")
            )
    return found


def cases() -> list[dict]:
    return yaml.safe_load(CASES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", cases(), ids=lambda case: " ".join(map(str, case["given"].values())))
def test_published_cases(case: dict) -> None:
    given = {column: str(value).lower() if value is True else str(value) for column, value in case["given"].items()}
    found = look_up(given)
    reached = {column: found[column] for column in case["expected"]}
    if "not_handled" in case:
        assert reached != case["expected"], "handled now: take the mark off"
    else:
        assert reached == case["expected"]


def test_half_of_the_cases_are_chinese() -> None:
    chinese = [case for case in cases() if re.search("[一-龥]|CN|zh|GB/T", str(case["given"]) + case["source"])]
    assert 2 * len(chinese) >= len(cases()) >= 60


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("country_names", ("country_name",)),
        ("currency_codes", ("currency_name", "country_code")),
        ("code_values", ("code_list", "source_value")),
        ("industry_names", ("industry_name",)),
        ("gbt_4754_industries", ("code",)),
        ("chinese_divisions", ("code", "name")),
    ],
)
def test_lists_are_in_lower_case_and_unique(name: str, keys: tuple[str, ...]) -> None:
    assert len(listed(name, *keys)) == len(seed(name))
    if name not in ("gbt_4754_industries", "chinese_divisions"):
        assert [row[keys[-1] if name == "code_values" else keys[0]] for row in seed(name)] == [
            row[keys[-1] if name == "code_values" else keys[0]].lower() for row in seed(name)
        ]


def test_industries_are_the_sections_and_divisions_of_the_standard() -> None:
    codes = [row["code"] for row in seed("gbt_4754_industries")]
    assert codes[:20] == list("ABCDEFGHIJKLMNOPQRST")
    assert [code[1:] for code in codes[20:]] == [f"{number:02d}" for number in range(1, 98)]
    assert all(row["code"][0] == row["section"] for row in seed("gbt_4754_industries"))
    assert {row["industry_code"] for row in seed("industry_names")} <= set(codes)


def test_currencies_are_codes_of_the_standard() -> None:
    assert all(re.fullmatch("[A-Z]{3}", row["currency_code"]) for row in seed("currency_codes"))
    assert {row["standard_value"] for row in seed("code_values") if row["code_list"] == "boolean"} == {"true", "false"}
    assert {row["standard_value"] for row in seed("code_values") if row["code_list"] == "gender"} == {"female", "male"}
    assert all(
        re.fullmatch("[a-z]{2}", row["standard_value"]) for row in seed("code_values") if row["code_list"] == "language"
    )
