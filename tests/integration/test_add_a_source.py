"""The recipe in CONTRIBUTING.md, followed to the letter: only new files and one line, and the source is in the marts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.project import ROOT, Project, copy_project

BLOCK = re.compile(
    r"^\*\*`(?P<path>[^`]+)`(?:, add under `(?P<under>[^`]+)`)?\*\*\n+```\w*\n(?P<text>.*?)^```$", re.M | re.S
)


def follow_recipe(project: Project) -> tuple[list[str], list[str]]:
    """Write the files of the recipe; returns the paths that are new and those that were edited."""
    recipe = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a source")[1].split("\n## ")[0]
    created: list[str] = []
    edited: list[str] = []
    for block in BLOCK.finditer(recipe):
        path = project.root / block["path"]
        if block["under"]:
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            at = next(number for number, line in enumerate(lines) if line.strip() == f"{block['under']}:")
            lines.insert(at + 1, block["text"])
            path.write_text("".join(lines), encoding="utf-8")
            edited.append(block["path"])
            assert block["text"].count("\n") == 1, "the recipe promises one line"
        else:
            assert not path.exists(), f"{block['path']} is not a new file"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block["text"], encoding="utf-8")
            created.append(block["path"])
    return created, edited


def test_a_fifth_source_by_the_recipe(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    made = project.run("run", "--customers", "300")
    assert made.returncode == 0, made.stdout + made.stderr
    subprocess.run(["git", "init", "-q", "."], cwd=project.root, check=True)
    subprocess.run(["git", "add", "-A"], cwd=project.root, check=True)

    created, edited = follow_recipe(project)
    assert edited == ["dbt_project/dbt_project.yml"]
    assert len(created) >= 5
    changed = subprocess.run(
        ["git", "diff", "--name-only"], cwd=project.root, capture_output=True, text=True, check=True
    ).stdout.split()
    assert changed == edited

    done = project.run("run", "--customers", "300")
    assert done.returncode == 0, done.stdout + done.stderr
    assert project.query(
        "select rows_read, rows_accepted, rows_duplicate, rows_quarantined from marts.load_reconciliation"
        " where source_system = 'newsletter'"
    ) == [(5, 4, 0, 1)]
    assert project.query("select count(*) from marts.customer_xref where source_system = 'newsletter'") == [(4,)]
    assert project.query(
        "select count(distinct golden_id) from marts.customer_xref where source_id in ('N-001', 'N-005')"
    ) == [(1,)]
