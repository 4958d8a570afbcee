"""Files that are none, or not whole, or not new. One case per row of "Whole files" in the catalogue."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from tests.ingest.dock import HEADER, LI, WANG, ZOE, Dock, csv, line


def test_empty_file(dock: Dock) -> None:
    dock.deliver("members_1.csv", "")
    dock.refuses("members_1.csv", "is empty (0 bytes)")


def test_header_only(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv())
    dock.loads(read=0, accepted=0)
    assert dock.raw() == []


def test_blank_lines_only(dock: Dock) -> None:
    dock.deliver("members_1.csv", "\n\n  \n")
    dock.refuses("members_1.csv", "only blank lines")


def test_truncated_gzip(dock: Dock) -> None:
    packed = gzip.compress(csv(*(line(WANG, member_no=f"M-{number}") for number in range(500))).encode())
    dock.deliver("members_1.csv.gz", packed[: len(packed) // 2])
    dock.refuses("members_1.csv.gz", "is truncated", "gzip")


def test_corrupt_gzip(dock: Dock) -> None:
    packed = bytearray(gzip.compress(csv(WANG, LI).encode()))
    packed[-6] ^= 0xFF  # in the checksum
    dock.deliver("members_1.csv.gz", bytes(packed))
    dock.refuses("members_1.csv.gz", "is not a whole gzip file")


def test_plain_text_named_gz(dock: Dock) -> None:
    dock.deliver("members_1.csv.gz", csv(WANG, LI))
    dock.refuses("members_1.csv.gz", "is not a whole gzip file", ".gz")


def test_gzip_of_several_parts(dock: Dock) -> None:
    dock.deliver("members_1.csv.gz", gzip.compress(csv(WANG).encode()) + gzip.compress(f"{line(LI)}\n".encode()))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def _zip(text: str) -> bytes:
    with io.BytesIO() as packed:
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("members.csv", text)
        return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "named"), [(gzip.compress(csv(WANG).encode()), "gzip"), (_zip(csv(WANG)), "a ZIP archive")]
)
def test_packed_file_without_saying_so(dock: Dock, content: bytes, named: str) -> None:
    dock.deliver("members_1.csv", content)
    dock.refuses("members_1.csv", named)


def test_web_page_in_place_of_a_file(dock: Dock) -> None:
    dock.deliver("members_1.csv", "<!DOCTYPE html>\n<html><body><h1>Please sign in, 王小明</h1></body></html>\n")
    dock.refuses("members_1.csv", "is a web page (HTML)", hides=["sign in"])


def test_folder_in_place_of_a_file(dock: Dock) -> None:
    dock.path("members_1.csv").mkdir()
    dock.refuses("members_1.csv", "is a folder, not a file")


def test_pipe_in_place_of_a_file(dock: Dock) -> None:
    os.mkfifo(dock.path("members_1.csv"))  # opening it would wait for ever
    dock.refuses("members_1.csv", "is neither a file nor a folder")


def test_link_that_points_nowhere(dock: Dock) -> None:
    dock.path("members_1.csv").symlink_to("members_of_yesterday.csv")
    dock.refuses("members_1.csv", "is a link to a file that is not there")


def test_file_that_may_not_be_read(dock: Dock) -> None:
    if os.geteuid() != 0:
        dock.deliver("members_1.csv", csv(WANG)).chmod(0)
    else:  # root may read everything but this: a file of the system whose reading always fails
        unreadable = Path("/proc/self/mem")
        if not unreadable.exists():
            pytest.skip("root, and no file that root cannot read")
        dock.path("members_1.csv").symlink_to(unreadable)
    dock.refuses("members_1.csv", "cannot be read")


def test_file_that_vanishes_while_loading(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG))
    second = dock.deliver("members_2.csv", csv(LI))
    first, gone = dock.load(progress=lambda _: second.unlink(missing_ok=True))
    assert (first.status, gone.status) == ("loaded", "refused")
    assert gone.message.startswith("club/members_2.csv: has vanished")
    assert dock.raw() == [WANG]
    dock.deliver("members_2.csv", csv(LI))
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [WANG, LI]


def test_file_that_grows_while_loading(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG))
    second = dock.deliver("members_2.csv", csv(LI))
    dock.load(progress=lambda _: second.write_text(csv(LI, ZOE), encoding="utf-8"))
    dock.load()  # whatever the first load saw of it, the file as it is now is what counts in the end
    assert dock.raw() == [WANG, LI, ZOE]
    assert [outcome.status for outcome in dock.load()] == ["known", "known"]


@pytest.mark.parametrize(
    "name", ["members_1 (copy).csv", "members_会员 三月.csv", 'members_O\'Hara "new".csv', "members_%41;--.csv"]
)
def test_unusual_file_names(dock: Dock, name: str) -> None:
    dock.deliver(name, csv(WANG, line(LI, points="x")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], file=name)
    assert dock.con.execute("select _file from raw.club__members").fetchall() == [(f"club/{name}",)]


def test_same_bytes_under_two_names(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI))
    dock.loads(read=2, accepted=2)
    dock.deliver("members_1 (2).csv", csv(WANG, LI))
    dock.loads(read=2, accepted=0, duplicate=2)
    assert dock.raw() == [WANG, LI]


def test_corrected_redelivery(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, points="x"), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    dock.deliver("members_1.csv", csv(WANG, LI))
    dock.loads(read=2, accepted=2, status="replaced")
    assert dock.raw() == [WANG, LI]
    assert dock.quarantine() == []


def test_redelivery_that_is_worse(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, points="x")))
    dock.loads(read=2, accepted=1, quarantined=1)
    dock.deliver("members_1.csv", csv(WANG, LI)[:-30])
    dock.refuses("members_1.csv", "is truncated")
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"])


def test_refused_and_then_delivered_well(dock: Dock) -> None:
    dock.deliver("members_1.csv", HEADER.replace("born,", "") + "\n")
    dock.refuses("members_1.csv", "column 'born' is missing")
    dock.deliver("members_1.csv", csv(WANG))
    dock.loads(read=1, accepted=1)
    statuses = dock.con.execute("select status from raw.load_log where source_object = 'members'").fetchall()
    assert sorted(statuses) == [("loaded",), ("superseded",)]
