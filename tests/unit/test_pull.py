"""Landing what a connector brings: names, high-water marks, overlaps, and what is not landed twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import PullRefused
from dagster_project.ingest.pull import Cursor, Pulled, Row, cursor_value, pull_object, pulled_files

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@dataclass
class Source:
    """A connector that delivers its records as a database does: changed at or after `since`, or without a time."""

    declaration: SourceObject
    records: list[Row]
    asked: list[Cursor | None] = field(default_factory=list)
    breaks: bool = False

    def rows(self, since: Cursor | None) -> Iterator[list[Row]]:
        self.asked.append(since)
        for record in self.records:
            cursor = cursor_value(record["at"], self.declaration)
            if since is None or cursor is None or cursor >= since:  # type: ignore[operator]
                yield [record]
        if self.breaks:
            raise PullRefused("crm.people", "broke off", "Ask again.")


def declare(**changes: Any) -> SourceObject:
    pull = {"connector": "database", "source": "people", "credentials": "X"} | changes.pop("pull", {})
    at = {"type": "timestamp", "may_be_future": True} | changes.pop("at", {})
    return SourceObject(
        **{
            "system": "crm",
            "name": "people",
            "files": "crm/people_*.jsonl",
            "format": "jsonl",
            "key": ["id"],
            "cursor": "at",
            "columns": {"id": "integer", "at": at},
        }
        | changes
        | {"pull": pull}
    )


def pull(source: Source, landing: Path, now: datetime = NOW) -> Pulled:
    return pull_object(source, source.declaration, landing, now, progress=lambda _: None)


def names(landing: Path) -> list[str]:
    return sorted(path.name for path in (landing / "crm" / "pulled").iterdir())


def test_the_name_of_the_file_is_the_progress(tmp_path: Path) -> None:
    source = Source(declare(), [{"id": 1, "at": "2026-01-01T10:00:00+08:00"}, {"id": 2, "at": "2026-01-01T01:00:00Z"}])
    pull(source, tmp_path)
    source.records.append({"id": 3, "at": "2026-01-02T00:00:00.25Z"})
    pull(source, tmp_path)
    pull(source, tmp_path)
    assert names(tmp_path) == [
        "people_000001_t20260101T020000.000000Z.jsonl",
        "people_000002_t20260102T000000.250000Z.jsonl",
    ]
    hour = timedelta(hours=1)
    assert source.asked == [
        None,
        datetime(2026, 1, 1, 2, tzinfo=UTC) - hour,
        datetime(2026, 1, 2, 0, 0, 0, 250_000, tzinfo=UTC) - hour,
    ]


def test_removing_the_newest_file_turns_the_progress_back(tmp_path: Path) -> None:
    source = Source(declare(), [{"id": 1, "at": "2026-01-01T10:00:00Z"}])
    pull(source, tmp_path)
    source.records.append({"id": 2, "at": "2026-01-02T10:00:00Z"})
    second = pull(source, tmp_path)
    assert second.file is not None
    whole = second.file.read_bytes()
    second.file.unlink()
    assert pull(source, tmp_path).rows == 1
    assert second.file.read_bytes() == whole


def test_files_of_other_objects_and_half_written_ones_say_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "crm" / "pulled"
    folder.mkdir(parents=True)
    for name in ("people_old_000009_all.jsonl", ".people.part", "people_000001_t2026.jsonl", "people_2.jsonl"):
        (folder / name).write_text("half")
    assert pulled_files(folder, declare()) == []
    source = Source(declare(), [{"id": 1, "at": "2026-01-01T10:00:00Z"}])
    assert pull(source, tmp_path).rows == 1
    assert not (folder / ".people.part").exists()


def test_a_pull_that_breaks_off_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    source = Source(declare(), [{"id": 1, "at": "2026-01-01T10:00:00Z"}], breaks=True)
    with pytest.raises(PullRefused, match=r"broke off\. Nothing of this pull was landed; what was landed before stays"):
        pull(source, tmp_path)
    assert names(tmp_path) == []


def test_stand_ins_for_no_time_do_not_become_the_mark(tmp_path: Path) -> None:
    records = [
        {"id": n, "at": at} for n, at in enumerate(["0001-01-01T00:00:00", "1753-01-01T00:00:00", "", "soon", None])
    ]
    source = Source(declare(time_zone="Asia/Shanghai"), [*records, {"id": 9, "at": "2026-01-01T08:00:00"}])
    assert pull(source, tmp_path).rows == 6
    assert names(tmp_path) == ["people_000001_t20260101T000000.000000Z_open.jsonl"]
    assert (pull(source, tmp_path).rows, pull(source, tmp_path).known) == (0, 6)


def test_only_stand_ins_make_no_mark(tmp_path: Path) -> None:
    source = Source(declare(), [{"id": 1, "at": "9999-12-31T23:59:59-12:00"}, {"id": 2, "at": None}])
    assert pull(source, tmp_path).rows == 2
    assert names(tmp_path) == ["people_000001_all_open.jsonl"]
    assert pull(source, tmp_path).rows == 0
    assert source.asked == [None, None]


def test_times_in_a_declared_format(tmp_path: Path) -> None:
    source = Source(
        declare(at={"type": "timestamp", "formats": ["excel", "%d/%m/%Y %H:%M"]}), [{"id": 1, "at": "02/01/2026 03:04"}]
    )
    pull(source, tmp_path)
    assert names(tmp_path) == ["people_000001_t20260102T030400.000000Z.jsonl"]


def test_numbers_as_they_come(tmp_path: Path) -> None:
    declaration = declare(at={"type": "integer", "may_be_future": False}, pull={"overlap_numbers": 2})
    source = Source(declaration, [{"id": 1, "at": "-7"}, {"id": 2, "at": -9}, {"id": 3, "at": "x"}])
    pull(source, tmp_path)
    assert names(tmp_path) == ["people_000001_n-7_open.jsonl"]
    assert pull(source, tmp_path).rows == 0
    assert source.asked == [None, -9]


def test_another_type_of_cursor_begins_anew(tmp_path: Path) -> None:
    records = [{"id": 1, "at": "2026-01-01T10:00:00Z"}]
    pull(Source(declare(), records), tmp_path)
    source = Source(declare(at={"type": "integer", "may_be_future": False}), [*records, {"id": 2, "at": 5}])
    assert pull(source, tmp_path).rows == 1
    assert source.asked == [None]
    assert names(tmp_path)[-1] == "people_000002_n5.jsonl"


def test_without_a_cursor_all_is_landed_when_anything_has_changed(tmp_path: Path) -> None:
    source = Source(declare(cursor=None), [{"id": 1, "at": None}])
    assert pull(source, tmp_path).rows == 1
    source.records.append({"id": 2, "at": None})
    assert pull(source, tmp_path).rows == 2
    assert pull(source, tmp_path).rows == 0
    assert names(tmp_path) == ["people_000001_all.jsonl", "people_000002_all.jsonl"]


def test_half_a_character_is_landed_as_it_was_escaped(tmp_path: Path) -> None:
    text = json.loads('"half \\ud83d"')
    source = Source(declare(), [{"id": 1, "at": "2026-01-01T10:00:00Z", "name": text}])
    landed = pull(source, tmp_path).file
    assert landed is not None
    assert json.loads(landed.read_text(encoding="utf-8"))["name"] == text
    assert pull(source, tmp_path).rows == 0


MOMENTS = st.one_of(
    st.none(),
    st.integers(-200, 200).map(lambda minutes: (NOW + timedelta(minutes=minutes)).isoformat()),
)


@settings(max_examples=60, deadline=None)
@given(rounds=st.lists(st.lists(st.tuples(st.integers(1, 4), MOMENTS), max_size=4), min_size=1, max_size=6))
def test_every_version_on_or_after_the_overlap_is_landed_once(
    rounds: list[list[tuple[int, str | None]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever order changes come in: what the source sends is landed exactly once, and nothing that it sends is lost."""
    landing = tmp_path_factory.mktemp("pulls")
    source = Source(declare(), [])
    sent: set[tuple[int, str | None]] = set()
    for number, changes in enumerate(rounds):
        now = NOW + timedelta(minutes=30 * number)
        for key, at in changes:
            source.records = [row for row in source.records if row["id"] != key] + [{"id": key, "at": at}]
        pull(source, landing, now)
        since = source.asked[-1]
        assert since is None or (isinstance(since, datetime) and since <= now - timedelta(hours=1))
        for row in source.records:
            cursor = cursor_value(row["at"], source.declaration)
            if since is None or cursor is None or cursor >= since:  # type: ignore[operator]
                sent.add((row["id"], row["at"]))
        assert pull(source, landing, now).rows == 0
    lines = [
        json.loads(line)
        for path in pulled_files(landing / "crm" / "pulled", source.declaration)
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    landed = [(row["id"], row["at"]) for row in lines]
    assert len(landed) == len(set(landed))
    assert set(landed) == sent
