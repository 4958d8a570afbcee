"""Surveys, social media, bought profiles and the self-service form of the demo company: consistent with one another,
with orders and with the truth, and as wrong as documented."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from sample_data import ErrorRates, generate, systems
from sample_data.reference import FOLDER
from sample_data.systems import self_service, social, surveys, third_party
from sample_data.tastes import INCOME_BANDS, INTERESTS

CUSTOMERS = 1500
END = datetime(2011, 12, 9, 12, 50)
EPOCH = datetime(1899, 12, 30)
SHANGHAI = timedelta(hours=8)
Row = dict[str, Any]


class Deliveries:
    """A generated demo company; ``whole`` has the rows of an object without repetitions and without broken ones."""

    def __init__(self, folder: Path) -> None:
        self.landing, self.truth_folder = folder / "landing", folder / "truth"
        generate(self.landing, self.truth_folder, customers=CUSTOMERS)
        self.con = duckdb.connect()
        self.expected: dict[str, Row] = json.loads((self.truth_folder / "expected_quarantine.json").read_text("utf-8"))

    def delivered(self, key: str) -> list[Row]:
        """Every delivered row; survey times in UTC where they can be read."""
        system, name = key.split(".")
        if key == "surveys.responses":
            return [row for path in sorted(self.landing.glob("surveys/*.xlsx")) for row in answers_in(path)]
        (path,) = self.landing.glob(f"{system}/{name}_*")
        if path.suffix == ".csv":
            with path.open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def whole(self, key: str) -> list[Row]:
        distinct = {json.dumps(row, sort_keys=True, default=str): row for row in self.delivered(key)}
        return [row for row in distinct.values() if not is_broken(row)]

    @cached_property
    def answers(self) -> list[Row]:
        return self.whole("surveys.responses")

    @cached_property
    def followers(self) -> dict[str, Row]:
        return {row["openid"]: row for row in self.whole("social.followers")}

    @cached_property
    def events(self) -> list[Row]:
        return self.whole("social.events")

    @cached_property
    def submissions(self) -> dict[str, list[Row]]:
        """Of each profile, oldest first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.whole("self_service.profiles"), key=lambda row: row["submitted_at"]):
            found[row["profile_id"]].append(row)
        return dict(found)

    @cached_property
    def truth(self) -> dict[str, Row]:
        """By record key: the record's truth and the true values of whose it is."""
        result = self.con.execute(
            f"select * from read_parquet('{self.truth_folder}/customer_truth.parquet') as truth"
            f" join read_parquet('{self.truth_folder}/true_values.parquet') as person using (entity_id, party_type, population)"
        )
        names = [column[0] for column in result.description]
        rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return {row["record_key"]: row for row in rows}

    @cached_property
    def orders(self) -> dict[str, list[datetime]]:
        """By entity: when they ordered in shop and stores."""
        found: dict[str, list[datetime]] = defaultdict(list)
        (path,) = self.landing.glob("web_shop/orders_*.jsonl")
        for order in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            key = f"web_shop:customers:{order['customer_id']}"
            if is_time(order["created_at"]):
                found[self.truth[key]["entity_id"]].append(moment(order["created_at"]))
        for path in self.landing.glob("pos/tickets_*.csv"):
            with path.open(encoding="gb18030", newline="") as file:
                for ticket in csv.DictReader(file):
                    if ticket["会员号"] and is_time(ticket["销售时间"]):
                        entity = self.truth[f"pos:members:{ticket['会员号']}"]["entity_id"]
                        found[entity].append(moment(ticket["销售时间"]))
        return found


def answers_in(path: Path) -> list[Row]:
    lines = openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)
    titles = next(lines)
    rows = [dict(zip(map(str, titles), line, strict=True)) for line in lines]
    for row in rows:
        row["at"] = value = row["提交时间 Submitted"]
        if isinstance(value, float):
            row["at"] = EPOCH + timedelta(seconds=round(value * 86_400))
        if isinstance(row["at"], datetime):
            row["at"] -= SHANGHAI
    return rows


def is_time(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def is_broken(row: Row) -> bool:
    """The ways in which these systems' rows are spoiled."""
    keys = ("openid", "unionid", "event_id", "vendor_id", "profile_id", "答卷编号 Response ID")
    times = ("followed_at", "occurred_at", "as_of", "submitted_at", "birth_date", "given_at")
    return (
        any(name in row and not row[name] for name in keys)
        or any(row.get(name) and not is_time(row[name]) for name in times)
        or row.get("confidence") == "high"
        or row.get("granted") == "maybe"
        or row.get("评分 Score") == "五分"
        or isinstance(row.get("at"), str)
    )


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Deliveries:
    return Deliveries(tmp_path_factory.mktemp("demo"))


OBJECTS = {
    # Rows of the default demo, and their key.
    "surveys.responses": (1_900, ("答卷编号 Response ID",)),
    "social.followers": (1_500, ("openid",)),
    "social.events": (8_000, ("event_id",)),
    "third_party.profiles": (1_500, ("vendor_id",)),
    "self_service.profiles": (1_500, ("profile_id", "submitted_at")),
    "self_service.consents": (4_000, ("profile_id", "purpose", "channel", "given_at")),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_rows_are_counted_as_they_are_delivered(demo: Deliveries, name: str) -> None:
    size, key = OBJECTS[name]
    delivered, whole, expected = demo.delivered(name), demo.whole(name), demo.expected[name]
    broken = sum(is_broken(row) for row in delivered)
    assert expected["rows_read"] == len(delivered)
    assert expected["accepted"] == len(whole)
    assert expected["quarantined"] == broken > 0
    assert expected["duplicates"] == len(delivered) - len(whole) - broken > 0
    assert len({tuple(row[part] for part in key) for row in whole}) == len(whole)
    assert len(whole) == pytest.approx(size * CUSTOMERS / 4339, rel=0.15)


@pytest.mark.parametrize(
    ("object_key", "name", "key"),
    [
        (social.FOLLOWERS, "social.followers", "openid"),
        (third_party.PROFILES, "third_party.profiles", "vendor_id"),
        (self_service.PROFILES, "self_service.profiles", "profile_id"),
    ],
)
def test_truth_covers_every_record(demo: Deliveries, object_key: str, name: str, key: str) -> None:
    of_object = {record_key for record_key in demo.truth if record_key.startswith(f"{object_key}:")}
    assert of_object == {f"{object_key}:{row[key]}" for row in demo.whole(name)}


def test_nothing_happens_after_the_newest_order(demo: Deliveries) -> None:
    times = [row["at"] for row in demo.answers]
    times += [moment(row["updated_at"]) for row in demo.followers.values()]
    times += [moment(row["occurred_at"]) for row in demo.events]
    times += [moment(row["given_at"]) for row in demo.whole("self_service.consents")]
    times += [moment(rows[-1]["submitted_at"]) for rows in demo.submissions.values()]
    times += [moment(row["as_of"]) for row in demo.whole("third_party.profiles")]
    assert END - timedelta(days=3) < max(times) <= END


def test_one_more_system_changes_nothing_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def digests(name: str) -> dict[str, str]:
        folder = tmp_path / name
        generate(folder, tmp_path / f"{name} truth", customers=60)
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    everything = digests("everything")
    mine = (surveys, social, third_party, self_service)
    others = tuple(system for system in systems.all_systems() if system not in mine)
    assert len(others) == len(systems.all_systems()) - 4
    monkeypatch.setattr("sample_data.generator.all_systems", lambda: others)
    fewer = digests("fewer")
    assert set(everything) > set(fewer) > set()
    assert {name: everything[name] for name in fewer} == fewer


# -- surveys ---------------------------------------------------------------------------------------------------


def test_the_old_tool_writes_day_numbers_and_the_new_one_dates(demo: Deliveries) -> None:
    switch = datetime(2011, 7, 1) - SHANGHAI
    kinds = {}
    for path in sorted(demo.landing.glob("surveys/*.xlsx")):
        rows = [row for row in answers_in(path) if not is_broken(row)]
        kinds[path.stem] = {type(row["提交时间 Submitted"]) for row in rows}
        assert all((row["at"] < switch) == (path.stem == "responses_20110630") for row in rows)
    assert kinds == {"responses_20110630": {float}, "responses_20111209": {datetime}}


def test_scores_are_on_the_scale_of_their_questionnaire(demo: Deliveries) -> None:
    scores = defaultdict(set)
    for row in demo.answers:
        scores[row["类型 Type"]].add(row["评分 Score"])
        assert (row["离开原因 Reason for leaving"] is not None) == (row["类型 Type"] == "Exit")
    assert scores == {"CSAT": set(range(1, 6)), "NPS": set(range(11)), "Exit": {None}}


def test_comments_suit_the_score_and_the_language(demo: Deliveries) -> None:
    with (FOLDER / "survey_comments.csv").open(encoding="utf-8", newline="") as file:
        known = {row["comment"]: (row["language"], row["mood"]) for row in csv.DictReader(file)}
    allowed = {
        "CSAT": {1: "poor", 2: "poor", 3: "fair", 5: "good"},
        "NPS": {0: "poor", 5: "poor", 9: "good", 10: "good"},
    }
    seen = Counter()
    for row in demo.answers:
        kind, comment = row["类型 Type"], row["意见 Comment"]
        if kind == "Exit" or comment is None:
            continue
        language, mood = known[comment]
        seen[language, mood] += 1
        assert mood == allowed[kind].get(row["评分 Score"], mood)
        record_key = answered_by(row)
        if record_key:
            assert (language == "zh") == (demo.truth[record_key]["population"] == "chinese")
    assert len(seen) == 6
    assert 0.4 < sum(row["意见 Comment"] is not None for row in demo.answers) / len(demo.answers) < 0.7


def answered_by(row: Row) -> str | None:
    number = row["客户编号 Customer No"]
    objects = {"C": "web_shop:customers", "M": "pos:members", "R": "service_desk:requesters"}
    return f"{objects[number[0]]}:{number}" if number else None


def test_answers_name_customers_that_exist(demo: Deliveries) -> None:
    numbers = [answered_by(row) for row in demo.answers]
    assert {key for key in numbers if key} <= set(demo.truth)
    assert {key.split(":")[0] for key in numbers if key} == {"web_shop", "pos", "service_desk"}
    assert numbers.count(None) / len(numbers) == pytest.approx(0.12, abs=0.04)
    assert all(row["邮箱 Email"] is None for row in demo.answers if row["客户编号 Customer No"] is None)


def test_only_who_stays_away_is_asked_why(demo: Deliveries) -> None:
    leavers = [row for row in demo.answers if row["类型 Type"] == "Exit" and answered_by(row)]
    assert len(leavers) > 10
    for row in leavers:
        ordered = demo.orders[demo.truth[answered_by(row)]["entity_id"]]  # pyright: ignore[reportArgumentType]
        assert max(ordered) < row["at"] - timedelta(days=120)


def test_who_stays_away_was_less_content(demo: Deliveries) -> None:
    content = defaultdict(list)
    for row in demo.answers:
        record_key = answered_by(row)
        if record_key and row["类型 Type"] == "CSAT" and row["at"] < END - timedelta(days=120):
            ordered = demo.orders.get(demo.truth[record_key]["entity_id"], [])
            if ordered:
                came_back = any(row["at"] < day <= row["at"] + timedelta(days=120) for day in ordered)
                content[came_back].append(row["评分 Score"])
    assert min(len(scores) for scores in content.values()) > 20
    assert sum(content[True]) / len(content[True]) > sum(content[False]) / len(content[False]) + 0.3


# -- social media ----------------------------------------------------------------------------------------------


def test_a_unionid_is_one_person_in_different_accounts(demo: Deliveries) -> None:
    unions = defaultdict(list)
    for openid, row in demo.followers.items():
        unions[row["unionid"]].append((demo.truth[f"social:followers:{openid}"]["entity_id"], row["account"]))
    sizes = Counter(len(members) for members in unions.values())
    assert set(sizes) == {1, 2}
    assert sizes[2] / len(unions) == pytest.approx(ErrorRates.in_two_social_accounts, abs=0.08)
    for members in unions.values():
        assert len({entity for entity, _ in members}) == 1
        assert len({account for _, account in members}) == len(members)
    assert len({members[0][0] for members in unions.values()}) == len(unions)


def test_what_is_bound_is_the_persons_own(demo: Deliveries) -> None:
    bound = Counter()
    for openid, row in demo.followers.items():
        truth = demo.truth[f"social:followers:{openid}"]
        if row["member_no"]:
            bound["member_no"] += 1
            assert demo.truth[f"pos:members:{row['member_no']}"]["entity_id"] == truth["entity_id"]
        if row["phone"] and "former_phone" not in (truth["changes"] or ""):
            bound["phone"] += 1
            number = row["phone"] if row["phone"].startswith("+") else f"+86{row['phone']}"
            assert number == truth["phone"]
    assert bound["phone"] > 100
    assert bound["member_no"] > 80


def test_the_truth_marks_whose_record_nothing_tells(demo: Deliveries) -> None:
    tells = {row["unionid"] for row in demo.followers.values() if row["phone"] or row["member_no"]}
    marked = {key for key, row in demo.truth.items() if "nothing_bound" in (row["changes"] or "")}
    unbound = {f"social:followers:{openid}" for openid, row in demo.followers.items() if row["unionid"] not in tells}
    assert marked == unbound != set()


def test_a_nickname_is_no_name(demo: Deliveries) -> None:
    for openid, row in demo.followers.items():
        truth = demo.truth[f"social:followers:{openid}"]
        assert truth["family_name"] not in (row["nickname"] or "")


def test_events_agree_with_the_followers(demo: Deliveries) -> None:
    follows = {row["openid"]: row["occurred_at"] for row in demo.events if row["type"] == "follow"}
    leaves = {row["openid"]: row["occurred_at"] for row in demo.events if row["type"] == "unfollow"}
    assert follows == {openid: row["followed_at"] for openid, row in demo.followers.items()}
    assert leaves == {o: row["unfollowed_at"] for o, row in demo.followers.items() if row["unfollowed_at"]} != {}
    for event in demo.events:
        follower = demo.followers[event["openid"]]
        assert follower["followed_at"] <= event["occurred_at"] <= (follower["unfollowed_at"] or event["occurred_at"])
    kinds = Counter(event["type"] for event in demo.events)
    assert set(kinds) == {"follow", "unfollow", "like", "comment", "share", "mention", "referral"}


def test_a_referral_comes_before_who_is_referred(demo: Deliveries) -> None:
    referrals = [event for event in demo.events if event["type"] == "referral"]
    assert len(referrals) > 30
    assert len({event["referred_openid"] for event in referrals}) == len(referrals)
    for event in referrals:
        referred, referrer = demo.followers[event["referred_openid"]], demo.followers[event["openid"]]
        assert event["occurred_at"] <= referred["followed_at"]
        assert referred["unionid"] != referrer["unionid"]


# -- bought profiles -------------------------------------------------------------------------------------------


def test_the_vendor_knows_strangers(demo: Deliveries) -> None:
    elsewhere = {row["entity_id"] for key, row in demo.truth.items() if not key.startswith("third_party:")}
    bought = {row["entity_id"] for key, row in demo.truth.items() if key.startswith("third_party:")}
    persons = {entity for entity in elsewhere if entity.startswith("P")}
    assert len(bought - elsewhere) == round(ErrorRates.strangers * len(persons))
    assert len(bought & persons) / len(persons) == pytest.approx(ErrorRates.in_third_party, abs=0.04)


def test_every_profile_has_one_contact(demo: Deliveries) -> None:
    for row in demo.whole("third_party.profiles"):
        assert bool(row["phone"]) != bool(row["email"])


def test_bought_values_are_wrong_at_their_rate(demo: Deliveries) -> None:
    """Within four standard deviations; what the truth calls wrong differs from the person's own value."""
    stated, wrong = Counter(), Counter()
    for row in demo.whole("third_party.profiles"):
        truth = demo.truth[f"third_party:profiles:{row['vendor_id']}"]
        changes = (truth["changes"] or "").split(",")
        for name in ("city", "occupation", "income_band", "interests", "industry"):
            stated[name] += bool(row[name])
            wrong[name] += f"wrong_{name}" in changes
        for name in ("city", "occupation"):
            if row[name]:
                assert (row[name] != truth[name]) == (f"wrong_{name}" in changes)
    rate = ErrorRates.bought_value_wrong
    for name, count in stated.items():
        assert abs(wrong[name] / count - rate) < 4 * (rate * (1 - rate) / count) ** 0.5


def test_a_vendor_is_less_sure_of_what_is_wrong(demo: Deliveries) -> None:
    confidence = defaultdict(list)
    for row in demo.whole("third_party.profiles"):
        changes = demo.truth[f"third_party:profiles:{row['vendor_id']}"]["changes"] or ""
        confidence["wrong_" in changes].append(float(row["confidence"]))
    assert min(map(min, confidence.values())) > 0
    assert max(map(max, confidence.values())) < 1
    assert sum(confidence[False]) / len(confidence[False]) > sum(confidence[True]) / len(confidence[True]) + 0.05


# -- the self-service form -------------------------------------------------------------------------------------


def test_a_later_submission_says_more(demo: Deliveries) -> None:
    again = [rows for rows in demo.submissions.values() if len(rows) > 1]
    assert 0.12 < len(again) / len(demo.submissions) < 0.3
    for earlier, newest in again:
        assert earlier["submitted_at"] < newest["submitted_at"]
        for name, value in earlier.items():
            assert name == "submitted_at" or value in (None, newest[name])
    assert any(earlier["phone"] != newest["phone"] for earlier, newest in again)


def test_vendor_and_form_mean_the_same_interests_unless_the_vendor_is_wrong(demo: Deliveries) -> None:
    codes = {name: code for code, names in INTERESTS.items() for name in names}
    bands = {name for names in INCOME_BANDS.values() for name in names}
    declared = {}
    for profile, rows in demo.submissions.items():
        if rows[-1]["preferences"]:
            declared[demo.truth[f"self_service:profiles:{profile}"]["entity_id"]] = rows[-1]["preferences"]["topics"]
    compared = 0
    for row in demo.whole("third_party.profiles"):
        truth = demo.truth[f"third_party:profiles:{row['vendor_id']}"]
        bought = [codes[name] for name in row["interests"].split(";") if name]
        assert row["income_band"] in bands | {""}
        if bought and truth["entity_id"] in declared:
            compared += 1
            assert (bought != declared[truth["entity_id"]]) == ("wrong_interests" in (truth["changes"] or ""))
    assert compared > 30


def test_consents_change_their_mind_with_every_row(demo: Deliveries) -> None:
    given = defaultdict(list)
    for row in sorted(demo.whole("self_service.consents"), key=lambda row: row["given_at"]):
        given[row["profile_id"], row["purpose"], row["channel"]].append(row)
    assert {purpose for _, purpose, _ in given} == {"marketing", "analytics", "profiling", "third_party"}
    assert {channel for _, _, channel in given} == {"email", "sms", "phone", "wechat", "post"}
    changes = Counter(len(rows) for rows in given.values())
    assert changes[2] > 30
    for (profile, _, _), rows in given.items():
        assert rows[0]["given_at"] == demo.submissions[profile][0]["submitted_at"]
        assert all(row["granted"] != other["granted"] for row, other in pairwise(rows))
        assert all((row["wording_version"] == "2011-06") == (row["given_at"] >= "2011-06-01") for row in rows)
