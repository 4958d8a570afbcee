"""From ``std_customer_records`` to the table the linker compares: derived columns, frequency bands.

Belongs here: numbering of records, the columns declared in ``comparisons``, values shared too widely to
link anybody, and which identifiers carry a valid check digit. Does not belong here: pairs of records.

Records are numbered in the order of a hash of their content. The numbers therefore do not depend on the order of the
rows or on the names of the sources, and any range of numbers is a random sample of the records.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster_project.linkage.comparisons import FREQUENCY_BANDS, Party
from dagster_project.linkage.reference import PartyReference, value_hash

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INPUT_COLUMNS = (
    "full_name", "given_name", "family_name", "name_pinyin", "gender", "email", "phone", "phone_alt", "national_id",
    "street", "house_number", "district", "city", "region", "postcode", "country", "address_full", "company_name",
    "company_id", "occupation", "external_id",
)  # fmt: skip


@dataclass(frozen=True)
class SharedValue:
    """A value that stops linking when more than ``limit`` distinct names use it; then ``cleared`` columns become NULL."""

    value: str
    limit: int
    cleared: tuple[str, ...]


# Thresholds as published by Amperity (20 names an email or phone, 40 an address), halved for small data.
SHARED_VALUES = (
    SharedValue("email_text", 20, ("email_text", "email_user")),
    SharedValue("phone_main", 20, ("phone_main",)),
    SharedValue("phone_other", 20, ("phone_other",)),
    SharedValue(
        "street_text || '/' || coalesce(house, '') || '/' || coalesce(postcode_text, city_text, '')",
        40,
        ("street_text", "house"),
    ),
)
_FULL_LIMIT_FROM_RECORDS = 100_000
_SMALLEST_SHARE_OF_LIMIT = 0.5


def prepare_records(
    con: DuckDBPyConnection, party: Party, records: str, reference: PartyReference | None = None
) -> int:
    """Provide ``linkage_records``, one row per record of the party, and return how many there are.

    Columns: ``i`` (0, 1, ... in content order), ``record_key``, every declared column, ``*_band`` for banded values,
    ``identifier`` (a national or company identifier with a valid check digit), ``source_hash`` (of everything read of the
    record), ``content`` (a hash of the declared columns) and ``shared_<n>`` (the value of each of ``SHARED_VALUES``, also
    where it is cleared). ``linkage_records`` is a view of a temporary table that training, scoring and clustering on one
    connection share; it is made anew whenever the records have changed. ``forget_records`` frees it. Whatever is not
    declared an organization is taken for a person.

    With a ``reference`` its statistics are used, without one those of the records are measured (``measured_reference``).
    """
    selected = selected_records(con, party, records)
    table = f"linkage_{party.party_type}_records"
    fingerprint = f"{_fingerprint(con, selected)} {reference.digest if reference else 'measured'}"
    if _remembered(con, table) != fingerprint:
        forget_records(con, party.party_type)
        _make_records(con, party, selected, table, reference)
        con.execute("insert into linkage_remembered values (?, ?)", [table, fingerprint])
    con.execute(f"create or replace temp view linkage_records as select * from {table}")
    return _scalar(con, f"select count(*) from {table}")


def selected_records(con: DuckDBPyConnection, party: Party, records: str) -> str:
    """SQL of the party's records with all that the linker reads of them: record_key, ``INPUT_COLUMNS``, birth_date."""
    present = {row[0] for row in con.execute(f"describe select * from {records}").fetchall()}
    inputs = [c if c in present else f"null::varchar as {c}" for c in INPUT_COLUMNS]
    inputs.append("birth_date" if "birth_date" in present else "null::date as birth_date")
    organization = "coalesce(party_type = 'organization', false)" if "party_type" in present else "false"
    chosen = organization if party.party_type == "organization" else f"not {organization}"
    return f"select record_key, {', '.join(inputs)} from {records} where {chosen}"


def measured_reference(con: DuckDBPyConnection, party: Party) -> PartyReference:
    """The statistics of the records just prepared without a reference, for which ``propose_pairs`` was called too.

    From now on the prepared records and pairs count as prepared with this reference.
    """
    table = f"linkage_{party.party_type}_records"
    blocks = con.execute(f"select rule, largest from linkage_{party.party_type}_blocks order by number").fetchall()
    limits = dict(blocks)
    one_weak_rule = bool(limits.pop("", 1))
    frequent: dict[str, dict[str, int]] = {c.banded: {} for c in party.comparisons if c.banded}
    for column, value, band in con.execute(f"from linkage_{party.party_type}_bands order by all").fetchall():
        frequent[column][value] = band
    reference = PartyReference(_scalar(con, f"select count(*) from {table}"), limits, one_weak_rule, frequent)
    con.execute(
        "update linkage_remembered set fingerprint = replace(fingerprint, 'measured', ?) where name = ?",
        [reference.digest, table],
    )
    return reference


def forget_records(con: DuckDBPyConnection, party_type: str) -> None:
    """Free what ``prepare_records`` and ``propose_pairs`` keep for a party on this connection."""
    con.execute("create temp table if not exists linkage_remembered (name varchar, fingerprint varchar)")
    con.execute("delete from linkage_remembered where name = ?", [f"linkage_{party_type}_records"])
    con.execute("drop view if exists linkage_records")
    for kept in ("records", "pairs", "bands", "blocks", "large_blocks"):
        con.execute(f"drop table if exists linkage_{party_type}_{kept}")


def _remembered(con: DuckDBPyConnection, table: str) -> str | None:
    con.execute("create temp table if not exists linkage_remembered (name varchar, fingerprint varchar)")
    row = con.execute("select fingerprint from linkage_remembered where name = ?", [table]).fetchone()
    return row[0] if row else None


def _fingerprint(con: DuckDBPyConnection, selected: str) -> str:
    """A value that changes with the records, whatever their order."""
    row = con.execute(f"select count(*), bit_xor(hash(r)), sum(hash(r) % 1000003) from ({selected}) as r").fetchone()
    return str(row)


def _make_records(
    con: DuckDBPyConnection, party: Party, selected: str, table: str, reference: PartyReference | None
) -> None:
    derive_records(con, party, selected, table)
    count = _scalar(con, f"select count(*) from {table}")
    _find_values_shared_too_widely(con, party, table, reference.records if reference else count)
    clear_shared_values(con, table)
    bands = f"linkage_{party.party_type}_bands"
    con.execute(f"create or replace temp table {bands} (column_name varchar, value varchar, band utinyint)")
    if reference is None:
        _measure_bands(con, party, table, bands, count)
    else:
        insert_bands(con, reference, bands)
    add_bands(con, party, table, bands)


def derive_records(con: DuckDBPyConnection, party: Party, selected: str, table: str) -> None:
    """Create ``table``: of the ``selected`` records everything that depends on nothing but the record itself."""
    columns = declared_columns(party)
    derived = ",\n  ".join(f"{expression} as {name}" for name, expression in columns.items())
    content = ", ".join(f"coalesce({name}::varchar, '')" for name in columns)
    shared = ", ".join(f"{value.value} as shared_{n}" for n, value in enumerate(SHARED_VALUES))
    con.execute(
        f"""create or replace temp table {table} as
        with input as ({selected}),
        derived as (select record_key, hash(input) as source_hash, {derived} from input),
        described as (select *, md5(concat_ws('|', {content})) as content, {shared} from derived)
        select (row_number() over (order by content, record_key) - 1)::int as i, * from described"""
    )
    if party.party_type == "person":
        _add_name_roots(con, table)
    con.execute(
        f"create or replace temp table {table} as select t.*, {_identifier_sql(party)} as identifier from {table} as t"
    )


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


def most_names(shared: SharedValue, count: int) -> int:
    """How many distinct names may use one value when the records are ``count``."""
    scale = min(1.0, max(_SMALLEST_SHARE_OF_LIMIT, count / _FULL_LIMIT_FROM_RECORDS))
    return round(shared.limit * scale)


def name_column(party: Party) -> str:
    """The column whose distinct values tell how many use a value."""
    return "given" if party.party_type == "person" else "company"


def _find_values_shared_too_widely(con: DuckDBPyConnection, party: Party, table: str, count: int) -> None:
    """Create ``linkage_shared`` (number of the ``SharedValue``, value)."""
    found = " union all ".join(
        f"select {n} as number, shared_{n} as value from {table} where shared_{n} is not null "
        f"group by all having count(distinct {name_column(party)}) > {most_names(shared, count)}"
        for n, shared in enumerate(SHARED_VALUES)
    )
    con.execute(f"create or replace temp table linkage_shared as {found}")


def clear_shared_values(con: DuckDBPyConnection, table: str) -> None:
    """Set the columns of ``table`` that hold a value of ``linkage_shared`` to NULL, and drop that list."""
    for (number,) in con.execute("select distinct number from linkage_shared order by 1").fetchall():
        cleared = ", ".join(f"{column} = null" for column in SHARED_VALUES[number].cleared)
        con.execute(
            f"update {table} set {cleared} "
            f"where shared_{number} in (select value from linkage_shared where number = {number})"
        )
    con.execute("drop table linkage_shared")


def _add_name_roots(con: DuckDBPyConnection, table: str) -> None:
    """Add ``given_roots``: the full forms a given name may stand for, itself included, best known first."""
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
        end as given_roots
        from {table} as t left join name_root as n using (given)"""
    )


def _measure_bands(con: DuckDBPyConnection, party: Party, table: str, bands: str, count: int) -> None:
    bounds = " ".join(f"when count(*) / {max(count, 1)} >= {bound} then {n}" for n, bound in enumerate(FREQUENCY_BANDS))
    for column in [c.banded for c in party.comparisons if c.banded]:
        con.execute(
            f"""insert into {bands}
            select '{column}', {value_hash("value")}, min(band) from (
                select {column} as value, case {bounds} end as band from {table} where {column} is not null group by all
            ) where band is not null group by all"""
        )


def insert_bands(con: DuckDBPyConnection, reference: PartyReference, bands: str) -> None:
    """Fill ``bands`` (column_name, value, band) from the reference."""
    import pyarrow as pa

    rows = [(c, value, band) for c, values in reference.frequent_values.items() for value, band in values.items()]
    if rows:
        columns = zip(("column_name", "value", "band"), zip(*rows, strict=True), strict=True)
        con.register("linkage_bands_arrow", pa.table({name: list(values) for name, values in columns}))
        con.execute(f"insert into {bands} select column_name, value, band from linkage_bands_arrow")
        con.unregister("linkage_bands_arrow")


def add_bands(con: DuckDBPyConnection, party: Party, table: str, bands: str) -> None:
    """Add ``<column>_band`` to ``table`` for every banded column, by the list ``bands``; whatever it lacks is rarest."""
    added, joins = [], []
    for column in [c.banded for c in party.comparisons if c.banded]:
        added.append(
            f"case when t.{column} is not null then coalesce(f_{column}.band, {len(FREQUENCY_BANDS)}) end::utinyint "
            f"as {column}_band"
        )
        joins.append(
            f"left join (select value, band from {bands} where column_name = '{column}') as f_{column} "
            f"on f_{column}.value = {value_hash(f't.{column}')}"
        )
    con.execute(
        f"create or replace temp table {table} as select t.*, {', '.join(added)} from {table} as t {' '.join(joins)} order by t.i"
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
