"""The dbt project as a component: layers become groups, and every dbt step takes its turn on the warehouse file.

Does not belong here: any model or test (dbt_project).
"""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
from dagster.components.resolved.core_models import OpSpec
from dagster_dbt import DbtCliResource, DbtProject, DbtProjectComponent
from dagster_dbt.dbt_manifest import validate_manifest

from dagster_project.components.source_system import WAREHOUSE_POOL
from dagster_project.settings import Settings

LOAD_LOG = dg.AssetKey(["raw", "load_log"])


@dataclass
class DbtWarehouse(DbtProjectComponent):
    """dbt models, seeds and tests as assets and checks; the layer's schema is the group."""

    def models_in_schema(self, schema: str) -> dict[str, str]:
        """Description by name of the models of one layer."""
        self._parse_when_needed()
        nodes = validate_manifest(self.dbt_project.manifest_path)["nodes"].values()
        return {
            node["name"]: node["description"]
            for node in sorted(nodes, key=lambda node: node["name"])
            if node["resource_type"] == "model" and node["schema"] == schema
        }

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Definitions from the project in place, parsed anew whenever a file of it is newer than its manifest.

        The base class would work on a copy of the project that only some commands refresh.
        """
        self._parse_when_needed()
        return self.build_defs_from_state(context, state_path=None)

    def _parse_when_needed(self) -> None:
        _put_dbt_on_path()
        project = self.dbt_project
        if _is_older_than_project(project.manifest_path, Path(project.project_dir)):
            project.preparer.prepare(project)

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """The default spec with the layer as group."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        schema = self.get_resource_props(manifest, unique_id).get("schema")
        if schema in ("staging", "reference"):
            # Nothing is built on loads that do not add up; and one dbt step then serves all that follows loading.
            spec = spec.replace_attributes(deps=[*spec.deps, dg.AssetDep(LOAD_LOG)])
        return spec.replace_attributes(group_name=schema) if schema else spec

    def _get_op_spec(self, project: DbtProject) -> OpSpec:
        return super()._get_op_spec(project).model_copy(update={"pool": WAREHOUSE_POOL})

    def get_cli_args(self, context: dg.AssetExecutionContext) -> list[str]:
        """dbt's arguments, with the business date where the installation fixes one."""
        as_of = Settings.from_environment().as_of
        return [*super().get_cli_args(context), *(["--vars", json.dumps({"as_of": as_of})] if as_of else [])]

    def execute(self, context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator:
        """Run dbt with the installation's settings; dbt works in another folder, so paths are made absolute."""
        os.environ.update(Settings.from_environment().as_environment())
        yield from super().execute(context, dbt)


def _put_dbt_on_path() -> None:
    """dbt stands beside the running interpreter, also where the environment was not activated."""
    beside = str(Path(sys.executable).parent)
    if shutil.which("dbt") is None:
        os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])


def _is_older_than_project(manifest: Path, project_dir: Path) -> bool:
    if not manifest.exists():
        return True
    parsed_at = manifest.stat().st_mtime
    folders = ("models", "seeds", "macros", "tests")
    files = [path for folder in folders for path in (project_dir / folder).rglob("*")] + list(project_dir.glob("*.yml"))
    return any(path.stat().st_mtime > parsed_at for path in files)
