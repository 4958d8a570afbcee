"""SQL expressions that turn a text value into its declared type, and that say when it cannot be.

Clean files must load fast: a cheap look (`suspicion`) with plain casts finds the rows that may need more; only for
these are thousands signs, currencies and the reasons of failure looked at.
Belongs here: one cast per column type, one rule per thing that can be wrong with a value. Does not belong here: reading
files, writing tables.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from dagster_project.ingest.declaration import EXCEL_SERIAL, Column, SourceObject
from dagster_project.ingest.look import Look
from dagster_project.warehouse import quote_identifier, quote_literal

MAX_VALUE_BYTES = 1_000_000
"""A longer value is no value of a customer record; it goes to quarantine."""
CURRENCY_SIGNS = {
    "CNY": "¥|￥|元|圆|RMB|CNY|人民币",
    "GBP": "£|GBP|英镑",
    "EUR": "€|EUR|欧元",
    "USD": "US[$]|[$]|USD|美元",
    "JPY": "¥|￥|円|JPY|日元",
    "HKD": "HK[$]|[$]|HKD|港元|港币",
}
_BLANKS = r"\s\x{A0}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_UNSEEN = r"\x{AD}\x{61C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{FEFF}"
_AROUND = f"^[{_BLANKS}{_UNSEEN}]+|[{_BLANKS}{_UNSEEN}]+$"
"""Blanks and characters without width at the ends of a key, which are no part of it."""
_CONTROLS = r"[\x01-\x08\x0B\x0C\x0E-\x1F\x7F]"
_SECOND_BYTES = r"\x{80}-\x{BF}‚ƒ„†‡ˆ‰Š‹ŒŽ˜š›œžŸ€•™‘’“”…–—"
_TELLING_SECOND_BYTES = r"\x{80}-\x{9F}\x{A1}-\x{BA}\x{BC}-\x{BF}‚ƒ„†‡ˆ‰Š‹ŒŽ˜š›œžŸ"
_DAMAGE = (
    # U+FFFD and how it looks after one more wrong reading; controls that no text has; UTF-8 read as Windows-1252: a
    # letter with an accent is two characters then, a Chinese one three. "Café…”" must not look like one.
    r"\x{FFFD}|锟斤拷|[\x{80}-\x{9F}]|[ÂÃ][\x{A1}-\x{BA}\x{BC}-\x{BF}]"
    f"|[äåæçèé]([{_TELLING_SECOND_BYTES}][{_SECOND_BYTES}]|[{_SECOND_BYTES}][{_TELLING_SECOND_BYTES}])"
)
_DIGITS_LOST = r"-?[0-9]([.][0-9]+)?[eE][+]?[0-9]{2}"
EARLIEST, LATEST = "timestamp '1000-01-01'", "timestamp '9999-12-31 23:59:59.999999'"
"""Beyond, a date is a slip: a year of two digits, or the infinity of a database."""
_DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "j": 3, "f": 6}
"""Of the numbers in a strptime format."""
_TOUCHING = re.compile("%-?[YymdHIMSjf]%-?[YymdHIMSjf]")
_ANY_SIGN = "|".join(dict.fromkeys("|".join(CURRENCY_SIGNS.values()).split("|")))


@dataclass(frozen=True)
class Violation:
    """One thing that can be wrong with a value: SQL condition, its rule, and SQL text of the message.

    `suspicion` is a cheap condition that holds wherever the condition does.
    """

    title: str
    suspicion: str
    condition: str
    rule: str
    message: str


def given_value(title: str, declaration: SourceObject) -> str:
    """The delivered text, NULL where the export writes one of its words for 'no value'."""
    name = quote_identifier(title)
    nulls = ", ".join(quote_literal(text) for text in declaration.null_values)
    return f"case when {name} in ({nulls}) then null else {name} end" if nulls else name


def typed_value(title: str, declaration: SourceObject) -> str:
    """The value in its declared type, NULL where it is missing or cannot be read."""
    column = declaration.columns[title]
    value = given_value(title, declaration)
    if column.type == "string":
        return _without_blanks(value) if title in declaration.key else value
    if column.type == "boolean":
        return (
            f"case lower(trim({value})) when 'true' then true when '1' then true when 'yes' then true when 'y' then true"
            " when '是' then true when 'false' then false when '0' then false when 'no' then false when 'n' then false"
            " when '否' then false end"
        )
    if column.type in ("date", "timestamp"):
        return _time_value(value, column, declaration)
    return _number_value(value, column, plain_value(title, declaration))


def plain_value(title: str, declaration: SourceObject) -> str:
    """The typed value by a plain cast: the same as `typed_value` for all rows that are not suspicious."""
    column = declaration.columns[title]
    value = given_value(title, declaration)
    if column.type == "string":
        return value
    if column.type not in ("integer", "decimal"):
        return typed_value(title, declaration)
    if column.decimal_comma:
        return f"cast(null as {column.sql_type})"
    return f"try_cast({value} as {column.sql_type})"


def _number_value(value: str, column: Column, plain: str) -> str:
    """A plain number by a plain cast; else without thousands signs and the currency's own sign; '2.0' is whole."""
    written = _unadorned_number(value, column, _allowed_signs(column))
    adorned = f"try_cast({written} as {column.sql_type})"
    if column.type == "integer":
        number = f"try_cast({written} as decimal(38, 10))"
        # A whole number only: '2.0' is one, '2.5' must not be silently rounded.
        return (
            f"case when not regexp_matches({value}, '[^0-9+-]') and {plain} is not null then {plain}"
            f" when {number} = trunc({number}) then try_cast({number} as bigint) end"
        )
    return f"case when {plain} is not null then {plain} else {adorned} end"


def _unadorned_number(value: str, column: Column, signs: str) -> str:
    """The number without thousands signs and currency signs, NULL where the text is anything but such a number.

    `signs` is an SQL text: the alternatives of a regular expression, '' for none.
    """
    text = f"translate(replace({value}, ' ', ''), '０１２３４５６７８９．，－＋−（）', '0123456789.,-+-()')"
    # Accountants write -12.50 as (12.50) or 12.50-.
    text = f"regexp_replace({text}, '^([^-]+)-$|^[(]([^-]+)[)]$', '-\\1\\2')"
    thousands, point = ("[.]", ",") if column.decimal_comma else (",", "[.]")
    number = f"([0-9]{{1,3}}({thousands}[0-9]{{3}})+|[0-9]+)?({point}[0-9]*)?([eE][+-]?[0-9]+)?"
    pattern = f"'([+-]?(' || {signs} || ')?|(' || {signs} || ')?[+-]?){number}(' || {signs} || ')?'"
    digits = f"regexp_replace({text}, {signs} || '|{thousands}', '', 'g')"
    if column.decimal_comma:
        digits = f"replace({digits}, ',', '.')"
    return f"case when regexp_full_match({text}, {pattern}) then {digits} end"


def _allowed_signs(column: Column) -> str:
    """SQL text with the signs of the currency that the declaration, or the row's own currency column, names."""
    never = "'[^\\s\\S]'"
    if column.currency:
        return quote_literal(CURRENCY_SIGNS.get(column.currency, column.currency))
    if column.currency_column:
        code = f"upper(trim({quote_identifier(column.currency_column)}))"
        known = " ".join(f"when '{code}' then {quote_literal(signs)}" for code, signs in CURRENCY_SIGNS.items())
        return f"case {code} {known} else {never} end"
    return never


def _time_value(value: str, column: Column, declaration: SourceObject) -> str:
    text = f"trim({value})"
    attempts: list[str] = []
    formats = [text for text in column.formats if text != EXCEL_SERIAL]
    if formats:
        attempts += _parsed_times(text, formats)
    if EXCEL_SERIAL in column.formats:
        # Days since 1899-12-30; beyond 1 (the epoch's own mistakes) and before the year 10000.
        days = f"case when regexp_full_match({text}, '[0-9]{{1,7}}([.][0-9]+)?') then try_cast({text} as double) end"
        attempts.append(
            f"case when {days} between 61 and 2958465.99999"
            f" then timestamp '1899-12-30' + to_microseconds(cast(round({days} * 86400) * 1000000 as bigint)) end"
        )
    if not column.formats or declaration.format in ("xlsx", "parquet"):
        # These hold real dates, whatever formats their texts have.
        attempts.append(f"try_cast({text} as timestamp)")
    local = f"coalesce({', '.join(attempts)})" if len(attempts) > 1 else attempts[0]
    if column.type == "date":
        return f"case when {local} between {EARLIEST} and {LATEST} then cast({local} as date) end"
    if declaration.time_zone != "UTC":
        # An hour that daylight saving leaves out does not come back as it was.
        zone = quote_literal(declaration.time_zone)
        instant = f"timezone({zone}, cast({local} as timestamp))"
        local = f"case when timezone({zone}, {instant}) = {local} then timezone('UTC', {instant}) end"
    if column.formats:
        return f"case when {local} between {EARLIEST} and {LATEST} then cast({local} as timestamp) end"
    # An offset is honoured; only a time without one is local.
    instant = f"cast(try_cast({text} as timestamptz) as timestamp)"
    if declaration.time_zone != "UTC":
        has_offset = f"regexp_matches({text}, ':[0-9.]+ ?(Z|z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)$')"
        instant = f"case when {has_offset} then {instant} else {local} end"
    return f"case when {instant} between {EARLIEST} and {LATEST} then {instant} end"


def _parsed_times(text: str, formats: list[str]) -> list[str]:
    """SQL values of a text by these formats, the first that is not NULL holds.

    Where numbers follow one another without anything between, as in %Y%m%d, each must have all its digits: strptime
    would read 2011043 as the third of April.
    """
    if not any(_TOUCHING.search(written) for written in formats):
        return [f"try_strptime({text}, [{', '.join(map(quote_literal, formats))}])"]
    return [
        f"try_strptime(case when regexp_full_match({text}, {quote_literal(_shape(written))}) then {text} end,"
        f" {quote_literal(written)})"
        if _TOUCHING.search(written)
        else f"try_strptime({text}, {quote_literal(written)})"
        for written in formats
    ]


def _shape(written: str) -> str:
    """The regular expression of texts in a strptime format, with all digits of the numbers that touch another one."""
    parts = re.findall(r"%-?.|[^%]", written)
    counts = [_DIGITS.get(part[-1], 0) if part.startswith("%") else 0 for part in parts]
    shape = ""
    for at, (part, digits) in enumerate(zip(parts, counts, strict=True)):
        if not digits:
            shape += ".+" if part.startswith("%") else re.escape(part)
        elif any(counts[max(at - 1, 0) : at]) or any(counts[at + 1 : at + 2]):
            shape += f"[0-9]{{{digits}}}"
        else:
            shape += f"[0-9]{{1,{digits}}}"
    return shape


def violations(declaration: SourceObject, loaded_at: datetime, look: Look) -> list[Violation]:
    """Everything that can be wrong with a row of this object, the telling things first.

    Conditions are over `arrival`; `loaded_at` (UTC) decides what lies in the future, `look` what texts
    are searched for.
    """
    first_key = declaration.key[0]
    found = [
        Violation(
            first_key,
            f"contains({quote_identifier(first_key)}, {quote_literal(first_key)})",
            f"{_without_blanks(quote_identifier(first_key))} = {quote_literal(first_key)}",
            "repeated header",
            quote_literal("the row repeats the header; files were joined without removing it"),
        )
    ]
    for title, column in declaration.columns.items():
        found += _violations_of_column(title, column, declaration, loaded_at, look)
    return found


def is_suspicious(found: list[Violation]) -> str:
    """SQL condition that costs little: the row may be bad, or needs more than plain casts."""
    return " or ".join(dict.fromkeys(violation.suspicion for violation in found))


def is_unloadable(found: list[Violation]) -> str:
    """SQL condition: at least one of the violations holds. Costly, so only asked for suspicious rows."""
    return " or ".join(f"coalesce({violation.condition}, false)" for violation in found)


def violation_list(found: list[Violation]) -> str:
    """SQL list of structs (column_name, rule, message) with what is wrong with the row; empty when it can be loaded."""
    checks = ", ".join(
        f"case when {violation.condition} then {{'column_name': {quote_literal(violation.title)},"
        f" 'rule': {quote_literal(violation.rule)}, 'message': {violation.message}}} end"
        for violation in found
    )
    return f"list_filter([{checks}], lambda violation: violation is not null)" if checks else "[]"


def _violations_of_column(
    title: str, column: Column, declaration: SourceObject, loaded_at: datetime, look: Look
) -> list[Violation]:
    value, typed = given_value(title, declaration), typed_value(title, declaration)
    found: list[Violation] = []

    def add(condition: str, rule: str, message: str, suspicion: str | None = None) -> None:
        found.append(Violation(title, suspicion or condition, condition, rule, message))

    if declaration.is_required(title):
        condition = f"{value} is null or {_without_blanks(value)} = ''"
        # Comparing is much cheaper than trimming: what is empty or begins with a blank sorts before '!'.
        suspicion = f"{value} is null or {quote_identifier(title)} < '!'"
        if column.type == "string" and title in declaration.key:
            suspicion += f" or ends_with({value}, ' ')"
        if column.type == "string" and look.invisible_characters:
            suspicion += f" or regexp_matches({value}, {quote_literal(_AROUND)})"
        if declaration.deletion_marker and title not in declaration.key:
            condition = f"({condition}) and not ({is_deletion(declaration)})"
        add(
            condition,
            "missing key" if title in declaration.key else "missing value",
            quote_literal(f"column '{title}' has no value; the source must deliver one in every row"),
            f"({suspicion})",
        )
    if column.type == "string":
        add(
            f"strlen({value}) > {MAX_VALUE_BYTES}",
            "value too long",
            f"{quote_literal(f'column {title!r} has a value of ')} || strlen({value}) || ' bytes; at most"
            f" {MAX_VALUE_BYTES:,} are loaded'",
        )
        return found + _violations_of_characters(title, column, declaration, look)
    plain = plain_value(title, declaration)
    suspicion = f"({plain} is null and {value} is not null)"
    if column.type == "integer":
        # Plain casts round 2.5, and know 1e3, 0x1F and 1_000: only what they would write themselves is beyond doubt.
        suspicion = f"({suspicion} or cast({plain} as varchar) <> {quote_identifier(title)})"
    unreadable = f"{value} is not null and {typed} is null"
    if column.type in ("integer", "decimal"):
        signs = quote_literal(_ANY_SIGN)
        number = f"try_cast({_unadorned_number(value, column, signs)} as {column.sql_type})"
        other_currency = f"(regexp_matches({value}, {signs}) and {number} is not null)"
        expected = (
            column.currency or (column.currency_column and f"that of column {column.currency_column!r}") or "none"
        )
        add(
            f"{unreadable} and {other_currency}",
            "unexpected currency",
            _shown(title, column, f"should be in the declared currency ({expected}), but is "),
            suspicion,
        )
        unreadable = f"{unreadable} and not coalesce({other_currency}, false)"
    article = "an" if column.type[0] in "aeiou" else "a"
    written = f" written as {' or '.join(column.formats)}" if column.formats else ""
    if column.type == "timestamp" and declaration.time_zone != "UTC":
        written += f" that exists in {declaration.time_zone}"
    add(
        unreadable,
        f"not {article} {column.type}",
        _shown(title, column, f"should be {article} {column.type}{written}, but is "),
        suspicion,
    )
    if column.type in ("date", "timestamp") and not column.may_be_future:
        # Clocks and time zones differ by less than a day.
        limit = f"timestamp '{loaded_at:%Y-%m-%d %H:%M:%S}' + interval 1 day"
        add(
            f"{typed} > {limit}",
            "in the future",
            _shown(title, column, f"lies more than a day after the load ({loaded_at:%Y-%m-%d %H:%M} UTC): ")
            + " || '; are clock and time_zone of the source right?'",
        )
    if not column.may_be_negative:
        add(f"{typed} < 0", "negative number", _shown(title, column, "must not be negative, but is "), f"{plain} < 0")
    return found


def _violations_of_characters(title: str, column: Column, declaration: SourceObject, look: Look) -> list[Violation]:
    """What can be wrong with the characters of a text, as far as the look at the file leaves it open."""
    value = given_value(title, declaration)
    found: list[Violation] = []

    def add(condition: str, rule: str, message: str) -> None:
        found.append(Violation(title, condition, condition, rule, message))

    if look.nul:
        add(
            f"contains({value}, chr(0))",
            "NUL byte",
            quote_literal(f"column '{title}' has a NUL byte; the file was damaged on its way"),
        )
    if look.damaged_text:
        add(
            f"regexp_matches({value}, {quote_literal(_DAMAGE)})",
            "damaged text",
            _shown(title, column, "was read in a wrong encoding before it was delivered: ")
            + " || '; ask the source for it as it was entered'",
        )
    if look.control_characters:
        add(
            f"regexp_matches({value}, {quote_literal(_CONTROLS)})",
            "control character",
            _named_character(value, _CONTROLS, f"column '{title}' has the control character "),
        )
    if look.exponents:
        add(
            f"regexp_full_match(trim({value}), {quote_literal(_DIGITS_LOST)})",
            "digits lost",
            _shown(title, column, "is text, but a spreadsheet made a rounded number of it: ")
            + " || '; ask the source for a column formatted as text'",
        )
    if look.invisible_characters and title in declaration.key:
        unseen = f"[{_UNSEEN}]"
        add(
            f"regexp_matches({_without_blanks(value)}, {quote_literal(unseen)})",
            "invisible character",
            _named_character(
                _without_blanks(value), unseen, f"key column '{title}' has within its text the character "
            ),
        )
    return found


def _named_character(value: str, pattern: str, text: str) -> str:
    """SQL text that ends with the first character found, as U+200B."""
    code = f"unicode(regexp_extract({value}, {quote_literal(pattern)}))"
    return f"{quote_literal(text)} || printf('U+%04X', {code})"


def _without_blanks(value: str) -> str:
    return f"regexp_replace({value}, {quote_literal(_AROUND)}, '', 'g')"


def is_deletion(declaration: SourceObject) -> str:
    """SQL condition over `arrival`: the row says that its record was deleted at the source."""
    if declaration.deletion_marker is None:
        return "false"
    value = given_value(declaration.deletion_marker, declaration)
    no = "'', 'false', 'f', '0', 'no', 'n', '否', 'null'"
    return f"coalesce(lower(trim({value})), '') not in ({no})"


def _shown(title: str, column: Column, text: str) -> str:
    """SQL text: what is wrong with the column, and the value, masked where it is personal."""
    name = quote_identifier(title)
    shown = (
        f"'(masked, ' || length({name}) || ' characters)'" if column.personal else f"'''' || left({name}, 60) || ''''"
    )
    return f"{quote_literal(f'column {title!r} {text}')} || {shown}"
