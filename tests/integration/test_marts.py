"""Golden and marts models, built by dbt on a small company and recomputed here from the definitions in plain Python."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import pytest
import yaml

from dagster_project.linkage.golden_ids import assign_golden_ids
from dagster_project.linkage.model_life import create_model_history

PROJECT = Path(__file__).parents[2] / "dbt_project"
PROFILES = PROJECT
AS_OF = date(2026, 6, 15)
CUSTOMERS = 60
Row = dict[str, Any]


def days_ago(days: int) -> datetime:
    return datetime(AS_OF.year, AS_OF.month, AS_OF.day, 12) - timedelta(days=days)


def company() -> dict[str, list[Row]]:
    """Source records, orders and touches of sixty customers; each is known to one to three systems."""
    chance = random.Random(11)
    records: list[Row] = []
    orders: list[Row] = []
    lines: list[Row] = []
    for number in range(CUSTOMERS):
        systems = ["crm", "shop", "till"][: 1 + number % 3]
        records.extend(record(system, number, chance) for system in systems)
        history = chance.sample(range(800), chance.choice([0, 1, 1, 2, 3, 6, 12]))
        for day in [*history, *history[:1]]:  # one day with two orders
            key = f"shop:orders:{len(orders)}"
            status = chance.choices(["paid", "cancelled"], [9, 1])[0]
            amounts = [Decimal(chance.randrange(-500, 3000)) / 100 for _ in range(chance.choice([0, 1, 1, 2, 3]))]
            orders.append(order(key, f"{chance.choice(systems)}:people:{number}", days_ago(day), status))
            lines.extend(line(key, position, amount) for position, amount in enumerate(amounts))
    orders.append(order("till:tickets:anonymous", None, days_ago(3)))
    lines.append(line("till:tickets:anonymous", 0, Decimal("12.34")))
    orders.append(order("shop:orders:tomorrow", "crm:people:0", days_ago(-1)))  # after as_of: not yet happened
    lines.append(line("shop:orders:tomorrow", 0, Decimal("99.00")))
    lines.append(line("shop:orders:in quarantine", 0, Decimal("5.00")))
    lines.extend(refunds(orders, lines))
    return {
        "std_customer_records": records,
        "std_orders": orders,
        "std_order_lines": lines,
        "std_interactions": [touch(number, chance) for number in range(20)],
        "std_customer_attributes": list(attributes(records)),
        "std_consents": list(consents(records)),
        "as_of": [{"as_of": AS_OF}],
    }


def attributes(records: list[Row]) -> Iterator[Row]:
    """One to three interests from every record of every second customer; systems differ in trust and disagree."""
    chance = random.Random(12)
    trust = {"crm": "declared", "shop": "observed", "till": "bought"}
    for record in records:
        if int(record["source_id"]) % 2:
            for value in chance.sample(["cooking", "gardening", "music", "travel"], chance.randint(1, 3)):
                keys = ("record_key", "source_system", "source_object", "source_id", "source_updated_at")
                own = {name: record[name] for name in keys}
                yield own | {"attribute": "interest", "value": value, "trust": trust[record["source_system"]]}
    yield attributes_of_nobody()


def attributes_of_nobody() -> Row:
    return {
        "record_key": "crm:people:in quarantine",
        "source_system": "crm",
        "source_object": "people",
        "source_id": "in quarantine",
        "attribute": "interest",
        "value": "music",
        "trust": "declared",
    }


def consents(records: list[Row]) -> Iterator[Row]:
    """Changes of every third customer in all of its records, so few different days that they meet; some after as_of."""
    chance = random.Random(13)
    for record in records:
        if int(record["source_id"]) % 3 == 2:
            days = sorted(chance.sample([-1, 0, 5, 9, 30], 3), reverse=True)
            for position, day in enumerate(days):
                own = {name: record[name] for name in ("record_key", "source_system", "source_object", "source_id")}
                yield own | {
                    "purpose": "marketing",
                    "channel": "email",
                    "is_granted": chance.random() < 0.6,
                    "given_at": days_ago(day),
                    "valid_to": days_ago(days[position + 1]) if position < 2 else None,
                    "is_current": position == 2,
                    "wording_version": f"{record['source_system']} {day}",
                }


def record(system: str, number: int, chance: random.Random) -> Row:
    return {
        "record_key": f"{system}:people:{number}",
        "source_system": system,
        "source_object": "people",
        "source_id": str(number),
        "source_updated_at": days_ago(chance.randrange(1, 900)) if number != 5 else None,
        "party_type": "person",
        "full_name": f"person {number} of {system}",
        "given_name": None if system == "till" else f"given {system}",
        "family_name": f"family {system}",
        "birth_date": date(1980, 1, 1 + number % 28) if system == "shop" else None,
        "email": f"{chance.choice('ab')}{number}@example.com" if chance.random() < 0.8 else None,
        "phone": f"+44{number:010}" if chance.random() < 0.5 else None,
        "country": "GB",
        "street": f"Street of {system}" if system != "crm" else None,
        "consent_email": chance.choice([True, False, None]),
        "record_hash": f"{system}{number}",
    }


def touch(number: int, chance: random.Random) -> Row:
    return {
        "interaction_key": f"desk:tickets:{number}",
        "source_system": "desk",
        "source_object": "tickets",
        "source_id": str(number),
        "customer_record_key": f"crm:people:{number % 7}" if number else None,
        "channel": "email",
        "interaction_type": chance.choice(["complaint", "question"]),
        "direction": "inbound",
        "occurred_at": days_ago(number),
        "satisfaction": chance.choice([None, 1, 5]),
    }


def order(key: str, record_key: str | None, at: datetime, status: str = "paid") -> Row:
    system, source_object, source_id = key.split(":")
    return {
        "order_key": key,
        "source_system": system,
        "source_object": source_object,
        "source_id": source_id,
        "customer_record_key": record_key,
        "ordered_at": at,
        "currency": "GBP",
        "order_status": status,
        "channel": "store" if system == "till" else "web",
    }


def refunds(orders: list[Row], lines: list[Row]) -> list[Row]:
    """Every fifth order is refunded whole, every seventh in part; and one that nobody delivered."""
    given_back = []
    for at, head in enumerate(orders):
        for row in lines:
            if row["order_key"] == head["order_key"] and row["net_revenue"] > 0 and (at % 5 == 0 or at % 7 == 0):
                amount = row["net_revenue"] if at % 5 == 0 else Decimal("0.01")
                given_back.append(line(head["order_key"], -1 - row["line_number"], -amount, head["ordered_at"]))
    return [*given_back, line("shop:orders:never delivered", -1, Decimal("-7.00"), days_ago(40))]


def line(order_key: str, position: int, amount: Decimal, refunded_at: datetime | None = None) -> Row:
    return {
        "order_line_key": f"{order_key}:{position}",
        "order_key": order_key,
        "line_number": position,
        "product_key": f"product {position}",
        "product_name": "A product",
        "quantity": 1 if refunded_at is None else -1,
        "unit_price": abs(amount),
        "net_revenue": amount,
        "is_refund": refunded_at is not None,
        "refunded_at": refunded_at,
    }


def build_warehouse(path: Path, tables: dict[str, list[Row]]) -> None:
    """A warehouse as it is before dbt builds golden: standardized tables by their contracts, golden IDs, a load log."""
    with duckdb.connect(str(path)) as con:
        for schema in ("raw", "standardized", "linkage"):
            con.execute(f"create schema {schema}")
        for path_of_model in sorted((PROJECT / "models/standardized").glob("*.yml")):
            declared = yaml.safe_load(path_of_model.read_text())["models"][0]
            table, rows = declared["name"], tables.get(declared["name"], [])
            if not declared.get("config", {}).get("contract"):
                continue
            columns = {column["name"]: column["data_type"] for column in declared["columns"]}
            declaration = ", ".join(f"{name} {data_type}" for name, data_type in columns.items())
            con.execute(f"create table standardized.{table} ({declaration})")
            places = ", ".join("?" for _ in columns)
            for row in rows:
                values = [row.get(column) for column in columns]
                con.execute(f"insert into standardized.{table} values ({places})", values)
        con.execute(
            "create table linkage.clusters as "
            "select record_key, source_id as cluster_id from standardized.std_customer_records"
        )
        assign_golden_ids(con, run_id="first", as_of=AS_OF)
        con.execute("create table linkage.candidate_pairs (record_key_l varchar)")
        create_model_history(con)
        con.execute(
            "create table linkage.review_candidates"
            " (record_key_l varchar, record_key_r varchar, reason varchar, match_weight double)"
        )
        con.execute(
            "create table linkage.cluster_paths (record_key varchar, golden_id varchar, nearest_record_key varchar,"
            " match_weight double, match_rule varchar, linked_by varchar, strongest_comparisons varchar,"
            " opposing_comparisons varchar)"
        )
        con.execute("create table linkage.linkage_quality (run_id varchar, measure varchar, value double)")
        con.execute("insert into linkage.linkage_quality values ('first', 'records', 120)")
        con.execute("""
            create table raw.load_log as
            select
                'load 1' as load_id, 'shop' as source_system, 'orders' as source_object, 'a.csv' as file,
                'hash' as file_hash, 'loaded' as status, '' as message, 10::bigint as rows_read,
                7::bigint as rows_accepted, 1::bigint as rows_duplicate, 2::bigint as rows_quarantined,
                timestamp '2026-06-15 01:00:00' as loaded_at
        """)


def run_dbt(warehouse: Path, scratch: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(Path(sys.executable).parent / "dbt"),
        *arguments,
        "--project-dir", str(PROJECT), "--profiles-dir", str(PROFILES),
        "--target-path", str(scratch / "target"), "--log-path", str(scratch / "logs"),
    ]  # fmt: skip
    environment = {**os.environ, "GOLDEN_WAREHOUSE": str(warehouse), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=PROJECT.parent, timeout=600
    )


BUILD = ("build", "--select", "path:models/golden", "path:models/marts", "resource_type:seed", "test_type:singular")


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    scratch = tmp_path_factory.mktemp("marts")
    path = scratch / "warehouse.duckdb"
    build_warehouse(path, company())
    built = run_dbt(path, scratch, *BUILD)
    assert built.returncode == 0, built.stdout[-8000:]
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    result = con.execute(query)
    names = [column[0] for column in result.description]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def by_customer(con: duckdb.DuckDBPyConnection, table: str) -> dict[str, Row]:
    """A mart by the number of the customer in the made-up company."""
    numbers = dict(con.execute("select distinct golden_id, source_id from marts.customer_xref").fetchall())
    return {numbers[row["golden_id"]]: row for row in rows(con, f"select * from marts.{table}")}


class Truth:
    """What the definitions say about the company, from its records alone."""

    def __init__(self) -> None:
        data = company()
        self.revenue: dict[str, Decimal] = defaultdict(Decimal)
        self.refunded: dict[str, Decimal] = defaultdict(Decimal)
        for row in data["std_order_lines"]:
            self.revenue[row["order_key"]] += row["net_revenue"]
            if row["is_refund"]:
                self.refunded[row["order_key"]] -= row["net_revenue"]
        self.orders: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
        for row in data["std_orders"]:
            if row["customer_record_key"] and row["order_status"] == "paid" and row["ordered_at"].date() <= AS_OF:
                number = row["customer_record_key"].rpartition(":")[2]
                self.orders[number].append((row["ordered_at"].date(), self.revenue[row["order_key"]]))

    def purchases(self, number: str) -> list[date]:
        return sorted(day for day, amount in self.orders[number] if amount > 0)

    def rfm(self) -> dict[str, tuple[int, int, Decimal]]:
        measures = {}
        for number, orders in self.orders.items():
            within = [(day, amount) for day, amount in orders if (AS_OF - day).days < 365]
            bought = [day for day, amount in within if amount > 0]
            if bought:
                measures[number] = ((AS_OF - max(bought)).days, len(bought), sum((a for _, a in within), Decimal()))
        return measures


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth()


def test_every_order_is_there_and_carries_its_customer(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    orders = {row["order_key"]: row for row in rows(warehouse, "select * from marts.fct_orders")}
    assert set(orders) == {row["order_key"] for row in company()["std_orders"]}
    assert all(row["net_revenue"] == truth.revenue[key] for key, row in orders.items())
    golden_ids = dict(warehouse.execute("select record_key, golden_id from marts.customer_xref").fetchall())
    assert all(row["golden_id"] == golden_ids.get(row["customer_record_key"]) for row in orders.values())
    assert orders["till:tickets:anonymous"]["golden_id"] is None
    total = warehouse.execute("select sum(net_revenue), count(*) from marts.fct_order_lines").fetchone()
    lines = company()["std_order_lines"]
    assert total == (sum(row["net_revenue"] for row in lines), len(lines))


def test_revenue_is_net_of_refunds_and_what_was_refunded_whole_is_no_purchase(
    warehouse: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    sold = Counter(row["order_key"] for row in company()["std_order_lines"] if not row["is_refund"])
    refunded_whole = 0
    for row in rows(warehouse, "select * from marts.fct_orders"):
        key = row["order_key"]
        assert row["refunded_amount"] == truth.refunded[key]
        assert row["gross_revenue"] == truth.revenue[key] + truth.refunded[key]
        assert row["line_count"] == sold[key]
        assert row["is_purchase"] == (row["is_paid"] and truth.revenue[key] > 0)
        refunded_whole += row["is_paid"] and row["gross_revenue"] > 0 and not row["is_purchase"]
    assert refunded_whole > 3
    # Nobody delivered the order, so no order is lower by this refund; the line is there.
    assert warehouse.execute(
        "select order_key, net_revenue, golden_id, ordered_at from marts.fct_order_lines"
        " where is_refund and order_key not in (select order_key from marts.fct_orders)"
    ).fetchall() == [("shop:orders:never delivered", Decimal("-7.00"), None, None)]


def test_rfm_measures(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    found = {
        number: (row["recency_days"], row["frequency"], row["monetary"])
        for number, row in by_customer(warehouse, "customer_rfm").items()
    }
    assert found == truth.rfm()
    assert any(amount < 0 and (AS_OF - day).days < 365 for number in found for day, amount in truth.orders[number]), (
        "the company must have refunds in the window"
    )


def test_rfm_scores_and_types(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    expected = truth.rfm()
    count = len(expected)
    measures = {
        "r": {number: -r for number, (r, _, _) in expected.items()},
        "f": {number: f for number, (_, f, _) in expected.items()},
        "m": {number: m for number, (_, _, m) in expected.items()},
    }
    for number, row in by_customer(warehouse, "customer_rfm").items():
        for name, values in measures.items():
            below = sum(other < values[number] for other in values.values())
            assert row[f"{name}_score"] == min(5, 1 + (5 * below) // (count - 1))
        code = f"{row['r_score']}{row['f_score']}{row['m_score']}"
        assert row["rfm_code"] == code
        kind = "".join("H" if values[number] * count > sum(values.values()) else "L" for values in measures.values())
        assert row["rfm_8type"] == kind


def test_value_tiers(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    revenue = {number: monetary for number, (_, _, monetary) in truth.rfm().items()}
    total = sum(revenue.values())
    found = by_customer(warehouse, "customer_value_tier")
    assert set(found) == set(revenue)
    for number, row in found.items():
        before = sum(amount for amount in revenue.values() if amount > revenue[number]) / total
        assert row["value_tier"] == (
            "high" if before < Decimal("0.8") else "medium" if before < Decimal("0.95") else "low"
        )
        assert row["revenue_share_before"] == pytest.approx(float(before), abs=1e-6)
    assert {row["value_tier"] for row in found.values()} == {"high", "medium", "low"}


def percentile(values: list[float], share: float) -> float:
    values = sorted(values)
    position = share * (len(values) - 1)
    low = int(position)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (position - low)


def stage(purchases: list[date], day: date, active: float, silent: float) -> str:
    bought = [other for other in purchases if other <= day]
    if not bought:
        return "prospect"
    if len(bought) == 1 and (day - bought[0]).days <= 30:
        return "new"
    since = (day - bought[-1]).days
    return "active" if since <= active else "silent" if since <= silent else "churned"


def own_pace_limits(truth: Truth) -> dict[str, tuple[float, float]]:
    gaps = {}
    for number in map(str, range(CUSTOMERS)):
        days = sorted(set(truth.purchases(number)))
        gaps[number] = [(later - earlier).days for earlier, later in pairwise(days)]
    population = median(gap for own in gaps.values() for gap in own)
    interval = {
        n: (len(own) * (median(own) if own else 0) + 3 * population) / (len(own) + 3) for n, own in gaps.items()
    }
    at_return = [gap / interval[number] for number, own in gaps.items() for gap in own]
    active, silent = percentile(at_return, 0.80), percentile(at_return, 0.95)
    return {n: (min(active * g + 1e-6, 730), min(silent * g + 1e-6, 730)) for n, g in interval.items()}


def test_lifecycle_now(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    limits = own_pace_limits(truth)
    found = by_customer(warehouse, "customer_lifecycle")
    assert len(found) == CUSTOMERS
    for number, row in found.items():
        purchases = truth.purchases(number)
        assert row["lifecycle_fixed"] == stage(purchases, AS_OF, 180, 365)
        assert row["lifecycle_own_pace"] == stage(purchases, AS_OF, *limits[number])
        assert row["order_count"] == len(purchases)
    assert set(Counter(row["lifecycle_fixed"] for row in found.values())) >= {"prospect", "active", "silent", "churned"}


def test_lifecycle_history_says_the_right_stage_on_every_day(
    warehouse: duckdb.DuckDBPyConnection, truth: Truth
) -> None:
    numbers = dict(warehouse.execute("select distinct golden_id, source_id from marts.customer_xref").fetchall())
    own_pace = own_pace_limits(truth)
    periods = defaultdict(list)
    for row in rows(warehouse, "select * from marts.customer_lifecycle_history"):
        periods[numbers[row["golden_id"]], row["lifecycle"]].append(row)
    assert len(periods) == 2 * CUSTOMERS
    for (number, lifecycle), history in periods.items():
        limits = (180, 365) if lifecycle == "lifecycle_fixed" else own_pace[number]
        purchases = truth.purchases(number)
        day = min(row["valid_from"] for row in history)
        while day <= AS_OF:
            holding = [
                r["stage"] for r in history if r["valid_from"] <= day and (not r["valid_to"] or day < r["valid_to"])
            ]
            assert holding == [stage(purchases, day, *limits)], (number, lifecycle, day)
            day += timedelta(days=1)
        earlier = sorted(history, key=lambda row: row["valid_from"])
        assert all(a["stage"] != b["stage"] for a, b in pairwise(earlier))


def test_loyalty(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    stated = defaultdict(list)
    for row in company()["std_interactions"]:
        if row["customer_record_key"] and row["satisfaction"]:
            stated[row["customer_record_key"].rpartition(":")[2]].append(row["satisfaction"])
    found = by_customer(warehouse, "customer_loyalty")
    for number in map(str, range(CUSTOMERS)):
        purchases = truth.purchases(number)
        within = [day for day in purchases if (AS_OF - day).days < 365]
        quarters = {(day.year, (day.month - 1) // 3) for day in within}
        surveys = stated[number]
        if not purchases:
            assert number not in found
        elif stage(purchases, AS_OF, 180, 365) == "churned":
            assert found[number]["loyalty"] == "lost"
        else:
            is_loyal = len(within) >= 3 and len(quarters) >= 2 and (not surveys or sum(surveys) >= 4 * len(surveys))
            assert found[number]["loyalty"] == ("loyal" if is_loyal else "ordinary")
    assert {row["loyalty"] for row in found.values()} == {"loyal", "ordinary", "lost"}


def test_attributes_of_a_customer_rank_by_trust_then_age(warehouse: duckdb.DuckDBPyConnection) -> None:
    numbers = dict(warehouse.execute("select distinct golden_id, source_id from marts.customer_xref").fetchall())
    trust = ["declared", "observed", "bought"]
    never = datetime(1970, 1, 1)

    def preference(row: Row) -> tuple:
        age = AS_OF - (row["source_updated_at"] or never).date()
        return trust.index(row["trust"]), age, row["record_key"], row["value"]

    stated = defaultdict(list)
    for row in company()["std_customer_attributes"]:
        if row["source_id"].isdigit():
            stated[row["source_id"], row["value"]].append(row)
    best = {key: min(rows, key=preference) for key, rows in stated.items()}
    found = rows(warehouse, "select * from marts.customer_attributes order by golden_id, value_rank")
    assert len(found) == len(best)
    assert any(len(rows) > 1 for rows in stated.values())
    for row in found:
        key = numbers[row["golden_id"]], row["value"]
        assert (row["record_key"], row["trust"]) == (best[key]["record_key"], best[key]["trust"])
        assert row["record_count"] == len(stated[key])
        assert row["as_of"] == AS_OF
        rivals = sorted((own for (number, _), own in best.items() if number == key[0]), key=preference)
        assert row["value_rank"] == 1 + [own["value"] for own in rivals].index(row["value"])


def test_the_newest_consent_of_any_record_holds_and_ties_are_refusals(warehouse: duckdb.DuckDBPyConnection) -> None:
    given = defaultdict(list)
    for row in company()["std_consents"]:
        if row["given_at"].date() <= AS_OF:
            given[row["source_id"]].append(row)
    found = by_customer(warehouse, "customer_consents")
    assert set(found) == set(given)
    ties = 0
    for number, changes in given.items():
        newest = [row for row in changes if row["given_at"] == max(other["given_at"] for other in changes)]
        ties += len({row["is_granted"] for row in newest}) > 1
        row = found[number]
        assert row["is_granted"] == all(other["is_granted"] for other in newest)
        assert (row["given_at"], row["change_count"]) == (newest[0]["given_at"], len(changes))
        holding = [other for other in newest if other["is_granted"] == row["is_granted"]]
        assert row["record_key"] == min(other["record_key"] for other in holding)
        assert row["wording_version"] in {other["wording_version"] for other in holding}
    assert ties > 0
    assert any(row["given_at"].date() > AS_OF for row in company()["std_consents"])


def test_transition_matrix_counts_every_known_customer(warehouse: duckdb.DuckDBPyConnection) -> None:
    for row in rows(warehouse, "select * from marts.lifecycle_transition_matrix"):
        previous = row["month_end"].replace(day=1) - timedelta(days=1)
        month_ends = (previous, row["month_end"])
        stages = defaultdict(lambda: ["unknown", "unknown"])
        for period in rows(
            warehouse, f"select * from marts.customer_lifecycle_history where lifecycle = '{row['lifecycle']}'"
        ):
            for position, day in enumerate(month_ends):
                if period["valid_from"] <= day and (period["valid_to"] is None or day < period["valid_to"]):
                    stages[period["golden_id"]][position] = period["stage"]
        counted = Counter(tuple(pair) for pair in stages.values())
        assert row["customers"] == counted[row["from_stage"], row["to_stage"]]
        of_stage = sum(n for (old, new), n in counted.items() if old == row["from_stage"] and new != "unknown")
        assert row["share_of_from_stage"] == row["customers"] / of_stage
    newest = warehouse.execute("select max(month_end) from marts.lifecycle_transition_matrix").fetchone()
    assert newest == (date(2026, 5, 31),)


def test_every_value_of_a_customer_has_its_origin_and_no_other(warehouse: duckdb.DuckDBPyConnection) -> None:
    measures = {"golden_id", "as_of", "record_count", "source_system_count", "first_updated_at", "last_updated_at"}
    origins = {
        (row["golden_id"], row["attribute"]): row
        for row in rows(warehouse, "select * from marts.customer_value_origin")
    }
    records = {row["record_key"]: row for row in company()["std_customer_records"]}
    stated = {}
    for customer in rows(warehouse, "select * from marts.dim_customer"):
        for attribute, value in customer.items():
            if attribute not in measures and value is not None:
                stated[customer["golden_id"], attribute] = value
    assert set(stated) == set(origins)
    for key, value in stated.items():
        origin = origins[key]
        assert records[origin["record_key"]][key[1]] == value
        assert origin["value"] == (str(value).lower() if isinstance(value, bool) else str(value))


def test_name_and_address_come_from_one_record_each(warehouse: duckdb.DuckDBPyConnection) -> None:
    groups = warehouse.execute(
        "select golden_id, attribute_group from marts.customer_value_origin "
        "group by all having count(distinct record_key) > 1"
    ).fetchall()
    assert groups == []


def test_customer_360_agrees_with_its_parts(warehouse: duckdb.DuckDBPyConnection, truth: Truth) -> None:
    wide = by_customer(warehouse, "customer_360")
    assert len(wide) == CUSTOMERS
    for number, row in wide.items():
        assert row["lifetime_revenue"] == sum((amount for _, amount in truth.orders[number]), Decimal())
        touches = [t for t in company()["std_interactions"] if t["customer_record_key"] == f"crm:people:{number}"]
        assert row["interaction_count"] == len(touches)
        stated = [t["satisfaction"] for t in touches if t["satisfaction"]]
        assert row["mean_satisfaction"] == (pytest.approx(sum(stated) / len(stated)) if stated else None)


def test_a_rebuild_gives_the_same_bytes(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    data = company()
    for shuffled in data.values():
        random.Random(3).shuffle(shuffled)
    path = tmp_path / "again.duckdb"
    build_warehouse(path, data)
    built = run_dbt(path, tmp_path, *BUILD[:1], "--threads", "1", *BUILD[1:])
    assert built.returncode == 0, built.stdout[-8000:]
    tables = warehouse.execute(
        "select table_schema || '.' || table_name from information_schema.tables "
        "where table_schema in ('golden', 'marts') order by all"
    ).fetchall()
    assert len(tables) > 15
    with duckdb.connect(str(path), read_only=True) as con:
        for (table,) in tables:
            assert con.execute(f"from {table}").fetchall() == warehouse.execute(f"from {table}").fetchall(), table
