"""Events of four systems, from small deliveries through dbt to facts: every touch arrives, under the right customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.ingest.declaration import read_source_objects
from dagster_project.ingest.load import load_object
from dagster_project.linkage.golden_ids import assign_golden_ids
from dagster_project.warehouse import connect
from tests.integration.test_marts import rows, run_dbt

ROOT = Path(__file__).parents[2]
LOADED_AT = datetime(2026, 6, 15, 1)
Row = dict[str, Any]

SHOP_CUSTOMERS = ["C1", "C2"]
VIEWS = [
    # A visitor becomes C1 in the middle of a visit; later C2 logs in on the same device. Offsets differ.
    {"event_id": "V1", "user_id": None, "session_id": "S1", "occurred_at": "2026-06-01T18:00:00+08:00", "dwell_seconds": 30},
    {"event_id": "V2", "user_id": "C1", "session_id": "S1", "occurred_at": "2026-06-01T10:00:30Z", "dwell_seconds": 12},
    {"event_id": "V3", "user_id": "C2", "session_id": "S2", "occurred_at": "2026-06-01T20:15:00+02:00", "dwell_seconds": None,
     "campaign": "K1"},
    # An account that the shop has not delivered.
    {"event_id": "V4", "user_id": "C9", "session_id": "S3", "occurred_at": "2026-06-02T09:00:00Z", "dwell_seconds": 5},
]  # fmt: skip
MAILS = [
    {"event_id": "E1", "message_id": "M1", "recipient_id": "R1", "recipient": "li@example.com", "contact_id": "Z1",
     "type": "sent", "occurred_at": "2026-06-01T08:00:00Z", "campaign_id": "K1"},
    {"event_id": "E2", "message_id": "M1", "recipient_id": "R1", "recipient": "li@example.com", "contact_id": "Z1",
     "type": "unsubscribed", "occurred_at": "2026-06-01T09:00:00Z"},
    {"event_id": "E3", "message_id": "M2", "recipient_id": "R2", "recipient": "old@example.com", "contact_id": None,
     "type": "delivered", "occurred_at": "2026-06-01T08:00:09Z"},
    {"event_id": "E4", "message_id": "M3", "recipient_id": "R2", "recipient": "new@example.com", "contact_id": None,
     "type": "bounced", "occurred_at": "2026-06-03T08:00:09Z", "bounce_reason": "user unknown"},
    {"event_id": "E5", "message_id": "M4", "recipient_id": "R3", "recipient": "zhou@example.com", "contact_id": "Z2",
     "type": "opened", "occurred_at": "2026-06-01T08:30:00Z"},
    # A kind of event that nobody has listed.
    {"event_id": "E6", "message_id": "M4", "recipient_id": "R3", "recipient": "zhou@example.com", "contact_id": "Z2",
     "type": "Printed", "occurred_at": "2026-06-01T08:31:00Z"},
]  # fmt: skip
CALLS = """\
call_id,direction,caller_id,caller_name,phone_number,agent,started_at,duration_seconds,reason,outcome,order_reference
L1,in,K1,,13812345678,A1,2026-06-01 09:00:00,120,order status,resolved,so000000001
L2,in,K1,王先生,13912345678,A1,2026-06-02 07:30:00,60,投诉,resolved,T000000002
L3,out,K2,Mr Smith,00447700900123,A2,2026-06-01 11:00:00,0,callback,no answer,8812
"""
CAMPAIGNS = """\
campaign_id,name,name_zh,channel,offer,start_date,end_date,budget,budget_currency
K1,Summer,夏季,E-Mail,10% off,2026-06-01,2026-12-31,"28,000.50元",CNY
K2,Letters,信件,direct mail,,2026-06-01,2026-06-30,"£1,200",GBP
K3,Unclear,,carrier pigeon,,2026-06-01,2026-06-30,一万,CNY
"""
TARGETS = """\
target_id,campaign_id,contact_id,member_no,group,sent_at
G1,K1,Z1,,treatment,2026-06-01 08:00:00
G2,K1,Z2,,control,
G3,K2,,P1,treatment,2026-06-02 08:00:00
G4,K2,,P2,treatment,
G5,K2,Z2,,control,2026-06-02 08:00:00
"""
COUPONS = """\
coupon_code,campaign_id,contact_id,member_no,issued_at,redeemed_at,redeemed_in,order_no
Q1,K1,Z1,,2026-06-01 08:00:00,2026-06-05 12:00:00,web,SO000000001
Q2,K2,,P1,2026-06-02 08:00:00,2026-06-06 12:00:00,store,T000000002
Q3,K2,,P1,2026-06-02 08:00:00,,,
"""


def write_deliveries(landing: Path) -> None:
    def put(name: str, text: str) -> None:
        (landing / name).parent.mkdir(parents=True, exist_ok=True)
        (landing / name).write_text(text, encoding="utf-8")

    def lines(delivered: list[Row]) -> str:
        return "".join(json.dumps(row) + "\n" for row in delivered)

    blank = {"anonymous_id": "D1", "url": "https://shop.example/", "path": "/", "page_type": "home", "referrer": None,
             "campaign": None, "device_type": "mobile"}  # fmt: skip
    put("web_analytics/page_views_202606.jsonl", lines([{**blank, **row} for row in VIEWS]))
    blank = {"campaign_id": None, "link": None, "bounce_reason": None}
    put("email_marketing/events_20260615.jsonl", lines([{**blank, **row} for row in MAILS]))
    put("call_centre/calls_20260615.csv", "\ufeff" + CALLS)
    put("campaigns/campaigns_20260615.csv", CAMPAIGNS)
    put("campaigns/targets_20260615.csv", TARGETS)
    put("campaigns/coupons_20260615.csv", COUPONS)


def insert_customers(con: duckdb.DuckDBPyConnection) -> None:
    """What the systems of the customers have delivered: two accounts, two contacts, one card, two orders."""
    at = "timestamp '2026-05-01 00:00:00' as _loaded_at, 'a' as _file, 1 as _row_number"
    for table, key, numbers in (
        ("web_shop__customers", "customer_id", SHOP_CUSTOMERS),
        ("zoho_crm__contacts", '"Record Id"', ["Z1", "Z2"]),
        ("pos__members", '"会员号"', ["P1"]),
        ("web_shop__orders", "order_id", ["SO000000001"]),
        ("pos__tickets", '"小票号"', ["T000000002"]),
    ):
        moment = {"web_shop__orders": ", timestamp '2026-06-05 12:00:00' as created_at",
                  "pos__tickets": ", timestamp '2026-06-06 12:00:00' as \"销售时间\""}.get(table, "")  # fmt: skip
        for number in numbers:
            con.execute(f"insert into raw.{table} by name select '{number}' as {key}, {at}{moment}")


class Built:
    """The warehouse after dbt has built it, and what dbt said."""

    def __init__(self, con: duckdb.DuckDBPyConnection, printed: str) -> None:
        self.con, self.printed = con, printed

    def rows(self, query: str) -> list[Row]:
        return rows(self.con, query)

    def touches(self) -> dict[str, Row]:
        return {row["source_id"]: row for row in self.rows("select * from marts.fct_interactions")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    scratch = tmp_path_factory.mktemp("interactions")
    path = scratch / "warehouse.duckdb"
    write_deliveries(scratch / "landing")
    with connect(path) as con:
        for item in read_source_objects(ROOT / "dagster_project" / "defs" / "sources"):
            outcomes = load_object(con, item, scratch / "landing", LOADED_AT)
            assert [outcome.message for outcome in outcomes if outcome.status == "refused"] == []
        insert_customers(con)
    layers = "path:models/staging path:models/standardized resource_type:seed"
    tested = run_dbt(path, scratch, "build", "--indirect-selection", "cautious", "--select", layers)
    assert tested.returncode == 0, tested.stdout[-8000:]
    with connect(path) as con:
        con.execute("create schema if not exists linkage")
        con.execute(
            "create table linkage.clusters as"
            " select record_key, record_key as cluster_id from standardized.std_customer_records"
        )
        assign_golden_ids(con, run_id="first", as_of=date(2026, 6, 15))
    visitors = "visitor_identifications visitor_attributions"
    marts = f"golden_xref {visitors} fct_interactions dim_campaign interaction_types interaction_channels"
    facts = run_dbt(path, scratch, "run", "--select", marts)
    assert facts.returncode == 0, facts.stdout[-8000:]
    with duckdb.connect(str(path), read_only=True) as con:
        yield Built(con, tested.stdout)


def test_every_event_is_a_touch_and_only_what_was_sent_or_redeemed_of_a_campaign(built: Built) -> None:
    delivered = {row["event_id"] for row in [*VIEWS, *MAILS]} | {"L1", "L2", "L3"}
    assert set(built.touches()) == delivered | {"G1", "G3", "G5", "Q1", "Q2"} | {"SO000000001", "T000000002"}


def test_times_are_utc_whatever_the_source_says(built: Built) -> None:
    at = {key: row["occurred_at"] for key, row in built.touches().items()}
    assert at["V1"] == datetime(2026, 6, 1, 10, 0, 0)
    assert at["V2"] == datetime(2026, 6, 1, 10, 0, 30)
    assert at["V3"] == datetime(2026, 6, 1, 18, 15, 0)
    assert at["L2"] == datetime(2026, 6, 1, 23, 30, 0), "07:30 in Shanghai is the evening before"
    assert at["G1"] == datetime(2026, 6, 1, 8, 0, 0)


def test_a_page_view_is_of_whoever_was_logged_in_and_the_device_stays(built: Built) -> None:
    found = built.touches()
    customers = {key: found[key]["customer_record_key"] for key in ("V1", "V2", "V3")}
    assert customers == dict.fromkeys(("V1", "V2"), "web_shop:customers:C1") | {"V3": "web_shop:customers:C2"}
    assert [found[key]["identified_by"] for key in ("V1", "V2", "V3")] == ["login_in_session", "record", "record"]
    delivered = built.rows("select customer_record_key from standardized.std_interactions where source_id = 'V1'")
    assert delivered == [{"customer_record_key": None}], "what the source says stays as it is"
    assert {found[key]["anonymous_id"] for key in ("V1", "V2", "V3")} == {"D1"}
    assert [found[key]["session_id"] for key in ("V1", "V2", "V3")] == ["S1", "S1", "S2"]
    assert [found[key]["duration_seconds"] for key in ("V1", "V2", "V3", "L1")] == [30, 12, None, 120]
    assert found["V1"]["golden_id"] == found["V2"]["golden_id"]
    assert found["V2"]["golden_id"] != found["V3"]["golden_id"]


def test_a_touch_of_a_record_that_was_never_delivered_stays_without_golden_id(built: Built) -> None:
    lost = built.touches()["V4"]
    assert lost["customer_record_key"] == "web_shop:customers:C9"
    assert lost["golden_id"] is None
    assert lost["identified_by"] is None


def test_recipients_are_contacts_or_records_of_their_own(built: Built) -> None:
    found = built.touches()
    assert found["E1"]["customer_record_key"] == "zoho_crm:contacts:Z1"
    assert found["E3"]["customer_record_key"] == "email_marketing:recipients:R2"
    own = built.rows("select source_id, email, full_name, consent_email from standardized.std_customer_records"
                          " where source_system = 'email_marketing' order by source_id")  # fmt: skip
    assert own == [
        {"source_id": "R1", "email": "li@example.com", "full_name": None, "consent_email": False},
        {"source_id": "R2", "email": "new@example.com", "full_name": None, "consent_email": None},
    ]
    refusals = built.rows("select record_key, channel, is_granted from standardized.std_consents")
    assert refusals == [{"record_key": "zoho_crm:contacts:Z1", "channel": "email", "is_granted": False}]


def test_directions_and_types_of_mail_events(built: Built) -> None:
    found = built.touches()
    kinds = {key: (found[key]["interaction_type"], found[key]["direction"]) for key in ("E1", "E2", "E3", "E4", "E5")}
    assert kinds == {
        "E1": ("email_sent", "outbound"),
        "E2": ("email_unsubscribed", "inbound"),
        "E3": ("email_delivered", "outbound"),
        "E4": ("email_bounced", "outbound"),
        "E5": ("email_opened", "inbound"),
    }
    assert found["E4"]["outcome"] == "user unknown"


def test_callers_and_their_calls(built: Built) -> None:
    found = built.touches()
    assert [found[key]["interaction_type"] for key in ("L1", "L2", "L3")] == ["call", "complaint", "call"]
    assert [found[key]["direction"] for key in ("L1", "L2", "L3")] == ["inbound", "inbound", "outbound"]
    assert {found[key]["channel"] for key in ("L1", "L2", "L3")} == {"phone"}
    assert [found[key]["related_order_key"] for key in ("L1", "L2", "L3")] == [
        "web_shop:orders:SO000000001",
        "pos:tickets:T000000002",
        None,
    ]
    callers = built.rows("select source_id, family_name, phone from standardized.std_customer_records"
                              " where source_system = 'call_centre' order by source_id")  # fmt: skip
    assert callers == [
        {"source_id": "K1", "family_name": "王", "phone": "+8613912345678"},
        {"source_id": "K2", "family_name": "Smith", "phone": "+447700900123"},
    ]


def test_campaigns_with_their_budgets_in_two_currencies(built: Built) -> None:
    found = built.rows("select campaign_id, channel, budget, budget_currency from marts.dim_campaign")
    assert [(row["campaign_id"], row["channel"], str(row["budget"]), row["budget_currency"]) for row in found] == [
        ("K1", "email", "28000.50", "CNY"),
        ("K2", "post", "1200.00", "GBP"),
    ]
    quarantined = built.rows("select column_name, raw_row from raw.quarantine where source_object = 'campaigns'")
    assert [row["column_name"] for row in quarantined] == ["budget"]
    assert "carrier pigeon" in quarantined[0]["raw_row"]


def test_messages_and_redemptions_of_campaigns(built: Built) -> None:
    found = built.touches()
    assert {key: found[key]["channel"] for key in ("G1", "G3", "Q1", "Q2")} == {
        "G1": "email",
        "G3": "post",
        "Q1": "web",
        "Q2": "store",
    }
    assert {key: found[key]["campaign_key"] for key in ("V3", "E1", "G3", "Q2")} == {
        "V3": "campaigns:campaigns:K1",
        "E1": "campaigns:campaigns:K1",
        "G3": "campaigns:campaigns:K2",
        "Q2": "campaigns:campaigns:K2",
    }
    assert found["G3"]["customer_record_key"] == found["Q2"]["customer_record_key"] == "pos:members:P1"
    assert found["Q1"]["related_order_key"] == "web_shop:orders:SO000000001"
    assert found["Q2"]["related_order_key"] == "pos:tickets:T000000002"


@pytest.mark.parametrize(
    ("test", "count"),
    [
        ("relationships_std_interactions_customer_record_key", 1),
        ("relationships_std_interactions_interaction_type", 1),
        ("control_groups_get_no_message", 1),
    ],
)
def test_what_is_wrong_is_counted_and_stops_nothing(built: Built, test: str, count: int) -> None:
    (line,) = [line for line in built.printed.splitlines() if "WARN" in line and f" {test}" in line]
    assert f"WARN {count} " in line


def test_labels_of_every_type_and_channel(built: Built) -> None:
    assert {
        row["interaction_type"]
        for row in built.rows(
            "select * from marts.fct_interactions anti join marts.interaction_types using (interaction_type)"
        )
    } == {"email_printed"}
    assert built.rows("select * from marts.fct_interactions anti join marts.interaction_channels using (channel)") == []
    labels = built.rows("select label, label_zh from marts.interaction_types where interaction_type = 'complaint'")
    assert labels == [{"label": "Complaint", "label_zh": "投诉"}]
