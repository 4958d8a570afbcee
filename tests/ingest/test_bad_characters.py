"""Deliveries whose bytes or characters are wrong. One case per row of "Encoding and characters" in the catalogue."""

from __future__ import annotations

from tests.ingest.dock import LI, WANG, ZOE, Dock, csv, line

OUYANG = LI | {"name": "欧阳娜娜", "mobile": "13712345672", "member_no": "M-004"}
"""In UTF-8 her name has an even number of bytes: they also read as GB18030, as six other characters."""


def test_gb18030_in_place_of_utf_8(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI).encode("gb18030"))
    dock.refuses("members_1.csv", "is not utf-8", "line 2", "column 'name'", "gb18030")


def test_utf_8_in_place_of_gb18030(dock: Dock) -> None:
    dock.declare(encoding="gb18030")
    delivered = csv(OUYANG).encode()
    assert "娆ч槼" in delivered.decode("gb18030")  # it could be read, and would be nonsense
    dock.deliver("members_1.csv", delivered)
    dock.refuses("members_1.csv", "is not gb18030", "utf-8", hides=["欧阳娜娜", "娆ч槼"])


def test_single_line_of_another_encoding(dock: Dock) -> None:
    others = [line(ZOE, member_no=f"M-1{number:02}") + "\n" for number in range(30)]
    dock.deliver("members_1.csv", csv(WANG).encode() + f"{line(LI)}\n".encode("gb18030") + "".join(others).encode())
    dock.loads(read=32, accepted=31, quarantined=1)
    assert dock.raw()[:2] == [WANG, ZOE | {"member_no": "M-100"}]
    dock.quarantines(2, None, "wrong encoding", keeps=["M-002", "13912345671", r"\xc0\xee"], says=["line 3", "utf-8"])


def test_many_lines_of_another_encoding(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, ZOE).encode() + f"{line(LI)}\n".encode("gb18030"))
    dock.refuses("members_1.csv", "is not utf-8", "line 4", "column 'name'")


def test_utf_16_in_place_of_utf_8(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG).encode("utf-16"))
    dock.refuses("members_1.csv", "is text in utf-16")


def test_byte_order_mark(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI).encode("utf-8-sig"))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_nul_characters(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name="李\0晓云"), line(ZOE, member_no="M-\x003")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "NUL byte", keeps=["M-002"], hides=["13912345671"])
    dock.quarantines(3, "member_no", "NUL byte", keeps=["Zoë Keller"])


def test_nul_characters_to_the_end(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG) + line(LI)[:20] + "\0" * 5000)
    dock.refuses("members_1.csv", "is truncated", "NUL")


def test_other_control_characters(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name="李\x1b[31m晓云"), line(ZOE, mobile="\x02+447700900123\x7f")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "control character", keeps=["M-002"], says=["U+001B"])
    dock.quarantines(3, "mobile", "control character", keeps=["M-003"], hides=["447700900123"])


def test_lost_characters(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, name="李\ufffd云"), line(ZOE, name="锟斤拷")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "damaged text", keeps=["M-002"], hides=["李\ufffd云"])
    dock.quarantines(3, "name", "damaged text", keeps=["M-003"], hides=["锟斤拷"])


def test_text_encoded_twice(dock: Dock) -> None:
    zoe, li = "Zoë Keller".encode().decode("latin-1"), "李晓云".encode().decode("cp1252", errors="replace")
    assert zoe == "ZoÃ« Keller"
    dock.deliver("members_1.csv", csv(WANG, line(ZOE, name=zoe), line(LI, name="æ\x9d\x8eæ\x99\x93äº\x91")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "name", "damaged text", keeps=["M-003"], hides=[zoe])
    dock.quarantines(3, "name", "damaged text", keeps=["M-002"])
    assert li  # kept for the reader: how it looks where C1 controls were lost as well


def test_invisible_characters_around_a_key(dock: Dock) -> None:
    dock.deliver(
        "members_1.csv",
        csv(line(WANG, member_no="\ufeffM-001\u200b"), line(LI, member_no="\u00a0M-002\u3000 "), ZOE, WANG),
    )
    dock.loads(read=4, accepted=3, duplicate=1)
    assert dock.raw() == [WANG, LI, ZOE]
    dock.deliver("members_2.csv", csv(line(WANG, member_no=" M-001"), line(ZOE, member_no="M-003\t")))
    dock.loads(read=2, accepted=0, duplicate=2)


def test_invisible_characters_inside_a_key(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, member_no="M-\u200b002"), line(ZOE, member_no="M-00\u00ad3")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "member_no", "invisible character", keeps=["M-\u200b002"], says=["U+200B"])
    dock.quarantines(3, "member_no", "invisible character", keeps=["M-003".replace("3", "\u00ad3")], says=["U+00AD"])
