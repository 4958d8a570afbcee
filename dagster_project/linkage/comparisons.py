"""What the linker compares: columns, comparison levels and the classes of pairs, declared as data.

Belongs here: for people and for organisations, the columns derived from ``std_customer_records``, the levels at which
two values agree (Splink SQL conditions on ``column_l`` and ``column_r``), and the latent classes that explain how
pairs come about. Does not belong here: parameters (they are learned, see ``training``) and candidate generation
(``blocking``).

To add a comparison: one ``Comparison`` entry below and the column in ``std_customer_records``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dagster_project.linkage.guards import read_guards

Kind = Literal[
    "given_name", "family_name", "birth", "gender", "identity", "address", "contact", "email", "company_name", "source"
]

Behaviour = Literal["same", "moved", "mixed", "coincidence", "derived", "learned", "chance"]
"""How a class explains a comparison.

same         both records describe one thing: the values agree up to errors and spelling
moved        they describe one thing at two times: mostly as for unrelated records
mixed        shared by some pairs of the class and not by others
coincidence  the values agree although they belong to different people: distributed as agreements of random pairs
derived      values made from something the records share, such as an email address spelled from a name: often near
learned      as for random pairs to begin with, then as the pairs of the class show
chance       the class says nothing about it: exactly as for random pairs; never learned
"""


@dataclass(frozen=True)
class Level:
    """One degree of agreement: ``agreement`` is 1 for equal values, 0.5 for near ones, 0 for differing ones."""

    name: str
    condition: str
    agreement: float


@dataclass(frozen=True)
class Comparison:
    """One compared attribute: levels from best to worst; an ``else`` level (agreement 0) is added by the model.

    ``columns`` maps derived column names to SQL over ``std_customer_records``; ``null_when`` is the condition under
    which the comparison says nothing; ``banded`` splits the first level by how frequent the value is.
    """

    name: str
    kind: Kind
    columns: dict[str, str]
    null_when: str
    levels: tuple[Level, ...]
    banded: str | None = None
    description: str = ""


@dataclass(frozen=True)
class PairClass:
    """One way in which two records come to be a candidate pair: a behaviour per kind of comparison."""

    name: str
    is_match: bool
    behaviours: dict[Kind, Behaviour]
    default: Behaviour = "chance"
    # Learning starts from this share of pairs, relative to the other classes: the rarer reading of a pair starts rarer.
    start: float = 1.0
    # At most so many pairs per record where every customer has one record; None: any number.
    most: float | None = None

    def behaviour(self, kind: Kind) -> Behaviour:
        """Return how this class explains comparisons of ``kind``."""
        return self.behaviours.get(kind, self.default)


@dataclass(frozen=True)
class MatchRule:
    """A deterministic rule: records for which ``condition`` holds are the same, whatever else the model thinks.

    Safe only with a guard: an identifier typed into the wrong form must not merge two different people.
    """

    name: str
    condition: str


@dataclass(frozen=True)
class Party:
    """Everything declared for one party type (``person`` or ``organization``)."""

    party_type: str
    comparisons: tuple[Comparison, ...]
    classes: tuple[PairClass, ...]
    match_rules: tuple[MatchRule, ...] = ()
    bare: str = "false"
    """SQL over one record: it has ways to reach somebody and says of nobody who it is, so it is no evidence about others."""
    helper_columns: dict[str, str] = field(default_factory=dict)

    @property
    def conflict(self) -> str:
        """SQL: the two cannot be one, whatever else speaks for it; such a merge is refused and goes to review."""
        return read_guards().conflict_sql(self.party_type)


# Values with a share of at least the bound fall into the band; the last band takes the rest. A rare name that agrees
# says more than a frequent one, and five bands measure how much without a parameter per value.
FREQUENCY_BANDS = (0.01, 0.002, 0.0005, 0.0001)


def _plain(column: str) -> str:
    """SQL: lower case without accents; letters that have no accent to lose as they are written where a keyboard lacks them."""
    return f"replace(replace(translate(lower(strip_accents({column})), 'øłđðı', 'olddi'), 'ß', 'ss'), 'æ', 'ae')"


def letters(column: str) -> str:
    """SQL: lower-case letters and digits only, without accents, NULL when nothing is left."""
    return f"nullif(regexp_replace({_plain(column)}, '[^\\p{{L}}\\p{{N}}]+', '', 'g'), '')"


def words(column: str) -> str:
    """SQL: lower-case words separated by one blank, without accents and punctuation, NULL when nothing is left."""
    return f"nullif(trim(regexp_replace({_plain(column)}, '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"


def _either_null(*columns: str) -> str:
    return " or ".join(f"{column}_l is null or {column}_r is null" for column in columns)


def _similarity(column: str) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r)"


def _edits(column: str, most: int, similarity: float = 0.75) -> str:
    """SQL: at most ``most`` typing errors, a transposition being one.

    The distance that knows transpositions costs ten times the other two, which spare nearly all pairs the count; only
    ``case`` guarantees that the engine asks them first.
    """
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"case when {_similarity(column)} < {similarity} then false when levenshtein({left}, {right}) > {2 * most} "
        f"then false else damerau_levenshtein({left}, {right}) <= {most} end"
    )


def _near(column: str, similarity: float = 0.92, shortest: int = 4) -> str:
    """SQL: nearly equal text; one edit counts only in values long enough for one edit to be a typing error."""
    long_enough = f"least(length({column}_l), length({column}_r)) >= {shortest}"
    return f"({long_enough} and ({_similarity(column)} >= {similarity} or {_edits(column, 1)}))"


# What tells father and son of one name apart; written behind the name, it is no part of it.
_GENERATION = r"\s+(jr|junior|sr|senior|i|ii|iii|iv)\.?$"
_GIVEN = "coalesce(given_name, case when full_name like '% %' then regexp_replace(full_name, '\\s+\\S+$', '') end)"
_FAMILY_AS_WRITTEN = (
    "coalesce(family_name, case when given_name is null then regexp_extract(full_name, '(\\S+)$', 1) end)"
)
_FAMILY = f"regexp_replace({_FAMILY_AS_WRITTEN}, '{_GENERATION}', '', 'i')"
_SAME_GIVEN = "(given_sound_l = given_sound_r)"
_SAME_FAMILY = "(family_sound_l = family_sound_r)"
_GIVEN_IN_FAMILY = "(given_l = family_r or given_sound_l = family_sound_r)"
_FAMILY_IN_GIVEN = "(family_l = given_r or family_sound_l = given_sound_r)"


def _alike_or_initial(left: str, right: str) -> str:
    initial = f"least(length({left}), length({right})) = 1 and left({left}, 1) = left({right}, 1)"
    return f"(jaro_winkler_similarity({left}, {right}) >= 0.85 or ({initial}))"


_SWAPPED = (
    f"(({_GIVEN_IN_FAMILY} and {_alike_or_initial('family_sound_l', 'given_sound_r')}) "
    f"or ({_FAMILY_IN_GIVEN} and {_alike_or_initial('given_sound_l', 'family_sound_r')}))"
)
_CROSSED = f"({_GIVEN_IN_FAMILY} or {_FAMILY_IN_GIVEN})"
# 'Chen Qing, Guo' and 'Chen, Qing Guo', 'Lixia' and 'Li, Xia': one name, cut in another place.
_CUT_ELSEWHERE = (
    "(length(whole_l) >= 4 and (whole_l = whole_r or whole_l = turned_r or turned_l = whole_r or turned_l = turned_r) "
    "and coalesce(family_sound_l <> family_sound_r, true) and coalesce(given_sound_l <> given_sound_r, true))"
)
# 'Yamamoto' beside 山本: whether they are one name cannot be seen.
_UNREADABLE = (
    "((given_script_l = 'kanji' and given_script_r not in ('kanji', 'characters')) "
    "or (given_script_r = 'kanji' and given_script_l not in ('kanji', 'characters')))"
)
# The last word of a street line is often abbreviated; both forms become the short one.
_STREET_WORDS = {
    "street": "st", "road": "rd", "avenue": "ave", "av": "ave", "lane": "ln", "drive": "dr", "court": "ct",
    "close": "cl", "place": "pl", "boulevard": "blvd", "crescent": "cres", "square": "sq", "terrace": "tce",
    "parade": "pde", "circuit": "cct", "highway": "hwy", "strasse": "str", "straße": "str",
}  # fmt: skip


def _street(column: str) -> str:
    # The number is compared by itself, wherever the street line has it.
    text = f"regexp_replace({words(column)}, '^\\d+[a-z]?\\s+|\\s+\\d+[a-z]?$', '')"
    last = f"regexp_extract({text}, '(\\S+)$', 1)"
    cases = " ".join(f"when '{long}' then '{short}'" for long, short in _STREET_WORDS.items())
    stem = f"regexp_replace({text}, '\\s*\\S+$', '')"
    return f"nullif(trim({stem} || ' ' || case {last} {cases} else {last} end), '')"


_PINYIN_FAMILY = "split_part(name_pinyin, ' ', 1)"
_PINYIN_GIVEN = "substr(name_pinyin, length(split_part(name_pinyin, ' ', 1)) + 2)"

_FIRST_OF_PINYIN = f"nullif({_PINYIN_GIVEN}, '')"

_EMAIL_READ = "coalesce(email_mailbox, email)"
_MOBILE_IN_MAILBOX = "'86' || nullif(regexp_extract(email, '^(1[3-9]\\d{9})@', 1), '')"


def _digits(column: str) -> str:
    return f"nullif(regexp_replace({column}, '[^0-9]', '', 'g'), '')"


# Columns that several comparisons and blocking rules share.
_SHARED = {
    # A Chinese mobile is often the user of a mailbox as well.
    "phone_main": f"coalesce({_digits('phone')}, {_MOBILE_IN_MAILBOX})",
    "phone_other": f"coalesce({_digits('phone_alt')}, case when phone is not null then {_MOBILE_IN_MAILBOX} end)",
    # Where the standardized layer knows which mailbox an address reaches (dots and tags left out), that is compared.
    "email_text": f"lower({_EMAIL_READ})",
    "email_user": f"nullif(split_part(lower({_EMAIL_READ}), '@', 1), '')",
    "street_text": _street("coalesce(street, address_full)"),
    "house": "coalesce(nullif(ltrim(lower(regexp_replace(house_number, '[^\\p{L}\\p{N}]', '', 'g')), '0'), ''), "
    "nullif(regexp_extract(coalesce(street, address_full), '(\\d+)', 1), ''))",
    "district_text": words("district"),
    "city_text": letters("city"),
    "region_text": letters("region"),
    "postcode_text": letters("postcode"),
    "national_id_text": "nullif(upper(regexp_replace(national_id, '[^A-Za-z0-9]', '', 'g')), '')",
}

_PERSON_COLUMNS = {
    **_SHARED,
    "given": letters(_GIVEN),
    "family": letters(_FAMILY),
    # How a name sounds: Chinese characters and their Latin transcription meet here.
    "given_sound": f"coalesce({letters(_PINYIN_GIVEN)}, {letters(_GIVEN)})",
    "family_sound": f"coalesce({letters(_PINYIN_FAMILY)}, {letters(_FAMILY)})",
    "first_sound": f"{letters(f'split_part(coalesce({_FIRST_OF_PINYIN}, {words(_GIVEN)}), chr(32), 1)')}",
    # Many people go by a Latin given name beside the one in characters; that they differ says little.
    # Characters of a Japanese name are not read as Chinese; of what they sound like nothing is known.
    "given_script": f"case when regexp_matches({_GIVEN}, '\\p{{Han}}') then "
    "case when upper(country) = 'JP' then 'kanji' else 'characters' end "
    f"when name_pinyin is null or not regexp_matches({_GIVEN}, '\\p{{Latin}}') then 'other' else 'pinyin' end",
    "generation": "replace(replace(nullif(coalesce("
    f"nullif(regexp_extract(' ' || lower(name_suffix), '{_GENERATION}', 1), ''), "
    f"nullif(regexp_extract(lower({_FAMILY_AS_WRITTEN}), '{_GENERATION}', 1), ''), "
    f"regexp_extract(lower(given_name), '{_GENERATION}', 1)), ''), 'junior', 'jr'), 'senior', 'sr')",
    "written": "coalesce(family, '') || coalesce(given, '')",
    "whole": "coalesce(family_sound, '') || coalesce(given_sound, '')",
    "turned": "coalesce(given_sound, '') || coalesce(family_sound, '')",
    "birth_text": "strftime(birth_date, '%Y%m%d')",
    "birth_year": "year(birth_date)",
    "birth_month": "month(birth_date)",
    "birth_day": "day(birth_date)",
}

_SOURCE = Comparison(
    name="source",
    kind="source",
    columns={"source_object": "regexp_extract(record_key, '^[^:]*:[^:]*')"},
    null_when="false",
    levels=(Level("one source", "source_object_l = source_object_r", 1),),
    description="A source that knows a customer seldom has him twice.",
)

_PHONE = Comparison(
    name="phone",
    kind="contact",
    columns={"phone_main": _SHARED["phone_main"], "phone_other": _SHARED["phone_other"]},
    null_when=_either_null("phone_main"),
    levels=(
        Level(
            "equal",
            "phone_main_l = phone_main_r or phone_main_l = phone_other_r or phone_other_l = phone_main_r "
            "or phone_other_l = phone_other_r",
            1,
        ),
        Level("one edit", _edits("phone_main", 1), 0.5),
    ),
)

_EMAIL = Comparison(
    name="email",
    kind="email",
    columns={"email_text": _SHARED["email_text"], "email_user": _SHARED["email_user"]},
    null_when=_either_null("email_text"),
    levels=(
        Level("equal", "email_text_l = email_text_r", 1),
        Level("same user at another domain", "length(email_user_l) >= 5 and email_user_l = email_user_r", 0.5),
        Level(
            "near",
            f"{_similarity('email_user')} >= 0.92 or {_edits('email_text', 2, similarity=0.88)}",
            0.5,
        ),
    ),
)

_ADDRESS = Comparison(
    name="street",
    kind="address",
    columns={"street_text": _SHARED["street_text"], "house": _SHARED["house"]},
    null_when=_either_null("street_text"),
    levels=(
        Level("street and number", "street_text_l = street_text_r and house_l = house_r", 1),
        Level(
            "similar street, same number",
            "house_l = house_r and jaro_winkler_similarity(street_text_l, street_text_r) >= 0.88",
            0.5,
        ),
        Level("street only", "street_text_l = street_text_r", 0.5),
        Level("similar street", "jaro_winkler_similarity(street_text_l, street_text_r) >= 0.9", 0.5),
        Level("number only", "house_l = house_r", 0),
    ),
)

_PLACE = Comparison(
    name="place",
    kind="address",
    columns={key: _SHARED[key] for key in ("postcode_text", "city_text", "region_text")},
    null_when="(postcode_text_l is null or postcode_text_r is null) and (city_text_l is null or city_text_r is null) "
    "and (region_text_l is null or region_text_r is null)",
    levels=(
        Level("postcode and city", "postcode_text_l = postcode_text_r and city_text_l = city_text_r", 1),
        Level("postcode", "postcode_text_l = postcode_text_r", 0.5),
        Level("city", "city_text_l = city_text_r", 0.5),
        Level(
            "near postcode or city",
            f"{_near('city_text')} or {_edits('postcode_text', 1)}",
            0.5,
        ),
        Level("region", "region_text_l = region_text_r", 0),
    ),
)

_DISTRICT = Comparison(
    name="district",
    kind="address",
    columns={"district_text": _SHARED["district_text"]},
    null_when=_either_null("district_text"),
    levels=(Level("equal", "district_text_l = district_text_r", 1), Level("near", _near("district_text", 0.88), 0.5)),
)


def _equality(name: str, kind: Kind, expression: str, near: bool = False) -> Comparison:
    """Declare a comparison of one column for equality, optionally with a near level for typing errors."""
    column = f"{name}_text"
    levels = [Level("equal", f"{column}_l = {column}_r", 1)]
    if near:
        levels.append(Level("near", _near(column, 0.9, 5), 0.5))
    return Comparison(name, kind, {column: expression}, _either_null(column), tuple(levels))


PERSON = Party(
    party_type="person",
    helper_columns=_PERSON_COLUMNS,
    bare="given is null and birth_text is null and identifier is null and street_text is null",
    comparisons=(
        Comparison(
            name="given_name",
            kind="given_name",
            columns={key: _PERSON_COLUMNS[key] for key in ("given", "family", "given_sound", "family_sound")},
            null_when=f"(({_either_null('given')}) and not {_CUT_ELSEWHERE}) or {_UNREADABLE} "
            f"or ((given_script_l = 'other') <> (given_script_r = 'other') and {_SAME_FAMILY} and not {_SWAPPED} "
            f"and not {_near('given_sound', 0.9)})",
            banded="given",
            levels=(
                Level("equal", "given_l = given_r", 1),
                Level("same sound", "given_sound_l = given_sound_r", 1),
                Level("nickname", "list_has_any(given_roots_l, given_roots_r)", 0.5),
                Level("swapped", _SWAPPED, 0.5),
                Level("cut elsewhere", _CUT_ELSEWHERE, 0.5),
                # 玉雪梅, whom no surname was found for, and 王雪梅.
                Level(
                    "whole name but for one character",
                    "(family_l is null or family_r is null) and least(length(written_l), length(written_r)) >= 3 "
                    "and given_script_l = 'characters' and given_script_r = 'characters' "
                    "and levenshtein(written_l, written_r) = 1",
                    0.5,
                ),
                Level(
                    "initial or shortened",
                    "starts_with(given_l, given_r) or starts_with(given_r, given_l) or (given_script_l = 'other' and "
                    "given_script_r = 'other' and (starts_with(given_sound_l, given_sound_r) "
                    "or starts_with(given_sound_r, given_sound_l)))",
                    0.5,
                ),
                Level("sounds alike", "given_key_l = given_key_r", 0.5),
                Level("first of the names sounds alike", "first_key_l = given_key_r or given_key_l = first_key_r", 0.5),
                # Mark and Marsha, Maria and Marie: two names that people have are seldom one name mistyped.
                Level("alike, both common", f"given_is_common_l and given_is_common_r and {_near('given', 0.8)}", 0),
                Level(
                    "near",
                    f"{_near('given')} or (given_script_l <> given_script_r and {_near('given_sound', 0.9)})",
                    0.5,
                ),
                Level("similar", _near("given", 0.8), 0.5),
                # Amy and Any, but also Tim and Tom: how often it is the same person is learned.
                Level(
                    "one letter of a short name",
                    "given_script_l = 'other' and given_script_r = 'other' "
                    "and least(length(given_l), length(given_r)) in (2, 3) and damerau_levenshtein(given_l, given_r) <= 1",
                    0.5,
                ),
                Level("in the other's surname", _CROSSED, 0),
            ),
        ),
        Comparison(
            name="family_name",
            kind="family_name",
            columns={},
            # Swapped names are one fact, told by the comparison of given names.
            null_when=f"{_either_null('family')} or {_SWAPPED} or {_CUT_ELSEWHERE} or {_UNREADABLE}",
            banded="family",
            levels=(
                Level("equal", "family_l = family_r", 1),
                Level("same sound", "family_sound_l = family_sound_r", 1),
                Level("sounds alike", "family_key_l = family_key_r", 0.5),
                Level("near", _near("family"), 0.5),
                Level(
                    "similar or shortened",
                    f"starts_with(family_l, family_r) or starts_with(family_r, family_l) or {_near('family', 0.8)}",
                    0.5,
                ),
                Level("in the other's given name", _CROSSED, 0),
            ),
        ),
        Comparison(
            name="birth_date",
            kind="birth",
            columns={key: _PERSON_COLUMNS[key] for key in ("birth_text", "birth_year", "birth_month", "birth_day")},
            null_when=_either_null("birth_text"),
            levels=(
                Level("equal", "birth_text_l = birth_text_r", 1),
                Level(
                    "one edit or day and month swapped",
                    f"{_edits('birth_text', 1)} or (birth_year_l = birth_year_r "
                    "and birth_month_l = birth_day_r and birth_day_l = birth_month_r)",
                    0.5,
                ),
                Level(
                    "first of January of the same year",
                    "birth_year_l = birth_year_r and ((birth_month_l = 1 and birth_day_l = 1) "
                    "or (birth_month_r = 1 and birth_day_r = 1))",
                    0.5,
                ),
                Level(
                    "two parts of three",
                    "(birth_year_l = birth_year_r)::int + (birth_month_l = birth_month_r)::int "
                    "+ (birth_day_l = birth_day_r)::int >= 2",
                    0.5,
                ),
                Level("two edits", _edits("birth_text", 2), 0.5),
            ),
        ),
        _equality("gender", "gender", "lower(gender)"),
        Comparison(
            name="national_id",
            kind="identity",
            columns={"national_id_text": _SHARED["national_id_text"]},
            null_when=_either_null("national_id_text"),
            levels=(
                Level("equal", "national_id_text_l = national_id_text_r", 1),
                Level("one edit", _edits("national_id_text", 1), 0.5),
                Level("two edits", _edits("national_id_text", 2), 0.5),
            ),
        ),
        _equality("external_id", "contact", "nullif(trim(lower(external_id)), '')"),
        _equality("occupation", "identity", letters("occupation"), near=True),
        _equality(
            "employer",
            "company_name",
            f"coalesce({letters('company_core_name')}, {letters('company_name')})",
            near=True,
        ),
        _EMAIL,
        _PHONE,
        _ADDRESS,
        _PLACE,
        _DISTRICT,
        _SOURCE,
    ),
    classes=(
        PairClass("same person", True, {"source": "learned"}, default="same"),
        PairClass(
            "same person, moved",
            True,
            {"address": "moved", "contact": "mixed", "email": "mixed", "company_name": "mixed", "source": "learned"},
            default="same",
            start=0.1,
        ),
        PairClass(
            "household", False, {"family_name": "mixed", "address": "same", "contact": "mixed", "email": "mixed"}
        ),
        PairClass(
            "twins",
            False,
            {"family_name": "same", "birth": "same", "address": "mixed", "contact": "mixed", "email": "mixed"},
            most=0.01,
        ),
        PairClass(
            "parent and child of one name",
            False,
            {
                "given_name": "same",
                "family_name": "same",
                "gender": "same",
                "address": "same",
                "contact": "mixed",
                "email": "mixed",
            },
            most=0.01,
        ),
        PairClass(
            "namesakes",
            False,
            {"given_name": "coincidence", "family_name": "coincidence", "gender": "mixed", "email": "derived"},
        ),
        PairClass("same surname only", False, {"family_name": "coincidence", "email": "derived"}),
        PairClass("same given name only", False, {"given_name": "coincidence", "gender": "mixed", "email": "derived"}),
        PairClass("same birth date only", False, {"birth": "coincidence"}),
        # Blocking rules of two fields propose pairs that agree on both by chance.
        PairClass(
            "same given name and birth date",
            False,
            {"given_name": "coincidence", "birth": "coincidence", "gender": "mixed", "email": "derived"},
        ),
        PairClass(
            "same surname and birth date",
            False,
            {"family_name": "coincidence", "birth": "coincidence", "email": "derived"},
        ),
        PairClass("same address only", False, {"address": "same"}),
        PairClass("same contact only", False, {"contact": "coincidence", "email": "coincidence"}),
        PairClass("colleagues", False, {"company_name": "same", "address": "mixed", "contact": "mixed"}),
        PairClass("unrelated", False, {}),
    ),
    match_rules=(
        MatchRule("same valid national ID", f"identifier_l = identifier_r and ({_SAME_GIVEN} or {_SAME_FAMILY})"),
        MatchRule(
            "same external ID",
            f"external_id_text_l = external_id_text_r and {_SAME_GIVEN} and {_SAME_FAMILY} "
            "and coalesce(birth_text_l = birth_text_r, true)",
        ),
        MatchRule(
            "same name, birth date and contact",
            f"{_SAME_GIVEN} and {_SAME_FAMILY} and birth_text_l = birth_text_r "
            "and (email_text_l = email_text_r or phone_main_l = phone_main_r)",
        ),
    ),
)

# How a company is incorporated is often left out or spelled another way, so names are compared without it.
_LEGAL_FORMS = (
    "limited|ltd|plc|llp|llc|lp|inc|incorporated|corp|corporation|co|company|gmbh|mbh|gesellschaft|ag|kg|ohg|ug|se|sa|sas|"
    "sarl|srl|spa|bv|nv|ab|as|oy|aps|pty|kk|pte"
)
_COMPANY_WORDS = words("replace(company_name, '&', ' and ')")
_COMPANY_TEXT = (
    f"regexp_replace(regexp_replace({_COMPANY_WORDS}, '(\\s(and co|{_LEGAL_FORMS}))+$', ''), "
    "'(股份|责任|有限|集团|公司)+$', '')"
)

# 'Raven Foods' and 'Raven Hotels' share a name and are two: each has a word of its own that is no spelling of the other's.
_OWN_WORDS = {
    side: f"array_to_string(list_filter(string_split(company_words_{side}, ' '), "
    f"word -> not list_contains(string_split(company_words_{other}, ' '), word)), '')"
    for side, other in (("l", "r"), ("r", "l"))
}
_ANOTHER_WORD = (
    "(contains(company_words_l, ' ') and contains(company_words_r, ' ') "
    f"and {_OWN_WORDS['l']} <> '' and {_OWN_WORDS['r']} <> '' "
    f"and jaro_winkler_similarity({_OWN_WORDS['l']}, {_OWN_WORDS['r']}) < 0.8)"
)

_COMPANY_COLUMNS = {
    **_SHARED,
    "company": f"coalesce({letters('company_core_name')}, {letters(_COMPANY_TEXT)}, {letters('company_name')})",
    "company_words": f"coalesce({words('company_core_name')}, nullif({_COMPANY_TEXT}, ''), {words('company_name')})",
    "company_code": "nullif(upper(regexp_replace(company_id, '[^A-Za-z0-9]', '', 'g')), '')",
    "email_domain": "nullif(split_part(lower(email), '@', 2), '')",
}

ORGANIZATION = Party(
    party_type="organization",
    helper_columns=_COMPANY_COLUMNS,
    comparisons=(
        Comparison(
            name="company_name",
            kind="company_name",
            columns={"company": _COMPANY_COLUMNS["company"], "company_words": _COMPANY_COLUMNS["company_words"]},
            null_when=_either_null("company"),
            banded="company",
            levels=(
                Level("equal", "company_l = company_r", 1),
                Level("contained", "contains(company_l, company_r) or contains(company_r, company_l)", 0.5),
                Level("near", f"{_near('company', 0.94)} and not {_ANOTHER_WORD}", 0.5),
                Level("another word", f"{_near('company', 0.86)} and {_ANOTHER_WORD}", 0),
                Level("similar", _near("company", 0.86), 0.5),
            ),
        ),
        Comparison(
            name="company_id",
            kind="identity",
            columns={"company_code": _COMPANY_COLUMNS["company_code"]},
            null_when=_either_null("company_code"),
            levels=(
                Level("equal", "company_code_l = company_code_r", 1),
                Level("one edit", _edits("company_code", 1), 0.5),
            ),
        ),
        _equality("external_id", "identity", "nullif(trim(lower(external_id)), '')"),
        _EMAIL,
        Comparison(
            name="email_domain",
            kind="contact",
            columns={"email_domain": _COMPANY_COLUMNS["email_domain"]},
            null_when=_either_null("email_domain"),
            levels=(Level("equal", "email_domain_l = email_domain_r", 1),),
        ),
        _PHONE,
        _ADDRESS,
        _PLACE,
        _DISTRICT,
        _SOURCE,
    ),
    classes=(
        PairClass("same company", True, {"source": "learned"}, default="same"),
        PairClass(
            "same company, moved",
            True,
            {"address": "moved", "contact": "mixed", "email": "mixed", "source": "learned"},
            default="same",
            start=0.1,
        ),
        PairClass("same name only", False, {"company_name": "coincidence"}),
        PairClass(
            "same group", False, {"company_name": "mixed", "contact": "same", "email": "mixed", "address": "mixed"}
        ),
        PairClass("same address only", False, {"address": "same"}),
        PairClass("same contact only", False, {"contact": "coincidence", "email": "coincidence"}),
        PairClass("unrelated", False, {}),
    ),
    match_rules=(
        MatchRule("same valid company ID", "identifier_l = identifier_r"),
        MatchRule("same company ID and name", f"company_code_l = company_code_r and ({_near('company', 0.86)})"),
        MatchRule(
            "same name and place, phone or domain",
            "company_l = company_r and coalesce(company_code_l = company_code_r, true) and (phone_main_l = phone_main_r "
            "or email_domain_l = email_domain_r or street_text_l = street_text_r "
            "or (postcode_text_l = postcode_text_r and city_text_l = city_text_r))",
        ),
    ),
)

PARTIES = (PERSON, ORGANIZATION)
