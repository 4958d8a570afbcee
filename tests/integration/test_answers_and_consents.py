"""From files of surveys, social media, a data vendor and the self-service form to standardized tables, case by case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook

from dagster_project.ingest.declaration import read_source_objects
from dagster_project.ingest.load import create_raw_tables, load_object
from dagster_project.warehouse import connect
from tests.integration.test_marts import rows, run_dbt
from tests.project import ROOT

SYSTEMS = ("surveys", "social", "third_party", "self_service")
TITLES = [
    "答卷编号 Response ID", "问卷 Survey", "类型 Type", "客户编号 Customer No", "邮箱 Email", "评分 Score", "意见 Comment",
    "离开原因 Reason for leaving", "提交时间 Submitted",
]  # fmt: skip
ANSWERS: dict[str, list[list[object]]] = {
    "new": [
        ["shop", "After", "CSAT", "C00000001", None, 4, "快", None, datetime(2026, 3, 1, 20, 30)],
        ["member", "After", "csat", "m00000001", None, 5, None, None, datetime(2026, 3, 1)],
        ["requester", "Why", "Exit", "R00001", None, None, "bye", "价格太高 Too expensive", datetime(2026, 3, 2, 8)],
        ["anonymous", "Again", "NPS", None, None, 0, None, None, datetime(2026, 3, 2, 9)],
        ["elsewhere", "Again", "NPS", "X7", None, 10, None, None, datetime(2026, 3, 2, 10)],
        ["beyond csat", "After", "CSAT", None, None, 7, None, None, datetime(2026, 3, 2, 11)],
        ["beyond nps", "Again", "NPS", None, None, 11, None, None, datetime(2026, 3, 2, 12)],
        ["unknown type", "Ease", "CES", None, None, 3, None, None, datetime(2026, 3, 2, 13)],
    ],
    "old": [["number", "After", "CSAT", None, None, 1, None, None, 46082.8541666667]],
}
FOLLOWER = {"account": "mini_program", "followed_at": "2026-01-05T10:00:00Z", "updated_at": "2026-01-06T10:00:00Z"}
FOLLOWERS = [
    {"openid": "a1", "unionid": "A", "nickname": "小雨", "gender": "2", "phone": "13912345678", "city": "杭州"},
    {"openid": "a2", "unionid": "A", "nickname": "unknown", "gender": "0", "member_no": "M00000001"},
    {"openid": "b1", "unionid": "B", "nickname": "Sunny", "gender": "1", "phone": "13912345679",
     "unfollowed_at": "2026-02-01T00:00:00Z"},
    {"openid": "c1", "unionid": "C", "nickname": "Nobody", "gender": "1"},
]  # fmt: skip
EVENTS = [
    {"event_id": "1", "openid": "a1", "type": "Follow", "occurred_at": "2026-01-05T10:00:00Z"},
    {"event_id": "2", "openid": "a1", "type": "comment", "content": "好看", "occurred_at": "2026-01-06T10:00:00+08:00"},
    {
        "event_id": "3",
        "openid": "a1",
        "type": "referral",
        "referred_openid": "b1",
        "occurred_at": "2026-01-05T11:00:00Z",
    },
    {"event_id": "4", "openid": "c1", "type": "follow", "occurred_at": "2026-01-05T12:00:00Z"},
]
BOUGHT = """\
vendor_id,full_name,phone,email,city,income_band,occupation,interests,industry,confidence,as_of
V1,李雷,13912345678,,杭州,中等收入,教师,园艺;Gardening;; ;未知;knitting,教育,0.9,2026-01-31
V2,Ann Lee,,ann@example.org,Leeds,B7,,,,0.4,2026-01-31
V2,Ann Lee,,ann@example.org,Leeds,High,,,,0.5,2026-02-28
"""
PROFILE = dict.fromkeys(
    (
        "phone",
        "email",
        "birth_date",
        "gender",
        "street",
        "district",
        "city",
        "region",
        "postcode",
        "country",
        "language",
    )
)
PROFILES = [
    PROFILE
    | {"profile_id": "P1", "name": "Ann Lee", "email": "old@example.org", "submitted_at": "2026-01-01T00:00:00Z"},
    PROFILE
    | {
        "profile_id": "P1",
        "name": "Ann Lee",
        "email": "new@example.org",
        "language": "en-GB",
        "preferences": {
            "topics": ["gardening", "music"],
            "contact": {"channel": "email", "time": "evening"},
            "sizes": {"shoe": 39},
            "gift_wrap": True,
            "nothing": None,
            "none": [],
        },
        "submitted_at": "2026-02-01T00:00:00Z",
    },
    PROFILE
    | {"profile_id": "P2", "name": "李雷", "preferences": "call after six", "submitted_at": "2026-01-01T00:00:00Z"},
    PROFILE | {"profile_id": "P3", "name": "Tom Hill", "preferences": None, "submitted_at": "2026-01-01T00:00:00Z"},
]
CONSENTS = [
    ("P1", "marketing", "email", True, "2026-01-01T00:00:00Z", "v1"),
    ("P1", "marketing", "email", False, "2026-02-01T00:00:00Z", "v2"),
    ("P1", "marketing", "sms", True, "2026-01-01T00:00:00Z", "v1"),
    ("P1", "analytics", "phone", True, "2026-03-01T00:00:00Z", "v2"),
    # One moment, two answers: the refusal holds, whichever way the purpose is written.
    ("P2", "marketing", "phone", False, "2026-01-01T00:00:00Z", "v1"),
    ("P2", "Marketing", "phone", True, "2026-01-01T00:00:00Z", "v1"),
    # Of a profile that was never delivered.
    ("P9", "marketing", "email", True, "2026-01-01T00:00:00Z", "v1"),
]


def write_deliveries(landing: Path) -> None:
    for system in SYSTEMS:
        (landing / system).mkdir(parents=True)
    for name, lines in ANSWERS.items():
        book = Workbook()
        sheet = book.worksheets[0]
        for line in [TITLES, *lines]:
            sheet.append(line)
        book.save(landing / "surveys" / f"responses_{name}.xlsx")
    columns = ("nickname", "gender", "city", "province", "country", "phone", "member_no", "unfollowed_at")
    write_lines(landing / "social/followers_1.jsonl", [dict.fromkeys(columns) | FOLLOWER | row for row in FOLLOWERS])
    empty = {"content": None, "referred_openid": None}
    write_lines(landing / "social/events_1.jsonl", [empty | row for row in EVENTS])
    (landing / "third_party/profiles_1.csv").write_text(BOUGHT, encoding="utf-8")
    write_lines(landing / "self_service/profiles_1.jsonl", PROFILES)
    names = ("profile_id", "purpose", "channel", "granted", "given_at", "wording_version")
    consents = [dict(zip(names, values, strict=True)) for values in CONSENTS]
    write_lines(landing / "self_service/consents_1.jsonl", consents)


def write_lines(path: Path, objects: Sequence[Mapping[Any, object]]) -> None:
    path.write_text("".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects), encoding="utf-8")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    scratch = tmp_path_factory.mktemp("answers")
    path = scratch / "warehouse.duckdb"
    write_deliveries(scratch / "landing")
    with connect(path) as con:
        for declaration in read_source_objects(ROOT / "dagster_project/defs/sources"):
            if declaration.system in SYSTEMS:
                for outcome in load_object(con, declaration, scratch / "landing", datetime(2026, 6, 1), lambda _: None):
                    assert outcome.rows_read == outcome.rows_accepted > 0, outcome
            else:
                create_raw_tables(con, declaration)
    built = run_dbt(
        path, scratch, "build", "--exclude-resource-type", "unit_test", "test", "--select",
        "+std_customer_records", "+std_customer_attributes", "+std_consents", "+std_interactions",
    )  # fmt: skip
    assert built.returncode == 0, built.stdout[-8000:]
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


@pytest.fixture
def answers(warehouse: duckdb.DuckDBPyConnection) -> dict[str, dict[str, Any]]:
    query = "select * from standardized.std_interactions where source_system = 'surveys'"
    return {row["source_id"]: row for row in rows(warehouse, query)}


def test_the_first_letter_of_the_number_says_whose_it_is(answers: dict[str, dict[str, Any]]) -> None:
    assert {name: row["customer_record_key"] for name, row in answers.items() if row["customer_record_key"]} == {
        "shop": "web_shop:customers:C00000001",
        "member": "pos:members:M00000001",
        "requester": "service_desk:requesters:R00001",
    }
    assert len(answers) == 9


def test_only_a_satisfaction_score_is_satisfaction(answers: dict[str, dict[str, Any]]) -> None:
    measures = {n: (row["interaction_type"], row["satisfaction"], row["outcome"]) for n, row in answers.items()}
    assert measures == {
        "shop": ("csat_response", 4, None),
        "member": ("csat_response", 5, None),
        "number": ("csat_response", 1, None),
        "beyond csat": ("csat_response", None, None),
        "requester": ("churn_reason", None, "价格太高 Too expensive"),
        "anonymous": ("nps_response", None, "0"),
        "elsewhere": ("nps_response", None, "10"),
        "beyond nps": ("nps_response", None, None),
        "unknown type": ("ces", None, None),
    }


def test_times_of_shanghai_become_utc_however_the_workbook_holds_them(answers: dict[str, dict[str, Any]]) -> None:
    assert answers["shop"]["occurred_at"] == datetime(2026, 3, 1, 12, 30)
    assert answers["member"]["occurred_at"] == datetime(2026, 2, 28, 16)
    assert answers["number"]["occurred_at"] == datetime(2026, 3, 1, 12, 30)


def test_what_one_account_knows_holds_for_the_unionid(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select * from standardized.std_customer_records where source_system = 'social' order by source_id"
    first, second, other = rows(warehouse, query)
    assert (first["phone"], second["phone"], other["phone"]) == ("+8613912345678", "+8613912345678", "+8613912345679")
    assert (first["external_id"], second["external_id"], other["external_id"]) == ("M00000001", "M00000001", "B")
    assert (first["gender"], second["gender"], other["gender"]) == ("female", None, "male")
    assert [row["full_name"] for row in (first, second, other)] == [None, None, None]


def test_events_are_touches_of_their_follower(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select * from standardized.std_interactions where source_system = 'social' order by source_id"
    follow, comment, referral, anonymous = rows(warehouse, query)
    assert {row["customer_record_key"] for row in (follow, comment, referral)} == {"social:followers:a1"}
    assert (follow["interaction_type"], follow["channel"]) == ("follow", "social")
    assert (comment["subject"], comment["occurred_at"]) == ("好看", datetime(2026, 1, 6, 2))
    assert referral["outcome"] == "social:followers:b1"
    # Who has bound nothing is no customer record; the openid stays with what they do.
    assert (anonymous["customer_record_key"], anonymous["anonymous_id"]) == (None, "c1")
    assert attributes(warehouse, "social:followers:c1") == {}


def attributes(warehouse: duckdb.DuckDBPyConnection, record_key: str) -> dict[str, set[str]]:
    found = defaultdict(set)
    query = f"select * from standardized.std_customer_attributes where record_key = '{record_key}'"
    for row in rows(warehouse, query):
        found[row["attribute"]].add(row["value"])
    return dict(found)


def test_lists_in_a_cell_become_rows_in_one_language(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert attributes(warehouse, "third_party:profiles:V1") == {
        "income_band": {"middle"},
        "interest": {"gardening", "knitting"},
    }


def test_a_later_delivery_replaces_what_was_bought(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert attributes(warehouse, "third_party:profiles:V2") == {"income_band": {"high"}}


def test_every_preference_becomes_an_attribute(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert attributes(warehouse, "self_service:profiles:P1") == {
        "preferred_language": {"en"},  # delivered as en-GB; written as ISO 639-1
        "interest": {"gardening", "music"},
        "preferred_contact_channel": {"email"},
        "preference_contact_time": {"evening"},
        "preference_sizes_shoe": {"39"},
        "preference_gift_wrap": {"true"},
    }
    assert attributes(warehouse, "self_service:profiles:P2") == {"preference": {"call after six"}}
    assert attributes(warehouse, "self_service:profiles:P3") == {}


def test_a_placeholder_is_no_attribute(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert attributes(warehouse, "social:followers:a1")["social_nickname"] == {"小雨"}
    assert "social_nickname" not in attributes(warehouse, "social:followers:a2")
    assert attributes(warehouse, "social:followers:a2")["social_followed_since"] == {"2026-01-05"}
    assert "social_followed_since" not in attributes(warehouse, "social:followers:b1")


def test_attributes_know_how_far_to_trust_them(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select distinct source_system, trust from standardized.std_customer_attributes order by 1"
    assert warehouse.execute(query).fetchall() == [
        ("self_service", "declared"),
        ("social", "observed"),
        ("third_party", "bought"),
    ]


def test_the_newest_submission_and_the_newest_consents_hold(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = "select * from standardized.std_customer_records where source_system = 'self_service' order by source_id"
    first, second, third = rows(warehouse, query)
    assert (first["email"], first["source_updated_at"]) == ("new@example.org", datetime(2026, 2, 1))
    assert (first["consent_email"], first["consent_sms"], first["consent_phone"]) == (False, True, None)
    assert (second["consent_email"], second["consent_sms"], second["consent_phone"]) == (None, None, False)
    assert third["consent_email"] is None


def test_a_consent_holds_until_the_next_change(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = """
        select source_id, purpose, channel, is_granted, month(given_at), valid_to, is_current
        from standardized.std_consents where source_system = 'self_service'
        order by record_key, purpose, channel, given_at
    """
    found = warehouse.execute(query).fetchall()
    assert found == [
        ("P1", "analytics", "phone", True, 3, None, True),
        ("P1", "marketing", "email", True, 1, datetime(2026, 2, 1), False),
        ("P1", "marketing", "email", False, 2, None, True),
        ("P1", "marketing", "sms", True, 1, None, True),
        ("P2", "marketing", "phone", False, 1, None, True),
        ("P9", "marketing", "email", True, 1, None, True),
    ]


def test_submissions_and_changes_of_mind_are_touches(warehouse: duckdb.DuckDBPyConnection) -> None:
    query = """
        select interaction_type, customer_record_key, count(*), min(occurred_at), string_agg(distinct outcome, ',' order by outcome)
        from standardized.std_interactions where source_system = 'self_service' group by all order by all
    """
    key = "self_service:profiles:"
    assert warehouse.execute(query).fetchall() == [
        ("consent_changed", f"{key}P1", 4, datetime(2026, 1, 1), "granted,refused"),
        ("consent_changed", f"{key}P2", 2, datetime(2026, 1, 1), "granted,refused"),
        ("consent_changed", f"{key}P9", 1, datetime(2026, 1, 1), "granted"),
        ("profile_submitted", f"{key}P1", 2, datetime(2026, 1, 1), None),
        ("profile_submitted", f"{key}P2", 1, datetime(2026, 1, 1), None),
        ("profile_submitted", f"{key}P3", 1, datetime(2026, 1, 1), None),
    ]
