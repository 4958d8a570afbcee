"""Fetching an object from an API or a database into the landing folder, from where it is loaded like any delivery.

A pull becomes one file of JSON lines, `<system>/pulled/<object>_<number>_<high-water mark>.jsonl`, that gets its name
only when it is whole: a killed pull leaves nothing that could be loaded by half. The high-water mark (the newest cursor
value seen) stands in the name, so that the file and the progress it stands for cannot come apart.
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

from dagster_project.ingest.declaration import SourceObject

Cursor = datetime | int
Row = dict[str, Any]
PULLED = "pulled"
_NAME = re.compile(r"_(\d{6})_(t\d{8}T\d{6}\.\d{6}Z|n-?\d+|all)\.jsonl$")


class Connector(Protocol):
    """One vendor's protocol. Iterating fetches; nothing is kept between two pulls but what the files' names say."""

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        """Pages of rows changed at or after `since` (all for None), each row by declared title.

        A field nobody declared keeps its own name. Raises DeliveryRefused when the source does not deliver.
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
    ahead must not make later pulls miss rows. Raises DeliveryRefused; then the folder is as it was before.
    """
    assert declaration.pull is not None
    folder = landing / declaration.system / PULLED
    folder.mkdir(parents=True, exist_ok=True)
    earlier = pulled_files(folder, declaration)
    is_snapshot = declaration.delivers == "snapshot"
    mark = None if is_snapshot or not earlier else _mark_in(earlier[-1])
    since = mark - timedelta(minutes=declaration.pull.overlap_minutes) if isinstance(mark, datetime) else mark
    known = set() if is_snapshot or since is None else _known_lines(earlier, declaration, since)
    part = folder / f".{declaration.name}.part"
    rows = repeated = 0
    with part.open("w", encoding="utf-8") as stream:
        for page in connector.rows(since):
            for row in page:
                line = json.dumps(row, ensure_ascii=False, default=_as_text, separators=(",", ":"))
                mark = _later(mark, _cursor_of(row, declaration), now)
                if _digest(line) in known:
                    repeated += 1
                    continue
                rows += 1
                stream.write(line + "\n")
            progress(f"{declaration.qualified_name}: {rows:,} rows pulled")
        stream.flush()
        os.fsync(stream.fileno())
    if rows == 0 or (is_snapshot and earlier and _same_bytes(part, earlier[-1])):
        part.unlink()
        return Pulled(None, 0, repeated)
    number = int(_parts(earlier[-1])[0]) + 1 if earlier else 1
    target = folder / f"{declaration.name}_{number:06d}_{_encode(None if is_snapshot else mark)}.jsonl"
    os.replace(part, target)
    return Pulled(target, rows, repeated)


def pulled_files(folder: Path, declaration: SourceObject) -> list[Path]:
    """Landed pulls of an object, oldest first."""
    return sorted(
        path
        for path in folder.glob(f"{declaration.name}_*.jsonl")
        if _NAME.fullmatch(path.name[len(declaration.name) :])
    )


def by_title(record: Mapping[str, Any], declaration: SourceObject) -> Row:
    """A record of the source with its fields under the declared titles; fields nobody declared keep their names."""
    titles = {column.field or title: title for title, column in declaration.columns.items()}
    return {titles.get(field, field): value for field, value in record.items()}


def _parts(path: Path) -> tuple[str, str]:
    found = _NAME.search(path.name)
    assert found is not None
    return found.group(1), found.group(2)


def _mark_in(path: Path) -> Cursor | None:
    text = _parts(path)[1]
    if text == "all":
        return None
    if text.startswith("n"):
        return int(text[1:])
    return datetime.strptime(text, "t%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _encode(mark: Cursor | None) -> str:
    if mark is None:
        return "all"
    return f"n{mark}" if isinstance(mark, int) else f"{mark.astimezone(UTC):t%Y%m%dT%H%M%S.%fZ}"


def _cursor_of(row: Row, declaration: SourceObject) -> Cursor | None:
    """The row's cursor value, None where it has none that can be read; the load then says what is wrong with it."""
    value = row.get(declaration.cursor) if declaration.cursor else None
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, int) or value is None:
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _later(mark: Cursor | None, value: Cursor | None, now: datetime) -> Cursor | None:
    if value is None:
        return mark
    if isinstance(value, datetime):
        value = min(value, now)
        return max(mark, value) if isinstance(mark, datetime) else value
    return max(mark, value) if isinstance(mark, int) else value


def _known_lines(earlier: Iterable[Path], declaration: SourceObject, since: Cursor) -> set[bytes]:
    """Digests of the landed lines that the source will send again, because they are not older than `since`."""
    digests: set[bytes] = set()
    for path in earlier:
        mark = _mark_in(path)
        if mark is not None and _is_before(mark, since):
            continue
        with path.open(encoding="utf-8") as stream:
            for line in stream:
                cursor = _cursor_of(json.loads(line), declaration)
                if cursor is None or not _is_before(cursor, since):
                    digests.add(_digest(line.rstrip("\n")))
    return digests


def _is_before(one: Cursor, other: Cursor) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return isinstance(one, int) and isinstance(other, int) and one < other


def _digest(line: str) -> bytes:
    return hashlib.blake2b(line.encode("utf-8"), digest_size=16).digest()


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
