"""The command explain where there is nothing to explain yet."""

from __future__ import annotations

from pathlib import Path

import pytest

from dagster_project.commands.__main__ import main


def test_before_the_first_run_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GOLDEN_WAREHOUSE", str(tmp_path / "warehouse.duckdb"))
    monkeypatch.setenv("GOLDEN_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    assert main(["explain", "pos:members:M1"]) == 2
    assert "make run" in capsys.readouterr().out
    assert not (tmp_path / "warehouse.duckdb").exists()
