"""The catalogue of bad deliveries and its cases name the same kinds, in the same order, with the same rules."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "docs" / "bad-deliveries.md"


@dataclass(frozen=True)
class Kind:
    """A row of a table: its name as the name of a test, and the rules or words that its outcome has."""

    test: str
    outcome: str
    rules: list[str]


def sections() -> dict[str, tuple[Path, list[Kind]]]:
    """Section title -> the module its cases are said to be in, and its kinds."""
    found: dict[str, tuple[Path, list[Kind]]] = {}
    for section in CATALOGUE.read_text(encoding="utf-8").split("\n## ")[1:]:
        module = re.search(r"^Cases: \[[^]]+\]\(([^)]+)\)$", section, re.M)
        if module is None:
            continue
        lines = [line for line in section.splitlines() if line.startswith("| ")][1:]  # without the header
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
        found[section.splitlines()[0]] = (
            (CATALOGUE.parent / module[1]).resolve(),
            [Kind(_test_name(row[0]), row[2], re.findall(r"`([^`]+)`", row[3])) for row in rows],
        )
    return found


def _test_name(kind: str) -> str:
    """ "folder in place of a file (目录)" -> "test_folder_in_place_of_a_file"."""
    words = re.sub(r"\([^)]*\)", "", kind).lower()
    return "test_" + "_".join(re.findall(r"[a-z0-9]+", words))


def cases(module: Path) -> dict[str, str]:
    """Test functions of a module in their order, with their source, decorators included."""
    source = module.read_text(encoding="utf-8")
    lines = source.splitlines()
    return {
        node.name: "\n".join(
            lines[min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)]) - 1 : node.end_lineno]
        )
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_the_catalogue_has_all_case_modules_and_at_least_fifty_kinds() -> None:
    modules = sorted(module for module, _ in sections().values())
    assert modules == sorted((ROOT / "tests" / "ingest").glob("test_bad_*.py"))
    assert sum(len(kinds) for _, kinds in sections().values()) >= 50


@pytest.mark.parametrize("section", sections())
def test_catalogue_and_cases_name_the_same_kinds_in_the_same_order(section: str) -> None:
    module, kinds = sections()[section]
    assert [kind.test for kind in kinds] == list(cases(module))


@pytest.mark.parametrize("section", sections())
def test_every_rule_of_the_catalogue_is_asserted_by_its_case(section: str) -> None:
    module, kinds = sections()[section]
    sources = cases(module)
    for kind in kinds:
        for rule in kind.rules:
            assert rule in sources[kind.test], f"{kind.test} does not assert {rule!r}"
        asserts = "quarantines(" in sources[kind.test], "refuse" in sources[kind.test]
        assert any(asserts) == bool(kind.rules), f"{kind.test}: the catalogue says nothing of its rule"


def test_what_is_tested_elsewhere_is_tested_there() -> None:
    (module,) = re.findall(r"^Tested in: \[[^]]+\]\(([^)]+)\)$", CATALOGUE.read_text(encoding="utf-8"), re.M)
    named = re.findall(r"\| `(test_\w+)` \|$", CATALOGUE.read_text(encoding="utf-8"), re.M)
    assert len(named) > 10
    assert set(named) <= set(cases((CATALOGUE.parent / module).resolve()))
