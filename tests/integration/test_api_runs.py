"""Pulls as part of a run: what the assets and their checks say, that nothing secret is told, and that kills do no harm."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import dagster as dg
import duckdb
import pytest
import yaml

from dagster_project.components.source_system import SourceSystem
from dagster_project.ingest.connectors import http, make_connector
from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import PullRefused
from dagster_project.ingest.load import load_object
from dagster_project.ingest.pull import pull_object
from dagster_project.settings import SOURCE_VARIABLES, Settings
from dagster_project.warehouse import connect
from tests import killing
from tests.integration.api_company import (
    ACCOUNT_FIELDS,
    NOW,
    SOURCES,
    account_obj,
    at,
    contact,
    contacts,
    declared,
    zoho_time,
)
from tests.servers.fxiaoke import FxiaokeServer
from tests.servers.http import HTML, Fault
from tests.servers.zoho import ZohoServer

ACCOUNT = {
    **dict.fromkeys(("Phone", "Website", "Industry", "Account_Type", "USCC")),
    **{f"Billing_{name}": None for name in ("Street", "City", "State", "Code", "Country")},
    "id": "1",
    "Owner": None,
    "Account_Name": "Acme",
    "Created_Time": zoho_time(at(9000)),
    "Modified_Time": zoho_time(at(120)),
}


@dataclass
class Runs:
    """Runs of the assets of Zoho's contacts and accounts in an installation of their own."""

    folder: Path
    server: ZohoServer
    monkeypatch: pytest.MonkeyPatch
    instance: dg.DagsterInstance

    def connect(self) -> None:
        """Put the credentials into the environment."""
        for name, value in self.server.environment.items():
            self.monkeypatch.setenv(name, value)

    def run(self) -> dg.ExecuteInProcessResult:
        attributes = yaml.safe_load((SOURCES / "zoho_crm" / "defs.yaml").read_text(encoding="utf-8"))["attributes"]
        objects = [item for item in attributes["objects"] if item["name"] in ("contacts", "accounts")]
        system = SourceSystem(system="zoho_crm", description="", objects=objects)
        definitions = system.build_defs(cast(dg.ComponentLoadContext, None))
        places = {
            "GOLDEN_LANDING": str(self.folder / "landing"),
            "GOLDEN_WAREHOUSE": str(self.folder / "warehouse.duckdb"),
        }
        return dg.materialize(
            list(cast("Any", definitions.assets)),
            resources={"settings": Settings.from_environment(places)},
            instance=self.instance,
            raise_on_error=False,
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.folder / "warehouse.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setattr(http, "_tokens", {})
    for name in SOURCE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    modules = {"Contacts": contacts(3), "Accounts": [ACCOUNT]}
    with ZohoServer(dict(modules)) as server, dg.DagsterInstance.ephemeral() as instance:
        yield Runs(tmp_path, server, monkeypatch, instance)


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {
        f"{found.asset_key.path[-1]} {found.check_name}": found.passed for found in result.get_asset_check_evaluations()
    }


def pull_metadata(result: dg.ExecuteInProcessResult, table: str) -> object:
    materialization = result.asset_materializations_for_node(f"load_{table}")[0]
    return materialization.metadata["pull"].value


def test_a_run_pulls_and_loads(runs: Runs) -> None:
    runs.connect()
    result = runs.run()
    assert result.success
    assert all(checks(result).values())
    assert pull_metadata(result, "zoho_crm__contacts") == "3 rows landed, 0 known before"
    assert runs.query("select count(*) from raw.zoho_crm__contacts") == [(3,)]
    assert runs.query("select source_object, endpoint, status, rows_landed from raw.pull_log order by 1") == [
        ("accounts", "zoho:Accounts", "landed", 1),
        ("contacts", "zoho:Contacts", "landed", 3),
    ]


def test_without_credentials_only_files_are_loaded(runs: Runs) -> None:
    result = runs.run()
    assert result.success
    assert all(checks(result).values())
    assert pull_metadata(result, "zoho_crm__contacts") == "not connected"
    assert runs.server.asked == []
    assert runs.query("select count(*) from raw.zoho_crm__contacts") == [(0,)]


def test_a_refused_pull_is_logged_and_holds_nothing_up(runs: Runs) -> None:
    """Its own check fails; what was landed before stays, the other object is pulled, and the next answer settles it."""
    runs.connect()
    runs.run()
    record = contact(9000, datetime.now(NOW.tzinfo))
    runs.server.modules["Contacts"][record["id"]] = record
    runs.server.modules["Accounts"]["2"] = ACCOUNT | {"id": "2", "Modified_Time": zoho_time(datetime.now(NOW.tzinfo))}
    runs.server.fail("/crm/v8/Contacts", HTML)
    result = runs.run()
    assert result.success
    assert checks(result) == {
        "zoho_crm__contacts deliveries_accepted": False,
        "zoho_crm__contacts pulled_in_time": True,
        "zoho_crm__accounts deliveries_accepted": True,
        "zoho_crm__accounts pulled_in_time": True,
    }
    assert pull_metadata(result, "zoho_crm__contacts") == "refused"
    assert runs.query("select count(*) from raw.zoho_crm__contacts") == [(3,)]
    assert runs.query("select count(*) from raw.zoho_crm__accounts") == [(2,)]
    refused = "select file, rows_read, message like '%web page%' from raw.load_log where status = 'refused'"
    assert runs.query(refused) == [("zoho:Contacts", 0, True)]
    runs.run()
    assert runs.query(refused) == []
    assert runs.query("select count(*) from raw.zoho_crm__contacts") == [(4,)]
    assert runs.query("select status, count(*) from raw.pull_log group by 1 order by 1") == [
        ("landed", 4),
        ("nothing new", 1),
        ("refused", 1),
    ]


def test_what_was_landed_before_is_loaded_although_the_pull_is_refused(runs: Runs) -> None:
    """A run that was killed between pulling and loading left a file."""
    runs.connect()
    declaration = declared("zoho_crm.contacts")
    connector = make_connector(declaration, runs.folder)
    assert connector is not None
    pull_object(connector, declaration, runs.folder / "landing", NOW, progress=lambda _: None)
    runs.server.fail("/crm/v8/Contacts", HTML)
    runs.run()
    assert runs.query("select count(*) from raw.zoho_crm__contacts") == [(3,)]


def test_a_source_that_has_not_answered_for_long_is_stale(runs: Runs) -> None:
    runs.connect()
    runs.server.fail("/crm/v8/Contacts", HTML, HTML)
    assert checks(runs.run())["zoho_crm__contacts pulled_in_time"] is False  # never
    runs.run()
    runs.run()
    with connect(runs.folder / "warehouse.duckdb") as con:
        con.execute("update raw.pull_log set pulled_at = pulled_at - interval 49 hours")
    runs.server.fail("/crm/v8/Contacts", HTML)
    result = checks(runs.run())
    assert result["zoho_crm__contacts pulled_in_time"] is False
    assert result["zoho_crm__accounts pulled_in_time"] is True
    assert all(checks(runs.run()).values())


def test_incomplete_credentials_are_a_refusal(runs: Runs) -> None:
    runs.connect()
    runs.monkeypatch.delenv("GOLDEN_ZOHO_REFRESH_TOKEN")
    result = runs.run()
    assert result.success
    assert checks(result)["zoho_crm__contacts deliveries_accepted"] is False
    assert "GOLDEN_ZOHO_REFRESH_TOKEN is not set" in runs.query("select message from raw.load_log")[0][0]


@pytest.mark.parametrize("fault", [None, HTML, Fault(400, '{"code": "NO_PERMISSION"}')], ids=["fine", "HTML", "400"])
def test_no_secret_and_no_person_is_told(runs: Runs, fault: Fault | None, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in an event of the run, nor in its output, nor in the log of loads and pulls."""
    runs.connect()
    if fault is not None:
        runs.server.fail("/crm/v8/Contacts", fault)
    result = runs.run()
    told = "".join(repr(event) for event in runs.instance.all_logs(result.run_id))
    told += "".join(capfd.readouterr())
    told += repr(runs.query("from raw.load_log")) + repr(runs.query("from raw.pull_log"))
    secrets = [value for name, value in runs.server.environment.items() if not name.endswith("URL")]
    people = [str(record[name]) for record in contacts(3) for name in ("Email", "Mobile", "Mailing_Street")]
    assert "zoho_crm" in told
    assert [text for text in [*secrets, *runs.server.tokens, *people] if text in told] == []


def test_an_unforeseen_failure_tells_no_secret(runs: Runs) -> None:
    """An error nobody thought of fails the step; its trace, with all errors behind it, is shown in the UI."""
    runs.connect()
    runs.monkeypatch.setattr("dagster_project.ingest.connectors.zoho.ZohoConnector._list_in", lambda *_: 1 / 0)
    result = runs.run()
    assert not result.success
    told = "".join(repr(event) for event in runs.instance.all_logs(result.run_id))
    assert "ZeroDivisionError" in told
    secrets = [value for name, value in runs.server.environment.items() if not name.endswith("URL")]
    assert [text for text in [*secrets, *runs.server.tokens] if text in told] == []
    assert list((runs.folder / "landing" / "zoho_crm" / "pulled").iterdir()) == []


# Kills.


def pull_and_load(name: str, environment: dict[str, str], folder: Path) -> None:
    """What the asset does, in a process that may be killed."""
    declaration = declared(name)
    connector = make_connector(declaration, folder, environment)
    assert connector is not None
    pull_object(connector, declaration, folder / "landing", NOW, progress=lambda _: None)
    with connect(folder / "warehouse.duckdb") as con:
        load_object(con, declaration, folder / "landing", NOW.replace(tzinfo=None), progress=lambda _: None)


def left_by(folder: Path, declaration: SourceObject) -> tuple[list[tuple[str, bytes]], list[tuple[Any, ...]], Any]:
    """Landed files with their bytes, and the rows and counts of the warehouse."""
    pulled = folder / "landing" / declaration.system / "pulled"
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute(f"from raw.{declaration.table} order by all").fetchall()
        log = con.execute("select file, status, rows_read, rows_accepted, rows_duplicate from raw.load_log").fetchall()
    return sorted((path.name, path.read_bytes()) for path in pulled.iterdir()), rows, log


@pytest.fixture(params=["zoho_crm.contacts", "fxiaoke.accounts"])
def source(request: pytest.FixtureRequest) -> Iterator[tuple[str, ZohoServer | FxiaokeServer]]:
    if request.param == "zoho_crm.contacts":
        with ZohoServer({"Contacts": contacts(450)}) as zoho:
            yield request.param, zoho
        return
    records = [account_obj(number, at(60 + 249 - number)) for number in range(250)]
    with FxiaokeServer({"AccountObj": records}, {"AccountObj": ACCOUNT_FIELDS}) as fxiaoke:
        yield request.param, fxiaoke


def test_killed_in_the_middle_of_a_pull_or_a_load(
    source: tuple[str, ZohoServer | FxiaokeServer], tmp_path: Path
) -> None:
    """Killed at places all over pulling and loading, and started again, it leaves what an undisturbed run leaves."""
    name, server = source
    declaration = declared(name)
    found = killing.places(pull_and_load, name, server.environment, tmp_path / "undisturbed")
    expected = left_by(tmp_path / "undisturbed", declaration)
    assert len(expected[1]) >= 250
    module = f"{declaration.pull.connector if declaration.pull else ''}.py"
    stages = {
        stage: [place for place in found if Path(place.file).name in files]
        for stage, files in {
            "asking": {module, "http.py"},
            "landing": {"pull.py"},
            "loading": {"load.py", "arrival.py", "files.py", "duplicates.py"},
        }.items()
    }
    for stage, places in stages.items():
        assert places, stage
        for number, place in enumerate(killing.spread(places, 3)):
            folder = tmp_path / f"{stage}_{number}"
            killing.run_killed(place, pull_and_load, name, server.environment, folder)
            killing.run(pull_and_load, name, server.environment, folder)
            assert left_by(folder, declaration) == expected, f"killed: {place}"


def test_killed_while_a_page_is_awaited(source: tuple[str, ZohoServer | FxiaokeServer], tmp_path: Path) -> None:
    """The server holds the third page back; the client is killed from outside, with two pages written to its part."""
    name, server = source
    declaration = declared(name)
    server.hold = 3
    process = multiprocessing.get_context("spawn").Process(
        target=pull_and_load, args=(name, server.environment, tmp_path)
    )
    process.start()
    assert server.held.wait(60)
    process.kill()
    process.join()
    pulled = tmp_path / "landing" / declaration.system / "pulled"
    assert [path.suffix for path in pulled.iterdir()] == [".part"]
    server.release()
    killing.run(pull_and_load, name, server.environment, tmp_path)
    killing.run(pull_and_load, name, server.environment, tmp_path / "undisturbed")
    assert left_by(tmp_path, declaration) == left_by(tmp_path / "undisturbed", declaration)


def test_two_pulls_of_one_process_share_no_state(tmp_path: Path) -> None:
    """A connector that was refused once works when it is asked again."""
    with ZohoServer({"Contacts": contacts(3)}) as server:
        declaration = declared("zoho_crm.contacts")
        connector = make_connector(declaration, tmp_path, server.environment)
        assert connector is not None
        server.fail("/crm/v8/Contacts", HTML)
        with pytest.raises(PullRefused):
            pull_object(connector, declaration, tmp_path, NOW, progress=lambda _: None)
        assert pull_object(connector, declaration, tmp_path, NOW, progress=lambda _: None).rows == 3
