"""The definitions load, quickly enough, and the graph is what the documents say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.ingest.declaration import read_source_objects

ROOT = Path(__file__).resolve().parents[2]
LAYERS = {"raw", "reference", "staging", "standardized", "linkage", "golden", "marts", "published"}


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    from dagster_project.definitions import defs

    return defs()


def test_groups_are_the_layers(definitions: dg.Definitions) -> None:
    specs = definitions.resolve_asset_graph().get_all_asset_keys()
    groups = {definitions.resolve_asset_graph().get(key).group_name for key in specs}
    systems = {item.system for item in read_source_objects(ROOT / "dagster_project" / "defs" / "sources")}
    assert groups == LAYERS | {f"raw_{system}" for system in systems}


def test_every_asset_is_described(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    missing = [key for key in graph.get_all_asset_keys() if not graph.get(key).description]
    assert missing == []


def test_dbt_models_wait_for_the_assets_they_read(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    staging = graph.get(dg.AssetKey(["staging", "stg_pos__members"]))
    assert {dg.AssetKey(["raw", "pos__members"]), dg.AssetKey(["raw", "load_log"])} <= staging.parent_keys
    golden = graph.get(dg.AssetKey(["golden", "golden_xref"]))
    assert dg.AssetKey(["linkage", "golden_id_assignment"]) in golden.parent_keys
    model = graph.get(dg.AssetKey(["linkage", "model"]))
    assert dg.AssetKey(["standardized", "std_customer_records"]) in model.parent_keys


def test_no_asset_is_read_that_nobody_makes(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    orphans = [key for key in graph.get_all_asset_keys() if not graph.get(key).is_materializable]
    assert orphans == []


def test_publication_comes_last(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    published = graph.get(dg.AssetKey(["published", "customers"]))
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert marts <= published.parent_keys


def test_suites_are_blocking_checks(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    suites = [key for key in graph.asset_check_keys if key.name == "expectations"]
    layers = {key.asset_key.path[0] for key in suites}
    assert {"raw", "standardized", "linkage", "golden", "marts"} <= layers
    assert all(graph.get_check_spec(key).blocking for key in suites)


def test_jobs_schedule_and_sensor_exist(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {"everything", "refresh", "retrain"} <= set(repository.job_names)
    assert repository.has_schedule_def("daily_refresh")
    retraining = repository.get_schedule_def("monthly_retraining")
    assert retraining.job_name == "retrain"
    assert retraining.default_status == dg.DefaultScheduleStatus.STOPPED
    assert repository.has_sensor_def("landing_folder")
    refresh = definitions.resolve_job_def("refresh")
    assert dg.AssetKey(["linkage", "model"]) not in refresh.asset_layer.executable_asset_keys


def test_workspace_and_dg_accept_the_project() -> None:
    bin_folder = Path(sys.executable).parent
    for command in (
        [bin_folder / "dg", "check", "defs"],
        [bin_folder / "dagster", "definitions", "validate", "-w", "workspace.yaml"],
    ):
        done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_landing_sensor_waits_until_files_have_arrived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster_project.defs.automation.sensors import landing_folder

    monkeypatch.setenv("GOLDEN_LANDING", str(tmp_path))

    def look(cursor: str | None) -> tuple[int, str | None]:
        with dg.DagsterInstance.ephemeral() as instance:
            result = landing_folder(dg.build_sensor_context(instance=instance, cursor=cursor))
        if isinstance(result, dg.SensorResult):
            return len(result.run_requests or []), result.cursor
        return 0, cursor

    assert look(None) == (0, None)  # empty
    (tmp_path / "people.csv").write_text("a")
    requests, cursor = look(None)
    assert requests == 0  # just arrived: perhaps still being written
    requests, cursor = look(cursor)
    assert requests == 1  # quiet for a look
    assert look(cursor) == (0, cursor)  # nothing new
    (tmp_path / "people.csv").write_text("ab")
    requests, cursor = look(cursor)
    assert requests == 0
    requests, cursor = look(cursor)
    assert requests == 1  # a corrected file is a new state
    (tmp_path / "crm" / "pulled").mkdir(parents=True)
    (tmp_path / "crm" / "pulled" / "people_000001_all.jsonl").write_text("{}")
    assert look(cursor) == (0, cursor)  # what a run has pulled starts no run
