"""Fixtures that several kinds of test share: the project after one run on the demo company."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.project import Project, copy_project


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """The project after one run on the demo company, and what the run printed. Tests must leave the data as it is."""
    project = copy_project(tmp_path_factory.mktemp("demo"))
    done = project.run("run")
    assert done.returncode == 0, done.stdout + done.stderr
    return project, done.stdout


@pytest.fixture
def project_after_run(demo: tuple[Project, str], tmp_path: Path) -> Project:
    """A project of its own that starts where the demo's run ended, for tests that change things."""
    target = tmp_path / "project"
    shutil.copytree(demo[0].root, target)
    return Project(target)
