"""Reading one table or view of a database: PostgreSQL, MySQL and MariaDB, Oracle, SQLite, each by its SQLAlchemy URL.

dlt makes the query from its incremental cursor and reads the result in chunks from a cursor on the server. Only dlt's
table loader is used. The resource and the pipeline around it would have a say in what is read: they look every option
up in the environment (a variable SCHEMA changes the table), keep a state of their own, and give up the whole table at
one cursor value that cannot be compared, such as 0000-00-00. Here the names of the landed files decide alone.
Belongs here: what is asked of a database, and what is refused. Does not belong here: how kinds of database differ
(dialects.py, failures.py), how rows are landed (pull.py).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dlt.sources import incremental
from dlt.sources.sql_database import TableLoader
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchTableError, SAWarning

from dagster_project.ingest.connectors.dialects import (
    CursorOfNoUse,
    as_delivered,
    cursor_expression,
    is_utc_without_saying,
    loses_its_time_zone,
    lower_bound,
    read_only_engine,
)
from dagster_project.ingest.connectors.failures import UNREACHABLE, failure_of
from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import PullRefused
from dagster_project.ingest.pull import Cursor, Row, by_title

PAGE_ROWS = 2_000
OPTIONS = {"schema"}


def database_connector(
    declaration: SourceObject, landing: Path, environment: Mapping[str, str]
) -> DatabaseConnector | None:
    """The connector for the database under `<credentials>_URL`, or else for `<system>/<system>.sqlite` in the landing
    folder; None where neither is there. Raises PullRefused for an option that no database knows.
    """
    assert declaration.pull is not None
    unknown = sorted(set(declaration.pull.options) - OPTIONS)
    if unknown:
        raise PullRefused(
            declaration.qualified_name,
            f"its declaration has options that no database knows: {', '.join(unknown)}",
            f"Known are: {', '.join(sorted(OPTIONS))}.",
        )
    variable = f"{declaration.pull.credentials}_URL"
    if environment.get(variable):
        return DatabaseConnector(declaration, environment[variable], f"the database of {variable}")
    file = landing / declaration.system / f"{declaration.system}.sqlite"
    if file.is_file():
        url = sa.URL.create("sqlite", database=str(file)).render_as_string()
        return DatabaseConnector(declaration, url, f"the database in {file.relative_to(landing).as_posix()}")
    return None


@dataclass(frozen=True)
class DatabaseConnector:
    """One table or view. `database` says in messages which database, without host, user or password."""

    declaration: SourceObject
    url: str = field(repr=False)
    database: str
    page_rows: int = PAGE_ROWS

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        """Pages of at most `page_rows` rows with all columns of the table, by key: those changed at or after `since`, and
        those without a cursor value. The whole table for None. Raises PullRefused.
        """
        engine = self._engine()
        try:
            with self._explained():
                table = self._table(engine)
                utc_columns = frozenset(column.name for column in table.c if is_utc_without_saying(column))
                for page in self._loader(engine, table, since).load_rows():
                    yield [by_title(as_delivered(row, utc_columns), self.declaration) for row in page]
        finally:
            engine.dispose()

    def _engine(self) -> sa.Engine:
        try:
            return read_only_engine(self.url, self.declaration)
        except ModuleNotFoundError as error:
            raise self._refused(
                f"needs the driver {error.name!r}, which is not installed",
                "Name an installed driver in its address, or install it; Oracle's comes with the extra `oracle`.",
            ) from None
        except (ArgumentError, ValueError):
            # The address is not shown: a password may stand at the wrong place in it.
            raise self._refused(
                "has an address that cannot be understood",
                "Write it as dialect+driver://user:password@host:port/database, special signs in the password percent-"
                "encoded; dialect and driver are postgresql+psycopg, mysql+pymysql or oracle+oracledb.",
            ) from None

    def _table(self, engine: sa.Engine) -> sa.Table:
        """The table as the database describes it. Raises PullRefused where it cannot deliver what is declared."""
        pull = self.declaration.pull
        assert pull is not None
        schema = pull.options.get("schema")
        name = f"{schema}.{pull.source}" if schema else pull.source
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # a type SQLAlchemy has no name for is read all the same
            try:
                table = sa.Table(pull.source, sa.MetaData(), schema=schema, autoload_with=engine, resolve_fks=False)
            except NoSuchTableError:
                raise self._refused(
                    f"has no table {name!r} that its user may see",
                    "Correct `source` and the option `schema` in the declaration, or grant SELECT on the table.",
                ) from None
        declared = {column.field or title: column for title, column in self.declaration.columns.items()}
        missing = [field for field, column in declared.items() if field not in table.c and not column.optional]
        if missing:
            others = [repr(column.name) for column in table.c if column.name not in declared]
            raise self._refused(
                f"has no column {', '.join(map(repr, missing))} in table {name!r} (columns there that nobody declared:"
                f" {', '.join(others) or 'none'})",
                "Ask the owner of the table for the column, mark it `optional`, or correct `field` in the declaration.",
            )
        without_zone = [field for field in declared if field in table.c and loses_its_time_zone(table.c[field])]
        if without_zone:
            raise self._refused(
                f"has a time zone in column {', '.join(map(repr, without_zone))} of table {name!r}, which its driver drops",
                "Declare a view with cast(sys_extract_utc(column) as timestamp), and `time_zone: UTC`.",
            )
        return table

    def _loader(self, engine: sa.Engine, table: sa.Table, since: Cursor | None) -> TableLoader:
        """What reads the table: its rows as the driver delivers them, by key, so that the same rows make the same file."""
        fields = {title: column.field or title for title, column in self.declaration.columns.items()}
        cursor = None
        if self.declaration.cursor and self.declaration.delivers == "changes":
            cursor = table.c.get(fields[self.declaration.cursor])
        start = None if cursor is None else self._lower_bound(since, cursor, engine)
        compared = None if cursor is None else cursor_expression(cursor, engine.dialect.name)
        for column in table.c:
            column.type = sa.types.NullType()
        order = [table.c[fields[title]] for title in self.declaration.key if fields[title] in table.c]
        loader = TableLoader(
            engine,
            "sqlalchemy",
            table,
            {},
            chunk_size=self.page_rows,
            incremental=None if cursor is None or start is None else _changed_since(start, cursor),
            query_adapter_callback=lambda query, *_: query.order_by(*order, *([] if cursor is None else [cursor])),
        )
        if compared is not None:
            loader.cursor_column = compared
        return loader

    def _lower_bound(self, since: Cursor | None, cursor: sa.Column[Any], engine: sa.Engine) -> Any:  # noqa: ANN401
        try:
            return lower_bound(since, cursor, engine.dialect.name, self.declaration)
        except CursorOfNoUse as kind:
            raise self._refused(
                f"cannot be asked for changes by column {cursor.name!r}, which is of type {kind}",
                "Declare a cursor that is a time or a whole number in the database and in the declaration, let a view"
                " cast it, or declare `delivers: snapshot` to read the table whole each time.",
            ) from None

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """What a driver says names users, hosts and values: only its meaning is passed on."""
        try:
            yield
        except DBAPIError as error:
            raise self._refused(*failure_of(error)) from None
        except OSError:  # Oracle's driver lets that of an unknown host through
            raise self._refused(*UNREACHABLE) from None
        except UnicodeDecodeError:
            raise self._refused(
                "holds text that is not in the encoding it announces",
                "Have the text corrected at the source, or let a view leave the column out.",
            ) from None

    def _refused(self, problem: str, advice: str) -> PullRefused:
        return PullRefused(self.declaration.qualified_name, f"{self.database} {problem}", advice)


def _changed_since(start: Any, cursor: sa.Column[Any]) -> incremental[Any]:  # noqa: ANN401
    """Rows without a cursor value come along: nothing says that they have not changed."""
    return incremental(cursor.name, initial_value=start, on_cursor_value_missing="include")
