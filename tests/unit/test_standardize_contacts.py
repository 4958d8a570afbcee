"""Phones, emails and identifiers: the published cases, and what holds for any text."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import phonenumbers
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType, ValidationResult
from stdnum.cn import ric, uscc

from dagster_project.standardize.emails import parse_email
from dagster_project.standardize.identifiers import (
    hong_kong_check_digit,
    parse_company_id,
    parse_national_id,
    resident_check_digit,
    uscc_check_digit,
)
from dagster_project.standardize.phone_plans import UNASSIGNED, read_plain
from dagster_project.standardize.phones import parse_phone

CASES = Path(__file__).resolve().parents[1] / "standardization" / "cases"
AREAS = ("phones", "emails", "identifiers")


def cases() -> list[dict]:
    return [case for area in AREAS for case in yaml.safe_load((CASES / f"{area}.yaml").read_text(encoding="utf-8"))]


def standardize(delivered: dict[str, str]) -> dict[str, object]:
    country = delivered.get("country")
    if "phone" in delivered:
        phone = parse_phone(delivered["phone"], country)
        return phone._asdict() | {"phone_alt": phone.second_phone, "is_phone_virtual": phone.is_virtual}
    if "email" in delivered:
        return parse_email(delivered["email"])._asdict()
    if "national_id" in delivered:
        return parse_national_id(delivered["national_id"], country)._asdict()
    return parse_company_id(delivered["company_id"], country)._asdict()


@pytest.mark.parametrize("case", cases(), ids=lambda case: str(next(iter(case["given"].values()))))
def test_published_cases(case: dict) -> None:
    result = standardize(case["given"])
    reached = {column: result[column] for column in case["expected"]} == case["expected"]
    assert reached != ("not_handled" in case), result


# --- Rules that say what happened ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "region", "rules"),
    [
        ("+8613812345678", "CN", ()),
        ("+86-138 1234-5678", "CN", ("separators_removed",)),
        ("13812345678", "CN", ("country_code_added",)),
        ("0086 13812345678", "CN", ("international_prefix",)),
        ("8613812345678", "CN", ("plus_added",)),
        ("１３８１２３４５６７８", "CN", ("full_width", "country_code_added")),
        ("13812345678.0", "CN", ("excel_decimal", "country_code_added")),
        ("1.38E+10", "CN", ("excel_exponent",)),
        ("138O1234567", "CN", ("letters_read_as_digits", "country_code_added")),
        ("138****1234", "CN", ("masked",)),
        ("62781234", "CN", ("area_code_missing",)),
        ("2125550123", None, ("region_unknown",)),
        ("13812345678/13912345678", "CN", ("several_phones", "country_code_added")),
        ("010-62781234转801", "CN", ("extension_split", "country_code_added")),
        ("236618300", "IT", ("country_code_added", "leading_zero_restored")),
        ("call me", "GB", ("invalid_phone",)),
        ("", "GB", ()),
    ],
)
def test_rules_of_phones(raw: str, region: str | None, rules: tuple[str, ...]) -> None:
    assert parse_phone(raw, region).rules == rules


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        ("John.Smith@GMAIL.com ", ()),
        ("user@gmil.con", ("typo_domain",)),
        ("zhangsan＠qq。com", ("full_width",)),
        ("a@example.com; c@example.org", ("several_emails",)),
        ("mailto:john@example.com", ("label_removed",)),
        ("john[at]example[dot]com", ("at_sign_written_out", "dot_written_out")),
        ("john@example.com.", ("punctuation_removed",)),
        ("none", ("invalid_email",)),
        (" ", ()),
    ],
)
def test_rules_of_emails(raw: str, rules: tuple[str, ...]) -> None:
    assert parse_email(raw).rules == rules


@pytest.mark.parametrize(
    ("raw", "rules"),
    [
        ("11010519491231002x", ()),
        ("110105-19491231-002X", ("separators_removed",)),
        ("610104620927690", ("old_number_converted",)),
        ("110105194912310000", ("excel_precision_lost",)),
        ("1.10105E+17", ("excel_exponent",)),
        ("1101O519491231002X", ("misread_letter",)),
        ("护照", ("invalid_identifier",)),
    ],
)
def test_rules_of_identifiers(raw: str, rules: tuple[str, ...]) -> None:
    assert parse_national_id(raw, "CN").rules == rules


def test_every_rule_is_described() -> None:
    """The rules met in the cases stand in the seed that explains them to readers."""
    seed = (CASES.parents[2] / "dbt_project/seeds/rules/correction_rules.csv").read_text(encoding="utf-8")
    described = {line.split(",")[0] for line in seed.splitlines()[1:]}
    used = {rule for case in cases() for rule in standardize(case["given"])["rules"]}  # pyright: ignore[reportGeneralTypeIssues]
    assert used and used <= described


# --- Numbers of the standards, against the libraries -------------------------------------------------------------------


@given(st.text("0123456789", min_size=17, max_size=17))
def test_resident_check_digit_is_that_of_stdnum(first_17: str) -> None:
    assert resident_check_digit(first_17) == ric.calc_check_digit(first_17 + "0")


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_uscc_check_digit_is_that_of_stdnum(first_17: str) -> None:
    assert uscc_check_digit(first_17) == uscc.calc_check_digit(first_17)


def test_hong_kong_check_digits() -> None:
    # The test of hutool, and specimens with the digit A and with two letters.
    assert [hong_kong_check_digit(number) for number in ("P174468", "G123456", "AB987654")] == ["6", "A", "3"]


TYPES = {
    PhoneNumberType.FIXED_LINE: "fixed_line",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_line_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium_rate",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.UNKNOWN: UNASSIGNED,
}


def by_library(digits: str, region: str) -> tuple[str, str] | None:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    kind = TYPES.get(phonenumbers.number_type(number), "unknown")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), kind


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_compiled_plans_read_as_the_library(region: str) -> None:
    metadata = PhoneMetadata.metadata_for_region(region, None)
    assert metadata is not None
    chance = random.Random(region)
    types = (kind for kind in TYPES if kind != PhoneNumberType.UNKNOWN)
    examples = [number for kind in types if (number := phonenumbers.example_number_for_type(region, kind))]
    read = 0
    for example in examples * 6:
        digits = phonenumbers.national_significant_number(example)
        keep = chance.randint(2, len(digits))
        digits = digits[:keep] + "".join(
            chance.choices("0123456789", k=len(digits) - keep + chance.choice((-1, 0, 0, 1)))
        )
        code = str(metadata.country_code)
        for written, is_international in (
            (digits, False),
            ((metadata.national_prefix or "") + digits, False),
            (code + digits, False),
            (code + digits, True),
        ):
            found = read_plain(written, region, is_international=is_international)
            if found is not None:
                read += 1
                assert found == by_library("+" * is_international + written, region), (written, is_international)
    assert read or metadata.national_prefix_transform_rule


# --- Any text ----------------------------------------------------------------------------------------------------------

REGIONS = st.sampled_from([None, "CN", "GB", "US", "DE", "IT", "FR", "HK", "AR", "xx", ""])
COUNTRIES = st.sampled_from([None, "CN", "HK", "TW", "MO", "GB", "US", "ES", "DE", "SE", "FR", "CH", "GR", "NO", "ZZ"])
PHONE_LIKE = st.text("0123456789+-() ./xX转,;#*OlE１８或", max_size=30)
EMAIL_LIKE = st.text("abgmilqo163.@ +-_,;<>＠。[]()#客", max_size=30) | st.builds(
    "{}@{}".format,
    st.text("ab.+_-", min_size=1, max_size=8),
    st.sampled_from(["gmail.com", "gmial.com", "qq.con", "a.b"]),
)
ID_LIKE = st.text("0123456789XxAHMEOI-.() E+*Ａ０", max_size=22)


def check_any(parse: Callable[..., tuple], raw: str, *context: str | None) -> None:
    first = parse(raw, *context)
    if first[0] is None:
        assert first.rules or not raw.strip(), "a value that is dropped says why"  # pyright: ignore[reportAttributeAccessIssue]
        return
    assert parse(first[0], *context)[0] == first[0], "a standardized value stays as it is"
    if "".join(raw.split()).lower() != "".join(first[0].split()).lower():
        assert first.rules, "a value that is changed says why"  # pyright: ignore[reportAttributeAccessIssue]


@settings(max_examples=600)
@given(st.text() | PHONE_LIKE, REGIONS)
def test_any_phone(raw: str, region: str | None) -> None:
    check_any(parse_phone, raw, region)


@settings(max_examples=600)
@given(st.text() | EMAIL_LIKE)
def test_any_email(raw: str) -> None:
    check_any(parse_email, raw)


@settings(max_examples=600)
@given(st.text() | ID_LIKE, COUNTRIES)
def test_any_national_id(raw: str, country: str | None) -> None:
    check_any(parse_national_id, raw, country)


@settings(max_examples=600)
@given(st.text() | ID_LIKE, COUNTRIES)
def test_any_company_id(raw: str, country: str | None) -> None:
    check_any(parse_company_id, raw, country)
