"""Parquet that is damaged or typed otherwise. One case per row of "Parquet" in the catalogue."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.ingest.dock import LI, WANG, Dock, csv

PARQUET = {"format": "parquet", "files": "club/members_*.parquet"}
FILE = "members_1.parquet"


@pytest.fixture(autouse=True)
def _parquet(dock: Dock) -> None:
    dock.declare(**PARQUET)


def table(**columns: Any) -> bytes:
    """WANG and LI as Parquet; columns given here replace or add single ones."""
    arrays: Mapping[str, Any] = {title: [WANG[title], LI[title]] for title in WANG} | columns
    with io.BytesIO() as stream:
        pq.write_table(pa.table(arrays), stream)
        return stream.getvalue()


TYPED = {
    "born": pa.array([date(1980, 2, 3), date(1991, 11, 30)]),
    "balance": pa.array([Decimal("12.50"), Decimal("0.00")]),
    "points": pa.array([300, 0], pa.int32()),
    "changed": pa.array([datetime(2024, 3, 1, 10), datetime(2024, 3, 2, 11, 30)], pa.timestamp("us")),
}


def test_half_written_parquet(dock: Dock) -> None:
    whole = table(**TYPED)
    dock.deliver(FILE, whole[: len(whole) // 2])
    dock.refuses(FILE, "is not a whole Parquet file")


def test_damaged_parquet(dock: Dock) -> None:
    damaged = bytearray(table(**TYPED))
    damaged[20:60] = bytes(40)  # in the first column's page; the end, which is read first, is whole
    dock.deliver(FILE, bytes(damaged))
    dock.refuses(FILE, "is not a whole Parquet file")


def test_text_named_parquet(dock: Dock) -> None:
    dock.deliver(FILE, csv(WANG, LI))
    dock.refuses(FILE, "is not a whole Parquet file")


def test_parquet_without_rows(dock: Dock) -> None:
    dock.deliver(FILE, table(**{title: pa.array([], pa.string()) for title in WANG}))
    dock.loads(read=0, accepted=0)


def test_parquet_with_other_types_that_fit(dock: Dock) -> None:
    dock.deliver(
        FILE,
        table(
            member_no=pa.array([1, 2], pa.int64()),
            mobile=pa.array([13812345670.0, 13912345671.0]),
            born=pa.array([datetime(1980, 2, 3), datetime(1991, 11, 30)], pa.timestamp("ns")),
            balance=pa.array([12.5, 0.0]),
            points=pa.array([300.0, 0.0]),
            changed=pa.array([datetime(2024, 3, 1, 18), datetime(2024, 3, 2, 19, 30)], pa.timestamp("us")).cast(
                pa.timestamp("us", "UTC")
            ),
            name=pa.array(["王小明", "李晓云"]).dictionary_encode(),
        ),
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [
        WANG | {"member_no": "1", "changed": "2024-03-01 18:00:00"},
        LI | {"member_no": "2", "changed": "2024-03-02 19:30:00"},
    ]


def test_parquet_with_other_types_that_do_not_fit(dock: Dock) -> None:
    dock.deliver(FILE, table(points=pa.array([300, 2.5]), balance=pa.array([12.5, float("nan")])))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(
        2, "balance", "not a decimal", keeps=["M-002"], says=["'nan'", "'2.5'", "not an integer"[4:]], file=FILE
    )


def test_nested_columns_in_parquet(dock: Dock) -> None:
    dock.declare(**PARQUET, columns={"address": "string", "tags": "string"})
    dock.deliver(
        FILE,
        table(
            address=[{"city": "上海", "street": "It's 1"}, None], tags=[["vip", 'a"b'], []], extra=[{"a": [1]}, None]
        ),
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [
        WANG | {"address": '{"city":"上海","street":"It\'s 1"}', "tags": '["vip","a\\"b"]'},
        LI | {"address": None, "tags": "[]"},
    ]


def test_texts_stored_as_bytes(dock: Dock) -> None:
    dock.deliver(FILE, table(name=pa.array(["王小明".encode(), "李晓云".encode()], pa.binary())))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_bytes_that_are_no_text(dock: Dock) -> None:
    dock.deliver(FILE, table(name=pa.array(["王小明".encode(), "李晓云".encode("gb18030")], pa.binary())))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "wrong encoding", keeps=["M-002"], file=FILE)


def test_texts_of_another_encoding_in_parquet(dock: Dock) -> None:
    names = pa.array([WANG["name"].encode("gb18030"), LI["name"].encode("gb18030")], pa.binary())
    unchecked = pa.StringArray.from_buffers(2, names.buffers()[1], names.buffers()[2])
    dock.deliver(FILE, table(name=unchecked))
    dock.refuses(FILE, "has texts that are not UTF-8")


def test_column_missing_in_parquet(dock: Dock) -> None:
    dock.deliver(FILE, table(cellphone=["1", "2"]).replace(b"mobile", b"mobilX"))
    dock.refuses(FILE, "column 'mobile' is missing")
