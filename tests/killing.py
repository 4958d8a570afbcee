"""Functions run in processes of their own that are killed at a chosen moment, as by kill -9 or a power cut.

A moment is an event that Python's profiler sees inside the ingestion: a function begins or ends, or something below Python
(a statement of the engine, a write to a file) is called or returns. So every place of the code is a moment, whatever the
code looks like, and nothing depends on time. Belongs here: finding moments, killing, and looking at what is left.
Does not belong here: what is loaded, and what must be true afterwards.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

import duckdb

WATCHED = f"{os.sep}dagster_project{os.sep}ingest{os.sep}"
PRELOADED = [
    "pytest", "duckdb", "pandas", "pyarrow", "openpyxl", "sqlite3", "tests.killing",
    "dagster_project.ingest.load", "dagster_project.ingest.connectors.database",
]  # fmt: skip
"""Imported once; processes of the tests begin as copies of one that has them."""


@dataclass(frozen=True)
class Place:
    """A line of the ingestion and what happens there; `times` is how often it happens in an undisturbed run."""

    file: str
    line: int
    event: str
    times: int = 1

    def __str__(self) -> str:
        return f"{self.event} at {Path(self.file).name}:{self.line}"


def places(function: Callable[..., object], *arguments: object) -> list[Place]:
    """Run the function to its end; returns all places it passes, in the order in which they are first passed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = _start(_recording, sender, function, arguments)
    sender.close()
    passed: Counter[tuple[str, int, str]] = receiver.recv()
    process.join()
    assert process.exitcode == 0
    return [Place(*place, times=times) for place, times in passed.items()]


def spread(found: list[Place], count: int) -> list[Place]:
    """`count` of the places, evenly over the run, the first and the last among them."""
    step = (len(found) - 1) / (count - 1)
    return [found[round(number * step)] for number in range(count)] if len(found) > count else found


def run(function: Callable[..., object], *arguments: object) -> None:
    """Run the function to its end, in a process of its own."""
    process = _start(function, *arguments)
    process.join()
    assert process.exitcode == 0


def run_killed(place: Place, function: Callable[..., object], *arguments: object) -> bool:
    """Run the function until it is half through with passing the place; there its process kills itself.

    False where it came to its end, because an earlier run had done the work that leads to this place.
    """
    process = _start(_killing_itself, place, function, arguments)
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), f"{place}: ended with {process.exitcode}"
    return process.exitcode != 0


def run_killed_from_outside(place: Place, function: Callable[..., object], *arguments: object) -> None:
    """As run_killed, but the process only says that it is there and goes on, and is killed somewhat later: in the middle
    of what is called there. It may have ended by then.
    """
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = _start(_announcing, place, sender, function, arguments)
    sender.close()
    receiver.recv()
    process.kill()
    process.join()


def everything_in(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of schema raw, by table."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'raw' order by 1").fetchall()
        return {name: con.execute(f'select * from raw."{name}" order by all').fetchall() for (name,) in tables}


def memory_growth(function: Callable[..., object], *arguments: object) -> int:
    """Bytes by which running the function raises the peak of its process, which has imported everything before."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = _start(_measuring, sender, function, arguments)
    sender.close()
    growth: int = receiver.recv()
    process.join()
    assert process.exitcode == 0
    return growth


def _start(target: Callable[..., object], *arguments: object) -> BaseProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=target, args=arguments)
    process.start()
    return process


def _watch(seen: Callable[[tuple[str, int, str]], None]) -> None:
    def profile(frame: FrameType, event: str, _: Any) -> None:
        if WATCHED in frame.f_code.co_filename:
            seen((frame.f_code.co_filename, frame.f_lineno, event))

    sys.setprofile(profile)


def _recording(sender: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    passed: Counter[tuple[str, int, str]] = Counter()
    _watch(lambda place: passed.update([place]))
    function(*arguments)
    sys.setprofile(None)
    sender.send(passed)


def _at(place: Place, act: Callable[[], None]) -> None:
    """Act when the place is passed for the middle time."""
    left = (place.times + 1) // 2

    def seen(passed: tuple[str, int, str]) -> None:
        nonlocal left
        if passed == (place.file, place.line, place.event):
            left -= 1
            if left == 0:
                act()

    _watch(seen)


def _killing_itself(place: Place, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    _at(place, lambda: os.kill(os.getpid(), signal.SIGKILL))
    function(*arguments)


def _announcing(
    place: Place, sender: Connection, function: Callable[..., object], arguments: tuple[object, ...]
) -> None:
    _at(place, lambda: sender.send("here"))
    function(*arguments)


def _measuring(sender: Connection, function: Callable[..., object], arguments: tuple[object, ...]) -> None:
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    function(*arguments)
    sender.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit)
