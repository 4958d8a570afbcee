"""A company has only some of the source systems: any subset gives the same tables, and every mart says what it lacks."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from dagster_project.ingest.declaration import read_source_objects
from sample_data.generator import generate
from tests.project import ROOT, Project, copy_project

OBJECTS = read_source_objects(ROOT / "dagster_project" / "defs" / "sources")
NEEDS = {
    "deliveries", "reference_data", "customer_records", "customer_records_ever", "orders", "customer_orders", "order_lines",
    "interactions", "interactions_or_orders", "customer_interactions", "satisfaction", "consents", "attributes", "campaigns",
    "people_of_organisations", "shared_homes", "relationships", "identified_visitors",
    "linked_records", "pairs_in_doubt",
}  # fmt: skip


@dataclass(frozen=True)
class Company:
    """A run on some of the systems, what it printed, and what a user of it expects."""

    project: Project
    printed: str
    systems: frozenset[str]
    met: frozenset[str]
    """Needs that its deliveries meet."""
    warnings: frozenset[str]
    """Checks that may warn: references to records of systems that it does not have, and what is wrong in the demo itself."""


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `landing` and `truth` of a small demo company, from which subsets take their files."""
    folder = tmp_path_factory.mktemp("deliveries")
    generate(folder / "landing", folder / "truth", customers=300, progress=lambda _: None)
    return folder


def run_on(landing: Path, project: Project) -> tuple[Project, str]:
    done = project.run("run", "--landing", str(landing))
    assert done.returncode == 0, done.stdout + done.stderr
    return project, done.stdout


@pytest.fixture(scope="module")
def contact_list(demo: tuple[Project, str], tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The smallest: a handful of contacts of a CRM, in an installation that has tried the demo company before."""
    folder = tmp_path_factory.mktemp("contact_list")
    shutil.copytree(demo[0].root, folder / "project")
    contacts = (demo[0].landing / "zoho_crm/contacts_20111209.csv").read_text(encoding="utf-8").splitlines()
    (folder / "landing/zoho_crm").mkdir(parents=True)
    (folder / "landing/zoho_crm/contacts_20111209.csv").write_text("\n".join(contacts[:6]) + "\n", encoding="utf-8")
    return Company(
        *run_on(folder / "landing", Project(folder / "project")),
        systems=frozenset({"zoho_crm"}),
        met=frozenset({"deliveries", "reference_data", "customer_records", "customer_records_ever"}),
        warnings=frozenset(),
    )


@pytest.fixture(scope="module")
def shop(deliveries: Path, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The middle: a web shop, its surveys and its form, and the ERP in which companies are invoiced."""
    folder = tmp_path_factory.mktemp("shop")
    systems = frozenset({"web_shop", "surveys", "self_service", "erp"})
    for system in systems:
        shutil.copytree(deliveries / "landing" / system, folder / "landing" / system)
    return Company(
        *run_on(folder / "landing", copy_project(folder / "project")),
        systems=systems,
        met=frozenset(NEEDS - {"campaigns"}),
        warnings=frozenset(
            {
                "refunds_of_unknown_orders",  # two refunds are of orders older than the data
                "relationships_std_interactions_customer_record_key",  # answers of members and requesters
                "relationships_std_interactions_related_order_key",  # payments of an invoice in quarantine
            }
        ),
    )


@pytest.fixture(scope="module")
def everything(demo: tuple[Project, str]) -> Company:
    """All: the demo company."""
    return Company(
        *demo,
        systems=frozenset(item.system for item in OBJECTS),
        met=frozenset(NEEDS),
        warnings=frozenset({"refunds_of_unknown_orders", "relationships_std_interactions_related_order_key"}),
    )


@pytest.fixture(scope="module", params=["contact_list", "shop", "everything"])
def company(request: pytest.FixtureRequest) -> Company:
    return request.getfixturevalue(request.param)


def columns(project: Project, database: Path, *schemas: str) -> dict[str, list[tuple[str, str]]]:
    """Relation -> its columns in their order, with their types."""
    found: dict[str, list[tuple[str, str]]] = {}
    for relation, column, data_type in project.query(
        "select table_schema || '.' || table_name, column_name, data_type from information_schema.columns"
        f" where list_contains({list(schemas)}, table_schema) order by 1, ordinal_position",
        database=database,
    ):
        found.setdefault(relation, []).append((column, data_type))
    return found


def test_every_published_table_is_there_with_the_same_columns(company: Company, demo: tuple[Project, str]) -> None:
    whole = columns(demo[0], demo[0].published, "marts")
    assert {"marts.dim_customer", "marts.fct_orders", "marts.mart_readiness", "marts.manifest"} <= whole.keys()
    assert columns(company.project, company.project.published, "marts") == whole


def test_every_layer_has_the_same_tables(company: Company, demo: tuple[Project, str]) -> None:
    """What is absent leaves empty, typed tables: raw ones of every object and all that is built on them."""
    layers = ("raw", "reference", "staging", "standardized", "linkage", "golden", "marts")
    whole = columns(demo[0], demo[0].warehouse, *layers)
    assert {f"raw.{item.table}" for item in OBJECTS} <= whole.keys()
    own = columns(company.project, company.project.warehouse, *layers)
    # What linkage remembers of persons or organisations it has from the first ones on.
    memories = {table for table in whole if table.startswith("linkage.state_")}
    assert own.keys() <= whole.keys()
    assert {table: own[table] for table in own.keys() - memories} == {
        table: whole[table] for table in whole.keys() - memories
    }


def test_readiness_says_exactly_what_is_missing(company: Company) -> None:
    rows = company.project.query("select mart, need, is_met, row_count, note_en, note_zh from marts.mart_readiness")
    assert {need for _, need, *_ in rows} == NEEDS
    assert {need for _, need, is_met, *_ in rows if is_met} == company.met
    for _, _, is_met, row_count, *notes in rows:
        assert (row_count > 0) == is_met
        assert all((note is None) == is_met for note in notes)
    published = {table for (table,) in company.project.query("select table_name from marts.manifest")}
    assert {mart for mart, *_ in rows} == published


def test_a_mart_is_empty_exactly_where_readiness_says_so(company: Company) -> None:
    empty = {table for (table,) in company.project.query("select table_name from marts.manifest where row_count = 0")}
    assert empty == {
        mart
        for (mart,) in company.project.query(
            "select distinct mart from marts.mart_readiness where is_essential and not is_met"
        )
    }


def test_the_summary_names_every_mart_that_lacks_something(company: Company) -> None:
    lacking = {
        mart for (mart,) in company.project.query("select distinct mart from marts.mart_readiness where not is_met")
    }
    told = company.printed.partition("缺少数据的集市")[2].partition("Checks:")[0]
    assert set(re.findall(r"^  (\w+): ", told, re.M)) == lacking


def test_loads_reconcile_for_every_object(company: Company) -> None:
    project = company.project
    logged = {
        source: numbers
        for source, *numbers in project.query(
            "select source_system || '.' || source_object, sum(rows_accepted)::bigint, sum(rows_quarantined)::bigint,"
            " sum(rows_unaccounted)::bigint from marts.load_reconciliation group by 1"
        )
    }
    assert {source.partition(".")[0] for source in logged} == company.systems
    for item in OBJECTS:
        accepted, quarantined, unaccounted = logged.get(item.qualified_name, (0, 0, 0))
        assert unaccounted == 0
        assert project.query(f"select count(*) from raw.{item.table}", database=project.warehouse) == [(accepted,)]
        assert project.query(
            f"select count(*) from raw.quarantine where source_system = '{item.system}'"
            f" and source_object = '{item.name}'",
            database=project.warehouse,
        ) == [(quarantined,)]


def test_no_check_fails_and_all_have_run(company: Company, demo: tuple[Project, str]) -> None:
    assert "FAILED" not in company.printed
    warned = re.findall(r"^  warning \S+ / (\S+)", company.printed, re.M)
    assert {re.split(r"__(record|order)_key__", check)[0] for check in warned} <= company.warnings
    (passed, evaluated), (_, of_the_demo) = (
        map(int, re.findall(r"Checks: (\d+) of (\d+) passed", printed)[0]) for printed in (company.printed, demo[1])
    )
    assert passed == evaluated - len(warned)
    assert evaluated == of_the_demo
    # A test whose tables are built in different steps belongs to no step and silently never runs.
    assert "did not yield" not in company.printed


def test_a_contact_list_alone_gives_customers(contact_list: Company) -> None:
    project = contact_list.project
    assert project.query("select count(*) from marts.customer_xref") == [(5,)]
    assert project.query("select sum(record_count) from marts.dim_customer") == [(5,)]
    assert project.query(
        "select distinct lifecycle_fixed, lifetime_revenue, interaction_count from marts.customer_360"
    ) == [("prospect", 0, 0)]


def test_own_deliveries_never_mix_with_the_demo(contact_list: Company) -> None:
    """The demo makes room, and does not come back by accident."""
    project = contact_list.project
    assert "set aside" in contact_list.printed
    assert project.warehouse.with_name("warehouse.demo.duckdb").exists()
    assert "Accuracy" in contact_list.printed  # the contacts are the demo's, so the truth knows them

    before = project.published.read_bytes()
    refused = project.run("run")
    assert refused.returncode == 2
    assert "holds the deliveries of" in refused.stdout
    assert project.published.read_bytes() == before


def test_what_a_subset_delivers_arrives_whole(shop: Company, deliveries: Path) -> None:
    expected = json.loads((deliveries / "truth/expected_quarantine.json").read_text(encoding="utf-8"))
    found = shop.project.query(
        "select source_system || '.' || source_object, sum(rows_read), sum(rows_accepted), sum(rows_duplicate),"
        " sum(rows_quarantined) from marts.load_reconciliation group by 1"
    )
    assert {source: numbers for source, *numbers in found} == {
        source: [numbers[name] for name in ("rows_read", "accepted", "duplicates", "quarantined")]
        for source, numbers in expected.items()
        if source.partition(".")[0] in shop.systems
    }
