"""Which pairs are looked at: blocking rules declared as data, strict and weak.

Belongs here: the rules and the choice of their smallest blocks up to a budget of pairs. Does not belong here: how
alike two records are (``comparisons``).

Every rule is a list of SQL expressions over the columns declared in ``comparisons``; records agreeing on all of them
form a block. A rule that uses only its smallest blocks costs a bounded number of pairs however skewed the data is,
so many weak rules can be afforded, and a record missed by one is found by another.
"""

from __future__ import annotations

from dataclasses import dataclass

# Pairs a single rule may propose per record, and the least it may propose on small data.
PAIRS_PER_RECORD = 1.0
LEAST_PAIRS = 100_000


@dataclass(frozen=True)
class BlockingRule:
    """Records form a block when they agree on every expression in ``keys`` (NULL agrees with nothing)."""

    name: str
    keys: tuple[str, ...]


def _rule(name: str, *keys: str) -> BlockingRule:
    return BlockingRule(name, keys)


_ADDRESS_LINE = "street_text || '/' || house"
_NAME_SET = "least(given_sound, family_sound) || ' ' || greatest(given_sound, family_sound)"
_MONTH_DAY = "substr(birth_text, 5)"
_PLACE = "coalesce(postcode_text, city_text)"

PERSON_RULES = (
    _rule("national id", "national_id_text"),
    _rule("external id", "external_id_text"),
    _rule("email", "email_text"),
    _rule("phone", "phone_main"),
    _rule("other phone", "phone_other"),
    _rule("name and birth date", "given_sound", "family_sound", "birth_text"),
    _rule("surname and birth date", "family_sound", "birth_text"),
    _rule("given name and birth date", "given_sound", "birth_text"),
    _rule("swapped names", _NAME_SET),
    _rule("nickname and surname", "given_roots[1]", "family_sound"),
    _rule("name and postcode", "given_sound", "family_sound", "postcode_text"),
    _rule("name and city", "given_sound", "family_sound", "city_text"),
    _rule("birth date and postcode", "birth_text", "postcode_text"),
    _rule("birth date and city", "birth_text", "city_text"),
    _rule("birth date", "birth_text"),
    _rule("birth date and initials", "birth_text", "left(given_sound, 1)", "left(family_sound, 1)"),
    _rule("address line", _ADDRESS_LINE),
    _rule("address line and given name", _ADDRESS_LINE, "left(given_sound, 2)"),
    _rule("street and surname", "street_text", "family_sound"),
    _rule("street and given name", "street_text", "given_sound"),
    _rule("surname and postcode", "family_sound", "postcode_text", "left(given_sound, 1)"),
    _rule("given name and postcode", "given_sound", "postcode_text", "left(family_sound, 2)"),
    _rule("city, initial and surname start", "city_text", "left(given_sound, 1)", "left(family_sound, 4)"),
    _rule("surname start and birth year", "left(family_sound, 3)", "left(given_sound, 3)", "birth_year"),
    _rule("surname and month and day", "left(family_sound, 4)", _MONTH_DAY),
    _rule("given name and month and day", "left(given_sound, 4)", _MONTH_DAY),
    _rule("given name and birth month", "given_sound", "left(birth_text, 6)"),
    _rule("surname and birth month", "family_sound", "left(birth_text, 6)"),
    _rule("email user", "email_user"),
    _rule("email start", "left(email_user, 6)", "left(given_sound, 2)"),
    _rule("house number and place", "house", _PLACE, "left(given_sound, 1)"),
    _rule("house number, place and birth year", "house", _PLACE, "birth_year"),
    _rule("occupation and birth date", "occupation_text", "birth_year", "left(given_sound, 1)"),
    _rule("employer and surname", "employer_text", "family_sound"),
    # One damaged field is enough to escape a strict rule. On small data these weak rules see nearly everything, on large
    # data only what is rare: an uncommon name, a small street.
    _rule("surname", "family_sound"),
    _rule("given name", "given_sound"),
    _rule("surname start and initial", "left(family_sound, 3)", "left(given_sound, 1)"),
    _rule("given name start and initial", "left(given_sound, 3)", "left(family_sound, 1)"),
    _rule("initials and birth year", "left(given_sound, 1)", "left(family_sound, 1)", "birth_year"),
    _rule("month and day", _MONTH_DAY),
    _rule("month, day and initial", _MONTH_DAY, "left(given_sound, 1)"),
    _rule("birth month", "left(birth_text, 6)"),
    _rule("day and year", "birth_day", "birth_year"),
    _rule("email start and birth year", "left(email_user, 4)", "birth_year"),
    _rule("email start only", "left(email_user, 5)"),
    _rule("postcode and initials", "postcode_text", "left(given_sound, 1)", "left(family_sound, 1)"),
    _rule("city and birth year", "city_text", "birth_year"),
    _rule("street", "street_text"),
)

ORGANIZATION_RULES = (
    _rule("company id", "company_code"),
    _rule("external id", "external_id_text"),
    _rule("name", "company"),
    _rule("email", "email_text"),
    _rule("email domain", "email_domain"),
    _rule("phone", "phone_main"),
    _rule("other phone", "phone_other"),
    _rule("address line", _ADDRESS_LINE),
    _rule("name start", "left(company, 6)"),
    _rule("name start and city", "left(company, 3)", "city_text"),
    _rule("first word and postcode", "split_part(company_words, ' ', 1)", "postcode_text"),
    _rule("street", "street_text", "left(company, 1)"),
)

RULES = {"person": PERSON_RULES, "organization": ORGANIZATION_RULES}
