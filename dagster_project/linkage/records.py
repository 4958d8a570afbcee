"""From ``std_customer_records`` to the table the linker compares: derived columns, frequency bands.

Belongs here: numbering of records, the columns declared in ``comparisons``, values shared too widely to
link anybody, and which identifiers carry a valid check digit. Does not belong here: pairs of records.

Records are numbered in the order of a hash of their content. The numbers therefore do not depend on the order of the
rows or on the names of the sources, and any range of numbers is a random sample of the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.linkage.comparisons import FREQUENCY_BANDS, Party
from dagster_project.linkage.guards import read_guards

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INPUT_COLUMNS = (
    "full_name", "given_name", "family_name", "name_pinyin", "gender", "email", "phone", "phone_alt", "national_id",
    "street", "house_number", "district", "city", "region", "postcode", "country", "address_full", "company_name",
    "company_id", "occupation", "external_id", "email_mailbox",
)  # fmt: skip


# Read where the records have them, beyond the public contract.
EXTRA_COLUMNS = ("name_suffix",)
_COMMON_NAME_RECORDS = 20
_COMMON_NAME_SHARE = 0.0005
_FULL_LIMIT_FROM_RECORDS = 100_000
_SMALLEST_SHARE_OF_LIMIT = 0.5


def prepare_records(con: DuckDBPyConnection, party: Party, records: str) -> int:
    """Provide ``linkage_records``, one row per record of the party, and return how many there are.

    Columns: ``i`` (0, 1, ... in content order), ``record_key``, every declared column, ``*_band`` for banded values, and
    ``identifier`` (a national or company identifier with a valid check digit), ``is_bare`` (the party's condition).
    ``linkage_records`` is a view of a temporary table that training, scoring and clustering on one connection share; it is
    made anew whenever the records have changed. ``forget_records`` frees it. Whatever is not declared an organization is
    taken for a person.
    """
    present = {row[0] for row in con.execute(f"describe select * from {records}").fetchall()}
    inputs = [c if c in present else f"null::varchar as {c}" for c in (*INPUT_COLUMNS, *EXTRA_COLUMNS)]
    inputs.append("birth_date" if "birth_date" in present else "null::date as birth_date")
    organization = "coalesce(party_type = 'organization', false)" if "party_type" in present else "false"
    chosen = organization if party.party_type == "organization" else f"not {organization}"
    selected = f"select record_key, {', '.join(inputs)} from {records} where {chosen}"
    table = f"linkage_{party.party_type}_records"
    fingerprint = _fingerprint(con, selected)
    if _remembered(con, table) != fingerprint:
        forget_records(con, party.party_type)
        _make_records(con, party, selected, table)
        con.execute("insert into linkage_remembered values (?, ?)", [table, fingerprint])
    con.execute(f"create or replace temp view linkage_records as select * from {table}")
    return _scalar(con, f"select count(*) from {table}")


def forget_records(con: DuckDBPyConnection, party_type: str) -> None:
    """Free what ``prepare_records`` and ``propose_pairs`` keep for a party on this connection."""
    con.execute("create temp table if not exists linkage_remembered (name varchar, fingerprint varchar)")
    con.execute("delete from linkage_remembered where name = ?", [f"linkage_{party_type}_records"])
    con.execute("drop view if exists linkage_records")
    con.execute(f"drop table if exists linkage_{party_type}_records")
    con.execute(f"drop table if exists linkage_{party_type}_pairs")


def _remembered(con: DuckDBPyConnection, table: str) -> str | None:
    con.execute("create temp table if not exists linkage_remembered (name varchar, fingerprint varchar)")
    row = con.execute("select fingerprint from linkage_remembered where name = ?", [table]).fetchone()
    return row[0] if row else None


def _fingerprint(con: DuckDBPyConnection, selected: str) -> str:
    """A value that changes with the records, whatever their order."""
    row = con.execute(f"select count(*), bit_xor(hash(r)), sum(hash(r) % 1000003) from ({selected}) as r").fetchone()
    return str(row)


def _make_records(con: DuckDBPyConnection, party: Party, selected: str, table: str) -> None:
    columns = declared_columns(party)
    derived = ",\n  ".join(f"{expression} as {name}" for name, expression in columns.items())
    content = ", ".join(f"coalesce({name}::varchar, '')" for name in columns)
    con.execute(
        f"""create or replace temp table {table} as
        with input as ({selected}),
        derived as (select record_key, {derived} from input)
        select (row_number() over (order by md5(concat_ws('|', {content})), record_key) - 1)::int as i, *
        from derived"""
    )
    count = _scalar(con, f"select count(*) from {table}")
    _drop_values_that_link_nobody(con, party, table, count)
    if party.party_type == "person":
        _add_name_roots(con, table)
    _add_bands_and_identifier(con, party, table, count)


def declared_columns(party: Party) -> dict[str, str]:
    """Every derived column of the party: name -> SQL over ``std_customer_records``."""
    columns = dict(party.helper_columns)
    for comparison in party.comparisons:
        columns.update(comparison.columns)
    return columns


def _scalar(con: DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    assert row is not None
    return row[0]


def _drop_values_that_link_nobody(con: DuckDBPyConnection, party: Party, table: str, count: int) -> None:
    """Make NULL what ``guards`` declares: values of no single person, then values shared too widely."""
    for guard in read_guards().impersonal_values:
        if guard.party_type in (party.party_type, "any"):
            _clear(con, table, guard.cleared, f"regexp_full_match({guard.value}, '{guard.pattern}')")
    scale = min(1.0, max(_SMALLEST_SHARE_OF_LIMIT, count / _FULL_LIMIT_FROM_RECORDS))
    for shared in read_guards().shared_values:
        too_many = " or ".join(
            f"count(distinct {name}) > {round(shared.limit * scale)}" for name in shared.counted[party.party_type]
        )
        con.execute(
            f"""create or replace temp table shared_value as
            select {shared.value} as value from {table} where {shared.cleared[0]} is not null group by 1 having {too_many}"""
        )
        if _scalar(con, "select count(*) from shared_value"):
            _clear(con, table, shared.cleared, f"{shared.value} in (select value from shared_value)")
        con.execute("drop table shared_value")


def _clear(con: DuckDBPyConnection, table: str, columns: tuple[str, ...], where: str) -> None:
    con.execute(f"update {table} set {', '.join(f'{column} = null' for column in columns)} where {where}")


def _add_name_roots(con: DuckDBPyConnection, table: str) -> None:
    """Add ``given_roots``: the full forms a given name may stand for, itself included, best known first.

    And ``given_is_common``: people have the name; it is listed there, or frequent in the data.
    """
    from nicknames import NickNamer

    namer = NickNamer()
    names = [row[0] for row in con.execute(f"select distinct given from {table} where given is not null").fetchall()]
    latin = [name for name in sorted(names) if name.isascii()]
    known = [(name, sorted(namer.canonicals_of(name))) for name in latin]
    known = [(name, roots) for name, roots in known if roots or namer.nicknames_of(name)]
    con.execute("create or replace temp table name_root (given varchar, roots varchar[])")
    if known:
        import pyarrow as pa

        arrow_roots = pa.table({"given": [n for n, _ in known], "roots": [r for _, r in known]})
        con.register("name_root_arrow", arrow_roots)
        con.execute("insert into name_root select given, roots from name_root_arrow")
        con.unregister("name_root_arrow")
    con.execute(
        f"""create or replace temp table {table} as
        select t.* replace (
            -- Leo and Alice can be read as pinyin, but are Western names.
            case when n.roots is not null and t.given_script = 'pinyin' then 'other' else t.given_script end as given_script
        ), case when t.given is not null then
            case when n.roots is null then [t.given] else list_distinct(list_prepend(t.given, n.roots)) end
        end as given_roots, n.roots is not null or f.given is not null as given_is_common
        from {table} as t left join name_root as n using (given)
        left join (
            select given from {table} where given is not null group by given
            having count(*) >= greatest({_COMMON_NAME_RECORDS}, {_COMMON_NAME_SHARE} * (select count(*) from {table}))
        ) as f using (given)"""
    )


def _add_bands_and_identifier(con: DuckDBPyConnection, party: Party, table: str, count: int) -> None:
    added = [f"{_identifier_sql(party)} as identifier"]
    joins = []
    columns = declared_columns(party)
    for column in [c.banded for c in party.comparisons if c.banded]:
        share = f"f_{column}.share"
        joins.append(_join_shares(column, column, table, count))
        sound = f"{column}_sound"
        if sound in columns and _scalar(con, f"select count(*) from {table} where {sound} <> {column}"):
            # Liu in Latin letters may be any 刘 or 柳: it is as frequent as the sound.
            share = f"greatest(f_{column}.share, f_{sound}.share)"
            joins.append(_join_shares(sound, column, table, count))
        bounds = " ".join(f"when {share} >= {bound} then {band}" for band, bound in enumerate(FREQUENCY_BANDS))
        added.append(
            f"(case {bounds} when {share} is not null then {len(FREQUENCY_BANDS)} end)::utinyint as {column}_band"
        )
    is_person = party.party_type == "person"
    con.execute(
        f"""create or replace temp table {table} as
        select *, {party.bare} as is_bare{", substr(identifier, 7, 8) as verified_birth" if is_person else ""}
        from (select t.*, {", ".join(added)} from {table} as t {" ".join(joins)}) order by i"""
    )


def _join_shares(value: str, column: str, table: str, count: int) -> str:
    """SQL that joins, as ``f_<value>``, the share of records that have ``column`` as their ``value``."""
    return (
        f"left join (select {value} as value, count(*) / {max(count, 1)} as share from {table} where {value} is not null "
        f"group by 1) as f_{value} on f_{value}.value = t.{column}"
    )


_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _identifier_sql(party: Party) -> str:
    """SQL for the identifier when its check digit holds (GB 11643 for people, GB 32100 for companies), else NULL."""
    if party.party_type == "person":
        weighted = " + ".join(f"substr(national_id_text, {p}, 1)::int * {w}" for p, w in enumerate(_ID_WEIGHTS, 1))
        check = f"substr('10X98765432', ({weighted}) % 11 + 1, 1)"
        return (
            "case when regexp_full_match(t.national_id_text, '[1-9]\\d{16}[\\dX]') "
            f"then case when {check} = right(national_id_text, 1) then national_id_text end end"
        )
    value = "(instr('{a}', substr(company_code, {p}, 1)) - 1)"
    weighted = " + ".join(f"{value.format(a=_USCC_ALPHABET, p=p)} * {pow(3, p - 1, 31)}" for p in range(1, 18))
    check = f"substr('{_USCC_ALPHABET}', (31 - ({weighted}) % 31) % 31 + 1, 1)"
    return (
        f"case when regexp_full_match(t.company_code, '[{_USCC_ALPHABET}]{{18}}') "
        f"then case when {check} = right(company_code, 1) then company_code end end"
    )
