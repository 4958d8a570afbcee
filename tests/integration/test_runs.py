"""Runs again, runs with something broken, runs that are killed: what was published stays, and nothing is lost."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from tests.project import Project, copy_project


def contents(database: Path) -> dict[str, str]:
    """Every published table as one ordered text."""
    with duckdb.connect(str(database), read_only=True) as con:
        tables = [row[0] for row in con.execute("select table_name from information_schema.tables").fetchall()]
        return {
            table: con.execute(f"select * from marts.{table} order by all").df().to_csv(index=False) for table in tables
        }


def test_second_run_changes_nothing(demo: tuple[Project, str], project_after_run: Project) -> None:
    again = project_after_run.run("run")
    assert again.returncode == 0, again.stdout + again.stderr
    before, after = contents(demo[0].published), contents(project_after_run.published)
    assert before.keys() == after.keys()
    assert [table for table in before if before[table] != after[table]] == []


def test_broken_expectation_stops_publication_and_is_named(project_after_run: Project) -> None:
    suite = project_after_run.root / "expectations/raw.pos__members.json"
    content = json.loads(suite.read_text(encoding="utf-8"))
    content["expectations"].append(
        {
            "type": "expect_table_row_count_to_be_between",
            "kwargs": {"max_value": 1},
            "severity": "critical",
            "meta": {},
        }
    )
    suite.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    before = project_after_run.published.read_bytes()
    failed = project_after_run.run("run")
    assert failed.returncode == 1
    assert "raw.pos__members" in failed.stdout
    assert "table row count to be between" in failed.stdout
    assert "is as it was before" in failed.stdout
    assert project_after_run.published.read_bytes() == before


def test_a_fall_in_linkage_quality_stops_publication_and_is_named(project_after_run: Project) -> None:
    """The run before was better, as far as its measures tell: readers keep what it published."""
    with duckdb.connect(str(project_after_run.warehouse)) as con:
        con.execute("update linkage.linkage_quality set run_id = 'the day before'")
        con.execute("update linkage.linkage_quality set value = 1 where measure = 'b_cubed_f1'")
    before = project_after_run.published.read_bytes()
    failed = project_after_run.run("run", "--job", "refresh")
    assert failed.returncode == 1
    printed = " ".join(failed.stdout.split())
    assert "linkage/linkage_quality / within_limits: b_cubed_f1 fell from 1 to 0.9" in printed
    assert "at most 0.01 is allowed" in printed
    assert "change the limit in dbt_project/seeds/rules/linkage_quality_limits.csv" in printed
    assert "is as it was before" in printed
    assert project_after_run.published.read_bytes() == before


def test_refused_delivery_names_file_and_column_and_holds_nobody_up(project_after_run: Project) -> None:
    landing = project_after_run.landing
    (landing / "pos/members_20111210.csv").write_bytes("会员号,姓名\r\nM1,王小明\r\n".encode("gb18030"))
    contact = (landing / "zoho_crm/contacts_20111209.csv").read_text(encoding="utf-8").splitlines()[:2]
    fresh = contact[1].replace("zcrm_5725767000000400003", "zcrm_999000000000000001")
    assert fresh != contact[1]
    (landing / "zoho_crm/contacts_20111210.csv").write_text("\n".join([contact[0], fresh]) + "\n", encoding="utf-8")
    done = project_after_run.run("run", "--job", "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "members_20111210.csv" in done.stdout
    assert "'手机号'" in done.stdout
    assert project_after_run.query(
        "select count(*) from marts.customer_xref where source_id = 'zcrm_999000000000000001'"
    ) == [(1,)]
    # The scorecard has a second run, compared with the first.
    runs = project_after_run.query(
        "select run_id, count(score), count(previous_score), max(abs(score_change)) from marts.dq_scorecard"
        " group by run_id order by max(measured_at)"
    )
    assert len(runs) == 2
    assert runs[0][2] == 0
    assert runs[1][2] == runs[0][1]
    assert runs[1][3] > 0


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A smaller company after one undisturbed run."""
    project = copy_project(tmp_path_factory.mktemp("small"))
    done = project.run("run", "--customers", "300")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


def test_a_refresh_links_what_has_changed_and_publishes_what_a_full_run_would(small: Project, tmp_path: Path) -> None:
    projects = {mode: Project(tmp_path / mode) for mode in ("increment", "full")}
    for mode, project in projects.items():
        shutil.copytree(small.root, project.root)
        header, *rows = (project.landing / "zoho_crm/contacts_20111209.csv").read_text(encoding="utf-8").splitlines()
        names, values = header.split(","), rows[0].split(",")
        changed = [*values]
        changed[names.index("Email")] = "somebody.else@example.org"
        added = [f"{values[0]}9", *values[1:]]
        delivery = "\n".join([header, ",".join(changed), ",".join(added)]) + "\n"
        (project.landing / "zoho_crm/contacts_20111210.csv").write_text(delivery, encoding="utf-8")
        if mode == "full":
            with duckdb.connect(str(project.warehouse)) as con:
                con.execute("delete from linkage.state")
        done = project.run("run", "--customers", "300", "--job", "refresh")
        assert done.returncode == 0, done.stdout + done.stderr
        assert {step: linked_as(project, step) for step in ("candidate_pairs", "clusters")} == {
            "candidate_pairs": mode, "clusters": mode
        }  # fmt: skip
    increment, full = (contents(project.published) for project in projects.values())
    assert increment.keys() == full.keys()
    assert [table for table in full if _timeless(increment[table]) != _timeless(full[table])] == []


def linked_as(project: Project, step: str) -> str:
    """How the last run did the step, as its metadata say."""
    with dg.DagsterInstance.from_config(str(project.root / "dagster_home")) as instance:
        event = instance.get_latest_materialization_event(dg.AssetKey(["linkage", step]))
    assert event is not None
    assert event.asset_materialization is not None
    return str(event.asset_materialization.metadata["mode"].value)


@pytest.mark.parametrize("step", ["load_web_shop__order_lines", "golden_ids", "published__customers"])
def test_killed_run_ends_in_the_same_state(small: Project, tmp_path: Path, step: str) -> None:
    """Killed when a step has just begun and started again, the pipeline ends as if nothing had happened."""
    project = Project(tmp_path / "killed")
    shutil.copytree(small.root, project.root, ignore=shutil.ignore_patterns("data", "storage", "schedules", "history"))
    process = subprocess.Popen(
        project.command("run", "--customers", "300"),
        cwd=project.root,
        env=project.process_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if f"▶ {step}" in line:
            process.kill()
            break
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the run ended before it could be killed"
    again = project.run("run", "--customers", "300")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "An earlier run was killed" in again.stdout
    before, after = contents(small.published), contents(project.published)
    assert [table for table in before if _timeless(before[table]) != _timeless(after[table])] == []


def _timeless(text: str) -> str:
    """Without the time of loading, which two installations do not share."""
    return re.sub(r"\b20[2-9]\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?", "", text)
