"""The numbering plans of the phonenumbers library, compiled so that plainly written numbers are read at once.

Belongs here: reading a number of which only digits are left, with the library's own metadata. Does not belong here: how
people write numbers (phones). `read_plain` gives what phonenumbers gives, or None where the library itself must look.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

# In the order in which the library asks for them.
SPECIAL_TYPES = {
    "premium_rate": "premium_rate",
    "toll_free": "toll_free",
    "shared_cost": "shared_cost",
    "voip": "voip",
    "personal_number": "unknown",
    "pager": "unknown",
    "uan": "unknown",
    "voicemail": "unknown",
}
UNASSIGNED = "unassigned"
"""A number that its country's plan knows no range for: possible by its length, but nobody's."""


class Plan(NamedTuple):
    """How national numbers of one region look, as patterns over digits.

    `is_one_pattern`: fixed lines and mobiles share their numbers. `rewrites`: the plan adds an area code where the trunk
    prefix stood, which is left to the library.
    """

    country_code: str
    exit_prefix: re.Pattern[str] | None
    trunk_prefix: re.Pattern[str] | None
    national: re.Pattern[str]
    lengths: frozenset[int]
    leading: re.Pattern[str] | None
    types: tuple[tuple[str, re.Pattern[str]], ...]
    fixed_line: re.Pattern[str] | None
    mobile: re.Pattern[str] | None
    is_one_pattern: bool
    rewrites: bool

    def national_number(self, digits: str) -> str | None:
        """The digits without trunk prefix, or None when they are no number of the plan's general pattern."""
        prefix = self.trunk_prefix.match(digits) if self.trunk_prefix else None
        if prefix and len(digits) - prefix.end() in self.lengths and self.national.fullmatch(digits, prefix.end()):
            return digits[prefix.end() :]
        if len(digits) in self.lengths and self.national.fullmatch(digits):
            return digits
        return None

    def type_of(self, national: str) -> str:
        """Type of a national number without its trunk prefix."""
        if not self.national.fullmatch(national):
            return UNASSIGNED
        for kind, pattern in self.types:
            if pattern.fullmatch(national):
                return kind
        if self.fixed_line and self.fixed_line.fullmatch(national):
            both = self.is_one_pattern or (self.mobile and self.mobile.fullmatch(national))
            return "fixed_line_or_mobile" if both else "fixed_line"
        if self.mobile and not self.is_one_pattern and self.mobile.fullmatch(national):
            return "mobile"
        return UNASSIGNED


@cache
def plan_of(region: str) -> Plan | None:
    """The plan of a region (ISO 3166-1 alpha-2), None when the library has none."""
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region(region, None)
    general = metadata.general_desc if metadata else None
    if metadata is None or general is None or not general.national_number_pattern:
        return None
    return _compile(metadata, general.national_number_pattern, general.possible_length)


def _compile(metadata: PhoneMetadata, national: str, lengths: tuple[int, ...]) -> Plan:

    def pattern(name: str) -> re.Pattern[str] | None:
        described = getattr(metadata, name)
        text = described.national_number_pattern if described else None
        if not text:
            return None
        return re.compile(text)

    return Plan(
        country_code=str(metadata.country_code),
        exit_prefix=re.compile(metadata.international_prefix) if metadata.international_prefix else None,
        trunk_prefix=re.compile(metadata.national_prefix_for_parsing) if metadata.national_prefix_for_parsing else None,
        national=re.compile(national),
        lengths=frozenset(lengths),
        leading=re.compile(metadata.leading_digits) if metadata.leading_digits else None,
        types=tuple((kind, found) for name, kind in SPECIAL_TYPES.items() if (found := pattern(name))),
        fixed_line=pattern("fixed_line"),
        mobile=pattern("mobile"),
        is_one_pattern=bool(metadata.same_mobile_and_fixed_line_pattern),
        rewrites=bool(metadata.national_prefix_transform_rule),
    )


@cache
def _plans_of_country_code(country_code: str) -> tuple[Plan, ...]:
    from phonenumbers.phonenumberutil import region_codes_for_country_code

    regions = region_codes_for_country_code(int(country_code))
    return tuple(plan for region in regions if (plan := plan_of(region)))


@cache
def _country_codes() -> frozenset[str]:
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    return frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))


@cache
def _region_finder(country_code: str) -> re.Pattern[str] | None:
    """Finds by its first digits to which of the plans a number belongs; the group's name is the plan's place."""
    plans = enumerate(_plans_of_country_code(country_code))
    leading = [f"(?P<plan_{place}>{plan.leading.pattern})" for place, plan in plans if plan.leading]
    return re.compile("|".join(leading)) if leading else None


def phone_type(country_code: str, national: str) -> str | None:
    """Type of a national number in its country (several regions may share a code), None without a plan."""
    plans = _plans_of_country_code(country_code)
    if not plans:
        return None
    if len(plans) == 1:
        return plans[0].type_of(national)
    kind = plans[0].type_of(national) if plans[0].leading is None else UNASSIGNED
    if kind != UNASSIGNED:
        return kind
    finder = _region_finder(country_code)
    found = finder.match(national) if finder else None
    if found and found.lastgroup:
        return plans[int(found.lastgroup.removeprefix("plan_"))].type_of(national)
    others = (plan.type_of(national) for plan in plans[1:] if plan.leading is None)
    return next((kind for kind in others if kind != UNASSIGNED), UNASSIGNED)


def read_plain(digits: str, region: str | None, *, is_international: bool) -> tuple[str, str] | None:
    """E.164 and type of a number of digits alone, None when the library must read it.

    `is_international`: the digits begin with the country code; else they are a national number of the region.
    """
    if is_international:
        codes = _country_codes()
        code = next((digits[:length] for length in (1, 2, 3) if digits[:length] in codes), None)
        plans = _plans_of_country_code(code) if code else None
        if code is None or not plans:
            return None
        plan, digits = plans[0], digits[len(code) :]
    else:
        plan = plan_of(region) if region else None
        if plan is None or (plan.exit_prefix and plan.exit_prefix.match(digits)):
            return None
        code = plan.country_code
        if digits.startswith(code) and not plan.national.fullmatch(digits):
            return None
    national = None if plan.rewrites else plan.national_number(digits)
    # Which lengths are possible, the library asks the main region of the country code.
    if national is None or len(national) not in _plans_of_country_code(code)[0].lengths:
        return None
    kind = phone_type(code, national)
    return None if kind is None else (f"+{code}{national}", kind)
