"""Fixtures that several kinds of test share: the project after one run on the demo company."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from tests.project import Project, copy_project
from tests.standardization.cases import coverage, read_cases


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Project, str]:
    """The project after one run on the demo company, and what the run printed. Tests must leave the data as it is.

    Test processes that work side by side share one run: the first makes it, the others wait.
    """
    shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    root, printed = shared / "demo", shared / "demo.txt"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not printed.exists():
            shutil.rmtree(root, ignore_errors=True)
            done = copy_project(root).run("run")
            assert done.returncode == 0, done.stdout + done.stderr
            printed.write_text(done.stdout, encoding="utf-8")
    return Project(root), printed.read_text(encoding="utf-8")


@pytest.fixture
def project_after_run(demo: tuple[Project, str], tmp_path: Path) -> Project:
    """A project of its own that starts where the demo's run ended, for tests that change things."""
    target = tmp_path / "project"
    shutil.copytree(demo[0].root, target)
    return Project(target)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After the cases of standardization have run: the share handled per area, and what is not."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    if any("tests/standardization/test_cases.py" in report.nodeid for report in reports):
        terminalreporter.section("standardization cases")
        terminalreporter.write_line(coverage(read_cases()))
