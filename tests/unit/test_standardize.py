"""Names and phone numbers in both scripts."""

import pytest
from pypinyin import Style, pinyin

from dagster_project.standardize.names import parse_person_name
from dagster_project.standardize.phones import parse_phone
from dagster_project.standardize.pinyin_syllables import SYLLABLES


@pytest.mark.parametrize(
    ("full", "given", "family", "expected"),
    [
        # 汉字: full name, compound surname, parts, swapped parts, whole name in one cell, salutation, full-width space
        ("王小明", None, None, ("王小明", "小明", "王", "wang xiaoming")),
        ("欧阳娜娜", None, None, ("欧阳娜娜", "娜娜", "欧阳", "ouyang nana")),
        (None, "小明", "王", ("王小明", "小明", "王", "wang xiaoming")),
        (None, "王", "小明", ("王小明", "小明", "王", "wang xiaoming")),
        (None, None, "王小明", ("王小明", "小明", "王", "wang xiaoming")),
        (None, "王小明", "王", ("王小明", "小明", "王", "wang xiaoming")),
        ("王小明先生", None, None, ("王小明", "小明", "王", "wang xiaoming")),
        ("单　雄信", None, None, ("单雄信", "雄信", "单", "shan xiongxin")),
        ("曾国藩", None, None, ("曾国藩", "国藩", "曾", "zeng guofan")),
        # pinyin: either order, spaced, joined, capitals
        (None, "Xiaoming", "Wang", ("Xiaoming Wang", "Xiaoming", "Wang", "wang xiaoming")),
        (None, "Wang", "Xiaoming", ("Xiaoming Wang", "Xiaoming", "Wang", "wang xiaoming")),
        ("WANG XIAOMING", None, None, ("Xiaoming Wang", "Xiaoming", "Wang", "wang xiaoming")),
        ("Xiao-Ming Wang", None, None, ("Xiao-Ming Wang", "Xiao-Ming", "Wang", "wang xiaoming")),
        ("wangxiaoming", None, None, ("Xiaoming Wang", "Xiaoming", "Wang", "wang xiaoming")),
        ("ouyangnana", None, None, ("Nana Ouyang", "Nana", "Ouyang", "ouyang nana")),
        # Western
        ("John Smith", None, None, ("John Smith", "John", "Smith", None)),
        ("SMITH, JOHN", None, None, ("John Smith", "John", "Smith", None)),
        ("Mr. John Smith", None, None, ("John Smith", "John", "Smith", None)),
        ("Mr Smith", None, None, ("Smith", None, "Smith", None)),
        ("MS. O'BRIEN", None, None, ("O'Brien", None, "O'Brien", None)),
        ("Sir John", None, None, ("John", "John", None, None)),
        (
            "Dr. Juan Q. Xavier de la Vega III",
            None,
            None,
            ("Juan Q. Xavier de la Vega", "Juan Q. Xavier", "de la Vega", None),
        ),
        (None, "mary-ann", "o'brien", ("Mary-Ann O'Brien", "Mary-Ann", "O'Brien", None)),
        (None, "Ｊｏｈｎ", "Smith", ("John Smith", "John", "Smith", None)),
        (None, None, "SMITH", ("Smith", None, "Smith", None)),
        ("john", None, None, ("John", "John", None, None)),
        (None, None, None, (None, None, None, None)),
        ("  ", "", None, (None, None, None, None)),
    ],
)
def test_names(full: str | None, given: str | None, family: str | None, expected: tuple[str | None, ...]) -> None:
    assert parse_person_name(full, given, family)[:4] == expected


@pytest.mark.parametrize(
    ("raw", "region", "expected"),
    [
        ("138 1234 5678", "CN", "+8613812345678"),
        ("13812345678", None, "+8613812345678"),
        ("13812345678", "GB", "+8613812345678"),
        ("0086-13812345678", None, "+8613812345678"),
        ("＋８６　１３８１２３４５６７８", "CN", "+8613812345678"),
        ("010-6552 9988", "CN", "+861065529988"),
        ("07700 900123", "GB", "+447700900123"),
        ("+44 (0)7700 900123", "GB", "+447700900123"),
        ("+44 7700 900123", None, "+447700900123"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("2125550123", None, "2125550123"),
        ("12", "GB", None),
        ("call me", "GB", None),
        (None, "GB", None),
    ],
)
def test_phones(raw: str | None, region: str | None, expected: str | None) -> None:
    assert parse_phone(raw, region).phone == expected


def test_syllables_are_those_of_the_library() -> None:
    han = "".join(map(chr, range(0x4E00, 0x9FA6)))
    read = {reading[0].replace("ü", "v") for reading in pinyin(han, style=Style.NORMAL)}
    # What has no vowel is an interjection (呣, 嗯, 噷), and would make pinyin of many a Western name.
    assert {text for text in read if text.isascii() and text.isalpha() and set(text) & set("aeiouv")} == SYLLABLES
