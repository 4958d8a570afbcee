"""Numbers, amounts and numbers that are none. One case per row of "Numbers and amounts" in the catalogue."""

from __future__ import annotations

import pytest

from tests.ingest.dock import LI, WANG, ZOE, Dock, Row, csv, line


def balances(dock: Dock) -> list[str]:
    return [row["balance"] for row in dock.raw()]


def quoted(row: Row, balance: str, **changes: str) -> str:
    return line(row, balance=f'"{balance}"', **changes)


def test_thousands_signs(dock: Dock) -> None:
    dock.deliver(
        "members_1.csv", csv(quoted(WANG, "1,234.50", points='"12,000"'), quoted(LI, "-1,234,567"), quoted(ZOE, "1,23"))
    )
    dock.loads(read=3, accepted=2, quarantined=1)
    assert balances(dock) == ["1234.5", "-1234567"]
    assert dock.raw()[0]["points"] == "12000"
    dock.quarantines(3, "balance", "not a decimal", keeps=["M-003"], says=["'1,23'"])


def test_decimal_comma(dock: Dock) -> None:
    dock.declare(columns={"balance": {"type": "decimal", "decimal_comma": True}})
    dock.deliver("members_1.csv", csv(quoted(WANG, "1.234,50"), quoted(LI, "0,05"), quoted(ZOE, "1,234.50")))
    dock.loads(read=3, accepted=2, quarantined=1)
    assert balances(dock) == ["1234.5", "0.05"]
    dock.quarantines(3, "balance", "not a decimal", keeps=["M-003"], says=["'1,234.50'"])


@pytest.mark.parametrize("amount", ["12.50元", "¥12.50", "￥ 12.50", "CNY 12.50", "RMB12.50", "人民币12.50元"])
def test_amount_with_the_sign_of_its_currency(dock: Dock, amount: str) -> None:
    dock.declare(columns={"balance": {"type": "decimal", "currency": "CNY"}})
    dock.deliver("members_1.csv", csv(line(WANG, balance=amount), LI))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


@pytest.mark.parametrize("amount", ["£12.50", "$12.50", "12.50 EUR", "12.50港元"])
def test_amount_with_the_sign_of_another_currency(dock: Dock, amount: str) -> None:
    dock.declare(columns={"balance": {"type": "decimal", "currency": "CNY"}})
    dock.deliver("members_1.csv", csv(WANG, line(LI, balance=amount)))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "balance", "unexpected currency", keeps=["M-002", amount], says=[f"'{amount}'", "CNY"])


def test_amount_against_the_currency_of_its_row(dock: Dock) -> None:
    dock.declare(columns={"currency": "string", "balance": {"type": "decimal", "currency_column": "currency"}})
    header = ",".join([*WANG, "currency"])
    dock.deliver(
        "members_1.csv",
        csv(
            line(WANG, balance="¥12.50", currency="CNY"),
            line(LI, balance="¥12.50", currency="GBP"),
            line(ZOE, balance="£12.50", currency="GBP"),
            header=header,
        ),
    )
    dock.loads(read=3, accepted=2, quarantined=1)
    assert balances(dock) == ["12.5", "12.5"]
    dock.quarantines(2, "balance", "unexpected currency", keeps=["M-002"], says=["'¥12.50'", "column 'currency'"])


def test_sign_in_a_column_that_is_no_amount(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, balance="¥12.50"), line(ZOE, points="12 分")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "balance", "unexpected currency", keeps=["M-002"], says=["'¥12.50'"])
    dock.quarantines(3, "points", "not an integer", keeps=["M-003"], says=["'12 分'"])


def test_number_in_scientific_notation(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, balance="1.25E+01", points="3e2"), LI))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_digits_lost_to_scientific_notation(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, mobile="1.39E+10"), line(ZOE, member_no="6.22848E+15")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "mobile", "digits lost", keeps=["M-002"], hides=["1.39E+10"])
    dock.quarantines(3, "member_no", "digits lost", keeps=["Zoë"], says=["'6.22848E+15'"])


def test_leading_zeros(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, member_no="000123", mobile="013812345670"), line(LI, member_no="123")))
    dock.loads(read=2, accepted=2)
    assert [(row["member_no"], row["mobile"]) for row in dock.raw()] == [
        ("000123", "013812345670"),
        ("123", LI["mobile"]),
    ]


def test_negative_number_where_none_may_be(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, balance="-12.50"), line(LI, points="-1")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert balances(dock) == ["-12.5"]
    dock.quarantines(2, "points", "negative number", keeps=["M-002"], says=["'-1'"])


@pytest.mark.parametrize("amount", ["12.50-", "(12.50)", "−12.50"])
def test_minus_as_accountants_write_it(dock: Dock, amount: str) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, balance=amount), LI))
    dock.loads(read=2, accepted=2)
    assert balances(dock) == ["-12.5", "0"]


def test_number_too_large(dock: Dock) -> None:
    dock.deliver(
        "members_1.csv", csv(WANG, line(LI, points="9223372036854775808"), line(ZOE, balance="100000000000000"))
    )
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], says=["'9223372036854775808'"])
    dock.quarantines(3, "balance", "not a decimal", keeps=["M-003"], says=["'100000000000000'"])


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-inf", "#DIV/0!", "0x1F"])
def test_not_a_number(dock: Dock, text: str) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, balance=text), line(ZOE, points=text)))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "balance", "not a decimal", keeps=["M-002"], says=[f"'{text}'"])
    dock.quarantines(3, "points", "not an integer", keeps=["M-003"], says=[f"'{text}'"])


def test_fraction_in_a_whole_number(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, points="300.0"), line(LI, points="2.5"), line(ZOE, points=".5")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], says=["'2.5'"])
    dock.quarantines(3, "points", "not an integer", keeps=["M-003"], says=["'.5'"])


def test_more_than_four_decimals(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, balance="12.500000000000002"), line(LI, balance="0.00005")))
    dock.loads(read=2, accepted=2)
    assert balances(dock) == ["12.5", "0.0001"]


def test_full_width_digits(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, balance="１２．５０", points="３００"), LI))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]
