"""What is special about one kind of database: how its session is opened, and how its columns and values are understood.

Belongs here: differences between PostgreSQL, MySQL and MariaDB, Oracle and SQLite. Does not belong here: what is asked of a
database (database.py), what its errors mean (failures.py).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, oracle
from sqlalchemy.event import listens_for
from sqlalchemy.pool import NullPool

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.pull import Cursor, Row, cursor_value

Column = sa.Column[Any]
DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql", "oracle": "oracledb"}

# In UTC whatever the server, the role or this machine is set to, and unable to write.
_MYSQL_SESSION = ("set session time_zone = '+00:00'", "set session transaction read only")
_SESSION = {
    "postgresql": (
        "set time zone 'UTC'",
        "set datestyle = 'ISO'",
        "set intervalstyle = 'iso_8601'",
        "set default_transaction_read_only = on",
        "set cursor_tuple_fraction = 1",  # all rows are read: plan for the last one, not for the first
    ),
    "mysql": _MYSQL_SESSION,
    "mariadb": _MYSQL_SESSION,
    "oracle": ("alter session set time_zone = '+00:00'",),
    "sqlite": ("pragma query_only = on",),
}
# A server that falls silent ends the pull instead of holding up the run. The address may say otherwise: ?read_timeout=3600
_PATIENCE: dict[str, dict[str, Any]] = {
    "psycopg": {
        "connect_timeout": 10,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 6,
        "application_name": "golden-customer",
    },
    "pymysql": {"connect_timeout": 10, "read_timeout": 900},
    "oracledb": {"tcp_connect_timeout": 10, "expire_time": 1},
}
# Taken as PostgreSQL writes them: its times reach from 4713 BC to infinity and its JSON numbers are exact, Python's not.
_POSTGRESQL_TEXTS = ("date", "timestamp", "timestamptz", "time", "timetz", "interval", "json", "jsonb")
_SQLITE_CURSOR = "golden_customer_cursor"


class CursorOfNoUse(Exception):
    """A cursor column that the database cannot compare with a high-water mark. The message says what it is instead."""


def read_only_engine(url: str, declaration: SourceObject) -> sa.Engine:
    """An engine without pool whose sessions are in UTC and cannot write. Nothing is connected yet.

    Raises ValueError and what SQLAlchemy raises for an address that cannot be understood, ModuleNotFoundError without the
    driver it names.
    """
    address = sa.make_url(url)
    if address.drivername in DRIVERS:
        address = address.set(drivername=f"{address.drivername}+{DRIVERS[address.drivername]}")
    if address.get_backend_name() == "sqlite":
        # By URI, so that a wrong path is an error instead of a new, empty database.
        path = quote(str(Path(address.database or "").absolute()))
        address = address.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    driver = address.drivername.partition("+")[2]
    arguments = {name: value for name, value in _PATIENCE.get(driver, {}).items() if name not in address.query}
    if driver == "pymysql":
        from pymysql.constants import FIELD_TYPE
        from pymysql.converters import conversions

        # A TIME as its text: it reaches to 838 hours, and Python would write '34 days, 22:00:00'.
        arguments["conv"] = {kind: convert for kind, convert in conversions.items() if kind != FIELD_TYPE.TIME}
    engine = sa.create_engine(address, connect_args=arguments, poolclass=NullPool, hide_parameters=True)

    @listens_for(engine, "connect")
    def open_session(connection: Any, _: object) -> None:  # noqa: ANN401 - a connection of any driver
        cursor = connection.cursor()
        for statement in _SESSION.get(engine.dialect.name, ()):
            cursor.execute(statement)
        cursor.close()
        connection.commit()
        if driver == "psycopg":
            from psycopg.types.string import TextLoader

            for name in _POSTGRESQL_TEXTS:
                connection.adapters.register_loader(name, TextLoader)
        if engine.dialect.name == "sqlite":
            connection.create_function(
                _SQLITE_CURSOR, 1, lambda value: _sqlite_value(cursor_value(value, declaration)), deterministic=True
            )

    @listens_for(engine, "handle_error")
    def give_up_the_rest(context: sa.engine.ExceptionContext) -> None:
        # PyMySQL would go on reading from the lost connection when its objects are cleaned up, and complain.
        result = getattr(getattr(context.execution_context, "cursor", None), "_result", None)
        if driver == "pymysql" and context.is_disconnect and result is not None:
            result.unbuffered_active = False

    return engine


def _sqlite_value(cursor: Cursor | None) -> str | int | None:
    return cursor.isoformat(timespec="microseconds") if isinstance(cursor, datetime) else cursor


def cursor_expression(column: Column, dialect: str) -> Any:  # noqa: ANN401 - dlt calls every expression a column
    """What is compared with `lower_bound`: the column as of its own type; in SQLite, which has no times, its value as a
    pull understands it.
    """
    if dialect == "sqlite":
        return getattr(sa.func, _SQLITE_CURSOR)(column)
    return sa.type_coerce(column, column.type)


def lower_bound(since: Cursor | None, column: Column, dialect: str, declaration: SourceObject) -> Any:  # noqa: ANN401
    """`since` as the database compares it with the cursor's column; None for None.

    Raises CursorOfNoUse, also for None, so that no first pull succeeds where the next one cannot.
    """
    assert declaration.cursor is not None
    kind = column.type
    if dialect == "sqlite":
        return _sqlite_value(since)
    is_number = isinstance(kind, sa.Integer | sa.Numeric)
    is_time = isinstance(kind, sa.DateTime | sa.Date)
    if not (is_number if declaration.columns[declaration.cursor].type == "integer" else is_time):
        raise CursorOfNoUse(str(kind))
    if not isinstance(since, datetime) or getattr(kind, "timezone", False):
        return since
    if is_utc_without_saying(column):
        return since.replace(tzinfo=None)
    local = since.astimezone(ZoneInfo(declaration.time_zone)).replace(tzinfo=None)
    if isinstance(kind, sa.DateTime):
        return local
    return (local + timedelta(days=1, microseconds=-1)).date()  # the first day that begins at or after it


def is_utc_without_saying(column: Column) -> bool:
    """A TIMESTAMP of MySQL and MariaDB is a moment; it comes in the session's time zone, without an offset."""
    return isinstance(column.type, mysql.TIMESTAMP)


def loses_its_time_zone(column: Column) -> bool:
    """Oracle's driver delivers a TIMESTAMP WITH TIME ZONE without its zone."""
    kind = column.type
    return isinstance(kind, oracle.TIMESTAMP) and bool(kind.timezone or kind.local_timezone)


def as_delivered(row: Mapping[str, Any], utc_columns: frozenset[str]) -> Row:
    """A row with values that can be written as JSON without losing anything."""
    return {
        name: value.replace(tzinfo=UTC) if name in utc_columns and isinstance(value, datetime) else _writable(value)
        for name, value in row.items()
    }


def _writable(value: Any) -> Any:  # noqa: ANN401 - whatever a driver delivers
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _writable(item) for name, item in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return bytes(value) if isinstance(value, memoryview | bytearray) else value
