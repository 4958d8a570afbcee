"""Settings come from the environment, with a clear word about what is wrong."""

from pathlib import Path

import pytest

from dagster_project.settings import PROJECT_ROOT, Settings


def test_defaults_are_inside_the_checkout() -> None:
    settings = Settings.from_environment({})
    assert settings.warehouse == PROJECT_ROOT / "data/warehouse.duckdb"
    assert settings.as_of is None


def test_environment_wins_and_survives_the_way_to_another_process(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {"GOLDEN_LANDING": str(tmp_path), "GOLDEN_AS_OF": "2024-02-29", "GOLDEN_THREADS": "3"}
    )
    assert (settings.landing, settings.as_of, settings.threads) == (tmp_path, "2024-02-29", 3)
    assert Settings.from_environment(settings.as_environment()) == settings


@pytest.mark.parametrize(("name", "value"), [("GOLDEN_THREADS", "many"), ("GOLDEN_AS_OF", "2024-02-30")])
def test_nonsense_is_named(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})
