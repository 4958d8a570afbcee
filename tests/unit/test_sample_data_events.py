"""Web analytics, mails, calls and campaigns of the demo company: consistent with one another, with orders and truth."""

import csv
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sample_data import ErrorRates, generate
from sample_data.marketing import ISSUES, campaigns

CUSTOMERS = 1500
END = datetime(2011, 12, 9, 12, 50)
Row = dict[str, Any]


class Deliveries:
    """A generated demo company, read back the careful way: without repeated rows and without those that are broken."""

    def __init__(self, folder: Path) -> None:
        self.landing, self.truth = folder / "landing", folder / "truth"
        generate(self.landing, self.truth, customers=CUSTOMERS)
        self.con = duckdb.connect()

    def lines(self, pattern: str) -> list[str]:
        return [
            line
            for path in sorted(self.landing.glob(pattern))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]

    def csv(self, name: str, encoding: str = "utf-8") -> list[Row]:
        (path,) = self.landing.glob(f"{name}_*.csv")
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def views(self) -> list[Row]:
        """Page views with the time in UTC as ``at``, oldest first."""
        rows = [json.loads(line) for line in dict.fromkeys(self.lines("web_analytics/page_views_*.jsonl"))]
        whole = [row for row in rows if row["event_id"] and row["dwell_seconds"] != "NaN" and is_time(row)]
        for row in whole:
            row["at"] = datetime.fromisoformat(row["occurred_at"]).astimezone(UTC).replace(tzinfo=None)
        return sorted(whole, key=lambda row: (row["at"], row["event_id"]))

    @cached_property
    def mails(self) -> list[Row]:
        """Events of mails with the time as ``at``, oldest first."""
        rows = [json.loads(line) for line in dict.fromkeys(self.lines("email_marketing/events_*.jsonl"))]
        whole = [row for row in rows if row["event_id"] and row["type"] and is_time(row)]
        for row in whole:
            row["at"] = datetime.fromisoformat(row["occurred_at"]).replace(tzinfo=None)
        return sorted(whole, key=lambda row: (row["at"], row["event_id"]))

    @cached_property
    def calls(self) -> list[Row]:
        """Calls with the time in UTC as ``at``, in the order of the file."""
        rows = [
            dict(cells)
            for cells in dict.fromkeys(tuple(row.items()) for row in self.csv("call_centre/calls", "utf-8-sig"))
        ]
        whole = [
            row
            for row in rows
            if row["call_id"] and row["duration_seconds"].isdecimal() and "02-30" not in row["started_at"]
        ]
        for row in whole:
            row["at"] = datetime.fromisoformat(row["started_at"]) - timedelta(hours=8)
        return whole

    @cached_property
    def targets(self) -> list[Row]:
        rows = [dict(cells) for cells in dict.fromkeys(tuple(row.items()) for row in self.csv("campaigns/targets"))]
        return [row for row in rows if row["target_id"] and row["campaign_id"] and "02-30" not in row["sent_at"]]

    @cached_property
    def coupons(self) -> list[Row]:
        rows = [dict(cells) for cells in dict.fromkeys(tuple(row.items()) for row in self.csv("campaigns/coupons"))]
        return [row for row in rows if row["coupon_code"] and row["issued_at"] and "02-30" not in row["issued_at"]]

    @cached_property
    def entity(self) -> dict[str, str]:
        """Record key -> whose it is."""
        truth = self.truth / "customer_truth.parquet"
        return dict(self.con.execute(f"select record_key, entity_id from read_parquet('{truth}')").fetchall())

    @cached_property
    def orders(self) -> dict[str, tuple[str, datetime]]:
        """Number of an order of the shop or of a store -> record key of its customer, time; only good rows."""
        found = {}
        for row in map(json.loads, self.lines("web_shop/orders_*.jsonl")):
            if row["order_id"] and row["created_at"].startswith("20") and "13-45" not in row["created_at"]:
                moment = datetime.fromisoformat(row["created_at"]).replace(tzinfo=None)
                found[row["order_id"]] = (f"web_shop:customers:{row['customer_id']}", moment)
        for path in sorted(self.landing.glob("pos/tickets_*.csv")):
            with path.open(encoding="gb18030", newline="") as file:
                for row in csv.DictReader(file):
                    if row["小票号"] and row["会员号"] and "02-30" not in row["销售时间"]:
                        moment = datetime.fromisoformat(row["销售时间"])
                        found[row["小票号"]] = (f"pos:members:{row['会员号']}", moment)
        return found

    @cached_property
    def created(self) -> dict[str, datetime]:
        """Shop account -> when it was made."""
        query = f"select customer_id, created_at from read_parquet('{self.landing}/web_shop/customers_*.parquet')"
        return {number: moment for number, moment in self.con.execute(query).fetchall() if number}

    def customer(self, row: Row) -> str:
        """Whose a target or coupon is."""
        key = f"zoho_crm:contacts:{row['contact_id']}" if row["contact_id"] else f"pos:members:{row['member_no']}"
        return self.entity[key]


def is_time(row: Row) -> bool:
    return "02-30" not in row["occurred_at"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    return Deliveries(tmp_path_factory.mktemp("events"))


def test_sizes_are_modest(demo: Deliveries) -> None:
    """About 40,000 page views, 35,000 events of mails, 2,500 calls, 10,000 targets and 2,500 coupons for 4,339."""
    share = CUSTOMERS / 4339
    assert len(demo.views) == pytest.approx(40_000 * share, rel=0.15)
    assert len(demo.mails) == pytest.approx(35_000 * share, rel=0.15)
    assert len(demo.calls) == pytest.approx(2_500 * share, rel=0.2)
    assert len(demo.targets) == pytest.approx(10_000 * share, rel=0.15)
    assert len(demo.coupons) == pytest.approx(2_500 * share, rel=0.15)
    assert len(demo.csv("campaigns/campaigns")) == 8


def test_what_is_bad_is_what_the_generator_says(demo: Deliveries) -> None:
    expected = json.loads((demo.truth / "expected_quarantine.json").read_text(encoding="utf-8"))
    read = {
        "web_analytics.page_views": (len(demo.lines("web_analytics/*.jsonl")), demo.views),
        "email_marketing.events": (len(demo.lines("email_marketing/*.jsonl")), demo.mails),
        "call_centre.calls": (len(demo.csv("call_centre/calls", "utf-8-sig")), demo.calls),
        "campaigns.targets": (len(demo.csv("campaigns/targets")), demo.targets),
        "campaigns.coupons": (len(demo.csv("campaigns/coupons")), demo.coupons),
    }
    for key, (rows_read, whole) in read.items():
        assert expected[key]["rows_read"] == rows_read, key
        assert expected[key]["accepted"] == len(whole), key
        assert expected[key]["duplicates"] >= 1, key
        assert expected[key]["quarantined"] >= 1, key


def test_keys_are_unique_and_nothing_happens_later(demo: Deliveries) -> None:
    for rows, key in ((demo.views, "event_id"), (demo.mails, "event_id"), (demo.calls, "call_id")):
        assert len({row[key] for row in rows}) == len(rows)
        assert max(row["at"] for row in rows) <= END
    assert len({row["target_id"] for row in demo.targets}) == len(demo.targets)
    assert len({row["coupon_code"] for row in demo.coupons}) == len(demo.coupons)
    assert max(row["sent_at"] for row in demo.targets) <= str(END)
    assert max(max(row["issued_at"], row["redeemed_at"]) for row in demo.coupons) <= str(END)
    assert max(row["end_date"] for row in demo.csv("campaigns/campaigns")) <= str(END.date())


# -- web analytics ---------------------------------------------------------------------------------------------


def test_page_views_are_in_the_file_of_their_month(demo: Deliveries) -> None:
    good = {row["event_id"]: row["at"] for row in demo.views}
    for path in demo.landing.glob("web_analytics/page_views_*.jsonl"):
        months = {
            f"{good[row['event_id']]:%Y%m}"
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
            if row["event_id"] in good
        }
        assert months == {path.stem.removeprefix("page_views_")}


def test_times_carry_different_offsets(demo: Deliveries) -> None:
    offsets = Counter(row["occurred_at"][19:] for row in demo.views)
    assert {"Z", "+08:00", "+01:00"} <= set(offsets)
    assert offsets["+08:00"] / len(demo.views) == pytest.approx(0.3, abs=0.08)


def test_a_visit_is_of_one_device_and_knows_the_account_from_some_page_on(demo: Deliveries) -> None:
    visits: dict[str, list[Row]] = defaultdict(list)
    for row in demo.views:
        visits[row["session_id"]].append(row)
    kinds: Counter[str] = Counter()
    for pages in visits.values():
        assert len({row["anonymous_id"] for row in pages}) == 1
        users = [row["user_id"] for row in sorted(pages, key=lambda row: row["event_id"])]
        known = [user for user in users if user]
        assert len(set(known)) <= 1
        assert users == [None] * (len(users) - len(known)) + known
        kinds["anonymous" if not known else "logged in on the way" if users[0] is None else "known"] += 1
    assert min(kinds["anonymous"], kinds["logged in on the way"], kinds["known"]) > 200


def test_accounts_exist_when_they_are_seen_and_their_devices_were_strangers_before(demo: Deliveries) -> None:
    first: dict[str, datetime] = {}
    before_log_in: set[str] = set()
    for row in demo.views:
        if row["user_id"]:
            assert row["at"] >= demo.created[row["user_id"]].replace(microsecond=0)
            first.setdefault(row["anonymous_id"], row["at"])
        elif row["anonymous_id"] not in first:
            before_log_in.add(row["anonymous_id"])
    assert len(before_log_in & set(first)) > 200, "devices that log in after anonymous visits"
    assert len(before_log_in - set(first)) > 200, "devices that never do"


def test_a_few_devices_are_shared_by_two_persons_of_one_household(demo: Deliveries) -> None:
    persons: dict[str, set[str]] = defaultdict(set)
    for row in demo.views:
        if row["user_id"]:
            persons[row["anonymous_id"]].add(demo.entity[f"web_shop:customers:{row['user_id']}"])
    shared = [owners for owners in persons.values() if len(owners) > 1]
    truth = demo.truth / "customer_truth.parquet"
    query = f"select entity_id, any_value(household_id) from read_parquet('{truth}') group by all"
    household = dict(demo.con.execute(query).fetchall())
    assert 5 <= len(shared) < 0.1 * len(persons)
    assert all(len({household[person] for person in owners}) == 1 for owners in shared)


def test_the_truth_says_who_made_every_page_view(demo: Deliveries) -> None:
    visits = demo.truth / "visit_truth.parquet"
    visitor = dict(demo.con.execute(f"select interaction_key, entity_id from read_parquet('{visits}')").fetchall())
    of_view = {row["event_id"]: visitor.pop(f"web_analytics:page_views:{row['event_id']}") for row in demo.views}
    assert visitor == {}, "no page view but those delivered"
    sessions: dict[str, set[str | None]] = defaultdict(set)
    for row in demo.views:
        sessions[row["session_id"]].add(of_view[row["event_id"]])
        if row["user_id"]:
            assert of_view[row["event_id"]] == demo.entity[f"web_shop:customers:{row['user_id']}"]
    assert all(len(visitors) == 1 for visitors in sessions.values())
    anonymous = [of_view[row["event_id"]] for row in demo.views if not row["user_id"]]
    assert 0.05 < anonymous.count(None) / len(anonymous) < 0.5


def test_visits_that_end_in_an_order_are_those_of_its_customer(demo: Deliveries) -> None:
    ordered = {(customer, moment) for customer, moment in demo.orders.values()}
    thanks = [row for row in demo.views if row["page_type"] == "confirmation"]
    assert len(thanks) > 500
    assert all((f"web_shop:customers:{row['user_id']}", row["at"]) in ordered for row in thanks)


# -- mails -----------------------------------------------------------------------------------------------------


def by_message(demo: Deliveries) -> dict[str, dict[str, Row]]:
    messages: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in demo.mails:
        assert row["type"] not in messages[row["message_id"]], "each at most once"
        messages[row["message_id"]][row["type"]] = row
    return messages


def test_the_funnel_of_every_mail_is_consistent(demo: Deliveries) -> None:
    needs = {
        "delivered": "sent",
        "bounced": "sent",
        "opened": "delivered",
        "clicked": "opened",
        "replied": "opened",
        "unsubscribed": "opened",
    }
    counts: Counter[str] = Counter()
    for events in by_message(demo).values():
        assert "sent" in events
        assert not {"delivered", "bounced"} <= set(events)
        assert len({(row["recipient_id"], row["contact_id"], row["campaign_id"]) for row in events.values()}) == 1
        for kind, row in events.items():
            if kind in needs:
                assert events[needs[kind]]["at"] <= row["at"]
            assert (row["link"] is not None) == (kind == "clicked")
            assert (row["bounce_reason"] is not None) == (kind == "bounced")
        counts.update(list(events))
    assert 0.97 < (counts["delivered"] + counts["bounced"]) / counts["sent"] <= 1
    assert 0.005 < counts["bounced"] / counts["sent"] < 0.06
    assert 0.25 < counts["opened"] / counts["delivered"] < 0.45
    assert counts["replied"] > 5


def test_nobody_gets_mail_after_unsubscribing(demo: Deliveries) -> None:
    left = {row["recipient_id"]: row["at"] for row in demo.mails if row["type"] == "unsubscribed"}
    assert len(left) > 25
    assert any(moment < ISSUES[-2] for moment in left.values())
    for row in demo.mails:
        if row["type"] == "sent" and row["recipient_id"] in left:
            assert row["at"] < left[row["recipient_id"]]


def test_records_of_the_mail_tool_are_those_whom_no_contact_stands_for_and_those_who_left(demo: Deliveries) -> None:
    wanted = {row["recipient_id"] for row in demo.mails if not row["contact_id"] or row["type"] == "unsubscribed"}
    truth = {key.removeprefix("email_marketing:recipients:") for key in demo.entity if key.startswith("email_")}
    assert truth == wanted
    for row in demo.mails:
        if row["contact_id"] and row["recipient_id"] in truth:
            own = demo.entity[f"email_marketing:recipients:{row['recipient_id']}"]
            assert own == demo.entity[f"zoho_crm:contacts:{row['contact_id']}"]
    with_contact = sum(row["contact_id"] is not None for row in demo.mails) / len(demo.mails)
    assert 0.8 < with_contact < 1, "mostly there"


# -- campaigns -------------------------------------------------------------------------------------------------


def test_sent_targets_of_mail_campaigns_are_the_mails(demo: Deliveries) -> None:
    channel = {campaign.campaign_id: campaign.channel for campaign in campaigns()}
    sent = {
        (row["campaign_id"], row["contact_id"], datetime.fromisoformat(row["sent_at"]))
        for row in demo.targets
        if row["sent_at"] and channel[row["campaign_id"]] == "email"
    }
    mails = {
        (row["campaign_id"], row["contact_id"], row["at"])
        for row in demo.mails
        if row["type"] == "sent" and row["campaign_id"]
    }
    assert len(sent) > 1_000
    assert sent == mails


def test_targets_are_reached_as_their_campaign_reaches_people(demo: Deliveries) -> None:
    channel = {campaign.campaign_id: campaign.channel for campaign in campaigns()}
    assert {channel[row["campaign_id"]] for row in demo.targets} == {"email", "sms", "post"}
    for row in demo.targets:
        assert bool(row["contact_id"]) != bool(row["member_no"])
        assert bool(row["member_no"]) == (channel[row["campaign_id"]] == "sms")
    once = Counter((row["campaign_id"], row["contact_id"] or row["member_no"]) for row in demo.targets)
    assert set(once.values()) == {1}


def within_four_deviations(found: int, total: int, share: float) -> bool:
    return abs(found / total - share) < 4 * (share * (1 - share) / total) ** 0.5


def test_the_control_group_is_a_random_split_that_gets_nothing(demo: Deliveries) -> None:
    control = [row for row in demo.targets if row["group"] == "control"]
    assert {row["group"] for row in demo.targets} == {"control", "treatment"}
    assert all(row["sent_at"] == "" for row in control)
    assert within_four_deviations(len(control), len(demo.targets), ErrorRates.control_group)
    visits = {
        (row["campaign"], demo.entity[f"web_shop:customers:{row['user_id']}"])
        for row in demo.views
        if row["campaign"] and row["user_id"]
    }
    got = {(row["campaign_id"], demo.customer(row)) for row in demo.targets if row["sent_at"]}
    assert len(visits) > 20
    assert visits <= got


def test_a_campaign_changes_no_orders(demo: Deliveries) -> None:
    """Buyers in the four weeks after the start: as many in the control group as among the others, but for chance."""
    start = {campaign.campaign_id: campaign.start for campaign in campaigns()}
    ordered: dict[str, list[datetime]] = defaultdict(list)
    for customer, moment in demo.orders.values():
        ordered[demo.entity[customer]].append(moment)
    bought: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in demo.targets:
        opens = start[row["campaign_id"]]
        total[row["group"]] += 1
        bought[row["group"]] += any(opens < m < opens + timedelta(days=28) for m in ordered[demo.customer(row)])
    assert bought["control"] > 30
    assert within_four_deviations(bought["control"], total["control"], bought["treatment"] / total["treatment"])


def test_clicks_in_campaign_mails_are_visits(demo: Deliveries) -> None:
    clicks = Counter(
        (row["campaign_id"], row["at"]) for row in demo.mails if row["type"] == "clicked" and row["campaign_id"]
    )
    landed = Counter(
        (row["campaign"], row["at"]) for row in demo.views if row["campaign"] and "utm_campaign=" in row["url"]
    )
    assert sum(clicks.values()) > 100
    assert clicks <= landed


def test_coupons_are_redeemed_with_an_order_of_their_holder_while_they_are_valid(demo: Deliveries) -> None:
    redeemed = [row for row in demo.coupons if row["redeemed_at"]]
    assert 0.05 < len(redeemed) / len(demo.coupons) < 0.3
    assert {row["redeemed_in"] for row in redeemed} == {"web", "store"}
    assert len({row["order_no"] for row in redeemed}) == len(redeemed)
    for row in redeemed:
        customer, ordered_at = demo.orders[row["order_no"]]
        assert demo.entity[customer] == demo.customer(row)
        assert customer.startswith({"web": "web_shop:", "store": "pos:"}[row["redeemed_in"]])
        assert row["issued_at"] < row["redeemed_at"] == str(ordered_at)
    assert all(row["order_no"] == row["redeemed_in"] == "" for row in demo.coupons if not row["redeemed_at"])
    got = {(row["campaign_id"], row["contact_id"], row["member_no"]) for row in demo.targets if row["sent_at"]}
    assert {(row["campaign_id"], row["contact_id"], row["member_no"]) for row in demo.coupons} <= got


# -- call centre -----------------------------------------------------------------------------------------------


def test_calls_are_in_utf_8_with_byte_order_mark(demo: Deliveries) -> None:
    (path,) = demo.landing.glob("call_centre/calls_*.csv")
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbfcall_id,")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_calls_are_taken_in_opening_hours_in_shanghai(demo: Deliveries) -> None:
    hours = Counter(datetime.fromisoformat(row["started_at"]).hour for row in demo.calls)
    assert set(hours) == set(range(9, 20))


def test_callers_have_their_truth_and_the_newest_call_their_details(demo: Deliveries) -> None:
    newest: dict[str, Row] = {}
    for row in demo.calls:  # the file is in the order of time
        newest[row["caller_id"]] = row
    assert {f"call_centre:callers:{key}" for key in newest} == {
        key for key in demo.entity if key.startswith("call_centre:")
    }
    rates = ErrorRates()
    assert within_four_deviations(
        sum(not row["phone_number"] for row in newest.values()), len(newest), rates.caller_withheld
    )
    named = sum(bool(row["caller_name"]) for row in newest.values())
    share = rates.caller_named * (1 - rates.caller_withheld) + rates.caller_withheld
    assert within_four_deviations(named, len(newest), share)
    assert all(row["caller_name"] for row in newest.values() if not row["phone_number"])
    short = sum(
        row["caller_name"][-2:] in ("先生", "女士") or row["caller_name"][:3] in ("Mr ", "Ms ")
        for row in newest.values()
    )
    assert short / named > 0.5


def test_calls_out_go_to_a_number_and_orders_are_the_callers_own(demo: Deliveries) -> None:
    assert Counter(row["direction"] for row in demo.calls).keys() == {"in", "out"}
    assert all(row["phone_number"] for row in demo.calls if row["direction"] == "out")
    about = [row for row in demo.calls if row["order_reference"]]
    assert len(about) > 100
    for row in about:
        customer, ordered_at = demo.orders[row["order_reference"]]
        assert demo.entity[customer] == demo.entity[f"call_centre:callers:{row['caller_id']}"]
        assert ordered_at <= row["at"]
