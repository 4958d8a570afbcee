"""The loading dock: deliveries of a small membership system, put into a landing folder and loaded for real.

`Dock.load` goes through `load_object` and checks after every load what holds for all kinds of delivery: the rows read
are accepted, duplicate or quarantined; the log, the raw table and the quarantine agree; another object beside it loads
as ever. Belongs here: building deliveries, and asking what became of them. Does not belong here: a kind of damage.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.load import LoadOutcome, load_object
from dagster_project.ingest.reconciliation import reconcile

Row = dict[str, Any]

NOW = datetime(2024, 4, 1, 12, 0)
TITLES = ("member_no", "name", "mobile", "born", "balance", "points", "changed")
HEADER = ",".join(TITLES)


def _member(*values: str) -> Row:
    return dict(zip(TITLES, values, strict=True))


WANG = _member("M-001", "王小明", "13812345670", "1980-02-03", "12.5", "300", "2024-03-01 10:00:00")
LI = _member("M-002", "李晓云", "13912345671", "1991-11-30", "0", "0", "2024-03-02 11:30:00")
ZOE = _member("M-003", "Zoë Keller", "+447700900123", "1975-07-09", "-3.25", "12", "2024-03-03 09:15:30")
PEOPLE = tuple(row[title] for row in (WANG, LI, ZOE) for title in ("name", "mobile", "born"))
"""Personal values of the three: no message may show one."""


def members(**changes: Any) -> SourceObject:
    """Declaration of the members; `columns` given here replace or add single columns."""
    columns: Row = {
        "member_no": "string",
        "name": {"type": "string", "personal": True},
        "mobile": {"type": "string", "personal": True},
        "born": {"type": "date", "personal": True},
        "balance": "decimal",
        "points": {"type": "integer", "may_be_negative": False},
        "changed": {"type": "timestamp", "required": True},
    }
    columns |= changes.pop("columns", {})
    settings: Row = {
        "system": "club",
        "name": "members",
        "files": "club/members_*.csv",
        "format": "csv",
        "key": ["member_no"],
        "cursor": "changed",
    }
    return SourceObject(**(settings | changes), columns=columns)


NEIGHBOUR = SourceObject(
    system="club",
    name="stores",
    files="club/stores_*.csv",
    format="csv",
    key=("store_no",),
    columns={"store_no": "string", "city": "string"},  # pyright: ignore[reportArgumentType] - shorthand, as in YAML
)


def line(row: Mapping[str, Any], **changes: Any) -> str:
    """One CSV line without its end; the values are not quoted, so a case may damage them as it likes."""
    return ",".join(str(value) for value in {**row, **changes}.values())


def csv(*rows: Mapping[str, Any] | str, header: str = HEADER, end: str = "\n") -> str:
    """A CSV file: header and rows, each a mapping or the line as it is to stand there."""
    return end.join([header, *(row if isinstance(row, str) else line(row) for row in rows)]) + end


def json_lines(*rows: Mapping[str, Any] | str) -> str:
    """A file of JSON lines: each a mapping or the line as it is to stand there."""
    return "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


@dataclass(frozen=True)
class Entry:
    """One row of raw.quarantine."""

    file: str
    row: int | None
    column: str | None
    rule: str
    message: str
    raw_row: str


@dataclass
class Dock:
    """A landing folder and a warehouse; `declaration` is that of the members until a case declares otherwise."""

    con: duckdb.DuckDBPyConnection
    landing: Path
    declaration: SourceObject = field(default_factory=members)
    clock: datetime = NOW

    def declare(self, **changes: Any) -> None:
        """Use another declaration of the members from now on."""
        self.declaration = members(**changes)

    def path(self, name: str) -> Path:
        """Where a delivery of this name belongs; its folder exists."""
        path = self.landing / "club" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def deliver(self, name: str, content: str | bytes) -> Path:
        """Put a file into the landing folder, texts in UTF-8."""
        path = self.path(name)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def load(self, progress: Callable[[str], object] = str) -> list[LoadOutcome]:
        """Load what lies there, a day after the load before, and check what holds for every delivery.

        `progress` is called after each file, as the loader does it, so that a case can act in between.
        """
        self.clock += timedelta(days=1)
        self.deliver("stores_1.csv", "store_no,city\nS-1,上海\n")

        def report(said: str) -> None:
            progress(said)

        outcomes = load_object(self.con, self.declaration, self.landing, self.clock, report)
        (beside,) = load_object(self.con, NEIGHBOUR, self.landing, self.clock, progress=lambda _: None)
        assert beside.status in ("loaded", "known")
        assert self.con.execute("select store_no, city from raw.club__stores").fetchall() == [("S-1", "上海")]
        for outcome in outcomes:
            settled = outcome.rows_accepted + outcome.rows_duplicate + outcome.rows_quarantined
            assert outcome.rows_read == settled, outcome
        _, problems = reconcile(self.con, [self.declaration, NEIGHBOUR])
        assert problems == []
        return outcomes

    def loads(
        self,
        *,
        read: int,
        accepted: int,
        duplicate: int = 0,
        quarantined: int = 0,
        status: str = "loaded",
    ) -> None:
        """Load; exactly one file is new, and the log has these counts for it."""
        outcomes = self.load()
        new = [outcome for outcome in outcomes if outcome.status != "known"]
        assert [(outcome.status, outcome.message) for outcome in new] == [(status, "")]
        logged = self.con.execute(
            "select status, rows_read, rows_accepted, rows_duplicate, rows_quarantined from raw.load_log"
            " where load_id = ?",
            [new[0].load_id],
        ).fetchall()
        assert logged == [(status, read, accepted, duplicate, quarantined)]

    def refuses(self, name: str, *says: str, hides: Iterable[str] = ()) -> str:
        """Load; the file is refused with a message that says all this, and what was loaded before stays as it was.

        The message names the file, that nothing of it was loaded, and what to do; it shows no place on this machine
        and nothing personal. Refused again it is logged once.
        """
        before = self.raw(), self.quarantine()
        outcomes = {outcome.file: outcome for outcome in self.load()}
        refused = outcomes[f"club/{name}"]
        assert refused.status == "refused", refused
        assert (self.raw(), self.quarantine()) == before
        problem, advice = refused.message.split(" Nothing of this file was loaded. ")
        assert problem.startswith(f"club/{name}: ")
        assert advice.endswith(".")
        for fragment in says:
            assert fragment in refused.message
        for secret in (*PEOPLE, *hides, str(self.landing)):
            assert secret not in refused.message
        self.load()
        logged = self.con.execute(
            "select message, rows_read from raw.load_log where file = ? and status = 'refused'", [f"club/{name}"]
        ).fetchall()
        assert logged == [(refused.message, 0)]
        return refused.message

    def raw(self) -> list[Row]:
        """The members as they were loaded, in order of loading, each value as the shortest text that says it."""
        titles = ", ".join(f'"{title}"' for title in self.declaration.columns)
        self.con.execute(
            f"select {titles} from raw.club__members order by _loaded_at, _file, _row_number"
            if self._raw_table_exists()
            else f"select {', '.join('null' for _ in self.declaration.columns)} limit 0"
        )
        return [dict(zip(self.declaration.columns, map(_plain, row), strict=True)) for row in self.con.fetchall()]

    def undeclared(self) -> list[Row | None]:
        """What the loaded rows have in `_undeclared`, in order of loading."""
        found = self.con.execute(
            "select _undeclared from raw.club__members order by _loaded_at, _file, _row_number"
        ).fetchall()
        return [json.loads(text) if text is not None else None for (text,) in found]

    def _raw_table_exists(self) -> bool:
        return bool(
            self.con.execute("select 1 from information_schema.tables where table_name = 'club__members'").fetchall()
        )

    def quarantine(self) -> list[Entry]:
        """Entries of the members, in file order."""
        if not self._raw_table_exists():
            return []
        found = self.con.execute(
            "select file, row_number, column_name, rule, message, raw_row from raw.quarantine"
            " where source_object = 'members' order by quarantined_at, file, row_number"
        ).fetchall()
        return [Entry(*row) for row in found]

    def quarantines(
        self,
        row: int,
        column: str | None,
        rule: str,
        *,
        keeps: Iterable[str],
        says: Iterable[str] = (),
        hides: Iterable[str] = (),
        file: str = "members_1.csv",
    ) -> None:
        """The quarantine holds this row of this file, with column and rule.

        `keeps` stands in the row as it is kept, `says` in the message; `hides` is personal: kept, and not in the
        message.
        """
        (entry,) = [entry for entry in self.quarantine() if entry.file == f"club/{file}" and entry.row == row]
        assert (entry.column, entry.rule) == (column, rule), entry
        for kept in (*keeps, *hides):
            assert kept in entry.raw_row
        for fragment in says:
            assert fragment in entry.message
        for secret in (*PEOPLE, *hides):
            assert secret not in entry.message


def _plain(value: object) -> str | None:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime | date):
        return str(value)
    return None if value is None else str(value)
