"""The parsers of this package over whole columns of distinct values, on all cores where there are many values.

Belongs here: turning Arrow columns into calls of a parser and its results into an Arrow struct, and the processes that
share the work. Does not belong here: what a parser does, or which engine calls it (dbt_plugin registers the functions
for DuckDB).
"""

from __future__ import annotations

import os
import queue
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, NamedTuple, get_args, get_type_hints

import pyarrow as pa

# Starting the processes takes as long as parsing so many values in this one.
VALUES_BEFORE_HELP = 50_000


class Parser(NamedTuple):
    """A parser: takes texts (None where the cell is empty), returns the NamedTuple `result`."""

    function: Callable[..., tuple]
    result: type[tuple]
    cells: int


@cache
def parsers() -> dict[str, Parser]:
    """Every parser by the name under which SQL calls it."""
    from dagster_project.standardize.addresses import Address, parse_address
    from dagster_project.standardize.companies import CompanyName, parse_company_name
    from dagster_project.standardize.emails import Email, parse_email
    from dagster_project.standardize.identifiers import CompanyId, NationalId, parse_company_id, parse_national_id
    from dagster_project.standardize.names import PersonName, parse_person_name
    from dagster_project.standardize.phones import Phone, parse_phone

    return {
        "parse_person_name": Parser(parse_person_name, PersonName, 3),
        "parse_email": Parser(parse_email, Email, 1),
        "parse_national_id": Parser(parse_national_id, NationalId, 2),
        "parse_company_name": Parser(parse_company_name, CompanyName, 1),
        "parse_company_id": Parser(parse_company_id, CompanyId, 2),
        "parse_address": Parser(parse_address, Address, 8),
        "parse_phone": Parser(parse_phone, Phone, 2),
    }


def struct_type(result: type[tuple]) -> pa.StructType:
    """The Arrow struct of a parser's NamedTuple: str, bool, date (each or None) and tuples of str."""
    return pa.struct([(name, _arrow_type(hint)) for name, hint in get_type_hints(result).items()])


def _arrow_type(hint: Any) -> pa.DataType:  # noqa: ANN401 - a type hint
    kinds = {str: pa.string(), bool: pa.bool_(), date: pa.date32(), tuple[str, ...]: pa.list_(pa.string())}
    options = [kind for kind in get_args(hint) if kind is not type(None)] if isinstance(hint, UnionType) else [hint]
    (kind,) = options
    return kinds[kind]


def parse_columns(name: str, columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.StructArray:
    """One struct per row of the columns, which are the cells of the parser `name` in its order."""
    parser = parsers()[name]
    results = [parser.function(*cells) for cells in zip(*(column.to_pylist() for column in columns), strict=True)]
    kind = struct_type(parser.result)
    fields = zip(*results, strict=True) if results else [[] for _ in kind]
    return pa.StructArray.from_arrays(
        [pa.array(values, part.type) for values, part in zip(fields, kind, strict=True)], fields=list(kind)
    )


@dataclass
class SharedWork:
    """Parses batches handed over by several threads: few values in this process, many in `processes` of their own.

    Python threads would take turns on one core; so each batch goes to a process that is free.
    """

    processes: int = field(default_factory=lambda: os.cpu_count() or 1)
    parsed: int = 0
    _free: queue.SimpleQueue[subprocess.Popen[bytes] | None] | None = None

    def parse(self, name: str, columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array:
        """One struct per row; see parse_columns."""
        self.parsed += len(columns[0]) if columns else 0
        if self.processes < 2 or self.parsed <= VALUES_BEFORE_HELP:
            return parse_columns(name, columns)
        if self._free is None:
            self._free = queue.SimpleQueue()
            for _ in range(self.processes):
                self._free.put(None)
        process = self._free.get()
        try:
            process = process or _start_process()
            return _ask(process, name, columns)
        finally:
            self._free.put(process)


def _start_process() -> subprocess.Popen[bytes]:
    # It ends by itself when this process does: its standard input is then closed.
    return subprocess.Popen(
        [sys.executable, "-m", "dagster_project.standardize.vectors"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )


def _ask(process: subprocess.Popen[bytes], name: str, columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Array:
    assert process.stdin is not None
    assert process.stdout is not None
    batch = pa.table({str(number): column for number, column in enumerate(columns)})
    try:
        _write(process.stdin, batch.replace_schema_metadata({"parser": name}))
        answer = _read(process.stdout)
    except BrokenPipeError:
        answer = None
    if answer is None:
        raise RuntimeError(
            f"{name}: the process that parses values ended with code {process.wait()}; see its message above"
        )
    return answer.column("parsed").combine_chunks()


def _write(stream: Any, table: pa.Table) -> None:  # noqa: ANN401 - a pipe
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content = sink.getvalue()
    stream.write(content.size.to_bytes(8, "little"))
    stream.write(content)
    stream.flush()


def _read(stream: Any) -> pa.Table | None:  # noqa: ANN401 - a pipe
    header = stream.read(8)
    if len(header) < 8:
        return None
    return pa.ipc.open_stream(stream.read(int.from_bytes(header, "little"))).read_all()


def _serve() -> None:
    """Answer batches on standard input until it is closed."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # nothing that a library prints may mix with the answers
    while (batch := _read(sys.stdin.buffer)) is not None:
        name = batch.schema.metadata[b"parser"].decode()
        _write(answers, pa.table({"parsed": parse_columns(name, batch.columns)}))


if __name__ == "__main__":
    _serve()
