"""Fetching an object from an API or a database into the landing folder, from where it is loaded like any delivery.

A pull becomes one file of JSON lines, `<system>/pulled/<object>_<number>_<high-water mark>.jsonl`, that gets its name
only when it is whole: a killed pull leaves nothing that could be loaded by half. The high-water mark (the newest cursor
value seen) stands in the name, so that the file and the progress it stands for cannot come apart. `_open` after the mark
says that the file holds rows that no mark leaves behind: without a cursor value, or with one in the future.
Belongs here: what is asked for, and how it is landed. Does not belong here: the protocol of one vendor (connectors/).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dagster_project.ingest.declaration import EXCEL_SERIAL, SourceObject
from dagster_project.ingest.errors import PullRefused

Cursor = datetime | int
Row = dict[str, Any]
PULLED = "pulled"
PROGRESS_ROWS = 100_000
_NAME = re.compile(r"_(\d{6})_(t\d{8}T\d{6}\.\d{6}Z|n-?\d+|all)(_open)?\.jsonl$")
LONE_SURROGATES = "backslashreplace"
"""Half of a character pair cannot be written as UTF-8; this writes it as the JSON escape it came as."""
FIRST_PLAUSIBLE_YEAR = 1900
"""Of a modification time; systems that have no NULL write 0001-01-01 or 1753-01-01."""


class Connector(Protocol):
    """One vendor's protocol. Iterating fetches; nothing is kept between two pulls but what the files' names say."""

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        """Pages of rows changed at or after `since` (all for None), each row by declared title. `since` is an aware time
        in UTC or a whole number, as the declared cursor is.

        A field nobody declared keeps its own name. Raises PullRefused when the source does not deliver.
        """
        ...


@dataclass(frozen=True)
class Pulled:
    """What a pull brought: `file` is None when nothing was new. `known` rows of the overlap had been landed before."""

    file: Path | None
    rows: int
    known: int


def pull_object(
    connector: Connector,
    declaration: SourceObject,
    landing: Path,
    now: datetime,
    progress: Callable[[str], None] = print,
) -> Pulled:
    """Land what changed since the last pull. `now` is aware and bounds the high-water mark: a source whose clock is
    ahead must not make later pulls miss rows. Raises PullRefused; then the folder is as it was before.
    """
    assert declaration.pull is not None
    folder = landing / declaration.system / PULLED
    folder.mkdir(parents=True, exist_ok=True)
    earlier = pulled_files(folder, declaration)
    is_snapshot = declaration.delivers == "snapshot"
    # Without a cursor the whole object comes each time, and what held before may hold again: only order tells.
    is_whole = is_snapshot or declaration.cursor is None
    mark = None if is_whole or not earlier else _mark_in(earlier[-1], declaration)
    since = _start(mark, declaration)
    known = set() if is_whole else _known_lines(earlier, declaration, since)
    part = folder / f".{declaration.name}.part"
    rows = repeated = 0
    is_open = False
    try:
        with part.open("w", encoding="utf-8", errors=LONE_SURROGATES) as stream:
            for page in connector.rows(since):
                for row in page:
                    cursor = _cursor_of(row, declaration)
                    mark = _later(mark, cursor, now)
                    if known and _digest(row) in known:
                        repeated += 1
                        continue
                    rows += 1
                    is_open = is_open or cursor is None or (isinstance(cursor, datetime) and cursor > now)
                    stream.write(_line(row) + "\n")
                    if rows % PROGRESS_ROWS == 0:
                        progress(f"{declaration.qualified_name}: {rows:,} rows pulled")
            stream.flush()
            os.fsync(stream.fileno())
        if is_snapshot and earlier and rows == 0:
            raise PullRefused(
                declaration.qualified_name,
                "the source has no rows at all, where the last pull brought some",
                "See whether it was emptied by mistake, and whether the credentials still let all of it be read.",
            )
        if rows == 0 or (is_whole and earlier and _same_bytes(part, earlier[-1])):
            return Pulled(None, 0, repeated)
        number = int(_parts(earlier[-1])[0]) + 1 if earlier else 1
        name = f"{declaration.name}_{number:06d}_{_encode(None if is_whole else mark)}"
        target = folder / f"{name}{'_open' if is_open and not is_whole else ''}.jsonl"
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    progress(f"{declaration.qualified_name}: {rows:,} rows pulled into {target.name}, {repeated:,} known before")
    return Pulled(target, rows, repeated)


def pulled_files(folder: Path, declaration: SourceObject) -> list[Path]:
    """Landed pulls of an object, oldest first."""
    return sorted(
        path
        for path in folder.glob(f"{declaration.name}_*.jsonl")
        if _NAME.fullmatch(path.name[len(declaration.name) :])
    )


def by_title(record: Mapping[str, Any], declaration: SourceObject) -> Row:
    """A record of the source with its fields under the declared titles; fields nobody declared keep their names.

    `field: Owner.name` is the part `name` of the object in field `Owner`, `field: owner.0` the first of a list, and of
    `field: Subject|Event_Title` the first that the record has. A title whose field the record lacks is left out, so that
    the load can tell a missing column from a missing value. Of an object that is declared in parts, the other parts
    keep their place as name (`Owner.id`). Declared titles come first, in their order: the same record, the same bytes.
    """
    row: Row = {}
    used: set[str] = set()
    for title, column in declaration.columns.items():
        for field in (column.field or title).split("|"):
            steps = (field,) if field in record else tuple(field.split("."))
            found, value = _follow(record, steps)
            if found:
                row[title] = value
                used.add(".".join(steps))
                break
    for field, value in record.items():
        if field in used:
            continue
        is_taken_apart = isinstance(value, Mapping) and any(name.startswith(f"{field}.") for name in used)
        rest = {f"{field}.{part}": inner for part, inner in value.items()} if is_taken_apart else {field: value}
        for name, left in rest.items():
            if name not in used:
                row[name if name not in row else f"{name} (field)"] = left
    return row


def _follow(value: Any, steps: tuple[str, ...]) -> tuple[bool, Any]:  # noqa: ANN401 - JSON
    """Whether the steps lead somewhere, and what is there. Nothing has no parts; what is no object stands for itself."""
    for number, step in enumerate(steps):
        if number > 0 and not isinstance(value, Mapping | list):
            return True, value
        if isinstance(value, list):
            index = int(step) if step.isdigit() else len(value)
            value = value[index] if index < len(value) else None
        elif step in value:
            value = value[step]
        else:
            return False, None
    return True, value


def cursor_value(value: Any, declaration: SourceObject) -> Cursor | None:  # noqa: ANN401 - whatever a source delivers
    """A value of the declared cursor as a number or a time in UTC; a time without an offset is in the declared time zone.

    None where it cannot be read, or is one of the times before 1900 that stand for none; the load says what is wrong.
    """
    if value is None or declaration.cursor is None:
        return None
    column = declaration.columns[declaration.cursor]
    try:
        if column.type == "integer":
            return int(value)
        moment = value if isinstance(value, datetime) else _parsed(str(value).strip(), column.formats)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(declaration.time_zone))
        return moment.astimezone(UTC) if moment.year >= FIRST_PLAUSIBLE_YEAR else None
    except (ValueError, OverflowError):
        return None


def _parts(path: Path) -> tuple[str, str, bool]:
    """Number, high-water mark as text, and whether the file holds rows that no mark leaves behind."""
    found = _NAME.search(path.name)
    assert found is not None
    return found.group(1), found.group(2), found.group(3) is not None


def _mark_in(path: Path, declaration: SourceObject) -> Cursor | None:
    """The high-water mark of a file; None where it has none, or one of another type than the cursor has by now."""
    text = _parts(path)[1]
    counts = declaration.cursor is not None and declaration.columns[declaration.cursor].type == "integer"
    if text == "all" or declaration.cursor is None or text.startswith("n") != counts:
        return None
    if counts:
        return int(text[1:])
    return datetime.strptime(text, "t%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _encode(mark: Cursor | None) -> str:
    if mark is None:
        return "all"
    return f"n{mark}" if isinstance(mark, int) else f"{mark.astimezone(UTC):t%Y%m%dT%H%M%S.%fZ}"


def _start(mark: Cursor | None, declaration: SourceObject) -> Cursor | None:
    """Where the next pull starts: the overlap before the mark, for rows that were committed late."""
    assert declaration.pull is not None
    if isinstance(mark, datetime):
        return mark - timedelta(minutes=declaration.pull.overlap_minutes)
    return None if mark is None else mark - declaration.pull.overlap_numbers


def _cursor_of(row: Row, declaration: SourceObject) -> Cursor | None:
    return cursor_value(row.get(declaration.cursor), declaration) if declaration.cursor else None


def _parsed(text: str, formats: Iterable[str]) -> datetime:
    for pattern in formats:
        if pattern != EXCEL_SERIAL:
            try:
                return datetime.strptime(text, pattern)
            except ValueError:  # the next format may fit
                continue
    return datetime.fromisoformat(text)


def _later(mark: Cursor | None, value: Cursor | None, now: datetime) -> Cursor | None:
    if value is None:
        return mark
    if isinstance(value, datetime):
        value = min(value, now)
        return max(mark, value) if isinstance(mark, datetime) else value
    return max(mark, value) if isinstance(mark, int) else value


def _known_lines(earlier: Iterable[Path], declaration: SourceObject, since: Cursor | None) -> set[bytes]:
    """Digests of the landed lines that the source will send again, because they are not older than `since`."""
    digests: set[bytes] = set()
    for path in earlier:
        mark, is_open = _mark_in(path, declaration), _parts(path)[2]
        if since is not None and mark is not None and _is_before(mark, since) and not is_open:
            continue
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                row = json.loads(line)
                cursor = None if since is None else _cursor_of(row, declaration)
                if since is None or cursor is None or not _is_before(cursor, since):
                    digests.add(_digest(row))
    return digests


def _is_before(one: Cursor, other: Cursor) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return isinstance(one, int) and isinstance(other, int) and one < other


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False, default=_as_text, separators=(",", ":"))


def _digest(row: Row) -> bytes:
    """Of the values of a row; no value is the same as no field."""
    text = _line({name: value for name, value in row.items() if value is not None})
    return hashlib.blake2b(text.encode("utf-8", errors=LONE_SURROGATES), digest_size=16).digest()


def _same_bytes(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        return hashlib.file_digest(first, "sha256").digest() == hashlib.file_digest(second, "sha256").digest()


def _as_text(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
