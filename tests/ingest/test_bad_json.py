"""JSON lines that are none, or say it otherwise. One case per row of "JSON lines" in the catalogue."""

from __future__ import annotations

import json

import pytest

from tests.ingest.dock import LI, WANG, ZOE, Dock, json_lines

JSON = {"format": "jsonl", "files": "club/members_*.jsonl"}
FILE = "members_1.jsonl"


@pytest.fixture(autouse=True)
def _json_lines(dock: Dock) -> None:
    dock.declare(**JSON)


@pytest.mark.parametrize(
    "text",
    [
        "M-002;李晓云;13912345671",
        "{'member_no': 'M-002', 'name': '李晓云'}",
        '{"member_no": "M-002", "name": "李晓云"},',
        '{"member_no": "M-002", "name": "李晓云"}{"member_no": "M-009"}',
        '{"member_no": "M-002", "name": "李晓云"',
        '{"member_no": "M-002", "name": undefined}',
    ],
)
def test_line_that_is_not_json(dock: Dock, text: str) -> None:
    dock.deliver(FILE, json_lines(WANG, text, ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, None, "not JSON", keeps=[text], file=FILE)


@pytest.mark.parametrize("text", ['["M-002", "李晓云"]', json.dumps(json.dumps(LI)), "42", "null"])
def test_json_that_is_not_an_object(dock: Dock, text: str) -> None:
    dock.deliver(FILE, json_lines(WANG, text, ZOE))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, ZOE]
    dock.quarantines(2, None, "not JSON", keeps=[text], says=["object"], file=FILE)


def test_web_page_in_place_of_json(dock: Dock) -> None:
    dock.deliver(FILE, "<html>\n<head><title>502 Bad Gateway</title></head>\n<body>王小明</body>\n</html>\n")
    dock.refuses(FILE, "is a web page (HTML)")


def test_error_message_in_place_of_rows(dock: Dock) -> None:
    dock.deliver(FILE, '{"code": 401, "message": "token of 王小明 expired"}\n')
    dock.refuses(FILE, "'member_no'", hides=["expired"])


@pytest.mark.parametrize("indent", [None, 2])
def test_one_json_array_in_place_of_lines(dock: Dock, indent: int | None) -> None:
    dock.deliver(FILE, json.dumps([WANG, LI], ensure_ascii=False, indent=indent))
    dock.refuses(FILE, "is one JSON array", "one object per line")


def test_objects_over_several_lines(dock: Dock) -> None:
    dock.deliver(FILE, "".join(json.dumps(row, ensure_ascii=False, indent=2) + "\n" for row in (WANG, LI)))
    dock.refuses(FILE, "over several lines", "one object per line")


def test_truncated_json_lines(dock: Dock) -> None:
    whole = json_lines(WANG, LI)
    dock.deliver(FILE, whole[: whole.rindex("1991") + 2])
    dock.refuses(FILE, "is truncated", "line 2", "column 'born'")


def test_blank_json_lines(dock: Dock) -> None:
    dock.deliver(FILE, json_lines("", WANG, "  ", LI, "nonsense", ""))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert dock.raw() == [WANG, LI]
    dock.quarantines(5, None, "not JSON", keeps=["nonsense"], file=FILE)


def test_mixed_line_ends_of_json_lines(dock: Dock) -> None:
    first, second, third = (json.dumps(row, ensure_ascii=False) for row in (WANG, LI, ZOE))
    dock.deliver(FILE, f"{first}\r\n{second}\n\r\n{third}\r\n")
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, LI, ZOE]


def test_json_line_of_another_encoding(dock: Dock) -> None:
    others = json_lines(*(ZOE | {"member_no": f"M-1{number:02}"} for number in range(30)))
    content = json_lines(WANG).encode() + json_lines(LI).encode("gb18030") + json_lines("nonsense").encode()
    dock.deliver(FILE, content + others.encode())
    dock.loads(read=33, accepted=31, quarantined=2)
    assert dock.raw()[0] == WANG
    dock.quarantines(2, None, "wrong encoding", keeps=["M-002", r"\xc0\xee"], says=["line 2"], file=FILE)
    dock.quarantines(3, None, "not JSON", keeps=["nonsense"], says=["line 3"], file=FILE)


def test_json_line_that_is_too_long(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dagster_project.ingest.arrival.MAX_LINE_BYTES", 3_000_000)
    dock.deliver(FILE, json_lines(WANG, LI | {"name": "x" * 4_000_000}))
    dock.refuses(FILE, "has a line of more than", "one object per line")


def test_nested_object_in_a_column_of_text(dock: Dock) -> None:
    nested = {"first": "小明", "last": "王"}
    dock.deliver(FILE, json_lines(WANG | {"name": nested}, LI | {"name": ["李", "晓云"]}))
    dock.loads(read=2, accepted=2)
    assert [json.loads(row["name"]) for row in dock.raw()] == [nested, ["李", "晓云"]]


def test_nested_object_in_a_column_of_another_type(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(WANG, LI | {"points": {"value": 0}}, ZOE | {"balance": [1]}))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], says=["value"], file=FILE)
    dock.quarantines(3, "balance", "not a decimal", keeps=["M-003"], says=["[1]"], file=FILE)


def test_field_twice_in_one_object(dock: Dock) -> None:
    twice = json.dumps(LI, ensure_ascii=False)[:-1] + ', "points": "999"}'
    dock.deliver(FILE, json_lines(WANG, twice))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "repeated field", keeps=[twice], file=FILE)


def test_escaped_nul(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(WANG, json.dumps(LI | {"name": "李\0晓云"})))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "NUL byte", keeps=["M-002"], file=FILE)


def test_half_a_character(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(WANG, json.dumps(LI | {"name": "李\ud83d"})))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, None, "not JSON", keeps=["M-002", "ud83d"], file=FILE)


def test_numbers_as_texts_and_texts_as_numbers(dock: Dock) -> None:
    dock.deliver(
        FILE,
        json_lines(
            WANG | {"mobile": 13812345670, "balance": "12.50", "points": "300"},
            LI | {"member_no": 123456789012345678901234567890, "balance": 0.0, "points": 0},
        ),
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI | {"member_no": "123456789012345678901234567890"}]


def test_long_numbers_as_fractions(dock: Dock) -> None:
    dock.deliver(
        FILE,
        json_lines(json.dumps(WANG).replace('"13812345670"', "13812345670.0"), json.dumps(LI | {"mobile": 1.39e25})),
    )
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "mobile", "digits lost", keeps=["M-002"], file=FILE)


def test_null_missing_and_empty(dock: Dock) -> None:
    without = {title: value for title, value in WANG.items() if title != "mobile"}
    dock.deliver(FILE, json_lines(WANG | {"mobile": None}, without, WANG | {"mobile": ""}, LI))
    dock.loads(read=4, accepted=2, duplicate=2)  # all three say the same
    assert dock.raw() == [WANG | {"mobile": None}, LI]


def test_not_a_number_in_json(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(WANG, LI | {"balance": float("nan")}, ZOE | {"balance": float("-inf")}))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "balance", "not a decimal", keeps=["M-002"], says=["NaN"], file=FILE)
    dock.quarantines(3, "balance", "not a decimal", keeps=["M-003"], says=["Infinity"], file=FILE)


def test_true_and_false_in_place_of_numbers(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(WANG, LI | {"points": True}))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], says=["'true'"], file=FILE)


def test_very_deep_nesting(dock: Dock) -> None:
    deep = json.dumps(LI, ensure_ascii=False)[:-1] + ', "notes": ' + "[" * 100_000 + "]" * 100_000 + "}"
    dock.deliver(FILE, json_lines(WANG, deep, ZOE))
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, LI, ZOE]
    assert len((dock.undeclared()[1] or {})["notes"]) == 200_000


def test_fields_that_nobody_declared(dock: Dock) -> None:
    odd = 'it\'s "odd".$'
    dock.deliver(FILE, json_lines(WANG | {"level": "金卡"}, LI | {"tags": ["a"], odd: 1, "a/b~\0": 2}))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
    first, second = (row or {} for row in dock.undeclared())
    assert first["level"] == "金卡"
    assert (str(second[odd]), str(second["a/b~\ufffd"])) == ("1", "2")


def test_names_that_are_data(dock: Dock) -> None:
    dock.deliver(FILE, json_lines(*(WANG | {f"order {number}": "paid"} for number in range(5001))))
    dock.refuses(FILE, "has 5,008 different columns", "as values")
