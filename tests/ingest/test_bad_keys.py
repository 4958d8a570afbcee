"""Keys, repetitions, versions and deletions. One case per row of "Keys, versions and deletions" in the catalogue."""

from __future__ import annotations

from typing import Any

from tests.ingest.dock import LI, TITLES, WANG, ZOE, Dock, Row, csv, line

NEWER = WANG | {"name": "王晓明", "points": "310", "changed": "2024-03-20 08:00:00"}
OTHERS = [LI | {"member_no": f"M-1{number:02}", "points": str(number)} for number in range(10)]


def newest(dock: Dock) -> dict[str, Row]:
    """The version of each record that holds, by key, as the staging layer takes it."""
    found = dock.con.execute(
        "select * from raw.club__members qualify row_number() over (partition by member_no"
        " order by changed desc nulls last, _loaded_at desc, _file desc, _row_number desc) = 1"
    ).fetchall()
    columns = [column[0] for column in dock.con.description or []]
    return {row["member_no"]: row for row in (dict(zip(columns, values, strict=True)) for values in found)}


def alive(dock: Dock) -> set[str]:
    """Keys of the records that exist, by their newest version."""
    return {key for key, row in newest(dock).items() if not row["_deleted"]}


def test_key_missing(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, member_no=""), line(ZOE, member_no="  \u3000")))
    dock.loads(read=3, accepted=1, quarantined=2)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "member_no", "missing key", keeps=["李晓云"], says=["'member_no'"])
    dock.quarantines(3, "member_no", "missing key", keeps=["Zoë Keller"])


def test_required_value_missing(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, line(LI, changed="")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG]
    dock.quarantines(2, "changed", "missing value", keeps=["M-002"], says=["'changed'"])


def test_words_for_no_value(dock: Dock) -> None:
    dock.declare(null_values=["", "NULL", "\\N"])
    dock.deliver("members_1.csv", csv(line(WANG, mobile="NULL", balance="\\N"), line(LI, member_no="NULL")))
    dock.loads(read=2, accepted=1, quarantined=1)
    assert dock.raw() == [WANG | {"mobile": None, "balance": None}]
    dock.quarantines(2, "member_no", "missing key", keeps=["李晓云"])


def test_exact_duplicates_in_one_file(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI, WANG, WANG))
    dock.loads(read=4, accepted=2, duplicate=2)
    assert dock.raw() == [WANG, LI]


def test_exact_duplicates_across_files(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI))
    dock.loads(read=2, accepted=2)
    dock.deliver("members_2.csv", csv(LI, ZOE, WANG))
    dock.loads(read=3, accepted=1, duplicate=2)
    assert dock.raw() == [WANG, LI, ZOE]


def test_key_twice_with_different_content(dock: Dock) -> None:
    same_time = WANG | {"name": "王晓明"}
    dock.deliver("members_1.csv", csv(WANG, LI, same_time))
    dock.loads(read=3, accepted=3)
    assert dock.raw() == [WANG, LI, same_time]
    assert newest(dock)["M-001"]["name"] == "王晓明"  # of one time, the later row holds


def test_older_version_after_the_newer(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(NEWER, LI))
    dock.loads(read=2, accepted=2)
    dock.deliver("members_2.csv", csv(WANG))
    dock.loads(read=1, accepted=1)
    assert dock.raw() == [NEWER, LI, WANG]
    assert newest(dock)["M-001"]["name"] == "王晓明"


def test_earlier_state_again_without_a_cursor(dock: Dock) -> None:
    dock.declare(cursor=None)
    changed = WANG | {"points": "310"}
    dock.deliver("members_1.csv", csv(WANG, WANG, LI))
    dock.loads(read=3, accepted=2, duplicate=1)
    dock.deliver("members_2.csv", csv(changed, LI))
    dock.loads(read=2, accepted=1, duplicate=1)
    dock.deliver("members_3.csv", csv(WANG, LI))
    dock.loads(read=2, accepted=1, duplicate=1)  # three versions: only one that repeats the one before is a duplicate
    assert dock.raw() == [WANG, LI, changed, WANG]


def test_record_missing_from_changes(dock: Dock) -> None:
    dock.deliver("members_1.csv", csv(WANG, LI))
    dock.loads(read=2, accepted=2)
    dock.deliver("members_2.csv", csv(NEWER))
    dock.loads(read=1, accepted=1)
    assert alive(dock) == {"M-001", "M-002"}


def snapshots(dock: Dock, **changes: Any) -> None:
    dock.declare(delivers="snapshot", **changes)
    dock.deliver("members_1.csv", csv(WANG, LI, *OTHERS))
    dock.loads(read=12, accepted=12)


def test_record_missing_from_a_snapshot(dock: Dock) -> None:
    snapshots(dock)
    dock.deliver("members_2.csv", csv(NEWER, *OTHERS))
    dock.loads(read=11, accepted=1, duplicate=10)
    assert alive(dock) == {"M-001", *(row["member_no"] for row in OTHERS)}
    assert newest(dock)["M-001"]["name"] == "王晓明"


def test_snapshot_with_a_quarantined_row(dock: Dock) -> None:
    snapshots(dock)
    dock.deliver("members_2.csv", csv(WANG, line(LI, points="x"), *OTHERS))
    dock.loads(read=12, accepted=0, duplicate=11, quarantined=1)
    dock.quarantines(2, "points", "not an integer", keeps=["M-002"], file="members_2.csv")
    assert "M-002" in alive(dock)  # it is there, only damaged: that is no deletion


def test_record_that_comes_back(dock: Dock) -> None:
    snapshots(dock)
    dock.deliver("members_2.csv", csv(WANG, *OTHERS))
    dock.loads(read=11, accepted=0, duplicate=11)
    assert "M-002" not in alive(dock)
    dock.deliver("members_3.csv", csv(WANG, LI, *OTHERS))
    dock.loads(read=12, accepted=0, duplicate=12)
    assert "M-002" in alive(dock)


def test_snapshot_that_would_delete_too_much(dock: Dock) -> None:
    snapshots(dock, deletion_limit=0.3)
    dock.deliver("members_2.csv", csv(WANG, LI, ZOE))
    dock.refuses("members_2.csv", "without 10 of the 13 records", "deletion_limit")
    assert len(alive(dock)) == 12


def test_empty_snapshot(dock: Dock) -> None:
    snapshots(dock)
    dock.deliver("members_2.csv", csv())
    dock.refuses("members_2.csv", "without 12 of the 12 records", "deletion_limit")
    assert len(alive(dock)) == 12


def test_deletion_marker(dock: Dock) -> None:
    dock.declare(deletion_marker="deleted_at", columns={"deleted_at": "timestamp"})
    header = ",".join([*TITLES, "deleted_at"])
    dock.deliver("members_1.csv", csv(line(WANG) + ",", line(LI) + ",", header=header))
    dock.loads(read=2, accepted=2)
    gone, back = "2024-03-21 00:00:00", "2024-03-22 00:00:00"
    dock.deliver("members_2.csv", csv(line(WANG, changed=gone) + "," + gone, header=header))
    dock.loads(read=1, accepted=1)
    assert alive(dock) == {"M-002"}
    dock.deliver("members_3.csv", csv(line(WANG, changed=back) + ",", header=header))
    dock.loads(read=1, accepted=1)
    assert alive(dock) == {"M-001", "M-002"}


def test_deletion_of_an_unknown_record(dock: Dock) -> None:
    dock.declare(deletion_marker="gone", columns={"gone": "boolean"})
    header = ",".join([*TITLES, "gone"])
    dock.deliver("members_1.csv", csv(line(WANG) + ",0", line(ZOE) + ",1", header=header))
    dock.loads(read=2, accepted=2)
    assert alive(dock) == {"M-001"}
