"""SQL expressions that turn a text value into its declared type, and that say when it cannot be.

Belongs here: one cast per column type. Does not belong here: reading files, writing tables.
"""

from __future__ import annotations

from dagster_project.ingest.declaration import Column, SourceObject
from dagster_project.warehouse import quote_identifier, quote_literal


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
        return value
    if column.type == "boolean":
        return (
            f"case lower(trim({value})) when 'true' then true when '1' then true when 'yes' then true when 'y' then true"
            " when '是' then true when 'false' then false when '0' then false when 'no' then false when 'n' then false"
            " when '否' then false end"
        )
    if column.formats:
        formats = ", ".join(quote_literal(text) for text in column.formats)
        return f"cast(try_strptime(trim({value}), [{formats}]) as {column.sql_type})"
    if column.type == "timestamp":
        # Through TIMESTAMPTZ, so that an offset is honoured; a time without one is UTC (the session's time zone).
        return f"cast(try_cast(trim({value}) as timestamptz) as timestamp)"
    if column.type == "integer":
        # A whole number only: '2.5' is not silently rounded, '2.0' is accepted.
        number = f"try_cast({value} as decimal(38, 10))"
        return (
            f"case when not contains({value}, '.') then try_cast({value} as bigint)"
            f" when {number} = trunc({number}) then try_cast({number} as bigint) end"
        )
    return f"try_cast(trim({value}) as {column.sql_type})"


def is_unloadable(declaration: SourceObject, typed: dict[str, str]) -> str:
    """SQL condition: some value is missing or cannot be read. `typed` maps a title to the column with its typed value."""
    conditions = ["false"]
    for title, column in declaration.columns.items():
        value = given_value(title, declaration)
        if declaration.is_required(title):
            conditions.append(f"{value} is null or trim({value}) = ''")
        if column.type != "string":
            conditions.append(f"({typed[title]} is null and {value} is not null)")
    return " or ".join(conditions)


def violations(declaration: SourceObject) -> str:
    """SQL list of structs (column_name, rule, message) with what is wrong with the row; empty when it can be loaded."""
    checks: list[str] = []
    for title, column in declaration.columns.items():
        value = given_value(title, declaration)
        if declaration.is_required(title):
            rule = "missing key" if title in declaration.key else "missing value"
            message = quote_literal(f"column '{title}' has no value; the source must deliver one in every row")
            checks.append(_check(f"{value} is null or trim({value}) = ''", title, rule, message))
        if column.type != "string":
            checks.append(
                _check(
                    f"{value} is not null and {typed_value(title, declaration)} is null",
                    title,
                    f"not {_with_article(column.type)}",
                    _cast_message(title, column),
                )
            )
    return f"list_filter([{', '.join(checks)}], lambda violation: violation is not null)" if checks else "[]"


def _check(condition: str, title: str, rule: str, message: str) -> str:
    return (
        f"case when {condition} then {{'column_name': {quote_literal(title)},"
        f" 'rule': {quote_literal(rule)}, 'message': {message}}} end"
    )


def _cast_message(title: str, column: Column) -> str:
    expected = _with_article(column.type) + (f" written as {' or '.join(column.formats)}" if column.formats else "")
    name = quote_identifier(title)
    shown = "'(masked, ' || length({0}) || ' characters)'" if column.personal else "'''' || left({0}, 60) || ''''"
    return f"{quote_literal(f'column {title!r} should be {expected}, but is ')} || {shown.format(name)}"


def _with_article(name: str) -> str:
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
