"""Objects pulled from databases: real servers of PostgreSQL and MariaDB, and SQLite files; from the table to the raw table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingest.connectors import make_connector
from dagster_project.ingest.connectors.database import PAGE_ROWS, DatabaseConnector
from dagster_project.ingest.declaration import SourceObject, read_source_objects
from dagster_project.ingest.errors import PullRefused
from dagster_project.ingest.load import LoadOutcome, load_object
from dagster_project.ingest.pull import Cursor, Pulled, Row, pull_object, pulled_files
from dagster_project.warehouse import connect
from tests.killing import everything_in, memory_growth, places, run, run_killed, spread
from tests.project import ROOT
from tests.servers.databases import PASSWORD, Server, running

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
SERVERS = ("postgresql", "mariadb")
ALL = (*SERVERS, "sqlite")
URL = "GOLDEN_ERP_URL"
DATABASES = count(1)
"""Numbers of the databases: each test has one of its own."""


@dataclass
class Erp:
    """One database of an ERP, the landing folder it is pulled into, and the warehouse its pulls are loaded into."""

    dialect: str
    landing: Path
    con: duckdb.DuckDBPyConnection
    database: str = ""
    server: Server | None = None
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.landing / "erp" / "erp.sqlite"

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        if self.server:
            return self.server.execute(self.database, *statements)
        with closing(sqlite3.connect(self.file)) as connection, connection:
            return [connection.execute(statement).fetchall() for statement in statements][-1]

    def create(self, table: str, columns: str) -> None:
        """A new table that the platform's user may read. Types: TIME is a moment, LOCAL a time without a zone."""
        types = {
            "postgresql": {"TIME": "timestamptz", "LOCAL": "timestamp", "AMOUNT": "numeric(18, 4)"},
            "mariadb": {"TIME": "timestamp(6) null", "LOCAL": "datetime(6)", "AMOUNT": "decimal(18, 4)"},
            "sqlite": {"TIME": "text", "LOCAL": "text", "AMOUNT": "text"},
        }[self.dialect]
        for name, of_dialect in types.items():
            columns = columns.replace(name, of_dialect)
        self.execute(f"create table {table} ({columns})")
        if self.server:
            reader = "reader@localhost" if self.dialect == "mariadb" else "reader"
            self.execute(f"grant select on {table} to {reader}")

    def moment(self, text: str) -> str:
        """SQL literal of a time in UTC, for a column of type TIME; whatever time zone the server is set to."""
        if self.dialect == "mariadb":  # whose sessions are 8 hours ahead in these tests
            return f"'{datetime.fromisoformat(text) + timedelta(hours=8)}'"
        return f"'{text}+00:00'"

    def connector(self, declaration: SourceObject) -> DatabaseConnector:
        connector = make_connector(declaration, self.landing, self.environment)
        assert isinstance(connector, DatabaseConnector)
        return connector

    def pull(self, declaration: SourceObject, now: datetime = NOW) -> Pulled:
        return pull_object(self.connector(declaration), declaration, self.landing, now, progress=lambda _: None)

    def landed(self, declaration: SourceObject) -> list[Path]:
        return pulled_files(self.landing / "erp" / "pulled", declaration)

    def load(self, declaration: SourceObject) -> list[LoadOutcome]:
        loaded_at = NOW.replace(tzinfo=None)
        return load_object(self.con, declaration, self.landing, loaded_at, progress=lambda _: None)

    def raw(self, declaration: SourceObject, *columns: str) -> list[tuple[Any, ...]]:
        """The loaded rows, by key and in the order in which they were loaded."""
        wanted = ", ".join(f'"{column}"' for column in columns or declaration.columns)
        keys = ", ".join(f'"{column}"' for column in declaration.key)
        return self.con.execute(
            f'select {wanted} from raw."{declaration.table}" order by {keys}, _file, _row_number'
        ).fetchall()


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Server]]:
    with running("postgresql") as postgresql, running("mariadb") as mariadb:
        yield {"postgresql": postgresql, "mariadb": mariadb}


@pytest.fixture
def erp(servers: dict[str, Server], tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Erp]:
    """An empty database of the kind that the test asks for, and everything around it."""
    with connect(":memory:") as con:
        erp = Erp(request.param, tmp_path, con, server=servers.get(request.param))
        erp.file.parent.mkdir()
        if erp.server:
            erp.database = f"erp_{next(DATABASES)}"
            erp.server.create_database(erp.database)
            erp.environment = {URL: erp.server.url("reader", erp.database)}
        yield erp


everywhere = pytest.mark.parametrize("erp", ALL, indirect=True)
on_servers = pytest.mark.parametrize("erp", SERVERS, indirect=True)


def only(dialect: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("erp", [dialect], indirect=True)


def declare(**changes: Any) -> SourceObject:
    pull = {"connector": "database", "source": "invoices", "credentials": "GOLDEN_ERP"} | changes.pop("pull", {})
    return SourceObject(
        **{
            "system": "erp",
            "name": "invoices",
            "files": "erp/invoices_*.jsonl",
            "format": "jsonl",
            "key": ["id"],
            "cursor": "changed_at",
            "quarantine_limit": 1,
            "columns": {
                "id": "integer",
                "customer": {"type": "string", "personal": True},
                "amount": "decimal",
                "changed_at": {"type": "timestamp", "may_be_future": True},
            },
        }
        | changes
        | {"pull": pull}
    )


INVOICES = "id int primary key, customer varchar(200), amount AMOUNT, changed_at TIME"


def insert(erp: Erp, number: int, changed_at: str | None, customer: str = "Li Wei", amount: str = "1.5") -> None:
    moment = "null" if changed_at is None else erp.moment(changed_at)
    erp.execute(f"insert into invoices values ({number}, '{customer}', '{amount}', {moment})")


# --- what arrives -----------------------------------------------------------------------------------------------------


@everywhere
def test_the_raw_table_holds_what_the_table_holds(erp: Erp) -> None:
    erp.create("invoices", INVOICES + ", issued date, paid boolean, note varchar(200)")
    rows = [
        (1, "北京智慧科技有限公司 🏢", "99999999999999.9999", "2026-01-01 10:00:00.123456", "2025-12-31", True, ""),
        (2, "O''Neil, \"Bob\"", "0.0001", "2026-01-01 10:00:00", "1900-01-01", False, "two\nlines"),
        (3, "", "-12345.6000", "1999-12-31 23:59:59", None, None, None),
    ]
    for number, customer, amount, changed_at, issued, paid, note in rows:
        values = [f"'{value}'" if value is not None else "null" for value in (issued, note)]
        erp.execute(
            f"insert into invoices values ({number}, '{customer}', '{amount}', {erp.moment(changed_at)}, {values[0]},"
            f" {str(paid).lower() if paid is not None else 'null'}, {values[1]})"
        )
    columns = declare().model_dump()["columns"] | {"issued": "date", "paid": "boolean", "note": "string"}
    declaration = declare(columns=columns, null_values=[])
    assert erp.pull(declaration).rows == 3
    (outcome,) = erp.load(declaration)
    assert (outcome.rows_accepted, outcome.rows_quarantined) == (3, 0)
    assert erp.raw(declaration) == [
        (
            number,
            customer.replace("''", "'"),
            Decimal(amount),
            datetime.fromisoformat(changed_at),
            date.fromisoformat(issued) if issued else None,
            paid,
            note,
        )
        for number, customer, amount, changed_at, issued, paid, note in rows
    ]


@everywhere
def test_the_same_table_makes_the_same_file_in_whatever_order_it_was_filled(erp: Erp) -> None:
    erp.create("invoices", INVOICES.replace(" primary key", ""))
    for number in (3, 1, 2):
        insert(erp, number, "2026-01-01 10:00:00")
    first = erp.pull(declare()).file
    assert first is not None
    lines = first.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, 2, 3]
    erp.execute("delete from invoices")
    for number in (2, 3, 1):
        insert(erp, number, "2026-01-01 10:00:00")
    again = erp.pull(declare(name="again")).file
    assert again is not None
    assert again.read_bytes() == first.read_bytes()


@only("postgresql")
def test_a_table_in_a_schema_and_a_view(erp: Erp) -> None:
    erp.execute("create schema sales", "grant usage on schema sales to reader")
    erp.create("sales.invoices", INVOICES)
    erp.execute(f"insert into sales.invoices values (7, 'Li', 1, {erp.moment('2026-01-01 10:00:00')})")
    erp.execute(
        'create view "Offene Posten" as select * from sales.invoices', 'grant select on "Offene Posten" to reader'
    )
    assert erp.pull(declare(pull={"options": {"schema": "sales"}})).rows == 1
    assert erp.pull(declare(name="view", pull={"source": "Offene Posten"})).rows == 1
    with pytest.raises(PullRefused, match=r"has no table 'invoices' that its user may see"):
        erp.pull(declare(name="other"))


@everywhere
def test_fields_are_renamed_to_their_titles(erp: Erp) -> None:
    erp.create("invoices", "fplm_no int primary key, changed_at TIME")
    erp.execute(f"insert into invoices values (1, {erp.moment('2026-01-01 10:00:00')})")
    titles = {"编号": {"type": "integer", "field": "fplm_no"}, "更新": {"type": "timestamp", "field": "changed_at"}}
    declaration = declare(key=["编号"], cursor="更新", columns=titles)
    erp.pull(declaration)
    erp.load(declaration)
    assert erp.raw(declaration) == [(1, datetime(2026, 1, 1, 10))]
    assert erp.pull(declaration, NOW + timedelta(minutes=5)).rows == 0


# --- what has changed -------------------------------------------------------------------------------------------------


@everywhere
def test_a_second_pull_brings_what_changed_and_a_third_nothing(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    for number in range(1, 6):
        insert(erp, number, f"2025-12-0{number} 10:00:00")
    first = erp.pull(declare())
    assert first.file is not None
    assert first.rows == 5
    assert first.file.name == "invoices_000001_t20251205T100000.000000Z.jsonl"
    erp.execute(f"update invoices set amount = '2.25', changed_at = {erp.moment('2026-01-01 08:30:00.5')} where id = 2")
    insert(erp, 6, "2026-01-01 09:00:00")
    second = erp.pull(declare())
    assert (second.rows, second.known) == (2, 1)  # number 5 stands on the mark
    third = erp.pull(declare())
    assert (third.file, third.rows, third.known) == (None, 0, 2)
    erp.load(declare())
    assert erp.raw(declare(), "id", "amount") == [
        (1, Decimal("1.5")), (2, Decimal("1.5")), (2, Decimal("2.25")), (3, Decimal("1.5")),
        (4, Decimal("1.5")), (5, Decimal("1.5")), (6, Decimal("1.5")),
    ]  # fmt: skip
    assert [outcome.status for outcome in erp.load(declare())] == ["known", "known"]


@everywhere
def test_late_rows_inside_the_overlap_arrive_and_older_ones_do_not(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    insert(erp, 1, "2026-01-01 10:00:00")
    declaration = declare(pull={"overlap_minutes": 60})
    erp.pull(declaration)
    insert(erp, 2, "2026-01-01 09:00:00")
    insert(erp, 3, "2026-01-01 08:59:59")
    late = erp.pull(declaration)
    assert (late.rows, late.known) == (1, 1)
    assert late.file is not None
    assert late.file.name.endswith("_t20260101T100000.000000Z.jsonl")  # a late row does not turn the mark back
    assert erp.pull(declaration).rows == 0


@on_servers
def test_a_row_of_a_transaction_that_was_open_during_the_pull_arrives_with_the_next(erp: Erp) -> None:
    import sqlalchemy as sa

    assert erp.server is not None
    erp.create("invoices", INVOICES)
    engine = sa.create_engine(erp.server.url("admin", erp.database), poolclass=sa.NullPool)
    with engine.connect() as slow:
        slow.exec_driver_sql(f"insert into invoices values (1, 'Li', 1, {erp.moment('2026-01-01 10:00:00')})")
        insert(erp, 2, "2026-01-01 10:30:00")
        assert erp.pull(declare()).rows == 1
        slow.commit()
    assert erp.pull(declare()).rows == 1


@everywhere
def test_rows_without_a_time_come_once_and_again_when_they_change(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    insert(erp, 1, None)
    insert(erp, 2, "2025-06-01 10:00:00")
    first = erp.pull(declare())
    assert first.file is not None
    assert first.file.name.endswith("Z_open.jsonl")
    insert(erp, 3, "2026-01-01 10:00:00")
    assert erp.pull(declare()).rows == 1
    assert erp.pull(declare()).rows == 0
    insert(erp, 4, None)
    erp.execute("update invoices set customer = 'Li Na' where id = 1")
    assert erp.pull(declare()).rows == 2
    assert erp.pull(declare()).rows == 0


@everywhere
def test_a_clock_ahead_of_ours_makes_no_later_row_be_missed(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    insert(erp, 1, "2026-01-02 09:00:00")
    insert(erp, 2, "2031-05-05 05:05:05")
    first = erp.pull(declare(), NOW)
    assert first.file is not None
    assert first.file.name == "invoices_000001_t20260102T120000.000000Z_open.jsonl"
    insert(erp, 3, "2026-01-02 12:30:00")
    second = erp.pull(declare(), NOW + timedelta(hours=1))
    assert (second.rows, second.known) == (1, 1)
    for days in (1, 30, 400):  # the row of 2031 is sent again every time, and known every time
        assert erp.pull(declare(), NOW + timedelta(days=days)).rows == 0


@everywhere
@pytest.mark.parametrize("overlap", [0, 3])
def test_a_cursor_of_whole_numbers(erp: Erp, overlap: int) -> None:
    erp.create("invoices", "id int, version bigint")
    for version in (8_000_000_000, 8_000_000_005):
        erp.execute(f"insert into invoices values (1, {version})")
    declaration = declare(
        cursor="version", columns={"id": "integer", "version": "integer"}, pull={"overlap_numbers": overlap}
    )
    first = erp.pull(declaration)
    assert first.file is not None
    assert first.file.name == "invoices_000001_n8000000005.jsonl"
    erp.execute("insert into invoices values (2, 8000000003), (2, 8000000006)")  # the lower one committed late
    assert erp.pull(declaration).rows == (2 if overlap else 1)
    assert erp.pull(declaration).rows == 0


@on_servers
def test_a_cursor_of_decimal_numbers_and_one_of_dates(erp: Erp) -> None:
    erp.create("invoices", "id int, version numeric(20), day date, unique (id)")
    erp.execute("insert into invoices values (1, 5, '2025-12-30'), (2, 6, '2026-01-01')")
    by_number = declare(cursor="version", columns={"id": "integer", "version": "integer"})
    by_day = declare(name="by_day", cursor="day", columns={"id": "integer", "day": "date"}, time_zone="Asia/Shanghai")
    assert (erp.pull(by_number).rows, erp.pull(by_day).rows) == (2, 2)
    assert erp.landed(by_day)[0].name.endswith("_t20251231T160000.000000Z.jsonl")
    erp.execute("insert into invoices values (3, 7, '2026-01-01'), (4, 7, '2026-01-02')")
    assert (erp.pull(by_number).rows, erp.pull(by_day).rows) == (2, 2)
    assert (erp.pull(by_number).rows, erp.pull(by_day).rows) == (0, 0)


@everywhere
def test_times_without_a_zone_are_in_the_declared_one(erp: Erp) -> None:
    erp.create("invoices", INVOICES.replace("TIME", "LOCAL"))
    for number, changed_at in [(1, "2026-01-01 18:00:00"), (2, "2026-01-01 20:00:00.000001")]:
        erp.execute(f"insert into invoices values ({number}, 'Li', '1', '{changed_at}')")
    declaration = declare(time_zone="Asia/Shanghai", pull={"overlap_minutes": 0})
    first = erp.pull(declaration)
    assert first.file is not None
    assert first.file.name.endswith("_t20260101T120000.000001Z.jsonl")
    erp.execute(
        "insert into invoices values (3, 'Li', '1', '2026-01-01 20:00:00'), (4, 'Li', '1', '2026-01-01 21:00:00')"
    )
    second = erp.pull(declaration)
    assert (second.rows, second.known) == (1, 1)
    erp.load(declaration)
    assert erp.raw(declaration, "id", "changed_at") == [
        (1, datetime(2026, 1, 1, 10)),
        (2, datetime(2026, 1, 1, 12, 0, 0, 1)),
        (4, datetime(2026, 1, 1, 13)),
    ]


@only("sqlite")
def test_times_as_texts_are_compared_as_times(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    for number, text in enumerate(
        ["2026-01-01T10:00:00Z", "2026-01-01 18:30:00+08:00", "2026-01-01 09:59:59"], start=1
    ):
        erp.execute(f"insert into invoices values ({number}, 'Li', '1', '{text}')")
    declaration = declare(pull={"overlap_minutes": 0})
    assert erp.pull(declaration).rows == 3
    assert erp.landed(declaration)[0].name.endswith("_t20260101T103000.000000Z.jsonl")
    erp.execute("insert into invoices values (4, 'Li', '1', '2026-01-01 05:31:00-05:00'), (5, 'Li', '1', 'soon')")
    assert erp.pull(declaration).rows == 2
    assert erp.pull(declaration).rows == 0


# --- what was deleted -------------------------------------------------------------------------------------------------


@everywhere
def test_rows_marked_as_deleted(erp: Erp) -> None:
    erp.create("invoices", INVOICES + ", deleted_at TIME")
    for number in (1, 2):
        insert_values = f"({number}, 'Li', '1', {erp.moment('2026-01-01 10:00:00')}, null)"
        erp.execute(f"insert into invoices values {insert_values}")
    declaration = declare(
        columns=declare().model_dump()["columns"] | {"deleted_at": "timestamp"}, deletion_marker="deleted_at"
    )
    erp.pull(declaration)
    moment = erp.moment("2026-01-01 11:00:00")
    erp.execute(f"update invoices set deleted_at = {moment}, changed_at = {moment} where id = 2")
    assert erp.pull(declaration).rows == 1
    erp.load(declaration)
    assert erp.raw(declaration, "id", "_deleted") == [(1, False), (2, False), (2, True)]


@everywhere
def test_a_snapshot_tells_what_was_deleted(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    declaration = declare(delivers="snapshot")
    for number in range(1, 5):
        insert(erp, number, "2026-01-01 10:00:00")
    first = erp.pull(declaration)
    assert first.file is not None
    assert first.file.name == "invoices_000001_all.jsonl"
    assert erp.pull(declaration).file is None  # nothing has changed
    erp.execute("delete from invoices where id = 3")
    second = erp.pull(declaration)
    assert second.rows == 3
    outcomes = erp.load(declaration)
    assert [outcome.records_deleted for outcome in outcomes] == [0, 1]
    assert [row[0] for row in erp.raw(declaration, "id", "_deleted") if row[1]] == [3]


@everywhere
def test_a_snapshot_of_an_emptied_table_is_refused(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    declaration = declare(delivers="snapshot")
    assert erp.pull(declaration).file is None  # empty from the start: nothing to say
    insert(erp, 1, None)
    assert erp.pull(declaration).rows == 1
    erp.execute("delete from invoices")
    with pytest.raises(PullRefused, match="no rows at all, where the last pull brought some"):
        erp.pull(declaration)
    assert [path.name for path in erp.landed(declaration)] == ["invoices_000001_all.jsonl"]


# --- values no other system knows -------------------------------------------------------------------------------------


@only("postgresql")
def test_types_of_postgresql_arrive_as_text(erp: Erp) -> None:
    erp.execute("create type mood as enum ('sad', 'ok')", "create type place as (x int, y numeric)")
    erp.create(
        "invoices",
        "id int, changed_at TIME, bytes bytea, document jsonb, labels text[], amounts numeric[], times timestamptz[],"
        " length interval, opens time, opens_tz timetz, code uuid, feeling mood, spot place, net inet, span int4range, bits bit(3),"
        " valid_to timestamp, born date, ratio double precision, share numeric, search tsvector, price money",
    )
    erp.execute(
        "insert into invoices values (1, '2026-01-01 10:00+00', '\\xdeadbeef',"
        """ '{"n": 12345678901234567890.123456789, "名": "李"}', '{a,"b,c",null}', '{1.10,2.00}', '{2026-01-01 10:00+08}',"""
        " '1 year 2 months 3 days 04:05:06', '24:00', '10:00+08', '5b0c8f53-55c1-4b0e-9d53-6f0f4a7f2c11', 'sad', '(1,2.50)',"
        " '10.0.0.1/8', '[1,5)', B'101', 'infinity', '0044-03-15 BC', 'NaN', 'NaN', 'a fat cat', '12.30')",
        "insert into invoices (id, changed_at) values (2, 'infinity')",
    )
    names = "bytes document labels amounts times length opens opens_tz code feeling spot net span bits valid_to born ratio share"
    columns = {"id": "integer", "changed_at": "timestamp"} | dict.fromkeys(names.split(), "string")
    declaration = declare(columns=columns)
    assert erp.pull(declaration).rows == 2
    erp.load(declaration)
    row = dict(zip(names.split(), erp.raw(declaration, *names.split())[0], strict=True))
    assert json.loads(row.pop("labels")) == ["a", "b,c", None]
    assert json.loads(row.pop("amounts")) == ["1.10", "2.00"]
    assert json.loads(row.pop("times")) == ["2026-01-01 02:00:00+00"]
    assert row == {
        "bytes": "deadbeef",
        "document": '{"n": 12345678901234567890.123456789, "名": "李"}',
        "length": "P1Y2M3DT4H5M6S",
        "opens": "24:00:00",
        "opens_tz": "10:00:00+08",
        "code": "5b0c8f53-55c1-4b0e-9d53-6f0f4a7f2c11",
        "feeling": "sad",
        "spot": "(1,2.50)",
        "net": "10.0.0.1/8",
        "span": "[1, 5)",
        "bits": "101",
        "valid_to": "infinity",
        "born": "0044-03-15 BC",
        "ratio": "nan",
        "share": "NaN",
    }
    assert erp.pull(declaration).rows == 0  # the row of infinity is asked for again, and known


@only("mariadb")
def test_types_of_mariadb_arrive_as_text(erp: Erp) -> None:
    erp.create(
        "invoices",
        "id int, changed_at LOCAL not null, bytes blob, code binary(4), bits bit(9), document json, colours set('red', 'blue'),"
        " feeling enum('sad', 'ok'), length time(1), since year, spot point, born date not null, big bigint unsigned,"
        " ratio float, double_ratio double, tiny tinyint(1)",
    )
    erp.execute(
        "set session sql_mode = ''",  # as in the servers that hold such dates
        "insert into invoices values (1, '2026-01-01 10:00:00', x'deadbeef', 'ab', b'100000001',"
        """ '{"n": 12345678901234567890.123456789, "名": "李"}', 'blue,red', 'ok', '-838:59:59.5', 1999, point(1, 2),"""
        " '0000-00-00', 18446744073709551615, 0.1, 0.1, 1)",
        "insert into invoices (id, changed_at, born) values (2, '0000-00-00', '2026-02-31')",
    )
    names = "bytes code bits document colours feeling length since born big ratio double_ratio tiny".split()
    columns = {"id": "integer", "changed_at": "timestamp"} | dict.fromkeys(names, "string")
    declaration = declare(columns=columns)
    assert erp.pull(declaration).rows == 2
    outcomes = erp.load(declaration)
    assert [(outcome.rows_accepted, outcome.rows_quarantined) for outcome in outcomes] == [(1, 1)]
    assert erp.con.execute("select column_name, rule from raw.quarantine").fetchall() == [
        ("changed_at", "not a timestamp")
    ]
    assert dict(zip(names, erp.raw(declaration, *names)[0], strict=True)) == {
        "bytes": "deadbeef",
        "code": "61620000",
        "bits": "0101",
        "document": '{"n": 12345678901234567890.123456789, "名": "李"}',
        "colours": "red,blue",
        "feeling": "ok",
        "length": "-838:59:59.5",
        "since": "1999",
        "born": "0000-00-00",
        "big": "18446744073709551615",
        "ratio": "0.1",
        "double_ratio": "0.1",
        "tiny": "1",
    }
    assert erp.pull(declaration).rows == 0  # to MariaDB, 0000-00-00 is NULL as well, so it is asked for again


@only("sqlite")
def test_values_of_sqlite_arrive_as_they_are_stored(erp: Erp) -> None:
    erp.create("invoices", "id int, changed_at datetime, amount decimal(10, 2), born date, photo blob")
    erp.execute(
        "insert into invoices values (1, '2026-01-01 10:00', 12.5, '05.04.1980', x'00ff'),"
        " (2, null, 9e999, 1980, 'text'), (3, 'yesterday', 'ten', x'00', null)"
    )
    names = ("amount", "born", "photo")
    declaration = declare(columns={"id": "integer", "changed_at": "string"} | dict.fromkeys(names, "string"))
    erp.pull(declaration)
    erp.load(declaration)
    assert erp.raw(declaration, *names) == [
        ("12.5", "05.04.1980", "00ff"),
        ("inf", "1980", "text"),
        ("ten", "00", None),
    ]


@on_servers
def test_the_session_cannot_write(erp: Erp) -> None:
    from sqlalchemy.exc import DBAPIError

    from dagster_project.ingest.connectors.dialects import read_only_engine

    assert erp.server is not None
    erp.create("invoices", INVOICES)
    engine = read_only_engine(erp.server.url("admin", erp.database), declare())
    with engine.connect() as connection, pytest.raises(DBAPIError, match=r"(?i)read.only"):
        connection.exec_driver_sql("insert into invoices (id) values (1)")


# --- tables that change, servers that do not answer -------------------------------------------------------------------


@everywhere
def test_a_vanished_column_is_named_and_nothing_is_landed(erp: Erp) -> None:
    erp.create("invoices", INVOICES + ", spare int")
    insert_row = f"insert into invoices values (1, 'Li', '1', {erp.moment('2026-01-01 10:00:00')}, 5)"
    erp.execute(insert_row)
    erp.pull(declare())
    erp.execute("alter table invoices rename column customer to client", "update invoices set spare = 6")
    with pytest.raises(PullRefused) as refused:
        erp.pull(declare())
    message = str(refused.value)
    assert "has no column 'customer' in table 'invoices'" in message
    assert "'client', 'spare'" in message
    assert "what was landed before stays" in message
    assert len(erp.landed(declare())) == 1
    columns = declare().model_dump()["columns"]
    columns["customer"]["optional"] = True
    assert erp.pull(declare(columns=columns)).rows == 1


@everywhere
def test_an_extra_column_is_kept_as_undeclared(erp: Erp) -> None:
    erp.create("invoices", INVOICES)
    insert(erp, 1, "2026-01-01 10:00:00")
    erp.pull(declare())
    erp.execute("alter table invoices add column 税号 varchar(20)", "update invoices set 税号 = '91110108'")
    insert_row = f"insert into invoices values (2, 'Li', '1', {erp.moment('2026-01-01 10:30:00')}, '91310000')"
    erp.execute(insert_row)
    erp.pull(declare())
    erp.load(declare())
    undeclared = erp.con.execute(f"select id, _undeclared from raw.{declare().table} order by 1, 2").fetchall()
    assert (2, '{"税号":"91310000"}') in [(number, text) for number, text in undeclared]
    assert (1, None) in undeclared


def address(server: Server, database: str, **parts: Any) -> str:
    import sqlalchemy as sa

    return sa.make_url(server.url("reader", database)).set(**parts).render_as_string(hide_password=False)


@on_servers
def test_what_a_server_refuses_is_said_without_host_user_and_password(erp: Erp) -> None:
    assert erp.server is not None
    erp.create("invoices", INVOICES)
    insert(erp, 1, "2026-01-01 10:00:00")
    erp.pull(declare())
    reader = "reader@localhost" if erp.dialect == "mariadb" else "reader"
    erp.execute("create table secrets as select * from invoices")
    if erp.dialect == "mariadb":
        erp.execute(f"grant select (id, customer, amount) on secrets to {reader}")
    wrong = {
        "cannot be reached": address(erp.server, erp.database, host="127.0.0.1", port=1, query={}),
        "refuses the login": address(erp.server, erp.database, password="not-the-password"),
        "has no database of the name": address(erp.server, "nowhere"),
        "has an address that cannot be understood": f"reader:{PASSWORD}@db.example.org/erp",
        "needs the driver": "mssql+pyodbc://reader:secret@db.example.org/erp",
    }
    for problem, url in wrong.items():
        erp.environment[URL] = url
        with pytest.raises(PullRefused) as refused:
            erp.pull(declare())
        message = str(refused.value)
        assert problem in message, message
        assert message.startswith("erp.invoices: the database of GOLDEN_ERP_URL ")
        told = [refused.value.__cause__, None if refused.value.__suppress_context__ else refused.value.__context__]
        assert told == [None, None]  # the driver's own words are not passed on either
        for secret in (
            PASSWORD,
            "not-the-password",
            "secret",
            "reader",
            "127.0.0.1",
            "db.example.org",
            "nowhere",
            "/tmp",
        ):
            assert secret not in message.replace("dialect+driver://user:password@host", ""), message
    erp.environment[URL] = erp.server.url("reader", erp.database)
    with pytest.raises(PullRefused, match=r"does not let its user read the table|has no table 'secrets'"):
        erp.pull(declare(pull={"source": "secrets"}))
    assert len(erp.landed(declare())) == 1
    assert list((erp.landing / "erp" / "pulled").glob(".*")) == []


@only("sqlite")
def test_a_file_that_is_no_database_is_refused(erp: Erp) -> None:
    erp.file.write_text("not a database, but long enough to look like something" * 50)
    with pytest.raises(PullRefused, match=r"the database in erp/erp\.sqlite cannot be read"):
        erp.pull(declare())
    erp.environment[URL] = f"sqlite:///{erp.landing / 'none.sqlite'}"
    with pytest.raises(PullRefused, match="cannot be reached"):
        erp.pull(declare())
    assert not (erp.landing / "none.sqlite").exists()


@only("sqlite")
def test_without_address_and_file_nothing_is_pulled(erp: Erp) -> None:
    assert make_connector(declare(), erp.landing, {}) is None
    with pytest.raises(PullRefused, match="options that no database knows: shcema"):
        make_connector(declare(pull={"options": {"shcema": "x"}}), erp.landing, {})


@on_servers
@pytest.mark.parametrize("kind", ["varchar(30)", "TIME"])
def test_a_cursor_that_cannot_be_compared_is_refused_from_the_first_pull_on(erp: Erp, kind: str) -> None:
    erp.create("invoices", f"id int, version {kind}")
    of_type = "timestamp" if kind.startswith("varchar") else "integer"
    declaration = declare(cursor="version", columns={"id": "integer", "version": of_type})
    with pytest.raises(PullRefused, match=r"cannot be asked for changes by column 'version', which is of type \w+"):
        erp.pull(declaration)


@on_servers
def test_the_environment_says_where_the_database_is_and_nothing_else(erp: Erp, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SCHEMA", "TABLE", "SOURCES__SQL_DATABASE__SCHEMA", "CHUNK_SIZE", "SOURCES__SQL_DATABASE__CHUNK_SIZE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("INCREMENTAL", '{"cursor_path": "amount", "initial_value": 1000}')
    erp.create("invoices", INVOICES)
    insert(erp, 1, "2026-01-01 10:00:00")
    assert erp.pull(declare()).rows == 1


WIDE = 4_000
"""Rows of a thousand bytes: more than the buffers between a server and its client hold."""


def fill(erp: Erp, rows: int, width: int) -> None:
    erp.create("invoices", "id int primary key, customer text, amount AMOUNT, changed_at TIME")
    numbers = {
        "postgresql": f"generate_series(1, {rows}) as numbers(seq)",
        "mariadb": f"seq_1_to_{rows}",
        "sqlite": f"(with recursive numbers(seq) as (select 1 union all select seq + 1 from numbers where seq < {rows})"
        " select seq from numbers)",
    }[erp.dialect]
    text = f"substr('{'x' * width}', 1)" if erp.dialect == "sqlite" else f"repeat('李', {width} / 3)"
    erp.execute(
        f"insert into invoices select seq, {text}, seq * 1.01, {erp.moment('2026-01-01 10:00:00')} from {numbers}"
    )


@dataclass
class Interrupted:
    """A connector with something that happens after its first page."""

    connector: DatabaseConnector
    event: Callable[[], object]

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        for number, page in enumerate(self.connector.rows(since)):
            yield page
            if number == 0:
                self.event()


@on_servers
def test_a_connection_lost_while_reading_lands_nothing_and_the_next_pull_all(erp: Erp) -> None:
    fill(erp, WIDE, 3_000)

    def end_other_sessions() -> None:
        if erp.dialect == "postgresql":
            erp.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'")
        else:
            for (number,) in erp.execute("select id from information_schema.processlist where user = 'reader'"):
                erp.execute(f"kill {number}")

    connector = DatabaseConnector(declare(), erp.environment[URL], "the database of GOLDEN_ERP_URL", page_rows=100)
    with pytest.raises(PullRefused, match="broke the connection off while it was read") as refused:
        pull_object(Interrupted(connector, end_other_sessions), declare(), erp.landing, NOW, progress=lambda _: None)
    assert refused.value.__suppress_context__
    assert list((erp.landing / "erp" / "pulled").iterdir()) == []
    assert erp.pull(declare()).rows == WIDE


@on_servers
def test_a_pull_sees_one_state_of_the_table(erp: Erp) -> None:
    """What is committed meanwhile comes with the next pull."""
    fill(erp, WIDE, 3_000)
    connector = DatabaseConnector(declare(), erp.environment[URL], "the database", page_rows=100)
    moment = erp.moment("2026-01-01 10:30:00")
    change = Interrupted(connector, lambda: erp.execute(f"update invoices set amount = 0, changed_at = {moment}"))
    pulled = pull_object(change, declare(), erp.landing, NOW, progress=lambda _: None)
    assert pulled.file is not None
    assert pulled.rows == WIDE
    amounts = {json.loads(line)["amount"] for line in pulled.file.read_text(encoding="utf-8").splitlines()}
    assert len(amounts) == WIDE  # every row as it was before
    assert erp.pull(declare()).rows == WIDE


def pull_in_process(url: str, landing: Path, declaration: SourceObject, page_rows: int = PAGE_ROWS) -> None:
    """A pull as a process of its own does it."""
    connector = DatabaseConnector(declaration, url, "the database", page_rows)
    pull_object(connector, declaration, landing, NOW, progress=lambda _: None)


def load_in_process(warehouse: Path, landing: Path, declaration: SourceObject) -> None:
    """A load as a process of its own does it."""
    with connect(warehouse) as con:
        load_object(con, declaration, landing, NOW.replace(tzinfo=None), progress=lambda _: None)


@everywhere
def test_memory_does_not_grow_with_the_table(erp: Erp) -> None:
    fill(erp, 200_000, 600)  # 120 MB of text
    url = erp.environment.get(URL, f"sqlite:///{erp.file}")
    growth = memory_growth(pull_in_process, url, erp.landing, declare())
    (landed,) = erp.landed(declare())
    assert landed.stat().st_size > 120e6
    assert sum(1 for _ in landed.open("rb")) == 200_000
    assert growth < 40e6


def landed_bytes(landing: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (landing / "erp" / "pulled").glob("*.jsonl")}


@everywhere
def test_a_killed_pull_is_repeated_and_ends_like_an_undisturbed_one(erp: Erp, tmp_path: Path) -> None:
    fill(erp, 60, 30)
    url = erp.environment.get(URL, f"sqlite:///{erp.file}")
    calm = tmp_path / "calm"
    passed = places(pull_in_process, url, calm, declare(), 25)
    expected = landed_bytes(calm)
    assert len(expected) == 1
    for number, place in enumerate(spread(passed, 12)):
        landing = tmp_path / f"killed_{number}"
        assert run_killed(place, pull_in_process, url, landing, declare(), 25)
        left = landed_bytes(landing) if (landing / "erp").exists() else {}
        assert left in ({}, expected), f"half a pull is landed: {place}"
        run(pull_in_process, url, landing, declare(), 25)
        assert landed_bytes(landing) == expected, place
        assert [path.name for path in (landing / "erp" / "pulled").iterdir()] == list(expected), place


@only("postgresql")
def test_a_killed_load_of_a_pull_is_repeated_and_ends_like_an_undisturbed_one(erp: Erp, tmp_path: Path) -> None:
    fill(erp, 3, 30)
    erp.pull(declare())
    erp.execute(f"update invoices set amount = 7, changed_at = {erp.moment('2026-01-01 11:00:00')} where id = 2")
    erp.pull(declare())
    passed = places(load_in_process, tmp_path / "calm.duckdb", erp.landing, declare())
    expected = everything_in(tmp_path / "calm.duckdb")
    for number, place in enumerate(spread(passed, 8)):
        warehouse = tmp_path / f"killed_{number}.duckdb"
        assert run_killed(place, load_in_process, warehouse, erp.landing, declare())
        run(load_in_process, warehouse, erp.landing, declare())
        assert everything_in(warehouse) == expected, place


# --- the declarations of this project ---------------------------------------------------------------------------------

ERP_TYPES = {
    "postgresql": {"TEXT": "text", "TIMESTAMP": "timestamptz"},
    "mariadb": {"TEXT": "varchar(200)", "TIMESTAMP": "datetime(6)"},
}


def declared_erp() -> list[SourceObject]:
    found = read_source_objects(ROOT / "dagster_project" / "defs" / "sources")
    return [declaration for declaration in found if declaration.system == "erp"]


def pulled_and_loaded(erp: Erp) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the declared ERP as loaded, and those in quarantine, by object."""
    now = datetime.now(UTC)
    result: dict[str, list[tuple[Any, ...]]] = {}
    for declaration in declared_erp():
        assert erp.pull(declaration, now).rows > 0
        assert erp.pull(declaration, now).rows == 0
        erp.load(declaration)
        result[declaration.name] = erp.raw(declaration, *declaration.columns, "_deleted")
        result[f"quarantine of {declaration.name}"] = erp.con.execute(
            "select column_name, rule, message from raw.quarantine where source_object = ? order by all",
            [declaration.name],
        ).fetchall()
    return result


@pytest.fixture(scope="module")
def demo_erp(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[tuple[Any, ...]]]]:
    """The SQLite file of a small demo company's ERP, and what is loaded from it."""
    from sample_data.generator import generate

    folder = tmp_path_factory.mktemp("company")
    generate(folder / "landing", folder / "truth", customers=300)
    with connect(":memory:") as con:
        erp = Erp("sqlite", folder / "landing", con)
        return erp.file, pulled_and_loaded(erp)


@on_servers
def test_the_declared_erp_is_the_same_from_every_database(
    erp: Erp, demo_erp: tuple[Path, dict[str, list[tuple[Any, ...]]]]
) -> None:
    demo, expected = demo_erp
    assert len(expected) == 6
    assert erp.server is not None
    for declaration in declared_erp():
        with closing(sqlite3.connect(demo)) as connection:
            query = "select sql from sqlite_schema where name = ?"
            (definition,) = connection.execute(query, [declaration.name]).fetchone()
            cursor = connection.execute(f"select * from {declaration.name}")
            titles, rows = [column[0] for column in cursor.description], cursor.fetchall()
        columns = definition[definition.index("(") + 1 : definition.rindex(")")]
        for generic, own in ERP_TYPES[erp.dialect].items():
            columns = columns.replace(f" {generic}", f" {own}")
        erp.create(declaration.name, columns)
        if erp.dialect == "postgresql":
            moments = [declaration.columns[title].type == "timestamp" for title in titles]
            rows = [
                [f"{v}+00:00" if is_moment else v for v, is_moment in zip(row, moments, strict=True)] for row in rows
            ]
        erp.server.insert(erp.database, declaration.name, rows)
    assert pulled_and_loaded(erp) == expected
