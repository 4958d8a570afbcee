"""The slow way through a CSV file that the engine's reader does not accept as a whole: record by record.

What can be divided into the columns of the header is copied, what cannot is set apart with the reason. Belongs here:
dividing text into records and cells. Does not belong here: what the cells mean.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_CELL = 1_000_000
"""Characters. A quote that is not closed within so many was never meant to span lines: only its own line is damaged."""


@dataclass(frozen=True)
class DamagedRecord:
    """A record that cannot be loaded: its number among the records below the header, its line in the file (both from
    1), the column where the damage shows (position from 0, None for none), the rule it breaks, what is wrong."""

    row_number: int
    line: int
    column: int | None
    rule: str
    problem: str
    raw: str


def set_damage_apart(
    text: Path, target: Path, delimiter: str, undecodable: Mapping[int, str]
) -> tuple[list[DamagedRecord], int]:
    """Copy the records that have the header's number of cells to `target`; return the others, and the largest size
    of a copied record in bytes.

    Lines may end with LF, CRLF or CR; blank ones are no records. `undecodable` are lines, by their number in the
    file as delivered, that `text` lacks because they could not be decoded.
    """
    damaged: list[DamagedRecord] = []
    largest, width, row_number = 0, 0, -1  # the header is record 0
    with text.open(encoding="utf-8", newline="") as source, target.open("w", encoding="utf-8", newline="") as sink:
        for line, record, problem in _records(source, delimiter, undecodable):
            row_number += 1
            if problem is not None:
                damaged.append(DamagedRecord(row_number, line, problem.column, problem.rule, problem.text, record))
                continue
            cells, _ = _count_cells(record, delimiter)
            if row_number == 0:
                width = cells
            if cells != width:
                where = cells if cells < width else None
                problem_text = f"the row has {cells} cells, the header has {width}"
                damaged.append(DamagedRecord(row_number, line, where, "unreadable row", problem_text, record))
                continue
            largest = max(largest, 4 * len(record))
            sink.write(record + "\n")
    return damaged, largest


def cells_of(record: str, delimiter: str) -> list[str]:
    """The cells of one whole record."""
    return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), [])


@dataclass(frozen=True)
class _Problem:
    column: int | None
    rule: str
    text: str


_UNDECODABLE = _Problem(None, "wrong encoding", "the line has bytes that are not of the declared encoding")


def _records(
    lines: Iterable[str], delimiter: str, undecodable: Mapping[int, str]
) -> Iterator[tuple[int, str, _Problem | None]]:
    """Records with the line on which they begin and without their line end; and what is wrong with a damaged one.

    After a damaged record, reading goes on with the next line: one open quote does not swallow the rows after it.
    """
    pending: deque[tuple[int, str, _Problem | None]] = deque()
    numbered = _numbered(lines, undecodable)
    while True:
        if not pending:
            following = next(numbered, None)
            if following is None:
                return
            pending.append(following)
        line, record, problem = pending.popleft()
        if problem is not None:
            yield line, record, problem
            continue
        if not record.strip() and delimiter not in record:
            continue
        if '"' not in record:
            yield line, record.rstrip("\r\n"), None
            continue
        first_line = record.rstrip("\r\n")
        cells, state = _count_cells(first_line, delimiter)
        ahead = 0
        while state == "open" and len(record) <= MAX_CELL:
            if ahead == len(pending):
                following = next(numbered, None)
                if following is None:
                    break
                pending.append(following)
            _, text, problem = pending[ahead]
            if problem is not None:
                break
            record += text
            ahead += 1
            if '"' in text:
                cells, state = _count_cells(record.rstrip("\r\n"), delimiter)
        if state == "whole":
            for _ in range(ahead):
                pending.popleft()
            yield line, record.rstrip("\r\n"), None
        else:
            cells, state = _count_cells(first_line, delimiter)
            what = "opens a quote that is not closed" if state == "open" else "has text after a closing quote"
            yield line, first_line, _Problem(cells - 1, "unreadable row", f"a cell {what}")


def _numbered(lines: Iterable[str], undecodable: Mapping[int, str]) -> Iterator[tuple[int, str, _Problem | None]]:
    number = 0
    for text in lines:
        number += 1
        while number in undecodable:
            yield number, undecodable[number], _UNDECODABLE
            number += 1
        yield number, text, None
    while number + 1 in undecodable:
        number += 1
        yield number, undecodable[number], _UNDECODABLE


def _count_cells(record: str, delimiter: str) -> tuple[int, str]:
    """Number of cells read, and "whole", "open" (ends inside quotes) or "broken" (text after a closing quote)."""
    cells, position, end = 0, 0, len(record)
    while True:
        cells += 1
        start = position
        while record.startswith(" ", start):
            start += 1
        if not record.startswith('"', start):
            position = record.find(delimiter, position)
            if position < 0:
                return cells, "whole"
            position += 1
            continue
        position = start + 1
        while True:
            position = record.find('"', position)
            if position < 0:
                return cells, "open"
            if not record.startswith('"', position + 1):
                break
            position += 2
        position += 1
        while record.startswith(" ", position):
            position += 1
        if position == end:
            return cells, "whole"
        if record[position] != delimiter:
            return cells, "broken"
        position += 1
