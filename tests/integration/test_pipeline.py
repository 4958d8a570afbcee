"""One run on the demo company: what is published is complete, exact and as accurate as promised."""

from __future__ import annotations

import json
from decimal import Decimal

import duckdb

from tests.project import ROOT, Project

CONTRACT = {
    "dim_customer", "customer_xref", "customer_xref_history", "customer_value_origin", "customer_attributes", "customer_consents",
    "customer_relationships", "customer_households",
    "golden_id_history", "golden_id_redirects", "fct_orders", "fct_order_lines", "fct_interactions", "interaction_types",
    "interaction_channels", "dim_campaign", "customer_360", "customer_rfm", "customer_value_tier", "customer_loyalty",
    "customer_lifecycle", "customer_lifecycle_history", "lifecycle_transition_matrix", "customer_segments",
    "load_reconciliation", "mart_readiness", "linkage_models", "linkage_quality", "linkage_explanations", "review_queue",
    "manifest",
}  # fmt: skip


def expected_quarantine(project: Project) -> dict[str, dict[str, str]]:
    return json.loads((project.root / "data/demo_truth/expected_quarantine.json").read_text(encoding="utf-8"))


def test_contract_tables_are_published(demo: tuple[Project, str]) -> None:
    project, _ = demo
    found = {
        row[0] for row in project.query("select table_name from information_schema.tables where table_schema = 'marts'")
    }
    assert found >= CONTRACT
    manifest = dict(project.query("select table_name, row_count from marts.manifest"))
    assert json.loads(project.published.with_name("manifest.json").read_text())["row_counts"] == manifest
    for table, rows in manifest.items():
        assert project.query(f"select count(*) from marts.{table}") == [(rows,)]


def test_loads_reconcile_and_match_what_the_generator_broke(demo: tuple[Project, str]) -> None:
    project, _ = demo
    found = {
        source: numbers
        for source, *numbers in project.query(
            "select source_system || '.' || source_object, sum(rows_read), sum(rows_accepted), sum(rows_duplicate),"
            " sum(rows_quarantined) from marts.load_reconciliation group by 1"
        )
    }
    expected = expected_quarantine(project)
    assert found == {
        source: [numbers["rows_read"], numbers["accepted"], numbers["duplicates"], numbers["quarantined"]]
        for source, numbers in expected.items()
    }


def test_order_values_add_up_to_the_cent(demo: tuple[Project, str]) -> None:
    project, _ = demo
    histories = ROOT / "sample_data"
    with duckdb.connect() as con:
        given = con.execute(
            f"select sum(line_total) from (select round(quantity * unit_price, 2) as line_total"
            f" from read_parquet('{histories / 'online_retail.parquet'}'))"
        ).fetchone()
    assert given is not None
    expected = expected_quarantine(project)
    explained = sum(Decimal(numbers["quarantined_amount"]) for numbers in expected.values())
    refunded = Decimal(expected["web_shop.refunds"]["refunded_amount"])
    of_unknown_orders = Decimal(expected["web_shop.refunds"]["refunded_amount_of_unknown_orders"])
    assert min(explained, refunded, of_unknown_orders) > 0
    gross = Decimal(given[0]) - explained
    assert project.query("select sum(gross_revenue), sum(refunded_amount), sum(net_revenue) from marts.fct_orders") == [
        (gross, refunded, gross - refunded)
    ]
    assert project.query("select sum(net_revenue) from marts.fct_order_lines") == [
        (gross - refunded - of_unknown_orders,)
    ]


def test_refunds_lower_their_order_and_one_refunded_whole_is_no_purchase(demo: tuple[Project, str]) -> None:
    project, _ = demo
    # Every refund of a known order stands beside the line it refunds, never above its amount.
    assert project.query(
        """
        select count(*) from (
            select refund.order_id, refund.line_no, sum(refund.amount) as refunded, sum(refund.quantity) as given_back
            from raw.web_shop__refunds as refund group by all
        ) join raw.web_shop__order_lines as line using (order_id, line_no)
        where refunded > line.line_total or given_back > line.quantity
        """,
        database=project.warehouse,
    ) == [(0,)]
    whole = project.query(
        "select count(*), count(*) filter (is_purchase), sum(net_revenue) from marts.fct_orders"
        " where is_paid and refunded_amount > 0 and refunded_amount = gross_revenue"
    )
    assert whole[0][0] > 0
    assert whole[0][1:] == (0, Decimal("0.00"))
    assert project.query(
        "select count(*) from marts.fct_order_lines where is_refund and (net_revenue >= 0 or quantity > 0)"
    ) == [(0,)]
    unknown = project.query(
        "select count(*) from marts.fct_order_lines where is_refund and golden_id is null and ordered_at is null"
    )
    assert unknown == [(2,)]


def test_every_record_has_one_golden_id(demo: tuple[Project, str]) -> None:
    project, _ = demo
    records = project.query("select count(*) from standardized.std_customer_records", database=project.warehouse)
    assert project.query("select count(*) from marts.customer_xref") == records
    assert project.query("select count(distinct record_key) from marts.customer_xref") == records
    assert project.query("select count(*) from marts.customer_xref anti join marts.dim_customer using (golden_id)") == [
        (0,)
    ]
    assert project.query("select count(*) from marts.dim_customer anti join marts.customer_xref using (golden_id)") == [
        (0,)
    ]


def test_every_value_has_an_origin(demo: tuple[Project, str]) -> None:
    project, _ = demo
    # What is counted or computed about a customer has no single origin.
    counted = {"golden_id", "as_of", "record_count", "source_system_count", "first_updated_at", "last_updated_at"}
    attributes = {row[0] for row in project.query("describe marts.dim_customer")} - counted
    assert {"full_name", "email", "phone", "city"} <= attributes
    for attribute in attributes:
        lost = project.query(
            f"select count(*) from marts.dim_customer as customer where {attribute} is not null and not exists ("
            f" select 1 from marts.customer_value_origin as origin where origin.golden_id = customer.golden_id"
            f" and origin.attribute = '{attribute}' and origin.value = cast(customer.{attribute} as varchar))"
        )
        assert lost == [(0,)], attribute


def test_rfm_codes_fall_in_one_segment_and_ties_share_scores(demo: tuple[Project, str]) -> None:
    project, _ = demo
    assert project.query(
        "select count(*) from (select rfm_code from marts.customer_rfm group by 1 having count(distinct segment) <> 1)"
    ) == [(0,)]
    for value, score in (("recency_days", "r_score"), ("frequency", "f_score"), ("monetary", "m_score")):
        split = project.query(
            f"select count(*) from (select {value} from marts.customer_rfm group by 1 having count(distinct {score}) > 1)"
        )
        assert split == [(0,)], value
    codes = project.query(
        "select count(*), count(distinct rfm_code) from reference.rfm_segments", database=project.warehouse
    )
    assert codes == [(125, 125)]


def test_accuracy_on_the_demo(demo: tuple[Project, str]) -> None:
    project, printed = demo
    measures = dict(project.query("select measure, value from marts.linkage_quality"))
    assert measures["pairwise_f1"] >= 0.95
    assert measures["chinese_pairwise_f1"] >= 0.95
    assert measures["western_pairwise_f1"] >= 0.95
    assert f"{measures['pairwise_f1']:.4f}" in printed


def test_accuracy_has_intervals_and_is_estimated_without_the_truth(demo: tuple[Project, str]) -> None:
    project, _ = demo
    measures = dict(project.query("select measure, value from marts.linkage_quality"))
    for name in ("pairwise_precision", "pairwise_recall", "b_cubed_f1", "chinese_pairwise_f1"):
        assert measures[f"{name}_low"] < measures[name] < measures[f"{name}_high"]
    for name in ("pairwise_precision", "b_cubed_precision"):
        assert abs(measures[f"estimated_{name}"] - measures[name]) < 0.03, name
    # The model knows no pair that nothing proposed, so its recall is an upper bound.
    assert measures["b_cubed_recall"] < measures["estimated_b_cubed_recall"] < 1
    sizes = [value for name, value in measures.items() if name.startswith("customers_with_") and "_records" in name]
    assert sum(sizes) == measures["golden_customers"]
    assert measures["within_limits"] == 1


def test_the_review_queue_holds_every_pair_in_doubt_once_the_costliest_first(demo: tuple[Project, str]) -> None:
    project, _ = demo
    candidates = project.query("select count(*) from linkage.review_candidates", database=project.warehouse)
    assert project.query("select count(*) from marts.review_queue") == candidates
    assert candidates[0][0] > 0
    costs = project.query(
        "select chance_of_error * abs(revenue_moved), suggested_decision = if(is_same_customer, 'match', 'no_match')"
        " from marts.review_queue where reason in ('doubtful', 'alike but apart') order by review_rank"
    )
    assert [cost for cost, _ in costs] == sorted((cost for cost, _ in costs), reverse=True)
    assert costs[0][0] > 0
    assert all(is_present_state for _, is_present_state in costs)


def test_every_record_that_shares_a_customer_says_why(demo: tuple[Project, str]) -> None:
    project, _ = demo
    unexplained = project.query(
        "select count(*) from (from marts.customer_xref qualify count(*) over (partition by golden_id) > 1)"
        " anti join marts.linkage_explanations using (record_key, golden_id)"
    )
    assert unexplained == [(0,)]
    assert project.query(
        "select count(*) from marts.linkage_explanations as e"
        " join marts.customer_xref as n on n.record_key = e.nearest_record_key where n.golden_id <> e.golden_id"
    ) == [(0,)]
    assert {row[0] for row in project.query("select distinct linked_by from marts.linkage_explanations")} == {
        "evidence",
        "rule",
        "contact",
    }


def test_any_pair_and_any_customer_can_be_explained(project_after_run: Project) -> None:
    project = project_after_run
    log = (project.root / "data/logs/run.log").read_text(encoding="utf-8")
    left, right = project.query(
        "select record_key_l, record_key_r from marts.review_queue"
        " where reason = 'alike but apart' order by review_rank limit 1"
    )[0]
    pair = project.run("explain", left, right)
    assert pair.returncode == 0, pair.stdout + pair.stderr
    for words in (left, right, "match weight", "two customers", "Proposed by", "alike but apart"):
        assert words in pair.stdout
    charts = list((project.root / "data/explanations").glob("*.html"))
    assert len(charts) == 1
    assert "Final score" in charts[0].read_text(encoding="utf-8")
    golden_id, record = project.query(
        "select golden_id, record_key from marts.linkage_explanations order by record_key limit 1"
    )[0]
    for key in (golden_id, record):
        customer = project.run("explain", key)
        assert customer.returncode == 0, customer.stdout + customer.stderr
        assert golden_id in customer.stdout
        assert "came together" in customer.stdout
        assert "created" in customer.stdout
    unknown = project.run("explain", "nobody:at:all")
    assert unknown.returncode == 2
    assert "neither a record" in unknown.stdout
    assert (project.root / "data/logs/run.log").read_text(encoding="utf-8") == log


def test_family_traps_stay_apart(demo: tuple[Project, str]) -> None:
    """Different people of one household stay different customers, by kind of trap.

    Father and son of one name at one address can be told apart by their birth dates alone: where both are known, none
    may merge; where one is missing, nothing in the records says which of the two it is. A record without a name joins
    the only customer who uses its phone or mailbox, who now and then is the other one of a couple.
    """
    project, _ = demo
    truth = project.root / "data/demo_truth/customer_truth.parquet"
    traps = {
        (trap, is_named): (pairs, merged, told_apart)
        for trap, is_named, pairs, merged, told_apart in project.query(
            f"""
            with member as (
                select record.record_key, full_name, birth_date, golden_id, entity_id, household_id, trap
                from linkage.golden_id_assignment
                join standardized.std_customer_records as record using (record_key)
                join read_parquet('{truth}') as truth using (record_key)
                where truth.party_type = 'person' and household_id is not null
            )
            select coalesce(a.trap, b.trap), a.full_name is not null and b.full_name is not null, count(*),
                count(*) filter (a.golden_id = b.golden_id),
                count(*) filter (a.golden_id = b.golden_id and a.birth_date <> b.birth_date)
            from member as a join member as b
                on a.household_id = b.household_id and a.record_key < b.record_key and a.entity_id <> b.entity_id
            group by all
            """,
            database=project.warehouse,
        )
    }
    for trap in ("spouse", "parent_child", "twin", "sibling"):
        pairs, merged, _ = traps[trap, True]
        assert pairs > 300
        assert merged / pairs < 0.01, trap
        pairs, merged, _ = traps[trap, False]
        assert pairs > 100
        assert merged / pairs < 0.05, trap
    assert traps["father_son", True][2] == 0


def test_summary_tells_what_a_user_wants_to_know(demo: tuple[Project, str]) -> None:
    _, printed = demo
    for words in (
        "rows read",
        "quarantined",
        "golden customers",
        "Accuracy",
        "B-cubed",
        "Champions",
        "Checks:",
        "make ui",
    ):
        assert words in printed


def test_personal_data_stays_out_of_logs_and_messages(demo: tuple[Project, str]) -> None:
    project, printed = demo
    log = (project.root / "data/logs/run.log").read_text(encoding="utf-8")
    messages = " ".join(
        row[0] for row in project.query("select message from raw.quarantine", database=project.warehouse)
    )
    for value in project.query("select email from marts.dim_customer where email is not null order by email limit 200"):
        assert value[0] not in printed
        assert value[0] not in log
        assert value[0] not in messages
