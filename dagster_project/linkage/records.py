"""From ``std_customer_records`` to the table the linker compares: derived columns, frequency bands.

Belongs here: numbering of records, the columns declared in ``comparisons``, values shared too widely to
link anybody, and which identifiers carry a valid check digit. Does not belong here: pairs of records.

Records are numbered in the order of a hash of their content. The numbers therefore do not depend on the order of the
rows or on the names of the sources, and any range of numbers is a random sample of the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dagster_project.linkage.comparisons import FREQUENCY_BANDS, Party
from dagster_project.linkage.guards import SharedValue, read_guards
from dagster_project.linkage.name_sounds import sound_key
from dagster_project.linkage.reference import PartyReference, value_hash

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INPUT_COLUMNS = (
    "full_name", "given_name", "family_name", "name_pinyin", "gender", "email", "phone", "phone_alt", "national_id",
    "street", "house_number", "district", "city", "region", "postcode", "country", "address_full", "company_name",
    "company_core_name", "company_id", "occupation", "external_id", "email_mailbox", "name_suffix",
)  # fmt: skip
_KEYED_NAMES = ("given", "family", "first")
_COMMON_NAME_RECORDS = 20
_COMMON_NAME_SHARE = 0.0005
# Under this name frequent given names stand among the frequent values of the reference.
_COMMON_NAMES = "given_is_common"
_FULL_LIMIT_FROM_RECORDS = 100_000
_SMALLEST_SHARE_OF_LIMIT = 0.5


def prepare_records(
    con: DuckDBPyConnection, party: Party, records: str, reference: PartyReference | None = None
) -> int:
    """Provide ``linkage_records``, one row per record of the party, and return how many there are.

    Columns: ``i`` (0, 1, ... in content order), ``record_key``, every declared column, ``*_band`` for banded values,
    ``identifier`` (a national or company identifier with a valid check digit), ``is_bare`` (the party's condition),
    ``source_hash`` (of everything read of the record), ``content`` (a hash of the declared columns) and ``shared_<n>`` (each
    of the guards' shared values, also where it is cleared). ``linkage_records`` is a view of a temporary table that training,
    scoring and clustering on one connection share; it is made anew whenever the records have changed. ``forget_records``
    frees it. Whatever is not declared an organization is taken for a person.

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
    frequent: dict[str, dict[str, int]] = {column: {} for column in _banded_columns(party)}
    for column, value, band in con.execute(f"from linkage_{party.party_type}_bands order by all").fetchall():
        frequent.setdefault(column, {})[value] = band
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
    shared = shared_too_widely(names_using_values(party, table), reference.records if reference else count)
    con.execute(f"create or replace temp table linkage_shared as {shared}")
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
    # The names of sources have no say in the order of the records, though whether two are equal has in how alike records are.
    of_source = {name for comparison in party.comparisons if comparison.kind == "source" for name in comparison.columns}
    content = ", ".join(f"coalesce({name}::varchar, '')" for name in columns if name not in of_source)
    con.execute(
        f"""create or replace temp table {table} as
        with input as ({selected}),
        derived as (select record_key, hash(input) as source_hash, {derived} from input),
        described as (select *, md5(concat_ws('|', {content})) as content from derived)
        select (row_number() over (order by content, record_key) - 1)::int as i, * from described"""
    )
    for guard in read_guards().impersonal_values:
        if guard.party_type in (party.party_type, "any"):
            columns_to_clear = ", ".join(f"{column} = null" for column in guard.cleared)
            con.execute(
                f"update {table} set {columns_to_clear} where regexp_full_match({guard.value}, '{guard.pattern}')"
            )
    if party.party_type == "person":
        _add_name_roots(con, table)
        _add_name_keys(con, table)
    shared = ", ".join(f"{value.value} as shared_{n}" for n, value in enumerate(read_guards().shared_values))
    con.execute(
        f"create or replace temp table {table} as select t.*, {_identifier_sql(party)} as identifier, {shared} from {table} as t"
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


def names_using_values(party: Party, table: str) -> str:
    """SQL of (number, value, counted, name): every name beside every value that may be shared, by counted column."""
    return " union all ".join(
        f"select {n} as number, shared_{n} as value, '{name}' as counted, {name} as name from {table} "
        f"where shared_{n} is not null"
        for n, shared in enumerate(read_guards().shared_values)
        for name in shared.counted[party.party_type]
    )


def shared_too_widely(names: str, count: int) -> str:
    """SQL of (number, value): of ``names_using_values``, the values that more names use than may among ``count`` records."""
    shared_values = read_guards().shared_values
    limits = " ".join(f"when {n} then {most_names(shared, count)}" for n, shared in enumerate(shared_values))
    return (
        f"select distinct number, value from (select number, value from ({names}) group by number, value, counted "
        f"having count(distinct name) > case number {limits} end)"
    )


def clear_shared_values(con: DuckDBPyConnection, table: str) -> None:
    """Set the columns of ``table`` that hold a value of ``linkage_shared`` to NULL, and drop that list."""
    for (number,) in con.execute("select distinct number from linkage_shared order by 1").fetchall():
        cleared = ", ".join(f"{column} = null" for column in read_guards().shared_values[number].cleared)
        con.execute(
            f"update {table} set {cleared} "
            f"where shared_{number} in (select value from linkage_shared where number = {number})"
        )
    con.execute("drop table linkage_shared")


def _add_name_keys(con: DuckDBPyConnection, table: str) -> None:
    """Add ``given_key``, ``family_key`` and ``first_key`` (of the first given name): how the names sound, however spelled.

    The key of a Chinese name is its pinyin.
    """
    import pyarrow as pa

    sounds = " union ".join(
        f"select {part}_sound from {table} where {part}_sound is not null and given_script = 'other'"
        for part in _KEYED_NAMES
    )
    names = [row[0] for row in con.execute(f"{sounds} order by 1").fetchall()]
    con.register("name_key_arrow", pa.table({"sound": names, "key": pa.array(map(sound_key, names), pa.string())}))
    con.execute("create or replace temp table name_key as from name_key_arrow")
    con.unregister("name_key_arrow")
    # The script is asked outside the joins: with a condition on one side only they would not be hash joins.
    keys = ", ".join(
        f"case when given_script = 'other' then coalesce({part}.key, {part}_sound) else {part}_sound end as {part}_key"
        for part in _KEYED_NAMES
    )
    joins = " ".join(f"left join name_key as {part} on {part}.sound = {part}_sound" for part in _KEYED_NAMES)
    con.execute(f"create or replace temp table {table} as select t.*, {keys} from {table} as t {joins}")


def _add_name_roots(con: DuckDBPyConnection, table: str) -> None:
    """Add ``given_roots``: the full forms a given name may stand for, itself included, best known first.

    And ``given_is_listed``: people have the name. It is common when it is listed, or frequent in the data.
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
        end as given_roots, n.roots is not null as given_is_listed
        from {table} as t left join name_root as n using (given)"""
    )


def _measure_bands(con: DuckDBPyConnection, party: Party, table: str, bands: str, count: int) -> None:
    bounds = " ".join(f"when count(*) / {max(count, 1)} >= {bound} then {n}" for n, bound in enumerate(FREQUENCY_BANDS))
    measured = dict.fromkeys(_banded_columns(party), f"case {bounds} end")
    if party.party_type == "person":
        common = f"count(*) >= greatest({_COMMON_NAME_RECORDS}, {_COMMON_NAME_SHARE} * {count})"
        measured[_COMMON_NAMES] = f"case when {common} then 0 end"
    for name, band in measured.items():
        column = "given" if name == _COMMON_NAMES else name
        con.execute(
            f"""insert into {bands}
            select '{name}', {value_hash("value")}, min(band) from (
                select {column} as value, {band} as band from {table} where {column} is not null group by {column}
            ) where band is not null group by all"""
        )


def _banded_columns(party: Party) -> list[str]:
    """The banded columns, and the sounds of those that have one."""
    columns = declared_columns(party)
    banded = [c.banded for c in party.comparisons if c.banded]
    return banded + [f"{column}_sound" for column in banded if f"{column}_sound" in columns]


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
    """Add what the list ``bands`` tells: ``<column>_band`` of every banded column, ``given_is_common``; and ``is_bare``.

    Whatever the list lacks is rarest. Liu in Latin letters may be any 刘 or 柳: it is as frequent as the sound.
    """
    rarest = len(FREQUENCY_BANDS)
    known = _banded_columns(party)
    added, joins = [], []

    def look_up(name: str, column: str) -> str:
        joins.append(
            f"left join (select value, band from {bands} where column_name = '{name}') as f_{name} "
            f"on f_{name}.value = {value_hash(f't.{column}')}"
        )
        return f"f_{name}.band"

    for column in [c.banded for c in party.comparisons if c.banded]:
        found = [look_up(name, column) for name in (column, f"{column}_sound") if name in known]
        band = ", ".join(f"coalesce({each}, {rarest})" for each in found)
        added.append(f"case when t.{column} is not null then least({band}) end::utinyint as {column}_band")
    is_person = party.party_type == "person"
    if is_person:
        added.append(f"t.given_is_listed or {look_up(_COMMON_NAMES, 'given')} is not null as given_is_common")
    con.execute(
        f"""create or replace temp table {table} as
        select *, {party.bare} as is_bare{", substr(identifier, 7, 8) as verified_birth" if is_person else ""}
        from (select t.*, {", ".join(added)} from {table} as t {" ".join(joins)}) order by i"""
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
