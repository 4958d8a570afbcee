"""The fixture of the cases in docs/bad-deliveries.md: a landing folder and an empty warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.warehouse import connect
from tests.ingest.dock import Dock


@pytest.fixture
def dock(tmp_path: Path) -> Iterator[Dock]:
    landing = tmp_path / "landing"
    landing.mkdir()
    with connect(":memory:") as con:
        yield Dock(con, landing)
