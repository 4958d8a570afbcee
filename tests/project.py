"""A fresh copy of the project in which the pipeline is run the way a user runs it: as a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Project:
    """A copy of the checkout without anything that runs have made."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def published(self) -> Path:
        return self.root / "data" / "published" / "customers.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.root / "data" / "warehouse.duckdb"

    @property
    def landing(self) -> Path:
        return self.root / "data" / "landing"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "dagster_project.commands", *arguments]

    def process_environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GOLDEN_", "DAGSTER_"))}
        return kept | {
            # Before the environment's own, editable, installation.
            "PYTHONPATH": str(self.root),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "COLUMNS": "200",
            **self.environment,
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the project to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=self.process_environment(),
            capture_output=True,
            text=True,
            check=False,
        )

    def query(self, sql: str, *, database: Path | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(database or self.published), read_only=True) as con:
            return con.execute(sql).fetchall()


def copy_project(target: Path) -> Project:
    """Copy what git would bring to a fresh clone, uncommitted work included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return Project(target)
