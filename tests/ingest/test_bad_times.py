"""Dates and times as systems really write them. One case per row of "Dates and times" in the catalogue."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.ingest.dock import LI, NOW, WANG, ZOE, Dock, csv, line

BIRTHDAY = "1980-02-03"


def born(*formats: str, **options: Any) -> dict[str, Any]:
    return {"born": {"type": "date", "personal": True, "formats": list(formats), **options}}


def test_dates_in_five_formats(dock: Dock) -> None:
    dock.declare(columns=born("%Y-%m-%d", "%d/%m/%Y", "%Y年%m月%d日", "%Y%m%d", "%d.%m.%Y"))
    written = [BIRTHDAY, "03/02/1980", "1980年2月3日", "19800203", "3.2.1980", "Feb 3, 1980"]
    dock.deliver(
        "members_1.csv",
        csv(*(line(WANG, member_no=f"M-{number}", born=text) for number, text in enumerate(written))).replace(
            "Feb 3, 1980", '"Feb 3, 1980"'
        ),
    )
    dock.loads(read=6, accepted=5, quarantined=1)
    assert [row["born"] for row in dock.raw()] == [BIRTHDAY] * 5
    dock.quarantines(
        6, "born", "not a date", keeps=["M-5"], says=["%d/%m/%Y", "masked, 11 characters"], hides=["Feb 3, 1980"]
    )


def test_day_and_month_that_could_be_either(dock: Dock) -> None:
    dock.declare(columns=born("%d/%m/%Y", "%m/%d/%Y"))
    dock.deliver("members_1.csv", csv(line(WANG, born="03/02/1980"), line(LI, born="11/30/1991")))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]  # the first format that can be read holds, row by row


@pytest.mark.parametrize("impossible", ["2023-02-30", "1999-13-01", "0000-00-00", "1980-00-10", "1900-02-29"])
def test_impossible_dates(dock: Dock, impossible: str) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, born=impossible)))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "born", "not a date", keeps=["M-002"], says=["masked, 10 characters"], hides=[impossible])


@pytest.mark.parametrize("lost", ["1980203", "198002", "9800203"])
def test_dates_that_lost_a_digit(dock: Dock, lost: str) -> None:
    dock.declare(columns=born("%Y%m%d", "%d.%m.%Y"))
    dock.deliver("members_1.csv", csv(line(WANG, born="19800203"), line(LI, born=lost)))
    dock.loads(read=2, accepted=1, quarantined=1)
    dock.quarantines(2, "born", "not a date", keeps=["M-002"], says=["masked, "], hides=[lost])
    dock.deliver("members_2.csv", csv(line(LI, born="30.11.1991")))  # the other format is as lenient as before
    dock.loads(read=1, accepted=1)


def test_day_numbers_of_spreadsheets(dock: Dock) -> None:
    numbers = csv(line(WANG, born="29254"), line(LI, born="1991-11-30"))
    dock.deliver("members_1.csv", numbers)
    dock.loads(read=2, accepted=1, quarantined=1)
    dock.quarantines(1, "born", "not a date", keeps=["M-001"], says=["masked, 5 characters"], hides=["29254"])
    dock.declare(columns=born("excel", "%Y-%m-%d"))
    dock.deliver("members_2.csv", numbers.replace("M-00", "N-00"))
    dock.loads(read=2, accepted=2)
    assert dock.raw()[1:] == [WANG | {"member_no": "N-001"}, LI | {"member_no": "N-002"}]


def test_years_of_two_digits(dock: Dock) -> None:
    dock.declare(columns=born("%d/%m/%Y"))
    dock.deliver("members_1.csv", csv(line(WANG, born="03/02/1980"), line(LI, born="30/11/91")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "born", "not a date", keeps=["M-002"], says=["masked, 8 characters"], hides=["30/11/91"])


def test_years_of_two_digits_as_declared(dock: Dock) -> None:
    dock.declare(columns=born("%d/%m/%y"))
    dock.deliver("members_1.csv", csv(line(WANG, born="03/02/80"), line(LI, born="30/11/48")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "born", "in the future", keeps=["M-002"], hides=["30/11/48"])  # 2048, and not 1948


def test_time_in_a_column_of_dates(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(line(WANG, born="1980-02-03 00:00:00"), line(LI, born="1991-11-30T00:00:00Z")))
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG, LI]


def test_times_in_the_future(dock: Dock) -> None:
    ahead, far = NOW + timedelta(days=1, hours=1), NOW + timedelta(days=400)
    dock.deliver("members_1.csv", csv(line(WANG, changed=ahead), line(LI, changed=far), line(ZOE, born="2975-07-09")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG | {"changed": str(ahead)}]  # a clock that is an hour ahead
    dock.quarantines(2, "changed", "in the future", keeps=["M-002"], says=[f"'{far}'"])
    dock.quarantines(3, "born", "in the future", keeps=["M-003"], hides=["2975-07-09"])


def test_times_that_may_be_in_the_future(dock: Dock) -> None:
    dock.declare(columns={"expires": {"type": "date", "may_be_future": True}})
    header = ",".join([*WANG, "expires"])
    dock.deliver("members_1.csv", csv(line(WANG, expires="2099-12-31"), header=header))
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [WANG | {"expires": "2099-12-31"}]


def test_times_with_offsets(dock: Dock) -> None:
    delivered = [
        "2024-03-01T18:00:00+08:00",
        "2024-03-01T10:00:00Z",
        "2024-03-01 05:30:00-0430",
        "2024-03-01 10:00:00.000",
    ]
    dock.deliver(
        "members_1.csv",
        csv(*(line(WANG, member_no=f"M-{number}", changed=text) for number, text in enumerate(delivered))),
    )
    dock.loads(read=4, accepted=4)
    assert {row["changed"] for row in dock.raw()} == {WANG["changed"]}


def test_times_without_offset_of_a_time_zone(dock: Dock) -> None:
    dock.declare(time_zone="Asia/Shanghai", columns={"seen": {"type": "timestamp", "formats": ["%Y/%m/%d %H:%M"]}})
    header = ",".join([*WANG, "seen"])
    dock.deliver(
        "members_1.csv",
        csv(
            line(WANG, changed="2024-03-01 18:00:00", seen="2024/03/01 18:00"),
            line(LI, changed="2024-03-02T11:30:00Z", seen=""),  # an offset in the value wins
            header=header,
        ),
    )
    dock.loads(read=2, accepted=2)
    assert dock.raw() == [WANG | {"seen": "2024-03-01 10:00:00"}, LI | {"seen": None}]


def test_hour_that_daylight_saving_leaves_out(dock: Dock) -> None:
    dock.declare(time_zone="Europe/London")
    dock.deliver(
        "members_1.csv", csv(line(ZOE, changed="2024-03-31 00:59:59"), line(WANG, changed="2024-03-31 01:30:00"))
    )
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [ZOE | {"changed": "2024-03-31 00:59:59"}]
    dock.quarantines(2, "changed", "not a timestamp", keeps=["M-001"], says=["'2024-03-31 01:30:00'", "Europe/London"])


def test_hour_that_daylight_saving_repeats(dock: Dock) -> None:
    dock.declare(time_zone="Europe/London")
    dock.deliver(
        "members_1.csv", csv(line(ZOE, changed="2023-10-29 01:30:00"), line(WANG, changed="2023-10-29T01:30:00+01:00"))
    )
    dock.loads(read=2, accepted=2)
    # The second of the two, in winter time, unless the value says which.
    assert [row["changed"] for row in dock.raw()] == ["2023-10-29 01:30:00", "2023-10-29 00:30:00"]


def test_leap_second(dock: Dock) -> None:
    dock.deliver(
        "members_1.csv", csv(line(WANG, changed="2016-12-31 23:59:60"), line(LI, changed="2016-12-31 24:00:00"))
    )
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [LI | {"changed": "2017-01-01 00:00:00"}]
    dock.quarantines(1, "changed", "not a timestamp", keeps=["M-001"], says=["'2016-12-31 23:59:60'"])


def test_seconds_since_1970(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, changed="1709379000"), line(ZOE, changed="1709457330000")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "changed", "not a timestamp", keeps=["M-002"], says=["'1709379000'"])
    dock.quarantines(3, "changed", "not a timestamp", keeps=["M-003"], says=["'1709457330000'"])
