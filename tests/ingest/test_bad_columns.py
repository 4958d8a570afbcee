"""Headers that are not as declared. One case per row of "Columns" in the catalogue."""

from __future__ import annotations

from tests.ingest.dock import HEADER, LI, WANG, ZOE, Dock, csv, line


def test_column_title_repeated(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG) + ",王大明", header=HEADER + ",name"))
    dock.refuses("members_1.csv", "column 'name'", "more than once", hides=["王大明"])


def test_column_renamed(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, header=HEADER.replace("mobile", "cellphone")))
    dock.refuses("members_1.csv", "column 'mobile' is missing")


def test_column_missing(dock: Dock) -> None:
    without = {title: value for title, value in WANG.items() if title != "balance"}
    dock.deliver("members_1.csv", csv(without, header=",".join(without)))
    dock.refuses("members_1.csv", "column 'balance' is missing", "optional")


def test_optional_column_missing(dock: Dock) -> None:
    dock.declare(columns={"balance": {"type": "decimal", "optional": True}})
    without = {title: value for title, value in WANG.items() if title != "balance"}
    dock.deliver("members_1.csv", csv(without, header=",".join(without)))
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [WANG | {"balance": None}]


def test_column_added(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG) + ",金卡", line(LI) + ",", header=HEADER + ",等级"))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    assert [(row or {}).get("等级") for row in dock.undeclared()] == ["金卡", None]


def test_column_without_a_title(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG) + ",", line(LI) + ",?", header=HEADER + ","))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    assert "?" in (dock.undeclared()[1] or {}).values()


def test_columns_in_another_order(dock: Dock) -> None:
    titles = list(reversed(WANG))
    rows = [{title: row[title] for title in titles} for row in (WANG, LI)]
    dock.deliver("members_1.csv", csv(*rows, header=",".join(titles)))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_titles_with_blanks_or_in_other_case(dock: Dock) -> None:
    dock.deliver(
        "members_1.csv", csv(WANG, LI, header=" Member_No ,NAME,\u200bmobile,\u3000born,Balance\u00a0,Points, changed")
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    assert dock.undeclared() == [None, None]


def test_text_in_a_column_of_numbers(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, points="三百"), line(ZOE, balance="n/a", points="many")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["三百"], says=["'三百'"])
    dock.quarantines(3, "balance", "not a decimal", keeps=["many"], says=["'n/a'", "'many'"])  # each fault is named


def test_values_in_the_wrong_columns(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, mobile=LI["born"], born=LI["mobile"])))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "born", "not a date", keeps=["M-002"], says=["masked"], hides=[LI["mobile"]])
