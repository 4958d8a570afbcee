"""Loading files: what is accepted, what is quarantined, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.load import LoadOutcome, load_object
from dagster_project.ingest.reconciliation import reconcile
from dagster_project.warehouse import connect

NOW = datetime(2026, 1, 2, 3, 4, 5)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(":memory:") as connection:
        yield connection


def declare(**changes: Any) -> SourceObject:
    return SourceObject(
        **{
            "system": "shop",
            "name": "people",
            "files": "people*.csv",
            "format": "csv",
            "key": ["Id"],
            "cursor": "Changed",
            "columns": {
                "Id": "string",
                "Name": {"type": "string", "personal": True},
                "Born": {"type": "date", "formats": ["%Y-%m-%d", "%d/%m/%Y"], "personal": True},
                "Spent": "decimal",
                "Visits": "integer",
                "Member": "boolean",
                "Changed": "timestamp",
            },
        }
        | changes
    )


HEADER = "Id,Name,Born,Spent,Visits,Member,Changed\n"
GOOD = "1,Ann,1980-02-03,10.50,3,yes,2020-01-01 10:00:00\n"


def load(con: duckdb.DuckDBPyConnection, folder: Path, declaration: SourceObject | None = None) -> list[LoadOutcome]:
    outcomes = load_object(con, declaration or declare(), folder, NOW, progress=lambda _: None)
    for row in con.execute(
        "select rows_read, rows_accepted + rows_duplicate + rows_quarantined from raw.load_log"
    ).fetchall():
        assert row[0] == row[1]
    return outcomes


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.execute(sql).fetchall()


def test_types_and_formats(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        HEADER + GOOD + "2,Bob,03/02/1980,,2.0,否,2020-01-01T12:00:00+02:00\n", encoding="utf-8"
    )
    load(con, tmp_path)
    loaded = rows(
        con,
        'select "Id", cast("Born" as varchar), "Spent", "Visits", "Member", cast("Changed" as varchar), _row_number'
        " from raw.shop__people order by 1",
    )
    assert [tuple(map(str, row)) for row in loaded] == [
        ("1", "1980-02-03", "10.5000", "3", "True", "2020-01-01 10:00:00", "1"),
        ("2", "1980-02-03", "None", "2", "False", "2020-01-01 10:00:00", "2"),
    ]


def test_bad_rows_are_quarantined_whole_and_named(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(
        HEADER
        + GOOD
        + ",NoKey,1980-02-03,1,1,yes,2020-01-01\n"
        + "3,BadDate,1980-02-31,1,1,yes,2020-01-01\n"
        + "4,BadAmount,1980-02-03,ten,1,yes,2020-01-01\n"
        + "5,BadCount,1980-02-03,1,1.5,yes,2020-01-01\n"
        + "6,Short\n"
        + "7,Long,1980-02-03,1,1,yes,2020-01-01,extra\n",
        encoding="utf-8",
    )
    (outcome,) = load(con, tmp_path)
    assert (outcome.rows_read, outcome.rows_accepted, outcome.rows_quarantined) == (7, 1, 6)
    found = rows(con, "select column_name, rule, message, raw_row from raw.quarantine")
    assert {(row[0], row[1]) for row in found if row[1] != "unreadable row"} == {
        ("Id", "missing key"),
        ("Born", "not a date"),
        ("Spent", "not a decimal"),
        ("Visits", "not an integer"),
    }
    assert sum(row[1] == "unreadable row" for row in found) == 2
    by_rule = {row[1]: row for row in found}
    assert "'ten'" in by_rule["not a decimal"][2]
    assert "1980-02-31" not in by_rule["not a date"][2]  # personal: masked in the message ...
    assert "1980-02-31" in by_rule["not a date"][3]  # ... kept in the row
    assert json.loads(by_rule["missing key"][3])["Name"] == "NoKey"


def test_exact_duplicates_are_counted_within_and_across_files(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD + GOOD, encoding="utf-8")
    (tmp_path / "people_2.csv").write_text(HEADER + GOOD + GOOD.replace("Ann", "Anna"), encoding="utf-8")
    first, second = load(con, tmp_path)
    assert (first.rows_accepted, first.rows_duplicate) == (1, 1)
    assert (second.rows_accepted, second.rows_duplicate) == (1, 1)


def test_same_file_is_a_no_op_and_a_corrected_one_replaces(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + GOOD + "2,Bob,bad,1,1,yes,2020-01-01\n", encoding="utf-8")
    load(con, tmp_path)
    before = rows(con, "select * from raw.load_log")
    (again,) = load(con, tmp_path)
    assert again.status == "known"
    assert rows(con, "select * from raw.load_log") == before

    path.write_text(HEADER + GOOD + "2,Bob,1990-01-01,1,1,yes,2020-01-01\n", encoding="utf-8")
    (corrected,) = load(con, tmp_path)
    assert (corrected.status, corrected.rows_accepted) == ("replaced", 2)
    assert rows(con, 'select "Id" from raw.shop__people order by 1') == [("1",), ("2",)]
    assert rows(con, "select count(*) from raw.quarantine") == [(0,)]
    assert sorted(rows(con, "select status from raw.load_log")) == [("replaced",), ("superseded",)]

    path.write_text(HEADER + GOOD + "2,Bob,bad,1,1,yes,2020-01-01\n", encoding="utf-8")
    load(con, tmp_path)
    assert rows(con, "select count(*), count(distinct load_id) from raw.load_log") == [(2, 2)]


def test_encodings(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    declaration = declare(
        encoding="gb18030", key=["会员号"], cursor=None, columns={"会员号": "string", "姓名": "string"}
    )
    (tmp_path / "people.csv").write_bytes('会员号,姓名\r\n1,王小明\r\n2,"欧阳,娜娜"\r\n'.encode("gb18030"))
    load(con, tmp_path, declaration)
    assert rows(con, 'select "姓名" from raw.shop__people order by "会员号"') == [("王小明",), ("欧阳,娜娜",)]


def test_byte_order_mark_is_not_part_of_the_first_title(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes((HEADER + GOOD).encode("utf-8-sig"))
    (outcome,) = load(con, tmp_path)
    assert (outcome.status, outcome.rows_accepted) == ("loaded", 1)


def refusal(con: duckdb.DuckDBPyConnection, folder: Path, declaration: SourceObject | None = None) -> str:
    (outcome,) = load(con, folder, declaration)
    assert outcome.status == "refused"
    assert rows(con, "select count(*) from raw.shop__people") == [(0,)]
    assert rows(con, "select status from raw.load_log") == [("refused",)]
    load(con, folder, declaration)
    assert rows(con, "select status from raw.load_log") == [("refused",)]
    return outcome.message


def test_missing_column_names_file_and_column(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(HEADER.replace("Spent,", ""), encoding="utf-8")
    message = refusal(con, tmp_path)
    assert "people.csv" in message
    assert "'Spent'" in message


def test_file_without_header_does_not_put_people_into_the_message(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    message = refusal(con, tmp_path)
    assert "'Id'" in message
    assert "Ann" not in message


def test_refusal_is_settled_by_a_corrected_file(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(GOOD, encoding="utf-8")
    refusal(con, tmp_path)
    (tmp_path / "people.csv").write_text(HEADER + GOOD, encoding="utf-8")
    load(con, tmp_path)
    assert sorted(rows(con, "select status from raw.load_log")) == [("loaded",), ("superseded",)]


def test_wrong_encoding_names_file_line_and_column(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes((HEADER + GOOD).encode() + "2,Zoë,,,,,\n".encode("latin-1"))
    message = refusal(con, tmp_path)
    assert "people.csv" in message
    assert "line 3" in message
    assert "'Name'" in message


def test_empty_file(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_bytes(b"")
    assert "people.csv is empty" in refusal(con, tmp_path).replace(":", "")


def test_truncated_csv(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(HEADER + GOOD + "2,Bob,1980", encoding="utf-8")
    message = refusal(con, tmp_path)
    assert "truncated" in message
    assert "'Born'" in message


def test_folder_in_place_of_a_file(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.csv").mkdir()
    assert "folder" in refusal(con, tmp_path)


JSON_LINES = {"format": "jsonl", "files": "people*.jsonl"}


def test_json_lines(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    good = {"Id": "1", "Name": "Ann", "Born": "1980-02-03", "Spent": 1.5, "Visits": 1, "Member": True, "Changed": None}
    lines = [
        json.dumps(good),
        json.dumps(good | {"Id": "2", "Changed": "2020-01-01T00:00:00Z", "Nickname": "Annie"}),
        "not json",
        json.dumps(good | {"Id": None}),
    ]
    (tmp_path / "people.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (outcome,) = load(con, tmp_path, declare(**JSON_LINES))
    assert (outcome.rows_read, outcome.rows_accepted, outcome.rows_quarantined) == (4, 2, 2)
    assert rows(con, 'select "Spent", "Member", _undeclared from raw.shop__people order by "Id" desc limit 1') == [
        (pytest.approx(1.5), True, '{"Nickname":"Annie"}')
    ]
    assert rows(con, "select raw_row from raw.quarantine where rule = 'not JSON'") == [("not json",)]


def test_truncated_json_lines(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text('{"Id": "1"}\n{"Id": "2", "Name": "B', encoding="utf-8")
    message = refusal(con, tmp_path, declare(**JSON_LINES))
    assert "truncated" in message
    assert "'Name'" in message


def test_parquet_and_a_half_written_one(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    declaration = declare(format="parquet", files="people*.parquet")
    path = tmp_path / "people.parquet"
    con.execute(
        'copy (select 1 as "Id", \'Ann\' as "Name", date \'1980-02-03\' as "Born", 1.5 as "Spent", 1 as "Visits",'
        f" true as \"Member\", timestamp '2020-01-01 10:00:00.123' as \"Changed\") to '{path}' (format parquet)"
    )
    (outcome,) = load(con, tmp_path, declaration)
    assert outcome.rows_accepted == 1
    assert rows(con, 'select cast("Changed" as varchar) from raw.shop__people') == [("2020-01-01 10:00:00.123",)]

    whole = path.read_bytes()
    path.unlink()
    (tmp_path / "people_2.parquet").write_bytes(whole[: len(whole) // 2])
    (refused,) = load(con, tmp_path, declaration)
    assert refused.status == "refused"
    assert "people_2.parquet" in refused.message
    assert str(tmp_path) not in refused.message
    assert rows(con, "select count(*) from raw.shop__people") == [(1,)]


def test_no_file_leaves_an_empty_typed_table(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    assert load(con, tmp_path) == []
    assert rows(con, "select count(*) from raw.shop__people") == [(0,)]


def test_declaration_that_names_an_undeclared_key_is_refused() -> None:
    with pytest.raises(ValueError, match="Nope"):
        declare(key=["Nope"])


NO_CURSOR = {"key": ["Id"], "cursor": None}


def newest(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Names as the staging layer sees them where nothing but the order of deliveries says what is newer."""
    return rows(
        con,
        'select "Name" from raw.shop__people qualify row_number() over (partition by "Id" order by _loaded_at desc,'
        " _file desc, _row_number desc nulls first) = 1 and not _deleted order by 1",
    )


def test_without_a_cursor_a_value_may_come_back(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for day, name in enumerate(("Ann", "Anna", "Ann", "Ann")):
        (tmp_path / f"people_{day}.csv").write_text(HEADER + GOOD.replace("Ann", name), encoding="utf-8")
    outcomes = load(con, tmp_path, declare(**NO_CURSOR))
    assert [outcome.rows_accepted for outcome in outcomes] == [1, 1, 1, 0]
    assert newest(con) == [("Ann",)]


def test_a_corrected_file_keeps_its_place_among_the_deliveries(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    declaration = declare(**NO_CURSOR)
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD.replace("Ann", "Old"), encoding="utf-8")
    load(con, tmp_path, declaration)
    (tmp_path / "people_2.csv").write_text(HEADER + GOOD.replace("Ann", "New"), encoding="utf-8")
    load_object(con, declaration, tmp_path, NOW.replace(day=3), progress=lambda _: None)
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD.replace("Ann", "Older"), encoding="utf-8")
    load_object(con, declaration, tmp_path, NOW.replace(day=4), progress=lambda _: None)
    assert newest(con) == [("New",)]


def test_a_row_is_no_duplicate_of_one_that_was_taken_back(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD, encoding="utf-8")
    (tmp_path / "people_2.csv").write_text(HEADER + GOOD, encoding="utf-8")
    load(con, tmp_path)
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD.replace("1,Ann", "9,Eve"), encoding="utf-8")
    corrected, other = load(con, tmp_path)
    assert (corrected.status, other.status, other.rows_accepted) == ("replaced", "replaced", 1)
    assert rows(con, 'select "Name" from raw.shop__people order by 1') == [("Ann",), ("Eve",)]


def test_replay_loads_again_what_a_mended_declaration_accepts(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    (tmp_path / "people_1.csv").write_text(HEADER + GOOD + "2,Bob,03.02.1980,1,1,yes,2020-01-01\n", encoding="utf-8")
    (tmp_path / "people_2.csv").write_text(HEADER + GOOD.replace("1,Ann", "3,Cem"), encoding="utf-8")
    load(con, tmp_path)
    assert rows(con, "select rule from raw.quarantine") == [("not a date",)]
    mended = declare(
        columns={**declare().columns, "Born": {"type": "date", "formats": ["%Y-%m-%d", "%d.%m.%Y"], "personal": True}}
    )
    assert [outcome.status for outcome in load(con, tmp_path, mended)] == ["known", "known"]
    replayed = load_object(con, mended, tmp_path, NOW, progress=lambda _: None, replay=True)
    assert [(outcome.status, outcome.rows_accepted) for outcome in replayed] == [("replaced", 2), ("known", 0)]
    assert rows(con, "select count(*) from raw.quarantine") == [(0,)]
    assert rows(con, 'select cast("Born" as varchar) from raw.shop__people where "Id" = \'2\'') == [("1980-02-03",)]
    assert reconcile(con, [mended])[1] == []
