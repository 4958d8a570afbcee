"""Whatever happens to the bytes of a delivery: it is loaded or refused, everything adds up, and nobody is named.

The kinds that have a name are cases of the catalogue; these deliveries are damaged at random, the same ones every time.
"""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from dagster_project.ingest.arrival import _copy_csv
from dagster_project.ingest.look import Look
from dagster_project.ingest.records import read_records, set_damage_apart, split_record
from dagster_project.warehouse import connect
from tests.ingest import test_bad_parquet, test_bad_workbooks
from tests.ingest.dock import LI, PEOPLE, WANG, ZOE, Dock, Row, csv, json_lines, line

ROWS: list[Row] = [WANG, LI, ZOE, *(LI | {"member_no": f"M-1{number:02}"} for number in range(60))]
DELIVERIES: dict[str, tuple[Row, bytes]] = {
    "csv": ({}, csv(*ROWS, line(ZOE, member_no="M-200", name='"Zoë\nKeller"')).encode()),
    "csv.gz": ({}, gzip.compress(csv(*ROWS).encode(), mtime=0)),
    "jsonl": (
        {"format": "jsonl", "files": "club/members_*.jsonl"},
        json_lines(*ROWS).encode(),
    ),
    "parquet": (test_bad_parquet.PARQUET, test_bad_parquet.table(**test_bad_parquet.TYPED)),
    "xlsx": (test_bad_workbooks.XLSX, test_bad_workbooks.workbook(*ROWS)),
}
INSERTED = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"{",
    b"]",
    b"\\u0000",
    b"\\",
    b"E+10",
    b"-",
    b"\xc2\x80",
]


def damaged(delivery: bytes, chance: random.Random) -> bytes:
    content = bytearray(delivery)
    for _ in range(chance.choice([1, 1, 2, 4])):
        kind, place = chance.random(), chance.randrange(len(content))
        if kind < 0.3:
            content[place] = chance.randrange(256)
        elif kind < 0.5:
            del content[place : place + chance.randint(1, 20)]
        elif kind < 0.75:
            content[place:place] = chance.choice(INSERTED)
        elif kind < 0.9:
            content[place:place] = content[chance.randrange(place + 1) :][: chance.randint(1, 90)]
        else:
            del content[max(1, place) :]
    return bytes(content)


@pytest.mark.parametrize("number", range(30))
@pytest.mark.parametrize("ending", DELIVERIES)
def test_any_damage_is_accounted_for_and_names_nobody(dock: Dock, ending: str, number: int) -> None:
    declared, delivery = DELIVERIES[ending]
    dock.declare(**declared)
    dock.deliver(f"members_1.{ending}", damaged(delivery, random.Random(f"{ending} {number}")))
    (outcome,) = dock.load()  # which checks that everything adds up
    assert outcome.status in ("loaded", "refused")
    for message in [outcome.message, *(entry.message for entry in dock.quarantine())]:
        assert not any(secret in message for secret in (*PEOPLE, str(dock.landing)))


CELLS = [
    "a",
    "王",
    "",
    "x y",
    '"q"',
    '"a,b"',
    '"a\nb"',
    '"a\r\nb"',
    '"say ""hi"""',
    '"',
    'a"b',
    '"a"b',
    '"a" "b"',
    "\x0b",
    ",",
]


@pytest.mark.parametrize("number", range(200))
def test_the_fast_and_the_slow_way_agree(tmp_path: Path, number: int) -> None:
    """What the engine's reader accepts, divides as the slow way says; what the slow way copies, the engine accepts."""
    chance = random.Random(number)
    end = chance.choice(["\n", "\r\n", "\r"])
    rows = [",".join(chance.choices(CELLS, k=3 if chance.random() < 0.8 else 2)) for _ in range(6)]
    text, mended = tmp_path / "text.csv", tmp_path / "mended.csv"
    text.write_text(end.join(["a,b,c", *rows, ""]), encoding="utf-8", newline="")
    damage = set_damage_apart(text, mended, ",", 3, {})
    expected = [split_record(record.text, ",")[0][:3] for record in list(read_records(mended, ",", {}))[1:]]
    look = Look()
    look.at(text.read_text(encoding="utf-8"), text.read_bytes())
    with connect(":memory:") as con:
        if not look.quotes_apart and _copy_csv(con, text, 3, ","):
            assert damage == []
        else:
            assert _copy_csv(con, mended, 3, ",")
        found = con.execute("select * from delivered order by rowid").fetchall()
    assert [[value or "" for value in row] for row in found] == expected
