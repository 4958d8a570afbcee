"""Which pairs are looked at: blocking rules declared as data, and the pairs they propose.

Belongs here: the rules, the choice of their smallest blocks up to a budget of pairs, and the SQL that lists the pairs. Does
not belong here: how alike two records are (``comparisons``).

Every rule is a list of SQL expressions over the columns declared in ``comparisons``; records agreeing on all of them form a
block. A rule that uses only its smallest blocks costs a bounded number of pairs however skewed the data is, so many weak
rules can be afforded, and a record missed by one is found by another. On large data a pair found by a single weak rule
agrees on next to nothing else, so it takes two of them to propose it.

The rules are also part of the exported Splink settings. Splink's own blocking gives the same pairs; it is not used here
because Splink has no budget per rule, and because it tests every pair against all earlier rules, which for this many rules
took several times as long as listing and grouping them.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from math import isqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from dagster_project.linkage.reference import PartyReference

# Pairs a single rule may propose per record, and the least it may propose on small data.
PAIRS_PER_RECORD = 0.5
LEAST_PAIRS = 100_000
# Up to this many pairs in all, one weak rule is enough.
FEW_PAIRS = 300_000
_RECORDS_AT_A_TIME = 250_000


@dataclass(frozen=True)
class BlockingRule:
    """Records form a block when they agree on every expression in ``keys`` (NULL agrees with nothing)."""

    name: str
    keys: tuple[str, ...]
    weak: bool = False


def _rule(name: str, *keys: str) -> BlockingRule:
    return BlockingRule(name, keys)


def _weak(name: str, *keys: str) -> BlockingRule:
    return BlockingRule(name, keys, weak=True)


_ADDRESS_LINE = "street_text || '/' || house"
_NAME_SET = "least(given_key, family_key) || ' ' || greatest(given_key, family_key)"
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
    _weak("surname", "family_sound"),
    _weak("given name", "given_sound"),
    _weak("surname start and initial", "left(family_sound, 3)", "left(given_sound, 1)"),
    _weak("given name start and initial", "left(given_sound, 3)", "left(family_sound, 1)"),
    _weak("initials and birth year", "left(given_sound, 1)", "left(family_sound, 1)", "birth_year"),
    _weak("month and day", _MONTH_DAY),
    _weak("month, day and initial", _MONTH_DAY, "left(given_sound, 1)"),
    _weak("birth month", "left(birth_text, 6)"),
    _weak("day and year", "birth_day", "birth_year"),
    _weak("email start and birth year", "left(email_user, 4)", "birth_year"),
    _weak("email start only", "left(email_user, 5)"),
    _weak("postcode and initials", "postcode_text", "left(given_sound, 1)", "left(family_sound, 1)"),
    _weak("city and birth year", "city_text", "birth_year"),
    _weak("street", "street_text"),
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


def propose_pairs(con: DuckDBPyConnection, party_type: str, reference: PartyReference | None = None) -> int:
    """Provide ``linkage_blocked`` (l, r, rule): pairs of ``i`` in ``linkage_records``, each once, l < r; return how many.

    ``rule`` is the number of the first rule that proposed the pair. The pairs stay as long as the prepared records do, and
    with them ``linkage_<party type>_large_blocks`` (rule, h, members): the blocks too large to be used.

    With a ``reference`` its largest blocks are used, without one they are measured (``records.measured_reference``).
    """
    table = f"linkage_{party_type}_pairs"
    known = con.execute("select 1 from duckdb_tables() where temporary and table_name = ?", [table]).fetchone()
    if known is None:
        _list_pairs(con, party_type, table, reference)
    con.execute(f"create or replace temp view linkage_blocked as select * from {table}")
    return con.execute(f"select count(*) from {table}").fetchall()[0][0]


def key_columns(party_type: str) -> str:
    """SQL of columns over prepared records: a hash of every key of the rules, computed once for all rules that use it."""
    return ", ".join(
        f"case when ({key}) is not null then hash({key}) end as {c}" for key, c in _keys(party_type).items()
    )


def block_hash(party_type: str, rule: BlockingRule) -> str:
    """SQL over ``key_columns``: the name of the block a record is in, NULL where a key is missing."""
    columns = _keys(party_type)
    # Shifted by its position, so that two keys of one value do not cancel each other out.
    hashed = [f"{columns[key]} >> {position}" for position, key in enumerate(rule.keys)]
    return functools.reduce(lambda one, other: f"xor({one}, {other})", hashed)


def _keys(party_type: str) -> dict[str, str]:
    """Expression -> column name of the distinct keys of the rules."""
    keys = dict.fromkeys(key for rule in RULES[party_type] for key in rule.keys)
    return {key: f"key_{number}" for number, key in enumerate(keys)}


def enough_rules(party_type: str, *, one_weak_rule: bool) -> str:
    """SQL: the HAVING clause under which the rules that agree on a pair, grouped, propose it."""
    weak = ", ".join(str(number) for number, rule in enumerate(RULES[party_type]) if rule.weak)
    return f"having count(*) >= 2 or min(rule) not in ({weak})" if weak and not one_weak_rule else ""


def _list_pairs(con: DuckDBPyConnection, party_type: str, output: str, reference: PartyReference | None) -> None:
    count = con.execute("select count(*) from linkage_records").fetchall()[0][0]
    budget = max(LEAST_PAIRS, round(PAIRS_PER_RECORD * count))
    limits, large = f"linkage_{party_type}_blocks", f"linkage_{party_type}_large_blocks"
    con.execute(f"create or replace temp table {limits} (number int, rule varchar, largest bigint)")
    con.execute(f"create or replace temp table {large} (rule utinyint, h ubigint, members bigint)")
    con.execute("create or replace temp table linkage_proposed (l int, r int, rule utinyint)")
    con.execute(
        f"create or replace temp table linkage_keys as select i, {key_columns(party_type)} from linkage_records"
    )
    for number, rule in enumerate(RULES[party_type]):
        _measure_blocks(con, block_hash(party_type, rule))
        largest = reference.largest_blocks[rule.name] if reference else _largest_block(con, budget)
        con.execute(f"insert into {limits} values (?, ?, ?)", [number, rule.name, largest])
        con.execute(
            f"insert into {large} select {number}, h, members from linkage_block_size where members > {largest}"
        )
        con.execute(
            f"""create or replace temp table linkage_block as
            select i, h from linkage_keyed join linkage_block_size using (h) where members <= {largest}"""
        )
        con.execute(
            f"""insert into linkage_proposed select a.i, b.i, {number}
            from linkage_block as a join linkage_block as b on a.h = b.h and a.i < b.i"""
        )
    for name in ("linkage_keys", "linkage_keyed", "linkage_block_size", "linkage_block"):
        con.execute(f"drop table if exists {name}")
    few = con.execute("select count(*) from linkage_proposed").fetchall()[0][0] <= FEW_PAIRS
    one_weak_rule = reference.one_weak_rule if reference else few
    con.execute(f"insert into {limits} values (-1, '', ?)", [int(one_weak_rule)])
    enough = enough_rules(party_type, one_weak_rule=one_weak_rule)
    con.execute(f"create or replace temp table {output} (l int, r int, rule utinyint)")
    # A slice of the records at a time bounds the memory of the grouping.
    for start in range(0, count, _RECORDS_AT_A_TIME):
        con.execute(
            f"""insert into {output} select l, r, min(rule) from linkage_proposed
            where l >= {start} and l < {start + _RECORDS_AT_A_TIME}
            group by l, r {enough}"""
        )
    con.execute("drop table linkage_proposed")


def _measure_blocks(con: DuckDBPyConnection, block: str) -> None:
    """Create ``linkage_keyed`` (i, h), the block of every record, and ``linkage_block_size`` (h, members > 1)."""
    con.execute(
        f"create or replace temp table linkage_keyed as from (select i, {block} as h from linkage_keys) where h is not null"
    )
    con.execute(
        """create or replace temp table linkage_block_size as
        select h, count(*) as members from linkage_keyed group by h having count(*) > 1"""
    )


def _largest_block(con: DuckDBPyConnection, budget: int) -> int:
    """Members of the largest block when the smallest blocks come first, as long as their pairs stay in the budget.

    Where all blocks stay in it, a larger one may come later, as far as its pairs fit into what is left.
    """
    sizes = con.execute(
        """select members, sum(count(*) * members * (members - 1) / 2) over (order by members) as running
        from linkage_block_size group by members order by members"""
    ).fetchall()
    fitting = [(members, running) for members, running in sizes if running <= budget]
    largest, used = fitting[-1] if fitting else (1, 0)
    if len(fitting) < len(sizes):
        return largest
    return max(largest, (1 + isqrt(1 + 8 * int(budget - used))) // 2)
