"""CSV text as records: how one divides into cells, and the slow way through a file that the engine's reader refuses.

The slow way copies what can be divided into the columns of the header and sets apart what cannot, with the reason.
Belongs here: dividing text into records and cells. Does not belong here: what the cells mean.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MAX_CELL = 1_000_000
"""Characters. A quote that is not closed within so many was never meant to span lines: only its own line is damaged."""
MAX_RECORD = 60_000_000
"""Bytes. No reader takes more in one piece."""

State = Literal["whole", "open", "broken"]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a record: the rule it breaks, in words, and the column where it shows (from 0) if any."""

    rule: str
    text: str
    column: int | None = None


@dataclass(frozen=True)
class Record:
    """A record as it stands in the file, without its line end; `line` is where it begins, from 1."""

    line: int
    text: str
    problem: Problem | None = None


@dataclass(frozen=True)
class DamagedRecord:
    """A record that cannot be loaded; `row_number` is its position among the records below the header, from 1."""

    row_number: int
    record: Record
    problem: Problem


def split_record(record: str, delimiter: str) -> tuple[list[str], State]:
    """The cells, and whether the record is whole, ends inside quotes (open), or has text after a closing quote (broken).

    The record may have its line end. What follows the damage is not divided.
    """
    cells: list[str] = []
    position, end = 0, len(record.rstrip("\r\n"))
    while True:
        start = position
        while record.startswith(" ", start):
            start += 1
        if not record.startswith('"', start):
            found = record.find(delimiter, position, end)
            cells.append(record[position : end if found < 0 else found])
            if found < 0:
                return cells, "whole"
            position = found + 1
            continue
        closing = _closing_quote(record, start + 1)
        cells.append(record[start + 1 : len(record) if closing < 0 else closing].replace('""', '"'))
        if closing < 0:
            return cells, "open"
        position = closing + 1
        while record.startswith(" ", position):
            position += 1
        if position >= end:
            return cells, "whole"
        if record[position] != delimiter:
            return cells, "broken"
        position += 1


def _closing_quote(record: str, position: int) -> int:
    """Position of the quote that closes a cell, or -1; a doubled one is a quote inside it."""
    while True:
        position = record.find('"', position)
        if position < 0 or not record.startswith('"', position + 1):
            return position
        position += 2


def read_records(text: Path, delimiter: str, undecodable: Mapping[int, str]) -> Iterator[Record]:
    """Records of a file in UTF-8, blank lines left out. Lines may end with LF, CRLF or CR, also in one file.

    After a damaged record, reading goes on with the next line: one open quote does not swallow the rows after it.
    `undecodable` are lines, by their number in the file as delivered, that `text` lacks.
    """
    with text.open(encoding="utf-8", newline="") as stream:
        lines = _numbered(stream, undecodable)
        ahead: deque[Record] = deque()
        while True:
            first = ahead.popleft() if ahead else next(lines, None)
            if first is None:
                return
            if first.problem is not None:
                yield first
                continue
            if not first.text.strip() and delimiter not in first.text:
                continue
            record = first.text
            cells, state = split_record(record, delimiter) if '"' in record else ([], "whole")
            used = 0
            while state == "open" and len(record) <= MAX_CELL:
                if used == len(ahead):
                    following = next(lines, None)
                    if following is None:
                        break
                    ahead.append(following)
                if ahead[used].problem is not None:
                    break
                record += ahead[used].text
                used += 1
                if '"' in ahead[used - 1].text:
                    cells, state = split_record(record, delimiter)
            if state == "whole":
                for _ in range(used):
                    ahead.popleft()
                yield Record(first.line, record.rstrip("\r\n"))
                continue
            cells, state = split_record(first.text, delimiter)
            what = "opens a quote that is not closed" if state == "open" else "has text after a closing quote"
            problem = Problem("unreadable row", f"a cell {what}", len(cells) - 1)
            yield Record(first.line, first.text.rstrip("\r\n"), problem)


def _numbered(lines: Iterable[str], undecodable: Mapping[int, str]) -> Iterator[Record]:
    problem = Problem("wrong encoding", "it has bytes that are not of the declared encoding")
    number = 0
    for text in lines:
        number += 1
        while number in undecodable:
            yield Record(number, undecodable[number], problem)
            number += 1
        yield Record(number, text)
    while number + 1 in undecodable:
        number += 1
        yield Record(number, undecodable[number], problem)


def set_damage_apart(
    text: Path, target: Path, delimiter: str, width: int, undecodable: Mapping[int, str]
) -> list[DamagedRecord]:
    """Copy the records that have `width` cells to `target`, the header first; return the others."""
    damaged: list[DamagedRecord] = []
    with target.open("w", encoding="utf-8", newline="") as sink:
        for row_number, record in enumerate(read_records(text, delimiter, undecodable)):
            problem = record.problem or _wrong_size(record.text, delimiter, width)
            if problem is None:
                sink.write(record.text + "\n")
            else:
                damaged.append(DamagedRecord(row_number, record, problem))
    return damaged


def _wrong_size(record: str, delimiter: str, width: int) -> Problem | None:
    if '"' in record or record.count(delimiter) + 1 != width:
        cells, _ = split_record(record, delimiter)
        if len(cells) < width or any(cells[width:]):  # delimiters too many at the end say nothing
            wanting = len(cells) if len(cells) < width else None
            return Problem("unreadable row", f"it has {len(cells)} cells, the header has {width}", wanting)
    if 4 * len(record) > MAX_RECORD and len(record.encode()) > MAX_RECORD:
        return Problem("value too long", f"it has {len(record):,} characters; at most {MAX_RECORD:,} bytes are read")
    return None
