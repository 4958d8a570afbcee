"""Excel workbooks as people save them. One case per row of "Workbooks" in the catalogue."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tests.ingest.dock import LI, TITLES, WANG, ZOE, Dock, Row, csv

XLSX = {"format": "xlsx", "files": "club/members_*.xlsx", "sheet": "会员"}
FILE = "members_1.xlsx"


@pytest.fixture(autouse=True)
def _workbook(dock: Dock) -> None:
    dock.declare(**XLSX)


def workbook(
    *rows: Row, sheet: str = "会员", header: tuple[str, ...] = TITLES, edit: Callable[[Worksheet], Any] | None = None
) -> bytes:
    """One sheet with header and rows, after which `edit` may change it; before it stands a sheet with notes."""
    book = openpyxl.Workbook()
    notes = book.active
    assert notes is not None
    notes.title = "说明"
    page: Worksheet = book.create_sheet(sheet)
    page.append(header)
    for row in rows:
        page.append([row[title] for title in TITLES])
    if edit is not None:
        edit(page)
    with io.BytesIO() as stream:
        book.save(stream)
        return stream.getvalue()


def rewritten(packed: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    with io.BytesIO(packed) as old, zipfile.ZipFile(old) as source, io.BytesIO() as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
            for part in source.namelist():
                content = source.read(part)
                target.writestr(part, change(content) if part == name else content)
        return stream.getvalue()


def test_another_sheet(dock: Dock) -> None:
    dock.deliver(FILE, workbook(WANG, sheet="会员 (2)"))
    dock.refuses(FILE, "has no sheet '会员'", "'说明', '会员 (2)'")


def test_empty_sheet(dock: Dock) -> None:
    dock.deliver(FILE, workbook(edit=lambda page: page.delete_rows(1)))
    dock.refuses(FILE, "has nothing in sheet '会员'")


def test_caption_above_the_titles(dock: Dock) -> None:
    dock.deliver(FILE, workbook(WANG, edit=lambda page: page.insert_rows(1)))
    dock.loads(read=1, accepted=1)  # blank rows above are nothing
    dock.deliver(
        "members_2.xlsx", workbook(WANG, header=("会员导出 2024-03-31",), edit=lambda page: page.insert_rows(2))
    )
    dock.refuses("members_2.xlsx", "'member_no'", hides=["会员导出"])


def test_merged_cells(dock: Dock) -> None:
    dock.deliver(FILE, workbook(WANG, LI, ZOE, edit=lambda page: page.merge_cells("A2:A3")))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "member_no", "missing key", keeps=["李晓云"], file=FILE)


def test_real_dates_and_day_numbers(dock: Dock) -> None:
    dock.declare(**XLSX, columns={"born": {"type": "date", "personal": True, "formats": ["excel", "%d.%m.%Y"]}})
    real = WANG | {"born": date(1980, 2, 3), "changed": datetime(2024, 3, 1, 10)}
    dock.deliver(FILE, workbook(real, LI | {"born": 33572}, ZOE | {"born": "9.7.1975"}))
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, LI, ZOE]


def test_times_with_the_noise_of_spreadsheets(dock: Dock) -> None:
    noisy = WANG | {"changed": datetime(2024, 3, 1, 9, 59, 59, 999_996)}
    dock.deliver(FILE, workbook(noisy))
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [WANG]


def test_formulas_with_their_values(dock: Dock) -> None:
    def sum_of_points(page: Worksheet) -> None:
        page["F2"] = "=100+200"

    plain = workbook(WANG, edit=sum_of_points)
    dock.deliver(
        FILE,
        rewritten(
            plain,
            "xl/worksheets/sheet2.xml",
            lambda xml: (
                xml.replace(b"<v></v>", b"<v>300</v>").replace(b"<v />", b"<v>300</v>").replace(b"<v/>", b"<v>300</v>")
            ),
        ),
    )
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [WANG]


def test_formulas_without_their_values(dock: Dock) -> None:
    def sum_of_points(page: Worksheet) -> None:
        page["F3"] = "=100+200"

    dock.deliver(FILE, workbook(WANG, LI, edit=sum_of_points))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(
        2, "points", "formula without value", keeps=["M-002", "=100+200"], says=["never computed"], file=FILE
    )


def test_error_cells(dock: Dock) -> None:
    def errors(page: Worksheet) -> None:
        page["B3"] = "#N/A"
        page["F4"] = "#REF!"

    dock.deliver(FILE, workbook(WANG, LI, ZOE, edit=errors))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "error in the cell", keeps=["M-002", "#N/A"], file=FILE)
    dock.quarantines(3, "points", "error in the cell", keeps=["M-003"], says=["#REF!"], file=FILE)


def test_numbers_as_texts_and_texts_as_numbers_in_a_sheet(dock: Dock) -> None:
    dock.deliver(
        FILE,
        workbook(
            WANG | {"mobile": 13812345670.0, "balance": 12.5, "points": 300},
            LI | {"mobile": 13912345671, "points": "0"},
        ),
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_hidden_rows_and_columns(dock: Dock) -> None:
    def hide(page: Worksheet) -> None:
        page.row_dimensions[3].hidden = True
        page.column_dimensions["C"].hidden = True

    dock.deliver(FILE, workbook(WANG, LI, edit=hide))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_blank_rows_in_a_sheet(dock: Dock) -> None:
    def insert(page: Worksheet) -> None:
        page.insert_rows(3, amount=2)

    dock.deliver(FILE, workbook(WANG, LI, ZOE | {"points": "x"}, edit=insert))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, LI]
    dock.quarantines(5, "points", "not an integer", keeps=["M-003"], file=FILE)


def test_cells_beside_the_table(dock: Dock) -> None:
    def note(page: Worksheet) -> None:
        page["J3"] = "请核对"

    dock.deliver(FILE, workbook(WANG, LI, edit=note))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    assert [list((row or {}).values()) for row in dock.undeclared()] == [[None], ["请核对"]]


def test_password_protected_workbook(dock: Dock) -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(480)
    dock.deliver(FILE, container)
    dock.refuses(FILE, "is protected by a password")


def test_old_xls_named_xlsx(dock: Dock) -> None:
    dock.deliver(FILE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "Workbook".encode("utf-16-le") + bytes(496))
    dock.refuses(FILE, "is an old workbook (.xls)")


def test_csv_named_xlsx(dock: Dock) -> None:
    dock.deliver(FILE, csv(WANG, LI))
    dock.refuses(FILE, "is not a whole XLSX workbook")


def test_truncated_workbook(dock: Dock) -> None:
    whole = workbook(WANG, LI)
    dock.deliver(FILE, whole[: len(whole) // 2])
    dock.refuses(FILE, "is not a whole XLSX workbook")


def test_damaged_workbook(dock: Dock) -> None:
    dock.deliver(FILE, rewritten(workbook(WANG, LI), "xl/worksheets/sheet2.xml", lambda xml: xml[: len(xml) // 2]))
    dock.refuses(FILE, "is not a whole XLSX workbook")
